import NNSSyntax

/// Why a script failed.
public struct NNSError: Error, Sendable {
  /// The mistakes, at least one unless ``exitCode`` is set.
  public var diagnostics: [Diagnostic]
  /// The texts that their spans point into.
  public var sources: SourceMap
  /// What the script gave `exit(n)`.
  public var exitCode: Int32?
  /// Whether it was stopped by `cancel()`.
  public var isInterrupt: Bool

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
    switch c.diagnose(error, at: .none) {
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
}
