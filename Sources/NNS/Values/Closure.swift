import NNSSyntax

/// A function of a script, compiled when it is first called.
final class FunctionCode {
  let name: String
  let literal: Function
  let scope: FunctionScope
  let signature: Signature
  /// Slot of the first parameter: 1 in methods, whose slot 0 is `self`.
  let firstParameter: Int
  /// Number of parameters, where the function can be called with exactly that many values by place; else -1.
  let exactCount: Int
  /// What a call needs, once compiled.
  @exclusivity(unchecked) private var entry: UnsafePointer<Entry>?
  /// The model whose method it is.
  let model: ModelScope?
  unowned let unit: CodeUnit
  private let isTraced: Bool
  /// The same function with the numbers that it reads followed.
  private(set) lazy var traced =
    isTraced
    ? self
    : unit.own(
      FunctionCode(literal, scope: scope, unit: unit, model: model, isTraced: true))

  init(
    _ literal: Function, scope: FunctionScope, unit: CodeUnit, model: ModelScope? = nil, isTraced: Bool = false
  ) {
    self.literal = literal
    self.scope = scope
    self.unit = unit
    self.model = model
    self.isTraced = isTraced
    name = scope.name
    signature = Signature(name: name, literal.parameters)
    firstParameter = model == nil ? 0 : 1
    let isSimple = literal.parameters.allSatisfy { parameter in
      if case .list = parameter.pattern { return false }
      return !parameter.isRest
    }
    exactCount = isSimple ? literal.parameters.count : -1
  }

  /// What a call needs to know of a function.
  struct Entry {
    let frameSize: Int
    /// The first slot of what was captured.
    let captureStart: Int
    let body: Ref
    /// Whether ``body`` is an expression rather than statements.
    let isExpression: Bool
    /// Owned by the function's code.
    let prologue: Unmanaged<Prologue>?

    /// Runs the body in a frame whose parameters have been stored.
    @inline(__always)
    func run(_ frame: Frame, _ c: Context) throws -> Value {
      if let prologue { return try run(frame, c, prologue) }
      return try runBody(frame, c)
    }

    @inline(__always)
    private func runBody(_ frame: Frame, _ c: Context) throws -> Value {
      if isExpression { return try body.eval(frame, c) }
      guard try body.run(frame, c) == .return else { return .nil }
      let value = c.result
      c.result = .nil
      return value
    }

    @inline(never)
    private func run(_ frame: Frame, _ c: Context, _ prologue: Unmanaged<Prologue>) throws -> Value {
      try prologue._withUnsafeGuaranteedRef { (prologue: Prologue) throws in
        try prologue.check(frame, c)
        let value = try runBody(frame, c)
        if prologue.checksResult { try prologue.checkResult(value, frame, c) }
        return value
      }
    }
  }

  private(set) var prologue: Prologue?

  /// What a call needs; compiles the body the first time.
  @inline(__always)
  func prepared(_ context: Context) -> UnsafePointer<Entry> { entry ?? prepare(context) }

  @inline(never)
  private func prepare(_ context: Context) -> UnsafePointer<Entry> {
    let compiler = Compiler(unit: unit, scope: scope, context: context, isTraced: isTraced)
    prologue = compiler.prologue(literal, name: name)
    let (body, isExpression) = compiler.body(literal.body)
    let memory = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
    memory.initialize(
      to: Entry(
        frameSize: scope.frameSize, captureStart: scope.slotCount, body: body, isExpression: isExpression,
        prologue: prologue.map { .passUnretained($0) }))
    entry = UnsafePointer(memory)
    return UnsafePointer(memory)
  }

  deinit { entry?.deallocate() }
}

/// A function value: code and the variables it captured.
public final class Closure {
  let code: FunctionCode
  let unit: CodeUnit
  @exclusivity(unchecked) private(set) var captured: [Value]

  init(_ code: FunctionCode, unit: CodeUnit, captured: [Value]) {
    self.code = code
    self.unit = unit
    self.captured = captured
  }

  deinit { Teardown.release(&captured) }

  /// The same function, in which numbers are followed.
  var traced: Closure { Closure(code.traced, unit: unit, captured: captured) }

  /// Copies what was captured behind the frame's own slots.
  @inline(__always)
  func fillCaptures(_ frame: Frame, from start: Int) {
    guard !captured.isEmpty else { return }
    var slot = frame + start
    for value in captured {
      slot.initialize(to: value)
      slot += 1
    }
  }
}

/// Anything that can be called and is not a script's function.
public class Callable {
  /// The name that messages and `print` show.
  let name: String

  init(_ name: String) { self.name = name }

  /// What a call may pass, for each kind of first argument; `nil` where it is not known.
  var signatures: [Signature]? { nil }

  /// Calls it.
  func call(_ arguments: Arguments, _ c: Context) throws -> Value { .nil }

  /// Calls it with one value; built-ins override it to save the list.
  func call(_ a: Value, _ c: Context) throws -> Value { try call(Arguments([a]), c) }

  /// Calls it with two values.
  func call(_ a: Value, _ b: Value, _ c: Context) throws -> Value { try call(Arguments([a, b]), c) }

  /// The doc comment or doc line.
  var doc: String? { nil }
}

/// The values of a call.
struct Arguments {
  var positional: [Value]
  var named: [(name: String, value: Value)] = []
  /// What a block argument passes for the last parameter.
  var block: Value?

  init(_ positional: [Value], named: [(name: String, value: Value)] = [], block: Value? = nil) {
    self.positional = positional
    self.named = named
    self.block = block
  }

  /// How many there are.
  var count: Int { positional.count + named.count + (block == nil ? 0 : 1) }

  /// Which operand of the call a parameter came from; `nil` for the block and for defaults.
  func position(of parameter: Int, _ name: String) -> Int? {
    if let index = named.firstIndex(where: { $0.name == name }) { return positional.count + index }
    return parameter < positional.count ? parameter : nil
  }
}

/// `net.encode`, taken from its object.
final class BoundMethod: Callable {
  let instance: ModelInstance
  let method: FunctionCode

  init(_ instance: ModelInstance, _ method: FunctionCode) {
    self.instance = instance
    self.method = method
    super.init(method.name)
  }

  override var signatures: [Signature]? { [method.signature] }
  override var doc: String? { method.literal.doc }

  override func call(_ arguments: Arguments, _ c: Context) throws -> Value {
    try c.call(method, self: instance, arguments)
  }
}

/// `x.sum`, taken from its value.
final class BoundBuiltin: Callable {
  private(set) var receiver: [Value]
  private let function: Callable

  init(_ receiver: Value, _ function: Callable) {
    self.receiver = [receiver]
    self.function = function
    super.init(function.name)
  }

  deinit { Teardown.release(&receiver) }

  override func call(_ arguments: Arguments, _ c: Context) throws -> Value {
    var arguments = arguments
    arguments.positional.insert(contentsOf: receiver, at: 0)
    return try function.call(arguments, c)
  }
}

/// A function written in Swift over values of the script, such as what `grad(f)` gives.
final class NativeFunction: Callable {
  typealias Body = (_ captured: [Value], Arguments, Context) throws -> Value
  private(set) var captured: [Value]
  private let body: Body

  init(_ name: String, captured: [Value], _ body: @escaping Body) {
    self.captured = captured
    self.body = body
    super.init(name)
  }

  deinit { Teardown.release(&captured) }

  override func call(_ arguments: Arguments, _ c: Context) throws -> Value { try body(captured, arguments, c) }
}
