extension Parser {
  /// The pattern after `let`, `var`, `param` or `for`, on the same line.
  mutating func declaredPattern(after word: Token) throws(Stop) -> Pattern {
    if isAtLineEnd || kind != .identifier && kind != .leftParen {
      if let problem = badName() { throw fail(problem) }
      throw fail(Mistakes.missingPattern(after: text(word.span), found: describe(token), at: token.span))
    }
    var names: [String: Span] = [:]
    return try pattern(&names)
  }

  /// A pattern; `names` holds those that the declaration has so far.
  mutating func pattern(_ names: inout [String: Span]) throws(Stop) -> Pattern {
    if kind == .leftParen { return try listPattern(&names) }
    guard kind == .identifier else {
      if let problem = badName() { throw fail(problem) }
      throw unexpected("a name")
    }
    let token = advance()
    if isWord(token, "_") { return .wildcard(token.span) }
    let name = identifier(token)
    if let first = names.updateValue(name.span, forKey: name.text) {
      report(Mistakes.duplicateName(name, first: first))
    }
    return .name(name)
  }

  private mutating func listPattern(_ names: inout [String: Span]) throws(Stop) -> Pattern {
    let outer = try enter()
    defer { leave(outer) }
    let open = advance()
    let outerContext = context
    context = .brackets
    defer { context = outerContext }
    var items: [Pattern] = []
    while kind != .rightParen {
      items.append(try pattern(&names))
      guard take(.comma) else { break }
    }
    if kind == .assign || kind == .in { throw fail(Mistakes.unclosed(open.span, "(", before: token.span)) }
    try close(.rightParen, open)
    return .list(items, span(from: open.span))
  }

  /// The left side of an assignment, from the expression that it was read as.
  mutating func target(_ expression: Expr) throws(Stop) -> Target {
    switch expression.kind {
    case .name(let name) where name.text == "_":
      return .wildcard(expression.span)
    case .list(let elements):
      var items: [Target] = []
      for element in elements {
        guard case .value(let item) = element else {
          throw fail(Mistakes.notAssignable(expression, source: text(expression.span)))
        }
        items.append(try target(item))
      }
      return .list(items, expression.span)
    default:
      guard expression.isPath else {
        throw fail(Mistakes.notAssignable(expression, source: text(expression.span)))
      }
      return .path(expression)
    }
  }

  /// Passes the bracket that ends what `open` began.
  mutating func close(_ closer: Token.Kind, _ open: Token) throws(Stop) {
    guard kind == closer else { throw unexpected("`,` or `\(closer.rawValue)`", opened: open) }
    advance()
  }
}
