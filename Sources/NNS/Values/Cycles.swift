import CThread
import NNSTensor

/// What scripts share and change: variables that closures capture, and models. Only through such an object can a value
/// come to hold itself, as a `fn` that calls itself does through the variable that it is in.
public class Shared {
  /// Where ``registry`` has it.
  fileprivate var place = 0
  fileprivate var registry: Cycles?

  /// The values it holds.
  func visit(_ body: (Value) -> Void) {}

  /// Empties it.
  func takeContents() -> [Value] { [] }

  deinit { registry?.forget(self) }
}

/// Frees what holds itself and is held by nobody else, which counting references alone never would.
///
/// Whenever the number of shared objects or the memory of tensors has doubled, the references among what they hold are
/// counted and compared with all the references that there are. What has no others, and is not held by anything that
/// has, is garbage: its shared objects are emptied. Between runs the same is done for code. A reference that is not found
/// here (there are values that this does not look into) counts as one from outside, so at worst garbage stays.
///
/// Source: the trial deletion of D. F. Bacon, V. T. Rajan, "Concurrent Cycle Collection in Reference Counted Systems" (2001),
/// without its concurrency.
final class Cycles {
  private var objects: [Unmanaged<Shared>] = []
  private var threshold = Cycles.least
  private static let least = 2000
  /// Bytes of tensors.
  private var byteThreshold = Cycles.leastBytes
  private static let leastBytes = 64 << 20
  private let budget: Budget

  init(_ budget: Budget) { self.budget = budget }

  /// Takes note of a new object.
  ///
  /// - Throws: a limit error where there is no memory for it.
  func watch(_ object: Shared, _ c: Context) throws {
    if objects.count >= threshold || budget.bytesInUse >= byteThreshold { collect(room: c.memoryForCollecting) }
    if objects.count == objects.capacity {
      try c.charge(bytes: 2 * objects.count * MemoryLayout<Unmanaged<Shared>>.stride)
    }
    object.place = objects.count
    object.registry = self
    objects.append(.passUnretained(object))
  }

  fileprivate func forget(_ object: Shared) {
    guard let last = objects.popLast(), object.place < objects.count else { return }
    objects[object.place] = last
    last._withUnsafeGuaranteedRef { $0.place = object.place }
  }

  /// Number of shared objects that are alive.
  var count: Int { objects.count }

  /// Frees the garbage there is, or nothing where finding it would take more than `room` bytes or the run is to stop.
  ///
  /// - Parameters:
  ///   - code: what may be garbage too, each held once by the caller: functions hold the code that holds the variables
  ///     that they are in. What it defined is freed; the code itself is then the caller's to let go.
  ///   - names: top-level names that the caller holds once each, and that are garbage with the code that mentions them.
  func collect(code: [Unmanaged<CodeUnit>] = [], names: [Unmanaged<Global>] = [], room: Int) {
    var graph = References(limit: room / References.bytesPerNode)
    graph.add(code: code, names: names)
    let garbage = graph.explore(objects, budget) ? graph.unreachable() : []
    var contents: [Value] = []
    for object in garbage { contents += object.takeContents() }
    threshold = max(Cycles.least, 2 * (objects.count - garbage.count))
    Teardown.release(&contents)
    byteThreshold = max(Cycles.leastBytes, 2 * budget.bytesInUse)
  }
}

/// Objects and the references among them.
private struct References {
  /// What holds values.
  enum Holder {
    case shared(Unmanaged<Shared>)
    case list(Unmanaged<ListBox>)
    case record(Unmanaged<RecordBox>)
    case closure(Unmanaged<Closure>)
    case bound(Unmanaged<BoundBuiltin>)
    case method(Unmanaged<BoundMethod>)
    case native(Unmanaged<NativeFunction>)
    case code(Unmanaged<CodeUnit>)
    case name(Unmanaged<Global>)
    case type(Unmanaged<ModelType>)
    /// Memory of a Swift array, which several arrays may share.
    case storage
  }

  private struct Node {
    let address: UnsafeMutableRawPointer
    let holder: Holder
    /// References from other nodes.
    var inner = 0
    var targets: [Int] = []
    var isAlive = false
  }

  private var nodes: [Node] = []
  private var indices: [UnsafeMutableRawPointer: Int] = [:]
  private var explored = 0
  private var hasCode = false
  /// The most nodes that there is memory for.
  private let limit: Int
  private var isFull = false

  init(limit: Int) { self.limit = limit }

  /// About what a node takes with its targets and its place in the index, while these grow.
  static let bytesPerNode = 400

  /// The node of an object, and whether it is new; any node once there are too many.
  @discardableResult
  private mutating func add(_ address: UnsafeMutableRawPointer, _ holder: Holder) -> (index: Int, isNew: Bool) {
    if let index = indices[address] { return (index, false) }
    if nodes.count >= limit {
      isFull = true
      return (0, false)
    }
    indices[address] = nodes.count
    nodes.append(Node(address: address, holder: holder))
    return (nodes.count - 1, true)
  }

