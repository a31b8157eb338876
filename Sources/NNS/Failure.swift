import NNSSyntax

/// An error of a built-in, which knows its argument but not its place in the text.
struct Failure: Error {
  var kind: Diagnostic.Kind
  var message: String
  var help: String?
  /// The position of the argument at fault.
  var argument: Int?
  var notes: [Diagnostic.Note] = []

  init(_ kind: Diagnostic.Kind, _ message: String, help: String? = nil, argument: Int? = nil) {
    self.kind = kind
    self.message = message
    self.help = help
    self.argument = argument
  }

  /// The same for a call whose arguments came in another order than the parameters.
  func placed(by arguments: Arguments, _ signature: Signature) -> Failure {
    guard let argument, argument < signature.parameters.count else { return self }
    var failure = self
    failure.argument = arguments.position(of: argument, signature.parameters[argument].name ?? "")
    return failure
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
