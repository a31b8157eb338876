// What people write who come from another language: each is looked for where the grammar finds it in its way.

extension Parser {
  /// What the token looked at shows about the writer, where neither an operator nor the end of something stands.
  func habit(opened: Token?) -> Diagnostic? {
    let token = token
    let isSameLine = !token.isFirstOnLine
    switch token.kind {
    case .unknown: return Mistakes.unknown(text(token.span), at: token.span)
    case .singleQuoted: return Mistakes.singleQuoted(text(token.span), at: token.span)
    case .bareBrace: return Mistakes.bareBrace(text(token.span), at: token.span)
    case .unclosedString: return Mistakes.unclosedString(openQuote ?? token.span, isMultiline: false)
    case .stringStart where isSameLine && previous.kind == .stringEnd: return Mistakes.adjacentStrings(token.span)
    case .if where isSameLine && previous.kind.endsExpression: return Mistakes.trailingIf(token.span)
    case .for where isSameLine && opened != nil: return Mistakes.comprehension(token.span)
    case .colon where opened?.kind == .leftBracket || opened?.kind == .leftParen:
      return Mistakes.sliceOutsideIndex(token.span)
    case .assign where opened != nil: return Mistakes.assignmentInBrackets(token.span)
    case .rightParen where opened == nil && context.newlinesMatter,
      .rightBracket where opened == nil && context.newlinesMatter:
      return Mistakes.strayCloser(text(token.span), at: token.span)
    case .leftBrace where previous.kind == .rightBrace: return Mistakes.secondBlock(token.span)
    case .identifier where isSameLine && isWord(token, "is") && previous.kind.endsExpression:
      return Mistakes.isOperator(token.span)
    case .ellipsis where previous.kind.endsExpression: return Mistakes.misplacedSpread(token.span)
    default: return nil
    }
  }

  /// `print x`: a name and what could be its argument, where the statement should end.
  func callHabit() -> Diagnostic? {
    guard previous.kind == .identifier, !isWord(token, "is") else { return nil }
    let argument: String
    switch kind {
    case .identifier, .int, .float: argument = next.isFirstOnLine || next.kind == .end ? text(token.span) : "…"
    case .stringStart: argument = "\"…\""
    default: return nil
    }
    if index >= 2, tokens[index - 2].kind == .doubleSlash { return Mistakes.slashComment(tokens[index - 2].span) }
    return Mistakes.callWithoutParentheses(
      text(previous.span), argument: argument, at: previous.span.union(token.span))
  }

  /// The quote of the string that the token looked at is inside of.
  private var openQuote: Span? {
    var closed = 0
    for token in tokens[..<index].reversed() {
      if token.kind == .stringEnd { closed += 1 }
      guard token.kind == .stringStart else { continue }
      if closed == 0 { return token.span }
      closed -= 1
    }
    return nil
  }

  /// What is wrong with a token that no expression begins with.
  func misplaced(_ token: Token) -> Diagnostic? {
    let touchesNext = next.span.start == token.span.end
    let beginsLine =
      context.newlinesMatter && (index == 0 || token.isFirstOnLine && !previous.kind.continuesLine)
    let word = text(token.span)
    switch token.kind {
    case let kind where kind.startsOnlyStatements && !token.isFirstOnLine:
      return Mistakes.statementAsValue(word, at: token.span)
    case .else: return Mistakes.strayElse(token.span)
    case .catch: return Mistakes.strayCatch(token.span)
    case .not: return Mistakes.notNeedsParentheses(token.span)
    case .ellipsis: return Mistakes.misplacedSpread(token.span)
    case .dot where next.kind == .int && touchesNext:
      return Mistakes.leadingPoint(text(next.span), at: token.span.union(next.span))
    case .plus where next.kind == .plus && touchesNext:
      return Mistakes.increment("x", sign: "+", at: token.span.union(next.span))
    case .plus where !beginsLine: return Mistakes.unaryPlus(token.span)
    case .at where next.kind == .identifier && touchesNext && beginsLine:
      return Mistakes.decorator(token.span)
    case .rightBrace where context.newlinesMatter && !previous.kind.continuesLine:
      return Mistakes.strayCloser(word, at: token.span)
    case let kind where kind.isInfix && beginsLine: return Mistakes.operatorBeginsLine(word, at: token.span)
    default: return nil
    }
  }

