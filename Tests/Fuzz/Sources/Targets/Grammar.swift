/// Draws programs of the language's grammar. Most are right by themselves; what their values are is left to chance.
struct Grammar {
  private var choices: Choices
  private let names: Names
  private var depth = 0

  init(_ choices: Choices, _ names: Names) {
    self.choices = choices
    self.names = names
  }

  /// Lines that give the names of ``variables`` their first values.
  static let prologue = """
    var a = 3
    var b = [1.5, -2.0, 0.0]
    var c = (1, "x", nil, [2.0])
    var d = {a: 1, b: [1, 2], k: ("p", 2)}
    var e = "some text"
    var f = fn(x) = x
    var g = Linear(3, 2)
    var h = randn(2, 3)
    var i = 0..5
    var j = arange(6).reshape(2, 3)
    var k = true
    var l = 0.5
    fn m(x, y = 2, ...r) { if x == y { return r }; x }
    model N(n) { param w = randn(n, 3)
      var s = 0
      fn forward(x) { s += 1
        x @ w } }
    var o = N(3)
    var p = SGD(g, lr: 0.1)
    """
  private static let variables = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "N", "o", "p"]

  /// Whether there is something left to draw from.
  var hasMore: Bool { choices.hasMore }

  /// A whole text.
  mutating func program() -> String {
    var text = Grammar.prologue
    while hasMore { text += "\n" + statement() }
    return text
  }

  // MARK: Statements

  mutating func statement() -> String {
    depth += 1
    defer { depth -= 1 }
    guard depth < 6 else { return "a += 1" }
    switch choices.below(24) {
    case 0...3: return expression()
    case 4...6: return "\(variable()) = \(expression())"
    case 7: return "\(place()) = \(expression())"
    case 8: return "\(place()) \(choices.one(of: ["+=", "-=", "*=", "/=", "//=", "%=", "**=", "@="])) \(expression())"
    case 9: return "let \(pattern()) = \(expression())"
    case 10: return "for \(pattern()) in \(head()) \(block())"
    case 11: return "var t = 0\nwhile t < \(choices.below(9)) {\n t += 1\n \(statement())\n}"
    case 12: return "if \(head()) \(block()) else \(block())"
    case 13: return "try \(block()) catch err { print(err.message) }"
    case 14: return "fn q\(choices.below(3))(\(parameters()))\(result()) \(block())"
    case 15:
      return "model Q\(choices.below(3))(n = 2) {\n param w = \(expression())\n var s = \(expression())\n"
        + " fn forward(\(parameters())) \(block())\n}"
    case 16: return "raise \(expression())"
    case 17: return "print(\(expression()), \"{\(expression())\(format())}\")"
    case 18: return "\(variable()).\(choices.one(of: ["push", "pop", "insert", "remove"]))(\(arguments(3)))"
    case 19: return choices.one(of: ["break", "continue", "return \(expression())", "return"])
    case 20: return "import \(choices.one(of: ["datasets", "plot", "\"a.nns\" as z"]))"
    case 21: return "p.step { \(expression()) }"
    case 22: return "(\(variable()), \(variable())) = (\(expression()), \(expression()))"
    default: return "assert(\(expression()), \"why\")"
    }
  }

  private mutating func block() -> String {
    var text = "{\n"
    for _ in 0...choices.below(3) { text += statement() + "\n" }
    return text + "}"
  }

  private mutating func variable() -> String { choices.one(of: Grammar.variables) }

  private mutating func place() -> String {
    switch choices.below(4) {
    case 0: "\(variable())[\(index())]"
    case 1: "\(variable()).\(field())"
    case 2: "\(variable()).\(field())[\(index())]"
    default: "\(variable())[\(index())][\(index())]"
    }
  }

  private mutating func field() -> String {
    choices.one(of: ["a", "b", "k", "w", "s", "weight", "bias", "lr", "n", choices.one(of: names.members)])
  }

  private mutating func pattern() -> String {
    choices.one(of: ["u", "(u, v)", "(u, (v, _))", "_", "(u, v, w)", "((u,), v)"])
  }

  private mutating func parameters() -> String {
    choices.one(of: [
      "x", "", "x, y", "x = \(number())", "...x", "x: \(annotation())", "x: \(annotation()), y: \(annotation())",
      "(x, y), z",
    ])
  }

  private mutating func annotation() -> String {
    choices.one(of: [
      "int", "float", "tensor", "[B, D]", "f32[N, 3]", "[..., n]", "([B], _)", "[2 * D, D]", "[(B + 1) // 2]", "fn",
      "list", "record", "string", "i64[_]", "N",
    ])
  }

  private mutating func result() -> String { choices.below(4) == 1 ? " -> \(annotation())" : "" }

  private mutating func format() -> String {
    choices.one(of: ["", ":.2f", ":>8", ":08.3e", ":x", ":b", ":,", ":%", ":s", ":*^12", ":+d", ":.40f", ":999999d"])
  }

  // MARK: Expressions

  /// An expression in brackets, which may stand in the head of a statement.
  private mutating func head() -> String { "(\(expression()))" }

  mutating func expression() -> String {
    depth += 1
    defer { depth -= 1 }
    guard depth < 7, choices.hasMore else { return atom() }
    switch choices.below(26) {
    case 0...3: return atom()
    case 4...7:
      let sign = choices.one(of: [
        "+", "-", "*", "/", "//", "%", "**", "@", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "|", "&", "and",
        "or", "..", "..=",
      ])
      return "(\(expression()) \(sign) \(expression()))"
    case 8: return "\(choices.one(of: ["-", "~", "not "]))(\(expression()))"
    case 9...14: return call()
    case 15, 16: return "\(atom()).\(choices.one(of: names.members))(\(arguments(3)))"
    case 17: return "(\(expression())).\(field())"
    case 18, 19: return "(\(expression()))[\(index())]"
    case 20: return "(\(expression()) |> \(choices.one(of: names.functions).name))"
    case 21: return "(fn(\(parameters())) = \(expression()))"
    case 22: return "if \(head()) { \(expression()) } else { \(expression()) }"
    case 23: return "try { \(expression()) } catch err { \(expression()) }"
    case 24: return "grad(fn(x) = sum(\(expression()) * x))(\(atom()))"
    default: return collection()
    }
  }

  private mutating func call() -> String {
    let function = choices.one(of: names.functions)
    let most = function.takesMore ? 4 : function.parameters.count
    var list: [String] = []
    for _ in 0..<max(function.required, choices.below(most + 1)) { list.append(expression()) }
    if choices.below(4) == 1, list.count < function.parameters.count {
      list.append("\(choices.one(of: Array(function.parameters[list.count...]))): \(expression())")
    }
    if choices.below(16) == 1 { list.append("...\(variable())") }
    let tail = choices.below(12) == 1 ? " { \(expression()) }" : ""
    return "\(function.name)(\(list.joined(separator: ", ")))\(tail)"
  }

  private mutating func arguments(_ most: Int) -> String {
    (0..<choices.below(most + 1)).map { _ in expression() }.joined(separator: ", ")
  }

  private mutating func collection() -> String {
    let items = (0..<choices.below(4)).map { _ in expression() }
    switch choices.below(4) {
    case 0: return "[\(items.joined(separator: ", "))]"
    case 1: return "(\(items.map { $0 + "," }.joined(separator: " ")))"
    case 2:
      let keys = ["a", "b", "c", "\"any key\""]
      return "{\(zip(keys, items).map { "\($0): \($1)" }.joined(separator: ", "))}"
    default: return "\"{\(expression())\(format())} and {\(atom())}\""
    }
  }

  private mutating func index() -> String {
    (0...choices.below(3)).map { _ in
      switch choices.below(8) {
      case 0: atom()
      case 1: "\(number()):\(number())"
      case 2: "::\(number())"
      case 3: ":"
      case 4: "..."
      case 5: "nil"
      case 6: expression()
      default: number()
      }
    }.joined(separator: ", ")
  }

  private mutating func number() -> String {
    switch choices.below(4) {
    case 0: return "\(choices.below(6))"
    case 1: return "-\(choices.below(6))"
    case 2: return "\(choices.below(256))"
    default:
      return choices.one(of: [
        "9223372036854775807", "(-9223372036854775807 - 1)", "-9223372036854775807", "4611686018427387904",
        "2147483648", "65536", "1000000", "1e308", "-1e308", "1e-320", "inf", "-inf", "nan", "0.5", "-0.0", "1.0",
        "1099511627776", "3000000000",
      ])
    }
  }

  private mutating func atom() -> String {
    switch choices.below(10) {
    case 0...3: return variable()
    case 4...6: return number()
    case 7:
      return choices.one(of: [
        "\"\"", "\"text\"", "\"é\\u{1F600}\"", "\"f64\"", "\"bf16\"", "\"i32\"", "\"u8\"", "\"bool\"", "\"ij,jk->ik\"",
        "\"mean\"", "\"none\"", "\"a\"", "\"same\"", "\"bilinear\"",
      ])
    case 8:
      return choices.one(of: [
        "nil", "true", "false", "()", "{}", "[]", "[[1, 2], [3, 4]]", "[true, false, true]", "zeros(0, 3)",
        "ones(2, 3, 4)", "randn(4, 4)", "tensor(1)", "ones(1, 2, 5, 5)", "randn(2, 2, 3, 3)", "ones(3).to(\"bf16\")",
        "arange(4)", "\"a,b\".split(\",\")", "(1, 2, 3)", "(2, 2)", "ones(2, 3).T", "ones(9)[::2]",
        "broadcast_to(1.0, (4, 4))",
      ])
    default: return choices.one(of: names.functions).name
    }
  }
}