  private mutating func refer(from source: Int, to target: Int) {
    if isFull { return }
    nodes[source].targets.append(target)
    nodes[target].inner += 1
  }

  /// Adds code and names, with one reference to each that is not from outside.
  mutating func add(code: [Unmanaged<CodeUnit>], names: [Unmanaged<Global>]) {
    hasCode = !code.isEmpty
    let added =
      code.map { add($0.toOpaque(), .code($0)).index } + names.map { add($0.toOpaque(), .name($0)).index }
    if isFull { return }
    for index in added { nodes[index].inner += 1 }
  }

  /// Follows every reference from some objects.
  ///
  /// - Returns: false if that has been given up, as there is no memory for so many nodes or the run is to stop.
  mutating func explore(_ objects: [Unmanaged<Shared>], _ budget: Budget) -> Bool {
    guard objects.count <= limit else { return false }
    for object in objects { add(object.toOpaque(), .shared(object)) }
    while explored < nodes.count {
      if isFull || explored & 0xffff == 0 && budget.isCancelled { return false }
      let index = explored
      explored += 1
      switch nodes[index].holder {
      case .shared(let object):
        object._withUnsafeGuaranteedRef {
          $0.visit { refer(from: index, to: $0) }
          if hasCode, let instance = $0 as? ModelInstance { refer(from: index, to: instance.type) }
        }
      case .list(let list): list._withUnsafeGuaranteedRef { for item in $0 { refer(from: index, to: item) } }
      case .record(let record): record._withUnsafeGuaranteedRef { refer(from: index, to: $0.values) }
      case .closure(let closure):
        closure._withUnsafeGuaranteedRef {
          refer(from: index, to: $0.captured)
          refer(from: index, toCode: $0.unit)
        }
      case .bound(let bound): bound._withUnsafeGuaranteedRef { refer(from: index, to: $0.receiver) }
      case .native(let native): native._withUnsafeGuaranteedRef { refer(from: index, to: $0.captured) }
      case .method(let method): method._withUnsafeGuaranteedRef { refer(from: index, to: .model($0.instance)) }
      case .code(let unit):
        unit._withUnsafeGuaranteedRef {
          $0.visit(
            name: { refer(from: index, to: $0) { .name($0) } },
            cell: { refer(from: index, to: $0 as Shared) { .shared($0) } })
        }
      case .name(let name):
        name._withUnsafeGuaranteedRef { refer(from: index, to: $0.cell as Shared) { .shared($0) } }
      case .type(let type): type._withUnsafeGuaranteedRef { refer(from: index, toCode: $0.unit) }
      case .storage: break
      }
    }
    return true
  }

  private mutating func refer<T: AnyObject>(from source: Int, to object: T, _ holder: (Unmanaged<T>) -> Holder) {
    let reference = Unmanaged.passUnretained(object)
    refer(from: source, to: add(reference.toOpaque(), holder(reference)).index)
  }

  /// Code is looked at only where it was added before.
  private mutating func refer(from source: Int, toCode unit: CodeUnit) {
    if hasCode, let index = indices[Unmanaged.passUnretained(unit).toOpaque()] { refer(from: source, to: index) }
  }

  private mutating func refer(from source: Int, to type: ModelType) {
    if hasCode { refer(from: source, to: type) { .type($0) } }
  }

  private mutating func refer(from source: Int, to items: [Value]) {
    guard !items.isEmpty, let owner = items._owner else { return }
    let (storage, isNew) = add(Unmanaged.passUnretained(owner).toOpaque(), .storage)
    refer(from: source, to: storage)
    if isNew {
      for item in items { refer(from: storage, to: item) }
    }
  }

  private mutating func refer(from source: Int, to value: Value) {
    switch value {
    case .cell(let cell): refer(from: source, to: cell as Shared) { .shared($0) }
    case .model(let instance): refer(from: source, to: instance as Shared) { .shared($0) }
    case .list(let list): refer(from: source, to: list) { .list($0) }
    case .record(let record): refer(from: source, to: record) { .record($0) }
    case .closure(let closure): refer(from: source, to: closure) { .closure($0) }
    case .callable(let callable as BoundBuiltin): refer(from: source, to: callable) { .bound($0) }
    case .callable(let callable as BoundMethod): refer(from: source, to: callable) { .method($0) }
    case .callable(let callable as NativeFunction): refer(from: source, to: callable) { .native($0) }
    case .callable(let type as ModelType): refer(from: source, to: type)
    default: break
    }
  }

  /// The shared objects that nothing outside reaches.
  mutating func unreachable() -> [Shared] {
    var alive = nodes.indices.filter { nns_reference_count(nodes[$0].address) > nodes[$0].inner }
    for index in alive { nodes[index].isAlive = true }
    while let index = alive.popLast() {
      for target in nodes[index].targets where !nodes[target].isAlive {
        nodes[target].isAlive = true
        alive.append(target)
      }
    }
    return nodes.compactMap { node in
      if case .shared(let object) = node.holder, !node.isAlive { object.takeUnretainedValue() } else { nil }
    }
  }
}
