import NNSTensor

/// Asks a budget now and then whether to go on.
struct Pause {
  private let budget: Budget?
  private var left = Pause.interval
  private static let interval = 4096

  init(_ budget: Budget?) { self.budget = budget }

  /// To be called for each small piece of work; throws where the budget says no, which the caller asks it again.
  mutating func check() throws(FormatError) {
    left -= 1
    guard left < 0 else { return }
    left = Pause.interval
    do { try budget?.check() } catch { throw FormatError("stopped") }
  }
}

/// What is wrong with a file: a sentence, and for texts the place.
public struct FormatError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One sentence without a full stop.
  public var message: String
  /// Line of the text, counted from 1.
  public var line: Int?
  /// Column in that line, counted in Unicode scalars from 1.
  public var column: Int?

  /// A mistake in a file, with its place where there is one.
  public init(_ message: String, line: Int? = nil, column: Int? = nil) {
    self.message = message
    self.line = line
    self.column = column
  }

  /// A mistake at a byte of a text.
  init(_ message: String, at offset: Int, in bytes: [UInt8]) {
    var line = 1
    var column = 1
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.init(message, line: line, column: column)
  }

  /// `line 3, column 7: expected a number, found "x"`.
  public var description: String {
    guard let line else { return message }
    guard let column else { return "line \(line): \(message)" }
    return "line \(line), column \(column): \(message)"
  }
}

/// Text from a file as an error shows it: in quotes, without control characters, cut after 40.
func quoted(_ text: some StringProtocol) -> String {
  var shown = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    if count == 40 { return "\"\(shown)…\"" }
    switch scalar {
    case "\n": shown += "\\n"
    case "\r": shown += "\\r"
    case "\t": shown += "\\t"
    default: shown.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
    }
  }
  return "\"\(shown)\""
}

/// Bytes from a file as an error shows them; what is no UTF-8 is replaced.
func quoted(_ bytes: ArraySlice<UInt8>) -> String {
  quoted(String(decoding: bytes.prefix(200), as: UTF8.self))
}
