import CThread

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Files of the machine within folders, and no others: what a host gives to scripts that it does not trust.
///
/// ```swift
/// host.files = try Folders(.reading("/srv/app/data", as: "data"), .writing("/tmp/results", as: "results"))
/// ```
/// A script then reads `data/train.csv` and writes `results/net.safetensors`. The folders are opened once, and a path is
/// followed from there part by part: `..` cannot leave a folder, an absolute path leads nowhere unless a folder was given by
/// one, and symbolic links are never followed, even if somebody puts one in the way or renames a folder in the meantime. Only
/// regular files are read and written: no devices, pipes or sockets, and nothing of `/proc` and its like. Hard links and
/// mounts within a folder are its own files.
public final class Folders: FileAccess {
  /// One folder, and what may be done in it.
  public struct Grant: Sendable {
    /// Where it is on the machine.
    public var path: String
    /// What scripts call it: `data`. With the empty name, paths without a folder's name are looked for in it.
    public var name: String
    /// Whether scripts may read its files and list its folders.
    public var isReadable: Bool
    /// Whether scripts may make and replace files in it.
    public var isWritable: Bool

    /// A folder to read from, which scripts call by the path that is given unless `name` says otherwise.
    public static func reading(_ path: String, as name: String? = nil) -> Grant {
      Grant(path: path, name: name ?? path, isReadable: true, isWritable: false)
    }
    /// A folder to write to.
    public static func writing(_ path: String, as name: String? = nil) -> Grant {
      Grant(path: path, name: name ?? path, isReadable: false, isWritable: true)
    }
    /// A folder to read from and to write to.
    public static func readingAndWriting(_ path: String, as name: String? = nil) -> Grant {
      Grant(path: path, name: name ?? path, isReadable: true, isWritable: true)
    }
  }

  private struct Root {
    let descriptor: Int32
    let name: [String]
    let isReadable: Bool
    let isWritable: Bool

    /// Whether a path lies in it. An absolute one does only where the name is absolute: after that no part is a `/`.
    func holds(_ parts: [String]) -> Bool {
      parts.starts(with: name) && (parts.first == "/") == (name.first == "/")
    }
  }

  private let roots: [Root]
  /// What relative paths are seen from; empty for nothing.
  private let base: String

  /// Opens folders.
  ///
  /// - Throws: ``FileAccessError`` where one is no folder that can be opened.
  public convenience init(_ grants: Grant...) throws(FileAccessError) { try self.init(grants) }

