import NNS
import Testing

/// What a script builds is charged before the memory is taken: a limit is an error, and the script can go on.
@Suite struct MemoryTests {
  @Test(arguments: [
    "while true { xs.push(1) }",
    "while true { xs += (1, 2) }",
    "xs = (1,); while true { xs += xs }",
    "xs = (1,); while true { xs = xs + xs }",
    "xs = list(0..100_000_000)",
    "xs = list(range(0, 1_000_000_000, 2))",
    "xs = repeat(100_000_000) { 0 }",
    "xs = (0..100_000_000).map(fn(x) = x)",
  ])
  func aLimitIsAnError(_ source: String) throws {
    let interpreter = Interpreter(limits: Limits(memory: 20 << 20), host: .sandboxed)
    let text = "var xs = ()\ntry { \(source) } catch err { err.kind }"
    #expect(interpreter.describe(try interpreter.run(text, named: "memory.nns")) == "limit")
  }
}
