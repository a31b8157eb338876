import Glibc
import NNS

/// The lines of earlier runs, in a file: one entry a line, its own line ends written as `\n`.
struct History {
  /// `nil` where none is kept.
  let path: String?
  /// Entries that are read back.
  private static let limit = 10_000

  /// The file that `NNS_HISTORY` names, or `~/.nns_history`; an empty `NNS_HISTORY` keeps none.
  static var standard: History {
    if let named = getenv("NNS_HISTORY").map({ String(cString: $0) }) {
      return History(path: named.isEmpty ? nil : named)
    }
    return History(path: environment("HOME").map { $0 + "/.nns_history" })
  }

  /// The entries, oldest first.
  func load() -> [String] {
    guard let path, let bytes = try? Files().read(path) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(Self.limit).map { Self.unescaped($0) }
  }

  /// Adds an entry at once, so that nothing is lost whatever happens next. Where the file cannot be written, it is not.
  func append(_ entry: String) {
    guard let path else { return }
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    _ = writeAll(Array((Self.escaped(entry) + "\n").utf8), to: file)
    close(file)
  }

  static func escaped(_ entry: String) -> String {
    entry.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }

  static func unescaped(_ line: some StringProtocol) -> String {
    var text = ""
    var isEscaped = false
    for character in line {
      if isEscaped {
        text.append(character == "n" ? "\n" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        text.append(character)
      }
    }
    return text
  }
}
