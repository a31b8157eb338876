extension Parser {
  /// An int or float literal.
  mutating func number() throws(Stop) -> Expr {
    let token = advance()
    let written = text(token.span)
    if kind == .numberTail {
      throw fail(Mistakes.lettersAfterNumber(written, text(self.token.span), at: token.span.union(self.token.span)))
    }
    if let mistake = numberMistake(written, at: token.span) { throw fail(mistake) }
    let digits = written.filter { $0 != "_" }
    if token.kind == .float {
      guard let value = Double(digits), value.isFinite else {
        throw fail(Mistakes.floatTooLarge(written, at: token.span))
      }
      return Expr(.float(value), span: token.span)
    }
    let radix = Self.radix(written)
    guard let value = Int(radix == 10 ? digits[...] : digits.dropFirst(2), radix: radix) else {
      throw fail(Mistakes.intTooLarge(written, at: token.span))
    }
    return Expr(.int(value), span: token.span)
  }

  /// `-9223372036854775808`, whose digits alone are no int: a literal where nothing that binds tighter than `-` follows.
  mutating func smallestInt(from sign: Span) -> Expr? {
    guard kind == .int, token.span.end - token.span.start >= 18 else { return nil }
    let written = text(token.span)
    let radix = Self.radix(written)
    let digits = (radix == 10 ? written[...] : written.dropFirst(2)).filter { $0 != "_" }
    guard UInt(digits, radix: radix) == Int.min.magnitude, numberMistake(written, at: token.span) == nil else {
      return nil
    }
    switch next.kind {
    case .dot, .power: return nil
    case .leftBracket, .leftParen: guard context.newlinesMatter, next.isFirstOnLine else { return nil }
    default: break
    }
    advance()
    return Expr(.int(.min), span: span(from: sign))
  }

  private static func radix(_ written: String) -> Int {
    switch written.utf8.dropFirst().first {
    case UInt8(ascii: "x"), UInt8(ascii: "X"): 16
    case UInt8(ascii: "b"), UInt8(ascii: "B"): 2
    default: 10
    }
  }

  /// What is wrong with the digits of a number, its size aside.
  private func numberMistake(_ written: String, at span: Span) -> Diagnostic? {
    let radix = Self.radix(written)
    let digits = radix == 10 ? written[...] : written.dropFirst(2)
    let groups = digits.split(separator: "_", omittingEmptySubsequences: false)
    func touchesDigit(_ scalar: Character?) -> Bool { scalar.map { $0.isNumber || radix == 16 } ?? false }
    let isGrouped = groups.count == 1 || groups.allSatisfy { touchesDigit($0.first) && touchesDigit($0.last) }
    if !isGrouped { return Mistakes.misplacedUnderscore(written, at: span) }
    if digits.isEmpty { return Mistakes.missingDigits(written, at: span) }
    if radix == 2, digits.contains(where: { $0 > "1" && $0 != "_" }) { return Mistakes.notBinary(written, at: span) }
    let isWhole = digits.allSatisfy { $0.isNumber || $0 == "_" }
    if radix == 10, isWhole, digits.first == "0", digits.contains(where: { $0 != "0" && $0 != "_" }) {
      return Mistakes.leadingZero(written, at: span)
    }
    return nil
  }
}
