import CKernels

// The bounds of every access here: operands are tensors whose strides stay within their storage for every index of their
// shape; the rule has checked that shapes broadcast to the output's; outputs are fresh and exactly as large as needed.

extension DType {
  /// The same in C.
  var c: nns_dtype { nns_dtype(UInt32(rawValue)) }
}

/// An input of an elementwise loop in the dtype that the loop computes in.
private struct Operand {
  let base: UnsafeRawPointer
  /// Strides to walk by; unused where there is one element or the layout is the output's.
  let tensor: Tensor
  /// Whether all elements are the first.
  let isSingle: Bool

  /// As a step of a chain has it whose result is of a type; nil where it has none, or the operand does not repeat in order.
  func plain(_ type: TensorType) -> nns_operand? {
    guard type.dtype.isChained else { return nil }
    if isSingle {
      return nns_operand(
        type.dtype == .f32
          ? Double(base.assumingMemoryBound(to: Float.self).pointee) : base.assumingMemoryBound(to: Double.self).pointee
      )
    }
    return tensor.isContiguous ? nns_operand(base, tensor.shape, in: type.shape) : nil
  }
}

extension Engine {
  /// An elementwise function of one tensor.
  func unary(
    _ op: nns_unary_op, _ x: Tensor, computing dtype: DType, _ type: TensorType, _ p: Double = 0, _ q: Double = 0
  ) throws -> Tensor {
    guard let kernel = nns_unary_kernel(op, dtype.c) else { throw Mistakes.noKernel(dtype) }
    try budget.charge(work: type.shape.elementCount)
    let x = try operand(x, dtype, slot: 0)
    let result = try empty(type)
    guard let out = result.storage?.base else { return result }
    let (size, inputSize) = (type.dtype.byteSize, dtype.byteSize)
    if x.isSingle || x.tensor.isContiguous {
      if type.dtype == dtype, let a = x.plain(type) {
        let step = nns_step(kernel, a, p: p, q: q)
        try run([step], into: out, type.shape.elementCount, dtype, isLight: op.isLight)
        return withExtendedLifetime(x.tensor) { result }
      }
      let step = x.isSingle ? 0 : 1
      try share(type.shape.elementCount, of: 1) { block in
        let start = block.lowerBound
        try check(
          kernel(out + start * size, x.base + start * step * inputSize, Int64(step), Int64(block.count), p, q))
      }
    } else {
      try Loops(type.shape, x.tensor.strides).forEachRun(budget) { run in
        try check(
          kernel(
            out + run.out * size, x.base + run.a.start * inputSize, Int64(run.a.step), Int64(run.count), p, q))
      }
    }
    return withExtendedLifetime(x.tensor) { result }
  }

  /// An elementwise function of two tensors, broadcast to the output's shape.
  func binary(
    _ op: nns_binary_op, _ x: Tensor, _ y: Tensor, computing dtype: DType, _ type: TensorType
  ) throws -> Tensor {
    guard let kernel = nns_binary_kernel(op, dtype.c) else { throw Mistakes.noKernel(dtype) }
    let count = type.shape.elementCount
    try budget.charge(work: count)
    let x = try operand(x, dtype, slot: 0)
    let y = try operand(y, dtype, slot: 1)
    let result = try empty(type)
    guard let out = result.storage?.base else { return result }
    try run(op, kernel, out, x, y, dtype, type)
    return withExtendedLifetime((x.tensor, y.tensor)) { result }
  }

  /// `sum += x`, in place where nobody else holds `sum`.
  func add(_ x: Tensor, into sum: inout Tensor) throws {
    guard sum.shape == x.shape, sum.dtype == x.dtype, sum.isContiguous, x.isContiguous, !isTracked(sum), !isTracked(x),
      isUnique(&sum), let out = sum.storage?.base, let kernel = nns_binary_kernel(NNS_ADD, sum.dtype.c)
    else {
      sum = try one(Ops.add, TensorList(sum, x))
      return
    }
    try budget.charge(work: x.elementCount)
    let x = try operand(x, sum.dtype, slot: 0)
    let base = out + sum.offset * sum.dtype.byteSize
    try Engine.flushingDenormals(x.tensor.elementCount) {
      try run(NNS_ADD, kernel, base, Operand(base: base, tensor: sum, isSingle: false), x, sum.dtype, sum.type)
    }
    withExtendedLifetime(x.tensor) {}
  }

