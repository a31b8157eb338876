import Glibc
import NNS

/// The files of the machine.
struct Files: FileAccess {
  func read(_ path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw FileError("cannot read", path, errno) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw FileError("cannot read", path, errno) }
    guard !Self.isFolder(status) else { throw FileError("cannot read", path, EISDIR) }
    // The size is a hint only: files grow, and those of /proc have none.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(max(0, Int(status.st_size)) + 1)
    var buffer = [UInt8](repeating: 0, count: 1 << 17)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count > 0 {
        bytes += buffer[..<count]
      } else if count == 0 {
        return bytes
      } else if errno != EINTR {
        throw FileError("cannot read", path, errno)
      }
    }
  }

  /// Writes beside the file and puts the result in its place, so that a reader sees the old content or the new.
  func write(_ bytes: [UInt8], to path: String) throws {
    // What is no regular file (a terminal, a pipe, /dev/null) is written in place.
    var status = stat()
    let isSpecial = stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    let target = isSpecial ? path : path + ".\(getpid()).tmp"
    let file = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw FileError("cannot write", path, errno) }
    let result = writeAll(bytes, to: file)
    close(file)
    if isSpecial {
      if result != 0 { throw FileError("cannot write", path, result) }
    } else if result != 0 || rename(target, path) != 0 {
      let error = FileError("cannot write", path, result != 0 ? result : errno)
      unlink(target)
      throw error
    }
  }

  func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The names in a folder, sorted, without `.` and `..`.
  func list(_ folder: String) throws -> [String] {
    guard let stream = opendir(folder) else { throw FileError("cannot list", folder, errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
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
    if isFolder(path) { throw FileError("cannot read", path, EISDIR) }
    if access(path, R_OK) != 0 { throw FileError("cannot read", path, errno) }
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

/// What the system says of a file.
struct FileError: Error, CustomStringConvertible {
  let description: String

  init(_ attempt: String, _ path: String, _ number: Int32) {
    description = "\(attempt) \"\(path)\": \(errorText(number))"
  }
}
