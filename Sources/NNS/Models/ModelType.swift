import NNSSyntax
import NNSTensor

/// The code of a `model` declaration, compiled when it is first constructed.
final class ModelCode {
  let declaration: Model
  let members: ModelScope
  let scope: FunctionScope
  let signature: Signature
  unowned let unit: CodeUnit
  private(set) var prologue: Prologue?
  private(set) var body: Refs?
  private(set) var isPrepared = false
  private(set) var methods: [String: FunctionCode] = [:]

  init(_ declaration: Model, members: ModelScope, scope: FunctionScope, unit: CodeUnit) {
    self.declaration = declaration
    self.members = members
    self.scope = scope
    self.unit = unit
    signature = Signature(name: declaration.name.text, declaration.parameters)
    for case .method(let method) in declaration.members {
      guard let name = method.name, let scope = unit.resolution.functions[method.id] else { continue }
      methods[name.text] = unit.own(FunctionCode(method, scope: scope, unit: unit, model: members))
    }
  }

  func prepare(_ context: Context) {
    guard !isPrepared else { return }
    isPrepared = true
    let compiler = Compiler(unit: unit, scope: scope, context: context)
    prologue = compiler.prologue(
      declaration.parameters, result: nil, first: 1, name: declaration.name.text)
    var nodes: [Node] = []
    for member in declaration.members {
      switch member {
      case .field(let field):
        nodes.append(
          unit.own(BindNode(compiler.fieldBinding(field, field.pattern), compiler.value(field.value), field.span)))
      case .statement(let statement):
        if let node = compiler.statement(statement) { nodes.append(node) }
      case .method: break
      }
    }
    body = unit.own(nodes)
  }
}

extension Compiler {
  /// Where a model's field is kept.
  func fieldBinding(_ field: Model.Field, _ pattern: Pattern) -> PatternBinding {
    switch pattern {
    case .wildcard: return .ignore
    case .list(let items, let span): return .list(items.map { fieldBinding(field, $0) }, span)
    case .name(let identifier):
      guard let index = resolution.fieldIndices[identifier.id] else { return .ignore }
      return .field(selfSlot: 0, index: index, isParam: field.kind == .param, field.value.span)
    }
  }
}

/// A model as a value: calling it makes an instance.
final class ModelType: Callable {
  let code: ModelCode
  let unit: CodeUnit
  let members: [ModelScope.Member]
  private let indices: [String: Int]
  var methods: [String: FunctionCode] { code.methods }
  /// What calling an instance calls, where no field hides it.
  let forward: FunctionCode?

  init(_ code: ModelCode, unit: CodeUnit) {
    self.code = code
    self.unit = unit
    members = code.members.members
    var indices: [String: Int] = [:]
    for (index, member) in members.enumerated() { indices[member.name] = index }
    self.indices = indices
    forward = indices["forward"] == nil ? code.methods["forward"] : nil
    super.init(code.declaration.name.text)
  }

  override var signatures: [Signature]? { [code.signature] }
  override var doc: String? { code.declaration.doc }

  /// The position of a field or parameter; a field hides a parameter of the same name.
  func index(of name: String) -> Int? { indices[name] }

  /// Fields, parameters and methods, for suggestions.
  var memberNames: [String] { members.filter { $0.kind != .dimension }.map(\.name) + methods.keys.sorted() }

  override func call(_ arguments: Arguments, _ c: Context) throws -> Value {
    code.prepare(c)
    let instance = ModelInstance(self)
    try c.cycles.watch(instance, c)
    let frame = try c.push(code.scope.frameSize, at: .none)
    defer { c.pop(frame, code.scope.frameSize) }
    store(frame, .model(instance))
    try c.bind(arguments, to: code.declaration.parameters, code.signature, code.prologue, frame, 1)
    do {
      try code.prologue?.check(frame, c)
    } catch let failure as Failure {
      throw failure.placed(by: arguments, code.signature)
    }
    // From here on the names mean the object's members.
    for (index, variable) in code.scope.modelParameters.enumerated() {
      instance.slots[index] = frame[variable.slot]
    }
    let outer = c.currentModel
    c.currentModel = instance
    defer { c.currentModel = outer }
    if let body = code.body {
      for index in 0..<body.count { _ = try body[index].run(frame, c) }
    }
    return .model(instance)
  }
}

/// An object made by a model: fields that its methods share.
public final class ModelInstance: Shared {
  let type: ModelType
  /// Parameters, dimensions and fields, in the order of `type.members`.
  let slots: UnsafeMutablePointer<Value>
  /// How many differentiations with respect to it, or to one that holds it, are under way.
  var differentiations = 0
  /// Whether `freeze` keeps its own parameters as they are.
  var isFrozen = false
  /// Where it was made, as `Tensor.origin`.
  var origin: UInt32 = 0

  init(_ type: ModelType) {
    self.type = type
    slots = .allocate(capacity: max(1, type.members.count))
    slots.initialize(repeating: .unset, count: type.members.count)
    super.init()
  }

  deinit {
    Teardown.release(slots, count: type.members.count)
    slots.deallocate()
  }

  override func visit(_ body: (Value) -> Void) {
    for index in type.members.indices { body(slots[index]) }
  }

  override func takeContents() -> [Value] {
    let values = Array(UnsafeBufferPointer(start: slots, count: type.members.count))
    for index in type.members.indices { slots[index] = .unset }
    return values
  }

  /// A field or method; `nil` where there is none of that name.
  func member(_ name: String, _ c: Context) throws -> Value? {
    if let index = type.index(of: name) {
      let value = slots[index]
      if value.isUnset { throw Failure(.name, "\(type.name).\(name) is used before its line has run") }
      return value
    }
    if let method = type.methods[name] { return .callable(BoundMethod(self, method)) }
    return nil
  }
}
