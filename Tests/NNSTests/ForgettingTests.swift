import NNS
import Testing

/// What the lines of a session and the texts of an interpreter leave behind is freed once nothing can reach it: without
/// that, these need twice the memory that they may use.
@Suite struct ForgettingTests {
  private let interpreter = Interpreter(limits: Limits(memory: 160 << 20), host: .sandboxed)

  private func line(_ source: String) throws -> String {
    interpreter.describe(try interpreter.runLine(source, named: "line"))
  }

  /// The message of a line that fails; empty where it does not.
  private func failure(_ source: String) -> String {
    do {
      _ = try interpreter.runLine(source, named: "line")
      return ""
    } catch {
      return error.rendered
    }
  }

  @Test(arguments: [
    "let x = zeros(200_000); fn f(n) = if n == 0 { x } else { f(n - 1) }",
    "let x = zeros(200_000); let f = fn(n) = if n == 0 { x } else { g(n - 1) }; fn g(n) = f(n - 1)",
    "model M() { param w = zeros(200_000); fn again() = M() }; let m = M(); let f = m.again",
    "let x = zeros(200_000); fn f() = x; let fs = (f, {f: f}); raise \"failed\"",
  ])
  func linesAreFreed(_ source: String) throws {
    let messages = (0..<400).map { _ in failure(source) }
    #expect(messages.allSatisfy { $0.isEmpty || $0.contains("raise \"failed\"") })
  }

  @Test func linesThatAreHeldStay() throws {
    _ = try line("let factor = 3; fn scaled(x) = if x > 100 { x } else { scaled(x * factor) }")
    _ = try line("model Scale(k) { fn forward(x) = scaled(x) * k }")
    _ = try line("let net = Scale(2); let method = net.forward")
    let held = try interpreter.runLine("fn(x) = scaled(x) + 1", named: "line")
    _ = try line("let factor = nil; fn scaled(x) = nil; let Scale = nil")
    for index in 0..<1000 { _ = try line("let y\(index % 10) = \(index); fn f\(index % 7)() = y\(index % 10)") }
    #expect(try line("net(5)") == "270")
    #expect(try line("method(50)") == "300")
    #expect(try line("(f1(), y9)") == "(995, 999)")
    #expect(interpreter.describe(try held.call(1)) == "244")
  }

  /// A message shows the lines at fault: where a name was declared however long ago, and where a value was made of late.
  @Test func messagesShowEarlierLines() throws {
    _ = try line("fn broken(x) = x + ones(2)")
    _ = try line("let fixed = 1")
    _ = try line("var t = ones(3)")
    for _ in 0..<1000 { _ = try line("1 + 1") }
    #expect(failure("broken(ones(3))").contains("fn broken(x) = x + ones(2)"))
    #expect(failure("fixed = 2").contains("let fixed = 1"))
    _ = try line("t = zeros(3)")
    _ = try line("1 + 1")
    #expect(failure("t + ones(2)").contains("from zeros(3) at line:1:5"))
  }

  private let source = "let x = zeros(200_000)\nfn f(n) = if n == 0 { x } else { f(n - 1) }\nf(3).sum()"

  @Test func textsAreFreedWhileValuesOfOthersAreHeld() throws {
    let count = try interpreter.run("var n = 0\nfn count() {\n  n += 1\n  n\n}\ncount", named: "kept.nns")
    var last = try interpreter.run(source, named: "text.nns")
    for _ in 0..<400 { last = try interpreter.run(source, named: "text.nns") }
    #expect(interpreter.describe(last) == "0.0")
    _ = try count.call()
    #expect(interpreter.describe(try count.call()) == "2")
  }

  @Test func textsOfWhichNothingIsHeldAreFreed() throws {
    for _ in 0..<400 { try interpreter.run(source, named: "text.nns") }
  }

  /// A module in a file stays, with what texts have given it; other texts do not.
  @Test func textsThatImportAreFreed() throws {
    var host = Host.sandboxed
    host.modules = { name in
      name == "keeper"
        ? """
        var kept = ()
        fn keep(f) { kept.push(f) }
        fn use(x) = kept.map(fn(f) = f(x))
        """ : nil
    }
    let interpreter = Interpreter(limits: Limits(memory: 160 << 20), host: host)
    try interpreter.run("import keeper\nlet k = 10\nkeeper.keep(fn(x) = x * k)", named: "first.nns")
    for _ in 0..<400 {
      try interpreter.run(
        "import keeper\nlet x = zeros(200_000)\nfn f(n) = if n == 0 { x } else { f(n - 1) }", named: "text.nns")
    }
    let used = try interpreter.run("import keeper\nkeeper.use(4)", named: "last.nns")
    #expect(interpreter.describe(used) == "(40,)")
  }
}
