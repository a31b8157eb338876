extension Lexer {
  /// A string from its opening quote to its end or its first interpolation.
  mutating func string() {
    let start = position
    let isMultiline = peek(1) == UInt8(ascii: "\"") && peek(2) == UInt8(ascii: "\"")
    let isPlain = followsPlainWord
    position += isMultiline ? 3 : 1
    emit(.stringStart, from: start)
    text(isMultiline: isMultiline, interpolates: !isPlain)
  }

  /// Goes on with the text of a string after an interpolation.
  mutating func continueString() {
    guard let string = openStrings.popLast() else { return }
    text(isMultiline: string.isMultiline, interpolates: true)
  }

  /// The format after an interpolated expression; the position is just after its colon.
  mutating func format(from start: Int) {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n") { break }
      position += 1
    }
    emit(.format, from: start)
  }

  /// Text in single quotes, or up to the end of the line.
  mutating func singleQuoted() {
    let start = position
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
      let byte = bytes[position]
      position += byte == UInt8(ascii: "\\") && peek(1) != UInt8(ascii: "\n") && position + 1 < bytes.count ? 2 : 1
      if byte == UInt8(ascii: "'") { break }
    }
    emit(.singleQuoted, from: start)
  }

  /// Whether the string that begins here is an import's path or a test's name.
  private var followsPlainWord: Bool {
    guard let word = tokens.last, word.kind == .identifier, !isFirstOnLine else { return false }
    let text = bytes[Int(word.span.start)..<Int(word.span.end)]
    guard text.elementsEqual("import".utf8) || text.elementsEqual("test".utf8) else { return false }
    return tokens.dropLast().last?.kind != .dot
  }

  private mutating func text(isMultiline: Bool, interpolates: Bool) {
    var start = position
    func flush(_ lexer: inout Lexer) {
      if lexer.position > start { lexer.emit(.stringText, from: start) }
    }
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\\"):
        let next = peek(1)
        let isCode = next == UInt8(ascii: "u") && peek(2) == UInt8(ascii: "{")
        position += isCode ? 3 : next == UInt8(ascii: "\n") || position + 1 == bytes.count ? 1 : 2
      case UInt8(ascii: "\n") where !isMultiline:
        flush(&self)
        emit(.unclosedString, from: position)
        return
      case UInt8(ascii: "\"") where !isMultiline || peek(1) == UInt8(ascii: "\"") && peek(2) == UInt8(ascii: "\""):
        flush(&self)
        let quote = position
        position += isMultiline ? 3 : 1
        emit(.stringEnd, from: quote)
        return
      case UInt8(ascii: "{") where interpolates:
        flush(&self)
        let brace = position
        let isBare = peek(1) == UInt8(ascii: "{") || peek(1) == UInt8(ascii: "}")
        position += isBare ? 2 : 1
        emit(isBare ? .bareBrace : .interpolationStart, from: brace)
        guard isBare else {
          openStrings.append(OpenString(isMultiline: isMultiline))
          return
        }
        start = position
      default:
        position += 1
      }
    }
    flush(&self)
    emit(.unclosedString, from: position)
  }
}
