extension Parser {
  // MARK: Strings

  /// A string with its interpolations.
  mutating func string() throws(Stop) -> StringLiteral {
    let open = advance()
    let isMultiline = open.span.end - open.span.start == 3
    var pieces: [Piece] = []
    while true {
      switch kind {
      case .stringText: pieces.append(.raw(advance().span))
      case .interpolationStart: pieces.append(try interpolation(open))
      case .stringEnd:
        advance()
        let parts = try isMultiline ? dedented(pieces) : plain(pieces)
        return StringLiteral(parts: parts, span: span(from: open.span))
      case .unclosedString:
        if isMultiline, next.kind == .end, !isIncomplete { isIncomplete = !statementHasError }
        throw fail(Mistakes.unclosedString(open.span, isMultiline: isMultiline))
      default:
        throw unexpected("the end of the string", opened: open)
      }
    }
  }

  /// A piece of a string as it was written.
  enum Piece {
    case raw(Span)
    case value(Expr, FormatSpec?)
  }

  private mutating func interpolation(_ string: Token) throws(Stop) -> Piece {
    let open = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    if kind == .interpolationEnd { throw fail(Mistakes.emptyInterpolation(open.span.union(token.span))) }
    let value = try expression()
    var format: FormatSpec?
    if kind == .format {
      let written = advance()
      let spec = text(written.span).dropFirst()
      format = FormatSpec(spec)
      if format == nil, kind == .interpolationEnd { report(Mistakes.badFormat(String(spec), at: written.span)) }
    }
    guard take(.interpolationEnd) else {
      if kind == .unclosedString || kind == .stringStart {
        throw fail(Mistakes.unclosedInterpolation(open.span, string: string.span))
      }
      throw unexpected("`}`", opened: open)
    }
    return .value(value, format)
  }

  private mutating func plain(_ pieces: [Piece]) throws(Stop) -> [StringLiteral.Part] {
    var parts: [StringLiteral.Part] = []
    for piece in pieces {
      switch piece {
      case .raw(let span): parts.append(.text(try unescaped(span)))
      case .value(let value, let format): parts.append(.interpolation(value, format))
      }
    }
    return parts
  }

  // MARK: Escapes

  private mutating func unescaped(_ span: Span) throws(Stop) -> String {
    try unescaped(Int(span.start)..<Int(span.end))
  }

  mutating func unescaped(_ range: Range<Int>) throws(Stop) -> String {
    guard bytes[range].contains(UInt8(ascii: "\\")) else { return String(decoding: bytes[range], as: UTF8.self) }
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    var at = range.lowerBound
    while at < range.upperBound {
      guard bytes[at] == UInt8(ascii: "\\") else {
        result.append(bytes[at])
        at += 1
        continue
      }
      let letter = at + 1 < range.upperBound ? bytes[at + 1] : 0
      var end = at + 2
      switch letter {
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "0"): result.append(0)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "{"), UInt8(ascii: "}"): result.append(letter)
      case UInt8(ascii: "u"):
        let scalar = try unicodeEscape(at, in: range)
        result.append(contentsOf: String(scalar).utf8)
        end = (bytes[at..<range.upperBound].firstIndex(of: UInt8(ascii: "}")) ?? at) + 1
      default: throw fail(unknownEscape(at, in: range))
      }
      at = end
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The scalar of `\u{…}`, which begins at an offset.
  private mutating func unicodeEscape(_ at: Int, in range: Range<Int>) throws(Stop) -> Unicode.Scalar {
    let close = bytes[at..<min(at + 12, range.upperBound)].firstIndex(of: UInt8(ascii: "}"))
    let end = close.map { $0 + 1 } ?? min(at + 2, range.upperBound)
    let span = Span(file: file, start: UInt32(at), end: UInt32(end))
    guard let close, bytes[at + 2] == UInt8(ascii: "{") else { throw fail(Mistakes.badUnicodeEscape(span)) }
    let digits = String(decoding: bytes[at + 3..<max(close, at + 3)], as: UTF8.self)
    guard digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value)
    else { throw fail(Mistakes.badUnicodeEscape(span)) }
    return scalar
  }

  private func unknownEscape(_ at: Int, in range: Range<Int>) -> Diagnostic {
    var end = min(at + 2, range.upperBound)
    while end < range.upperBound, bytes[end] & 0xC0 == 0x80 { end += 1 }
    let span = Span(file: file, start: UInt32(at), end: UInt32(end))
    return Mistakes.unknownEscape(text(span), at: span)
  }
}
