extension Mistakes {
  // MARK: Operators

  static func chainedComparison(_ first: String, _ second: String, at span: Span) -> Diagnostic {
    syntax("comparisons do not chain", at: span, help: "write `\(brief(first)) and \(brief(second))`")
  }

  static func chainedRange(_ span: Span) -> Diagnostic {
    syntax("ranges do not chain", at: span, help: "a slice takes a step: `x[a:b:step]`, as does `arange(a, b, step)`")
  }

  static func notNeedsParentheses(_ span: Span) -> Diagnostic {
    syntax("`not` binds more loosely than the operator before it", at: span, help: "put it in parentheses: `(not x)`")
  }

  static func unaryPlus(_ span: Span) -> Diagnostic {
    syntax("a value has no `+` before it", at: span, help: "leave the `+` out")
  }

  static func increment(_ name: String, sign: String, at span: Span) -> Diagnostic {
    syntax("there is no `\(sign)\(sign)`", at: span, help: "write `\(brief(name)) \(sign)= 1`")
  }

  static func pipeIntoValue(_ span: Span) -> Diagnostic {
    syntax(
      "the right side of `|>` is what the left side is passed to", at: span,
      help: "a name, member, index, call, `fn` or an expression in parentheses can stand there")
  }

  static func operatorAfterPipe(_ sign: String, left: String, right: String, at span: Span) -> Diagnostic {
    syntax(
      "`\(sign)` after a pipe needs parentheses", at: span,
      help: "write `(\(brief(left)) |> \(brief(right))) \(sign) …`, or `\(brief(left)) |> (\(brief(right)) \(sign) …)`")
  }

  // MARK: Calls, members and indices

  static func numberAfterDot(_ base: String, _ number: String, at span: Span) -> Diagnostic {
    let first = number.prefix { $0 != "." }
    return syntax("a name follows `.`, not a number", at: span, help: "write `\(brief(base))[\(first)]` for an element")
  }

  static func emptyIndex(_ span: Span) -> Diagnostic {
    syntax("an index is missing", at: span, help: "`x[0]` is an element, `x[:]` all of them")
  }

  static func duplicateArgument(_ label: Identifier, first: Span) -> Diagnostic {
    var mistake = syntax("`\(label.text)` is passed twice", at: label.span)
    mistake.labels = [Diagnostic.Label(span: first, text: "first here")]
    return mistake
  }

  static func positionalAfterNamed(_ span: Span) -> Diagnostic {
    syntax(
      "an argument without a name cannot follow a named one", at: span,
      help: "name it as well, or move it before the named ones")
  }

  static func argumentWithEquals(_ name: String, _ value: Expr, at span: Span) -> Diagnostic {
    if case .name = value.kind {
      return syntax("a named argument has a `:`", at: span, help: "write `\(brief(name)): …`; to compare, write `==`")
    }
    return assignmentInBrackets(span)
  }

  static func assignmentInBrackets(_ span: Span) -> Diagnostic {
    syntax(
      "an assignment is no expression", at: span, help: "to compare, write `==`; a record is written `{name: value}`")
  }

  static func starSpread(_ sign: String, at span: Span) -> Diagnostic {
    syntax("`\(sign)` does not spread", at: span, help: "write `...` before a list or a record of named arguments")
  }

  // MARK: Functions

  static func selfParameter(_ span: Span) -> Diagnostic {
    syntax("`self` is no parameter", at: span, help: "leave it out; `self` is there in every method of a model")
  }

  static func starParameter(_ sign: String, at span: Span) -> Diagnostic {
    let help =
      sign == "*"
      ? "write `...xs` for the remaining arguments"
      : "name the parameters, with defaults such as `rate = 0.1`, or take a record"
    return syntax("`\(sign)` does not begin a parameter", at: span, help: help)
  }

  static func afterRest(_ span: Span, rest: Span) -> Diagnostic {
    var mistake = syntax("no parameter can follow the rest parameter", at: span)
    mistake.labels = [Diagnostic.Label(span: rest, text: "takes all that remains")]
    return mistake
  }

  static func restDefault(_ span: Span) -> Diagnostic {
    syntax("a rest parameter has no default", at: span, help: "without arguments it is the empty list `()`")
  }

