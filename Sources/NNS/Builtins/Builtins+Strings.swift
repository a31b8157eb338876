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
      let text = try a.string(0)
      if a[1].isNil {
        let words = text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace)
        return .list(words.map { .string(String($0)) })
      }
      let separator = try a.string(1)
      if separator.isEmpty {
        throw a.fault(1, .value, "the separator is empty", help: "chars(text) gives the characters")
      }
      return .list(TextOperations.split(text, separator).map { .string($0) })
    },
    Builtin(
      "join", [.init("items", .sequence), .init("separator", .string, .string(""))],
      "The strings of a list, joined with a separator between them.",
      examples: [("print((\"a\", \"b\").join(\"-\"))", "a-b")]
    ) { a, c in .string(try TextOperations.join(0, separator: try a.string(1), a, c)) },
    Builtin(
      "join", [.init("separator", .string), .init("items", .sequence)],
      "The strings of a list, joined with a separator between them.",
      examples: [("print(\", \".join((\"a\", \"b\")))", "a, b")]
    ) { a, c in .string(try TextOperations.join(1, separator: try a.string(0), a, c)) },
    Builtin(
      "trim", [.init("text", .string)], "Without white space at both ends.",
      examples: [("print(\"  a b \".trim() + \"|\")", "a b|")]
    ) { a, _ in .string(Numbers.trimmed(try a.string(0))) },
    Builtin(
      "upper", [.init("text", .string)], "In capitals.", examples: [("print(\"straße\".upper())", "STRASSE")]
    ) { a, _ in .string(try a.string(0).uppercased()) },
    Builtin(
      "lower", [.init("text", .string)], "In small letters.", examples: [("print(\"ÄB\".lower())", "äb")]
    ) { a, _ in .string(try a.string(0).lowercased()) },
    Builtin(
      "replace", [.init("text", .string), .init("old", .string), .init("new", .string)],
      "With every `old` replaced by `new`.", examples: [("print(\"banana\".replace(\"an\", \"o\"))", "booa")]
    ) { a, c in
      let old = try a.string(1)
      if old.isEmpty { throw a.fault(1, .value, "there is nothing to look for: the string is empty") }
      let parts = TextOperations.split(try a.string(0), old)
      let new = try a.string(2)
      try c.charge(bytes: parts.reduce(0) { $0 + $1.utf8.count } + parts.count * new.utf8.count)
      return .string(parts.joined(separator: new))
    },
    Builtin(
      "find", [.init("text", .string), .init("part", .string), .init("start", .int, .int(0))],
      "The position of the first `part` at or after `start`, or nil.",
      examples: [("print(\"banana\".find(\"an\"), \"banana\".find(\"x\"))", "1 nil")]
    ) { a, _ in
      let text = try a.string(0)
      let start = max(0, try a.int(2))
      // Positions count scalars, the search goes by bytes.
      let scalars = text.unicodeScalars
      guard let from = scalars.index(scalars.startIndex, offsetBy: start, limitedBy: scalars.endIndex) else {
        return .nil
      }
      let bytes = Array(text.utf8)
      let offset = text.utf8.distance(from: text.utf8.startIndex, to: from)
      guard let found = Text.find(bytes, Array(try a.string(1).utf8), from: offset) else { return .nil }
      return .int(bytes[..<found].reduce(0) { $0 + (($1 & 0xC0) == 0x80 ? 0 : 1) })
    },
    Builtin(
      "starts_with", [.init("text", .string), .init("part", .string)], "Whether a text begins with `part`.",
      examples: [("print(\"banana\".starts_with(\"ba\"))", "true")]
    ) { a, _ in .bool(try a.string(0).utf8.starts(with: try a.string(1).utf8)) },
    Builtin(
      "ends_with", [.init("text", .string), .init("part", .string)], "Whether a text ends with `part`.",
      examples: [("print(\"banana\".ends_with(\"na\"))", "true")]
    ) { a, _ in .bool(try a.string(0).utf8.reversed().starts(with: try a.string(1).utf8.reversed())) },
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
      let text = try a.string(0)
      let (size, overflow) = text.utf8.count.multipliedReportingOverflow(by: count)
      guard !overflow, size < 1 << 40 else { throw Mistakes.outOfMemory(asked: overflow ? .max : size) }
      try c.charge(bytes: size)
      return .string(String(repeating: text, count: count))
    },
    Builtin(
      "chars", [.init("text", .string)], "A list of the characters (Unicode scalars).",
      examples: [("print(\"aé\".chars())", "(\"a\", \"é\")")]
    ) { a, _ in .list(try a.string(0).unicodeScalars.map { .string(String($0)) }) },
    Builtin(
      "lines", [.init("text", .string)], "A list of the lines, without their ends.",
      examples: [("print(\"a\\nb\\n\".lines())", "(\"a\", \"b\")")]
    ) { a, _ in .list(TextOperations.lines(try a.string(0)).map { .string($0) }) },
    Builtin(
      "bytes", [.init("text", .string)], "The bytes of the text in UTF-8, as u8[N].",
      examples: [("print(\"aé\".bytes())", "[97, 195, 169]")]
    ) { a, c in
      let bytes = Array(try a.string(0).utf8)
      return .tensor(try c.engine.tensor(bytes.map { Int($0) }, [bytes.count], dtype: .u8))
    },
    Builtin(
      "ord", [.init("char", .string)], "The number of a character.", examples: [("print(ord(\"A\"))", "65")]
    ) { a, _ in
      let scalars = try a.string(0).unicodeScalars
      guard scalars.count == 1, let scalar = scalars.first else {
        throw a.fault(0, .value, "one character is needed, found \(scalars.count)")
      }
      return .int(Int(scalar.value))
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
}

/// What several string built-ins need.
enum TextOperations {
  static func split(_ text: String, _ separator: String) -> [String] {
    let bytes = Array(text.utf8)
    let part = Array(separator.utf8)
    var pieces: [String] = []
    var start = 0
    while let found = Text.find(bytes, part, from: start) {
      pieces.append(String(decoding: bytes[start..<found], as: UTF8.self))
      start = found + part.count
    }
    pieces.append(String(decoding: bytes[start...], as: UTF8.self))
    return pieces
  }

  /// - Parameter list: the position of the list among the arguments.
  static func join(_ list: Int, separator: String, _ a: BoundArguments, _ c: Context) throws -> String {
    let items = try Iteration.items(of: a[list], c)
    var size = separator.utf8.count * max(0, items.count - 1)
    for (index, item) in items.enumerated() {
      guard case .string(let box) = item else {
        throw a.fault(
          list, .type, "item \(index) must be a string, found \(item.summary)", help: "convert with map(str)")
      }
      size += box.text.utf8.count
    }
    try c.charge(bytes: size)
    return Text.join(items, separator, size: size)
  }

  /// Lines end in `\n`, `\r\n` or `\r`; a last empty one does not count.
  static func lines(_ text: String) -> [String] {
    var lines: [String] = []
    var current: [UInt8] = []
    var afterReturn = false
    for byte in text.utf8 {
      if byte == 10, afterReturn {
        afterReturn = false
        continue
      }
      afterReturn = byte == 13
      if byte == 10 || byte == 13 {
        lines.append(String(decoding: current, as: UTF8.self))
        current.removeAll(keepingCapacity: true)
      } else {
        current.append(byte)
      }
    }
    if !current.isEmpty { lines.append(String(decoding: current, as: UTF8.self)) }
    return lines
  }
}
