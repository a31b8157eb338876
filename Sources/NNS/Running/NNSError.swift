import NNSSyntax

/// Why a script failed: ``kind``, ``message``, place, notes and trace as data, and all of it as text in ``rendered``.
public struct NNSError: Error, Sendable, CustomStringConvertible {
  /// The mistakes, at least one unless ``exitCode`` is set.
  public var diagnostics: [Diagnostic]
  /// The texts that their spans point into.
  public var sources: SourceMap
  /// What the script gave `exit(n)`.
  public var exitCode: Int32?
  /// Whether it was stopped by `cancel()`.
  public var isInterrupt: Bool
  /// What was thrown, and within which interpreter, so that it goes on there as it was.
  private var cause: (error: any Error, context: ObjectIdentifier)?

  /// A failure.
  public init(diagnostics: [Diagnostic], sources: SourceMap, exitCode: Int32? = nil, isInterrupt: Bool = false) {
    self.diagnostics = diagnostics
    self.sources = sources
    self.exitCode = exitCode
    self.isInterrupt = isInterrupt
  }

  init(_ error: any Error, _ c: Context) {
    sources = c.sources
    isInterrupt = false
    let error = c.diagnose(error, at: .none)
    cause = (error, ObjectIdentifier(c))
    switch error {
    case let error as NNSError: self = error
    case let error as Diagnostics: diagnostics = error.all
    case let error as Diagnostic: diagnostics = [error]
    case let error as Raised: diagnostics = [error.diagnostic]
    case let stop as Stop:
      diagnostics = stop.exitCode == nil ? [stop.diagnostic] : []
      exitCode = stop.exitCode
      isInterrupt = stop.diagnostic.kind == .interrupt && stop.exitCode == nil
    default: diagnostics = [Diagnostic(.value, "\(error)", at: .none)]
    }
  }

  /// What was thrown, for the interpreter in which it was.
  func cause(in c: Context) -> (any Error)? {
    cause.flatMap { $0.context == ObjectIdentifier(c) ? $0.error : nil }
  }
}

/// The first mistake, in parts.
extension NNSError {
  private var first: Diagnostic? { diagnostics.first }

  /// What went wrong; `interrupt` for `exit(n)`.
  public var kind: Diagnostic.Kind { first?.kind ?? .interrupt }
  /// One line that says what happened.
  public var message: String { first?.message ?? "exit(\(exitCode ?? 0))" }
  /// The smallest expression at fault, in one of ``sources``; ``Span/none`` where no text is.
  public var span: Span { first?.span ?? .none }
  /// The operands, and the rules that they break.
  public var notes: [Diagnostic.Note] { first?.notes ?? [] }
  /// What to do, where that is known.
  public var help: String? { first?.help }
  /// The calls on the way to the mistake, innermost first.
  public var trace: [Diagnostic.Frame] { first?.trace ?? [] }
  /// The file and the line of the mistake, counted from 1; `nil` where it has no place.
  public var place: (file: String, line: Int, column: Int)? {
    sources.file(of: span).map { file in
      let position = file.position(of: span.start)
      return (file.name, position.line, position.column)
    }
  }

  /// All mistakes as the command line shows them: with the lines at fault, notes, help and trace.
  public var rendered: String {
    diagnostics.isEmpty ? "\(message)\n" : Renderer().render(diagnostics, sources: sources)
  }

  /// The same as ``rendered``.
  public var description: String { rendered }
}