  /// Opens folders.
  ///
  /// - Parameter base: what a script's relative paths and the folders' names are seen from: the current folder, say, so that
  ///   a script may name a file by its absolute path as well as by a relative one.
  public init(_ grants: [Grant], relativeTo base: String = "") throws(FileAccessError) {
    self.base = base
    var roots: [Root] = []
    for grant in grants {
      let descriptor = open(grant.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0, let name = Folders.parts(grant.name, base) else {
        let reason = descriptor < 0 ? Folders.reason() : "its name leads out of all folders"
        close(descriptor)
        for root in roots { close(root.descriptor) }
        throw FileAccessError("\(grant.path): \(reason)")
      }
      roots.append(
        Root(descriptor: descriptor, name: name, isReadable: grant.isReadable, isWritable: grant.isWritable))
    }
    self.roots = roots
  }

  deinit { for root in roots { close(root.descriptor) } }

  // MARK: FileAccess

  /// The bytes of a regular file.
  public func read(_ path: String, check: (Int) throws -> Void) throws -> [UInt8] {
    try inFolder(of: path, { $0.isReadable }, "read") { folder, name in
      let file = try Folders.openFile(folder, name)
      defer { close(file) }
      let size = try Folders.status(of: file).st_size
      try check(Int(size))
      return try Folders.bytes(of: file, upTo: Int(size)) { try check(Int(size)) }
    }
  }

  /// Writes beside the file and puts the result in its place. Folders on the way are made where they are missing.
  public func write(_ bytes: [UInt8], to path: String, check: () throws -> Void) throws {
    try write(bytes, to: path, isDurable: false, check)
  }

  /// Gives what is there another name too, and then replaces it.
  public func write(_ bytes: [UInt8], to path: String, keepingPrevious previous: String) throws {
    try inFolder(of: path, { $0.isWritable }, "write", makesFolders: true) { folder, name in
      var status = stat()
      guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, Folders.isRegular(status) else { return }
      try inFolder(of: previous, { $0.isWritable }, "write", makesFolders: true) { other, otherName in
        let temporary = Folders.temporaryName()
        guard linkat(folder, name, other, temporary, 0) == 0 else { throw FileAccessError(Folders.reason()) }
        let failure = renameat(other, temporary, other, otherName) == 0 ? 0 : errno
        // Where both were names of one file, the first is still there.
        unlinkat(other, temporary, 0)
        if failure != 0 { throw FileAccessError(Folders.reason(failure)) }
      }
    }
    try write(bytes, to: path, isDurable: true) {}
  }

  /// - Parameter isDurable: whether it is to outlast a loss of power.
  private func write(_ bytes: [UInt8], to path: String, isDurable: Bool, _ check: () throws -> Void) throws {
    try inFolder(of: path, { $0.isWritable }, "write", makesFolders: true) { folder, name in
      var status = stat()
      var mode: mode_t = 0o666
      if fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
        guard Folders.isRegular(status) else { throw Folders.notRegular(status) }
        mode = status.st_mode & 0o777
      }
      try Folders.check(folder)
      let (file, temporary) = try Folders.temporary(in: folder, mode)
      var failure: Int32
      do {
        failure = try writeAll(bytes, to: file, check: check)
      } catch {
        close(file)
        unlinkat(folder, temporary, 0)
        throw error
      }
      if isDurable, failure == 0, fsync(file) != 0 { failure = errno }
      if close(file) != 0, failure == 0 { failure = errno }
      if failure == 0, renameat(folder, temporary, folder, name) != 0 { failure = errno }
      if failure != 0 {
        unlinkat(folder, temporary, 0)
        throw FileAccessError(Folders.reason(failure))
      }
      if isDurable { fsync(folder) }
    }
  }

  /// Whether there is a regular file or a folder.
  public func exists(_ path: String) throws -> Bool {
    do {
      return try inFolder(of: path, { $0.isReadable }, "read") { folder, name in
        var status = stat()
        return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
          && (Folders.isRegular(status) || status.st_mode & S_IFMT == S_IFDIR)
      }
    } catch let error as FileAccessError where error.isMissing {
      return false
    }
  }

  /// The names in a folder, sorted, without `.` and `..`.
  public func list(_ path: String) throws -> [String] {
    try inFolder(of: path, { $0.isReadable }, "read") { folder, name in
      let descriptor = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { throw FileAccessError(Folders.reason()) }
      guard (try? Folders.check(descriptor)) != nil, let stream = fdopendir(descriptor) else {
        close(descriptor)
        throw FileAccessError(Folders.reason(EACCES))
      }
      defer { closedir(stream) }
      return names(inFolder: stream)
    }
  }

  // MARK: Paths

  /// The parts of a path, `/` first for an absolute one, without `.` and with `..` taken back; `nil` where that would go above
  /// the first. Links are never followed, so that `name/..` is where it was.
  private static func parts(_ path: String, _ base: String) -> [String]? {
    guard !path.utf8.contains(0) else { return nil }
    let whole = path.hasPrefix("/") || base.isEmpty ? path : base + "/" + path
    var parts: [String] = whole.hasPrefix("/") ? ["/"] : []
    for part in whole.split(separator: "/") where part != "." {
      if part == ".." {
        guard let last = parts.last, last != "/" else { return nil }
        parts.removeLast()
      } else {
        parts.append(String(part))
      }
    }
    return parts
  }