  static func restPattern(_ span: Span) -> Diagnostic {
    syntax("a rest parameter is a name", at: span, help: "take it apart in the body with `let`")
  }

  static func namedFunctionAsValue(_ span: Span) -> Diagnostic {
    syntax("a function with a name is a statement", at: span, help: "write `fn(…)` without a name for a value")
  }

  static func unknownDtype(_ name: String, at span: Span) -> Diagnostic {
    syntax(
      "`\(name)` is not a dtype", at: span,
      help: "a shape begins with \(Parser.dtypes.joined(separator: ", ")) or with its bracket")
  }

  static func secondRestDimension(_ span: Span, first: Span) -> Diagnostic {
    var mistake = syntax("a shape has at most one `...`", at: span)
    mistake.labels = [Diagnostic.Label(span: first, text: "first here")]
    return mistake
  }

  static func unionAnnotation(_ span: Span) -> Diagnostic {
    syntax(
      "an annotation names one type", at: span,
      help: "leave it out, or write `_`; a parameter whose default is `nil` admits `nil` too")
  }

  static func optionalAnnotation(_ type: String, at span: Span) -> Diagnostic {
    syntax(
      "an annotation has no `?`", at: span,
      help: "a parameter whose default is `nil` admits `nil`: `x: \(brief(type)) = nil`")
  }

  static func nilAnnotation(_ span: Span) -> Diagnostic {
    syntax("`nil` is not a type", at: span, help: "a parameter whose default is `nil` admits `nil`")
  }

  static func quotedAnnotation(_ span: Span) -> Diagnostic {
    syntax("a type is written without quotes", at: span, help: "for example `int`, `[B, 3]` or `f32[B, 3]`")
  }

  // MARK: Literals

  static func duplicateKey(_ key: String, at span: Span, first: Span) -> Diagnostic {
    var mistake = syntax("the key `\(brief(key))` occurs twice", at: span)
    mistake.labels = [Diagnostic.Label(span: first, text: "first here")]
    return mistake
  }

  static func badDimension(_ written: String, at span: Span) -> Diagnostic {
    let isNegative = written.hasPrefix("-")
    return syntax(
      "a size in a shape is an int, a name or an int expression, found `\(brief(written))`", at: span,
      help: isNegative ? "`_` stands for any size, `...` for any number of axes" : nil)
  }

  static func keyNotString(_ span: Span) -> Diagnostic {
    syntax("the keys of a record are names or strings", at: span, help: "write the key in quotes: `{\"1\": value}`")
  }

  static func keyWithoutValue(_ key: String, at span: Span) -> Diagnostic {
    syntax("the key `\(key)` has no value", at: span, help: "write `\(key): \(key)`; a list stands in parentheses")
  }

  static func keyWithEquals(_ key: String, at span: Span) -> Diagnostic {
    syntax("a key is followed by `:`", at: span, help: "write `\(key): …`")
  }

  static func bareBlock(_ span: Span, only name: String?) -> Diagnostic {
    syntax(
      "`{` begins a record here, not a block", at: span,
      help: name.map { "write `{\($0): …}`, or `\($0)` without braces" }
        ?? "a block follows `if`, `else`, `for`, `while`, `try`, `catch`, `fn`, or a call")
  }

  static func recordAsBlock(_ callee: String, at span: Span) -> Diagnostic {
    syntax(
      "`{` after a name or call begins a block, not a record", at: span,
      help: "pass a record in parentheses: `\(brief(callee))({…})`")
  }

  static func stringInTensor(_ elements: [String], at span: Span) -> Diagnostic {
    let shown = elements.prefix(8).map(brief)
    let rest = elements.count > 8 ? ", …" : elements.count == 1 ? "," : ""
    return syntax(
      "square brackets make a tensor, which cannot hold strings", at: span,
      help: "write a list: `(\(shown.joined(separator: ", "))\(rest))`")
  }

  static func spreadInTensor(_ span: Span) -> Diagnostic {
    syntax(
      "`...` does not stand in a tensor", at: span, help: "`stack(list)` and `tensor(list)` make a tensor of a list")
  }

  static func misplacedSpread(_ span: Span) -> Diagnostic {
    syntax(
      "`...` cannot stand here", at: span,
      help: "it spreads a list or record in a call, a list or a record; ranges are `a..b` and `a..=b`")
  }
}
