/// Turns text into tokens. It never fails: what is wrong becomes a token that the parser explains.
///
/// It works on valid UTF-8 and keeps its own stack of open strings, so nested interpolations cost no recursion.
struct Lexer {
  /// The largest text that is read.
  static let maximumBytes = 64 << 20

  /// A comment, kept beside the tokens.
  struct Comment {
    let span: Span
    /// The index of the token that follows.
    let nextToken: Int
    /// Whether nothing else stands on its line.
    let isAlone: Bool
    /// Whether it begins with exactly two `#`.
    let isDoc: Bool
  }

  /// A string inside of whose interpolation the lexer stands.
  struct OpenString {
    let isMultiline: Bool
    /// Open braces and open other brackets within the interpolation.
    var braces = 0
    var brackets = 0
  }

  let bytes: [UInt8]
  let file: UInt32
  var position = 0
  var isFirstOnLine = true
  var tokens: [Token] = []
  var comments: [Comment] = []
  var openStrings: [OpenString] = []

  init(bytes: [UInt8], file: UInt32) {
    self.bytes = bytes
    self.file = file
    tokens.reserveCapacity(bytes.count / 4 + 1)
  }

  /// Reads the whole text; afterwards the last token is an ``Token/Kind/end``.
  mutating func run() {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    if peek() == UInt8(ascii: "#"), peek(1) == UInt8(ascii: "!") { comment() }
    while position < bytes.count { scan() }
    if let string = openStrings.last, !string.isMultiline { emit(.unclosedString, from: position) }
    emit(.end, from: position)
  }

  private mutating func scan() {
    let byte = bytes[position]
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
      position += 1
    case UInt8(ascii: "\n"):
      endLine()
    case UInt8(ascii: "#"):
      comment()
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...:
      word()
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      number()
    case UInt8(ascii: "\""):
      string()
    case UInt8(ascii: "'"):
      singleQuoted()
    default:
      symbol(byte)
    }
  }

  /// The byte at an offset from the position; 0 past the end.
  func peek(_ offset: Int = 0) -> UInt8 {
    let index = position + offset
    return index < bytes.count ? bytes[index] : 0
  }

  mutating func emit(_ kind: Token.Kind, from start: Int) {
    tokens.append(Token(kind: kind, isFirstOnLine: isFirstOnLine, span: span(from: start)))
    isFirstOnLine = false
  }

  private func span(from start: Int) -> Span {
    Span(file: file, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: position))
  }

  /// A string on one line does not go on after it, its interpolations included.
  private mutating func endLine() {
    if let string = openStrings.last, !string.isMultiline {
      emit(.unclosedString, from: position)
      while let string = openStrings.last, !string.isMultiline { openStrings.removeLast() }
    }
    isFirstOnLine = true
    position += 1
  }

  private mutating func comment() {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    let end = position
    if bytes[position - 1] == UInt8(ascii: "\r") { position -= 1 }
    let marks = bytes[start..<position].prefix(3)
    let isDoc =
      marks.starts(with: Array("##".utf8)) && marks.last != UInt8(ascii: "#") || marks.elementsEqual("##".utf8)
    comments.append(
      Comment(span: span(from: start), nextToken: tokens.count, isAlone: isFirstOnLine, isDoc: isDoc))
    position = end
  }

  // MARK: Words and numbers

  private mutating func word() {
    let start = position
    guard let first = wordScalar(isFirst: true) else {
      position += scalar(at: position)?.length ?? 1
      emit(.unknown, from: start)
      return
    }
    position += first
    while let length = wordScalar(isFirst: false) { position += length }
    emit(Self.keyword(bytes[start..<position]) ?? .identifier, from: start)
  }

  /// The number of bytes of the letter, digit or underscore at the position; `nil` where there is none.
  private func wordScalar(isFirst: Bool) -> Int? {
    switch peek() {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      return 1
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      return isFirst ? nil : 1
    case 0x80...:
      guard let (scalar, length) = scalar(at: position) else { return nil }
      let properties = scalar.properties
      return (isFirst ? properties.isXIDStart : properties.isXIDContinue) ? length : nil
    default:
      return nil
    }
  }

  /// Decodes the scalar that begins at an offset.
  private func scalar(at offset: Int) -> (scalar: Unicode.Scalar, length: Int)? {
    guard
      let scalar = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self).unicodeScalars.first
    else { return nil }
    return (scalar, UTF8.width(scalar))
  }

  /// Keywords by their length.
  private static let keywords: [[(spelling: [UInt8], kind: Token.Kind)]] = (0...8).map { length in
    Token.Kind.allCases.filter { $0.isKeyword && $0.rawValue.utf8.count == length }.map {
      (Array($0.rawValue.utf8), $0)
    }
  }

  private static func keyword(_ word: ArraySlice<UInt8>) -> Token.Kind? {
    guard word.count < keywords.count else { return nil }
    return keywords[word.count].first { $0.spelling.elementsEqual(word) }?.kind
  }

  private mutating func number() {
    let start = position
    let prefix = peek() == UInt8(ascii: "0") ? peek(1) | 0x20 : 0
    if prefix == UInt8(ascii: "x") || prefix == UInt8(ascii: "b") {
      position += 2
      while isDigit(peek(), isHex: prefix == UInt8(ascii: "x")) || peek() == UInt8(ascii: "_") { position += 1 }
      emit(.int, from: start)
    } else {
      digits()
      let hasFraction = peek() == UInt8(ascii: ".") && isDigit(peek(1))
      if hasFraction {
        position += 1
        digits()
      }
      let isSigned = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
      let hasExponent = peek() | 0x20 == UInt8(ascii: "e") && isDigit(peek(isSigned ? 2 : 1))
      if hasExponent {
        position += isSigned ? 2 : 1
        digits()
      }
      emit(hasFraction || hasExponent ? .float : .int, from: start)
    }
    let tail = position
    while let length = wordScalar(isFirst: false) { position += length }
    if position > tail { emit(.numberTail, from: tail) }
  }

  private mutating func digits() {
    while isDigit(peek()) || peek() == UInt8(ascii: "_") { position += 1 }
  }

  private func isDigit(_ byte: UInt8, isHex: Bool = false) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
      || isHex && byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f")
  }
}
