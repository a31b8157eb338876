extension Parser {
  /// An expression without operators and suffixes.
  mutating func primary() throws(Stop) -> Expr {
    let token = token
    switch token.kind {
    case .identifier: return try name()
    case .int, .float: return try number()
    case .stringStart:
      let literal = try string()
      return Expr(.string(literal), span: literal.span)
    case .true, .false: return literal(.bool(token.kind == .true))
    case .nil: return literal(.nil)
    case .selfWord: return literal(.selfReference)
    case .leftParen: return try parentheses()
    case .leftBracket: return try tensor()
    case .leftBrace:
      if context.isHead { throw fail(Mistakes.braceInHead(token.span)) }
      return try record()
    case .fn:
      if next.kind.isWord { throw fail(Mistakes.namedFunctionAsValue(token.span.union(next.span))) }
      let function = try function()
      return Expr(.function(function), span: function.span)
    case .if: return try conditional()
    case .try: return try attempt()
    default:
      if let mistake = misplaced(token) { throw fail(mistake) }
      throw unexpected("an expression")
    }
  }

  private mutating func literal(_ kind: Expr.Kind) -> Expr {
    Expr(kind, span: advance().span)
  }

  private mutating func name() throws(Stop) -> Expr {
    if let habit = nameHabit() { throw fail(habit) }
    let token = advance()
    if isWord(token, "_") {
      wildcard = wildcard ?? token.span
    } else if isWord(token, "True", "False", "None") {
      let word = text(token.span)
      report(Mistakes.foreignLiteral(word, at: token.span))
      return Expr(word == "None" ? .nil : .bool(word == "True"), span: token.span)
    }
    let name = identifier(token)
    return Expr(.name(name), span: name.span)
  }

  // MARK: Brackets

  /// `(e)`, `(a, b)`, `()`, `(x,)`, `(...xs)`.
  private mutating func parentheses() throws(Stop) -> Expr {
    let open = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    var elements: [Element] = []
    var isList = kind == .rightParen
    while kind != .rightParen {
      if take(.ellipsis) {
        elements.append(.spread(try expression()))
        isList = true
      } else {
        elements.append(.value(try expression()))
      }
      guard take(.comma) else { break }
      isList = true
    }
    try close(.rightParen, open)
    let span = span(from: open.span)
    if !isList, case .value(let inner)? = elements.first { return Expr(.parenthesized(inner), span: span) }
    return Expr(.list(elements), span: span)
  }

  private mutating func tensor() throws(Stop) -> Expr {
    let open = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    var elements: [Expr] = []
    while kind != .rightBracket {
      if kind == .ellipsis { throw fail(Mistakes.spreadInTensor(token.span)) }
      elements.append(try expression())
      guard take(.comma) else { break }
    }
    try close(.rightBracket, open)
    let span = span(from: open.span)
    if let string = elements.first(where: { if case .string = $0.kind { true } else { false } }) {
      report(Mistakes.stringInTensor(elements.map { text($0.span) }, at: string.span))
    }
    return Expr(.tensor(elements), span: span)
  }

  private mutating func record() throws(Stop) -> Expr {
    let open = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    var entries: [Entry] = []
    // As bytes: Swift's strings would take `é` in one scalar and in two for one key.
    var keys: [[UInt8]: Span] = [:]
    while kind != .rightBrace {
      if take(.ellipsis) {
        entries.append(.spread(try expression()))
      } else {
        switch try key(open) {
        case .plain(let key, let span):
          if let first = keys.updateValue(span, forKey: Array(key.utf8)) {
            report(Mistakes.duplicateKey(key, at: span, first: first))
          }
          entries.append(.pair(key: key, keySpan: span, try expression()))
        case .computed(let literal): entries.append(.computed(key: literal, try expression()))
        }
      }
      guard take(.comma) else { break }
    }
    try close(.rightBrace, open)
    return Expr(.record(entries), span: span(from: open.span))
  }

  private enum Key {
    case plain(String, Span)
    case computed(StringLiteral)
  }

  /// A key of a record and its colon.
  private mutating func key(_ open: Token) throws(Stop) -> Key {
    let start = token
    let key: Key
    if kind.isWord {
      if next.kind != .colon, let mistake = keyMistake(open) { throw fail(mistake) }
      key = .plain(text(advance().span), start.span)
    } else if kind == .stringStart {
      let literal = try string()
      key = literal.plainText.map { .plain($0, literal.span) } ?? .computed(literal)
    } else {
      if let mistake = keyMistake(open) { throw fail(mistake) }
      throw unexpected("a key", opened: open)
    }
    guard take(.colon) else { throw unexpected("`:` after the key", opened: open) }
    return key
  }

  // MARK: if and try

  private mutating func conditional() throws(Stop) -> Expr {
    let outer = try enter()
    defer { leave(outer) }
    let word = advance()
    let condition = try head(of: word)
    let body = try block(after: word)
    let habit = elseHabit()
    if let habit { report(habit) }
    guard habit != nil || kind == .else else {
      return Expr(.if(condition, body, nil), span: span(from: word.span))
    }
    let otherwise = habit == nil ? advance() : token
    if habit != nil || (kind == .if && !isAtLineEnd) {
      let nested = try conditional()
      let block = Block(statements: [Statement(.expression(nested), span: nested.span)], span: nested.span)
      return Expr(.if(condition, body, block), span: span(from: word.span))
    }
    let alternative = try block(after: otherwise)
    return Expr(.if(condition, body, alternative), span: span(from: word.span))
  }

  private mutating func attempt() throws(Stop) -> Expr {
    let word = advance()
    let body = try block(after: word)
    guard kind == .catch else { throw missingCatch(word) }
    let catchWord = advance()
    var name: Identifier?
    if kind != .leftBrace {
      guard kind == .identifier, !isAtLineEnd else { throw unexpected("a name or `{` after `catch`") }
      let token = advance()
      if !isWord(token, "_") { name = identifier(token) }
    }
    let handler = try block(after: catchWord)
    return Expr(.try(body, name, handler), span: span(from: word.span))
  }

  /// Statements in braces; `word` is what they belong to.
  mutating func block(after word: Token) throws(Stop) -> Block {
    guard kind == .leftBrace else { throw missingBlock(after: word) }
    if isAtLineEnd { report(Mistakes.braceOnNextLine(of: text(word.span), at: token.span)) }
    let outer = try enter()
    defer { leave(outer) }
    let outerContext = context
    context = .block
    defer { context = outerContext }
    let open = advance()
    let statements = statements(isTopLevel: false)
    guard take(.rightBrace) else { throw unexpected("`}`", opened: open) }
    return Block(statements: statements, span: span(from: open.span))
  }
}
