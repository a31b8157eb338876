import Glibc

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
  var flag: String { "-fsanitize=\(self)" }

  /// The library that a program must begin with to load one that is built so.
  var library: String { "libclang_rt.\(rawValue)-x86_64.so" }
}
