import CKernels

extension Ops {
  /// Cross-entropy on logits. Log-probabilities are kept as a second output for the gradient.
  public static let crossEntropy: Op = Op(
    "cross_entropy",
    [
      OpParameter("logits", .tensor), OpParameter("target", .tensor), OpParameter("weight", .optionalTensor),
      reductionParameter,
      OpParameter("ignore_index", .int, default: .int(-100), isNamedOnly: true),
      OpParameter("label_smoothing", .number, default: .float(0), isNamedOnly: true),
    ],
    doc:
      "The mean of -log softmax(logits) at the target: class ids of the leading shape, or probabilities. With a `weight` "
      + "for each class the mean of ids is one by their weights.",
    examples: [("cross_entropy([[0.0, 0.0]], [1])", "0.6931472")], extraOutputs: 1,
    domain: .cases([
      ([.floats([4, 3]), .ints([4], below: 3)], []), ([.floats([3]), .ints([], below: 3)], []),
      ([.floats([2, 2, 3]), .ints([2, 2], below: 3)], [.string("none"), .int(1), .float(0.1)]),
      ([.floats([4, 3]), .floats([4, 3])], [.string("sum"), .int(-100), .float(0.2)]),
      ([.floats([4, 3]), .ints([4], below: 3), .floats([3])], [.string("sum"), .int(1), .float(0.1)]),
      ([.floats([4, 3]), .floats([4, 3]), .floats([3])], [.string("mean"), .int(-100), .float(0.2)]),
    ]),
    gradient: .rule(saves: [.b, .c, .y, .y1, .types]) { g in
      if g.inputCount > 2, g.optional(2) != nil { return try weightedCrossEntropyGradient(g) }
      let (logs, target) = (g.y1, g.b)
      let rows = logs.shape.removing(logs.shape.rank - 1)
      let weights = try g.rowWeights(rows)
      let smoothing = try g.call.number(2)
      let back: Term
      if target.tensor.dtype.isFloat {
        let column = try weights.reshaped(to: Shape(Array(rows) + [1]))
        let share = smoothing / Double(Swift.max(logs.shape.last ?? 1, 1))
        var upstream = try -(target * (1 - smoothing) + share) * column
        if g.hasUpstream(1) { upstream = try upstream + g.dy(1) }
        return try g.give(upstream.apply(logSoftmaxGrad, logs), logs * column * (smoothing - 1))
      }
      back = try logs.apply(crossEntropyGrad, target, weights, with: [g.call.attribute(1), .float(smoothing)])
      guard g.hasUpstream(1) else { return try g.give(back) }
      return try g.give(back + g.dy(1).apply(logSoftmaxGrad, logs))
    },
    rule: { call in
      let (logits, target) = (call[0].type, call[1].type)
      if target.dtype.isFloat {
        guard target.shape == logits.shape else { throw Mistakes.lossShapes(call.op, logits, target) }
        guard logits.shape.rank > 0 else { throw Mistakes.rankTooSmall(call.op, logits, 1) }
      } else {
        try checkClassIds(call)
      }
      let smoothing = try call.number(2)
      guard smoothing >= 0 && smoothing <= 1 else {
        throw Mistakes.outside(call.op, "label_smoothing", smoothing, 0, 1)
      }
      if let weight = call.inputs.optional(2), weight.rank != 1 || weight.shape[0] != logits.shape.last {
        throw Mistakes.classWeights(call.op, weight.type, logits)
      }
      let dtype = logits.dtype.fractional
      let rows = logits.shape.removing(logits.shape.rank - 1)
      return .many([TensorType(dtype, try reducedShape(call, rows)), TensorType(dtype, logits.shape)])
    },
    kernel: { engine, call, types in
      let (loss, full) = (types.all[0], types.all[1])
      let (ignored, smoothing) = (try call.int(1), try call.number(2))
      let rowType = TensorType(loss.dtype, full.shape.removing(full.shape.rank - 1))
      if call.inputs.optional(2) != nil { return try engine.weightedCrossEntropy(call, loss, full) }
      if call[1].dtype.isFloat {
        let logs = try engine.softmax(call[0], full.shape.rank - 1, full, logarithm: true)
        let losses = try engine.softCrossEntropy(logs, call[1], smoothing, rowType)
        return TensorList(try engine.reduceLoss(losses, call, loss), logs)
      }
      let (labels, count) = try engine.checkedLabels(
        call[1], classes: full.shape[full.shape.rank - 1], ignored: ignored, op: call.op)
      let (losses, logs) = try engine.crossEntropy(call[0], labels, full, rowType, ignored, smoothing)
      guard try call.string(0) == "mean" else { return TensorList(try engine.reduceLoss(losses, call, loss), logs) }
      let mean = try engine.reduce(NNS_SUM, losses, AxisSet(all: losses.rank), loss, divisor: Double(count))
      return TensorList(mean, logs)
    })

