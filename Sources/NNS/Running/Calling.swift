import NNSSyntax
import NNSTensor

/// How calls work.
enum Calling {
  // What only errors need is passed as a function, so that it is not kept in registers meanwhile.

  /// Calls script code with exactly as many values as it has parameters, evaluated straight into its frame.
  @inline(__always)
  static func direct(
    _ code: UnsafePointer<FunctionCode.Entry>, closure: Closure?, _ arguments: Refs, _ f: Frame, _ c: Context,
    at span: @autoclosure () -> Span, in function: @autoclosure () -> String
  ) throws -> Value {
    let size = code.pointee.frameSize
    let frame = try c.reserve(size, at: span())
    var index = 0
    do {
      while index < arguments.count {
        (frame + index).initialize(to: try arguments[index].eval(f, c))
        index &+= 1
      }
    } catch {
      c.pop(frame, index)
      throw error
    }
    c.clear(frame, from: index, to: size)
    closure?.fillCaptures(frame, from: code.pointee.captureStart)
    do {
      let value = try code.pointee.run(frame, c)
      c.pop(frame, size)
      return value
    } catch {
      c.pop(frame, size)
      throw explained(error, at: span(), { arguments[$0] }, count: arguments.count, .nil, in: function(), c)
    }
  }

  /// Calls a method with exactly as many values as it has parameters.
  @inline(__always)
  static func method(
    _ method: FunctionCode, of instance: ModelInstance, count: Int, _ f: Frame, _ c: Context, at span: Span,
    in function: String, _ argument: (Int) -> Ref
  ) throws -> Value {
    let code = method.prepared(c).pointee
    let frame = try c.push(code.frameSize, at: span)
    do {
      (frame).initialize(to: .model(instance))
      for index in 0..<count { (frame + 1 + index).initialize(to: try argument(index).eval(f, c)) }
    } catch {
      c.pop(frame, code.frameSize)
      throw error
    }
    do {
      let value = try c.inside(instance, method) { try code.run(frame, c) }
      c.pop(frame, code.frameSize)
      return value
    } catch {
      c.pop(frame, code.frameSize)
      throw explained(error, at: span, argument, count: count, .model(instance), in: function, c)
    }
  }

  /// Notes where what a call gives was made: a tensor, a model, or a few of them in a list, or in lists in one.
  @inline(__always)
  static func made(_ value: Value, _ site: UInt32, depth: Int = 2) -> Value {
    switch value {
    case .tensor(let tensor):
      // Those without a place, and those from within the standard library.
      if tensor.origin &- 1 >= Sites.library - 1 { tensor.origin = site }
    case .model(let instance):
      if instance.origin == 0 { instance.origin = site }
    case .list(let list):
      if list.count <= 4, depth > 0 { made(list, site, depth: depth - 1) }
    default: break
    }
    return value
  }

  @inline(never)
  private static func made(_ items: ListBox, _ site: UInt32, depth: Int) {
    for item in items { _ = made(item, site, depth: depth) }
  }

  @inline(never)
  private static func explained(
    _ error: any Error, at span: Span, _ argument: (Int) -> Ref, count: Int, _ target: Value, in function: String,
    _ c: Context
  ) -> any Error {
    let operands = error is Failure ? (0..<count).map { Operand(value: .nil, span: argument($0).span) } : []
    return explained(error, at: span, operands, target, in: function, c)
  }

  /// An error of a callee: one about the call itself gets its place, any other the call on its trace.
  static func explained(
    _ error: any Error, at span: Span, _ operands: [Operand], _ target: Value, in function: String, _ c: Context
  ) -> any Error {
    switch error {
    case var failure as Failure:
      if failure.kind == .shape, let instance = instance(of: target) {
        failure.notes.insert(c.note(of: instance, at: span), at: 0)
      }
      return c.diagnose(failure, at: span, operands: operands)
    case is TensorError, is Interrupted: return c.diagnose(error, at: span, operands: operands)
    case is Diagnostic, is Stop, is Raised: return c.traced(error, at: span, in: function)
    default: return error
    }
  }

  /// The model whose method a call runs.
  private static func instance(of target: Value) -> ModelInstance? {
    switch target {
    case .model(let instance): instance
    case .callable(let callable): (callable as? BoundMethod)?.instance
    default: nil
    }
  }
}

extension Context {
  /// Calls any value.
  func call(_ target: Value, _ arguments: Arguments) throws -> Value {
    switch target {
    case .closure(let closure): return try call(closure.code, closure: closure, self: nil, arguments)
    case .callable(let callable): return try callable.call(arguments, self)
    case .model(let instance):
      guard let forward = try instance.member("forward", self) else {
        throw Mistakes.noForward(instance.type.name)
      }
      return try call(forward, arguments)
    default: throw Mistakes.notCallable(target)
    }
  }

  /// Calls a value with values by place.
  func call(_ target: Value, _ values: [Value]) throws -> Value {
    try Caller(target, count: values.count, self).call(values, self)
  }

  /// Calls a method.
  func call(_ method: FunctionCode, self instance: ModelInstance, _ arguments: Arguments) throws -> Value {
    try inside(instance, method) { try call(method, closure: nil, self: instance, arguments) }
  }

  /// Runs a method's body: `is_training()` asks about its model.
  @inline(__always)
  func inside(_ instance: ModelInstance, _ method: FunctionCode, _ body: () throws -> Value) throws -> Value {
    let outer = currentModel
    currentModel = instance
    defer { currentModel = outer }
    if let layerTrace { return try layerTrace.watch(instance, method, self, body) }
    return try body()
  }

