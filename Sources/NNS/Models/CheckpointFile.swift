import NNSFormats
import NNSTensor

/// A record of models, optimizers and plain values as one safetensors file, with the state of the random numbers.
///
/// Tensors bear the name of their entry: `net.0.weight`, `opt.steps`. All else stands in the metadata as JSON, and a
/// checksum over everything with it.
enum CheckpointFile {
  private static let stateKey = "nns.checkpoint"
  private static let checksumKey = "nns.checksum"
  private static let version = 1
  /// The name that the file before gets.
  static func previous(_ path: String) -> String { path + ".previous" }

  // MARK: Writing

  static func write(_ state: RecordBox, to path: String, _ c: Context) throws {
    var tensors: [(name: String, tensor: Tensor)] = []
    var members: [JSON.Member] = []
    for (key, value) in state.entries.map({ ($0.key.string, $0.value) }) {
      let content: JSON
      switch value {
      case .object(let object as Optimizer):
        tensors += try object.savedState(c).map { ("\(key).\($0.name)", $0.tensor) }
        content = .object([.init("optimizer", .string(object.name))])
      case .model, .list, .record:
        if try ParameterTree.holdsModel(value, c) {
          tensors += try StateDict.tensors(of: try ParameterTree(value, c), c).map { ("\(key).\($0.name)", $0.tensor) }
          content = .object([.init("model", .bool(true))])
        } else {
          content = .object([.init("value", try CheckpointValue.json(value, named: key, &tensors, c))])
        }
      default: content = .object([.init("value", try CheckpointValue.json(value, named: key, &tensors, c))])
      }
      members.append(.init(key, content))
    }
    let words = c.engine.randomState.words
    let header = JSON.object([
      .init("version", .int(version)),
      .init("generator", .array([words.key, words.counter].map { .string(String($0, radix: 16)) })),
      .init("entries", .object(members)),
    ])
    let bytes = try FileOperations.parsing(path) {
      let text = try header.text()
      let metadata = [
        (key: stateKey, value: text), (key: checksumKey, value: String(try checksum(text, tensors, c), radix: 16)),
      ]
      return try Safetensors.write(tensors, metadata: metadata, engine: c.engine)
    }
    try FileOperations.reaching(path) { try c.host.files.write(bytes, to: $0, keepingPrevious: previous(path)) }
  }

  /// Of the text and all tensors in the order of their names.
  private static func checksum(
    _ text: String, _ tensors: [(name: String, tensor: Tensor)], _ c: Context
  ) throws -> UInt32 {
    var checksum = Checksum()
    checksum.add(Array(text.utf8))
    for (name, tensor) in tensors.sorted(by: { Text.order(Text($0.name), Text($1.name)) < 0 }) {
      checksum.add(Array("\(name) \(tensor.typeDescription)\n".utf8))
      if tensor.elementCount > 0 { try c.engine.contiguous(tensor).withBytes { checksum.add($0) } }
    }
    return checksum.value
  }

  // MARK: Reading

  /// Puts back what the file holds of the models and optimizers of a record, and the random numbers; gives the rest.
  ///
  /// Where the file is missing or damaged, that of before is taken, and progress says so.
  static func read(_ path: String, into state: RecordBox, _ c: Context) throws -> RecordBox {
    do {
      return try Loaded(path, c).restore(state, c)
    } catch let error as Failure where error.kind == .io {
      guard try FileOperations.reaching(path, { try c.host.files.exists(previous($0)) }) else { throw error }
      let loaded = try Loaded(previous(path), c)
      c.host.progress("note: \(error.message); \(previous(path)) is used\n")
      return try loaded.restore(state, c)
    }
  }

  /// A file that is whole.
  private struct Loaded {
    let path: String
    var tensors: [String: Tensor]
    let generator: RandomState
    let entries: [JSON.Member]

