import NNSSyntax
import Testing

@Suite struct NewlineTests {
  @Test(arguments: [
    ("let a = 1 +\n\n # c\n 2", "(let a (+ 1 2))"),
    ("let a =\n 1", "(let a 1)"),
    ("let a = x not in\n y", "(let a (not in x y))"),
    ("let a = x\n # c\n\n  |> f\n  |> g", "(let a (pipe g (pipe f x)))"),
    ("let a = x\n  .f(1)\n\n # c\n  .g", "(let a (call x.f 1).g)"),
    ("fn f(x) ->\n int = x", "(fn f (x) -> int {x})"),
    ("fn f(x) =\n x", "(fn f (x) {x})"),
    ("f(\n1\n-2\n,\n)", "(call f (- 1 2))"),
    ("[1\n,2\n]", "[1 2]"),
    ("let r = {\na:\n1\n,\n}", "(let r {a:1})"),
    ("f(g {\n let a = 1\n a\n})", "(call f (call g {(let a 1); a}))"),
    ("f(fn() {\n h()\n -1\n})", "(call f (fn () {(call h); (- 1)}))"),
    ("f()\n-x", "(call f); (- x)"),
    ("f()\n(a, b) = c", "(call f); (= (a b) c)"),
    ("f()\n[1]", "(call f); [1]"),
    ("if a { 1 }\n\n# c\nelse { 2 }", "(if a {1} {2})"),
    ("try { 1 }\ncatch e { 2 }", "(try {1} e {2})"),
    ("fn f() {\n return\n g()\n}", "(fn f () {(return); (call g)})"),
    ("let a = 1\r\nlet b = 2\r\n", "(let a 1); (let b 2)"),
    ("(f\n(x))", "<(call f x)>"),
    ("\u{FEFF}let a = 1", "(let a 1)"),
    ("#! nns\nf()", "(call f)"),
    ("", ""), ("\n# only\n", ""), (";;", ""),
  ])
  func linesGoOn(_ source: String, _ expected: String) {
    #expect(tree(source) == expected)
  }

  @Test(arguments: ["+", "- ", "*", "/", "//", "%", "@", "==", "<", "|", "&", "and", "or", "in", "not in", "..", "**"])
  func anOperatorCannotBeginALine(_ sign: String) {
    let word = sign.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    #expect(mistakes("let x = a\n  \(sign) b") == ["2:3 a line cannot begin with `\(word)`"])
  }
}
