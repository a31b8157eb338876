extension Parser {
  /// The dtypes that a shape may name.
  static let dtypes = ["f32", "f64", "bf16", "i64", "i32", "u8", "bool"]

  /// `_`, a name or path, `(A, B)`, `[B, 3, H]` or `f32[N, D]`.
  mutating func annotation() throws(Stop) -> Annotation {
    let start = token
    switch start.kind {
    case .leftParen: return try listAnnotation()
    case .leftBracket: return Annotation(.shape(dtype: nil, try dimensions()), span: span(from: start.span))
    case .fn: return Annotation(.named([identifier(advance())]), span: start.span)
    case .identifier: break
    default:
      if let problem = annotationHabit() { throw fail(problem) }
      throw unexpected("a type or a shape")
    }
    if isWord(advance(), "_") { return Annotation(.any, span: start.span) }
    if kind == .leftBracket, !isAtLineEnd {
      let dtype = text(start.span)
      if !Self.dtypes.contains(dtype) { report(Mistakes.unknownDtype(dtype, at: start.span)) }
      return Annotation(.shape(dtype: dtype, try dimensions()), span: span(from: start.span))
    }
    var path = [identifier(start)]
    while kind == .dot, !isAtLineEnd {
      advance()
      guard kind.isWord else { throw unexpected("a name after `.`") }
      path.append(identifier(advance()))
    }
    if kind == .unknown, text(token.span) == "?" {
      throw fail(Mistakes.optionalAnnotation(text(span(from: start.span)), at: token.span))
    }
    if kind == .bar { throw fail(Mistakes.unionAnnotation(token.span)) }
    return Annotation(.named(path), span: span(from: start.span))
  }

  private mutating func listAnnotation() throws(Stop) -> Annotation {
    let outer = try enter()
    defer { leave(outer) }
    let open = advance()
    let outerContext = context
    context = .brackets
    defer { context = outerContext }
    var items: [Annotation] = []
    var isList = kind == .rightParen
    while kind != .rightParen {
      items.append(try annotation())
      guard take(.comma) else { break }
      isList = true
    }
    try close(.rightParen, open)
    if !isList, let only = items.first { return only }
    return Annotation(.list(items), span: span(from: open.span))
  }

  private mutating func dimensions() throws(Stop) -> [Annotation.Dimension] {
    let open = advance()
    let outer = context
    context = .brackets
    defer { context = outer }
    var dimensions: [Annotation.Dimension] = []
    var rest: Span?
    while kind != .rightBracket {
      let dimension = try dimension()
      if case .rest = dimension.kind {
        if let rest { report(Mistakes.secondRestDimension(dimension.span, first: rest)) }
        rest = dimension.span
      }
      dimensions.append(dimension)
      guard take(.comma) else { break }
    }
    try close(.rightBracket, open)
    return dimensions
  }

  private mutating func dimension() throws(Stop) -> Annotation.Dimension {
    let start = token
    if take(.ellipsis) { return Annotation.Dimension(.rest, span: start.span) }
    if isWord(start, "_") {
      advance()
      return Annotation.Dimension(.any, span: start.span)
    }
    let value = try expression()
    let kind: Annotation.Dimension.Kind
    switch value.kind {
    case .int(let size) where size >= 0: kind = .size(size)
    case .name(let name): kind = .name(name)
    case .parenthesized(let inner): kind = .expression(inner)
    case .int, .unary(.negate, _), .float, .string, .bool, .nil, .tensor, .list, .record, .range, .function:
      throw fail(Mistakes.badDimension(text(value.span), at: value.span))
    default: kind = .expression(value)
    }
    return Annotation.Dimension(kind, span: value.span)
  }
}
