import NNSSyntax
import NNSTensor

extension Builtins {
  /// Strings.
  static let strings: [Builtin] = [
    Builtin(
      "split", [.init("text", .string), .init("separator", .string, .nil)],
      "The parts of a text between separators; without one, its words.",
      examples: [("print(\"a,b\".split(\",\"), \" a  b \".split())", "(\"a\", \"b\") (\"a\", \"b\")")]
    ) { a, c in
      let text = try a.text(0)
      if a[1].isNil { return .list(try text.words(c)) }
      let separator = try a.text(1)
      if separator.isEmpty {
        throw a.fault(1, .value, "the separator is empty", help: "chars(text) gives the characters")
      }
      return .list(try text.split(separator, c))
    },
    Builtin(
      "join", [.init("items", .sequence), .init("separator", .string, .string(""))],
      "The strings of a list, joined with a separator between them.",
      examples: [("print((\"a\", \"b\").join(\"-\"))", "a-b")]
    ) { a, c in .string(try joined(a, items: 0, separator: 1, c)) },
    Builtin(
      "join", [.init("separator", .string), .init("items", .sequence)],
      "The strings of a list, joined with a separator between them.",
      examples: [("print(\", \".join((\"a\", \"b\")))", "a, b")]
    ) { a, c in .string(try joined(a, items: 1, separator: 0, c)) },
    Builtin(
      "trim", [.init("text", .string)], "Without white space at both ends.",
      examples: [("print(\"  a b \".trim() + \"|\")", "a b|")]
    ) { a, _ in .string(try a.text(0).trimmed) },
    Builtin(
      "upper", [.init("text", .string)], "In capitals.", examples: [("print(\"straße\".upper())", "STRASSE")]
    ) { a, c in .string(try a.text(0).mapped(c) { $0.uppercased() }) },
    Builtin(
      "lower", [.init("text", .string)], "In small letters.", examples: [("print(\"ÄB\".lower())", "äb")]
    ) { a, c in .string(try a.text(0).mapped(c) { $0.lowercased() }) },
    Builtin(
      "replace", [.init("text", .string), .init("old", .string), .init("new", .string)],
      "With every `old` replaced by `new`.", examples: [("print(\"banana\".replace(\"an\", \"o\"))", "booa")]
    ) { a, c in
      let old = try a.text(1)
      if old.isEmpty { throw a.fault(1, .value, "there is nothing to look for: the string is empty") }
      return .string(try a.text(0).replacing(old, with: try a.text(2), c))
    },
    Builtin(
      "find", [.init("text", .string), .init("part", .string), .init("start", .int, .int(0))],
      "The position of the first `part` at or after `start`, or nil.",
      examples: [("print(\"banana\".find(\"an\"), \"banana\".find(\"x\"))", "1 nil")]
    ) { a, c in
      let found = try a.text(0).position(of: try a.text(1), from: max(0, try a.int(2)), c)
      return found.map { .int($0) } ?? .nil
    },
    Builtin(
      "starts_with", [.init("text", .string), .init("part", .string)], "Whether a text begins with `part`.",
      examples: [("print(\"banana\".starts_with(\"ba\"))", "true")]
    ) { a, _ in .bool(try a.text(0).starts(with: try a.text(1))) },
    Builtin(
      "ends_with", [.init("text", .string), .init("part", .string)], "Whether a text ends with `part`.",
      examples: [("print(\"banana\".ends_with(\"na\"))", "true")]
    ) { a, _ in .bool(try a.text(0).ends(with: try a.text(1))) },
    Builtin(
      "contains", [.init("items", .collection), .init("item")], "Whether `item` is in it, as `in`.",
      examples: [("print(\"banana\".contains(\"nan\"), (1, 2).contains(3))", "true false")]
    ) { a, c in .bool(try Operators.contains(a[1], in: a[0], c)) },
    Builtin(
      "repeat", [.init("text", .string), .init("n", .int)], "The text `n` times over.",
      examples: [("print(\"ab\".repeat(3))", "ababab")]
    ) { a, c in
      let count = try a.int(1)
      guard count >= 0 else { throw a.fault(1, .value, "the count must not be negative, found \(count)") }
      return .string(try a.text(0).repeated(count, c))
    },
    Builtin(
      "chars", [.init("text", .string)], "A list of the characters (Unicode scalars).",
      examples: [("print(\"aé\".chars())", "(\"a\", \"é\")")]
    ) { a, c in .list(try a.text(0).characters(c)) },
    Builtin(
      "lines", [.init("text", .string)], "A list of the lines, without their ends.",
      examples: [("print(\"a\\nb\\n\".lines())", "(\"a\", \"b\")")]
    ) { a, c in .list(try a.text(0).lines(c)) },
    Builtin(
      "bytes", [.init("text", .string)], "The bytes of the text in UTF-8, as u8[N].",
      examples: [("print(\"aé\".bytes())", "[97, 195, 169]")]
    ) { a, c in
      let bytes = try a.text(0).withUTF8 { $0.map { Int($0) } }
      return .tensor(try c.engine.tensor(bytes, [bytes.count], dtype: .u8))
    },
    Builtin(
      "ord", [.init("char", .string)], "The number of a character.", examples: [("print(ord(\"A\"))", "65")]
    ) { a, _ in
      let text = try a.text(0)
      guard text.count == 1 else { throw a.fault(0, .value, "one character is needed, found \(text.count)") }
      return .int(text.withUTF8 { Int($0.scalar(at: 0).value) })
    },
    Builtin(
      "chr", [.init("number", .int)], "The character of a number.", examples: [("print(chr(955))", "λ")]
    ) { a, _ in
      let number = try a.int(0)
      guard let value = UInt32(exactly: number), let scalar = Unicode.Scalar(value) else {
        throw a.fault(0, .value, "\(number) is the number of no character")
      }
      return .string(String(scalar))
    },
    Builtin(
      "format", [.init("value"), .init("spec", .string)], "The value through a format, as in \"\\{value:spec}\".",
      examples: [("print(format(3.14159, \".2f\"))", "3.14")]
    ) { a, c in
      guard let spec = FormatSpec(try a.string(1)) else {
        throw a.fault(
          1, .value, "\(Display.quoted(try a.string(1))) is no format",
          help: "a format is [[fill]align][sign][0][width][,][.digits][d f e g % x b s]")
      }
      return .string(try Format.string(a[0], spec, c))
    },
  ]

  private static func joined(_ a: BoundArguments, items: Int, separator: Int, _ c: Context) throws -> Text {
    let list = try Iteration.items(of: a[items], c)
    return try Text.join(list, try a.text(separator), c) { index in
      a.fault(
        items, .type, "item \(index) must be a string, found \(list[index].summary)", help: "convert with map(str)")
    }
  }
}
