import NNSSyntax
import NNSTensor

extension Interpreter {
  /// Gives scripts a Swift function.
  ///
  /// ```swift
  /// interpreter.define("scale(x, k)", doc: "x times k") { (x: Tensor, k: Double) in x * k }
  /// ```
  /// The arguments are converted and checked; a wrong one is an error that names it. A parameter of an optional type may be
  /// left out. The names in brackets are for calls by name, messages and `help`; without them parameters go by place.
  /// The function runs on the thread of the script. What it throws is an error at the call, which the script may catch.
  ///
  /// It is visible in every text that is run from now on, and in what the text imports.
  ///
  /// - Parameters:
  ///   - signature: the name, or the name with those of the parameters: `scale(x, k)`.
  ///   - module: the module that it is a member of, for scripts that `import` it; without one it is visible everywhere.
  ///   - doc: what `help` shows.
  public func define<each Argument: ScriptConvertible, Result: ScriptConvertible>(
    _ signature: String, in module: String? = nil, doc: String = "",
    _ body: @escaping @Sendable (repeat each Argument) throws -> Result
  ) {
    let function = HostFunction(signature, HostFunction.types(repeat (each Argument).self), doc: doc) { reader in
      let result = try body(repeat try reader.next((each Argument).self))
      return try reader.interpreter.own(result)
    }
    context.modules.host(module).define(function.name, .callable(function))
  }

  /// Gives scripts a Swift function without a result: calls of it give `nil`.
  public func define<each Argument: ScriptConvertible>(
    _ signature: String, in module: String? = nil, doc: String = "",
    _ body: @escaping @Sendable (repeat each Argument) throws -> Void
  ) {
    let function = HostFunction(signature, HostFunction.types(repeat (each Argument).self), doc: doc) { reader in
      try body(repeat try reader.next((each Argument).self))
      return .nil
    }
    context.modules.host(module).define(function.name, .callable(function))
  }

  /// Gives scripts a name for a value.
  ///
  /// - Parameter module: the module that it is a member of; without one it is visible everywhere.
  /// - Throws: ``NNSError`` where the value belongs to another interpreter, or a limit does not allow so much memory.
  public func define(
    _ name: String, in module: String? = nil, _ value: some ScriptConvertible
  ) throws(NNSError) {
    let own = try explained { try self.own(value) }
    switch own {
    case .nil, .bool, .int, .float, .string, .tensor, .range: break
    case .object(let object) where object is HostObjectBox: break
    default: context.modules.areTextsKept = true
    }
    context.modules.host(module).define(name, own)
  }
}

/// A Swift function as scripts have it.
final class HostFunction: Callable {
  typealias Body = (inout ArgumentReader) throws -> Value

  private let row: Builtin
  /// Whether the parameters have names of their own.
  private let isNamed: Bool
  private let body: Body

  /// - Parameters:
  ///   - signature: `name`, or `name(a, b)`.
  ///   - types: those of the parameters.
  init(_ signature: String, _ types: [any ScriptConvertible.Type], doc: String, _ body: @escaping Body) {
    let name = HostFunction.name(signature)
    let names = signature.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }.split(separator: ",")
      .map { String($0.filter { !$0.isWhitespace }) }
    let isNamed = names.count == types.count
    self.isNamed = isNamed
    self.body = body
    let parameters = types.enumerated().map { index, type in
      Builtin.Parameter(
        isNamed ? names[index] : "_", .any, type is any OptionalValue.Type ? .nil : .required)
    }
    row = ObjectMethod.row(name, parameters, doc)
    super.init(name)
  }

  /// The name in a signature.
  static func name(_ signature: String) -> String {
    String(signature.prefix { $0 != "(" }).filter { !$0.isWhitespace }
  }

  /// The types of a pack in a list.
  static func types<each T: ScriptConvertible>(_ type: repeat (each T).Type) -> [any ScriptConvertible.Type] {
    var types: [any ScriptConvertible.Type] = []
    repeat types.append(each type)
    return types
  }

  override var signatures: [Signature]? { [row.signature] }
  override var doc: String? { row.doc.isEmpty ? nil : row.doc }

  override func call(_ arguments: Arguments, _ c: Context) throws -> Value {
    guard let interpreter = c.interpreter else { return .nil }
    if !isNamed, let name = arguments.named.first?.name { throw Mistakes.unnamedParameters(row.signature, name) }
    let bound = try row.bind(arguments)
    var reader = ArgumentReader(function: row, isNamed: isNamed, arguments: bound, interpreter: interpreter)
    do {
      let value = try body(&reader)
      // A function that goes on after a script that it called was stopped ends here.
      try c.engine.budget.charge(work: 1)
      try c.engine.budget.check()
      return value
    } catch {
      throw HostFunction.passed(error, from: row.name, c)
    }
  }

  /// An error of a Swift function as one of the script that called it.
  static func passed(_ error: any Error, from function: String, _ c: Context) -> any Error {
    switch error {
    case let error as NNSError: error.cause(in: c) ?? Mistakes.hostError(function, error.message)
    case is Failure, is TensorError, is Interrupted, is Diagnostic, is Stop, is Raised: error
    default: Mistakes.hostError(function, "\(error)")
    }
  }
}

/// Converts the arguments of a call one after another.
struct ArgumentReader {
  fileprivate let function: Builtin
  fileprivate let isNamed: Bool
  fileprivate let arguments: BoundArguments
  let interpreter: Interpreter
  private var position = 0

  init(function: Builtin, isNamed: Bool, arguments: BoundArguments, interpreter: Interpreter) {
    self.function = function
    self.isNamed = isNamed
    self.arguments = arguments
    self.interpreter = interpreter
  }

  mutating func next<T: ScriptConvertible>(_ type: T.Type) throws -> T {
    let index = position
    position += 1
    do {
      return try T.from(ScriptValue(arguments[index], interpreter))
    } catch let error as ConversionError {
      let name = function.parameters[index].name
      throw Mistakes.hostArgument(
        function.name, isNamed ? Display.quoted(name) : "\(index + 1)", error,
        argument: arguments.given.position(of: index, name))
    }
  }
}
