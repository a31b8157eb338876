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

  /// What an expression computes lies in the memory of what nobody else holds.
  @Test(arguments: [
    "x @ w + b", "relu(x @ w + b) * 2", "(x @ w) * column", "1 - x @ w", "exp(x @ w) + x @ w", "(x @ w + b).T",
  ])
  func resultsLieWhereTemporariesDid(_ expression: String) throws {
    for (dtype, size) in [("f32", 4), ("f64", 8)] {
      let interpreter = Interpreter(host: .sandboxed)
      let compute = try interpreter.run(
        """
        let (x, w) = (randn(500, 100).to("\(dtype)"), randn(100, 400).to("\(dtype)"))
        let (b, column) = (randn(400).to("\(dtype)"), randn(500, 1).to("\(dtype)"))
        fn() = \(expression)
        """, named: "memory.nns")
      let before = interpreter.memory.inUse
      interpreter.resetPeakMemory()
      _ = try compute.call()
      // One result, or two where both operands are products, and what a product needs to compute with.
      let results = expression.split(separator: "@").count - 1
      #expect(interpreter.memory.peak - before < results * 500 * 400 * size * 5 / 4)
    }
  }
}
