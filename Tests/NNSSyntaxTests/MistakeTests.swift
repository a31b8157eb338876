import NNSSyntax
import Testing

/// Each named mistake at its place.
@Suite struct MistakeTests {
  @Test(arguments: [
    ("def f(x):\n  return x", "1:1 a function begins with `fn`, not `def`"),
    ("function f(x) { x }", "1:1 a function begins with `fn`, not `function`"),
    ("class Net(Module):", "1:1 there is no `class`"),
    ("const x = 3", "1:1 a constant begins with `let`, not `const`"),
    ("let mut x = 3", "1:5 a variable begins with `var`"),
    ("if x:\n  f()", "1:5 a block stands in braces"),
    ("fn f(x) -> int:\n  x", "1:15 a block stands in braces"),
    ("if x { 1 }\nelif y { 2 }", "2:1 there is no `elif`"),
    ("if x { 1 } elseif y { 2 } else { 3 }", "1:12 there is no `elseif`"),
    ("while true do\n f()", "1:12 `while` needs no `do`"),
    ("if x\n{ 1 }", "2:1 the `{` of `if` stands on its line"),
    ("let a = True", "1:9 `True` is written `true`"),
    ("let a = None", "1:9 `None` is written `nil`"),
    ("model M() { fn f(self, x) { x } }", "1:18 `self` is no parameter"),
    ("fn f(*args) = 1", "1:6 `*` does not begin a parameter"),
    ("fn f(**kwargs) = 1", "1:6 `**` does not begin a parameter"),
    ("f(*xs)", "1:3 `*` does not spread"),
    ("let f = lambda x: x", "1:9 there is no `lambda`"),
    ("if x = 3 { 1 }", "1:6 `=` assigns and does not compare"),
    ("let a = b && c", "1:11 `&&` means nothing here"),
    ("let a = b || c", "1:11 `||` means nothing here"),
    ("let a = !b", "1:9 `!` means nothing here"),
    ("x++", "1:2 there is no `++`"), ("x--", "1:2 there is no `--`"),
    ("print x", "1:1 a call needs parentheses"),
    ("let s = [x for x in xs]", "1:12 there are no comprehensions"),
    ("let y = [1:2]", "1:11 `:` does not stand here"),
    ("let c = [\"cat\", \"dog\"]", "1:10 square brackets make a tensor, which cannot hold strings"),
    ("let c = a if b else d", "1:11 `if` does not follow a value"),
    ("x |> f + 1", "1:8 `+` after a pipe needs parentheses"),
    ("x |> f not in y", "1:8 `not in` after a pipe needs parentheses"),
    ("x |> 3", "1:6 the right side of `|>` is what the left side is passed to"),
    ("a < b < c", "1:7 comparisons do not chain"), ("a == b not in c", "1:8 comparisons do not chain"),
    ("1..2..3", "1:5 ranges do not chain"),
    ("1 + not x", "1:5 `not` binds more loosely than the operator before it"),
    ("let 1 = x", "1:5 expected a name after `let`, found the number `1`"),
    ("let x", "1:5 `x` needs a value"), ("let x: int = 3", "1:6 only parameters and results are annotated"),
    ("let in = 3", "1:5 `in` is a keyword and cannot be a name here"),
    ("let (a, b = f()", "1:5 this `(` is never closed"), ("for (a, b in c { }", "1:5 this `(` is never closed"),
    ("let a, b = f()", "1:6 a list needs parentheses"), ("return a, b", "1:9 a list needs parentheses"),
    ("for x, y in z { }", "1:6 a list needs parentheses"),
    ("for (let i = 0; i < 3; i++) { }", "1:5 `for` goes over values"),
    ("let (a, a) = f()", "1:9 `a` is declared twice"), ("fn f(x, (y, x)) = 1", "1:13 `x` is declared twice"),
    ("fn f(...xs, y) = 1", "1:13 no parameter can follow the rest parameter"),
    ("f(a: 1, 2)", "1:9 an argument without a name cannot follow a named one"),
    ("f(a: 1, a: 2)", "1:9 `a` is passed twice"), ("f(a = 1)", "1:5 a named argument has a `:`"),
    ("let r = {a: 1, \"a\": 2}", "1:16 the key `a` occurs twice"),
    ("let r = {a, b}", "1:10 the key `a` has no value"), ("let r = {a = 1}", "1:12 a key is followed by `:`"),
    ("let r = {1: 2}", "1:10 the keys of a record are names or strings"),
    ("let r = { let a = 1 }", "1:9 `{` begins a record here, not a block"),
    ("if {a: 1} == x { 2 }", "1:4 `if` needs a condition before `{`"),
    ("while x == {a: 1} { 2 }", "1:12 expected an expression, found `{`"),
    ("x.0", "1:3 a name follows `.`, not a number"), ("let a = 1.", "1:9 a number does not end with a point"),
    ("let a = .5", "1:9 a number does not begin with a point"),
    ("let a = 2x", "1:9 `2x` is not a number"), ("let a = 1_", "1:9 `1_` is not a number"),
    ("let a = 0x", "1:9 `0x` has no digits"), ("let a = 0b12", "1:9 `0b12` is not a number"),
    ("let a = 017", "1:9 an int does not begin with 0"),
    ("let a = 9223372036854775808", "1:9 `9223372036854775808` does not fit into an int"),
    ("let a = -9223372036854775808 ** 2", "1:10 `9223372036854775808` does not fit into an int"),
    ("let a = 1e999", "1:9 `1e999` does not fit into a float"),
    ("f(x) = 3", "1:1 a call cannot be assigned to"), ("a + b = 3", "1:1 this expression cannot be assigned to"),
    ("a = b = 3", "1:7 an assignment has no value"),
    ("(a, b) += 1", "1:1 this expression cannot be assigned to"),
    ("a\nf()", "1:1 the value of this expression is not used"),
    ("fn f() { a == b; c }", "1:10 the value of this expression is not used"),
    ("model M() { a }", "1:13 the value of this expression is not used"),
    ("model M() { x = 3 }", "1:13 a field begins with `param`, `let` or `var`"),
    ("model M { }", "1:7 the model `M` needs parentheses"),
    ("fn f() { import plot }", "1:10 `import` can stand at the top level of a file only"),
    ("import a.b", "1:9 an `import` names one module"),
    ("import \"my-file.nns\"", "1:8 the file's name is not a name in the language"),
    ("from a import b", "1:1 there is no `from … import`"),
    ("fn f(x: g32[B]) = x", "1:9 `g32` is not a dtype"), ("fn f(x: nil) = x", "1:9 `nil` is not a type"),
    ("fn f(x: [..., B, ...]) = x", "1:18 a shape has at most one `...`"),
    ("let y = x ? 1 : 2", "1:11 `?` means nothing here"), ("let y = x ^ 2", "1:11 `^` means nothing here"),
    ("let y = €", "1:9 `€` means nothing here"),
    ("let a = f(_)", "1:11 `_` has no value"), ("let y = return 3", "1:9 `return` is a statement and has no value"),
    ("x[]", "1:2 an index is missing"), ("[...xs]", "1:2 `...` does not stand in a tensor"),
    ("try { f() }\ng()", "1:1 this `try` has no `catch`"), ("raise\nf()", "1:1 `raise` needs a value on its line"),
    ("x = )", "1:5 nothing is open that this `)` would close"), ("}", "1:1 nothing is open that this `}` would close"),
    ("let a = [1, 2)", "1:14 expected `,` or `]`, found `)`"),
    ("let a = 1 let b = 2", "1:11 expected the end of the line, found `let`"),
    ("let a = b is c", "1:11 there is no `is`"),
  ])
  func named(_ source: String, _ expected: String) {
    #expect(mistakes(source) == [expected])
  }

