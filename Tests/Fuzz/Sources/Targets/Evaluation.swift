import NNS

/// Programs drawn from the grammar, statement by statement as in a session, with limits.
final class EvaluatorTarget: Target {
  private let names = Names()
  private let session = Session()

  func run(_ bytes: [UInt8]) {
    let interpreter = session.interpreter
    interpreter.reset()
    var grammar = Grammar(Choices(bytes), names)
    Sandbox.line(Grammar.prologue, interpreter)
    for _ in 0..<12 where grammar.hasMore { Sandbox.line(grammar.statement(), interpreter) }
    Sandbox.canary(interpreter)
  }
}

/// Bytes as a script, with limits.
final class ScriptTarget: Target {
  private let session = Session()

  func run(_ bytes: [UInt8]) {
    let interpreter = session.interpreter
    do { try interpreter.run(utf8: bytes, named: "fuzz.nns") } catch { Sandbox.look(at: error) }
    Sandbox.canary(interpreter)
  }
}

/// An interpreter that many inputs use one after the other, for to begin one and to read its standard library takes long.
final class Session {
  private var current = Sandbox.interpreter()
  private var uses = 0

  /// The one for the next input.
  var interpreter: Interpreter {
    uses += 1
    if uses % 256 == 0 { current = Sandbox.interpreter() }
    return current
  }
}

/// Interpreters that may use little.
enum Sandbox {
  static func interpreter(_ files: Files = Files()) -> Interpreter {
    var host = Host.sandboxed
    host.files = files
    return Interpreter(
      limits: Limits(steps: 100_000, memory: 16 << 20, depth: 500, sourceSize: 1 << 20, threads: 1), host: host)
  }

  static func line(_ text: String, _ interpreter: Interpreter) {
    if isShown { say(text) }
    do { _ = try interpreter.runLine(text, named: "fuzz") } catch { look(at: error) }
  }

  /// Every error says something, and can be shown.
  static func look(at error: NNSError) {
    let isTheScripts = error.kind == .raise || error.kind == .assert
    require(!error.message.isEmpty || isTheScripts, "an error without a message")
    // To show one takes longer than most scripts.
    guard error.exitCode == nil, error.message.utf8.count % 8 == 0 else { return }
    require(!error.rendered.isEmpty, "an error that shows nothing")
  }

  /// After whatever there was an interpreter computes what it must.
  static func canary(_ interpreter: Interpreter) {
    let sum = try? interpreter.run(
      "var s = 0\nfor n in 0..4 { s += n }\ns + int(([1.0, 2.0] @ [3.0, 4.0]))", named: "canary"
    ).as(Int.self)
    require(sum == 17, "the canary gives \(sum.map(String.init) ?? "an error")")
  }
}
