import Glibc
import NNS

/// The files of the machine.
struct Files: FileAccess {
  /// What files that are read must fit into.
  let memory: MachineMemory

  init(memory: MachineMemory = MachineMemory()) { self.memory = memory }

  func read(_ path: String, check: (Int) throws -> Void) throws -> [UInt8] {
    // Pipes are waited for below, not in the system.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw FileAccessError(errorText(errno)) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw FileAccessError(errorText(errno)) }
    guard !Self.isFolder(status) else { throw FileAccessError(errorText(EISDIR)) }
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    var left = memory.left
    guard status.st_size < left else { throw Self.tooLarge(left) }
    try check(max(0, Int(status.st_size)))
    // The size is a hint only: files grow, and those of /proc have none.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(max(0, Int(status.st_size)) + 1)
    var buffer = [UInt8](repeating: 0, count: 1 << 17)
    while true {
      try check(bytes.count)
      var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
      if !isRegular, poll(&wait, 1, 20) == 0 { continue }
      let count = Glibc.read(file, &buffer, buffer.count)
      if count > 0 {
        if bytes.count + count > bytes.capacity {
          left = memory.left
          if 2 * bytes.capacity >= left { throw Self.tooLarge(left) }
        }
        bytes += buffer[..<count]
      } else if count == 0 {
        return bytes
      } else if errno != EINTR, errno != EAGAIN {
        throw FileAccessError(errorText(errno))
      }
    }
  }

  private static func tooLarge(_ left: Int) -> FileAccessError {
    FileAccessError("it is larger than the \(max(0, left)) bytes of memory that are left")
  }

  /// Writes beside the file and puts the result in its place, so that a reader sees the old content or the new. The
  /// folders that lead to it are made where they are missing.
  func write(_ bytes: [UInt8], to path: String, check: () throws -> Void) throws {
    var status = stat()
    let exists = stat(path, &status) == 0
    // What is no regular file (a terminal, a pipe, /dev/null) is written in place.
    let isSpecial = exists && status.st_mode & S_IFMT != S_IFREG
    // A link stays one: the file it leads to is replaced.
    let path = exists ? Self.resolved(path) : path
    let target = isSpecial ? path : path + ".\(getpid()).tmp"
    func opened() -> Int32 {
      open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, exists ? status.st_mode & 0o777 : 0o666)
    }
    var file = opened()
    if file < 0, errno == ENOENT, Self.makeFolders(to: path) { file = opened() }
    guard file >= 0 else { throw FileAccessError(errorText(errno)) }
    let result: Int32
    do {
      result = try writeAll(bytes, to: file, check: check)
    } catch {
      close(file)
      if !isSpecial { unlink(target) }
      throw error
    }
    close(file)
    if isSpecial {
      if result != 0 { throw FileAccessError(errorText(result)) }
    } else if result != 0 || rename(target, path) != 0 {
      let error = FileAccessError(errorText(result != 0 ? result : errno))
      unlink(target)
      throw error
    }
  }

  /// Whether all folders that lead to a file are there in the end; `errno` says why not.
  private static func makeFolders(to path: String) -> Bool {
    for (place, character) in zip(path.indices, path) where character == "/" && place != path.startIndex {
      if mkdir(String(path[..<place]), 0o777) != 0, errno != EEXIST { return false }
    }
    return true
  }

  /// Everything is on the disk before it gets a name, and the names are before this returns.
  func write(_ bytes: [UInt8], to path: String, keepingPrevious previous: String) throws {
    let (path, previous) = (Self.resolved(path), Self.resolved(previous))
    var status = stat()
    guard stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
      throw FileAccessError("it is no regular file")
    }
    let new = path + ".new"
    try Self.writeThrough(bytes, to: new)
    // The old content gets its second name beside the first, so that the first is never missing.
    let second = previous + ".new"
    unlink(second)
    if link(path, second) == 0 {
      try Self.check(rename(second, previous))
    } else if errno != ENOENT {
      // There are disks without second names.
      try Self.writeThrough(read(path), to: second)
      try Self.check(rename(second, previous))
    }
    try Self.check(rename(new, path))
    let slash = path.lastIndex(of: "/")
    try Self.synchronise(folder: slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
  }

  private static func writeThrough(_ bytes: [UInt8], to path: String) throws {
    var file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if file < 0, errno == ENOENT, makeFolders(to: path) {
      file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    }
    guard file >= 0 else { throw FileAccessError(errorText(errno)) }
    let result = writeAll(bytes, to: file)
    let synchronised = fsync(file)
    let reason = result != 0 ? result : errno
    close(file)
    guard result == 0, synchronised == 0 else {
      unlink(path)
      throw FileAccessError(errorText(reason))
    }
  }

  private static func synchronise(folder: String) throws {
    let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw FileAccessError(errorText(errno)) }
    defer { close(file) }
    // Some file systems cannot, and need not.
    if fsync(file) != 0, errno != EINVAL, errno != ENOTSUP { throw FileAccessError(errorText(errno)) }
  }

  private static func check(_ result: Int32) throws {
    if result != 0 { throw FileAccessError(errorText(errno)) }
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The names in a folder, sorted, without `.` and `..`.
  func list(_ folder: String) throws -> [String] {
    guard let stream = opendir(folder) else { throw FileAccessError(errorText(errno)) }
    defer { closedir(stream) }
    return names(inFolder: stream)
  }

  // MARK: For the command line

  /// Whether a path leads to a folder.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && isFolder(status)
  }

  private static func isFolder(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFDIR }

  /// Throws where a script named on the command line cannot be read.
  static func checkReadable(_ path: String) throws {
    if isFolder(path) { throw FileError(path, errorText(EISDIR)) }
    if access(path, R_OK) != 0 { throw FileError(path, errorText(errno)) }
  }

  /// The scripts in a folder and in the folders below it, those with a dot before their name left out.
  static func scripts(under folder: String) throws -> [String] {
    var found: [String] = []
    for name in try Files().list(folder) where !name.hasPrefix(".") {
      let path = folder == "." ? name : "\(folder)/\(name)"
      var status = stat()
      // A link to a folder could lead back to where it stands.
      guard lstat(path, &status) == 0 else { continue }
      if isFolder(status) {
        found += try scripts(under: path)
      } else if name.hasSuffix(".nns") {
        found.append(path)
      }
    }
    return found
  }
}

/// A file named on the command line that cannot be used.
struct FileError: Error, CustomStringConvertible {
  let description: String

  init(_ path: String, _ reason: String) { description = "cannot read \"\(path)\": \(reason)" }
}
