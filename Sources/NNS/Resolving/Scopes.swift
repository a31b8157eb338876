import NNSSyntax

/// A variable of a function: a parameter, a local, a loop variable, a dimension of a shape annotation.
final class Variable {
  enum Kind {
    case `let`, `var`, parameter, dimension, function, model, loop, caught, module, `self`
  }

  let name: String
  let span: Span
  let kind: Kind
  /// The function in whose frame it lives.
  unowned let owner: FunctionScope
  /// Its slot in the frame of ``owner``.
  let slot: Int
  /// Whether its line has been passed while walking the text.
  var isDeclared: Bool
  var isUsed = false
  /// Whether it is shared by reference: a closure captures it and it may change, or is captured before its line has run.
  var needsCell = false
  /// What is called when it is: known for `fn` and for a `let` that holds a function literal.
  var signature: Signature?
  /// Whether it is known to hold no model, which could be updated in place.
  var isPlain = false

  init(
    _ name: String, _ span: Span, _ kind: Kind, owner: FunctionScope, slot: Int, isDeclared: Bool = true
  ) {
    self.name = name
    self.span = span
    self.kind = kind
    self.owner = owner
    self.slot = slot
    self.isDeclared = isDeclared
  }

  var isMutable: Bool { kind == .var }
}

/// A top-level name of a module.
final class Global {
  let name: String
  let span: Span
  let kind: Variable.Kind
  let cell = Cell()
  var isDeclared: Bool
  var isUsed = false
  /// Whether it is known to hold no model, which could be updated in place.
  var isPlain = false
  /// What is called when it is: known for `fn`, `model` and a `let` that holds a function literal.
  var signature: Signature?
  /// For an import that is checked: what is known of its file.
  var outline: Outline?
  /// The `fn` it is for good: calls go there without looking at the cell. `nil` where the REPL may replace it.
  var function: FunctionCode?

  init(_ name: String, _ span: Span, _ kind: Variable.Kind, isDeclared: Bool) {
    self.name = name
    self.span = span
    self.kind = kind
    self.isDeclared = isDeclared
  }

  var isMutable: Bool { kind == .var }
  var isImport: Bool { kind == .module }
}

/// What a name in the text stands for.
enum Binding {
  case variable(Variable)
  case global(Global)
  case builtin(Value)
  /// A field or parameter of the model that the text stands in, reached through `self`.
  case field(Variable, Int)
  /// A method of the model that the text stands in.
  case method(Variable, String)
  /// Nothing: a diagnostic has been given.
  case unresolved
}

/// One function's variables. Top-level code is a function too.
final class FunctionScope {
  let parent: FunctionScope?
  /// The function's name, empty for one without.
  let name: String
  private(set) var slotCount: Int = 0
  /// Variables of enclosing functions, in the order in which the frame receives them behind its own slots.
  private(set) var captures: [Variable] = []
  /// The blocks that are open, innermost last.
  var blocks: [BlockScope] = []
  /// The model whose method or constructor this is.
  var model: ModelScope?
  /// Names of the shape annotations, and slots of the parameters.
  var parameters: [Variable] = []
  /// A constructor's own parameters: in its body their names mean the object's members.
  var modelParameters: [Variable] = []
  var isBlockArgument = false
  var loopDepth = 0

  init(parent: FunctionScope?, name: String) {
    self.parent = parent
    self.name = name
  }

  func newSlot() -> Int {
    defer { slotCount += 1 }
    return slotCount
  }

  /// The slot of a variable of an enclosing function, which it comes to capture.
  func capture(_ variable: Variable) {
    if !captures.contains(where: { $0 === variable }) { captures.append(variable) }
  }

  /// The frame's slot of a variable, its own or a captured one.
  func slot(of variable: Variable) -> Int {
    if variable.owner === self { return variable.slot }
    let index = captures.firstIndex { $0 === variable } ?? 0
    return slotCount + index
  }

  /// Number of slots with those for what is captured.
  var frameSize: Int { slotCount + captures.count }
}

/// The names of one block.
final class BlockScope {
  private(set) var variables: [String: [Variable]] = [:]
  private(set) var order: [Variable] = []

  func add(_ variable: Variable) {
    variables[variable.name, default: []].append(variable)
    order.append(variable)
  }

  /// The variables that closures share by reference: they get a fresh cell each time the block is entered.
  var cells: [Variable] { order.filter(\.needsCell) }
}

/// The members of a model, as its methods see them.
final class ModelScope {
  struct Member {
    enum Kind { case parameter, dimension, param, `var`, `let` }
    let name: String
    let kind: Kind
    let span: Span
    var isDeclared: Bool
    var doc: String?
  }

  let name: String
  /// Parameters first, then dimensions and fields as they come.
  var members: [Member] = []
  var methods: [String: Signature] = [:]
  /// The constructor, whose `self` the fields are reached through while the body runs.
  unowned let constructor: FunctionScope

  init(name: String, constructor: FunctionScope) {
    self.name = name
    self.constructor = constructor
  }

  func index(of name: String) -> Int? { members.lastIndex { $0.name == name } }
}

/// What the resolver found: the meaning of every name, by ``Identifier/id``.
final class Resolution {
  var bindings: [Int: Binding] = [:]
  /// By `Function.id`; models' constructors by `Model.id`.
  var functions: [Int: FunctionScope] = [:]
  /// The scope of each block that stands in the text, by the start of its span.
  var blocks: [UInt32: BlockScope] = [:]
  /// By `Model.id`.
  var models: [Int: ModelScope] = [:]
  /// `self` where it is written out, by the start of its span.
  var selves: [UInt32: Variable] = [:]
  /// `test` blocks, by the start of their span.
  var tests: [UInt32: FunctionScope] = [:]
  /// Where a model keeps a field, by the `Identifier.id` of its declaration.
  var fieldIndices: [Int: Int] = [:]
  /// Top-level code.
  let main: FunctionScope

  init(main: FunctionScope) { self.main = main }
}