  private func run(
    _ op: nns_binary_op, _ kernel: nns_binary, _ out: UnsafeMutableRawPointer, _ x: Operand, _ y: Operand,
    _ dtype: DType, _ type: TensorType
  ) throws {
    let count = type.shape.elementCount
    if type.dtype == dtype, let a = x.plain(type), let b = y.plain(type) {
      let step = nns_step(kernel, a, b)
      return try run([step], into: out, count, dtype, isLight: op.isLight)
    }
    let xFlat = x.isSingle || (x.tensor.isContiguous && x.tensor.shape == type.shape)
    let yFlat = y.isSingle || (y.tensor.isContiguous && y.tensor.shape == type.shape)
    let (size, inputSize) = (type.dtype.byteSize, dtype.byteSize)
    if xFlat, yFlat {
      let (xStep, yStep) = (x.isSingle ? 0 : 1, y.isSingle ? 0 : 1)
      return try share(count, of: 1) { block in
        let start = block.lowerBound
        try check(
          kernel(
            out + start * size, x.base + start * xStep * inputSize, Int64(xStep), y.base + start * yStep * inputSize,
            Int64(yStep), Int64(block.count)))
      }
    }
    let loops = Loops(
      type.shape, x.isSingle ? Axes() : x.tensor.strides(broadcastTo: type.shape),
      y.isSingle ? Axes() : y.tensor.strides(broadcastTo: type.shape))
    try loops.forEachRun(budget) { run in
      try check(
        kernel(
          out + run.out * size, x.base + run.a.start * inputSize, Int64(run.a.step),
          y.base + run.b.start * inputSize, Int64(run.b.step), Int64(run.count)))
    }
  }

  /// `condition ? x : y`, broadcast to the output's shape.
  func select(_ condition: Tensor, _ x: Tensor, _ y: Tensor, _ type: TensorType) throws -> Tensor {
    try budget.charge(work: type.shape.elementCount)
    let condition = try contiguousStorage(cast(condition, to: .bool))
    let x = try operand(x, type.dtype, slot: 0)
    let y = try operand(y, type.dtype, slot: 1)
    let result = try empty(type)
    guard let out = result.storage?.base, let flags = condition.pointer else { return result }
    let size = type.dtype.byteSize
    let loops = Loops(
      type.shape, condition.strides(broadcastTo: type.shape),
      x.isSingle ? Axes() : x.tensor.strides(broadcastTo: type.shape),
      y.isSingle ? Axes() : y.tensor.strides(broadcastTo: type.shape))
    try loops.forEachRun(budget) { run in
      nns_select(
        out + run.out * size, (flags + run.a.start).assumingMemoryBound(to: UInt8.self), Int64(run.a.step),
        x.base + run.b.start * size, Int64(run.b.step), y.base + run.c.start * size, Int64(run.c.step),
        Int64(run.count), Int32(size))
    }
    return withExtendedLifetime((condition, x.tensor, y.tensor)) { result }
  }

  /// Whether nobody else holds the tensor or its elements.
  func isUnique(_ x: inout Tensor) -> Bool {
    isKnownUniquelyReferenced(&x) && isKnownUniquelyReferenced(&x.storage)
  }

  /// A tensor in a dtype, where its first element lies. A number goes into the engine's scratch memory.
  @inline(__always)
  private func operand(_ x: Tensor, _ dtype: DType, slot: Int) throws -> Operand {
    if let number = x.number {
      let place = scratch + slot * 64
      guard Storage.write(number, dtype, to: place) else { throw Mistakes.notHeld(number, dtype) }
      return Operand(base: UnsafeRawPointer(place), tensor: x, isSingle: true)
    }
    let x = x.dtype == dtype ? x : try cast(x, to: dtype)
    guard let base = x.pointer else { throw Mistakes.noData(x.type) }
    return Operand(base: base, tensor: x, isSingle: x.elementCount == 1 || x.isUniform)
  }

  @inline(__always)
  private func check(_ fault: nns_fault) throws {
    if fault != NNS_OK { throw Mistakes.arithmetic(fault) }
  }
}

extension Tensor {
  /// Whether it is one element that is broadcast along all its axes.
  var isUniform: Bool {
    guard !isContiguous, elementCount > 0 else { return false }
    for axis in 0..<rank where strides[axis] != 0 { return false }
    return true
  }

  /// Where the first element lies; nil for numbers and meta tensors.
  var pointer: UnsafeRawPointer? {
    storage.map { UnsafeRawPointer($0.base + offset &* dtype.byteSize) }
  }
}
