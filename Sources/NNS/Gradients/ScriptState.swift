import NNSTensor

/// The variables and `var` fields that functions can reach, and what they held at one time.
struct ScriptState {
  private struct Place {
    /// Keeps the memory.
    let owner: Shared
    let pointer: Frame
    let value: Value
  }

  private var places: [Place] = []
  private var visited: Set<ObjectIdentifier> = []
  private var waiting: [Value] = []

  /// What can be reached from some values now.
  init(reachableFrom values: [Value]) {
    waiting = values
    while let value = waiting.popLast() { visit(value) }
    visited = []
  }

  /// Runs something as if no time had passed, and puts everything back as it was before.
  func restored<Result>(_ body: () throws -> Result) rethrows -> Result {
    let now = places.map(\.pointer.pointee)
    for place in places { place.pointer.pointee = place.value }
    defer { for (place, value) in zip(places, now) { place.pointer.pointee = value } }
    return try body()
  }

  /// Whether something has been stored that holds a tensor of a kind.
  func hasStored(_ isWanted: (Tensor) -> Bool, _ c: Context) throws -> Bool {
    for place in places where try ScriptState.holds(place.pointer.pointee, besides: place.value, isWanted, c) {
      return true
    }
    return false
  }

  private static func holds(
    _ value: Value, besides old: Value = .nil, _ isWanted: (Tensor) -> Bool, _ c: Context
  ) throws -> Bool {
    try c.checkDepth("a variable is")
    switch (value, old) {
    case (.list(let list), .list(let before)) where list === before: return false
    case (.record(let record), .record(let before)) where record === before: return false
    case (.tensor(let tensor), _): return isWanted(tensor)
    case (.list(let list), _): return try list.contains { try holds($0, isWanted, c) }
    case (.record(let record), _): return try record.values.contains { try holds($0, isWanted, c) }
    default: return false
    }
  }

  // MARK: Reaching

  private mutating func isNew(_ object: AnyObject) -> Bool { visited.insert(ObjectIdentifier(object)).inserted }

  private mutating func visit(_ value: Value) {
    switch value {
    case .cell(let cell): visit(cell)
    case .list(let list): if isNew(list) { follow(list) }
    case .record(let record): if isNew(record) { follow(record.values) }
    case .model(let instance):
      guard isNew(instance) else { return }
      visit(instance.type.code.unit.module)
      for (index, member) in instance.type.members.enumerated() {
        let pointer = instance.slots + index
        if member.kind == .var { places.append(Place(owner: instance, pointer: pointer, value: pointer.pointee)) }
        follow([pointer.pointee])
      }
    case .closure(let closure):
      guard isNew(closure) else { return }
      visit(closure.code.unit.module)
      follow(closure.captured)
    case .callable(let callable):
      guard isNew(callable) else { return }
      switch callable {
      case let bound as BoundMethod: follow([.model(bound.instance)])
      case let bound as BoundBuiltin: follow(bound.receiver)
      case let native as NativeFunction: follow(native.captured)
      case let type as ModelType: visit(type.code.unit.module)
      default: break
      }
    case .object(let object as ModuleObject): visit(object.module)
    default: break
    }
  }

  private mutating func visit(_ cell: Cell) {
    guard isNew(cell) else { return }
    places.append(Place(owner: cell, pointer: cell.pointer, value: cell.value))
    follow([cell.value])
  }

  private mutating func visit(_ module: Module) {
    guard isNew(module) else { return }
    for global in module.all {
      if global.isMutable { visit(global.cell) } else { follow([global.cell.value]) }
    }
  }

  private mutating func follow(_ values: some Collection<Value>) {
    for value in values where value.holdsValues { waiting.append(value) }
  }
}