  /// (softmax - target) · weight of each row
  static let crossEntropyGrad: Op = Op(
    "cross_entropy_grad",
    [
      OpParameter("logs", .tensor), OpParameter("ids", .tensor), OpParameter("weights", .tensor),
      OpParameter("ignore_index", .int), OpParameter("label_smoothing", .number),
    ],
    doc: "A step of a gradient rule.", isHidden: true,
    domain: .cases([([.floats([4, 3]), .ints([4], below: 3), .floats([4])], [.int(1), .float(0.1)])]),
    gradient: .rule(saves: [.a, .b, .c]) { g in
      let (logs, ids, weights) = (g.a, g.b, g.c)
      let attributes = [g.call.attribute(0), g.call.attribute(1)]
      let isKept = try ids.apply(notEqual, Term(tensor: .weak(g.call.int(0)), engine: g.engine))
      let rows = try Shape(Array(ids.shape) + [1])
      let column = try (weights * isKept).reshaped(to: rows)
      let ones = try (weights * 0 + 1)
      let slopes = try logs.apply(crossEntropyGrad, ids, ones, with: attributes)
      return try g.give(
        g.dy * logs.apply(exp) * column, nil, (g.dy * slopes).apply(sum, with: [.int(-1)]))
    },
    rule: { .one($0[0].dtype, $0[0].shape) },
    kernel: { engine, call, types in
      TensorList(
        try engine.crossEntropyGradient(
          call[0], engine.contiguous(engine.cast(call[1], to: .i64)), call[2], types.first, call.int(0), call.number(1))
      )
    })
}

extension Backward {
  /// What each row of a cross-entropy counts for in its reduction, times the upstream gradient.
  fileprivate func rowWeights(_ rows: Shape) throws -> Term {
    let weight: Term
    if try call.string(0) != "mean" {
      weight = try dy
    } else if b.tensor.dtype.isFloat {
      weight = try dy / Double(rows.elementCount)
    } else {
      weight = try dy / Double(engine.labelCount(engine.contiguous(engine.cast(b.tensor, to: .i64)), call.int(1)))
    }
    return try weight.broadcast(to: rows)
  }
}

extension Engine {
  /// Losses of rows against class ids, and their log-probabilities.
  fileprivate func crossEntropy(
    _ logits: Tensor, _ labels: Tensor, _ full: TensorType, _ rowType: TensorType, _ ignored: Int, _ smoothing: Double
  ) throws -> (losses: Tensor, logs: Tensor) {
    try budget.charge(work: 4 * full.shape.elementCount)
    let logits = try contiguous(cast(logits, to: full.dtype))
    let (losses, logs) = (try zeros(rowType), try empty(full))
    guard let out = losses.storage?.base, let kept = logs.storage?.base, let source = logits.pointer,
      let ids = labels.ints64, full.shape.elementCount > 0
    else { return (losses, logs) }
    let count = full.shape.elementCount / labels.elementCount
    if count > longestRow { return try longCrossEntropy(logits, ids, full, rowType, ignored, smoothing) }
    try share(labels.elementCount, of: count) { block in
      let (row, rows, start) = (block.lowerBound, Int64(block.count), block.lowerBound * count)
      let part = ids + row
      if full.dtype == .f64 {
        nns_cross_entropy_f64(
          out.assumingMemoryBound(to: Double.self) + row, kept.assumingMemoryBound(to: Double.self) + start,
          source.assumingMemoryBound(to: Double.self) + start, part, rows, Int64(count), Int64(ignored), smoothing)
      } else {
        nns_cross_entropy_f32(
          out.assumingMemoryBound(to: Float.self) + row, kept.assumingMemoryBound(to: Float.self) + start,
          source.assumingMemoryBound(to: Float.self) + start, part, rows, Int64(count), Int64(ignored), smoothing)
      }
    }
    return withExtendedLifetime((logits, labels)) { (losses, logs) }
  }

  /// -Σ (target · (1 - smoothing) + smoothing / classes) · logs for each row.
  fileprivate func softCrossEntropy(
    _ logs: Tensor, _ target: Tensor, _ smoothing: Double, _ rowType: TensorType
  ) throws -> Tensor {
    let (dtype, full) = (logs.dtype, logs.type)
    let share = smoothing / Double(Swift.max(logs.shape[logs.rank - 1], 1))
    let scaled = try binary(NNS_MUL, target, .weak(1 - smoothing), computing: dtype, full)
    let smooth = try binary(NNS_ADD, scaled, .weak(share), computing: dtype, full)
    let terms = try binary(NNS_MUL, smooth, logs, computing: dtype, full)
    return try reduce(NNS_SUM, terms, AxisSet(logs.rank - 1), rowType, divisor: -1)
  }

  /// (exp(logs) - target) · weight for each row; labels are known to be right.
  fileprivate func crossEntropyGradient(
    _ logs: Tensor, _ labels: Tensor, _ weights: Tensor, _ type: TensorType, _ ignored: Int, _ smoothing: Double
  ) throws -> Tensor {
    try budget.charge(work: 3 * type.shape.elementCount)
    let logs = try contiguous(logs)
    let weights = try contiguous(cast(weights, to: type.dtype))
    let result = try empty(type)
    guard let out = result.storage?.base, let source = logs.pointer, let weight = weights.pointer,
      let ids = labels.ints64, type.shape.elementCount > 0
    else { return result }
    let count = type.shape.elementCount / labels.elementCount
    if count > longestRow {
      return try longCrossEntropyGradient(logs, ids, weights, type, ignored, smoothing)
    }
    try share(labels.elementCount, of: count) { block in
      let (row, rows, start) = (block.lowerBound, Int64(block.count), block.lowerBound * count)
      let part = ids + row
      if type.dtype == .f64 {
        nns_cross_entropy_grad_f64(
          out.assumingMemoryBound(to: Double.self) + start, source.assumingMemoryBound(to: Double.self) + start, part,
          weight.assumingMemoryBound(to: Double.self) + row, rows, Int64(count), Int64(ignored), smoothing)
      } else {
        nns_cross_entropy_grad_f32(
          out.assumingMemoryBound(to: Float.self) + start, source.assumingMemoryBound(to: Float.self) + start, part,
          weight.assumingMemoryBound(to: Float.self) + row, rows, Int64(count), Int64(ignored), smoothing)
      }
    }
    return withExtendedLifetime((logs, weights, labels)) { result }
  }
}
