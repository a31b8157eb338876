import NNSSyntax

/// What a script may reach outside itself. Nothing below this reads a file, a clock or the environment.
public struct Host: Sendable {
  /// Takes what `print` writes.
  public var output: @Sendable (String) -> Void
  /// Takes warnings about texts that are run, with the texts that they point into.
  public var diagnostics: @Sendable (Diagnostic, SourceMap) -> Void = { _, _ in }
  /// Takes progress of long work. Text that begins with a carriage return stands in place of the unfinished line before.
  public var progress: @Sendable (String) -> Void
  /// Columns of the terminal that progress goes to; `nil` where it is none, and lines are only ever added.
  public var progressWidth: @Sendable () -> Int?
  /// Asks for a line; `nil` at the end of the input.
  public var input: @Sendable (_ prompt: String) -> String?
  /// What `args` gives: the strings after the script's name.
  public var arguments: [String]
  /// Seconds from a fixed but unknown moment.
  public var clock: @Sendable () -> Double
  /// The files that a script may read and write.
  public var files: any FileAccess
  /// Whether what takes the output shows the colours of a terminal.
  public var showsColors = false
  /// What random numbers begin with; `nil` takes it from the clock.
  public var seed: UInt64?
  /// The text of a module: asked for `import name` and for `import "path"` (as seen from the folder of the importing text),
  /// before the standard library and the files. `nil` where it has none.
  public var modules: (@Sendable (_ name: String) throws -> String?)?
  /// Bytes of memory in use, of those that ``Limits/memory`` bounds; `nil` where nobody can tell. Asked now and then, so
  /// that many small values end in a limit error too rather than with the process.
  public var memoryInUse: @Sendable () -> Int? = { nil }

  /// A host that allows what is given, and nothing else.
  public init(
    output: @escaping @Sendable (String) -> Void = { _ in }, progress: @escaping @Sendable (String) -> Void = { _ in },
    input: @escaping @Sendable (String) -> String? = { _ in nil }, arguments: [String] = [],
    clock: @escaping @Sendable () -> Double = { 0 }, files: (any FileAccess)? = nil,
    progressWidth: @escaping @Sendable () -> Int? = { nil }
  ) {
    self.output = output
    self.progress = progress
    self.progressWidth = progressWidth
    self.input = input
    self.arguments = arguments
    self.clock = clock
    self.files = files ?? NoFiles()
  }

  /// Allows nothing: output goes nowhere, there are no files and no input, the clock stands still, and random numbers are
  /// the same each time.
  public static var sandboxed: Host { Host() }
}
