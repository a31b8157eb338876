import NNSTensor

/// Reads one JSON value. Recursion ends at ``JSON/maximumDepth``.
struct JSONParser {
  private let bytes: [UInt8]
  private var index = 0
  private var depth = 0
  private var pause: Pause

  init(_ bytes: [UInt8], _ budget: Budget?) {
    self.bytes = bytes
    pause = Pause(budget)
  }

  mutating func parse() throws(FormatError) -> JSON {
    skipSpace()
    let value = try readValue()
    skipSpace()
    guard index == bytes.count else { throw unexpected("the end") }
    return value
  }

  private mutating func readValue() throws(FormatError) -> JSON {
    try pause.check()
    guard let byte = peek else { throw unexpected("a value") }
    switch byte {
    case UInt8(ascii: "{"): return try nested { parser throws(FormatError) in try parser.readObject() }
    case UInt8(ascii: "["): return try nested { parser throws(FormatError) in try parser.readArray() }
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
    case UInt8(ascii: "n"): return try readWord("null", .null)
    case UInt8(ascii: "t"): return try readWord("true", .bool(true))
    case UInt8(ascii: "f"): return try readWord("false", .bool(false))
    default: throw unexpected("a value")
    }
  }

  private mutating func nested(_ read: (inout JSONParser) throws(FormatError) -> JSON) throws(FormatError) -> JSON {
    guard depth < JSON.maximumDepth else { throw error("nested more than \(JSON.maximumDepth) deep") }
    depth += 1
    defer { depth -= 1 }
    index += 1
    skipSpace()
    return try read(&self)
  }

  private mutating func readObject() throws(FormatError) -> JSON {
    var members: [JSON.Member] = []
    var keys = KeySet()
    if accept("}") { return .object(members) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
      let keyStart = index
      let key = try readString()
      guard keys.insert(key, after: members) else { throw error("the key \(quoted(key)) occurs twice", at: keyStart) }
      skipSpace()
      guard accept(":") else { throw unexpected("':' after the key") }
      skipSpace()
      members.append(JSON.Member(key, try readValue()))
      skipSpace()
    } while accept(",")
    guard accept("}") else { throw unexpected("',' or '}'") }
    return .object(members)
  }

  private mutating func readArray() throws(FormatError) -> JSON {
    var elements: [JSON] = []
    if accept("]") { return .array(elements) }
    repeat {
      skipSpace()
      elements.append(try readValue())
      skipSpace()
    } while accept(",")
    guard accept("]") else { throw unexpected("',' or ']'") }
    return .array(elements)
  }

  private mutating func readNumber() throws(FormatError) -> JSON {
    let start = index
    guard let number = Number(bytes, at: &index, before: bytes.count) else {
      throw unexpected(
        index > start && bytes[index - 1] == UInt8(ascii: "0") ? "no digit after a leading 0" : "a digit")
    }
    switch number {
    case .int(let value): return .int(value)
    case .float(let value): return .float(value)
    case .tooLarge: throw error("the number \(shown(from: start)) is too large", at: start)
    }
  }

  private mutating func readWord(_ word: StaticString, _ value: JSON) throws(FormatError) -> JSON {
    let end = index + word.utf8CodeUnitCount
    guard end <= bytes.count, word.withUTF8Buffer({ bytes[index..<end].elementsEqual($0) }) else {
      throw unexpected("a value")
    }
    index = end
    return value
  }

  private mutating func readString() throws(FormatError) -> String {
    let start = index
    index += 1
    var text: [UInt8] = []
    var runStart = index
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        let run = bytes[runStart..<index]
        index += 1
        let string =
          text.isEmpty ? String(validating: run, as: UTF8.self) : String(validating: text + run, as: UTF8.self)
        guard let string else { throw error("the string is not UTF-8", at: start) }
        return string
      case UInt8(ascii: "\\"):
        text += bytes[runStart..<index]
        try readEscape(into: &text)
        runStart = index
      case 0..<0x20:
        throw error("a control character in a string is written as \\n, \\t or \\u00XX")
      default:
        index += 1
      }
    }
    throw error("the string is not closed", at: start)
  }

  private mutating func readEscape(into text: inout [UInt8]) throws(FormatError) {
    let start = index
    index += 1
    guard let letter = peek else { return }
    index += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var unit = try readHex()
      if 0xD800..<0xDC00 ~= unit, peek == UInt8(ascii: "\\"), index + 1 < bytes.count,
        bytes[index + 1] == UInt8(ascii: "u")
      {
        index += 2
        let low = try readHex()
        guard 0xDC00..<0xE000 ~= low else { throw error("a surrogate without its other half", at: start) }
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(unit) else {
        throw error("a surrogate without its other half", at: start)
      }
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default:
      throw error("\\\(quoted(bytes[(index - 1)..<index]).dropFirst().dropLast()) is no escape", at: start)
    }
  }

  private mutating func readHex() throws(FormatError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("four hexadecimal digits after \\u")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  // MARK: Text

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
  }

  // MARK: Errors

  private func error(_ message: String, at offset: Int? = nil) -> FormatError {
    FormatError(message, at: offset ?? index, in: bytes)
  }

  private func unexpected(_ expected: String) -> FormatError {
    guard index < bytes.count else { return error("expected \(expected), found the end of the text") }
    return error("expected \(expected), found \(shown(from: index))")
  }

  /// The word or character at `start`.
  private func shown(from start: Int) -> String {
    let word = bytes[start...].prefix { byte in
      byte > 0x7F || Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber
        || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
    }
    return quoted(word.isEmpty ? bytes[start..<min(start + 1, bytes.count)] : word)
  }
}

/// The keys of an object that were read: the members themselves while they are few, a set from then on.
private struct KeySet {
  // As bytes: Swift's strings would take `é` in one scalar and in two for one key.
  private var keys: Set<[UInt8]> = []

  /// Adds the key that follows `members`.
  ///
  /// - Returns: Whether it is new.
  mutating func insert(_ key: String, after members: [JSON.Member]) -> Bool {
    if members.count < 8 { return !members.contains { $0.key.utf8.elementsEqual(key.utf8) } }
    if keys.isEmpty { keys = Set(members.map { Array($0.key.utf8) }) }
    return keys.insert(Array(key.utf8)).inserted
  }
}
