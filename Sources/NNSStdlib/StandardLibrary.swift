import CStdlib

/// The files of `stdlib/`, embedded in the program: modules in NNS, and their data.
public enum StandardLibrary {
  /// The names of all files, with their endings.
  public static var fileNames: [String] { files.map(\.name) }

  /// The names of the modules, without `.nns`: the prelude and what `import` finds.
  public static var moduleNames: [String] {
    fileNames.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }
  }

  /// The text of a module, or `nil` where there is none of that name.
  public static func source(named module: String) -> String? {
    data(named: module + ending).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes of a file, which last as long as the program, or `nil` where there is none of that name.
  public static func data(named file: String) -> UnsafeRawBufferPointer? {
    files.first { $0.name == file }?.bytes
  }

  private static let ending = ".nns"

  private static var files: some Collection<(name: String, bytes: UnsafeRawBufferPointer)> {
    (0..<nns_stdlib_count()).lazy.map { index in
      let file = nns_stdlib_get(index)
      return (String(cString: file.name), UnsafeRawBufferPointer(start: file.bytes, count: file.size))
    }
  }
}
