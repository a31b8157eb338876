// As PyTorch has it: -Σ weight · target · logs for each row, with the target smoothed; the mean over class ids is divided
// by the sum of their weights, that over probabilities by the number of rows.

extension Engine {
  /// Cross-entropy with a weight for each class.
  func weightedCrossEntropy(_ call: borrowing Call, _ loss: TensorType, _ full: TensorType) throws -> TensorList {
    let logs = Term(tensor: try softmax(call[0], full.shape.rank - 1, full, logarithm: true), engine: self)
    let target = Term(tensor: detached(call[1]), engine: self)
    if !target.tensor.dtype.isFloat {
      _ = try checkedLabels(call[1], classes: full.shape.last ?? 0, ignored: call.int(1), op: call.op)
    }
    let weight = Term(tensor: detached(try cast(call[2], to: full.dtype)), engine: self)
    let shares = try WeightedShares(target, full.shape, ignored: call.int(1), smoothing: call.number(2))
    let rows = try -(shares.smooth * weight * logs).apply(Ops.sum, with: [.int(-1)])
    let result: Term
    switch try call.string(0) {
    case "none": result = rows
    case "mean": result = try rows.apply(Ops.sum) / shares.divisor(weight)
    default: result = try rows.apply(Ops.sum)
    }
    return TensorList(try cast(result.tensor, to: loss.dtype), logs.tensor)
  }
}

extension Ops {
  static func weightedCrossEntropyGradient(_ g: borrowing Backward) throws -> TensorList {
    let (logs, target, weight) = (g.y1, g.b, try g.c.apply(cast, with: [.dtype(g.y1.tensor.dtype)]))
    let (ignored, smoothing) = (try g.call.int(1), try g.call.number(2))
    let shares = try WeightedShares(target, logs.shape, ignored: ignored, smoothing: smoothing)
    let rows = logs.shape.removing(logs.shape.rank - 1)
    let isMean = try g.call.string(0) == "mean"
    let counts = try isMean ? g.dy / shares.divisor(weight) : g.dy
    let column = try counts.broadcast(to: rows).reshaped(to: Shape(Array(rows) + [1]))
    var upstream = try -(shares.smooth * weight * column)
    if g.hasUpstream(1) { upstream = try upstream + g.dy(1) }
    let slope = try -(logs * weight * column)
    let perWeight = try -(logs * shares.smooth * column)
    return try g.give(
      upstream.apply(logSoftmaxGrad, logs), slope * (1 - smoothing),
      {
        let back = try perWeight.summed(to: weight.shape)
        guard isMean, let kept = shares.kept else { return back }
        return try back - kept.summed(to: weight.shape) * g.y * counts
      }())
  }
}

/// What each class counts for in each row, before its weight.
private struct WeightedShares {
  /// Smoothed; 0 in rows that are ignored.
  let smooth: Term
  /// 1 at the ids of rows that are not ignored; `nil` for probabilities.
  let kept: Term?
  private let rowCount: Int

  init(_ target: Term, _ shape: Shape, ignored: Int, smoothing: Double) throws {
    let classes = shape.last ?? 0
    let share = smoothing / Double(Swift.max(classes, 1))
    rowCount = shape.elementCount / Swift.max(classes, 1)
    guard !target.tensor.dtype.isFloat else {
      (smooth, kept) = (try target * (1 - smoothing) + share, nil)
      return
    }
    let isKept = try target.apply(Ops.notEqual, Term(tensor: .weak(ignored), engine: target.engine))
    let column = try isKept.reshaped(to: Shape(Array(target.shape) + [1]))
    let picked = try (target * isKept).apply(Ops.oneHot, with: [.int(classes)]) * column
    (smooth, kept) = (try (picked * (1 - smoothing) + share) * column, picked)
  }

  /// What the mean is divided by.
  func divisor(_ weight: Term) throws -> Term {
    guard let kept else { return weight.number(Double(rowCount)) }
    return try (kept * weight).apply(Ops.sum)
  }
}
