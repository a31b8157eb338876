import Foundation
import NNS
import NNSSyntax
import Synchronization

/// A text run by an interpreter of its own, with what it printed and how it ended.
struct RunningScript {
  let output: String
  /// The value of its last line, as `print` would show it.
  let value: String
  let error: NNSError?
  let sources: SourceMap

  /// - Parameter folder: where the script may read files; what it writes stays in memory.
  init(
    _ source: String, named name: String, folder: URL, inputs: [String] = [], arguments: [String] = [],
    progress: (@Sendable (String) -> Void)? = nil
  ) {
    let printed = Written()
    let lines = Written(lines: inputs)
    let interpreter = Interpreter(
      // Within the test runner, which looks at the whole stack at every throw, deep recursion takes long to end.
      limits: Limits(depth: 20_000),
      host: Host(
        output: { printed.append($0) }, progress: progress ?? { _ in },
        input: { prompt in
          printed.append(prompt)
          return lines.next()
        },
        arguments: arguments, clock: { ProcessInfo.processInfo.systemUptime }, files: OverlaidFiles(folder: folder)))
    do throws(NNSError) {
      value = interpreter.describe(try interpreter.run(source, named: name))
      error = nil
    } catch {
      value = ""
      self.error = error
    }
    output = printed.text
    sources = interpreter.sources
  }
}

/// Text that a script writes, and lines that it is given.
private final class Written: Sendable {
  private let content: Mutex<(text: String, lines: [String])>

  init(lines: [String] = []) { content = Mutex(("", lines)) }

  var text: String { content.withLock(\.text) }
  func append(_ text: String) { content.withLock { $0.text += text } }
  func next() -> String? { content.withLock { $0.lines.isEmpty ? nil : $0.lines.removeFirst() } }
}

/// Reads beneath a folder; what is written is kept in memory and read back from there.
final class OverlaidFiles: FileAccess {
  private let folder: URL
  private let written = Mutex<[String: [UInt8]]>([:])

  init(folder: URL) { self.folder = folder }

  func read(_ path: String, check: (Int) throws -> Void) throws -> [UInt8] {
    if let bytes = written.withLock({ $0[path] }) { return bytes }
    let url = try url(path)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw FileAccessError("No such file or directory")
    }
    guard !isFolder.boolValue else { throw FileAccessError("Is a directory") }
    return Array(try Data(contentsOf: url))
  }

  func write(_ bytes: [UInt8], to path: String, check: () throws -> Void) throws {
    _ = try url(path)
    written.withLock { $0[path] = bytes }
  }

  func exists(_ path: String) throws -> Bool {
    let isWritten = written.withLock { $0[path] != nil }
    return try isWritten || FileManager.default.fileExists(atPath: url(path).path)
  }

  func list(_ path: String) throws -> [String] {
    let url = try url(path)
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: url.path) else {
      throw FileAccessError("No such file or directory")
    }
    let prefix = path == "." ? "" : path + "/"
    let added = written.withLock { $0.keys.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) } }
    return Set(names + added.filter { !$0.contains("/") }.map(String.init)).sorted()
  }

  private func url(_ path: String) throws -> URL {
    guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
      throw FileAccessError("Permission denied")
    }
    return folder.appending(path: path)
  }
}
