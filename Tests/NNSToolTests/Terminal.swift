import Glibc

/// The program `nns` on a pseudo-terminal of its own, typed at and read like a person would.
final class Terminal {
  private let screen: Int32
  private let process: pid_t
  /// What came, without the sequences that move a cursor.
  private(set) var text = ""
  private var position: String.Index

  init?(_ arguments: [String] = [], environment: [String: String] = [:], columns: UInt16 = 80) {
    position = text.startIndex
    // What posix_openpt, unlockpt and ptsname do; Swift does not see these.
    screen = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var lock: Int32 = 0
    var number: UInt32 = 0
    guard screen >= 0, ioctl(screen, 0x4004_5431, &lock) == 0, ioctl(screen, 0x8004_5430, &number) == 0 else {
      return nil
    }
    let name = "/dev/pts/\(number)"
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(screen, UInt(TIOCSWINSZ), &size)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The leader of a new session that opens a terminal gets it as its own.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)  // POSIX_SPAWN_SETSID
    var variables = ["TERM": "xterm", "NO_COLOR": "1", "NNS_HISTORY": ""]
    variables.merge(environment) { $1 }
    var strings = ([Program.path] + arguments).map { strdup($0) } + [nil]
    var settings = (variables.map { "\($0.key)=\($0.value)" } + Sanitizer.options).map { strdup($0) } + [nil]
    defer { (strings + settings).forEach { free($0) } }
    var process = pid_t()
    guard posix_spawn(&process, Program.path, &actions, &attributes, &strings, &settings) == 0 else { return nil }
    self.process = process
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    close(screen)
  }

  /// Types keys; a line end is the Enter key.
  func type(_ keys: String) {
    let bytes = Array(keys.replacing("\n", with: "\r").utf8)
    _ = write(screen, bytes, bytes.count)
  }

  /// Makes the window narrower or wider.
  func resize(columns: UInt16) {
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(screen, UInt(TIOCSWINSZ), &size)
  }

  /// Reads until a text has come that was not looked for before; gives what came up to its end, or nil after 30 seconds.
  func wait(for wanted: String) -> String? {
    for _ in 0..<300 {
      if let range = text[position...].firstRange(of: wanted) {
        defer { position = range.upperBound }
        return String(text[position..<range.upperBound])
      }
      guard readSome() else { return nil }
    }
    return nil
  }

  /// Waits for the end of the program and gives its exit status.
  func finish() -> Int32? {
    var status: Int32 = 0
    for _ in 0..<300 {
      if waitpid(process, &status, WNOHANG) == process {
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
      }
      _ = readSome()
    }
    return nil
  }

  /// Waits a tenth of a second for output; false where there will be none.
  private func readSome() -> Bool {
    var wait = pollfd(fd: screen, events: Int16(POLLIN), revents: 0)
    guard poll(&wait, 1, 100) > 0 else { return true }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(screen, &buffer, buffer.count)
    guard count > 0 else {
      usleep(100_000)
      return false
    }
    let offset = text.utf8.distance(from: text.startIndex, to: position)
    text += Self.plain(String(decoding: buffer[..<count], as: UTF8.self))
    position = text.utf8.index(text.startIndex, offsetBy: offset)
    return true
  }

  /// Text without escape sequences and carriage returns.
  private static func plain(_ text: String) -> String {
    var out = ""
    var isEscape = false
    for scalar in text.unicodeScalars {
      if isEscape {
        // ESC [ … letter
        if scalar.properties.isAlphabetic || scalar == "=" || scalar == ">" { isEscape = false }
      } else if scalar == "\u{1B}" {
        isEscape = true
      } else if scalar != "\r", scalar != "\u{8}", scalar != "\u{7}" {
        out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
