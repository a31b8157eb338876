extension Parser {
  /// A part of a `"""` string: at most one line of its text, or a value.
  private enum Fragment {
    /// `begins` where indentation comes first; `ends` where a newline follows.
    case line(Range<Int>, begins: Bool, ends: Bool)
    case value(Expr, FormatSpec?)
  }

  /// The parts of a `"""` string: without the newline after the opening quotes, without the last line where that is
  /// blank, and without the indentation that all other lines have in common; blank lines do not count for it.
  mutating func dedented(_ pieces: [Piece]) throws(Stop) -> [StringLiteral.Part] {
    let fragments = fragments(pieces)
    let indentation = commonIndentation(fragments)
    var parts: [StringLiteral.Part] = []
    var text = ""
    for (number, fragment) in fragments.enumerated() {
      switch fragment {
      case .line(let range, let begins, let ends):
        let isBlankLine = begins && isBlank(range) && (ends || number == fragments.count - 1)
        let removed = isBlankLine ? range.count : begins ? indentation : 0
        text += try unescaped(min(range.lowerBound + removed, range.upperBound)..<range.upperBound)
        if ends { text += "\n" }
      case .value(let value, let format):
        if !text.isEmpty { parts.append(.text(text)) }
        text = ""
        parts.append(.interpolation(value, format))
      }
    }
    if !text.isEmpty { parts.append(.text(text)) }
    return parts
  }

  private func fragments(_ pieces: [Piece]) -> [Fragment] {
    var fragments: [Fragment] = []
    for (number, piece) in pieces.enumerated() {
      switch piece {
      case .value(let value, let format):
        fragments.append(.value(value, format))
      case .raw(let span):
        var range = Int(span.start)..<Int(span.end)
        var begins = false
        if number == 0, let newline = newline(in: range), isBlank(range.lowerBound..<newline) {
          range = newline + 1..<range.upperBound
          begins = true
        }
        if number == pieces.count - 1, let newline = bytes[range].lastIndex(of: UInt8(ascii: "\n")),
          isBlank(newline + 1..<range.upperBound)
        {
          range = range.lowerBound..<withoutReturn(range.lowerBound..<newline).upperBound
        }
        while let newline = newline(in: range) {
          fragments.append(.line(withoutReturn(range.lowerBound..<newline), begins: begins, ends: true))
          range = newline + 1..<range.upperBound
          begins = true
        }
        fragments.append(.line(range, begins: begins, ends: false))
      }
    }
    return fragments
  }

  /// The number of blanks that begin every line which is not blank.
  private func commonIndentation(_ fragments: [Fragment]) -> Int {
    var common: ArraySlice<UInt8>?
    for (number, fragment) in fragments.enumerated() {
      guard case .line(let range, true, let ends) = fragment else { continue }
      if isBlank(range), ends || number == fragments.count - 1 { continue }
      let blanks = bytes[range].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      let shared = common.map { zip($0, blanks).prefix { $0 == $1 }.count } ?? blanks.count
      common = blanks.prefix(shared)
    }
    return common?.count ?? 0
  }

  private func newline(in range: Range<Int>) -> Int? { bytes[range].firstIndex(of: UInt8(ascii: "\n")) }

  private func withoutReturn(_ range: Range<Int>) -> Range<Int> {
    bytes[range].last == UInt8(ascii: "\r") ? range.lowerBound..<range.upperBound - 1 : range
  }

  private func isBlank(_ range: Range<Int>) -> Bool {
    bytes[range].allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
  }
}
