import NNSSyntax
import Testing

@Suite struct ExpressionTests {
  @Test(arguments: [
    ("1 + 2 * 3", "(+ 1 (* 2 3))"),
    ("1 - 2 - 3", "(- (- 1 2) 3)"),
    ("a @ b.T / sqrt(D)", "(/ (@ a b.T) (call sqrt D))"),
    ("-x ** 2", "(- (** x 2))"),
    ("2 ** -x", "(** 2 (- x))"),
    ("2 ** 3 ** 4", "(** 2 (** 3 4))"),
    ("2 ** -x ** 2", "(** 2 (- (** x 2)))"),
    ("-x.f(1)[0]", "(- (at (call x.f 1) 0))"),
    ("~a & b | c", "(| (& (~ a) b) c)"),
    ("a | b & c + 1", "(| a (& b (+ c 1)))"),
    ("a or b and not c == d", "(or a (and b (not (== c d))))"),
    ("not a and b", "(and (not a) b)"),
    ("not not a", "(not (not a))"),
    ("a not in b and c in d", "(and (not in a b) (in c d))"),
    ("not a in b", "(not (in a b))"),
    ("0..n + 1", "(.. 0 (+ n 1))"),
    ("1..=10 == r", "(== (..= 1 10) r)"),
    ("1..5", "(.. 1 5)"),
    ("a // b % c", "(% (// a b) c)"),
    ("x < -1", "(< x (- 1))"),
    ("(a)", "<a>"), ("(a,)", "(list a)"), ("()", "(list)"), ("(a, ...b)", "(list a ...b)"), ("(...b)", "(list ...b)"),
    ("[1, 2.5,]", "[1 2.5]"), ("[]", "[]"), ("[[1], [2]]", "[[1] [2]]"),
    ("{}", "{}"), ("{a: 1, \"b c\": 2, ...r, if: 3,}", "{a:1 b c:2 ...r if:3}"),
    ("if a { 1 } else if b { 2 } else { 3 }", "(if a {1} {(if b {2} {3})})"),
    ("(if a { 1 } else { 2 }) + 1", "(+ <(if a {1} {2})> 1)"),
    ("if a { 1 } else { 2 } + 1", "(+ (if a {1} {2}) 1)"),
    ("try { f() } catch err { err.message }", "(try {(call f)} err {err.message})"),
    ("try { f() } catch { 1 }", "(try {(call f)} _ {1})"),
    ("fn(x) = x |> f", "(fn (x) {(pipe f x)})"),
    ("fn(x) { x + x }", "(fn (x) {(+ x x)})"),
    ("fn() = fn(y) = y", "(fn () {(fn (y) {y})})"),
  ])
  func operators(_ source: String, _ expected: String) {
    #expect(tree(source) == expected)
  }

  @Test(arguments: [
    ("x |> f", "(pipe f x)"),
    ("x |> f(a, k: b)", "(pipe f x a k:b)"),
    ("x |> net.encode(m)", "(pipe net.encode x m)"),
    ("x |> blocks[0]", "(pipe (at blocks 0) x)"),
    ("x |> (grad(f))", "(pipe <(call grad f)> x)"),
    ("x |> fn(y) = y + 1", "(pipe (fn (y) {(+ y 1)}) x)"),
    ("x |> f |> g(1)", "(pipe g (pipe f x) 1)"),
    ("a + b |> f", "(pipe f (+ a b))"),
    ("x |> f { y }", "(pipe f x {y})"),
    ("x |> f(1) { y }", "(pipe f x 1 {y})"),
    ("x |> self.f", "(pipe self.f x)"),
    ("f(x |> g, y)", "(call f (pipe g x) y)"),
  ])
  func pipes(_ source: String, _ expected: String) {
    #expect(tree(source) == expected)
  }

  @Test(arguments: [
    ("f(a, b: 1, ...c,)", "(call f a b:1 ...c)"),
    ("f(in: 1, if: 2)", "(call f in:1 if:2)"),
    ("f(...xs, 1)", "(call f ...xs 1)"),
    ("x.in.model.self", "x.in.model.self"),
    ("x[1:3, :, ::2]", "(at x 1:3: :: ::2)"),
    ("x[..., 0]", "(at x ... 0)"),
    ("x[:, nil][a:b:c, 1:, :2]", "(at (at x :: nil) a:b:c 1:: :2:)"),
    ("f(1)(2).g[3]", "(at (call (call f 1) 2).g 3)"),
    ("repeat(4) { Block(d) }", "(call repeat 4 {(call Block d)})"),
    ("opt.step { loss(x) }", "(call opt.step {(call loss x)})"),
    ("f { }", "(call f {})"),
    ("f { a: 1 }", "error: `{` after a name or call begins a block, not a record"),
    ("x[0] { a }", "error: expected the end of the line, found `{`"),
    ("f({a: 1})", "(call f {a:1})"),
    ("let r = {a: {b: {}}}", "(let r {a:{b:{}}})"),
    ("if (f { a }) { 1 }", "(if <(call f {a})> {1})"),
    ("if x in [f { a }] { 1 }", "(if (in x [(call f {a})]) {1})"),
    ("for x in ({a: 1}) { x }", "(for x <{a:1}> {x})"),
    ("while f(fn(x) { g { x } }) { }", "(while (call f (fn (x) {(call g {x})})) {})"),
  ])
  func callsAndBraces(_ source: String, _ expected: String) {
    #expect(tree(source) == expected)
  }

  @Test(arguments: [
    ("1_000", "1000"), ("0xff", "255"), ("0b101", "5"), ("1e-3", "0.001"), ("1.5E+2", "150.0"), ("0", "0"), ("00", "0"),
    ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
    ("0x7fff_ffff_ffff_ffff", "9223372036854775807"), ("1_0.0_1", "10.01"), ("0.5", "0.5"), ("θ_1", "θ_1"),
  ])
  func numbersAndNames(_ source: String, _ expected: String) {
    #expect(tree(source) == expected)
  }
}
