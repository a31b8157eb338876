import NNSSyntax
import NNSTool
import Testing

@Suite struct RendererTests {
  /// A script in which `«` and `»` mark spans, in the order of their beginnings.
  private struct Script {
    var sources = SourceMap()
    var spans: [Span] = []
    private var files: UInt32 = 0

    init(_ marked: String, name: String = "train.nns") { add(marked, name: name) }

    mutating func add(_ marked: String, name: String) {
      var text = ""
      var open: [Int] = []
      let file = files
      files += 1
      for scalar in marked.unicodeScalars {
        let offset = UInt32(text.utf8.count)
        switch scalar {
        case "«":
          open.append(spans.count)
          spans.append(Span(file: file, start: offset, end: offset))
        case "»": spans[open.removeLast()].end = offset
        default: text.unicodeScalars.append(scalar)
        }
      }
      _ = sources.add(SourceFile(name: name, text: text))
    }

    func render(_ diagnostic: Diagnostic, width: Int = 120) -> String {
      Renderer(width: width).render(diagnostic, sources: sources)
    }
  }

  @Test func theFormOfTheLanguagePage() {
    var lines = [String](repeating: "", count: 21)
    lines[2] = "let w1 = «randn(512, 256)»"
    lines[9] = "for (x, label) in «batches(train, 64, shuffle: true, drop_last: true)» {"
    lines[13] = "  let h = «x @ w1» + b1"
    lines[20] = "    «net(x)»"
    let script = Script(lines.joined(separator: "\n"))
    var diagnostic = Diagnostic(
      .shape, "matrix product of f32[64, 784] and f32[512, 256]: inner sizes 784 and 512 differ", at: script.spans[2],
      help: "w1 needs 784 rows")
    diagnostic.notes = [
      .init(label: "x", text: "f32[64, 784]", origin: script.spans[1]),
      .init(label: "w1", text: "f32[512, 256]", origin: script.spans[0]),
    ]
    diagnostic.trace = [.init(span: script.spans[3], function: "forward")]
    #expect(
      script.render(diagnostic) == """
        error: matrix product of f32[64, 784] and f32[512, 256]: inner sizes 784 and 512 differ
          --> train.nns:14:11
           |
        14 |   let h = x @ w1 + b1
           |           ^^^^^^
           = x   f32[64, 784]   from batches(...) at train.nns:10:19
           = w1  f32[512, 256]  from randn(512, 256) at train.nns:3:10
           = help: w1 needs 784 rows
           = called from train.nns:21:5 in forward

        """)
  }

  @Test func labelsStandUnderTheirLines() {
    let script = Script("let a = «(»1,\n  2,\nlet b = 3\n«}»")
    var diagnostic = Diagnostic(.syntax, "expected ')', found '}'", at: script.spans[1])
    diagnostic.labels = [.init(span: script.spans[0], text: "opened here")]
    #expect(
      script.render(diagnostic) == """
        error: expected ')', found '}'
         --> train.nns:4:1
          |
        1 | let a = (1,
          |         - opened here
        ...
        4 | }
          | ^

        """)
  }

  @Test func placesOnOneLineAndInTwoFiles() {
    var script = Script("«f»(«1»)")
    script.add("\nfn «f»() = 1", name: "layers.nns")
    var diagnostic = Diagnostic(.type, "f takes no arguments", at: script.spans[0])
    diagnostic.severity = .warning
    diagnostic.labels = [
      .init(span: script.spans[1], text: "too many"), .init(span: script.spans[2], text: "declared here"),
    ]
    #expect(
      script.render(diagnostic) == """
        warning: f takes no arguments
         --> train.nns:1:1
          |
        1 | f(1)
          | ^
          |   - too many
         ::: layers.nns:2:4
          |
        2 | fn f() = 1
          |    - declared here

        """)
  }

  @Test func tabsAndWideCharactersKeepTheCaretsAligned() {
    let script = Script("\tlet 名 = «é👩‍👩‍👧名» + 1")
    #expect(
      script.render(Diagnostic(.name, "no", at: script.spans[0])) == """
        error: no
         --> train.nns:1:10
          |
        1 |     let 名 = é👩‍👩‍👧名 + 1
          |              ^^^^^

        """)
  }

  @Test func spansOverLinesShowTheFirst() {
    let script = Script("x = «foo(\n  1)»\n")
    #expect(
      script.render(Diagnostic(.name, "no", at: script.spans[0])) == """
        error: no
         --> train.nns:1:5
          |
        1 | x = foo(
          |     ^^^^

        """)
  }

  @Test func theEndOfTheTextAndNoPlaceAtAll() {
    let script = Script("foo(\n«»")
    #expect(
      script.render(Diagnostic(.syntax, "no", at: script.spans[0])) == """
        error: no
         --> train.nns:2:1
          |
        2 |
          | ^

        """)
    let lost = Diagnostic(.io, "no", at: .none, help: "first\nsecond")
    #expect(script.render(lost) == "error: no\n  = help: first\n          second\n")
  }

  @Test func longLinesAreCutAroundThePlace() {
    let script = Script(String(repeating: "a + ", count: 100) + "«oops»" + String(repeating: " + b", count: 100))
    #expect(
      script.render(Diagnostic(.name, "no", at: script.spans[0]), width: 60) == """
        error: no
         --> train.nns:1:401
          |
        1 | …a + a + a + a + a + oops + b + b + b + b + b + b + b + b +…
          |                      ^^^^

        """)
    let start = Script("«oops»" + String(repeating: " + b", count: 1_000_000))
    #expect(
      start.render(Diagnostic(.name, "no", at: start.spans[0]), width: 40) == """
        error: no
         --> train.nns:1:1
          |
        1 | oops + b + b + b + b + b + b + b + b + …
          | ^^^^

        """)
  }

  @Test func controlCharactersCannotActOnTheTerminal() {
    let script = Script("«x\u{1B}[31m» # \u{202E}abc", name: "a\u{1B}.nns")
    let text = script.render(Diagnostic(.name, "no \u{1B}[2J", at: script.spans[0]))
    #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
  }

  @Test func longTracesKeepTheirEnds() {
    let script = Script((0..<30).map { "«f\($0)()»" }.joined(separator: "\n"))
    var diagnostic = Diagnostic(.limit, "too deep", at: script.spans[0])
    diagnostic.trace = script.spans.enumerated().map { .init(span: $1, function: $0 == 29 ? "" : "f\($0)") }
    let lines = script.render(diagnostic).split(separator: "\n").dropFirst(5)
    #expect(
      lines.map { String($0.drop { $0 == " " }) } == [
        "= called from train.nns:1:1 in f0", "= called from train.nns:2:1 in f1", "= called from train.nns:3:1 in f2",
        "= called from train.nns:4:1 in f3", "= called from train.nns:5:1 in f4", "= called from train.nns:6:1 in f5",
        "= ...", "= called from train.nns:27:1 in f26", "= called from train.nns:28:1 in f27",
        "= called from train.nns:29:1 in f28", "= called from train.nns:30:1",
      ])
    diagnostic.trace = Array(repeating: .init(span: script.spans[3], function: "f"), count: 40)
    #expect(script.render(diagnostic).hasSuffix("= called from train.nns:4:1 in f, again and again\n"))
  }

  @Test func longOriginsAreShortened() {
    let script = Script(
      "«a.very_long_name(one, two, three, four, five)»\n«[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]»\n«f(\n1)»\n«x»")
    var diagnostic = Diagnostic(.shape, "no", at: script.spans[3])
    diagnostic.notes = script.spans[..<3].map { .init(label: "x", text: "f32[1]", origin: $0) }
    diagnostic.notes.append(.init(text: "rows are samples"))
    let lines = script.render(diagnostic).split(separator: "\n").dropFirst(5)
    #expect(
      Array(lines) == [
        "  = x  f32[1]  from a.very_long_name(...) at train.nns:1:1",
        "  = x  f32[1]  from [1, 2, 3, 4, 5, 6, 7, 8, 9, 1... at train.nns:2:1",
        "  = x  f32[1]  from f(...) at train.nns:3:1", "  = rows are samples",
      ])
  }

  @Test func coloursMarkTheParts() {
    let script = Script("«x»")
    let text = Renderer(isColored: true).render(
      Diagnostic(.name, "no", at: script.spans[0], help: "y"), sources: script.sources)
    #expect(
      text == """
        \u{1B}[1;31merror:\u{1B}[0m \u{1B}[1mno\u{1B}[0m
         \u{1B}[34m-->\u{1B}[0m train.nns:1:1
        \u{1B}[34m  |\u{1B}[0m
        \u{1B}[34m1 |\u{1B}[0m x
        \u{1B}[34m  |\u{1B}[0m \u{1B}[31m^\u{1B}[0m
          \u{1B}[34m=\u{1B}[0m \u{1B}[1mhelp: \u{1B}[0my

        """)
  }

  @Test func jsonForTools() {
    let script = Script("é = «x»")
    var diagnostic = Diagnostic(.name, "no \"x\"", at: script.spans[0], help: "y")
    diagnostic.notes = [.init(text: "n")]
    #expect(
      DiagnosticJSON.render([diagnostic], sources: script.sources)
        == #"{"severity":"error","kind":"name","message":"no \"x\"","file":"train.nns","line":1,"column":5,"#
        + #""endLine":1,"endColumn":6,"labels":[],"notes":[{"label":"","text":"n"}],"help":"y","trace":[]}"# + "\n")
  }
}