  private func call(
    _ code: FunctionCode, closure: Closure?, self instance: ModelInstance?, _ arguments: Arguments
  ) throws -> Value {
    let entry = code.prepared(self).pointee
    let frame = try push(entry.frameSize, at: .none)
    defer { pop(frame, entry.frameSize) }
    if let instance { store(frame, .model(instance)) }
    closure?.fillCaptures(frame, from: entry.captureStart)
    try bind(arguments, to: code.literal.parameters, code.signature, code.prologue, frame, code.firstParameter)
    do {
      return try entry.run(frame, self)
    } catch let failure as Failure {
      throw failure.placed(by: arguments, code.signature)
    }
  }

  /// Stores arguments into the slots of parameters: by place, by name, the rest, and the block for the last one.
  func bind(
    _ arguments: Arguments, to parameters: [NNSSyntax.Parameter], _ signature: Signature, _ prologue: Prologue?,
    _ frame: Frame, _ first: Int
  ) throws {
    var next = 0
    var rest: [Value] = []
    let ordinary = parameters.count - (signature.hasRest ? 1 : 0)
    for value in arguments.positional {
      if next < ordinary {
        store(frame + first + next, value)
        next += 1
      } else if signature.hasRest {
        rest.append(value)
      } else {
        throw Mistakes.tooMany(signature, given: arguments.positional.count + (arguments.block == nil ? 0 : 1))
      }
    }
    for (name, value) in arguments.named {
      guard let index = signature.parameters.firstIndex(where: { $0.name == name && !$0.isRest }) else {
        throw Mistakes.unknownArgument(name, signature)
      }
      if !frame[first + index].isUnset { throw Mistakes.argumentTwice(name, signature) }
      store(frame + first + index, value)
    }
    if let block = arguments.block {
      if signature.hasRest {
        rest.append(block)
      } else {
        guard !parameters.isEmpty else { throw Mistakes.blockForNothing(signature) }
        let slot = first + parameters.count - 1
        if !frame[slot].isUnset { throw Mistakes.tooMany(signature, given: arguments.positional.count + 1) }
        store(frame + slot, block)
      }
    }
    if signature.hasRest { store(frame + first + ordinary, .list(rest)) }
    for index in 0..<ordinary where frame[first + index].isUnset {
      guard let value = try prologue?.defaultValue(index, frame, self) else {
        let missing = (index..<ordinary).filter {
          frame[first + $0].isUnset && !(prologue?.hasDefault($0) ?? false)
        }
        throw Mistakes.missing(missing, signature, given: arguments.count)
      }
      store(frame + first + index, value)
    }
  }
}

/// Something that is called again and again with as many values: what can be looked up once is.
struct Caller {
  private let target: Value
  /// The script's function, where it takes exactly as many values; ``target`` keeps it.
  private let closure: Unmanaged<Closure>?
  private let code: FunctionCode.Entry?
  private let nowhere = Span.none

  init(_ target: Value, count: Int, _ c: Context) {
    self.target = target
    if case .closure(let closure) = target, closure.code.exactCount == count {
      self.closure = .passUnretained(closure)
      code = closure.code.prepared(c).pointee
    } else {
      closure = nil
      code = nil
    }
  }

  // The first few counts go without a list.

  @inline(__always)
  func call(_ c: Context) throws -> Value { try run([], c) { _ in } }

  @inline(__always)
  func call(_ a: Value, _ c: Context) throws -> Value { try run([a], c) { $0.initialize(to: a) } }

  @inline(__always)
  func call(_ a: Value, _ b: Value, _ c: Context) throws -> Value {
    try run([a, b], c) { frame in
      frame.initialize(to: a)
      (frame + 1).initialize(to: b)
    }
  }

  func call(_ values: [Value], _ c: Context) throws -> Value {
    try run(values, c) { frame in
      for (slot, value) in values.enumerated() { (frame + slot).initialize(to: value) }
    }
  }

  /// - Parameter fill: stores the values in a frame.
  @inline(__always)
  private func run(_ values: @autoclosure () -> [Value], _ c: Context, _ fill: (Frame) -> Void) throws -> Value {
    do {
      guard let closure, let code else { return try c.call(target, Arguments(values())) }
      let frame = try c.push(code.frameSize, at: nowhere)
      defer { c.pop(frame, code.frameSize) }
      fill(frame)
      closure._withUnsafeGuaranteedRef { $0.fillCaptures(frame, from: code.captureStart) }
      return try code.run(frame, c)
    } catch {
      throw Caller.detached(error, target, values)
    }
  }

  /// An error about the arguments, which are no operands of the call that stands in the script.
  @inline(never)
  private static func detached(_ error: any Error, _ target: Value, _ values: () -> [Value]) -> any Error {
    switch error {
    case var failure as Failure:
      failure.argument = nil
      if failure.arity?.missing != nil, case .closure(let closure) = target, values().count == 1,
        case .list(let list)? = values().first, list.count == closure.code.literal.parameters.count
      {
        failure.help = Mistakes.takenApart(closure.code.signature)
      }
      failure.arity = nil
      return failure
    case var error as TensorError:
      error.operands = []
      if error.help?.contains("$") ?? false { error.help = nil }
      return error
    default: return error
    }
  }
}
