import CKernels

// What the loops of `Engine+Fused.swift` do in one call for a whole row, in steps that look at the budget: for rows so long
// that a call would take too long.

extension Engine {
  /// Softmax or its logarithm along an axis.
  func longSoftmax(_ x: Tensor, _ axis: Int, _ type: TensorType, logarithm: Bool) throws -> Tensor {
    let (dtype, kept) = (type.dtype, TensorType(type.dtype, type.shape.reduced(AxisSet(axis), keepdims: true)))
    let peak = try reduce(NNS_REDUCE_MAX, x, AxisSet(axis), kept)
    let shifted = try binary(NNS_SUB, x, peak, computing: dtype, type)
    let powers = try unary(NNS_EXP, shifted, computing: dtype, type)
    let total = try reduce(NNS_SUM, powers, AxisSet(axis), kept)
    if !logarithm { return try binary(NNS_DIV, powers, total, computing: dtype, type) }
    return try binary(NNS_SUB, shifted, unary(NNS_LOG, total, computing: dtype, kept), computing: dtype, type)
  }

  /// The gradient of softmax or its logarithm.
  func longSoftmaxGradient(_ dy: Tensor, _ y: Tensor, _ axis: Int, _ type: TensorType, logarithm: Bool) throws -> Tensor
  {
    let (dtype, kept) = (type.dtype, TensorType(type.dtype, type.shape.reduced(AxisSet(axis), keepdims: true)))
    if logarithm {
      let total = try reduce(NNS_SUM, dy, AxisSet(axis), kept)
      let share = try binary(NNS_MUL, unary(NNS_EXP, y, computing: dtype, type), total, computing: dtype, type)
      return try binary(NNS_SUB, dy, share, computing: dtype, type)
    }
    let total = try reduce(NNS_SUM, binary(NNS_MUL, dy, y, computing: dtype, type), AxisSet(axis), kept)
    return try binary(NNS_MUL, y, binary(NNS_SUB, dy, total, computing: dtype, type), computing: dtype, type)
  }

  /// The last axis scaled to variance 1 after taking away its mean if `centred`, to mean square 1 otherwise; then times weight
  /// plus bias.
  func longNormalise(
    _ x: Tensor, _ weight: Tensor?, _ bias: Tensor?, _ type: TensorType, eps: Double, centred: Bool
  ) throws -> Tensor {
    var y = try longUnit(x, type, eps: eps, centred: centred).unit
    if let weight { y = try binary(NNS_MUL, y, weight, computing: type.dtype, type) }
    if let bias { y = try binary(NNS_ADD, y, bias, computing: type.dtype, type) }
    return y
  }

  /// (dy - mean(dy) if `centred` - u · mean(dy · u)) · scale, where u is x so scaled.
  func longNormaliseGradient(
    _ dy: Tensor, _ x: Tensor, _ type: TensorType, eps: Double, centred: Bool
  ) throws -> Tensor {
    let (dtype, axis) = (type.dtype, type.shape.rank - 1)
    let (unit, scale) = try longUnit(x, type, eps: eps, centred: centred)
    func mean(_ x: Tensor) throws -> Tensor {
      try reduce(NNS_SUM, x, AxisSet(axis), scale.type, divisor: Double(type.shape[axis]))
    }
    let slope = try mean(binary(NNS_MUL, dy, unit, computing: dtype, type))
    var back = try binary(NNS_SUB, dy, binary(NNS_MUL, unit, slope, computing: dtype, type), computing: dtype, type)
    if centred { back = try binary(NNS_SUB, back, mean(dy), computing: dtype, type) }
    return try binary(NNS_MUL, back, scale, computing: dtype, type)
  }

  private func longUnit(
    _ x: Tensor, _ type: TensorType, eps: Double, centred: Bool
  ) throws -> (unit: Tensor, scale: Tensor) {
    let (dtype, axis) = (type.dtype, type.shape.rank - 1)
    let kept = TensorType(dtype, type.shape.reduced(AxisSet(axis), keepdims: true))
    let count = Double(type.shape[axis])
    var y = x
    if centred {
      let mean = try reduce(NNS_SUM, x, AxisSet(axis), kept, divisor: count)
      y = try binary(NNS_SUB, x, mean, computing: dtype, type)
    }
    let squares = try unary(NNS_SQUARE, y, computing: dtype, type)
    let spread = try reduce(NNS_SUM, squares, AxisSet(axis), kept, divisor: count)
    let raised = try binary(NNS_ADD, spread, .weak(eps), computing: dtype, kept)
    let scale = try unary(NNS_RSQRT, raised, computing: dtype, kept)
    return (try binary(NNS_MUL, y, scale, computing: dtype, type), scale)
  }

  /// The log-probabilities of rows, and -(1 - smoothing) · log p at the label - smoothing · the mean of log p; 0 where ignored.
  func longCrossEntropy(
    _ logits: Tensor, _ labels: UnsafePointer<Int64>, _ full: TensorType, _ rowType: TensorType, _ ignored: Int,
    _ smoothing: Double
  ) throws -> (losses: Tensor, logs: Tensor) {
    let last = full.shape.rank - 1
    let logs = try longSoftmax(logits, last, full, logarithm: true)
    let means = try reduce(NNS_SUM, logs, AxisSet(last), rowType, divisor: Double(full.shape[last]))
    let losses = try (0..<rowType.shape.elementCount).map { row in
      if labels[row] == ignored { return 0.0 }
      try budget.tick(1)
      let hit = logs.element(at: row * full.shape[last] + Int(labels[row])).double
      return -(1 - smoothing) * hit - smoothing * means.element(at: row).double
    }
    return (try tensor(losses, Array(rowType.shape), dtype: full.dtype), logs)
  }

  /// (exp(logs) - target) · weight of the row; 0 where ignored.
  func longCrossEntropyGradient(
    _ logs: Tensor, _ labels: UnsafePointer<Int64>, _ weights: Tensor, _ type: TensorType, _ ignored: Int,
    _ smoothing: Double
  ) throws -> Tensor {
    let (dtype, last) = (type.dtype, type.shape.rank - 1)
    let count = type.shape[last]
    let kept = (0..<weights.elementCount).map { labels[$0] == ignored ? 0 : weights.element(at: $0).double }
    let column = try tensor(kept, Array(type.shape.reduced(AxisSet(last), keepdims: true)), dtype: dtype)
    let powers = try unary(NNS_EXP, logs, computing: dtype, type)
    let shifted = try binary(NNS_SUB, powers, .weak(smoothing / Double(count)), computing: dtype, type)
    let result = try binary(NNS_MUL, shifted, column, computing: dtype, type)
    for (row, weight) in kept.enumerated() where labels[row] != ignored {
      let place = row * count + Int(labels[row])
      let value = Scalar.float(result.element(at: place).double - (1 - smoothing) * weight)
      guard let base = result.storage?.base else { return result }
      _ = Storage.write(value, dtype, to: base + place * dtype.byteSize)
    }
    return result
  }
}
