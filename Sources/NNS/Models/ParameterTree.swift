import NNSTensor

/// One trained tensor of a model: where it is kept, and its name.
struct ParameterRef {
  let instance: ModelInstance
  /// The field.
  let index: Int
  /// The way to the tensor inside a field that holds a list or record.
  let path: [PathStep]
  let name: String

  enum PathStep: Hashable {
    case item(Int)
    case key(Text)
  }

  /// Identity of the place.
  struct Key: Hashable {
    let instance: ObjectIdentifier
    let index: Int
    let path: [PathStep]
  }

  var key: Key { Key(instance: ObjectIdentifier(instance), index: index, path: path) }

  /// Puts a tensor into the place.
  func set(_ tensor: Tensor) {
    ParameterRef.set(&instance.slots[index], path[...], tensor)
  }

  /// What is there now. The place holds it alone, so that it can be changed in place.
  var tensor: Tensor {
    var value = instance.slots[index]
    for step in path {
      switch (value, step) {
      case (.list(let list), .item(let position)) where position < list.count: value = list[position]
      case (.record(let record), .key(let key)): value = record[key] ?? .nil
      default: return .absent
      }
    }
    if case .tensor(let now) = value { return now }
    return .absent
  }

  /// Whether it is trained: its model is not frozen.
  var isTrained: Bool { !instance.isFrozen }

  private static func set(_ value: inout Value, _ path: ArraySlice<PathStep>, _ tensor: Tensor) {
    guard let step = path.first else {
      value = .tensor(tensor)
      return
    }
    switch (value, step) {
    case (.list(let list), .item(let position)) where position < list.count:
      let copy = ListBox(list)
      set(&copy[position], path.dropFirst(), tensor)
      value = .list(copy)
    case (.record(let record), .key(let key)):
      let copy = record.copy()
      var field = copy[key] ?? .nil
      set(&field, path.dropFirst(), tensor)
      copy[key] = field
      value = .record(copy)
    default: break
    }
  }
}

/// A model, or a list or record of models, with everything below it. A sub-model reached twice counts once.
struct ParameterTree {
  private(set) var parameters: [ParameterRef] = []
  /// State that is saved but not trained.
  private(set) var buffers: [ParameterRef] = []
  /// `var` fields that hold numbers.
  private(set) var numbers: [(name: String, instance: ModelInstance, index: Int)] = []
  private(set) var instances: [ModelInstance] = []
  /// Further names of models that were reached before, with the names they have here.
  private(set) var aliases: [(name: String, of: String)] = []
  private var visited: [ObjectIdentifier: String] = [:]
  /// Names grow with every level.
  private static let deepest = 1000
  private var depth = 0

  init(_ root: Value, _ c: Context) throws {
    try walk(root, "", c)
    visited = [:]
  }

  /// The parameters that are not frozen.
  var trained: [ParameterRef] { parameters.filter(\.isTrained) }

  private mutating func walk(_ value: Value, _ prefix: String, _ c: Context) throws {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw Self.tooDeep }
    switch value {
    case .model(let instance): try walk(instance, prefix, c)
    case .list(let list):
      for (index, item) in list.enumerated() where item.isNest {
        try walk(item, join(prefix, String(index)), c)
      }
    case .record(let record):
      for (key, item) in record.entries where item.isNest { try walk(item, join(prefix, key.string), c) }
    default: break
    }
  }

  private static var tooDeep: Failure { Failure(.limit, "the models are nested more than \(deepest) levels deep") }

  private mutating func walk(_ instance: ModelInstance, _ prefix: String, _ c: Context) throws {
    if let first = visited.updateValue(prefix, forKey: ObjectIdentifier(instance)) {
      visited[ObjectIdentifier(instance)] = first
      aliases.append((name: prefix, of: first))
      return
    }
    instances.append(instance)
    let members = instance.type.members
    for (index, member) in members.enumerated() where member.kind != .parameter && member.kind != .dimension {
      // A name that begins with `_` adds nothing to the names below it: `Sequential` keeps its children so.
      let name = member.name.hasPrefix("_") ? prefix : join(prefix, member.name)
      switch member.kind {
      case .param: try leaves(instance.slots[index], instance, index, [], name, isParameter: true)
      case .var:
        try leaves(instance.slots[index], instance, index, [], name, isParameter: false)
        if Conversions.plainDouble(instance.slots[index]) != nil {
          numbers.append((name: name, instance: instance, index: index))
        }
        try walk(instance.slots[index], name, c)
      default: try walk(instance.slots[index], name, c)
      }
    }
    // Models that came as arguments and were put into no field belong to it too.
    for (index, member) in members.enumerated()
    where member.kind == .parameter && instance.slots[index].isNest && instance.type.index(of: member.name) == index {
      try walk(instance.slots[index], join(prefix, member.name), c)
    }
  }

  private mutating func leaves(
    _ value: Value, _ instance: ModelInstance, _ index: Int, _ path: [ParameterRef.PathStep], _ name: String,
    isParameter: Bool
  ) throws {
    guard path.count < Self.deepest else { throw Self.tooDeep }
    switch value {
    case .tensor:
      let ref = ParameterRef(instance: instance, index: index, path: path, name: name)
      if isParameter { parameters.append(ref) } else { buffers.append(ref) }
    case .list(let list):
      for (position, item) in list.enumerated() {
        try leaves(
          item, instance, index, path + [.item(position)], join(name, String(position)), isParameter: isParameter)
      }
    case .record(let record):
      for (key, item) in record.entries {
        try leaves(item, instance, index, path + [.key(key)], join(name, key.string), isParameter: isParameter)
      }
    default: break
    }
  }

  private func join(_ prefix: String, _ name: String) -> String { prefix.isEmpty ? name : "\(prefix).\(name)" }

  /// Takes over the state of another of the same kind.
  func takeState(of other: ParameterTree) {
    for (ref, source) in zip(buffers, other.buffers) { ref.set(source.tensor) }
    for (number, source) in zip(numbers, other.numbers) {
      number.instance.slots[number.index] = source.instance.slots[source.index]
    }
  }

  /// Whether a value is a model, or holds one.
  static func holdsModel(_ value: Value, _ c: Context) throws -> Bool {
    try c.checkDepth("the value is")
    switch value {
    case .model: return true
    case .list(let list):
      for item in list where try holdsModel(item, c) { return true }
      return false
    case .record(let record):
      for item in record.values where try holdsModel(item, c) { return true }
      return false
    default: return false
    }
  }
}

extension Value {
  /// Whether it may hold a model.
  fileprivate var isNest: Bool {
    switch self {
    case .model, .list, .record: true
    default: false
    }
  }
}
