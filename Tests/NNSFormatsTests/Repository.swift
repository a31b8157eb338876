import Glibc

/// Files of the repository, found from where this source stands.
enum Repository {
  /// The path of a file given from the top of the repository.
  static func path(_ relative: String) -> String {
    let folders = #filePath.split(separator: "/").dropLast(3)
    return "/" + folders.joined(separator: "/") + "/" + relative
  }

  /// The bytes of a file; empty where it cannot be read.
  static func read(_ relative: String) -> [UInt8] {
    guard let file = fopen(path(relative), "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
  }
}
