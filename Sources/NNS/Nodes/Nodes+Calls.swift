import NNSSyntax
import NNSTensor

/// `f(a, b)`: arguments by place only.
final class CallNode: Node {
  private let callee: Ref
  private let arguments: Refs
  private let function: String
  private let site: UInt32

  init(_ callee: Node, _ arguments: Refs, in function: String, site: UInt32, _ span: Span) {
    self.callee = Ref(callee)
    self.arguments = arguments
    self.function = function
    self.site = site
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let target = try callee.eval(f, c)
    if case .closure(let closure) = target, closure.code.exactCount == arguments.count {
      let value = try Calling.direct(
        closure.code.prepared(c), closure: closure, arguments, f, c, at: callee.span, in: function)
      return Calling.made(value, site)
    }
    if case .model(let instance) = target, let forward = instance.type.forward, forward.exactCount == arguments.count {
      let value = try Calling.method(
        forward, of: instance, count: arguments.count, f, c, at: callee.span, in: function
      ) { arguments[$0] }
      return Calling.made(value, site)
    }
    return try slow(target, f, c)
  }

  @inline(never)
  private func slow(_ target: Value, _ f: Frame, _ c: Context) throws -> Value {
    var values: [Value] = []
    if case .callable(let callable) = target {
      // Built-ins of one or two arguments need no list.
      if arguments.count == 1 {
        let a = try arguments[0].eval(f, c)
        do {
          return Calling.made(try callable.call(a, c), site)
        } catch {
          throw Calling.explained(error, at: callee.span, operands([a]), target, in: function, c)
        }
      }
      if arguments.count == 2 {
        let a = try arguments[0].eval(f, c)
        let b = try arguments[1].eval(f, c)
        do {
          return Calling.made(try callable.call(a, b, c), site)
        } catch {
          throw Calling.explained(error, at: callee.span, operands([a, b]), target, in: function, c)
        }
      }
    }
    values.reserveCapacity(arguments.count)
    for index in 0..<arguments.count { values.append(try arguments[index].eval(f, c)) }
    do {
      return Calling.made(try c.call(target, Arguments(values)), site)
    } catch {
      throw Calling.explained(error, at: callee.span, operands(values), target, in: function, c)
    }
  }

  private func operands(_ values: [Value]) -> [Operand] {
    values.enumerated().map { Operand(value: $1, span: arguments[$0].span) }
  }
}

/// `relu(x)`, `maximum(x, y)`: a built-in that goes element by element, of one or two arguments.
final class ElementwiseCallNode: Node {
  private let builtin: BuiltinFunction
  private let op: Op
  private let callee: Span
  private let arguments: Refs
  private let function: String
  private let site: UInt32
  @exclusivity(unchecked) private var isOperand = false

  init(
    _ builtin: BuiltinFunction, _ op: Op, callee: Span, _ arguments: Refs, in function: String, site: UInt32,
    _ span: Span
  ) {
    self.builtin = builtin
    self.op = op
    self.callee = callee
    self.arguments = arguments
    self.function = function
    self.site = site
    super.init(span)
  }

  override func becomeOperand() { isOperand = true }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    var a = try arguments[0].eval(f, c)
    var b = arguments.count == 2 ? try arguments[1].eval(f, c) : .unset
    do {
      let value: Value
      switch (a, b) {
      case (.tensor(let x), .unset): value = c.wrap(try c.engine.apply(op, x, deferring: true))
      case (.tensor(let x), .tensor(let y)): value = c.wrap(try c.engine.apply(op, x, y, deferring: true))
      case (_, .unset): value = try builtin.call(a, c)
      default: value = try builtin.call(a, b, c)
      }
      let made = Calling.made(value, site)
      (a, b) = (.unset, .unset)
      return isOperand ? made : try made.settled(c)
    } catch {
      let operands = [a, b].prefix(arguments.count).enumerated().map { Operand(value: $1, span: arguments[$0].span) }
      throw Calling.explained(error, at: callee, operands, .callable(builtin), in: function, c)
    }
  }
}

/// `f(a)` where `f` is a `fn` of this file for good: no value is looked at.
final class DirectCallNode: Node {
  private let code: Unmanaged<FunctionCode>
  @exclusivity(unchecked) private var entry: UnsafePointer<FunctionCode.Entry>?
  private let calleeSpan: Span
  private let arguments: Refs
  private let function: String

  init(_ code: FunctionCode, callee: Span, _ arguments: Refs, in function: String, _ span: Span) {
    self.code = .passUnretained(code)
    calleeSpan = callee
    self.arguments = arguments
    self.function = function
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    try Calling.direct(entry ?? prepare(c), closure: nil, arguments, f, c, at: calleeSpan, in: function)
  }

  @inline(never)
  private func prepare(_ c: Context) -> UnsafePointer<FunctionCode.Entry> {
    let made = code._withUnsafeGuaranteedRef { $0.prepared(c) }
    entry = made
    return made
  }
}

/// A call with named arguments, spreads or a block.
final class GeneralCallNode: Node {
  struct Argument {
    let label: String?
    let value: Ref
    let isSpread: Bool
    let labelSpan: Span
  }

  private let callee: Ref
  private let arguments: [Argument]
  private let block: Ref?
  private let function: String
  private let site: UInt32

  init(
    _ callee: Node, _ arguments: [Argument], block: Node?, in function: String, site: UInt32, _ span: Span
  ) {
    self.callee = Ref(callee)
    self.arguments = arguments
    self.block = block.map { Ref($0) }
    self.function = function
    self.site = site
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let target = try callee.eval(f, c)
    var operands: [Operand] = []
    let values = try GeneralCallNode.evaluate(arguments, block: block, f, c, &operands)
    do {
      return Calling.made(try c.call(target, values), site)
    } catch {
      throw Calling.explained(error, at: callee.span, operands, target, in: function, c)
    }
  }

