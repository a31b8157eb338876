import CThread
import NNSSyntax

/// The slots of the running function: parameters, captured variables, locals, in this order.
typealias Frame = UnsafeMutablePointer<Value>

/// How a statement ended. `break`, `continue` and `return` are values, never errors.
enum Flow {
  case normal, `break`, `continue`, `return`
}

/// An expression or statement, compiled. Nodes are owned by their ``CodeUnit``.
class Node {
  let span: Span

  init(_ span: Span) { self.span = span }

  /// The value of an expression.
  func eval(_ f: Frame, _ c: Context) throws -> Value { .nil }

  /// Says that the value goes nowhere but into an elementwise operation, together with which it may then be computed.
  func becomeOperand() {}

  /// The value of a condition.
  func test(_ f: Frame, _ c: Context) throws -> Bool {
    let value = try eval(f, c)
    if case .bool(let flag) = value { return flag }
    return try c.truth(value, at: span)
  }

  /// Runs a statement; a `return` leaves its value in `c.result`.
  func run(_ f: Frame, _ c: Context) throws -> Flow {
    _ = try eval(f, c)
    return .normal
  }
}

/// A child of a node. The unit owns all nodes, so evaluating a child costs no retain and release.
struct Ref {
  private let node: Unmanaged<Node>

  init(_ node: Node) { self.node = .passUnretained(node) }

  @inline(__always) func eval(_ f: Frame, _ c: Context) throws -> Value {
    try node._withUnsafeGuaranteedRef { (n: Node) throws in try n.eval(f, c) }
  }

  @inline(__always) func test(_ f: Frame, _ c: Context) throws -> Bool {
    try node._withUnsafeGuaranteedRef { (n: Node) throws in try n.test(f, c) }
  }

  @inline(__always) func run(_ f: Frame, _ c: Context) throws -> Flow {
    try node._withUnsafeGuaranteedRef { (n: Node) throws in try n.run(f, c) }
  }

  var span: Span { node._withUnsafeGuaranteedRef { $0.span } }
}

/// Children in order. The unit owns the memory.
struct Refs {
  let start: UnsafeMutablePointer<Ref>
  let count: Int

  @inline(__always) subscript(index: Int) -> Ref { start[index] }
}

/// Everything compiled from one text. It owns the nodes; closures and models keep it alive.
final class CodeUnit {
  private var nodes: [Node] = []
  private var functions: [FunctionCode] = []
  private var models: [ModelCode] = []
  private var cells: [Cell] = []
  private var lists: [Refs] = []
  /// The tree's names, resolved. Nobody else keeps it.
  let resolution: Resolution
  /// The module whose names the code sees.
  let module: Module
  /// The text, as the context numbers it.
  let text: UInt32

  init(resolution: Resolution, module: Module, text: UInt32) {
    self.resolution = resolution
    self.module = module
    self.text = text
  }

  /// The top-level names and the cells that it holds, each as often as it does.
  func visit(name: (Global) -> Void, cell: (Cell) -> Void) {
    for case .global(let global) in resolution.bindings.values { name(global) }
    for held in cells { cell(held) }
  }

  deinit {
    for list in lists { list.start.deallocate() }
  }

  func own(_ children: [Node]) -> Refs {
    let list = Refs(start: .allocate(capacity: max(1, children.count)), count: children.count)
    for (index, child) in children.enumerated() { (list.start + index).initialize(to: Ref(child)) }
    lists.append(list)
    return list
  }

  func own<N: Node>(_ node: N) -> N {
    nodes.append(node)
    return node
  }

  func own(_ function: FunctionCode) -> FunctionCode {
    functions.append(function)
    return function
  }

  func own(_ model: ModelCode) -> ModelCode {
    models.append(model)
    return model
  }

  func own(_ cell: Cell) -> Cell {
    cells.append(cell)
    return cell
  }
}

extension Value {
  /// Whether its kind holds no reference, so that it may be overwritten without releasing anything.
  @inline(__always) var isTrivial: Bool {
    switch self {
    case .string, .tensor, .list, .record, .range, .closure, .callable, .model, .object, .cell: false
    default: true
    }
  }
}

/// Stores into a slot; skips the release where the old value is no object.
@inline(__always) func store(_ pointer: Frame, _ value: consuming Value) {
  if pointer.pointee.isTrivial {
    pointer.initialize(to: value)
  } else {
    pointer.pointee = value
  }
}
