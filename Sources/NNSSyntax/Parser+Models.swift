extension Parser {
  /// `model Name(…) { … }`; the token looked at is `model`.
  mutating func model() throws(Stop) -> Model {
    let doc = doc(above: index)
    let word = advance()
    let name = identifier(advance())
    let id = makeID()
    guard kind == .leftParen, !isAtLineEnd else {
      throw fail(Mistakes.modelWithoutParameters(name.text, at: name.span))
    }
    let parameters = try parameters()
    let members = try members(of: word)
    return Model(
      name: name, parameters: parameters, members: members, doc: doc, span: span(from: word.span), id: id)
  }

  private mutating func members(of word: Token) throws(Stop) -> [Model.Member] {
    guard kind == .leftBrace else { throw missingBlock(after: word) }
    if isAtLineEnd { report(Mistakes.braceOnNextLine(of: text(word.span), at: token.span)) }
    let outer = try enter()
    defer { leave(outer) }
    let outerContext = context
    context = .block
    defer { context = outerContext }
    let open = advance()
    var members: [Model.Member] = []
    while true {
      while take(.semicolon) {}
      if kind == .end || kind == .rightBrace || kind == .interpolationEnd { break }
      sealed { (parser) throws(Stop) in
        members.append(try parser.member())
        try parser.endStatement()
      }
    }
    guard take(.rightBrace) else { throw unexpected("`}`", opened: open) }
    return members
  }

  private mutating func member() throws(Stop) -> Model.Member {
    let first = token
    let isParam =
      isWord(first, "param") && !next.isFirstOnLine
      && (next.kind == .identifier || next.kind == .leftParen && next.span.start > first.span.end)
    if isParam || first.kind == .let || first.kind == .var { return .field(try field(isParam: isParam)) }
    if first.kind == .fn, next.kind.isWord { return .method(try function()) }
    let statement = try statement(isTopLevel: false)
    switch statement.kind {
    case .expression(let value):
      if !value.mayStandAlone { report(Mistakes.unusedValue(value)) }
    case .assign(.path(let path), _):
      report(Mistakes.fieldWithoutWord(text(path.span), at: statement.span))
    case .model, .importing, .test: break
    default: report(Mistakes.notInModel(at: first.span))
    }
    return .statement(statement)
  }

  private mutating func field(isParam: Bool) throws(Stop) -> Model.Field {
    let doc = doc(above: index)
    let word = advance()
    let pattern = try declaredPattern(after: word)
    let value = try initialValue(of: pattern, after: word)
    return Model.Field(
      kind: isParam ? .param : word.kind == .var ? .var : .let, pattern: pattern, value: value, doc: doc,
      span: span(from: word.span))
  }
}