  static func evaluate(
    _ arguments: [Argument], block: Ref?, _ f: Frame, _ c: Context, _ operands: inout [Operand]
  ) throws -> Arguments {
    var values = Arguments([])
    for argument in arguments {
      let value = try argument.value.eval(f, c)
      if argument.isSpread {
        switch value {
        case .list(let list):
          values.positional += list
          operands += list.map { Operand(value: $0, span: argument.value.span) }
        case .record(let record):
          values.named += record.entries.map { (name: $0.key.string, value: $0.value) }
          operands += record.values.map { Operand(value: $0, span: argument.value.span) }
        default: throw Mistakes.spreadArgument(value, at: argument.value.span)
        }
        continue
      }
      if let label = argument.label {
        values.named.append((name: label, value: value))
        operands.append(Operand(value: value, span: argument.labelSpan, isNamed: true))
      } else {
        values.positional.append(value)
        operands.append(Operand(value: value, span: argument.value.span))
      }
    }
    if let block { values.block = try block.eval(f, c) }
    return values
  }
}

/// `x.f(a)`: a method or field of a model, a member of a module, or the built-in `f(x, a)`.
final class MethodCallNode: Node {
  private let receiver: Ref
  private let name: String
  private let arguments: [GeneralCallNode.Argument]
  private let block: Ref?
  private let isSimple: Bool
  private let function: String
  private let site: UInt32
  private let calleeSpan: Span
  /// The built-in of that name, once looked up.
  private lazy var builtin: Callable? = Builtins.function(named: name)

  init(
    _ receiver: Node, _ name: String, _ arguments: [GeneralCallNode.Argument], block: Node?, in function: String,
    callee: Span, site: UInt32, _ span: Span
  ) {
    self.receiver = Ref(receiver)
    self.name = name
    self.arguments = arguments
    self.block = block.map { Ref($0) }
    isSimple = block == nil && arguments.allSatisfy { $0.label == nil && !$0.isSpread }
    self.function = function
    self.site = site
    calleeSpan = callee
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let object = try receiver.eval(f, c)
    if isSimple, case .model(let instance) = object, let method = instance.type.methods[name],
      method.exactCount == arguments.count, instance.type.index(of: name) == nil
    {
      let value = try Calling.method(
        method, of: instance, count: arguments.count, f, c, at: calleeSpan, in: function
      ) { arguments[$0].value }
      return Calling.made(value, site)
    }
    if let target = try member(of: object, c) { return try call(target, f, c) }
    guard let builtin else { throw noMethod(object, c) }
    if isSimple {
      // The receiver and at most one argument need no list.
      if arguments.isEmpty {
        do {
          return Calling.made(try builtin.call(object, c), site)
        } catch {
          throw ofBuiltin(error, [receiverOperand(object)], builtin, c)
        }
      }
      if arguments.count == 1 {
        let a = try arguments[0].value.eval(f, c)
        do {
          return Calling.made(try builtin.call(object, a, c), site)
        } catch {
          let operands = [receiverOperand(object), Operand(value: a, span: arguments[0].value.span)]
          throw ofBuiltin(error, operands, builtin, c)
        }
      }
    }
    var operands = [receiverOperand(object)]
    var values = try GeneralCallNode.evaluate(arguments, block: block, f, c, &operands)
    values.positional.insert(object, at: 0)
    do {
      return Calling.made(try builtin.call(values, c), site)
    } catch {
      throw ofBuiltin(error, operands, builtin, c)
    }
  }

  private func receiverOperand(_ value: Value) -> Operand { Operand(value: value, span: receiver.span) }

  /// What `x.name` itself is, where it goes before the built-in.
  private func member(of object: Value, _ c: Context) throws -> Value? {
    switch object {
    case .model(let instance): return try instance.member(name, c)
    case .object(let object): return try object.member(name, c)
    case .record(let record):
      // On records the built-in goes first.
      if builtin != nil, Builtins.isMethod(name, of: .record(record)) { return nil }
      return record[Text(name)]
    default: return nil
    }
  }

  private func call(_ target: Value, _ f: Frame, _ c: Context) throws -> Value {
    var operands: [Operand] = []
    let values = try GeneralCallNode.evaluate(arguments, block: block, f, c, &operands)
    do {
      return Calling.made(try c.call(target, values), site)
    } catch {
      throw explained(error, operands, target, c)
    }
  }

  /// An error of a built-in, which counts the receiver among its arguments.
  private func ofBuiltin(_ error: any Error, _ operands: [Operand], _ builtin: Callable, _ c: Context) -> any Error {
    guard let failure = error as? Failure, let arity = failure.arity?.ofMethod else {
      return explained(error, operands, .callable(builtin), c)
    }
    return explained(Mistakes.arity(arity), operands, .callable(builtin), c)
  }

  private func explained(_ error: any Error, _ operands: [Operand], _ target: Value, _ c: Context) -> any Error {
    Calling.explained(error, at: calleeSpan, operands, target, in: function, c)
  }

  private func noMethod(_ object: Value, _ c: Context) -> any Error {
    if case .tensor = object, Members.tensorProperties.contains(name) {
      return Mistakes.propertyCalled(name, at: calleeSpan)
    }
    return Mistakes.noMember(name, of: object, known: Members.names(of: object, c), at: calleeSpan)
  }
}
