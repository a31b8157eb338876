// Tensors that a program makes and reads, outside of any engine.

extension Pool {
  /// The memory of tensors that belong to no engine: no limit counts it.
  static let shared = Pool(budget: Budget())
}

extension Tensor {
  /// A vector of `f32`.
  ///
  /// - Throws: a limit error where the machine has no memory for it, as all initializers here.
  public convenience init(_ values: [Float]) throws { try self.init(values, shape: [values.count]) }

  /// A matrix of `f32`, row by row.
  ///
  /// - Throws: a shape error where the rows differ in length.
  public convenience init(_ rows: [[Float]]) throws {
    let width = rows.first?.count ?? 0
    if let row = rows.firstIndex(where: { $0.count != width }) {
      throw Mistakes.raggedRows(row, rows[row].count, expected: width)
    }
    try self.init(Array(rows.joined()), shape: [rows.count, width])
  }

  /// Elements in row-major order.
  ///
  /// - Throws: a shape error unless they fill the shape.
  public convenience init<Element: TensorElement>(_ elements: [Element], shape: [Int]) throws {
    let count = elements.count
    let checked = try Shape(shape)
    guard checked.elementCount == count else { throw Mistakes.valueCount(count, checked) }
    try self.init(shape: shape) { memory in _ = memory.initialize(fromContentsOf: elements) }
  }

  /// Elements that a function writes into the tensor's own memory, row-major: a picture from a camera, say, without a
  /// copy in between. What it leaves out is zero.
  ///
  /// - Throws: a shape error for sizes that are negative or too many, and what `fill` throws.
  public convenience init<Element: TensorElement>(
    shape: [Int], of type: Element.Type = Element.self, _ fill: (UnsafeMutableBufferPointer<Element>) throws -> Void
  ) throws {
    let type = TensorType(Element.dtype, try Shape(shape))
    let count = type.shape.elementCount
    let storage = try Storage(byteCount: count &* type.dtype.byteSize, pool: .shared)
    storage.base.initializeMemory(as: UInt8.self, repeating: 0, count: count &* type.dtype.byteSize)
    if count > 0 {
      let memory = storage.base.bindMemory(to: Element.self, capacity: count)
      try fill(UnsafeMutableBufferPointer(start: memory, count: count))
    }
    self.init(type, storage: storage)
  }

  /// All elements in row-major order as numbers of a Swift type.
  ///
  /// - Throws: a dtype error where an element is none: a fraction for ints, a number that does not fit.
  public func elements<Element: TensorElement>(of type: Element.Type = Element.self) throws -> [Element] {
    if dtype == Element.dtype, let base = pointer, isContiguous {
      let memory = base.assumingMemoryBound(to: Element.self)
      return Array(UnsafeBufferPointer(start: memory, count: elementCount))
    }
    guard !isMeta else { throw Mistakes.noData(self.type) }
    return try (0..<elementCount).map { position in
      guard let element = Element(element(at: position)) else {
        throw Mistakes.notElement(element(at: position), dtype, Element.dtype)
      }
      return element
    }
  }

  /// Reads the elements where they lie, without a copy, row-major; one whose elements lie otherwise is copied first.
  ///
  /// - Throws: a dtype error where they are of another type, and what `body` throws.
  public func withElements<Element: TensorElement, Result>(
    of type: Element.Type = Element.self, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    guard dtype == Element.dtype, let base = pointer, isContiguous else {
      guard dtype == Element.dtype else { throw Mistakes.otherElements(dtype, Element.dtype) }
      return try elements(of: Element.self).withUnsafeBufferPointer(body)
    }
    return try withExtendedLifetime(self) {
      try body(UnsafeBufferPointer(start: base.assumingMemoryBound(to: Element.self), count: elementCount))
    }
  }
}
