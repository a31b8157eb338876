import Glibc
import NNS
import NNSSyntax
import Synchronization

/// Standard output and standard error of the process.
final class Console: Sendable {
  /// Bytes that wait for standard output.
  private struct Pending {
    var bytes: [UInt8] = []
    var lastFlush = 0.0
    /// Whether the last line of progress has no end yet: what is printed next takes its place.
    var isInLine = false
  }

  private let pending = Mutex(Pending())
  private let outputIsTerminal = isatty(STDOUT_FILENO) == 1
  private let errorIsTerminal = isatty(STDERR_FILENO) == 1

  /// Whether standard output is a terminal whose colours may be used.
  let showsColors: Bool
  /// What renders diagnostics for this process's standard error.
  let renderer: Renderer

  /// - Parameter isColored: whether colours may be used where the terminal has them.
  init(isColored: Bool = true) {
    let isTerminal = isatty(STDERR_FILENO) == 1
    let isPlain = environment("NO_COLOR") != nil || environment("TERM") == "dumb"
    showsColors = isColored && outputIsTerminal && !isPlain
    renderer = Renderer(isColored: isColored && isTerminal && !isPlain, width: terminalWidth() ?? 120)
  }

  /// Adds to standard output: a terminal sees each line at once, a file in larger pieces, at the latest with the first
  /// text after a tenth of a second.
  func print(_ text: String) {
    pending.withLock { pending in
      pending.bytes += text.utf8
      let isDue = pending.bytes.count >= 1 << 16 || monotonicSeconds() - pending.lastFlush > 0.1
      if outputIsTerminal, !text.isEmpty { endLine(&pending) }
      if isDue || (outputIsTerminal && text.utf8.contains(UInt8(ascii: "\n"))) { Self.flush(&pending) }
    }
  }

  /// Writes what waits for standard output.
  func flush() { pending.withLock { Self.flush(&$0) } }

  /// Writes to standard error, after all that was printed before.
  func printError(_ text: String) {
    pending.withLock { pending in
      Self.flush(&pending)
      endLine(&pending)
    }
    _ = writeAll(Array(text.utf8), to: STDERR_FILENO)
  }

  /// Writes what waits and a last line, from another thread than the one that prints; what that is writing stays as it is.
  func abandon(_ text: String) {
    let isDone: Void? = pending.withLockIfAvailable { pending in
      Self.flush(&pending)
      endLine(&pending)
    }
    if isDone != nil { _ = writeAll(Array(text.utf8), to: STDERR_FILENO) }
  }

  /// Columns for progress; `nil` where standard error is no terminal that lines can be written over on.
  var progressWidth: Int? { errorIsTerminal && environment("TERM") != "dumb" ? terminalWidth() ?? 80 : nil }

  /// Writes progress to standard error. What begins with a carriage return takes the place of an unfinished line.
  func printProgress(_ text: String) {
    pending.withLock { pending in
      if !pending.isInLine || !outputIsTerminal { Self.flush(&pending) }
      let isInPlace = text.hasPrefix("\r")
      if !isInPlace { endLine(&pending) }
      pending.isInLine = errorIsTerminal && !text.hasSuffix("\n")
      _ = writeAll(Array((isInPlace ? "\r" + Self.clearing + text.dropFirst() : text).utf8), to: STDERR_FILENO)
    }
  }

  private static let clearing = "\u{1B}[K"

  private func endLine(_ pending: inout Pending) {
    guard pending.isInLine else { return }
    pending.isInLine = false
    _ = writeAll(Array(("\r" + Self.clearing).utf8), to: STDERR_FILENO)
  }

  private static func flush(_ pending: inout Pending) {
    pending.lastFlush = monotonicSeconds()
    guard !pending.bytes.isEmpty else { return }
    let result = writeAll(pending.bytes, to: STDOUT_FILENO)
    pending.bytes.removeAll(keepingCapacity: true)
    // Nobody reads any more: a pipe into `head` is no mistake.
    if result == EPIPE { _exit(0) }
    if result != 0 {
      _ = writeAll(Array("nns: standard output: \(errorText(result))\n".utf8), to: STDERR_FILENO)
      _exit(1)
    }
  }
}

/// A variable of the environment, unless it is missing or empty.
func environment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

/// Seconds of a clock that is never set.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Columns of the terminal that errors go to.
func terminalWidth() -> Int? {
  var size = winsize()
  guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}
