/// Messages for what is right in another language.
extension Mistakes {
  static func foreignFunction(_ word: String, at span: Span) -> Diagnostic {
    syntax("a function begins with `fn`, not `\(word)`", at: span, help: "write `fn name(x) { … }` or `fn name(x) = …`")
  }

  static func foreignModel(_ word: String, at span: Span) -> Diagnostic {
    syntax(
      "there is no `\(word)`", at: span,
      help: "a network is a `model Name(…) { … }`; plain data are records such as `{name: value}`")
  }

  static func foreignLet(_ word: String, at span: Span) -> Diagnostic {
    syntax("a constant begins with `let`, not `\(word)`", at: span, help: "write `let name = …`")
  }

  static func foreignDeclaration(_ word: String, _ name: String, at span: Span) -> Diagnostic {
    syntax(
      "a variable begins with `let` or `var`, not `\(word)`", at: span,
      help: "write `let \(name) = …`, or `var \(name) = …` where it changes")
  }

  static func foreignRaise(_ span: Span) -> Diagnostic {
    syntax("an error is raised with `raise`, not `throw`", at: span, help: "write `raise …`")
  }

  static func mutable(_ name: String, at span: Span) -> Diagnostic {
    syntax("a variable begins with `var`", at: span, help: "write `var \(name) = …`")
  }

  static func foreignElseIf(_ word: String, at span: Span) -> Diagnostic {
    syntax("there is no `\(word)`", at: span, help: "write `else if`")
  }

  static func foreignCatch(_ word: String, at span: Span) -> Diagnostic {
    syntax("there is no `\(word)`", at: span, help: "write `try { … } catch err { … }`")
  }

  static func foreignSwitch(_ word: String, at span: Span) -> Diagnostic {
    syntax("there is no `\(word)`", at: span, help: "write `if … { … } else if … { … } else { … }`")
  }

  static func fromImport(_ span: Span) -> Diagnostic {
    syntax("there is no `from … import`", at: span, help: "write `import module` and use `module.name`")
  }

  static func withStatement(_ span: Span) -> Diagnostic {
    syntax("there is no `with`", at: span, help: "functions take a block: `training(false) { … }`")
  }

  static func foreignStatement(_ word: String, at span: Span) -> Diagnostic {
    let help: String? =
      switch word {
      case "del": "`remove` takes an element out of a list or record; names need no removal"
      case "global", "nonlocal": "leave it out; functions see and change the variables around them"
      case "async": "leave it out"
      default: nil
      }
    return syntax("there is no `\(word)`", at: span, help: help)
  }

  static func foreignLiteral(_ word: String, at span: Span) -> Diagnostic {
    let own = word == "None" ? "nil" : word.lowercased()
    return syntax("`\(word)` is written `\(own)`", at: span, help: "write `\(own)`")
  }

  static func lambda(_ span: Span) -> Diagnostic {
    syntax("there is no `lambda`", at: span, help: "write `fn(x) = …`")
  }

  static func new(_ name: String, at span: Span) -> Diagnostic {
    syntax("there is no `new`", at: span, help: "write `\(name)(…)`")
  }

  static func decorator(_ span: Span) -> Diagnostic {
    syntax("there are no decorators", at: span, help: "call the function on the other: `let g = decorate(f)`")
  }

  static func formatString(_ span: Span) -> Diagnostic {
    syntax("a string needs no `f` before it", at: span, help: "every string interpolates: \"{x:.2f}\"")
  }

  static func stringPrefix(_ prefix: String, at span: Span) -> Diagnostic {
    syntax(
      "a string has no `\(prefix)` before it", at: span, help: #"a backslash is written \\ and a plain brace \{"#)
  }

  static func colonBlock(of word: String, at span: Span) -> Diagnostic {
    syntax("a block stands in braces", at: span, help: "write `{` instead of `:` and close the block with `}`")
  }

  static func resultColon(_ type: String, at span: Span) -> Diagnostic {
    syntax("a result is annotated with `->`", at: span, help: "write `-> \(type)`")
  }

  static func foreignBlockWord(_ word: String, of head: String, at span: Span) -> Diagnostic {
    syntax(
      "`\(head)` needs no `\(word)`", at: span, help: "write `{` instead of `\(word)` and close the block with `}`")
  }

  static func assignmentInCondition(of word: String, at span: Span) -> Diagnostic {
    syntax("`=` assigns and does not compare", at: span, help: "write `==`")
  }

  static func trailingIf(_ span: Span) -> Diagnostic {
    syntax("`if` does not follow a value", at: span, help: "write `if condition { a } else { b }`")
  }

  static func comprehension(_ span: Span) -> Diagnostic {
    syntax(
      "there are no comprehensions", at: span,
      help: "write `xs.map(fn(x) = …)` for a list, `stack(xs.map(fn(x) = …))` for a tensor")
  }

  static func sliceOutsideIndex(_ span: Span) -> Diagnostic {
    syntax(
      "`:` does not stand here", at: span,
      help: "a slice follows a value: `x[1:3]`; a range is `1..3`, a record `{name: value}`")
  }

  static func annotatedVariable(_ name: String, at span: Span) -> Diagnostic {
    syntax("only parameters and results are annotated", at: span, help: "write `\(brief(name)) = …`")
  }

  static func isOperator(_ span: Span) -> Diagnostic {
    syntax("there is no `is`", at: span, help: "write `==` or `!=`; models and functions compare by identity")
  }

  static func slashComment(_ span: Span) -> Diagnostic {
    syntax("`//` is floor division", at: span, help: "a comment begins with `#`")
  }

  static func callWithoutParentheses(_ callee: String, argument: String, at span: Span) -> Diagnostic {
    syntax(
      "a call needs parentheses", at: span,
      help: "write `\(brief(callee))(\(brief(argument)))`; two statements on one line are separated by `;`")
  }

  static func countingLoop(_ name: String, at span: Span) -> Diagnostic {
    syntax("`for` goes over values", at: span, help: "write `for \(brief(name)) in 0..10 { … }`")
  }

  static func forOf(_ span: Span) -> Diagnostic {
    syntax("`for` goes over values with `in`", at: span, help: "write `in`")
  }

  static func statementAsValue(_ word: String, at span: Span) -> Diagnostic {
    syntax("`\(word)` is a statement and has no value", at: span)
  }
}
