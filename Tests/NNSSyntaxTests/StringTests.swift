import NNSSyntax
import Testing

@Suite struct StringTests {
  @Test(arguments: [
    (#""""#, "\"\""),
    (#""a\n\t\r\0\"\\\{\}\u{1F600}}""#, "\"a\n\t\r\0\"\\{}\u{1F600}}\""),
    (#""a{x}b""#, "\"a{x}b\""),
    (#""{x:.4f} {n:>8} {p:.1%} {a:*^+010,.2e}""#, "\"{x:.4f} {n: >8} {p:.1%} {a:*^+010,.2e}\""),
    (#""{"a{"b"}"}""#, "\"{\"a{\"b\"}\"}\""),
    (#""{x[1:2]}{f(a: 1):3}{ {a: 1}.a }""#, "\"{(at x 1:2:)}{(call f a:1):3}{{a:1}.a}\""),
    (#""{if a { "x" } else { "y" }:>3}""#, "\"{(if a {\"x\"} {\"y\"}): >3}\""),
    (#""{fn(x: int) = x |> f}""#, "\"{(fn (x:int) {(pipe f x)})}\""),
    (#""{x:}""#, "\"{x:}\""),
    ("\"\"\"a{x}\"\"\"", "\"a{x}\""),
    ("\"\"\"\n  a\n    b\n\n  c\n  \"\"\"", "\"a\n  b\n\nc\""),
    ("\"\"\"\n    a\n  {x}\n\"\"\"", "\"  a\n{x}\""),
    ("\"\"\"a\n  b\n   c\"\"\"", "\"a\nb\n c\""),
    ("\"\"\"\n\ta\\n  \"\" \n\t\tb\n\"\"\"", "\"a\n  \"\" \n\tb\""),
    ("\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", "\"a\nb\""),
    ("\"\"\"\n\"\"\"", "\"\""), ("\"\"\"\"\"\"", "\"\""), ("\"\"\"\n\n\"\"\"", "\"\""),
    ("\"\"\"{f(\n1)}\"\"\"", "\"{(call f 1)}\""),
  ])
  func strings(_ source: String, _ expected: String) {
    #expect(tree(source) == expected)
  }

  @Test(arguments: [
    (#""{{x}}""#, "1:2 `{{` is not a plain brace"),
    (#""{}""#, "1:2 nothing stands between the braces"),
    (#""{ }""#, "1:2 nothing stands between the braces"),
    (#""\q""#, #"1:2 `\q` is not an escape"#),
    (#""\u{D800}""#, "1:2 this is not a character"),
    (#""\u12""#, "1:2 this is not a character"),
    (#""\u{+1}""#, "1:2 this is not a character"),
    (#""{x:>}""#, "ok"),
    (#""{x:zz}""#, "1:4 `zz` is not a format"),
    ("\"abc", "1:1 this string is not closed on its line"),
    ("\"{x", "1:2 this `{` is not closed before its string ends"),
    ("\"{f(x", "1:1 this string is not closed on its line"),
    ("\"{x\"", "1:2 this `{` is not closed before its string ends"),
    ("'it'", "1:1 strings stand in double quotes"),
    ("\"a\" \"b\"", "1:5 two strings stand side by side"),
    ("f\"{x}\"", "1:1 a string needs no `f` before it"),
    ("r\"x\"", "1:1 a string has no `r` before it"),
  ])
  func mistakesInStrings(_ source: String, _ expected: String) {
    #expect(mistakes(source) == (expected == "ok" ? [] : [expected]))
  }

  @Test func theBraceIsNamed() {
    #expect(help(#""{{x}}""#)?.contains(#"`\{`"#) == true)
    #expect(help(#""{}""#)?.contains(#"`\{"#) == true)
    #expect(help("'it'") == "write `\"it\"`")
  }
}
