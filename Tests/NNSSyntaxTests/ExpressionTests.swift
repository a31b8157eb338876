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
}
