import CKernels

// The bounds of every access here: inputs are made contiguous, of the output's dtype, and as large as rows · count.

extension Engine {
  /// Softmax or its logarithm along an axis.
  func softmax(_ x: Tensor, _ axis: Int, _ type: TensorType, logarithm: Bool) throws -> Tensor {
    try budget.charge(work: 4 * type.shape.elementCount)
    if type.shape[axis] > longestRow {
      return try longSoftmax(cast(x, to: type.dtype), axis, type, logarithm: logarithm)
    }
    return try alongRows(axis, type, x) { out, x, _, rows, count in
      if type.dtype == .f64 {
        nns_softmax_f64(
          out.assumingMemoryBound(to: Double.self), x.assumingMemoryBound(to: Double.self), rows, count,
          logarithm ? 1 : 0)
      } else {
        nns_softmax_f32(
          out.assumingMemoryBound(to: Float.self), x.assumingMemoryBound(to: Float.self), rows, count,
          logarithm ? 1 : 0)
      }
    }
  }

  /// The gradient of softmax or its logarithm, from the upstream gradient and the result.
  func softmaxGradient(
    _ dy: Tensor, _ y: Tensor, _ axis: Int, _ type: TensorType, logarithm: Bool
  ) throws -> Tensor {
    try budget.charge(work: 4 * type.shape.elementCount)
    if type.shape[axis] > longestRow { return try longSoftmaxGradient(dy, y, axis, type, logarithm: logarithm) }
    return try alongRows(axis, type, dy, y) { out, dy, y, rows, count in
      if type.dtype == .f64 {
        nns_softmax_grad_f64(
          out.assumingMemoryBound(to: Double.self), dy.assumingMemoryBound(to: Double.self),
          y.assumingMemoryBound(to: Double.self), rows, count, logarithm ? 1 : 0)
      } else {
        nns_softmax_grad_f32(
          out.assumingMemoryBound(to: Float.self), dy.assumingMemoryBound(to: Float.self),
          y.assumingMemoryBound(to: Float.self), rows, count, logarithm ? 1 : 0)
      }
    }
  }

  /// Runs a loop over rows that lie along an axis of one or two tensors of one shape: with the axis moved to the end where it
  /// is not.
  func alongRows(
    _ axis: Int, _ type: TensorType, _ x: Tensor, _ y: Tensor? = nil,
    _ body: (UnsafeMutableRawPointer, UnsafeRawPointer, UnsafeRawPointer, Int64, Int64) throws -> Void
  ) throws -> Tensor {
    var order = Axes()
    for i in 0..<type.shape.rank where i != axis { order.append(i) }
    order.append(axis)
    let isLast = axis == type.shape.rank - 1
    func rows(_ x: Tensor) throws -> Tensor {
      let x = try cast(x, to: type.dtype)
      return try contiguous(isLast ? x : x.permuted(order))
    }
    let a = try rows(x)
    let b = try y.map(rows) ?? a
    let count = type.shape[axis]
    let result = try empty(TensorType(type.dtype, a.shape))
    if type.shape.elementCount > 0, let out = result.storage?.base, let first = a.pointer, let second = b.pointer {
      try share(type.shape.elementCount / count, of: count) { block in
        let start = block.lowerBound * count * type.dtype.byteSize
        try body(out + start, first + start, second + start, Int64(block.count), Int64(count))
      }
    }
    withExtendedLifetime((a, b)) {}
    if isLast { return result }
    var inverse = order
    for (i, axis) in order.enumerated() { inverse[axis] = i }
    return try contiguous(result.permuted(inverse))
  }
}
