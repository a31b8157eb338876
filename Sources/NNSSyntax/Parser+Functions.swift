extension Parser {
  /// `fn name(…) …` or `fn(…) …`; the token looked at is `fn`.
  mutating func function() throws(Stop) -> Function {
    let start = index
    let word = advance()
    var name: Identifier?
    if kind.isWord {
      guard kind == .identifier else { throw fail(Mistakes.keywordAsName(text(token.span), at: token.span)) }
      name = identifier(advance())
    }
    let id = makeID()
    guard kind == .leftParen else { throw unexpected("`(` and the parameters of the function") }
    let parameters = try parameters()
    var result: Annotation?
    if take(.arrow) { result = try annotation() }
    let body = try functionBody(word)
    return Function(
      name: name, parameters: parameters, result: result, body: body, doc: name == nil ? nil : doc(above: start),
      isBlockArgument: false, span: span(from: word.span), id: id)
  }

  /// A block, or `= expression`, which reaches as far as it can.
  private mutating func functionBody(_ word: Token) throws(Stop) -> Block {
    guard kind == .assign, !isAtLineEnd else { return try block(after: word) }
    let outer = try enter()
    defer { leave(outer) }
    advance()
    let value = try expression()
    return Block(statements: [Statement(.expression(value), span: value.span)], span: value.span)
  }

  /// Parameters in parentheses.
  mutating func parameters() throws(Stop) -> [Parameter] {
    let open = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    var parameters: [Parameter] = []
    var names: [String: Span] = [:]
    while kind != .rightParen {
      if let last = parameters.last, last.isRest { report(Mistakes.afterRest(token.span, rest: last.pattern.span)) }
      if let parameter = try parameter(&names) { parameters.append(parameter) }
      guard take(.comma) else { break }
    }
    try close(.rightParen, open)
    return parameters
  }

  /// One parameter; `nil` for a `self`, which is reported.
  private mutating func parameter(_ names: inout [String: Span]) throws(Stop) -> Parameter? {
    if kind == .selfWord {
      report(Mistakes.selfParameter(advance().span))
      return nil
    }
    if kind == .star || kind == .power { throw fail(Mistakes.starParameter(text(token.span), at: token.span)) }
    let isRest = take(.ellipsis)
    let pattern = try pattern(&names)
    let annotation = take(.colon) ? try annotation() : nil
    var defaultValue: Expr?
    if kind == .assign {
      if isRest { report(Mistakes.restDefault(token.span)) }
      advance()
      defaultValue = try expression()
    }
    if isRest, case .list = pattern { report(Mistakes.restPattern(pattern.span)) }
    return Parameter(pattern: pattern, annotation: annotation, defaultValue: defaultValue, isRest: isRest)
  }
}
