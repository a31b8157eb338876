extension Mistakes {
  // MARK: Characters

  static func unknown(_ text: String, at span: Span) -> Diagnostic {
    let help: String? =
      switch text {
      case "&&": "write `and`"
      case "||": "write `or`"
      case "!": "write `not`"
      case "=>": "a function is written `fn(x) = value` or `fn(x) { … }`"
      case "===": "write `==`"
      case "<>", "!==": "write `!=`"
      case "<<": "write `x * 2 ** n`"
      case ">>": "write `x // 2 ** n`"
      case "|=", "&=": "write `x = x \(text.prefix(1)) y`"
      case "??": "write `if x == nil { y } else { x }`"
      case ":=": "write `let x = …` to declare, `x = …` to assign"
      case "?": "write `if a { b } else { c }`"
      case "^": "write `**` for a power"
      case "`": "a string stands in double quotes"
      case "\\": "a line goes on after an operator, a comma or inside brackets"
      case "$": "a string interpolates with `{x}`"
      case "“", "”", "„", "‘", "’", "«", "»": "a string stands in straight quotes: `\"…\"`"
      case "−", "–", "—": "write `-`"
      case "×", "·": "write `*`"
      case "÷": "write `/`"
      case "≤": "write `<=`"
      case "≥": "write `>=`"
      case "≠": "write `!=`"
      case "→": "write `->`"
      case "∞": "write `inf`"
      default: nil
      }
    if help == nil, let first = text.unicodeScalars.first, isInvisible(first) {
      let hex = String(first.value, radix: 16, uppercase: true)
      let code = "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
      return syntax(
        "the invisible character \(code) means nothing here", at: span, help: "delete it, or write a blank instead")
    }
    return syntax("`\(text)` means nothing here", at: span, help: help)
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
    default: false
    }
  }

  // MARK: Numbers

  static func lettersAfterNumber(_ number: String, _ rest: String, at span: Span) -> Diagnostic {
    let isName = rest.unicodeScalars.first?.properties.isXIDStart ?? false
    let help: String? =
      number == "0" && rest.first == "o"
      ? "numbers are decimal, `0x…` or `0b…`"
      : number.hasPrefix("0b") || number.hasPrefix("0B")
        ? "after `0b` stand 0 and 1"
        : isName && !number.hasPrefix("0x") ? "for a product, write `\(number) * \(rest)`" : nil
    return syntax("`\(number + rest)` is not a number", at: span, help: help)
  }

  static func missingDigits(_ number: String, at span: Span) -> Diagnostic {
    syntax("`\(number)` has no digits", at: span)
  }

  static func notBinary(_ number: String, at span: Span) -> Diagnostic {
    syntax("`\(number)` is not a number", at: span, help: "after `0b` stand 0 and 1")
  }

  static func misplacedUnderscore(_ number: String, at span: Span) -> Diagnostic {
    syntax("`\(number)` is not a number", at: span, help: "`_` stands between digits: `1_000`")
  }

  static func leadingZero(_ number: String, at span: Span) -> Diagnostic {
    let digits = number.drop { $0 == "0" || $0 == "_" }
    return syntax("an int does not begin with 0", at: span, help: "write `\(digits)`")
  }

  static func leadingPoint(_ digits: String, at span: Span) -> Diagnostic {
    syntax("a number does not begin with a point", at: span, help: "write `0.\(digits)`")
  }

  static func trailingPoint(_ digits: String, at span: Span) -> Diagnostic {
    syntax("a number does not end with a point", at: span, help: "write `\(digits).0`")
  }

  static func intTooLarge(_ number: String, at span: Span) -> Diagnostic {
    syntax(
      "`\(brief(number))` does not fit into an int", at: span,
      help: "ints go from \(Int.min) to \(Int.max); with a point it is a float")
  }

  static func floatTooLarge(_ number: String, at span: Span) -> Diagnostic {
    syntax("`\(brief(number))` does not fit into a float", at: span, help: "infinity is written `inf`")
  }

  // MARK: Strings

  static func unclosedString(_ quote: Span, isMultiline: Bool) -> Diagnostic {
    isMultiline
      ? syntax("this string is never closed", at: quote, help: "it ends with `\"\"\"`")
      : syntax(
        "this string is not closed on its line", at: quote,
        help: "end it with `\"`; a string between `\"\"\"` may span lines")
  }

  static func unclosedInterpolation(_ brace: Span, string: Span) -> Diagnostic {
    var mistake = syntax(
      "this `{` is not closed before its string ends", at: brace, help: "a plain brace is written `\\{`")
    mistake.labels = [Diagnostic.Label(span: string, text: "the string begins here")]
    return mistake
  }

  static func emptyInterpolation(_ span: Span) -> Diagnostic {
    syntax("nothing stands between the braces", at: span, help: "a plain brace is written `\\{`")
  }

  static func bareBrace(_ text: String, at span: Span) -> Diagnostic {
    text == "{}"
      ? syntax("nothing stands between the braces", at: span, help: "plain braces are written `\\{}`")
      : syntax(
        "`{{` is not a plain brace", at: span,
        help: "a plain brace is written `\\{`; a record in a string begins with a blank: `{ {a: 1} }`")
  }

  static func badFormat(_ format: String, at span: Span) -> Diagnostic {
    syntax(
      "`\(brief(format))` is not a format", at: span,
      help: "a format is [[fill]align][sign][0][width][,][.digits][d f e g % x b s], such as `>8` or `.3f`")
  }

  static func unknownEscape(_ text: String, at span: Span) -> Diagnostic {
    syntax(
      "`\(text.prefix { !$0.isNewline })` is not an escape", at: span,
      help: #"the escapes are \n \t \r \0 \" \\ \{ \} \u{1F600}; a backslash is written \\"#)
  }

  static func badUnicodeEscape(_ span: Span) -> Diagnostic {
    syntax("this is not a character", at: span, help: #"write the code in hexadecimal: \u{1F600}"#)
  }

  static func singleQuoted(_ text: String, at span: Span) -> Diagnostic {
    let inner = text.dropFirst().reversed().drop { $0 == "'" }.reversed()
    let shown = String(inner).contains("\"") ? "\"…\"" : "\"\(brief(String(inner)))\""
    return syntax("strings stand in double quotes", at: span, help: "write `\(shown)`")
  }

  static func adjacentStrings(_ span: Span) -> Diagnostic {
    syntax("two strings stand side by side", at: span, help: "join them with `+`; a list has commas: `(\"a\", \"b\")`")
  }
}