  /// Finds the folder that a path's last part lies in, and does something there.
  ///
  /// - Parameter body: gets the folder, open, and the name in it; `.` where the path is a folder that was given.
  private func inFolder<Result>(
    of path: String, _ isAllowed: (Root) -> Bool, _ verb: String, makesFolders: Bool = false,
    _ body: (Int32, String) throws -> Result
  ) throws -> Result {
    guard let parts = Folders.parts(path, base),
      let root = roots.filter({ isAllowed($0) && $0.holds(parts) }).max(by: { $0.name.count < $1.name.count })
    else { throw FileAccessError("it is in no folder that scripts may \(verb)") }
    let rest = parts.dropFirst(root.name.count)
    guard let name = rest.last else { return try body(root.descriptor, ".") }
    var folder = root.descriptor
    defer { if folder != root.descriptor { close(folder) } }
    for part in rest.dropLast() {
      var next = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      if makesFolders, next < 0, errno == ENOENT, mkdirat(folder, part, 0o777) == 0 || errno == EEXIST {
        next = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      }
      let failure = errno
      if folder != root.descriptor { close(folder) }
      folder = next >= 0 ? next : root.descriptor
      guard next >= 0 else {
        throw FileAccessError(Folders.reason(failure), isMissing: failure == ENOENT)
      }
    }
    return try body(folder, name)
  }

  // MARK: Files

  /// Opens a regular file to read from, and nothing else.
  private static func openFile(_ folder: Int32, _ name: String) throws -> Int32 {
    // To open a device may do something, so what it is is asked before, and again of what was opened.
    var status = stat()
    guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw FileAccessError(reason()) }
    guard isRegular(status) else { throw notRegular(status) }
    let file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard file >= 0 else { throw FileAccessError(reason()) }
    do {
      let status = try self.status(of: file)
      guard isRegular(status) else { throw notRegular(status) }
      try check(file)
      return file
    } catch {
      close(file)
      throw error
    }
  }

  private static func status(of file: Int32) throws -> stat {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw FileAccessError(reason()) }
    return status
  }

  private static func isRegular(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFREG }

  private static func notRegular(_ status: stat) -> FileAccessError {
    switch status.st_mode & S_IFMT {
    case S_IFDIR: FileAccessError(reason(EISDIR))
    case S_IFLNK: FileAccessError("it is a symbolic link, which scripts may not follow")
    default: FileAccessError("it is no regular file")
    }
  }

  /// Refuses what is no real file system but a view of the machine: `/proc`, `/sys` and their like.
  private static func check(_ file: Int32) throws {
    if nns_is_kernel_view(file) != 0 { throw FileAccessError("it is no regular file") }
  }

  /// At most so many bytes, a megabyte at a time.
  private static func bytes(of file: Int32, upTo size: Int, check: () throws -> Void) throws -> [UInt8] {
    var failure: (any Error)?
    let bytes = [UInt8](unsafeUninitializedCapacity: max(size, 0)) { buffer, count in
      while count < size {
        do { try check() } catch {
          failure = error
          return
        }
        let got = systemRead(file, buffer.baseAddress.map { $0 + count }, min(size - count, 1 << 20))
        if got > 0 {
          count += got
        } else if got == 0 {
          return
        } else if errno != EINTR {
          failure = FileAccessError(reason())
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// A new file beside the one to be replaced, that nobody else has.
  private static func temporary(in folder: Int32, _ mode: mode_t) throws -> (file: Int32, name: String) {
    while true {
      let name = temporaryName()
      let file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
      if file >= 0 { return (file, name) }
      guard errno == EEXIST || errno == EINTR else { throw FileAccessError(reason()) }
    }
  }

  private static func temporaryName() -> String { ".nns-\(String(UInt64.random(in: 0 ... .max), radix: 36)).tmp" }

  /// The system's words for an error.
  private static func reason(_ number: Int32 = errno) -> String {
    if number == ELOOP { return "it is a symbolic link, which scripts may not follow" }
    return errorText(number)
  }
}

// A member of the same name hides the system's function.
private func systemRead(_ file: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
  read(file, buffer, count)
}
