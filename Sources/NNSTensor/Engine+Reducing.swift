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
      let size = type.dtype.byteSize
      // A long row takes several calls: its parts first, then all parts together.
      let block = Swift.max(Swift.min(Engine.reducedTogether, budget.grain.block) / Swift.max(inner, 1), 1)
      if block < count {
        let parts = (count - 1) / block + 1
        let partial = try empty(TensorType(type.dtype, Shape([parts, inner])))
        guard let sums = partial.storage?.base else { return next }
        for row in 0..<outer {
          try share(parts, of: block * inner) { range in
            for part in range {
              let fault = kernel(
                sums + part * inner * size, source + (row * count + part * block) * inner * size, 1,
                Int64(Swift.min(block, count - part * block)), Int64(inner), 1)
              if fault != NNS_OK { throw Mistakes.arithmetic(fault) }
            }
          }
          let fault = kernel(out + row * inner * size, sums, 1, Int64(parts), Int64(inner), left == 0 ? divisor : 1)
          if fault != NNS_OK { throw Mistakes.arithmetic(fault) }
        }
      } else {
        try share(outer, of: count * inner) { rows in
          let fault = kernel(
            out + rows.lowerBound * inner * size, source + rows.lowerBound * count * inner * size, Int64(rows.count),
            Int64(count), Int64(inner), left == 0 ? divisor : 1)
          if fault != NNS_OK { throw Mistakes.arithmetic(fault) }
        }
      }
      result = next
      end = start
    }
    if axes.isEmpty && divisor != 1 { return try copied(result, as: type.dtype) }
    return result.view(type.shape)
  }

  /// Elements that one call of a loop reduces. The results depend on it in their last digits.
  private static let reducedTogether = 1 << 18

  /// Columns that one thread looks at, rows of which are still long enough to be read fast.
  private static let columnsTogether = 2048

  /// A product of sizes, or `Int.max` where it overflows.
  static func product(_ factors: Int...) -> Int {
    var product = 1
    for factor in factors {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      if overflow { return .max }
      product = next
    }
    return product
  }

  /// Charges work that is a product of sizes.
  ///
  /// - Throws: a limit error also where the product overflows.
  func charge(product: Int) throws {
    if product == .max { throw Mistakes.productTooLarge() }
    try budget.charge(work: product)
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
    let places = out.assumingMemoryBound(to: Int64.self)
    let across = Swift.min(inner, Engine.columnsTogether)
    let parts = (inner - 1) / across + 1
    try share(outer * parts, of: count * across) { range in
      for part in range {
        let (row, left) = (part / parts, part % parts * across)
        let width = Swift.min(across, inner - left)
        try inBlocks(count, of: width) { block in
          kernel(
            places + row * inner + left, source + (row * count * inner + left) * x.dtype.byteSize, Int64(inner),
            Int64(width), Int64(block.lowerBound), Int64(block.upperBound), smallest ? 1 : 0)
        }
      }
    }
    return withExtendedLifetime(x) { result }
  }

  /// Variances over some axes, squared deviations divided by `divisor`.
  func variance(_ x: Tensor, _ axes: AxisSet, _ type: TensorType, divisor: Double) throws -> Tensor {
    try budget.charge(work: 2 * x.elementCount)
    let (x, rows, count) = try rows(cast(x, to: type.dtype), axes)
    if count > longestRow { return try longVariance(x, type, divisor: divisor) }
    let result = try empty(type)
    guard let out = result.storage?.base, let source = x.pointer else { return result }
    try share(rows, of: count) { block in
      let (row, rows) = (block.lowerBound, Int64(block.count))
      if type.dtype == .f64 {
        nns_variance_f64(
          out.assumingMemoryBound(to: Double.self) + row, source.assumingMemoryBound(to: Double.self) + row * count,
          rows, Int64(count), divisor)
      } else {
        nns_variance_f32(
          out.assumingMemoryBound(to: Float.self) + row, source.assumingMemoryBound(to: Float.self) + row * count, rows,
          Int64(count), divisor)
      }
    }
    return withExtendedLifetime(x) { result }
  }

  /// Variances of long rows, whose last axes are contiguous, in steps that look at the budget.
  private func longVariance(_ rows: Tensor, _ type: TensorType, divisor: Double) throws -> Tensor {
    let flat = rows.view(
      Shape(proven: Axes([type.shape.elementCount, rows.elementCount / type.shape.elementCount])),
      strides: Axes([rows.elementCount / type.shape.elementCount, 1]), offset: rows.offset)
    let column = TensorType(type.dtype, flat.shape.reduced(AxisSet(1), keepdims: true))
    let mean = try reduce(NNS_SUM, flat, AxisSet(1), column, divisor: Double(flat.shape[1]))
    let distances = try binary(NNS_SUB, flat, mean, computing: type.dtype, TensorType(type.dtype, flat.shape))
    let squares = try unary(NNS_SQUARE, distances, computing: type.dtype, distances.type)
    let sum = try reduce(NNS_SUM, squares, AxisSet(1), column, divisor: divisor)
    return sum.view(type.shape)
  }

  /// h[i] = a[i] · h[i - 1] + b[i] along an axis.
  func recurrence(_ a: Tensor, _ b: Tensor, _ axis: Int, _ type: TensorType) throws -> Tensor {
    try budget.charge(work: 2 * type.shape.elementCount)
    let (a, b) = (try contiguous(cast(a, to: type.dtype)), try contiguous(cast(b, to: type.dtype)))
    let result = try empty(type)
    let (outer, count, inner) = type.shape.around(axis..<axis + 1)
    guard let out = result.storage?.base, let x = a.pointer, let y = b.pointer else { return result }
    try share(outer, of: count * inner) { rows in
      for row in rows {
        let start = row * count * inner
        try inBlocks(count, of: inner) { block in
          let (from, to) = (Int64(block.lowerBound), Int64(block.upperBound))
          if type.dtype == .f64 {
            nns_recurrence_f64(
              out.assumingMemoryBound(to: Double.self) + start, x.assumingMemoryBound(to: Double.self) + start,
              y.assumingMemoryBound(to: Double.self) + start, Int64(inner), from, to)
          } else {
            nns_recurrence_f32(
              out.assumingMemoryBound(to: Float.self) + start, x.assumingMemoryBound(to: Float.self) + start,
              y.assumingMemoryBound(to: Float.self) + start, Int64(inner), from, to)
          }
        }
      }
    }
    return withExtendedLifetime((a, b)) { result }
  }

  /// Running sums or products along an axis.
  func cumulate(_ x: Tensor, _ axis: Int, product: Bool, _ type: TensorType) throws -> Tensor {
    guard let kernel = nns_cumulate_kernel(type.dtype.c) else { throw Mistakes.noKernel(type.dtype) }
    try budget.charge(work: x.elementCount)
    let x = try contiguous(cast(x, to: type.dtype))
    let (outer, count, inner) = x.shape.around(axis..<(axis + 1))
    let result = try empty(type)
    guard let out = result.storage?.base, let source = x.pointer else { return result }
    try share(outer, of: count * inner) { rows in
      for row in rows {
        let start = row * count * inner * type.dtype.byteSize
        try inBlocks(count, of: inner) { block in
          let fault = kernel(
            out + start, source + start, Int64(inner), Int64(block.lowerBound), Int64(block.upperBound), product ? 1 : 0
          )
          if fault != NNS_OK { throw Mistakes.arithmetic(fault) }
        }
      }
    }
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
