import NNSTensor

// From checked descriptions to tensors and back. The engine charges memory before it allocates.

extension TensorEntry {
  /// The tensor; one without data where the engine computes shapes only.
  ///
  /// - Throws: ``FormatError`` for elements that the dtype does not have, limit errors of the engine.
  public func tensor(in file: RawSpan, engine: Engine) throws -> Tensor {
    guard !engine.computesShapesOnly else { return .meta(type) }
    try validate(in: file)
    return try file.extracting(bytes).withUnsafeBytes { elements in
      try engine.tensor(bytes: elements, dtype: type.dtype, shape: type.shape)
    }
  }
}

extension NPY {
  /// Reads a file.
  ///
  /// - Throws: ``FormatError``, and limit errors of the engine.
  public static func read(_ file: RawSpan, engine: Engine) throws -> Tensor {
    let npy = try NPY(describing: file)
    return try npy.tensor(engine: engine) { elements in
      var next = npy.entry.bytes.lowerBound
      try elements.inPieces(engine.budget) { piece in
        file.extracting(next..<next + piece.count).withUnsafeBytes { piece.copyMemory(from: $0) }
        next += piece.count
      }
    }
  }

  /// The tensor whose elements `read` copies as the file has them; one without data where the engine computes shapes only.
  func tensor(engine: Engine, reading read: (UnsafeMutableRawBufferPointer) throws -> Void) throws -> Tensor {
    guard !engine.computesShapesOnly else { return .meta(entry.type) }
    let shape = isFortranOrder ? try Shape(entry.type.shape.reversed()) : entry.type.shape
    let tensor = try engine.filled(TensorType(entry.type.dtype, shape)) { elements in
      try read(elements)
      try entry.validate(elements: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(elements)))
    }
    return isFortranOrder ? try engine.reversingAxes(tensor) : tensor
  }

  /// The file of a tensor.
  ///
  /// - Throws: ``FormatError`` for a dtype that NumPy does not have, limit errors of the engine.
  public static func write(_ tensor: Tensor, engine: Engine) throws -> [UInt8] {
    try header(for: tensor.type) + engine.contiguous(tensor).withBytes { Array($0) }
  }
}

extension Safetensors {
  /// Reads all tensors of this file, in the order of its header.
  ///
  /// - Throws: ``FormatError``, and limit errors of the engine.
  public func tensors(in file: RawSpan, engine: Engine) throws -> [(name: String, tensor: Tensor)] {
    var tensors: [(name: String, tensor: Tensor)] = []
    for entry in entries { tensors.append((entry.name, try entry.tensor(in: file, engine: engine))) }
    return tensors
  }

  /// Reads all tensors of a file, in the order of its header.
  ///
  /// - Throws: ``FormatError``, and limit errors of the engine.
  public static func read(_ file: RawSpan, engine: Engine) throws -> [(name: String, tensor: Tensor)] {
    try Safetensors(describing: file).tensors(in: file, engine: engine)
  }

  /// The file of some tensors.
  ///
  /// - Throws: ``FormatError`` where two have one name, limit errors of the engine.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [(key: String, value: String)] = [], engine: Engine
  ) throws -> [UInt8] {
    let header = try header(for: tensors.map { ($0.name, $0.tensor.type) }, metadata: metadata)
    var file = header.bytes
    file.reserveCapacity(header.fileSize)
    for index in header.order {
      try engine.contiguous(tensors[index].tensor).withBytes { file += $0 }
    }
    return file
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Calls a function with pieces of a few megabytes, one after the other, and asks the budget between them.
  func inPieces(_ budget: Budget, _ body: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
    for start in stride(from: 0, to: count, by: 1 << 22) {
      try budget.check()
      try body(UnsafeMutableRawBufferPointer(rebasing: self[start..<Swift.min(start + 1 << 22, count)]))
    }
  }
}
