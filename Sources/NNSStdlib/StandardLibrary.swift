import CStdlib

/// The files of `stdlib/`, embedded in the program: modules in NNS, and their data.
public enum StandardLibrary {
  /// The names of all files, with their endings.
  public static var fileNames: [String] { files.map(\.name) }

  /// The names of the modules, without `.nns`; those of the prelude begin with `prelude/`.
  public static var moduleNames: [String] {
    fileNames.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }
  }

  /// The modules that `import` finds; those in folders are parts of others.
  public static var importNames: [String] { moduleNames.filter { !$0.contains("/") } }

  /// The names that are visible everywhere without an import.
  public static var preludeNames: [String] { prelude.keys.sorted() }

  /// The module of `prelude/` that declares a name, or `nil` where none does.
  public static func preludeFile(of name: String) -> String? { prelude[name] }

  /// The text of a module, or `nil` where there is none of that name.
  public static func source(named module: String) -> String? {
    data(named: module + ending).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes of a file, which last as long as the program, or `nil` where there is none of that name.
  public static func data(named file: String) -> UnsafeRawBufferPointer? {
    files.first { $0.name == file }?.bytes
  }

  private static let ending = ".nns"
  private static let preludeFolder = "prelude/"

  /// Names to modules, from the lines that begin with `fn name` or `model name`: parsing waits until a name is used.
  private static let prelude: [String: String] = {
    var modules: [String: String] = [:]
    for (file, bytes) in files where file.hasPrefix(preludeFolder) && file.hasSuffix(ending) {
      for line in bytes.split(separator: UInt8(ascii: "\n")) {
        guard let keyword = ["fn ", "model "].first(where: { line.starts(with: $0.utf8) }) else { continue }
        let name = line.dropFirst(keyword.utf8.count).prefix { $0 != UInt8(ascii: "(") }
        if name.first != UInt8(ascii: "_") {
          modules[String(decoding: name, as: UTF8.self)] = String(file.dropLast(ending.count))
        }
      }
    }
    return modules
  }()

  private static var files: some Collection<(name: String, bytes: UnsafeRawBufferPointer)> {
    (0..<nns_stdlib_count()).lazy.map { index in
      let file = nns_stdlib_get(index)
      return (String(cString: file.name), UnsafeRawBufferPointer(start: file.bytes, count: file.size))
    }
  }
}
