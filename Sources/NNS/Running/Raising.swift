import NNSSyntax

typealias NNSErrorKind = Diagnostic.Kind

/// `raise` and `catch`: errors as values.
enum Raising {
  /// The error that `raise value` throws.
  static func error(for value: Value, at span: Span, _ c: Context) throws -> any Error {
    switch value {
    case .string(let text): return Diagnostic(.raise, text.string, at: span)
    case .record(let record):
      if let original = record as? ErrorBox { return original.error }
      guard case .string(let message)? = record["message"] else { throw Mistakes.raisedRecord(at: span) }
      var kind = Diagnostic.Kind.raise
      if case .string(let name)? = record["kind"] {
        guard let known = Diagnostic.Kind(rawValue: name.string), known != .interrupt else {
          throw Mistakes.raisedKind(name.string, at: span)
        }
        kind = known
      }
      var help: String?
      if case .string(let text)? = record["help"] { help = text.string }
      return Raised(Diagnostic(kind, message.string, at: span, help: help), record: record)
    default: throw Mistakes.raisedValue(value, at: span)
    }
  }

  /// What `catch err` gets; `nil` for what scripts cannot catch.
  static func value(of error: any Error, _ c: Context) -> Value? {
    let diagnostic: Diagnostic
    var extra: [(key: Text, value: Value)] = []
    switch error {
    case let error as Diagnostic: diagnostic = error
    case let raised as Raised:
      diagnostic = raised.diagnostic
      extra = raised.record.entries
    default: return nil
    }
    let file = c.sources.file(of: diagnostic.span)
    let record = ErrorBox(error)
    record["message"] = .string(diagnostic.message)
    record["kind"] = .string(diagnostic.kind.rawValue)
    record["line"] = file.map { .int($0.position(of: diagnostic.span.start).line) } ?? .nil
    record["file"] = file.map { .string($0.name) } ?? .nil
    for (key, value) in extra where record[key] == nil { record[key] = value }
    return .record(record)
  }
}

/// A caught error: a record that remembers what it was made of, so that `raise err` passes it on.
final class ErrorBox: RecordBox {
  let error: any Error

  init(_ error: any Error) {
    self.error = error
    super.init(layout: Layout([]), values: [])
  }
}
