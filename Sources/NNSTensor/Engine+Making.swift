extension Engine {
  /// A tensor with undefined elements; its kernel fills it.
  func empty(_ type: TensorType) throws -> Tensor {
    Tensor(type, storage: try Storage(byteCount: type.shape.elementCount &* type.dtype.byteSize, pool: pool))
  }

  /// A tensor with undefined elements for a kernel that writes here and there, whose first call could otherwise wait for the
  /// system to provide all of a large block: it does so here, in steps between which the budget is asked.
  func emptyInMemory(_ type: TensorType) throws -> Tensor {
    let tensor = try empty(type)
    let page = 4096
    guard let storage = tensor.storage else { return tensor }
    let pages = type.shape.elementCount &* type.dtype.byteSize / page
    guard pages > 1024 else { return tensor }
    try share(pages, of: page) { block in
      for i in block { storage.base.storeBytes(of: 0, toByteOffset: i * page, as: UInt8.self) }
    }
    return tensor
  }

  /// `f32` elements in row-major order.
  ///
  /// - Throws: a shape error unless they fill the shape, as all constructors here.
  public func tensor(_ values: [Float], _ shape: [Int]) throws -> Tensor {
    try values.withUnsafeBytes { try tensor(bytes: $0, dtype: .f32, shape: checked(shape, values.count)) }
  }

  /// Floats in row-major order; `f64` unless said otherwise.
  public func tensor(_ values: [Double], _ shape: [Int], dtype: DType = .f64) throws -> Tensor {
    let wide = try values.withUnsafeBytes { try tensor(bytes: $0, dtype: .f64, shape: checked(shape, values.count)) }
    return dtype == .f64 ? wide : try cast(wide, to: dtype)
  }

  /// Ints in row-major order; `i64` unless said otherwise.
  public func tensor(_ values: [Int], _ shape: [Int], dtype: DType = .i64) throws -> Tensor {
    let wide = try values.withUnsafeBytes { try tensor(bytes: $0, dtype: .i64, shape: checked(shape, values.count)) }
    return dtype == .i64 ? wide : try cast(wide, to: dtype)
  }

  /// Bools in row-major order.
  public func tensor(_ values: [Bool], _ shape: [Int]) throws -> Tensor {
    try values.withUnsafeBytes { try tensor(bytes: $0, dtype: .bool, shape: checked(shape, values.count)) }
  }

  /// Elements as they lie in memory: row-major, little-endian. Bytes of bools other than 0 count as 1.
  ///
  /// - Throws: a value error unless the bytes fill the shape.
  public func tensor(bytes: UnsafeRawBufferPointer, dtype: DType, shape: Shape) throws -> Tensor {
    let type = TensorType(dtype, shape)
    guard bytes.count == shape.elementCount &* dtype.byteSize else { throw Mistakes.byteCount(bytes.count, type) }
    let tensor = try empty(type)
    guard let storage = tensor.storage, let source = bytes.baseAddress else { return tensor }
    try inBlocks(bytes.count, of: 1) { block in
      (storage.base + block.lowerBound)
        .copyMemory(from: source + block.lowerBound, byteCount: block.count)
    }
    if dtype == .bool {
      for i in 0..<bytes.count where bytes[i] > 1 { storage.base.storeBytes(of: 1, toByteOffset: i, as: UInt8.self) }
    }
    return tensor
  }

  /// A tensor whose elements are given one after another, row-major; 0 where there are too few.
  public func tensor(_ type: TensorType, _ write: (inout ElementWriter) throws -> Void) throws -> Tensor {
    try budget.charge(work: type.shape.elementCount)
    let tensor = try empty(type)
    try fill(tensor, .int(0))
    var writer = ElementWriter(tensor)
    try write(&writer)
    return tensor
  }

  /// A rank-0 tensor.
  public func scalar(_ value: Scalar, _ dtype: DType) throws -> Tensor {
    try full(TensorType(dtype, Shape()), value)
  }

  /// Zeros of a dtype and shape.
  public func zeros(_ type: TensorType) throws -> Tensor {
    guard !computesShapesOnly else { return .meta(type) }
    try budget.charge(work: type.shape.elementCount)
    let tensor = try empty(type)
    guard let storage = tensor.storage else { return tensor }
    try inBlocks(type.shape.elementCount, of: 1) { block in
      (storage.base + block.lowerBound * type.dtype.byteSize).initializeMemory(
        as: UInt8.self, repeating: 0, count: block.count * type.dtype.byteSize)
    }
    return tensor
  }

  /// Elements that `body` writes, row-major and little-endian, over zeros.
  public func filled(_ type: TensorType, _ body: (UnsafeMutableRawBufferPointer) throws -> Void) throws -> Tensor {
    let tensor = try zeros(type)
    if let storage = tensor.storage {
      let count = type.shape.elementCount &* type.dtype.byteSize
      try body(UnsafeMutableRawBufferPointer(start: storage.base, count: count))
    }
    return tensor
  }

  /// One number throughout.
  ///
  /// - Throws: an arithmetic error if the dtype does not hold the number.
  public func full(_ type: TensorType, _ value: Scalar) throws -> Tensor {
    guard !computesShapesOnly else { return .meta(type) }
    try budget.charge(work: type.shape.elementCount)
    let tensor = try empty(type)
    try fill(tensor, value)
    return tensor
  }

  /// One number throughout.
  func full(_ type: TensorType, _ value: Double) throws -> Tensor { try full(type, .float(value)) }

  private func checked(_ sizes: [Int], _ count: Int) throws -> Shape {
    let shape = try Shape(sizes)
    guard shape.elementCount == count else { throw Mistakes.valueCount(count, shape) }
    return shape
  }
}

/// Fills a fresh tensor, element by element.
public struct ElementWriter {
  private let tensor: Tensor
  /// How many elements have been given.
  public private(set) var count = 0

  fileprivate init(_ tensor: Tensor) { self.tensor = tensor }

  /// Gives the next element; false if the dtype does not hold it, or there is no room. Floats given to ints are cut off
  /// towards 0.
  public mutating func append(_ value: Scalar) -> Bool {
    guard count < tensor.elementCount, let storage = tensor.storage else { return false }
    guard Storage.write(value, tensor.dtype, to: storage.base + count * tensor.dtype.byteSize) else { return false }
    count += 1
    return true
  }
}