  @Test(arguments: [
    ("let c = [\"cat\", \"dog\"]", "write a list: `(\"cat\", \"dog\")`"),
    ("let c = [\"cat\"]", "write a list: `(\"cat\",)`"),
    ("x.0", "write `x[0]` for an element"), ("a < b < c", "write `a < b and b < …`"),
    ("print x", "write `print(x)`; two statements on one line are separated by `;`"),
    ("x |> f + 1", "write `(x |> f) + …`, or `x |> (f + …)`"), ("let x", "write `let x = …`; `nil` is a value too"),
    ("f(x) = 3", "to define a function, write `fn f(x) = …`"), ("2x", "for a product, write `2 * x`"),
  ])
  func helped(_ source: String, _ expected: String) {
    #expect(help(source) == expected)
  }

  @Test func anUnclosedBracketIsShownWhereItOpened() throws {
    let result = parse(SourceFile(name: "test", text: "let a = (1, 2\nlet b = 3"), index: 0)
    let mistake = try #require(result.diagnostics.first)
    #expect(mistake.message == "this `(` is never closed")
    #expect(mistake.span == Span(file: 0, start: 8, end: 9))
    #expect(mistake.labels.first?.span == Span(file: 0, start: 14, end: 17))
    #expect(result.program.statements.count == 1)
  }
}
