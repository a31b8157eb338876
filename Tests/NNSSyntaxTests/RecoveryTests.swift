import NNSSyntax
import Testing

@Suite struct RecoveryTests {
  @Test func severalMistakesAreReportedOnceEach() {
    let source = """
      let a = 3 3 3
      fn f(x) {
        let b = (1 +
        let c = 2 2
        c
      }
      f(1, 2
      let d = ]
      let e = "abc
      model M() {
        param w = )
        fn forward(x) = x x
      }
      let last = 4
      """
    #expect(
      mistakes(source) == [
        "1:11 expected the end of the line, found the number `3`",
        "4:3 expected an expression, found `let`",
        "4:13 expected the end of the line, found the number `2`",
        "7:2 this `(` is never closed",
        "8:9 nothing is open that this `]` would close",
        "9:9 this string is not closed on its line",
        "11:13 nothing is open that this `)` would close",
        "12:19 a call needs parentheses",
      ])
    #expect(parse(SourceFile(name: "test", text: source), index: 0).program.statements.count == 4)
  }

  @Test func thereIsAnEndToIt() {
    #expect(mistakes(String(repeating: "x x\n", count: 100)).count == Parser.maximumErrors)
  }

  @Test(arguments: [
    "f(", "f(1,", "[1", "let r = {", "let r = {a:", "fn f() {", "fn f() {\n  let a = 1\n", "let a =", "let a = 1 +",
    "x |>", "x = y and", "fn f(x) ->", "fn f(x) =", "if a { f()", "if a {} else {", "try { 1 }", "try { 1 } catch e {",
    "\"\"\"abc", "\"\"\"a{f(", "f { [1, (2,", "a +=", "model M() {\n  param a = 1\n", "let (a,", "f(\n)[\n", "x in",
    "f { x +",
  ])
  func moreLinesMayMend(_ source: String) {
    let result = parse(SourceFile(name: "test", text: source), index: 0)
    #expect(result.isIncomplete)
    #expect(result.diagnostics.count == 1)
  }

  @Test(arguments: [
    "", "f()", "let a", "if a", "fn f(x)", "\"abc", "\"{f(", "f(]", "x x\nf(", "raise", "not", "x.", "}", "'",
    "import \"a\" as",
    "f(\"{{\"", "let a = 08 +",
  ])
  func moreLinesDoNotMend(_ source: String) {
    #expect(!parse(SourceFile(name: "test", text: source), index: 0).isIncomplete)
  }
}
