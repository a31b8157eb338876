import NNS
import NNSSyntax

/// A line that is no code: `:vars`, `?relu`.
struct Command {
  /// One command: what it is called, what it takes, what it does.
  struct Row: Sendable {
    let name: String
    let argument: String
    let doc: String
    let body: @Sendable (String, REPL) throws(NNSError) -> Void

    init(
      _ name: String, _ argument: String, _ doc: String,
      _ body: @escaping @Sendable (String, REPL) throws(NNSError) -> Void
    ) {
      self.name = name
      self.argument = argument
      self.doc = doc
      self.body = body
    }

    init(_ name: String, _ doc: String, _ body: @escaping @Sendable (String, REPL) throws(NNSError) -> Void) {
      self.init(name, "", doc, body)
    }
  }

  private let name: String
  private let argument: String

  /// The command in a line, if it is one.
  init?(_ line: String) {
    guard Command.isCommand(line) else { return nil }
    let text = Command.trimmed(line[...])
    if text.hasPrefix("?") {
      name = "help"
      argument = Command.trimmed(text.dropFirst())
    } else {
      let word = text.dropFirst().prefix { !$0.isWhitespace }
      name = String(word)
      argument = Command.trimmed(text.dropFirst(1 + word.count))
    }
  }

  static func isCommand(_ line: String) -> Bool {
    let first = line.first { !$0.isWhitespace }
    return first == ":" || first == "?"
  }

  func run(_ repl: REPL) throws(NNSError) {
    guard let row = Command.rows.first(where: { $0.name == name }) else {
      return repl.say("there is no command :\(visible(name)); :help lists them\n")
    }
    if argument.isEmpty, !row.argument.isEmpty, !row.argument.hasPrefix("[") {
      return repl.say(":\(row.name) needs \(row.argument)\n")
    }
    try row.body(argument, repl)
  }

  /// What could stand at the end of a command line; `nil` where code stands there.
  static func completion(of line: String) -> Completion? {
    guard line.hasPrefix(":"), !line.contains(" ") else {
      // The arguments of commands are names and expressions; `?` stands directly before one.
      return nil
    }
    return Completion(start: 0, candidates: rows.map { ":" + $0.name }.filter { $0.hasPrefix(line) }.sorted())
  }

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop { $0.isWhitespace }
    guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...end])
  }

  // MARK: The table

  static let rows: [Row] = [
    Row("help", "[name]", "what a name is; of an unknown word, the names that have to do with it; ?name is the same") {
      argument, repl in repl.help(argument)
    },
    Row("vars", "the names of this session: type, shape, bytes") { _, repl in repl.listVariables() },
    Row("type", "expression", "the type and shape of a value") { argument, repl throws(NNSError) in
      repl.say(try repl.evaluate(argument).summary + "\n")
    },
    Row("time", "expression", "how long it takes") { argument, repl throws(NNSError) in
      try repl.time(argument)
    },
    Row("bench", "expression", "how long it takes: median and spread of many runs, and memory") {
      argument, repl throws(NNSError) in try repl.bench(argument)
    },
    Row("show", "image", "a tensor [h, w], [1, h, w] or [3, h, w] as a picture") { argument, repl throws(NNSError) in
      try repl.draw("image", argument)
    },
    Row("plot", "vector", "a tensor or list of numbers as a curve") { argument, repl throws(NNSError) in
      try repl.draw("line", argument)
    },
    Row("source", "name", "the source of a function or model") { argument, repl throws(NNSError) in
      let value = try repl.evaluate("source(\(argument))")
      repl.say(repl.colored(repl.interpreter.describe(value)) + "\n")
    },
    Row("explain", "the last error at length") { _, repl in repl.explain() },
    Row("load", "file", "runs a file as if it were typed here") { argument, repl throws(NNSError) in
      try repl.load(argument)
    },
    Row("save", "file", "writes this session as a script") { argument, repl in repl.save(argument) },
    Row("reset", "forgets all names") { _, repl in
      repl.interpreter.reset()
      repl.accepted = []
    },
    Row("cd", "[folder]", "changes to a folder, or says the current one") { argument, repl in
      repl.changeFolder(argument)
    },
    Row("quit", "leaves; so does Ctrl-D") { _, repl in repl.leave() },
  ]
}
