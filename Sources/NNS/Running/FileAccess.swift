/// The files that a script may reach. Every built-in that touches a file does so through it.
public protocol FileAccess: Sendable {
  /// The bytes of a file.
  ///
  /// - Parameter check: to be told how many bytes the file takes, before they are taken, and again every megabyte or so: what
  ///   it throws (a limit, a cancellation) ends the reading.
  /// - Throws: ``FileAccessError``, and what `check` throws.
  func read(_ path: String, check: (Int) throws -> Void) throws -> [UInt8]
  /// Replaces a file as a whole: it is either the old one or the new one, never half.
  ///
  /// - Parameter check: to be called every megabyte or so: what it throws (a cancellation) ends the writing, and the file stays
  ///   the old one.
  /// - Throws: ``FileAccessError``, and what `check` throws.
  func write(_ bytes: [UInt8], to path: String, check: () throws -> Void) throws
  /// Replaces a file as `write` does, so that it outlasts a loss of power; what it held before stays under another name.
  /// At every moment there is a whole file under the first name, where there was one before.
  func write(_ bytes: [UInt8], to path: String, keepingPrevious previous: String) throws
  /// Whether there is a file or folder.
  func exists(_ path: String) throws -> Bool
  /// The names in a folder, sorted.
  func list(_ path: String) throws -> [String]
}

extension FileAccess {
  /// The bytes of a file of any size.
  public func read(_ path: String) throws -> [UInt8] { try read(path) { _ in } }

  /// Replaces a file as a whole.
  public func write(_ bytes: [UInt8], to path: String) throws { try write(bytes, to: path) {} }

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
  /// Whether a folder on the way is not there.
  let isMissing: Bool
  /// What went wrong.
  public init(_ reason: String) { self.init(reason, isMissing: false) }

  init(_ reason: String, isMissing: Bool) {
    self.reason = reason
    self.isMissing = isMissing
  }
}

/// No files at all.
struct NoFiles: FileAccess {
  private let reason = FileAccessError("the host allows no files")
  func read(_ path: String, check: (Int) throws -> Void) throws -> [UInt8] { throw reason }
  func write(_ bytes: [UInt8], to path: String, check: () throws -> Void) throws { throw reason }
  func exists(_ path: String) throws -> Bool { throw reason }
  func list(_ path: String) throws -> [String] { throw reason }
}
