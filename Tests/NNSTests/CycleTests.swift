import NNS
import Testing

/// What holds itself is freed: without that, these scripts need a few hundred megabytes.
@Suite struct CycleTests {
  @Test(arguments: [
    // Functions that call each other, and what they captured.
    """
    fn outer(n) {
      let big = zeros(10_000)
      fn even(n) = if n == 0 { true } else { odd(n - 1) }
      fn odd(n) = if n == 0 { big[0] > 1 } else { even(n - 1) }
      even(n)
    }
    for i in 0..8_000 { outer(1) }
    """,
    // A function in a variable that it captures.
    """
    for i in 0..8_000 {
      let big = zeros(10_000)
      var f = nil
      f = fn(n) = if n == 0 { big } else { f(n - 1) }
      var list = (f,)
      list.push({f: list})
    }
    """,
    // A model whose field captures it.
    """
    model Scaled(k) {
      param weight = zeros(10_000)
      let scale = fn(x) = x * k
      let method = self.forward
      fn forward(x) = scale(x) + weight
    }
    for i in 0..8_000 { Scaled(2)(1.0) }
    """,
  ])
  func garbageIsFreed(_ source: String) throws {
    let interpreter = Interpreter(limits: Limits(memory: 160 << 20), host: .sandboxed)
    _ = try interpreter.run(source, named: "cycles.nns")
  }

  @Test func whatIsHeldIsKept() throws {
    let interpreter = Interpreter(limits: Limits(memory: 160 << 20), host: .sandboxed)
    let source = """
      fn counter() {
        var n = 0
        fn inc(by) {
          if by > 1 { inc(by - 1) }
          n += 1
          n
        }
        inc
      }
      let kept = list(0..3_000).map(fn(i) = counter())
      let shared = {f: counter()}
      var other = shared
      other.g = counter()
      for i in 0..9_000 { counter()(1) }
      kept.map(fn(f) = f(2)).sum() + shared.f(5) + other.f(1) + other.g(3)
      """
    #expect(interpreter.describe(try interpreter.run(source, named: "kept.nns")) == "\(2 * 3000 + 5 + 6 + 3)")
  }
}