  /// A statement that begins with a word of another language; the next token is on the same line.
  func statementHabit() -> Diagnostic? {
    let word = text(token.span)
    let span = token.span
    let isElse = word == "elif" || word == "elseif" || word == "elsif"
    if isElse, next.kind != .assign, next.kind != .dot { return Mistakes.foreignElseIf(word, at: span) }
    if word == "except", next.kind == .leftBrace || next.kind == .identifier || next.kind == .colon {
      return Mistakes.foreignCatch(word, at: span)
    }
    if word == "throw", next.kind == .stringStart || next.kind == .identifier || next.kind == .leftBrace {
      return Mistakes.foreignRaise(span)
    }
    if next.kind == .identifier, tokens[min(index + 2, tokens.count - 1)].kind == .assign,
      !["model", "test", "import", "const", "val", "final", "static"].contains(word)
    {
      return Mistakes.foreignDeclaration(word, text(next.span), at: span)
    }
    guard next.kind.isWord, next.kind != .in, next.kind != .and, next.kind != .or, next.kind != .not else { return nil }
    switch word {
    case "def", "function", "func", "fun": return Mistakes.foreignFunction(word, at: span)
    case "class", "struct": return Mistakes.foreignModel(word, at: span)
    case "const", "val", "final", "static": return Mistakes.foreignLet(word, at: span)
    case "match", "switch": return Mistakes.foreignSwitch(word, at: span)
    case "from": return Mistakes.fromImport(span)
    case "with": return Mistakes.withStatement(span)
    case "del", "global", "nonlocal", "async", "yield": return Mistakes.foreignStatement(word, at: span)
    default: return nil
    }
  }

  /// A name that means something in another language by what follows it.
  func nameHabit() -> Diagnostic? {
    guard !next.isFirstOnLine else { return nil }
    let touchesNext = next.span.start == token.span.end
    if next.kind == .stringStart, touchesNext {
      let prefix = text(token.span).lowercased()
      if prefix == "f" || prefix == "fr" || prefix == "rf" { return Mistakes.formatString(token.span) }
      if prefix == "r" || prefix == "b" || prefix == "u" { return Mistakes.stringPrefix(prefix, at: token.span) }
    }
    if isWord(token, "lambda"),
      next.kind == .identifier || next.kind == .colon || next.kind == .leftParen && !touchesNext
    {
      return Mistakes.lambda(token.span)
    }
    if isWord(token, "new"), next.kind == .identifier { return Mistakes.new(text(next.span), at: token.span) }
    return nil
  }

  /// After the pattern of a `let` or `var`, where no `=` follows.
  func declarationHabit(_ pattern: Pattern, after word: Token) -> Diagnostic? {
    switch kind {
    case .colon: return Mistakes.annotatedVariable("\(text(word.span)) \(text(pattern.span))", at: token.span)
    case .comma: return Mistakes.bareList(text(pattern.span), at: token.span)
    case .identifier where !token.isFirstOnLine:
      return text(pattern.span) == "mut" ? Mistakes.mutable(text(token.span), at: pattern.span) : nil
    default: return nil
    }
  }

  /// `for (let i = 0; …)`, at the parenthesis.
  func countingLoopHabit() -> Diagnostic? {
    guard kind == .leftParen else { return nil }
    let third = tokens[min(index + 2, tokens.count - 1)]
    if next.kind == .let || next.kind == .var { return Mistakes.countingLoop(text(third.span), at: token.span) }
    return third.kind == .assign ? Mistakes.countingLoop(text(next.span), at: token.span) : nil
  }

  /// After the pattern of a `for`, where no `in` follows.
  func forHabit(_ pattern: Pattern) -> Diagnostic? {
    if kind == .comma { return Mistakes.bareList(text(pattern.span), at: token.span) }
    if kind == .assign { return Mistakes.countingLoop(text(pattern.span), at: token.span) }
    if isWord(token, "of") { return Mistakes.forOf(token.span) }
    return nil
  }

  /// After the block of an `if`, where no `else` follows.
  func elseHabit() -> Diagnostic? {
    guard isWord(token, "elif", "elseif", "elsif"), next.kind != .assign, next.kind != .dot else { return nil }
    return Mistakes.foreignElseIf(text(token.span), at: token.span)
  }

