import NNSTensor

/// NumPy's format for several arrays: a zip file of npy files.
public enum NPZ {
  private static let ending = ".npy"

  /// Reads all arrays, in the order of the file.
  ///
  /// - Throws: ``FormatError``, and limit errors of the engine, which charges an array before it is unpacked.
  public static func read(_ file: RawSpan, engine: Engine) throws -> [(name: String, tensor: Tensor)] {
    var tensors: [(name: String, tensor: Tensor)] = []
    for member in try ZIP(describing: file).members {
      guard member.name.hasSuffix(ending) else {
        throw FormatError("member \(quoted(member.name)): not an npy file")
      }
      let name = String(member.name.dropLast(ending.count))
      do {
        tensors.append((name, try tensor(member, file, engine)))
      } catch let error as FormatError {
        throw error.message.hasPrefix("member") ? error : FormatError("member \(quoted(member.name)): \(error)")
      }
    }
    return tensors
  }

  private static func tensor(_ member: ZIP.Member, _ file: RawSpan, _ engine: Engine) throws -> Tensor {
    let reader = try ZIPReader(member)
    var beginning = try reader.read(file, count: min(NPY.preludeSize, member.size))
    let dataStart = try NPY.dataStart(beginning.span.bytes)
    beginning += try reader.read(file, count: max(0, dataStart - beginning.count))
    let npy = try NPY(describing: beginning.span.bytes, fileSize: member.size)
    return try npy.tensor(engine: engine) { elements in
      try elements.inPieces(engine.budget) { try reader.read(file, into: $0) }
      try reader.finish(file)
    }
  }

  /// The file of some tensors.
  ///
  /// - Parameter isCompressed: whether they are deflated.
  /// - Throws: ``FormatError`` where two have one name, or a dtype is none of NumPy's; limit errors of the engine.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], isCompressed: Bool = false, engine: Engine
  ) throws -> [UInt8] {
    var writer = ZIPWriter()
    var names: Set<String> = []
    for (name, tensor) in tensors {
      guard names.insert(name).inserted else { throw FormatError("two tensors are named \(quoted(name))") }
      let bytes = try NPY.write(tensor, engine: engine)
      try writer.add(name + ending, bytes, isDeflated: isCompressed, budget: engine.budget)
    }
    return writer.finish()
  }
}
