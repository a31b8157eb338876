import Foundation
import NNSSyntax
import Testing

@Suite struct SafetyTests {
  #if DEBUG
  static let levels = 4000
  static let longSize = 300_000
  #else
  static let levels = 100_000
  static let longSize = 10_000_000
  #endif

  /// What nests or chains.
  static let towers: [(open: String, close: String)] = [
    ("(", ")"), ("[", "]"), ("{a:", "}"), ("f(", ")"), ("x[", "]"), ("not ", ""), ("- ", ""), ("~", ""), ("2**", ""),
    ("\"{", "}\""), ("\"\"\"{", "}\"\"\""), ("if a {", "}"), ("if a {} else ", ""), ("while a {", "}"), ("f {", "}"),
    ("fn() = ", ""), ("fn x() {", "}"), ("fn(a = ", ") = 1"), ("try {", "} catch {}"), ("x |> f(", ")"),
    ("1 + f(", ")"),
    ("let (", ""), ("fn(a: [(", ""), ("if ", ""), ("([{", ""), ("1+", ""), ("a.", ""), ("x |> ", ""), ("f()", ""),
  ]

  @Test(arguments: towers.indices)
  func towersGiveAnAnswer(_ number: Int) throws {
    let (open, close) = Self.towers[number]
    let tower = String(repeating: open, count: Self.levels)
    for text in [tower + "1" + String(repeating: close, count: Self.levels), tower] {
      let mistakes = try #require(onLargeStack(text))
      #expect(!mistakes.isEmpty && mistakes.count <= Parser.maximumErrors)
    }
  }

  @Test(arguments: ["(": ")", "[": "]", "f(": ")", "- ": "", "x[": "]", "{a:": "}", "not ": ""])
  func fiveHundredLevelsAreFine(_ open: String, _ close: String) {
    let text = String(repeating: open, count: 500) + "1" + String(repeating: close, count: 500)
    #expect(onLargeStack(text) == [])
  }

  @Test func tooDeepIsSaidAtThePlace() {
    let text = String(repeating: "(", count: 100_000)
    #expect(onLargeStack(text) == ["1:1001 nested too deeply (more than 1000 levels)"])
  }

  @Test func theStackLimitIsKept() {
    var mark: UInt8 = 0
    let here = withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) }
    let file = SourceFile(name: "test", text: "f()")
    let result = parse(file, index: 0, stackLimit: here)
    #expect(result.diagnostics.first?.message == "nested too deeply for the stack of this thread")
  }

  /// Each is read in a second or so; a step for every pair of their bytes would take hours in an optimised build, and what an
  /// unoptimised one does of it more than the five minutes that `onLargeStack` waits.
  @Test(arguments: ["1+", "f(x)\n", "\"{x}\"", "a,", "x |> f\n", "## doc\n", "é", "((", "x = 1; "])
  func longTextsTakeLinearTime(_ piece: String) {
    let text = "y = f(\n" + String(repeating: piece, count: Self.longSize / piece.utf8.count)
    #expect(onLargeStack(text) != nil)
    #expect(onLargeStack(String(text.dropFirst(7))) != nil)
  }

  @Test(
    arguments: [
      ([0x61, 0x0A, 0xFF], 2, "0xFF"), ([0x22, 0xC3, 0x22], 1, "0xC3"), ([0xED, 0xA0, 0x80], 1, "0xED"),
      ([0xF5, 0x80, 0x80, 0x80], 1, "0xF5"), ([0x23, 0xE2, 0x82], 1, "0xE2"), ([0xC0, 0x80], 1, "0xC0"),
      ([0x80], 1, "0x80"),
    ] as [([UInt8], Int, String)])
  func invalidBytesAreNamed(_ bytes: [UInt8], _ line: Int, _ byte: String) {
    let result = parse(SourceFile(name: "test", bytes: bytes), index: 0)
    #expect(result.diagnostics.map(\.message) == ["line \(line) has the byte \(byte), which is not UTF-8"])
  }

  @Test func mutationsNeverTrap() {
    var random = Generator(state: 42)
    for _ in 0..<4000 {
      let bytes = random.mutation(of: Self.corpus)
      let file = SourceFile(name: "fuzz", bytes: bytes)
      let result = parse(file, index: 7)
      let spans =
        result.diagnostics.flatMap { [$0.span] + $0.labels.map(\.span) } + result.program.statements.map(\.span)
      let isInside = spans.allSatisfy { $0.file == 7 && $0.start <= $0.end && Int($0.end) <= bytes.count }
      #expect(isInside, "\(String(decoding: bytes, as: UTF8.self))")
      #expect(!result.isIncomplete || result.diagnostics.count == 1)
      let tokens = tokenize(file)
      #expect(zip(tokens, tokens.dropFirst()).allSatisfy { $0.span.end <= $1.span.start })
    }
  }

  /// The mistakes that parsing finds, on a thread with more stack than scripts get; `nil` where there is no answer within five
  /// minutes, which is the only use of the clock here.
  private func onLargeStack(_ text: String) -> [String]? {
    let answer = Answer()
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      answer.mistakes = NNSSyntaxTests.mistakes(text)
      done.signal()
    }
    // Room for the frames of a debug build under a sanitizer, which are four times as large.
    thread.stackSize = 64 << 20
    thread.start()
    return done.wait(timeout: .now() + 300) == .success ? answer.mistakes : nil
  }

  private final class Answer: @unchecked Sendable {
    var mistakes: [String] = []
  }

  static let corpus = [
    "let (a, (b, _)) = f(x, k: 1, ...r)\nvar c = a ** -b // 2 @ c.T\nc += 1",
    "fn f(x: f32[B, (2 * D), ...], y = 1.5, ...r) -> ([B], _) {\n  return x |> f(y) |> g { 1 }\n}",
    "model M(a) {\n  ## d\n  param w = [1, 2.5]\n  var n = 0\n  fn forward(x) = x @ w\n}",
    "if a < b and not c { 1 } else if d in e { 2 } else { {k: \"v\", \"l\": 0xff} }",
    "for (i, x) in enumerate(xs) { while i not in x { break; continue } }",
    "try { raise \"e{x:>8.2f} \\u{1F600} \\{\" } catch err { print(err.message) }",
    "let s = \"\"\"\n    a {f(\"b\", 1..=3)}\n      c\n    \"\"\"",
    "import \"a/b.nns\" as b\nimport plot\ntest \"t\" { assert(x[1:3, ..., ::2, nil]) }",
    "x[0] = 9223372036854775807 # comment é\n(a.b, _) = c\n|> f\n.g",
  ].map { Array($0.utf8) }
}

/// A small generator with a fixed sequence, so that a failure can be repeated.
private struct Generator {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(max(bound, 1)))
  }

  mutating func mutation(of corpus: [[UInt8]]) -> [UInt8] {
    let signs = Array("(){}[]\"'`\\#.,:;=+-*/|>&!~@%<0123eE_ \n\tif fn let in \u{e9}".utf8)
    var bytes = corpus[below(corpus.count)]
    for _ in 0...below(4) where !bytes.isEmpty {
      let at = below(bytes.count)
      switch below(6) {
      case 0: bytes.remove(at: at)
      case 1: bytes[at] = UInt8(below(256))
      case 2: bytes.insert(signs[below(signs.count)], at: at)
      case 3: bytes.removeSubrange(at..<min(bytes.count, at + below(20)))
      case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + below(20))], at: below(bytes.count))
      default: bytes.insert(contentsOf: corpus[below(corpus.count)].prefix(below(60)), at: at)
      }
    }
    return bytes
  }
}
