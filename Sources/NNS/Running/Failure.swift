import NNSSyntax

/// An error of a built-in, which knows its argument but not its place in the text.
struct Failure: Error {
  var kind: Diagnostic.Kind
  var message: String
  var help: String?
  /// The position of the argument at fault.
  var argument: Int?
  var notes: [Diagnostic.Note] = []
  var labels: [Diagnostic.Label] = []
  /// The file at fault, whose name is an argument.
  var path: String?
  /// What a wrong number of arguments was.
  var arity: Arity?
  /// Whether the first argument's text belongs to the message.
  var quotesArgument = false

  init(_ kind: Diagnostic.Kind, _ message: String, help: String? = nil, argument: Int? = nil) {
    self.kind = kind
    self.message = message
    self.help = help
    self.argument = argument
  }

  /// Where the argument at fault stands.
  func place(among operands: [Operand]) -> Span? {
    if let argument, argument < operands.count { return operands[argument].span }
    guard let path else { return nil }
    return operands.first { if case .string(let text) = $0.value { text.string == path } else { false } }?.span
  }

  /// The same for a call whose arguments came in another order than the parameters.
  func placed(by arguments: Arguments, _ signature: Signature) -> Failure {
    guard let argument, argument < signature.parameters.count else { return self }
    var failure = self
    failure.argument = arguments.position(of: argument, signature.parameters[argument].name ?? "")
    return failure
  }
}

/// A call with too many arguments, or without some.
struct Arity {
  var signature: Signature
  var given: Int
  /// The positions of the parameters that were given nothing; `nil` where there were too many arguments.
  var missing: [Int]?
  /// What stands before the point of a method call.
  var receiver: String?

  /// The same as the method call has it that the arguments came from: there the first is no argument.
  var ofMethod: Arity {
    guard let first = signature.parameters.first, !first.isRest else { return self }
    return Arity(
      signature: Signature(name: signature.name, parameters: Array(signature.parameters.dropFirst())), given: given - 1,
      missing: missing.map { $0.map { $0 - 1 } }, receiver: first.name)
  }
}

/// An error that scripts cannot catch: an interrupt, a host's limit, `exit(n)`.
struct Stop: Error {
  var diagnostic: Diagnostic
  /// What `exit(n)` was given.
  var exitCode: Int32?

  init(_ diagnostic: Diagnostic, exitCode: Int32? = nil) {
    self.diagnostic = diagnostic
    self.exitCode = exitCode
  }
}

/// An error that a script has raised from a record, with the record.
final class Raised: Error, @unchecked Sendable {
  var diagnostic: Diagnostic
  let record: RecordBox

  init(_ diagnostic: Diagnostic, record: RecordBox) {
    self.diagnostic = diagnostic
    self.record = record
  }
}

/// `return`, `break` or `continue` inside a block that stands in an expression, on the way to its statement.
struct FlowSignal: Error {
  static let shared: any Error = FlowSignal()
}