    init(_ path: String, _ c: Context) throws {
      self.path = path
      let bytes = try FileOperations.read(path, c)
      let (file, found) = try FileOperations.parsing(path) {
        let file = try Safetensors(describing: bytes.span.bytes)
        return (file, try file.tensors(in: bytes.span.bytes, engine: c.engine))
      }
      func text(_ key: String) -> String? { file.metadata.first { $0.key == key }?.value }
      guard let state = text(stateKey), let checksum = text(checksumKey) else { throw Mistakes.noCheckpoint(path) }
      guard try CheckpointFile.checksum(state, found, c) == UInt32(checksum, radix: 16) else {
        throw Mistakes.damagedCheckpoint(path)
      }
      let json = try FileOperations.parsing(path) { try JSON(Array(state.utf8)) }
      guard json["version"] == .int(version) else { throw Mistakes.checkpointVersion(path) }
      guard case .object(let entries)? = json["entries"], case .array(let words)? = json["generator"],
        case let numbers = words.compactMap({ if case .string(let text) = $0 { UInt64(text, radix: 16) } else { nil } }),
        numbers.count == 2
      else { throw Mistakes.noCheckpoint(path) }
      self.entries = entries
      generator = RandomState(key: numbers[0], counter: numbers[1])
      tensors = Dictionary(found.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    }

    /// The tensors of an entry, without its name.
    private func tensors(of key: String) -> [(name: String, tensor: Tensor)] {
      let prefix = key + "."
      return tensors.filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0.value) }
        .sorted { Text.order(Text($0.name), Text($1.name)) < 0 }
    }

    func restore(_ state: RecordBox, _ c: Context) throws -> RecordBox {
      let rest = RecordBox(entries: [])
      for entry in entries {
        if let value = entry.value["value"] {
          rest[Text(entry.key)] = try CheckpointValue.value(value, tensors, path)
        } else if state[Text(entry.key)] == nil {
          throw Mistakes.checkpointEntry(path, entry.key, isModel: entry.value["model"] != nil)
        }
      }
      // All is checked before anything is changed.
      var changes: [() -> Void] = []
      for (key, value) in state.entries.map({ ($0.key.string, $0.value) }) {
        let content = entries.first { Text($0.key) == Text(key) }?.value
        switch value {
        case .object(let object as Optimizer):
          guard case .string(let name)? = content?["optimizer"] else { throw Mistakes.notInCheckpoint(path, key) }
          guard name == object.name else { throw Mistakes.otherOptimizer(path, key, found: name, given: object.name) }
          let found = tensors(of: key)
          changes.append(
            try object.restoring(Dictionary(found.map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 }), c))
        default:
          guard try ParameterTree.holdsModel(value, c) else { throw Mistakes.checkpointTarget(key, value) }
          guard content?["model"] != nil else { throw Mistakes.notInCheckpoint(path, key) }
          changes += try StateDict.loading(
            tensors(of: key), into: try ParameterTree(value, c), path: "\(path), \(Display.quoted(key)),",
            isStrict: true, c)
        }
      }
      for change in changes { change() }
      c.engine.randomState = generator
      return rest
    }
  }
}

/// Plain values in a checkpoint: JSON, in which tensors and numbers that JSON lacks are objects with one marked key.
private enum CheckpointValue {
  private static let tensorMark = "$tensor"
  private static let numberMark = "$number"

  static func json(
    _ value: Value, named name: String, _ tensors: inout [(name: String, tensor: Tensor)], _ c: Context, depth: Int = 0
  ) throws -> JSON {
    guard depth < JSON.maximumDepth - 10 else { throw Failure(.limit, "save_checkpoint: \(name) is nested too deeply") }
    switch value {
    case .nil: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .float(let number):
      return number.isFinite ? .float(number) : .object([.init(numberMark, .string(Display.float(number)))])
    case .string(let text): return .string(text.string)
    case .tensor(let tensor):
      tensors.append((name, tensor))
      return .object([.init(tensorMark, .string(name))])
    case .list(let list):
      return .array(
        try list.enumerated().map { try json($1, named: "\(name).\($0)", &tensors, c, depth: depth + 1) })
    case .record(let record):
      let entries = record.entries.map { (key: $0.key.string, value: $0.value) }
      if entries.count == 1, let key = entries.first?.key, key.hasPrefix("$") { throw Mistakes.checkpointKey(key) }
      return .object(
        try entries.map { .init($0.key, try json($0.value, named: "\(name).\($0.key)", &tensors, c, depth: depth + 1)) }
      )
    default: throw Mistakes.checkpointContent(name, value)
    }
  }

  static func value(_ json: JSON, _ tensors: [String: Tensor], _ path: String) throws -> Value {
    switch json {
    case .array(let items): return .list(try items.map { try value($0, tensors, path) })
    case .object(let members):
      if members.count == 1, case .string(let text) = members[0].value {
        if members[0].key == tensorMark {
          guard let tensor = tensors[text] else { throw Mistakes.noCheckpoint(path) }
          return .tensor(tensor)
        }
        if members[0].key == numberMark, let number = Double(text) { return .float(number) }
      }
      return .record(RecordBox(entries: try members.map { (Text($0.key), try value($0.value, tensors, path)) }))
    default: return try FileOperations.value(json)
    }
  }
}
