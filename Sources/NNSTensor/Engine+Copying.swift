import CKernels

extension Engine {
  /// The same elements row-major without gaps; the same tensor if it already is so. Without history.
  public func contiguous(_ x: Tensor) throws -> Tensor {
    x.isContiguous && x.number == nil || x.isMeta ? x : try copied(x, as: x.dtype)
  }

  /// The elements with the axes in the opposite order, row-major. Without history.
  public func reversingAxes(_ x: Tensor) throws -> Tensor {
    var order = Axes()
    for axis in (0..<x.rank).reversed() { order.append(axis) }
    return try contiguous(x.permuted(order))
  }

  /// The elements in another dtype, row-major; the same tensor if it already has it. Without history.
  ///
  /// - Throws: an arithmetic error where a value does not fit.
  func cast(_ x: Tensor, to dtype: DType) throws -> Tensor {
    x.dtype == dtype && x.number == nil ? x : try copied(x, as: dtype)
  }

  /// A tensor with elements in memory, which a number has not.
  func contiguousStorage(_ x: Tensor) throws -> Tensor { try contiguous(x) }

  /// A row-major copy of its own.
  func copied(_ x: Tensor, as dtype: DType) throws -> Tensor {
    let type = TensorType(dtype, x.shape)
    if x.isMeta { return .meta(type) }
    try budget.charge(work: x.elementCount)
    let result = try empty(type)
    try copy(x, into: result)
    return result
  }

  /// Copies all elements, broadcast, into a row-major tensor that nobody else holds.
  func copy(_ x: Tensor, into result: Tensor) throws {
    guard let storage = result.storage else { return }
    if let number = x.number { return try fill(result, number) }
    guard let source = x.pointer, let kernel = nns_convert_kernel(result.dtype.c, x.dtype.c) else { return }
    let (size, inputSize) = (result.dtype.byteSize, x.dtype.byteSize)
    let out = storage.base + result.offset * size
    try Loops(result.shape, x.strides(broadcastTo: result.shape)).forEachRun(budget) { run in
      let fault = kernel(
        out + run.out * size, source + run.a.start * inputSize, Int64(run.a.step), Int64(run.count))
      if fault != NNS_OK { throw Mistakes.doesNotFit(x.dtype, result.dtype) }
    }
  }

  /// One number throughout a row-major tensor that nobody else holds.
  func fill(_ x: Tensor, _ value: Scalar) throws {
    guard let storage = x.storage, let kernel = nns_convert_kernel(x.dtype.c, x.dtype.c) else { return }
    guard Storage.write(value, x.dtype, to: scratch) else { throw Mistakes.notHeld(value, x.dtype) }
    let size = x.dtype.byteSize
    try inBlocks(x.elementCount, of: 1) { block in
      _ = kernel(storage.base + (x.offset + block.lowerBound) * size, scratch, 0, Int64(block.count))
    }
  }
}

extension Engine {
  /// Puts zeros above or below a diagonal of the matrices on the last two axes of a row-major tensor that nobody else holds.
  func clear(_ x: Tensor, above: Bool, diagonal: Int) throws {
    guard x.elementCount > 0, let storage = x.storage else { return }
    let (rows, columns, size) = (x.shape[x.rank - 2], x.shape[x.rank - 1], x.dtype.byteSize)
    let diagonal = Swift.min(Swift.max(diagonal, -rows), columns)
    let base = storage.base + x.offset * size
    try inBlocks(x.elementCount / columns, of: columns) { block in
      for line in block {
        let edge = Swift.min(Swift.max(line % rows + diagonal + (above ? 1 : 0), 0), columns)
        let cleared = above ? edge..<columns : 0..<edge
        let start = base + (line * columns + cleared.lowerBound) * size
        start.initializeMemory(as: UInt8.self, repeating: 0, count: cleared.count * size)
      }
    }
  }

  /// Writes a tensor, broadcast and cast, into a view of memory that nobody else holds, or adds it to what is there.
  func write(_ x: Tensor, into place: Tensor, adding: Bool = false) throws {
    let x = try cast(x, to: place.dtype)
    guard let source = x.pointer, let target = place.storage?.base else { return }
    try budget.charge(work: place.elementCount)
    let size = place.dtype.byteSize
    let base = target + place.offset * size
    try Loops(place.shape, x.strides(broadcastTo: place.shape), place.strides).forEachRun(budget) { run in
      let (from, to) = (source + run.a.start * size, base + run.b.start * size)
      if !adding {
        nns_move(to, Int64(run.b.step), from, Int64(run.a.step), Int64(run.count), Int32(size))
      } else if nns_move_add(to, Int64(run.b.step), from, Int64(run.a.step), Int64(run.count), place.dtype.c) == 0 {
        throw Mistakes.noKernel(place.dtype)
      }
    }
    withExtendedLifetime(x) {}
  }
}
