import Foundation

/// Files of the repository, found from where this source stands.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

  static func file(_ path: String) -> URL { root.appending(path: path) }

  static func text(_ path: String) throws -> String { try String(contentsOf: file(path), encoding: .utf8) }

  /// Paths below a folder, relative to it, sorted.
  static func paths(under folder: String, ending: String) -> [String] {
    let found = FileManager.default.enumerator(atPath: file(folder).resolvingSymlinksInPath().path)
    return (found?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(ending) }.sorted()
  }
}
