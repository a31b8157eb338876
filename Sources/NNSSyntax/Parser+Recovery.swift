extension Parser {
  /// Records a mistake, unless the statement has one already.
  mutating func report(_ diagnostic: Diagnostic) {
    guard !statementHasError, !isAbandoned else { return }
    statementHasError = true
    diagnostics.append(diagnostic)
    guard diagnostics.count == Self.maximumErrors else { return }
    diagnostics[diagnostics.count - 1].notes.append(
      .init(text: "after \(Self.maximumErrors) mistakes the rest of the text was not looked at"))
    abandon()
  }

  /// Goes to the end of the text, after which nothing is reported.
  private mutating func abandon() {
    isAbandoned = true
    index = tokens.count - 1
  }

  /// Records a mistake after which the rest of the text is not looked at.
  mutating func abandon(_ diagnostic: Diagnostic) -> Stop {
    report(diagnostic)
    abandon()
    return Stop()
  }

  /// Records a mistake that ends the statement at hand: `throw fail(…)`.
  mutating func fail(_ diagnostic: Diagnostic) -> Stop {
    report(diagnostic)
    return Stop()
  }

  /// Something else stands where `wanted` should; inside a bracket, `opened` is where that stands.
  mutating func unexpected(_ wanted: String, opened: Token? = nil) -> Stop {
    if let habit = habit(opened: opened) { return fail(habit) }
    if kind == .end {
      return endsTooEarly(Mistakes.endsEarly(wanted, at: here), opened: opened, mayGoOn: previous.kind.continuesLine)
    }
    if let opened, token.isFirstOnLine && kind.startsOnlyStatements || kind == .rightBrace {
      return fail(Mistakes.unclosed(opened.span, text(opened.span), before: token.span))
    }
    let found = isAtLineEnd ? "the end of the line" : describe(token)
    return fail(Mistakes.expected(wanted, found: found, at: here, opened: opened.map { ($0.span, text($0.span)) }))
  }

  /// The text ends in the middle of something. Where more lines could mend that, the text is incomplete.
  mutating func endsTooEarly(_ mistake: Diagnostic, opened: Token? = nil, mayGoOn: Bool) -> Stop {
    guard mayGoOn || opened != nil || !context.newlinesMatter else { return fail(mistake) }
    // One mistake, however many brackets are open.
    if isIncomplete { return Stop() }
    isIncomplete = !statementHasError
    guard let bracket = opened ?? (context.newlinesMatter ? nil : openBracket) else { return fail(mistake) }
    if bracket.kind == .leftBrace, let (open, close) = misalignedBraces() {
      return fail(Mistakes.unclosedBlock(open.span, closedBy: close.span))
    }
    return fail(Mistakes.unclosed(bracket.span, text(bracket.span), before: here))
  }

  /// The first brace that is closed by one with another indentation: that one was meant for a block further out.
  private func misalignedBraces() -> (open: Token, close: Token)? {
    var open: [(token: Token, indentation: Int)] = []
    var indentation = 0
    for token in tokens[..<index] {
      if token.isFirstOnLine {
        let start = Int(token.span.start)
        indentation = start - (bytes[..<start].lastIndex(of: UInt8(ascii: "\n")) ?? -1)
      }
      if token.kind == .leftBrace { open.append((token, indentation)) }
      guard token.kind == .rightBrace, let last = open.popLast() else { continue }
      if token.isFirstOnLine, indentation != last.indentation { return (last.token, token) }
    }
    return nil
  }

  /// The innermost bracket that is open at the token looked at.
  private var openBracket: Token? {
    var closed = 0
    for token in tokens[..<index].reversed() {
      switch token.kind {
      case .rightParen, .rightBracket, .rightBrace, .interpolationEnd: closed += 1
      case .leftParen, .leftBracket, .leftBrace, .interpolationStart:
        if closed == 0 { return token }
        closed -= 1
      default: break
      }
    }
    return nil
  }

  /// The place of the token looked at, or the end of the line before it where that ends the statement.
  var here: Span {
    guard isAtLineEnd, index > 0 else { return token.span }
    return Span(file: file, start: previous.span.end, end: previous.span.end)
  }

  /// How a token is called in a message.
  func describe(_ token: Token) -> String {
    switch token.kind {
    case .stringStart, .end, .interpolationEnd, .format, .unclosedString: token.kind.rawValue
    case .int, .float: "the number `\(text(token.span))`"
    default: "`\(text(token.span))`"
    }
  }

  /// Goes to where the next statement begins after a mistake in the one that began at token `start`.
  ///
  /// Brackets are counted from there, so that what follows in the same bracket is not taken for a statement.
  mutating func recover(from start: Int) {
    if kind == .end { return }
    var open: [Token.Kind] = []
    var at = start
    while at < tokens.count - 1 {
      let token = tokens[at]
      if token.isFirstOnLine, token.kind.startsOnlyStatements || declares(at) {
        while let last = open.last, last == .leftParen || last == .leftBracket { open.removeLast() }
      }
      if open.isEmpty, at >= index, at > start, token.isFirstOnLine || token.kind == .semicolon,
        !token.kind.beginsContinuation
      {
        break
      }
      switch token.kind {
      case .leftParen, .leftBracket, .leftBrace, .interpolationStart:
        open.append(token.kind)
      case .rightParen where open.last == .leftParen, .rightBracket where open.last == .leftBracket:
        open.removeLast()
      case .rightBrace, .interpolationEnd:
        while let last = open.last, last == .leftParen || last == .leftBracket { open.removeLast() }
        if open.isEmpty {
          index = max(index, at)
          return
        }
        open.removeLast()
      default: break
      }
      at += 1
    }
    index = max(index, at)
  }

  /// Whether a declaration with a name begins at a token.
  private func declares(_ at: Int) -> Bool {
    let next = tokens[min(at + 1, tokens.count - 1)]
    return tokens[at].kind == .fn && next.kind == .identifier
      || isWord(tokens[at], "model", "import") && (next.kind == .identifier || next.kind == .stringStart)
  }
}

extension Token.Kind {
  /// Whether a statement goes on after it on the next line.
  var continuesLine: Bool {
    self == .comma || self == .assign || self == .arrow || updateOperator != nil || binaryLevel != nil
      || self == .leftParen || self == .leftBracket || self == .leftBrace || self == .interpolationStart
  }

  /// Whether a statement goes on with it at the beginning of a line.
  var beginsContinuation: Bool { self == .pipe || self == .dot || self == .else || self == .catch }
}
