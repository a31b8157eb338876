import CKernels

// The bounds of every access here: inputs are contiguous and as large as outer · count · inner, outputs as outer · inner.

extension Shape {
  /// This shape with some axes taken away, or kept with size 1.
  func reduced(_ axes: AxisSet, keepdims: Bool) -> Shape {
    var sizes = Axes()
    for axis in 0..<rank {
      if !axes.contains(axis) { sizes.append(self[axis]) } else if keepdims { sizes.append(1) }
    }
    return Shape(proven: sizes)
  }

  /// The shape as [outer, count, inner] around a run of axes.
  func around(_ axes: Range<Int>) -> (outer: Int, count: Int, inner: Int) {
    var (outer, count, inner) = (1, 1, 1)
    for axis in 0..<rank {
      if axis < axes.lowerBound {
        outer *= self[axis]
      } else if axis < axes.upperBound {
        count *= self[axis]
      } else {
        inner *= self[axis]
      }
    }
    return (outer, count, inner)
  }
}

extension Engine {
  /// Reduces axes one run of neighbours at a time, last run first; sums are divided by `divisor` at the end.
  func reduce(
    _ op: nns_reduce_op, _ x: Tensor, _ axes: AxisSet, _ type: TensorType, divisor: Double = 1
  ) throws -> Tensor {
    guard let kernel = nns_reduce_kernel(op, type.dtype.c) else { throw Mistakes.noKernel(type.dtype) }
    try budget.charge(work: x.elementCount)
    var result = try contiguous(cast(x, to: type.dtype))
    var end = x.rank
    var left = axes.count
    while left > 0 {
      while !axes.contains(end - 1) { end -= 1 }
      var start = end - 1
      while start > 0, axes.contains(start - 1) { start -= 1 }
      left -= end - start
      let (outer, count, inner) = result.shape.around(start..<end)
      var shape = result.shape
      for axis in (start..<end).reversed() { shape = shape.removing(axis) }
      let next = try empty(TensorType(type.dtype, shape))
      guard let out = next.storage?.base, let source = result.pointer else { return next }
      let share = Swift.max((1 << 24) / Swift.max(count * inner, 1), 1)
      for from in stride(from: 0, to: outer, by: share) {
        try budget.check()
        let rows = Swift.min(share, outer - from)
        let fault = kernel(
          out + from * inner * type.dtype.byteSize, source + from * count * inner * type.dtype.byteSize, Int64(rows),
          Int64(count), Int64(inner), left == 0 ? divisor : 1)
        if fault != NNS_OK { throw Mistakes.arithmetic(fault) }
      }
      result = next
      end = start
    }
    if axes.isEmpty && divisor != 1 { return try copied(result, as: type.dtype) }
    return result.view(type.shape, strides: type.shape.contiguousStrides, offset: result.offset)
  }

  /// Kept axes first, reduced axes last, without gaps: [rows, count].
  func rows(_ x: Tensor, _ axes: AxisSet) throws -> (tensor: Tensor, rows: Int, count: Int) {
    var order = Axes()
    for axis in 0..<x.rank where !axes.contains(axis) { order.append(axis) }
    let kept = order.count
    for axis in 0..<x.rank where axes.contains(axis) { order.append(axis) }
    let moved = try contiguous(x.permuted(order))
    let (rows, count, _) = moved.shape.around(kept..<x.rank)
    return (moved, rows, count)
  }

  /// Positions of extremes along a run of axes.
  func argReduce(_ x: Tensor, _ axis: Int?, smallest: Bool, _ type: TensorType) throws -> Tensor {
    guard let kernel = nns_arg_reduce_kernel(x.dtype.c) else { throw Mistakes.noKernel(x.dtype) }
    try budget.charge(work: x.elementCount)
    let x = try contiguous(x)
    let (outer, count, inner) = x.shape.around(axis.map { $0..<($0 + 1) } ?? 0..<x.rank)
    let result = try empty(type)
    guard let out = result.storage?.base, let source = x.pointer, type.shape.elementCount > 0 else { return result }
    kernel(
      out.assumingMemoryBound(to: Int64.self), source, Int64(outer), Int64(count), Int64(inner), smallest ? 1 : 0)
    return withExtendedLifetime(x) { result }
  }

  /// Variances over some axes, squared deviations divided by `divisor`.
  func variance(_ x: Tensor, _ axes: AxisSet, _ type: TensorType, divisor: Double) throws -> Tensor {
    try budget.charge(work: 2 * x.elementCount)
    let (x, rows, count) = try rows(cast(x, to: type.dtype), axes)
    let result = try empty(type)
    guard let out = result.storage?.base, let source = x.pointer else { return result }
    if type.dtype == .f64 {
      nns_variance_f64(
        out.assumingMemoryBound(to: Double.self), source.assumingMemoryBound(to: Double.self), Int64(rows),
        Int64(count), divisor)
    } else {
      nns_variance_f32(
        out.assumingMemoryBound(to: Float.self), source.assumingMemoryBound(to: Float.self), Int64(rows),
        Int64(count), divisor)
    }
    return withExtendedLifetime(x) { result }
  }

  /// Running sums or products along an axis.
  func cumulate(_ x: Tensor, _ axis: Int, product: Bool, _ type: TensorType) throws -> Tensor {
    guard let kernel = nns_cumulate_kernel(type.dtype.c) else { throw Mistakes.noKernel(type.dtype) }
    try budget.charge(work: x.elementCount)
    let x = try contiguous(cast(x, to: type.dtype))
    let (outer, count, inner) = x.shape.around(axis..<(axis + 1))
    let result = try empty(type)
    guard let out = result.storage?.base, let source = x.pointer else { return result }
    let fault = kernel(out, source, Int64(outer), Int64(count), Int64(inner), product ? 1 : 0)
    if fault != NNS_OK { throw Mistakes.arithmetic(fault) }
    return withExtendedLifetime(x) { result }
  }
}

extension Tensor {
  /// Axes in another order; a view.
  func permuted(_ order: Axes) -> Tensor {
    var sizes = Axes()
    var steps = Axes()
    for axis in order {
      sizes.append(shape[axis])
      steps.append(strides[axis])
    }
    return view(Shape(proven: sizes), strides: steps, offset: offset)
  }
}
