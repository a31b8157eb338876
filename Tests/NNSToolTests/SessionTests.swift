import NNS
import NNSSyntax
import Testing

@testable import NNSTool

/// The parts of a session, without a terminal.
@Suite struct SessionTests {
  private let interpreter = Interpreter()

  private func run(_ line: String) throws -> String {
    interpreter.describe(try interpreter.runLine(line, named: "line"))
  }

  // MARK: Lines

  @Test func namesAreReplaced() throws {
    _ = try run("let x = 1")
    _ = try run("let x = x + 1")
    #expect(try run("x") == "2")
    _ = try run("fn f() = x")
    _ = try run("fn f() = x * 10")
    #expect(try run("f()") == "20")
  }

  @Test func anErrorLeavesNamesAndValuesAsTheyWere() throws {
    _ = try run("var xs = (1, 2)")
    _ = try run("model Counter() { var n = 0 }")
    _ = try run("let counter = Counter()")
    #expect(throws: NNSError.self) { try run("let half = 1; xs.push(3); counter.n = 5; 1 // 0") }
    #expect(try run("xs") == "(1, 2)")
    #expect(throws: NNSError.self) { try run("half") }
    // Models are objects: what was changed in them stays.
    #expect(try run("counter.n") == "5")
  }

  @Test(arguments: ["fn f() {", "(1,", "1 +", "\"\"\"a", "if true {", "x |>", "let a ="])
  func unfinished(_ text: String) { #expect(Interpreter.isIncomplete(text)) }

  @Test(arguments: ["1 + 1", "fn f() { 1 }", ")", "let = 3", "\"a", ""])
  func finished(_ text: String) { #expect(!Interpreter.isIncomplete(text)) }

  // MARK: Completion

  @Test(arguments: [
    ("temp", ["temperature"]), ("record.al", ["all", "alpha"]), ("record[\"be", ["beta"]),
    ("layers[0].wei", ["weight"]),
    ("Linear(4, 2, bias", ["biased:"]), ("print(\"{temp", ["temperature"]), ("whi", ["while"]), ("record.zzz", []),
    ("softma", ["softmax"]), ("layers[99].", []), ("unknown.", []),
  ])
  func completes(_ line: String, _ wanted: [String]) throws {
    _ = try run("let temperature = 1; let record = {alpha: 1, beta: 2}; let layers = (Linear(2, 3),)")
    #expect(interpreter.completion(of: line).candidates == wanted)
  }

  @Test(arguments: ["", "(", ")", "\"", "\"{", "a.b.c.", "[0].", "...", "\u{0}", "f(\"", "ä.", "x[0][1].y(", "}}}"])
  func completionOfAnythingEnds(_ line: String) {
    let found = interpreter.completion(of: line)
    #expect(found.start <= line.utf8.count)
  }

  @Test func aCallShowsWhatItTakes() {
    #expect(interpreter.completion(of: "Linear(3, ").signature?.hasPrefix("model Linear(inputs, outputs") == true)
  }

  // MARK: Text

  @Test func promptsAndOutputsAreStripped() {
    #expect(Pasted.cleaned("nns> let a = [\n...>   1]\nnns> a\ni64[1]\n[1]\nnns>") == "let a = [\n  1]\na\n")
    #expect(Pasted.cleaned("print(\"nns> \")") == "print(\"nns> \")")
  }

  @Test(arguments: ["a\nb", "\\n", "\\", "", "ä\\\\n\n"])
  func historyReadsBackWhatItWrote(_ entry: String) {
    #expect(!History.escaped(entry).contains("\n"))
    #expect(History.unescaped(History.escaped(entry)) == entry)
  }

  @Test func aTranscriptRuns() throws {
    let lines: [Transcript.Line] = [
      .init(code: "let x = 1", isShown: false), .init(code: "fn f() = 1", isShown: false),
      .init(code: "let (x, y) = (2, 3)", isShown: false), .init(code: "fn f() = x + y", isShown: false),
      .init(code: "f() * 2", isShown: true, isAnswer: true), .init(code: "ans + 1;", isShown: false, isAnswer: true),
      .init(code: "let x = ans", isShown: false), .init(code: "print(x)", isShown: false),
    ]
    let printed = Printed()
    var host = Host.sandboxed
    host.output = { printed.add($0) }
    try Interpreter(host: host).run(Transcript.script(of: lines), named: "saved.nns")
    #expect(printed.text == "10\n11\n")
  }

  @Test func longValuesAreWrapped() throws {
    let value = try interpreter.runLine("{name: \"a long enough text\", items: list(0..200)}", named: "line")
    let text = interpreter.present(value, width: 30)
    #expect(text.hasPrefix("record of 2\n{\n  name: \"a long enough text\",\n  items: (\n    0,\n    1,"))
    #expect(text.contains("… 100 more"))
  }

  @Test func tensorsArePrintedAsTheScriptSays() throws {
    let value = try interpreter.runLine("print_options(precision: 2); linspace(0, 1, 7)", named: "line")
    #expect(
      interpreter.present(value, width: 20)
        == "f32[7]  0 … 1  mean 0.5\n[0.00, 0.17, 0.33,\n 0.50, 0.67, 0.83,\n 1.00]")
  }

  @Test func codeKeepsItsTextInColours() {
    let code = "let a = \"x{1 + 2}\" # note\n"
    let colored = Highlighter.colored(code)
    #expect(colored.contains("\u{1B}[35mlet\u{1B}[0m"))
    #expect(colored.replacing(/\u{1B}\[\d+m/, with: "") == code)
  }
}

/// What a script printed.
private final class Printed: @unchecked Sendable {
  private(set) var text = ""
  func add(_ more: String) { text += more }
}
