import Glibc
import Synchronization

/// Standard input, line by line; Ctrl-C ends the waiting.
final class StandardInput: Sendable {
  private let buffer = Mutex<[UInt8]>([])

  /// The next line without its end, or `nil` at the end of the input and after Ctrl-C.
  func readLine() -> String? {
    buffer.withLock { buffer in
      while true {
        if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
          let line = buffer[..<end]
          defer { buffer.removeSubrange(...end) }
          return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
        let more = readSome()
        if more.isEmpty {
          defer { buffer = [] }
          return buffer.isEmpty ? nil : String(decoding: buffer, as: UTF8.self)
        }
        buffer += more
      }
    }
  }

  /// Everything up to the end of the input.
  func readAll() -> [UInt8] {
    var bytes: [UInt8] = []
    while case let more = readSome(), !more.isEmpty { bytes += more }
    return bytes
  }

  private func readSome() -> [UInt8] {
    var waits = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: Interrupts.wakeUp, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&waits, nfds_t(waits.count), -1) < 0, errno == EINTR {}
    if waits[1].revents != 0 {
      // At once, so that the script does not go on as if the input had ended.
      Interrupts.cancelNow()
      return []
    }
    return [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
      count = max(0, read(STDIN_FILENO, buffer.baseAddress, buffer.count))
    }
  }
}
