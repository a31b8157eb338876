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
    guard npy.isFortranOrder, !engine.computesShapesOnly else {
      return try npy.entry.tensor(in: file, engine: engine)
    }
    try engine.budget.charge(work: npy.entry.type.shape.elementCount)
    let elements = rowMajor(file.array(npy.entry.bytes), npy.entry.type)
    let entry = TensorEntry(name: "", type: npy.entry.type, bytes: 0..<elements.count)
    return try entry.tensor(in: elements.span.bytes, engine: engine)
  }

  /// The file of a tensor.
  ///
  /// - Throws: ``FormatError`` for a dtype that NumPy does not have, limit errors of the engine.
  public static func write(_ tensor: Tensor, engine: Engine) throws -> [UInt8] {
    try header(for: tensor.type) + engine.contiguous(tensor).withBytes { Array($0) }
  }

  /// Brings elements whose first axis runs fastest into row-major order.
  private static func rowMajor(_ elements: [UInt8], _ type: TensorType) -> [UInt8] {
    let shape = type.shape
    let width = type.dtype.byteSize
    var steps: [Int] = []
    var step = width
    for size in shape {
      steps.append(step)
      step *= size
    }
    var ordered: [UInt8] = []
    ordered.reserveCapacity(elements.count)
    var index = [Int](repeating: 0, count: shape.rank)
    var source = 0
    for _ in 0..<shape.elementCount {
      ordered += elements[source..<source + width]
      // The next index in row-major order: the last axis that has room goes on, those behind it start anew.
      for axis in (0..<shape.rank).reversed() {
        index[axis] += 1
        source += steps[axis]
        if index[axis] < shape[axis] { break }
        source -= steps[axis] * shape[axis]
        index[axis] = 0
      }
    }
    return ordered
  }
}

extension Safetensors {
  /// Reads all tensors of a file, in the order of its header.
  ///
  /// - Throws: ``FormatError``, and limit errors of the engine.
  public static func read(_ file: RawSpan, engine: Engine) throws -> [(name: String, tensor: Tensor)] {
    var tensors: [(name: String, tensor: Tensor)] = []
    for entry in try Safetensors(describing: file).entries {
      tensors.append((entry.name, try entry.tensor(in: file, engine: engine)))
    }
    return tensors
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
