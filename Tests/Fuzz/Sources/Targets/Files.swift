import NNS
import Synchronization

/// Files in memory: the fuzzer's under every name, until one is written.
final class Files: FileAccess {
  private let content = Mutex<(read: [UInt8], written: [String: [UInt8]])>(([], [:]))

  /// Makes bytes the content of every file.
  func set(_ bytes: [UInt8]) { content.withLock { $0 = (bytes, [:]) } }

  func read(_ path: String, check: (Int) throws -> Void) throws -> [UInt8] {
    let bytes = content.withLock { $0.written[path] ?? $0.read }
    try check(bytes.count)
    return bytes
  }

  func write(_ bytes: [UInt8], to path: String, check: () throws -> Void) throws {
    content.withLock { $0.written[path] = bytes }
  }
  func exists(_ path: String) throws -> Bool { true }
  func list(_ path: String) throws -> [String] { ["a"] }
}