  /// A `{` after a name that begins a record rather than a block.
  func recordHabit(_ base: Expr) -> Diagnostic? {
    let inner = tokens[min(index + 1, tokens.count - 1)...].prefix(4).map(\.kind)
    let isRecord =
      inner.first == .ellipsis || inner.count > 1 && inner[0].isWord && inner[1] == .colon
      || inner == [.stringStart, .stringText, .stringEnd, .colon]
    return isRecord ? Mistakes.recordAsBlock(text(base.span), at: token.span) : nil
  }

  /// What is wrong with the token looked at as a key of the record that `open` began.
  func keyMistake(_ open: Token) -> Diagnostic? {
    let word = text(token.span)
    switch kind {
    case .int, .float, .leftParen, .leftBracket, .minus: return Mistakes.keyNotString(token.span)
    case .identifier where next.kind == .comma || next.kind == .rightBrace && previous.kind == .comma:
      return Mistakes.keyWithoutValue(word, at: token.span)
    case .identifier where next.kind == .rightBrace: return Mistakes.bareBlock(open.span, only: word)
    case .identifier where next.kind == .assign: return Mistakes.keyWithEquals(word, at: next.span)
    case let kind where kind.isWord && previous == open: return Mistakes.bareBlock(open.span, only: nil)
    default: return nil
    }
  }

  /// What is wrong with the token looked at as an annotation.
  func annotationHabit() -> Diagnostic? {
    switch kind {
    case .nil: Mistakes.nilAnnotation(token.span)
    case .stringStart: Mistakes.quotedAnnotation(token.span)
    default: nil
    }
  }

  /// A keyword where a name is declared.
  func badName() -> Diagnostic? {
    kind.isKeyword && !isAtLineEnd ? Mistakes.keywordAsName(text(token.span), at: token.span) : nil
  }

  /// `x++`, `x--`.
  func incrementHabit(_ left: Expr) -> Diagnostic? {
    let second = next
    guard second.kind == kind, second.span.start == token.span.end, left.isPath else { return nil }
    let after = tokens[min(index + 2, tokens.count - 1)]
    let ends = after.isFirstOnLine || after.kind == .end || after.kind == .semicolon || after.kind == .rightBrace
    guard kind == .plus || kind == .minus && ends else { return nil }
    return Mistakes.increment(text(left.span), sign: text(token.span), at: token.span.union(second.span))
  }

  func chainedComparison(_ left: Expr, _ sign: Token, _ right: Expr) -> Diagnostic {
    let middle = text(right.span)
    let first = text(left.span.union(right.span))
    return Mistakes.chainedComparison(first, "\(middle) \(operatorText) …", at: token.span)
  }

  mutating func missingCatch(_ word: Token) -> Stop {
    if isWord(token, "except") { return fail(Mistakes.foreignCatch("except", at: token.span)) }
    let mistake = Mistakes.missingCatch(word.span)
    return kind == .end ? endsTooEarly(mistake, mayGoOn: true) : fail(mistake)
  }

  /// What follows in `fn f(x): int {`.
  private var resultAfterColon: String? {
    guard kind == .colon, previous.kind == .rightParen, !next.isFirstOnLine else { return nil }
    if next.kind == .leftBracket { return "[…]" }
    let after = tokens[min(index + 2, tokens.count - 1)]
    return next.kind == .identifier && (after.kind == .leftBrace || after.kind == .assign) ? text(next.span) : nil
  }

  /// No `{` stands where the block of `word` should begin.
  mutating func missingBlock(after word: Token) -> Stop {
    let name = text(word.span)
    if word.kind == .fn, let type = resultAfterColon { return fail(Mistakes.resultColon(type, at: token.span)) }
    if kind == .colon { return fail(Mistakes.colonBlock(of: name, at: token.span)) }
    if isWord(token, "do", "then"), !isAtLineEnd {
      return fail(Mistakes.foreignBlockWord(text(token.span), of: name, at: token.span))
    }
    return unexpected(word.kind == .fn ? "`{` or `=` and the body of the function" : "`{` and the block of `\(name)`")
  }
}

extension Token.Kind {
  /// Whether something stands on both sides of it.
  fileprivate var isInfix: Bool { binaryLevel != nil || self == .assign || updateOperator != nil }

  /// Whether an expression may end with it.
  var endsExpression: Bool {
    switch self {
    case .identifier, .int, .float, .stringEnd, .true, .false, .nil, .selfWord, .rightParen, .rightBracket, .rightBrace:
      true
    default: false
    }
  }
}
