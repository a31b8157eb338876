extension Parser {
  /// A primary with the calls, indices, members and block argument that follow it.
  mutating func suffixes() throws(Stop) -> Expr {
    let outer = beginScope()
    var base = try primary()
    while let longer = try suffix(base) {
      base = longer
      try grow()
    }
    endScope(outer)
    return base
  }

  private mutating func suffix(_ base: Expr) throws(Stop) -> Expr? {
    switch kind {
    case .leftParen where !isAtLineEnd:
      let arguments = try arguments()
      let call = Call(callee: base, arguments: arguments, block: nil, isPiped: false)
      return Expr(.call(call), span: span(from: base.span))
    case .leftBracket where !isAtLineEnd:
      return try index(base)
    case .dot:
      return try member(base)
    case .leftBrace where !context.isHead && !token.isFirstOnLine:
      return try blockArgument(base)
    default:
      return nil
    }
  }

  // MARK: Members and indices

  private mutating func member(_ base: Expr) throws(Stop) -> Expr {
    advance()
    guard kind.isWord, !isAtLineEnd else {
      if kind == .int || kind == .float {
        throw fail(Mistakes.numberAfterDot(text(base.span), text(token.span), at: token.span))
      }
      if case .int = base.kind { throw fail(Mistakes.trailingPoint(text(base.span), at: base.span)) }
      throw unexpected("a name after `.`")
    }
    let name = identifier(advance())
    return Expr(.member(base, name), span: base.span.union(name.span))
  }

  private mutating func index(_ base: Expr) throws(Stop) -> Expr {
    let open = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    if kind == .rightBracket { throw fail(Mistakes.emptyIndex(span(from: open.span).union(token.span))) }
    var items: [IndexItem] = []
    while kind != .rightBracket {
      items.append(try indexItem())
      guard take(.comma) else { break }
    }
    try close(.rightBracket, open)
    return Expr(.index(base, items), span: span(from: base.span))
  }

  private mutating func indexItem() throws(Stop) -> IndexItem {
    let start = token
    if take(.ellipsis) { return .ellipsis(start.span) }
    let first = try bound()
    guard take(.colon) else {
      guard let first else { throw unexpected("an index") }
      return .expression(first)
    }
    let second = try bound()
    let third = take(.colon) ? try bound() : nil
    return .slice(first, second, third, span(from: start.span))
  }

  /// A part of a slice, which may be left out.
  private mutating func bound() throws(Stop) -> Expr? {
    kind == .colon || kind == .comma || kind == .rightBracket ? nil : try expression()
  }

  // MARK: Calls

  private mutating func arguments() throws(Stop) -> [Argument] {
    let open = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    var arguments: [Argument] = []
    var labels: [String: Span] = [:]
    while kind != .rightParen {
      let argument = try argument()
      if let label = argument.label {
        if let first = labels.updateValue(label.span, forKey: label.text) {
          report(Mistakes.duplicateArgument(label, first: first))
        }
      } else if !argument.isSpread, !labels.isEmpty {
        report(Mistakes.positionalAfterNamed(argument.value.span))
      }
      arguments.append(argument)
      guard take(.comma) else { break }
    }
    try close(.rightParen, open)
    return arguments
  }

  private mutating func argument() throws(Stop) -> Argument {
    if kind == .star || kind == .power { throw fail(Mistakes.starSpread(text(token.span), at: token.span)) }
    if take(.ellipsis) { return Argument(label: nil, value: try expression(), isSpread: true) }
    guard kind.isWord, next.kind == .colon else {
      let start = token
      let value = try expression()
      if kind == .assign { throw fail(Mistakes.argumentWithEquals(text(start.span), value, at: token.span)) }
      return Argument(label: nil, value: value, isSpread: false)
    }
    let label = identifier(advance())
    advance()
    if kind == .comma || kind == .rightParen { throw unexpected("the value of `\(label.text)`") }
    return Argument(label: label, value: try expression(), isSpread: false)
  }

  /// `f { … }`, `f(x) { … }`, `a.b { … }`; `nil` where the base takes no block argument.
  private mutating func blockArgument(_ base: Expr) throws(Stop) -> Expr? {
    var call: Call
    switch base.kind {
    case .name, .member: call = Call(callee: base, arguments: [], block: nil, isPiped: false)
    case .call(let written) where written.block == nil: call = written
    default: return nil
    }
    let open = token
    if let habit = recordHabit(base) { throw fail(habit) }
    let id = makeID()
    let body = try block(after: open)
    call.block = Function(
      name: nil, parameters: [], result: nil, body: body, doc: nil, isBlockArgument: true, span: body.span, id: id)
    return Expr(.call(call), span: span(from: base.span))
  }
}
