import CThread
import Foundation
import NNS
import Testing

/// What a run may use up, and how it ends.
@Suite struct LimitTests {
  private func failure(_ source: String, _ limits: Limits) -> NNSError? {
    do {
      try Interpreter(limits: limits).run(source, named: "limited.nns")
      return nil
    } catch {
      return error
    }
  }

  static let scripts = [
    "var n = 0\nwhile true { n += 1 }",
    "fn f(n) = if n < 2 { n } else { f(n - 1) + f(n - 2) }\nf(40)",
    "var x = ones(300, 300)\nwhile true { x = tanh(x @ x + x) }",
    "let x = rand(4, 8, 40, 40)\nlet w = rand(8, 8, 3, 3)\nwhile true { conv2d(x, w, padding: 1) }",
    "let net = Sequential(Linear(64, 64), relu, Linear(64, 8))\nlet opt = Adam(net)\nlet x = randn(32, 64)\nwhile true { opt.step { net(x).sum() } }",
    "var s = \"\"\nfor i in 0..1_000_000_000 { s = \"{i}{i + 1}\" }",
  ]

  /// Steps are counted by one thread and charged before the work, whatever the others do.
  @Test(arguments: scripts) func stepsEndAtOnePlace(_ source: String) throws {
    let seen = [1, 2, 4, 1, 2, 4].map { threads in
      failure(source, Limits(steps: 3_000_000, threads: threads))?.rendered
    }
    #expect(seen.allSatisfy { $0 != nil && $0 == seen[0] })
  }

  @Test(arguments: [
    "var xs = ()\nwhile true { xs.push(ones(1000)) }",
    "var x = ones(10, 10)\nwhile true { x = concat((x, x)) }",
    "let x = ones(600, 600)\nvar xs = ()\nwhile true { xs.push(softmax(x @ x)) }",
    "fn f(x) = sum(f2(f2(x)))\nfn f2(x) = tanh(x) * x\nvar n = 1000\nwhile true { grad(f)(ones(n)); n *= 2 }",
  ])
  func memoryEndsAtOnePlace(_ source: String) throws {
    let seen = [1, 2, 4, 1, 2, 4].map { threads in
      failure(source, Limits(memory: 32 << 20, threads: threads))?.rendered
    }
    #expect(seen.allSatisfy { $0 != nil && $0 == seen[0] })
  }

  @Test func stepsAndTimeCannotBeCaught() {
    let source = "while true { try { while true { ones(10) } } catch err { nil } }"
    #expect(failure(source, Limits(steps: 100_000))?.message == "the limit of steps is reached")
    #expect(failure(source, Limits(time: .milliseconds(30)))?.message == "the time limit is reached")
    // One operation that costs more than there is does not run either.
    let huge = "try { ones(100_000, 100_000) } catch err { nil }\nprint(1)"
    #expect(failure(huge, Limits(steps: 1_000_000))?.message == "the limit of steps is reached")
  }

  @Test func eachRunBeginsAnew() throws {
    let interpreter = Interpreter(limits: Limits(steps: 50_000, memory: 16 << 20, depth: 100, time: .seconds(100)))
    for _ in 0..<5 {
      for source in ["while true {}", "ones(10_000_000)", "fn f(x) = f(x) + 1\nf(1)"] {
        #expect(throws: NNSError.self) { try interpreter.run(source, named: "limited.nns") }
      }
      let double = try interpreter.run("fn(n) { for _ in 0..n {}; n * 2 }", named: "double.nns")
      #expect(try double.call(20_000).as(Int.self) == 40_000)
      #expect(throws: NNSError.self) { try double.call(200_000) }
    }
  }

  @Test func aFunctionOfTheHostUsesItsCallersSteps() throws {
    let interpreter = Interpreter(limits: Limits(steps: 200_000))
    interpreter.define("again(f)") { (f: ScriptFunction) in try f() }
    #expect(throws: NNSError.self) {
      try interpreter.run("while true { again(fn() { for _ in 0..1000 {} }) }", named: "nested.nns")
    }
  }

  @Test func sourceAndDepthAreLimited() {
    #expect(failure(String(repeating: "1\n", count: 1000), Limits(sourceSize: 100))?.kind == .limit)
    #expect(failure("fn f(x) = f(x) + 1\nf(1)", Limits(depth: 50))?.kind == .limit)
  }

  /// 10,000 levels on a stack of 512 MB; under the thread sanitizer it is smaller.
  @Test func recursionMayBeDeep() throws {
    let levels = 10_000 * Int(nns_stack_size() >> 20) / 512
    let deep = try Interpreter().run("fn deep(n) = if n == 0 { 0 } else { 1 + deep(n - 1) }\ndeep", named: "deep.nns")
    #expect(try deep.call(levels).as(Int.self) == levels)
  }

  /// `scripts/check/cancel` measures how long it takes.
  @Test(arguments: scripts) func cancelEndsARun(_ source: String) throws {
    let interpreter = Interpreter()
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: .random(in: 0.005...0.1))
      interpreter.cancel()
    }
    do {
      try interpreter.run("while true { try { \(source) } catch err { nil } }", named: "cancelled.nns")
      Issue.record("it ended by itself")
    } catch {
      #expect(error.isInterrupt && error.kind == .interrupt)
    }
    #expect(try interpreter.run("1 + 1", named: "after.nns").as(Int.self) == 2)
  }

  @Test func aCancelledCallbackEndsTheRunAround() throws {
    let interpreter = Interpreter()
    interpreter.define("quietly(f)") { [weak interpreter] (f: ScriptFunction) in
      interpreter?.cancel()
      _ = try? f()
    }
    do {
      try interpreter.run("while true { quietly(fn() { while true {} }) }", named: "cancelled.nns")
    } catch {
      #expect(error.isInterrupt)
    }
  }

  /// `scripts/check/sanitize thread` runs the same under the thread sanitizer.
  @Test func sixteenInterpretersAtOnce() async throws {
    let results = await withTaskGroup(of: String.self) { group in
      for index in 0..<16 {
        group.addTask {
          let interpreter = Interpreter(limits: Limits(threads: 2))
          interpreter.define("index") { index }
          let source = """
            import datasets
            seed(index() % 4)
            let (train, _) = datasets.digits()
            let (x, y) = train
            let net = Sequential(Linear(64, 16), relu, Linear(16, 10))
            let opt = Adam(net)
            let input = x[:200].flatten(1)
            for _ in 0..5 { opt.step { cross_entropy(net(input), y[:200]) } }
            let kernel = randn(4, 1, 3, 3)
            "{index() % 4}: {net(input).sum():.6f} {conv2d(x[:50], kernel).sum():.6f}"
            """
          do {
            return try interpreter.run(source, named: "parallel.nns").as(String.self)
          } catch {
            return "\(error)"
          }
        }
      }
      var results: [String] = []
      for await result in group { results.append(result) }
      return results
    }
    #expect(Set(results).count == 4, "\(Set(results))")
  }
}
