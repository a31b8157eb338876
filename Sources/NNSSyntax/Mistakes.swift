/// The messages of this layer. `at` is the smallest piece of text at fault.
enum Mistakes {
  static func syntax(_ message: String, at span: Span, help: String? = nil) -> Diagnostic {
    Diagnostic(.syntax, message, at: span, help: help)
  }

  /// A piece of source text for a message; a long one is cut.
  static func brief(_ text: String) -> String {
    let line = text.prefix { !$0.isNewline }
    return line.count == text.count && line.count <= 40 ? text : "\(line.prefix(36))…"
  }

  // MARK: The file

  static func fileTooLarge(_ size: Int, file: UInt32) -> Diagnostic {
    Diagnostic(
      .limit, "the file has \(size) bytes; a script has at most \(Lexer.maximumBytes)",
      at: Span(file: file, start: 0, end: 0), help: "read data with a function such as `read_csv` or `read_text`")
  }

  static func invalidByte(in file: SourceFile, at offset: Int, index: UInt32) -> Diagnostic {
    let start = UInt32(clamping: offset)
    let byte = file.bytes[offset]
    let hex = (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    return syntax(
      "line \(file.position(of: start).line) has the byte 0x\(hex), which is not UTF-8",
      at: Span(file: index, start: start, end: start + 1), help: "save the file as UTF-8")
  }

  static func tooDeep(_ span: Span) -> Diagnostic {
    syntax(
      "nested too deeply (more than \(Parser.maximumDepth) levels)", at: span,
      help: "give inner parts a name with `let`")
  }

  static func tooDeepForStack(_ span: Span) -> Diagnostic {
    syntax("nested too deeply for the stack of this thread", at: span, help: "give inner parts a name with `let`")
  }

  static func tooLong(_ span: Span) -> Diagnostic {
    syntax(
      "nested too deeply (more than \(Parser.maximumDepth) operators or calls in a row)", at: span,
      help: "give the first part a name with `let`")
  }

  // MARK: What was expected

  static func expected(_ wanted: String, found: String, at span: Span, opened: (Span, String)?) -> Diagnostic {
    var mistake = syntax("expected \(wanted), found \(found)", at: span)
    if let opened { mistake.labels = [Diagnostic.Label(span: opened.0, text: "`\(opened.1)` was opened here")] }
    return mistake
  }

  static func endsEarly(_ wanted: String, at span: Span) -> Diagnostic {
    syntax("expected \(wanted), found the end of the text", at: span)
  }

  static func unclosed(_ span: Span, _ bracket: String, before end: Span) -> Diagnostic {
    var mistake = syntax("this `\(bracket)` is never closed", at: span)
    let text = end.start == end.end ? "the text ends here" : "it should be closed before this"
    mistake.labels = [Diagnostic.Label(span: end, text: text)]
    return mistake
  }

  static func unclosedBlock(_ span: Span, closedBy close: Span) -> Diagnostic {
    var mistake = syntax("this `{` is never closed", at: span, help: "a `}` is missing before the labelled one")
    mistake.labels = [Diagnostic.Label(span: close, text: "this does not line up with it")]
    return mistake
  }

  static func strayCloser(_ bracket: String, at span: Span) -> Diagnostic {
    syntax("nothing is open that this `\(bracket)` would close", at: span)
  }

  static func operatorBeginsLine(_ sign: String, at span: Span) -> Diagnostic {
    let help =
      switch sign {
      case "//": "a comment begins with `#`; to divide, end the line before with `//`"
      case "=", "+=", "-=", "*=", "/=", "//=", "%=", "**=", "@=": "end the line before with `\(sign)`"
      default: "end the line before with `\(sign)`, or put the whole expression in parentheses"
      }
    return syntax("a line cannot begin with `\(sign)`", at: span, help: help)
  }

  // MARK: Statements

  static func unusedValue(_ expression: Expr) -> Diagnostic {
    if case .binary(.equal, _, _) = expression.kind {
      return syntax("the value of this expression is not used", at: expression.span, help: "to assign, write `=`")
    }
    return syntax(
      "the value of this expression is not used", at: expression.span,
      help: "name it with `let`, print it, or remove it")
  }

  static func secondStatement(_ word: String, at span: Span) -> Diagnostic {
    syntax(
      "expected the end of the line, found `\(word)`", at: span,
      help: "write one statement a line, or `;` between two")
  }

  static func missingValue(of word: String, at span: Span) -> Diagnostic {
    syntax("`\(word)` needs a value on its line", at: span)
  }

  static func missingInitialValue(of name: String, after word: String, at span: Span) -> Diagnostic {
    syntax("`\(brief(name))` needs a value", at: span, help: "write `\(word) \(brief(name)) = …`; `nil` is a value too")
  }

  static func missingPattern(after word: String, found: String, at span: Span) -> Diagnostic {
    syntax("expected a name after `\(word)`, found \(found)", at: span)
  }

  static func keywordAsName(_ word: String, at span: Span) -> Diagnostic {
    syntax(
      "`\(word)` is a keyword and cannot be a name here", at: span, help: "choose another name, such as `\(word)_`")
  }

  static func duplicateName(_ name: Identifier, first: Span) -> Diagnostic {
    var mistake = syntax(
      "`\(name.text)` is declared twice", at: name.span, help: "`_` stands for a value that needs no name")
    mistake.labels = [Diagnostic.Label(span: first, text: "first here")]
    return mistake
  }

  static func wildcardValue(_ span: Span) -> Diagnostic {
    syntax("`_` has no value", at: span, help: "`_` only stands in patterns, for a value that needs no name")
  }

  static func notAssignable(_ left: Expr, source: String) -> Diagnostic {
    let what =
      switch left.kind {
      case .call: "a call"
      case .parenthesized: "an expression in parentheses"
      case .record, .tensor, .string, .int, .float, .bool, .nil: "a literal"
      default: "this expression"
      }
    var help = "a name, a field such as `r.name` or an element such as `x[0]` can be assigned"
    if case .call(let call) = left.kind, case .name = call.callee.kind, !call.isPiped,
      call.arguments.allSatisfy({ if case .name = $0.value.kind { $0.label == nil } else { false } })
    {
      help = "to define a function, write `fn \(brief(source)) = …`"
    } else if case .parenthesized = left.kind {
      help = "a list of one has a comma: `(x,)`"
    } else if case .tensor = left.kind {
      help = "a list of names stands in parentheses: `(a, b) = …`"
    }
    return syntax("\(what) cannot be assigned to", at: left.span, help: help)
  }

  static func assignmentAsValue(_ span: Span) -> Diagnostic {
    syntax("an assignment has no value", at: span, help: "write one assignment a line; to compare, write `==`")
  }

  static func bareList(_ first: String, at span: Span) -> Diagnostic {
    syntax("a list needs parentheses", at: span, help: "write `(\(brief(first)), …)`")
  }

  static func onlyAtTopLevel(_ word: String, at span: Span) -> Diagnostic {
    syntax("`\(word)` can stand at the top level of a file only", at: span)
  }

  static func importOfSeveral(_ span: Span) -> Diagnostic {
    syntax(
      "an `import` names one module", at: span,
      help: "write one `import` a line; a file is named in quotes: `import \"lib/layers.nns\"`")
  }

  static func importNeedsName(_ path: String, at span: Span) -> Diagnostic {
    syntax("the file's name is not a name in the language", at: span, help: "write `import \"\(brief(path))\" as name`")
  }

  // MARK: Heads and blocks

  static func emptyHead(of word: String, at span: Span) -> Diagnostic {
    let what = word == "for" ? "values to go over" : "a condition"
    return syntax("`\(word)` needs \(what) before `{`", at: span, help: "a record here stands in parentheses: `({…})`")
  }

  static func braceInHead(_ span: Span) -> Diagnostic {
    syntax(
      "expected an expression, found `{`", at: span,
      help: "in the head of `if`, `for` or `while` a record stands in parentheses: `({…})`")
  }

  static func secondBlock(_ span: Span) -> Diagnostic {
    syntax(
      "expected the end of the line, found `{`", at: span,
      help: "in the head of `if`, `for` or `while` a block argument stands in parentheses: `(f { … })`")
  }

  static func braceOnNextLine(of word: String, at span: Span) -> Diagnostic {
    syntax("the `{` of `\(word)` stands on its line", at: span, help: "move `{` to the end of the line before")
  }

  static func missingCatch(_ span: Span) -> Diagnostic {
    syntax("this `try` has no `catch`", at: span, help: "write `try { … } catch err { … }`")
  }

  static func strayElse(_ span: Span) -> Diagnostic {
    syntax("this `else` belongs to no `if`", at: span)
  }

  static func strayCatch(_ span: Span) -> Diagnostic {
    syntax("this `catch` belongs to no `try`", at: span)
  }

  static func notInModel(at span: Span) -> Diagnostic {
    syntax(
      "this statement cannot stand in a model", at: span,
      help: "a model holds `param`, `let` and `var` fields, `fn` methods and calls such as `assert(…)`")
  }

  static func fieldWithoutWord(_ name: String, at span: Span) -> Diagnostic {
    syntax(
      "a field begins with `param`, `let` or `var`", at: span,
      help: "write `param \(brief(name)) = …` for what is trained, `let \(brief(name)) = …` otherwise")
  }

  static func modelWithoutParameters(_ name: String, at span: Span) -> Diagnostic {
    syntax("the model `\(name)` needs parentheses", at: span, help: "write `model \(name)() { … }` if it takes nothing")
  }
}
