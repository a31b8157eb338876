import Foundation

/// What the tests, and the program and the library with them, are built with to find mistakes in the use of memory.
enum Sanitizer: String {
  case address = "asan"
  case thread = "tsan"

  /// The one that there is, if any.
  static let current: Sanitizer? =
    dlsym(nil, "__asan_init") != nil ? .address : dlsym(nil, "__tsan_init") != nil ? .thread : nil

  /// What it goes by, which programs that tests start need too.
  static let options: [String] = [address, thread].compactMap { sanitizer in
    let name = "\(sanitizer.rawValue.uppercased())_OPTIONS"
    return getenv(name).map { "\(name)=\(String(cString: $0))" }
  }

  /// What makes a compiler add it.
  var flags: [String] {
    let folder = Sanitizer.dispatch.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    let libraries = self == .thread ? ["-L\(folder)", "-ldispatch", "-lBlocksRuntime", "-Wl,-rpath,\(folder)"] : []
    return ["-fsanitize=\(self)"] + libraries
  }

  /// The library that a program must begin with to load one that is built so.
  var library: String { "libclang_rt.\(rawValue)-x86_64.so" }

  /// Those that it must begin with besides.
  var needed: [String] { self == .thread ? [Sanitizer.dispatch] : [] }

  /// The library Dispatch of these tests, without which Swift's thread sanitizer does not load.
  private static let dispatch: String = {
    // A file handle reads it to its end: its size is said to be 0.
    let maps = FileHandle(forReadingAtPath: "/proc/self/maps")?.readDataToEndOfFile() ?? Data()
    let line = String(decoding: maps, as: UTF8.self).split(separator: "\n").first { $0.hasSuffix("/libdispatch.so") }
    return String(line?.drop { $0 != "/" } ?? "")
  }()
}
