// How text lies on a terminal.

/// Columns of a text that ``visible(_:)-(StringProtocol)`` has made harmless.
package func displayWidth(_ text: some StringProtocol) -> Int {
  // Most text is ASCII, one column a byte.
  if text.utf8.allSatisfy({ $0 < 0x7F && $0 >= 0x20 }) { return text.utf8.count }
  return text.reduce(0) { $0 + displayWidth($1) }
}

/// Columns of a character: that of its widest scalar.
package func displayWidth(_ character: Character) -> Int {
  character.unicodeScalars.map(displayWidth).max() ?? 0
}

private func displayWidth(_ scalar: Unicode.Scalar) -> Int {
  if scalar.value < 0x300 { return 1 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: return scalar.properties.isEmojiPresentation || isWide(scalar.value) ? 2 : 1
  }
}

/// The blocks whose characters Unicode's East Asian Width calls wide or fullwidth.
private func isWide(_ value: UInt32) -> Bool {
  switch value {
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
    0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
    0x20000...0x2FFFD, 0x30000...0x3FFFD:
    true
  default: false
  }
}

/// A text whose control characters cannot act on a terminal.
package func visible(_ text: some StringProtocol) -> String {
  if text.utf8.allSatisfy({ $0 < 0x7F && $0 >= 0x20 }) { return String(text) }
  return String(String.UnicodeScalarView(text.unicodeScalars.map(visible)))
}

/// A character whose control characters cannot act on a terminal.
package func visible(_ character: Character) -> String { visible(String(character)) }

private func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
  switch scalar.properties.generalCategory {
  case .control, .lineSeparator, .paragraphSeparator: return scalar == "\t" ? " " : "\u{FFFD}"
  // Marks that reorder text would show a line other than the one that runs.
  case .format where 0x202A...0x202E ~= scalar.value || 0x2066...0x2069 ~= scalar.value: return "\u{FFFD}"
  default: return scalar
  }
}

/// A text with spaces up to a width.
package func padded(_ text: String, to width: Int) -> String {
  let text = visible(text)
  return text + String(repeating: " ", count: max(0, width - displayWidth(text)))
}
