import NNS

/// The names that programs are drawn from: those of the tables of ops, built-ins and standard library themselves.
struct Names {
  /// What can be called, and how many arguments by place it must and may have, and which names it takes.
  struct Function {
    let name: String
    let parameters: [String]
    let required: Int
    let takesMore: Bool
  }

  let functions: [Function]
  let members: [String]

  /// What ends a session, waits for somebody, or only takes long.
  private static let excluded: Set<String> = ["exit", "input", "fit"]

  init() {
    let interpreter = Interpreter()
    let all = interpreter.completion(of: "").candidates
    functions = all.compactMap { name in
      guard !Names.excluded.contains(name), let help = interpreter.help(name) else { return nil }
      return Names.function(name, help)
    }
    var members: Set<String> = []
    for value in ["[1.5]", "[1]", "(1, 2)", "{a: 1}", "\"text\"", "(0..3)", "Linear(2, 2)", "SGD(Linear(2, 2))"] {
      guard let value = try? interpreter.run(value, named: "names.nns") else { continue }
      interpreter.assign("it", value)
      members.formUnion(interpreter.completion(of: "it.").candidates)
    }
    self.members = members.subtracting(Names.excluded).sorted()
    require(functions.count > 200 && self.members.count > 100, "the tables of names are empty")
  }

  /// What the first line of a help says: `conv2d(x, weight, bias = …)`, `model Linear(inputs, outputs)`.
  private static func function(_ name: String, _ help: String) -> Function? {
    guard let line = help.split(separator: "\n").first, let open = line.firstIndex(of: "("),
      let close = line.lastIndex(of: ")"), open < close
    else { return nil }
    let list = line[line.index(after: open)..<close].split(separator: ",").map { part in
      part.drop { $0 == " " }
    }
    let names = list.filter { !$0.hasPrefix("...") }.map { String($0.prefix { $0 != " " && $0 != ":" }) }
    let required = list.filter { !$0.hasPrefix("...") && !$0.contains("=") }.count
    return Function(
      name: name, parameters: names, required: required, takesMore: list.contains { $0.hasPrefix("...") })
  }
}
