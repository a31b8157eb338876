/// How tightly an operator binds, loosest first.
enum Level: Int, Comparable {
  case pipe, or, and, not, comparison, range, bitOr, bitAnd, sum, product, prefix

  static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

  /// The level of the right operand of a left-associative operator.
  var tighter: Level { Level(rawValue: rawValue + 1) ?? .prefix }
}

extension Token.Kind {
  /// How tightly it binds between two operands; `nil` where it is no such operator. `**` has a place of its own.
  var binaryLevel: Level? {
    switch self {
    case .pipe: .pipe
    case .or: .or
    case .and: .and
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in: .comparison
    case .range, .closedRange: .range
    case .bar: .bitOr
    case .ampersand: .bitAnd
    case .plus, .minus: .sum
    case .star, .slash, .doubleSlash, .percent, .at, .power: .product
    default: nil
    }
  }
}

extension Parser {
  /// Any expression, pipes included.
  mutating func expression() throws(Stop) -> Expr { try operators(.pipe) }

  /// An expression whose operators bind at least as tightly as `minimum`.
  mutating func operators(_ minimum: Level) throws(Stop) -> Expr {
    let outer = try enter()
    defer { leave(outer) }
    var left = kind == .not ? try negation(minimum) : try unary()
    while let level = levelHere(), level >= minimum {
      left = try operation(left, level)
      try grow()
    }
    return left
  }

  /// The level of the operator that continues the expression here, if one does.
  ///
  /// A new line continues it only with `|>`. One that begins with another operator is a mistake; it is read on as if the
  /// operator stood at the end of the line before.
  private mutating func levelHere() -> Level? {
    guard let level = levelOfToken else { return nil }
    if kind != .pipe, isAtLineEnd {
      // A sign that touches what follows it is a prefix.
      if kind == .minus, next.span.start == token.span.end { return nil }
      report(Mistakes.operatorBeginsLine(operatorText, at: token.span))
    }
    return level
  }

  /// The level of the token looked at as an operator between operands; `not in` counts as one.
  private var levelOfToken: Level? { kind == .not && next.kind == .in ? .comparison : kind.binaryLevel }

  /// The operator looked at.
  var operatorText: String { kind == .not ? "not in" : text(token.span) }

  private mutating func negation(_ minimum: Level) throws(Stop) -> Expr {
    guard minimum <= .not else { throw fail(Mistakes.notNeedsParentheses(token.span)) }
    let word = advance()
    try requireOperand(of: word)
    let operand = try operators(.not)
    return Expr(.not(operand), span: span(from: word.span))
  }

  private mutating func operation(_ left: Expr, _ level: Level) throws(Stop) -> Expr {
    let sign = token
    switch level {
    case .pipe:
      return try pipe(left)
    case .or, .and:
      advance()
      let right = try operators(level.tighter)
      return Expr(level == .or ? .or(left, right) : .and(left, right), span: left.span.union(right.span))
    case .range:
      advance()
      let right = try operators(.bitOr)
      if kind.binaryLevel == .range { throw fail(Mistakes.chainedRange(token.span)) }
      return Expr(.range(left, right, closed: sign.kind == .closedRange), span: left.span.union(right.span))
    case .comparison:
      let comparison: BinaryOperator? = sign.kind == .not ? .notContains : BinaryOperator(rawValue: text(sign.span))
      advance()
      if sign.kind == .not { advance() }
      let right = try operators(.range)
      if levelOfToken == .comparison, !isAtLineEnd {
        throw fail(chainedComparison(left, sign, right))
      }
      return Expr(.binary(comparison ?? .equal, left, right), span: left.span.union(right.span))
    default:
      if let habit = incrementHabit(left) { throw fail(habit) }
      advance()
      let right = try operators(level.tighter)
      return Expr(.binary(Self.operators[sign.kind] ?? .add, left, right), span: left.span.union(right.span))
    }
  }

  private static let operators: [Token.Kind: BinaryOperator] = Dictionary(
    uniqueKeysWithValues: BinaryOperator.allCases.compactMap { sign in
      Token.Kind(rawValue: sign.rawValue).map { ($0, sign) }
    })

  /// `-x`, `~x`, and what binds tighter.
  private mutating func unary() throws(Stop) -> Expr {
    guard kind == .minus || kind == .tilde else { return try power() }
    let outer = try enter()
    defer { leave(outer) }
    let sign = advance()
    try requireOperand(of: sign)
    if sign.kind == .minus, let smallest = smallestInt(from: sign.span) { return smallest }
    let operand = try unary()
    return Expr(.unary(sign.kind == .minus ? .negate : .invert, operand), span: span(from: sign.span))
  }

  /// `a ** b`: right associative, tighter than a sign before it and looser than one in the exponent.
  private mutating func power() throws(Stop) -> Expr {
    let base = try suffixes()
    guard kind == .power, !isAtLineEnd else { return base }
    let outer = try enter()
    defer { leave(outer) }
    advance()
    let exponent = try unary()
    return Expr(.binary(.power, base, exponent), span: base.span.union(exponent.span))
  }

  /// The operand of a prefix operator begins on its line.
  private mutating func requireOperand(of sign: Token) throws(Stop) {
    if isAtLineEnd { throw unexpected("an expression after `\(text(sign.span))`") }
  }

  // MARK: Pipes

  private mutating func pipe(_ left: Expr) throws(Stop) -> Expr {
    advance()
    let right = try suffixes()
    switch right.kind {
    case .name, .selfReference, .member, .index, .call, .parenthesized, .function: break
    default: throw fail(Mistakes.pipeIntoValue(right.span))
    }
    if kind != .pipe, !isAtLineEnd, levelOfToken != nil {
      throw fail(
        Mistakes.operatorAfterPipe(operatorText, left: text(left.span), right: text(right.span), at: token.span))
    }
    let first = Argument(label: nil, value: left, isSpread: false)
    let span = left.span.union(right.span)
    guard case .call(var call) = right.kind else {
      let call = Call(callee: right, arguments: [first], block: nil, isPiped: true)
      return Expr(.call(call), span: span)
    }
    call.arguments.insert(first, at: 0)
    call.isPiped = true
    return Expr(.call(call), span: span)
  }
}
