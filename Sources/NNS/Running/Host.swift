import NNSTensor

/// What a script may reach outside itself. Nothing below this reads a file, a clock or the environment.
public struct Host: Sendable {
  /// Takes what `print` writes.
  public var output: @Sendable (String) -> Void
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
  /// Bytes of memory in use, of those that ``Limits/memory`` bounds; `nil` where nobody can tell. Asked now and then, so
  /// that many small values end in a limit error too rather than with the process.
  public var memoryInUse: @Sendable () -> Int? = { nil }

  /// A host of one's own.
  public init(
    output: @escaping @Sendable (String) -> Void, progress: @escaping @Sendable (String) -> Void,
    input: @escaping @Sendable (String) -> String?, arguments: [String], clock: @escaping @Sendable () -> Double,
    files: any FileAccess, progressWidth: @escaping @Sendable () -> Int? = { nil }
  ) {
    self.output = output
    self.progress = progress
    self.progressWidth = progressWidth
    self.input = input
    self.arguments = arguments
    self.clock = clock
    self.files = files
  }

  /// Allows nothing: output goes nowhere, there are no files, the clock stands still.
  public static var sandboxed: Host {
    Host(
      output: { _ in }, progress: { _ in }, input: { _ in nil }, arguments: [], clock: { 0 }, files: NoFiles())
  }
}

/// The files that a script may reach.
public protocol FileAccess: Sendable {
  /// The bytes of a file.
  func read(_ path: String) throws -> [UInt8]
  /// Replaces a file as a whole: it is either the old one or the new one, never half.
  func write(_ bytes: [UInt8], to path: String) throws
  /// Replaces a file as `write` does, so that it outlasts a loss of power; what it held before stays under another name.
  /// At every moment there is a whole file under the first name, where there was one before.
  func write(_ bytes: [UInt8], to path: String, keepingPrevious previous: String) throws
  /// Whether there is a file or folder.
  func exists(_ path: String) throws -> Bool
  /// The names in a folder, sorted.
  func list(_ path: String) throws -> [String]
}

extension FileAccess {
  /// As far as the other methods reach.
  public func write(_ bytes: [UInt8], to path: String, keepingPrevious previous: String) throws {
    if try exists(path) { try write(read(path), to: previous) }
    try write(bytes, to: path)
  }
}

/// Why a file could not be read or written.
public struct FileAccessError: Error, Sendable {
  /// What the system said: `No such file or directory`.
  public let reason: String
  /// What went wrong.
  public init(_ reason: String) { self.reason = reason }
}

private struct NoFiles: FileAccess {
  func read(_ path: String) throws -> [UInt8] { throw FileAccessError("the host allows no files") }
  func write(_ bytes: [UInt8], to path: String) throws { throw FileAccessError("the host allows no files") }
  func exists(_ path: String) throws -> Bool { throw FileAccessError("the host allows no files") }
  func list(_ path: String) throws -> [String] { throw FileAccessError("the host allows no files") }
}

/// What a script may use up.
public struct Limits: Sendable {
  /// Loop passes, calls and elements of tensor work.
  public var steps = Int.max
  /// Bytes held at one time: by all tensors, by any one large value, and by everything together where
  /// ``Host/memoryInUse`` tells.
  public var memory = Int.max
  /// Nested calls.
  public var depth = 200_000
  /// Bytes of one source text.
  public var sourceSize = 64 << 20
  /// Threads that a large kernel may use, the caller's included. Results do not depend on it.
  public var threads = Engine.processorCount

  /// No limits but those that keep the host safe.
  public init(
    steps: Int = .max, memory: Int = .max, depth: Int = 200_000, sourceSize: Int = 64 << 20,
    threads: Int = Engine.processorCount
  ) {
    self.steps = steps
    self.memory = memory
    self.depth = depth
    self.sourceSize = sourceSize
    self.threads = threads
  }
}
