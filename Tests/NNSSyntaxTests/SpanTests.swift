import NNSSyntax
import Testing

@Suite struct SpanTests {
  /// The text that the only expression of a source covers, and that of its callee or left operand.
  private func texts(_ source: String) throws -> [String] {
    let file = SourceFile(name: "test", text: source)
    let result = parse(file, index: 0)
    guard case .expression(let expression)? = result.program.statements.last?.kind else { throw Unexpected() }
    let inner: Expr? =
      switch expression.kind {
      case .call(let call): call.callee
      case .binary(_, let left, _), .and(let left, _), .or(let left, _), .range(let left, _, _): left
      case .index(let base, _), .member(let base, _): base
      case .not(let value), .unary(_, let value), .parenthesized(let value): value
      default: nil
      }
    return [file.text(expression.span)] + (inner.map { [file.text($0.span)] } ?? [])
  }

  @Test(arguments: [
    (" net.f(a, b) ", ["net.f(a, b)", "net.f"]),
    ("x |> f(a) ", ["x |> f(a)", "f"]),
    ("x + 1\n |> f\n |> g", ["x + 1\n |> f\n |> g", "g"]),
    ("f(1) { 2 } ", ["f(1) { 2 }", "f"]),
    ("(a + b) * c ", ["(a + b) * c", "(a + b)"]),
    ("a or b # c", ["a or b", "a"]),
    ("x[1:2] ", ["x[1:2]", "x"]), ("x.y ", ["x.y", "x"]), ("not a == b", ["not a == b", "a == b"]),
    ("- x ** 2", ["- x ** 2", "x ** 2"]), ("[1, 2,] ", ["[1, 2,]"]), ("\"a{x}\" ", ["\"a{x}\""]),
    ("if a { 1 } else { 2 } ", ["if a { 1 } else { 2 }"]), ("fn(x) = x + 1 ", ["fn(x) = x + 1"]),
  ])
  func expressionsCoverTheirText(_ source: String, _ expected: [String]) throws {
    #expect(try texts(source) == expected)
  }

  @Test func tokensCoverTheText() {
    let file = SourceFile(name: "test", text: "let s = \"a{x:.2f}\" # c\n## d\nf(θ)")
    let tokens = tokenize(file, index: 2)
    #expect(
      tokens.map { file.text($0.span) } == [
        "let", "s", "=", "\"", "a", "{", "x", ":.2f", "}", "\"", "# c", "## d", "f", "(", "θ", ")",
      ])
    #expect(
      tokens.map(\.kind.category) == [
        .keyword, .name, .operator, .string, .string, .bracket, .name, .string, .bracket, .string, .comment, .comment,
        .name, .bracket, .name, .bracket,
      ])
    #expect(tokens.allSatisfy { $0.span.file == 2 })
  }
}
