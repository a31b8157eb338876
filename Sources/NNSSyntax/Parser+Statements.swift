extension Parser {
  /// Statements up to the end of the text or the brace that ends their block.
  mutating func statements(isTopLevel: Bool) -> [Statement] {
    var statements: [Statement] = []
    // What was not the last, so that its value is no block's value; the last one is looked at in the end.
    var unused: [Expr] = []
    var isLastUnused = false
    while true {
      while take(.semicolon) {}
      if kind == .end || (!isTopLevel && (kind == .rightBrace || kind == .interpolationEnd)) { break }
      isLastUnused = false
      sealed { (parser) throws(Stop) in
        let statement = try parser.statement(isTopLevel: isTopLevel)
        statements.append(statement)
        try parser.endStatement()
        if !parser.statementHasError, let value = statement.unusedValue {
          unused.append(value)
          isLastUnused = true
        }
      }
    }
    if isLastUnused { unused.removeLast() }
    // In a block that is never closed nobody knows which was the last.
    guard isTopLevel || kind != .end else { return statements }
    for value in unused { sealed { (parser) throws(Stop) in parser.report(Mistakes.unusedValue(value)) } }
    return statements
  }

  /// Runs `body` for one statement: a mistake in it is kept from those around it, and parsing goes on behind it.
  mutating func sealed(_ body: (inout Parser) throws(Stop) -> Void) {
    let (start, outerHeight, outerWildcard, outerError) = (index, height, wildcard, statementHasError)
    statementHasError = false
    wildcard = nil
    do throws(Stop) {
      try body(&self)
      if let wildcard { report(Mistakes.wildcardValue(wildcard)) }
    } catch {
      height = outerHeight
      recover(from: start)
      if index == start { advance() }
    }
    wildcard = outerWildcard
    statementHasError = outerError
  }

  /// A statement ends at `;`, at the end of its line, or before the brace that ends its block.
  mutating func endStatement() throws(Stop) {
    if take(.semicolon) || isAtLineEnd || kind == .rightBrace || kind == .interpolationEnd { return }
    if let habit = callHabit() { throw fail(habit) }
    if kind.startsOnlyStatements { throw fail(Mistakes.secondStatement(text(token.span), at: token.span)) }
    throw unexpected("the end of the line")
  }

  mutating func statement(isTopLevel: Bool) throws(Stop) -> Statement {
    let start = token.span
    let kind = try statementKind(isTopLevel: isTopLevel)
    return Statement(kind, span: span(from: start))
  }

  private mutating func statementKind(isTopLevel: Bool) throws(Stop) -> Statement.Kind {
    let first = token
    switch first.kind {
    case .let, .var:
      return try declaration()
    case .fn where next.kind.isWord:
      return .function(try function())
    case .for:
      return try forLoop()
    case .while:
      advance()
      let condition = try head(of: first)
      return .while(condition, try block(after: first))
    case .return:
      advance()
      if isAtLineEnd || kind == .semicolon || kind == .rightBrace { return .return(nil) }
      return .return(try valueOfStatement())
    case .raise:
      advance()
      if isAtLineEnd || kind == .semicolon || kind == .rightBrace {
        throw fail(Mistakes.missingValue(of: "raise", at: first.span))
      }
      return .raise(try valueOfStatement())
    case .break, .continue:
      advance()
      return first.kind == .break ? .break : .continue
    case .identifier where !next.isFirstOnLine:
      if let statement = try softStatement(isTopLevel: isTopLevel) { return statement }
      if let habit = statementHabit() { throw fail(habit) }
    default: break
    }
    return try expressionStatement()
  }

  /// `model Name`, `import "…"`, `import name`, `test "…"`: everywhere else these words are names.
  private mutating func softStatement(isTopLevel: Bool) throws(Stop) -> Statement.Kind? {
    let word = token
    let statement: Statement.Kind
    if isWord(word, "model"), next.kind == .identifier {
      statement = .model(try model())
    } else if isWord(word, "import"), next.kind == .identifier || next.kind == .stringStart {
      statement = .importing(try importing())
    } else if isWord(word, "test"), next.kind == .stringStart {
      advance()
      let name = try string()
      statement = .test(name, try block(after: word))
    } else {
      return nil
    }
    if !isTopLevel { report(Mistakes.onlyAtTopLevel(text(word.span), at: word.span)) }
    return statement
  }

  private mutating func declaration() throws(Stop) -> Statement.Kind {
    let word = advance()
    let pattern = try declaredPattern(after: word)
    return .declare(isVar: word.kind == .var, pattern, try initialValue(of: pattern, after: word))
  }

  /// `= value` after the pattern of a `let`, `var` or field.
  mutating func initialValue(of pattern: Pattern, after word: Token) throws(Stop) -> Expr {
    if kind == .assign, isAtLineEnd { report(Mistakes.operatorBeginsLine("=", at: token.span)) }
    guard take(.assign) else {
      if let habit = declarationHabit(pattern, after: word) { throw fail(habit) }
      if isAtLineEnd || kind == .semicolon || kind == .rightBrace {
        throw fail(Mistakes.missingInitialValue(of: text(pattern.span), after: text(word.span), at: pattern.span))
      }
      throw unexpected("`=`")
    }
    return try valueOfStatement()
  }

  /// An expression up to the end of the statement.
  mutating func valueOfStatement() throws(Stop) -> Expr {
    let value = try expression()
    if kind == .comma, !isAtLineEnd { throw fail(Mistakes.bareList(text(value.span), at: token.span)) }
    if kind == .assign, !isAtLineEnd { throw fail(Mistakes.assignmentAsValue(token.span)) }
    return value
  }

  private mutating func forLoop() throws(Stop) -> Statement.Kind {
    let word = advance()
    if let habit = countingLoopHabit() { throw fail(habit) }
    let pattern = try declaredPattern(after: word)
    guard take(.in) else {
      if let habit = forHabit(pattern) { throw fail(habit) }
      throw unexpected("`in`")
    }
    let values = try head(of: word)
    return .for(pattern, values, try block(after: word))
  }

  /// What stands between `if`, `for … in` or `while` and its block.
  mutating func head(of word: Token) throws(Stop) -> Expr {
    let outer = context
    context.isHead = true
    defer { context = outer }
    if kind == .leftBrace { throw fail(Mistakes.emptyHead(of: text(word.span), at: token.span)) }
    let expression = try expression()
    if kind == .assign { throw fail(Mistakes.assignmentInCondition(of: text(word.span), at: token.span)) }
    return expression
  }

  private mutating func expressionStatement() throws(Stop) -> Statement.Kind {
    let left = try expression()
    if kind == .assign || kind.updateOperator != nil, isAtLineEnd {
      report(Mistakes.operatorBeginsLine(text(token.span), at: token.span))
    }
    if kind == .assign {
      let target = try target(left)
      wildcard = nil
      advance()
      return .assign(target, try valueOfStatement())
    }
    if let update = kind.updateOperator {
      guard left.isPath else { throw fail(Mistakes.notAssignable(left, source: text(left.span))) }
      advance()
      return .update(left, update, try valueOfStatement())
    }
    if kind == .comma { throw fail(Mistakes.bareList(text(left.span), at: token.span)) }
    return .expression(left)
  }

  private mutating func importing() throws(Stop) -> Import {
    advance()
    let source = token
    var path: String?
    var alias: Identifier?
    if kind == .stringStart {
      let literal = try string()
      path = literal.plainText
    } else {
      alias = identifier(advance())
      if kind == .dot || kind == .comma, !isAtLineEnd { throw fail(Mistakes.importOfSeveral(token.span)) }
    }
    let span = span(from: source.span)
    let module = path ?? alias?.text ?? ""
    if isWord(token, "as"), !isAtLineEnd {
      advance()
      guard kind == .identifier, !isAtLineEnd else { throw unexpected("a name after `as`") }
      alias = identifier(advance())
    }
    if let alias { return Import(path: path, name: alias, module: module, span: span) }
    let name = Self.moduleName(ofPath: module)
    guard let name else { throw fail(Mistakes.importNeedsName(module, at: span)) }
    return Import(path: path, name: Identifier(text: name, span: span, id: makeID()), module: module, span: span)
  }

  /// The file's name without its ending, where that is a name.
  static func moduleName(ofPath path: String) -> String? {
    let file = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let stem = file.split(separator: ".", omittingEmptySubsequences: false).first ?? ""
    var lexer = Lexer(bytes: Array(stem.utf8), file: 0)
    lexer.run()
    guard lexer.tokens.first?.kind == .identifier, lexer.tokens.count == 2,
      Int(lexer.tokens[0].span.end) == stem.utf8.count
    else { return nil }
    return String(stem)
  }
}

extension Statement {
  /// The value of an expression statement that does nothing but give a value.
  var unusedValue: Expr? {
    guard case .expression(let expression) = kind, !expression.mayStandAlone else { return nil }
    return expression
  }
}

extension Expr {
  /// Whether it may be a statement whose value is not used.
  var mayStandAlone: Bool {
    switch kind {
    case .call, .if, .try: true
    case .parenthesized(let inner): inner.mayStandAlone
    default: false
    }
  }

  /// Whether it is a name, or a member or element of a path.
  var isPath: Bool {
    switch kind {
    case .name(let name): name.text != "_"
    case .selfReference: true
    case .member(let base, _), .index(let base, _): base.isPath
    default: false
    }
  }
}
