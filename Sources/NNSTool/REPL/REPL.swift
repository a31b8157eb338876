import Glibc
import NNS
import NNSSyntax
import Synchronization

/// Reads lines, runs them and shows what they give, until the input ends.
final class REPL {
  let session: Session
  let reader: any LineReader
  private let history: History
  let isColored: Bool
  /// Columns of the terminal at the moment.
  let width: @Sendable () -> Int
  /// What has run without an error, in order: what `:save` writes.
  var accepted: [Transcript.Line] = []
  var lastError: NNSError?
  private var count = 0
  private var isOver = false
  /// The lines of the entry that is being typed.
  private let unfinished = Unfinished()

  init(
    session: Session, reader: any LineReader, history: History, isColored: Bool, width: @escaping @Sendable () -> Int
  ) {
    self.session = session
    self.reader = reader
    self.history = history
    self.isColored = isColored
    self.width = width
    for entry in history.load() { reader.remember(entry) }
    let interpreter = session.interpreter
    reader.completion = { [unfinished] line in
      let before = unfinished.text
      if before.isEmpty, let found = Command.completion(of: line) { return found }
      var found = interpreter.completion(of: before + line)
      found.start -= before.utf8.count
      return found
    }
  }

  var interpreter: Interpreter { session.interpreter }

  /// Goes on until Ctrl-D, `:quit` or `exit(n)`, and gives the exit status.
  func run() -> Int32 {
    say("NNS \(Version.current)   ? for help, Ctrl-D to leave\n")
    while !isOver {
      switch readEntry() {
      case .end:
        say("\n")
        return 0
      case .interrupted: Interrupts.rearm()
      case .line(let entry):
        let code = Pasted.cleaned(entry)
        guard code.contains(where: { !$0.isWhitespace }) else { continue }
        reader.remember(code)
        history.append(code)
        if let status = accept(code) { return status }
      }
    }
    return 0
  }

  /// Ends the session after this line.
  func leave() { isOver = true }

  /// Lines until the parser has what it needs.
  private func readEntry() -> LineInput {
    var entry = ""
    while true {
      let isFirst = entry.isEmpty
      unfinished.text = isFirst ? "" : entry + "\n"
      let beginning = isFirst ? "" : String(repeating: "  ", count: Indentation.depth(of: entry))
      switch reader.read(prompt: isFirst ? Pasted.prompt : Pasted.continuation, beginning: beginning) {
      case .end: return isFirst ? .end : .interrupted
      case .interrupted: return .interrupted
      case .line(let line):
        entry += (isFirst ? "" : "\n") + (line.allSatisfy(\.isWhitespace) ? "" : line)
        let code = Pasted.cleaned(entry)
        // Two empty lines end what only the parser wants to go on, so that nobody is trapped; in a string they mean something.
        let isGivenUp = entry.hasSuffix("\n\n") && !tokenize(SourceFile(name: "", text: code)).endInString
        if isGivenUp || Command.isCommand(code) || !Interpreter.isIncomplete(code) { return .line(entry) }
      }
    }
  }

  /// Runs an entry; gives the exit status where the session is to end.
  func accept(_ code: String) -> Int32? {
    if let command = Command(code) {
      return reporting { () throws(NNSError) in try command.run(self) }
    }
    count += 1
    return reporting { () throws(NNSError) in
      let value = try self.evaluate(code)
      if value.isNil { return self.accepted.append(.init(code: code, isShown: false)) }
      let isShown = !Self.isSilenced(code)
      self.accepted.append(.init(code: code, isShown: isShown, isAnswer: true))
      self.interpreter.assign("ans", value)
      if isShown { self.show(value) }
    }
  }

  /// Runs code in the names of the session; Ctrl-C stops it.
  func evaluate(_ code: String, relativeTo path: String = "") throws(NNSError) -> ScriptValue {
    Interrupts.rearm()
    Interrupts.cancel(interpreter)
    defer { Interrupts.rearm() }
    defer { session.console.flush() }
    return try interpreter.runLine(code, named: path.isEmpty ? "line \(count)" : path, relativeTo: path)
  }

  private func reporting(_ body: () throws(NNSError) -> Void) -> Int32? {
    do throws(NNSError) {
      try body()
      return nil
    } catch {
      if error.exitCode == nil { lastError = error }
      // The terminal has written ^C where the cursor stood.
      if error.isInterrupt { say("\n") }
      let status = session.report(error)
      return error.exitCode == nil ? nil : status
    }
  }

  /// A line that ends in `;` shows nothing.
  private static func isSilenced(_ code: String) -> Bool {
    tokenize(SourceFile(name: "", text: code)).last { $0.kind.category != .comment }?.kind == .semicolon
  }

  /// Shows a value with its type.
  func show(_ value: ScriptValue) { say(interpreter.present(value, width: width()) + "\n") }

  /// Source text, in colours where there are any.
  func colored(_ source: String) -> String { isColored ? Highlighter.colored(source) : source }

  func say(_ text: String) {
    session.console.print(text)
    session.console.flush()
  }
}

/// The lines of the entry that is being typed, for completion.
private final class Unfinished: Sendable {
  private let content = Mutex("")

  var text: String {
    get { content.withLock { $0 } }
    set { content.withLock { $0 = newValue } }
  }
}

/// How deep the next line of an unfinished text stands.
private enum Indentation {
  static func depth(of code: String) -> Int {
    var depth = 0
    for token in tokenize(SourceFile(name: "", text: code)) {
      switch token.kind {
      case .leftParen, .leftBracket, .leftBrace: depth += 1
      case .rightParen, .rightBracket, .rightBrace: depth -= 1
      default: break
      }
    }
    return max(0, min(depth, 20))
  }
}

extension REPL {
  /// Whether a command line asks for a session: nothing but options for it, on a terminal.
  static func isMeant(by arguments: [String]) -> Bool {
    restrictions(arguments) != nil && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
  }

  private static func restrictions(_ arguments: [String]) -> Restrictions? {
    try? Restrictions.parse(arguments.filter { $0 != "--no-color" })
  }

  /// A session on this process's terminal.
  static func begin(_ reader: any LineReader, _ arguments: [String]) throws -> Int32 {
    Interrupts.beginSession()
    let console = Console(isColored: !arguments.contains("--no-color"))
    let repl = REPL(
      session: try Session(arguments: [], restrictions: restrictions(arguments), console: console), reader: reader,
      history: .standard,
      isColored: console.renderer.isColored, width: { terminalWidth() ?? 80 })
    return repl.run()
  }
}
