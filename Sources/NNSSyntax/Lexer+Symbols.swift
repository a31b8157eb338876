extension Lexer {
  /// An operator, a bracket or another sign that begins with `byte`.
  mutating func symbol(_ byte: UInt8) {
    let start = position
    position += 1
    let kind: Token.Kind
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: "["):
      kind = byte == UInt8(ascii: "(") ? .leftParen : .leftBracket
      count(brackets: 1)
    case UInt8(ascii: ")"), UInt8(ascii: "]"):
      kind = byte == UInt8(ascii: ")") ? .rightParen : .rightBracket
      count(brackets: -1)
    case UInt8(ascii: "{"):
      kind = .leftBrace
      count(braces: 1)
    case UInt8(ascii: "}"):
      if endsInterpolation {
        emit(.interpolationEnd, from: start)
        continueString()
        return
      }
      kind = .rightBrace
      count(braces: -1)
    case UInt8(ascii: ":"):
      if endsInterpolation, openStrings.last?.brackets == 0 {
        format(from: start)
        return
      }
      kind = take("=") ? .unknown : .colon
    case UInt8(ascii: ","): kind = .comma
    case UInt8(ascii: ";"): kind = .semicolon
    case UInt8(ascii: "~"): kind = .tilde
    case UInt8(ascii: "."): kind = take(".") ? (take("=") ? .closedRange : take(".") ? .ellipsis : .range) : .dot
    case UInt8(ascii: "="): kind = take("=") ? (take("=") ? .unknown : .equal) : take(">") ? .unknown : .assign
    case UInt8(ascii: "!"): kind = take("=") && !take("=") ? .notEqual : .unknown
    case UInt8(ascii: "<"): kind = take("=") ? .lessEqual : take("<") || take(">") ? .unknown : .less
    case UInt8(ascii: ">"): kind = take("=") ? .greaterEqual : take(">") ? .unknown : .greater
    case UInt8(ascii: "|"): kind = take(">") ? .pipe : take("|") || take("=") ? .unknown : .bar
    case UInt8(ascii: "&"): kind = take("&") || take("=") ? .unknown : .ampersand
    case UInt8(ascii: "?"):
      _ = take("?")
      kind = .unknown
    case UInt8(ascii: "+"): kind = take("=") ? .plusAssign : .plus
    case UInt8(ascii: "-"): kind = take(">") ? .arrow : take("=") ? .minusAssign : .minus
    case UInt8(ascii: "%"): kind = take("=") ? .percentAssign : .percent
    case UInt8(ascii: "@"): kind = take("=") ? .atAssign : .at
    case UInt8(ascii: "*"):
      kind = take("*") ? (take("=") ? .powerAssign : .power) : take("=") ? .starAssign : .star
    case UInt8(ascii: "/"):
      kind = take("/") ? (take("=") ? .doubleSlashAssign : .doubleSlash) : take("=") ? .slashAssign : .slash
    default: kind = .unknown
    }
    emit(kind, from: start)
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard position < bytes.count, UInt32(bytes[position]) == scalar.value else { return false }
    position += 1
    return true
  }

  /// Whether a `}` here belongs to a string.
  private var endsInterpolation: Bool { openStrings.last?.braces == 0 }

  /// Keeps count of the brackets within an interpolation.
  private mutating func count(braces: Int = 0, brackets: Int = 0) {
    guard var string = openStrings.popLast() else { return }
    string.braces = max(0, string.braces + braces)
    string.brackets = max(0, string.brackets + brackets)
    openStrings.append(string)
  }
}
