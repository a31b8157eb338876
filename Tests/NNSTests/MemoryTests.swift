import NNS
import Testing

/// What a script builds is charged before the memory is taken: a limit is an error, and the script can go on.
@Suite struct MemoryTests {
  @Test(arguments: [
    "while true { xs.push(1) }",
    "while true { xs += (1, 2) }",
    "xs = (1,); while true { xs += xs }",
    "xs = (1,); while true { xs = xs + xs }",
    "xs = list(0..10_000_000)",
    "xs = list(range(0, 10_000_000, 2))",
    "xs = repeat(10_000_000) { 0 }",
    "xs = (0..10_000_000).map(fn(x) = x)",
    "while true { text += \"some text\" }",
    "while true { text += text }",
    "while true { text = text + text }",
    "while true { text = \"{text}{text}\" }",
    "text = text.repeat(1_000_000)",
    "text = text.repeat(9_223_372_036_854_775_807)",
    "text = repeat(30_000) { text.repeat(20) }.join()",
    "text = text.repeat(20_000).replace(\"e\", text.repeat(20))",
    "var r = {}; while true { r[\"key {len(r)}\"] = 1 }",
    "xs = text.repeat(60_000).chars()",
    "xs = text.repeat(200_000).split(\"e\")",
  ])
  func aLimitIsAnError(_ source: String) throws {
    let interpreter = Interpreter(limits: Limits(memory: 4 << 20), host: .sandboxed)
    let script = "var xs = ()\nvar text = \"some text\"\ntry { \(source) } catch err { err.kind }"
    #expect(interpreter.describe(try interpreter.run(script, named: "memory.nns")) == "limit")
  }
}
