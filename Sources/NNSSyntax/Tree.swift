// The syntax tree. The parser bounds its depth (`Parser.maximumDepth`), so passes may recurse over it.

/// A name where it stands in the text.
public struct Identifier: Sendable {
  /// The name.
  public let text: String
  /// Its place.
  public let span: Span
  /// A number unique within one parse: the resolver's tables are indexed by it.
  public let id: Int

  /// A name at a place.
  public init(text: String, span: Span, id: Int) {
    self.text = text
    self.span = span
    self.id = id
  }
}

/// A whole file, or one entry of the REPL.
public struct Program: Sendable {
  /// The statements in order.
  public var statements: [Statement]
  /// The `##` lines at the start of the file.
  public var doc: String?
  /// One more than the largest ``Identifier/id`` and ``Function/id`` that occurs.
  public var idCount: Int
  /// The whole text.
  public var span: Span

  /// A parsed file.
  public init(statements: [Statement], doc: String?, idCount: Int, span: Span) {
    self.statements = statements
    self.doc = doc
    self.idCount = idCount
    self.span = span
  }
}

/// Statements between braces.
public struct Block: Sendable {
  /// The statements in order; the value of the block is that of the last one, where it is an expression.
  public var statements: [Statement]
  /// Both braces included.
  public var span: Span

  /// A block.
  public init(statements: [Statement], span: Span) {
    self.statements = statements
    self.span = span
  }
}

/// A statement and its place.
public struct Statement: Sendable {
  /// What it does.
  public indirect enum Kind: Sendable {
    /// A value alone; the last of a block is the block's value.
    case expression(Expr)
    /// `let pattern = value`, `var pattern = value`.
    case declare(isVar: Bool, Pattern, Expr)
    /// `a = v`, `a[0].b = v`, `(a, b.c) = v`.
    case assign(Target, Expr)
    /// `a += v`; the target is a path.
    case update(Expr, BinaryOperator, Expr)
    /// `fn name(…) …`.
    case function(Function)
    /// `model Name(…) { … }`.
    case model(Model)
    case `for`(Pattern, Expr, Block)
    case `while`(Expr, Block)
    case `return`(Expr?)
    case `break`
    case `continue`
    case raise(Expr)
    case importing(Import)
    case test(StringLiteral, Block)
  }

  /// What it does.
  public var kind: Kind
  /// From its first to its last character.
  public var span: Span

  /// A statement.
  public init(_ kind: Kind, span: Span) {
    self.kind = kind
    self.span = span
  }
}

/// The left side of an assignment.
public indirect enum Target: Sendable {
  /// A name, or a member or index of a path.
  case path(Expr)
  /// `(a, b[0], _) = …`.
  case list([Target], Span)
  /// `_`.
  case wildcard(Span)
}

/// What takes a value apart and names the pieces.
public indirect enum Pattern: Sendable {
  case name(Identifier)
  case wildcard(Span)
  case list([Pattern], Span)

  /// Where it stands.
  public var span: Span {
    switch self {
    case .name(let identifier): identifier.span
    case .wildcard(let span), .list(_, let span): span
    }
  }
}

/// `import "layers.nns" as layers`, `import plot`.
public struct Import: Sendable {
  /// The file, relative to the importing one, or `nil` for a module of the standard library.
  public var path: String?
  /// The name that is bound: the module's, the alias, or the file's name without its ending.
  public var name: Identifier
  /// The module's name as written; equals ``path`` for a file.
  public var module: String
  /// The place of the path or module name.
  public var span: Span

  /// An import.
  public init(path: String?, name: Identifier, module: String, span: Span) {
    self.path = path
    self.name = name
    self.module = module
    self.span = span
  }
}

/// A function: `fn name(…) …`, `fn(…) …`, or a block argument.
public struct Function: Sendable {
  /// Its name; `nil` for a function expression or a block argument.
  public var name: Identifier?
  /// What it takes.
  public var parameters: [Parameter]
  /// `-> annotation`.
  public var result: Annotation?
  /// Its body; `= expression` becomes a block of that one expression.
  public var body: Block
  /// The `##` lines above it.
  public var doc: String?
  /// Whether it is a block argument (`return` leaves it only; it takes no parameters).
  public var isBlockArgument: Bool
  /// From `fn` (or the opening brace) to its end.
  public var span: Span
  /// Unique within one parse, from the same count as ``Identifier/id``.
  public var id: Int

  /// A function.
  public init(
    name: Identifier?, parameters: [Parameter], result: Annotation?, body: Block, doc: String?, isBlockArgument: Bool,
    span: Span, id: Int
  ) {
    self.name = name
    self.parameters = parameters
    self.result = result
    self.body = body
    self.doc = doc
    self.isBlockArgument = isBlockArgument
    self.span = span
    self.id = id
  }
}

/// One parameter of a function or model.
public struct Parameter: Sendable {
  /// A name, or a list pattern (such a parameter cannot be passed by name).
  public var pattern: Pattern
  /// `: annotation`.
  public var annotation: Annotation?
  /// `= default`.
  public var defaultValue: Expr?
  /// `...name`.
  public var isRest: Bool

  /// A parameter.
  public init(pattern: Pattern, annotation: Annotation?, defaultValue: Expr?, isRest: Bool) {
    self.pattern = pattern
    self.annotation = annotation
    self.defaultValue = defaultValue
    self.isRest = isRest
  }
}

/// What an argument or result must be.
public struct Annotation: Sendable {
  /// The forms.
  public indirect enum Kind: Sendable {
    /// `_`.
    case any
    /// `int float bool string list record tensor fn`, or a model's name or path (`layers.Block`).
    case named([Identifier])
    /// `(A, B)`.
    case list([Annotation])
    /// `[B, 3, H]`, `f32[N, D]`.
    case shape(dtype: String?, [Dimension])
  }

  /// One axis of a shape.
  public struct Dimension: Sendable {
    /// The forms.
    public indirect enum Kind: Sendable {
      case any
      /// `...`: any number of axes.
      case rest
      case size(Int)
      case name(Identifier)
      /// `(2 * D)`, without its parentheses.
      case expression(Expr)
    }
    /// What it says.
    public var kind: Kind
    /// Where.
    public var span: Span

    /// One axis.
    public init(_ kind: Kind, span: Span) {
      self.kind = kind
      self.span = span
    }
  }

  /// What it says.
  public var kind: Kind
  /// Where.
  public var span: Span

  /// An annotation.
  public init(_ kind: Kind, span: Span) {
    self.kind = kind
    self.span = span
  }
}

/// `model Name(…) { … }`.
public struct Model: Sendable {
  /// One member of the body, in order.
  public enum Member: Sendable {
    case field(Field)
    case method(Function)
    /// An expression statement such as `assert(…)`.
    case statement(Statement)
  }

  /// `param`, `var` or `let` of a model.
  public struct Field: Sendable {
    /// How it is kept.
    public enum Kind: String, Sendable { case param, `var`, `let` }
    /// How it is kept.
    public var kind: Kind
    /// A name, or a list pattern.
    public var pattern: Pattern
    /// Its first value.
    public var value: Expr
    /// The `##` lines above it.
    public var doc: String?
    /// The whole declaration.
    public var span: Span

    /// A field.
    public init(kind: Kind, pattern: Pattern, value: Expr, doc: String?, span: Span) {
      self.kind = kind
      self.pattern = pattern
      self.value = value
      self.doc = doc
      self.span = span
    }
  }

  /// Its name.
  public var name: Identifier
  /// What the constructor takes.
  public var parameters: [Parameter]
  /// Fields, methods and statements in order.
  public var members: [Member]
  /// The `##` lines above it.
  public var doc: String?
  /// The whole declaration.
  public var span: Span
  /// Unique within one parse, from the same count as ``Identifier/id``.
  public var id: Int

  /// A model declaration.
  public init(name: Identifier, parameters: [Parameter], members: [Member], doc: String?, span: Span, id: Int) {
    self.name = name
    self.parameters = parameters
    self.members = members
    self.doc = doc
    self.span = span
    self.id = id
  }
}

/// An expression and its place.
public struct Expr: Sendable {
  /// The forms.
  public indirect enum Kind: Sendable {
    case `nil`
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(StringLiteral)
    case name(Identifier)
    /// `self`.
    case selfReference
    /// `[a, b]`.
    case tensor([Expr])
    /// `(a, b)`, `()`, `(x,)`, with spreads.
    case list([Element])
    /// `{a: 1, "b": 2, ...r}`.
    case record([Entry])
    case range(Expr, Expr, closed: Bool)
    case unary(UnaryOperator, Expr)
    case binary(BinaryOperator, Expr, Expr)
    case and(Expr, Expr)
    case or(Expr, Expr)
    case not(Expr)
    /// A call; `x |> f(a)` is the call `f(x, a)` with ``Call/isPiped`` set.
    case call(Call)
    case member(Expr, Identifier)
    case index(Expr, [IndexItem])
    case function(Function)
    /// `else if` is an `if` alone in the else block.
    case `if`(Expr, Block, Block?)
    /// `try { … } catch pattern { … }`.
    case `try`(Block, Identifier?, Block)
    /// `(e)`: kept so that tools can print what was written; it has the value of `e`.
    case parenthesized(Expr)
  }

  /// What it is.
  public var kind: Kind
  /// From its first to its last character.
  public var span: Span

  /// An expression.
  public init(_ kind: Kind, span: Span) {
    self.kind = kind
    self.span = span
  }
}

/// `-x`, `~x`.
public enum UnaryOperator: String, Sendable, CaseIterable {
  case negate = "-"
  case invert = "~"
}

/// The operators that take two values and always evaluate both.
public enum BinaryOperator: String, Sendable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case modulo = "%"
  case matmul = "@"
  case power = "**"
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessEqual = "<="
  case greater = ">"
  case greaterEqual = ">="
  case contains = "in"
  case notContains = "not in"
  case bitOr = "|"
  case bitAnd = "&"

  /// Whether it gives bools.
  public var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .contains, .notContains: true
    default: false
    }
  }
}

/// An item of a list literal.
public enum Element: Sendable {
  case value(Expr)
  case spread(Expr)
}

/// An entry of a record literal.
public enum Entry: Sendable {
  case pair(key: String, keySpan: Span, Expr)
  /// A pair whose key interpolates.
  case computed(key: StringLiteral, Expr)
  case spread(Expr)
}

/// A call.
public struct Call: Sendable {
  /// What is called.
  public var callee: Expr
  /// The arguments in order; with ``isPiped`` the first is the left side of the pipe.
  public var arguments: [Argument]
  /// `f(x) { … }`: passed for the last declared parameter.
  public var block: Function?
  /// Whether the first argument came through `|>`.
  public var isPiped: Bool

  /// A call.
  public init(callee: Expr, arguments: [Argument], block: Function?, isPiped: Bool) {
    self.callee = callee
    self.arguments = arguments
    self.block = block
    self.isPiped = isPiped
  }
}

/// One argument of a call.
public struct Argument: Sendable {
  /// `name:`; `nil` for a positional one.
  public var label: Identifier?
  /// What is passed.
  public var value: Expr
  /// `...value`.
  public var isSpread: Bool

  /// An argument.
  public init(label: Identifier?, value: Expr, isSpread: Bool) {
    self.label = label
    self.value = value
    self.isSpread = isSpread
  }
}

/// One item between the brackets of an index.
public enum IndexItem: Sendable {
  case expression(Expr)
  case slice(Expr?, Expr?, Expr?, Span)
  case ellipsis(Span)
}

/// A string with what it interpolates.
public struct StringLiteral: Sendable {
  /// A piece of it.
  public indirect enum Part: Sendable {
    case text(String)
    case interpolation(Expr, FormatSpec?)
  }

  /// The pieces in order.
  public var parts: [Part]
  /// With its quotes.
  public var span: Span

  /// A string.
  public init(parts: [Part], span: Span) {
    self.parts = parts
    self.span = span
  }

  /// Its text, where it interpolates nothing.
  public var plainText: String? {
    var text = ""
    for part in parts {
      guard case .text(let piece) = part else { return nil }
      text += piece
    }
    return text
  }
}

/// `[[fill]align][sign][0][width][,][.digits][d f e g % x b s]`, checked by the parser.
public struct FormatSpec: Sendable, Hashable {
  /// Fills up to ``width``.
  public var fill: Unicode.Scalar = " "
  /// `<`, `>`, `^`, or `=` for a fill between sign and digits; `nil` where not given (numbers right, the rest left).
  public var align: Unicode.Scalar?
  /// `+`, `-` or space.
  public var sign: Unicode.Scalar?
  /// `0` before the width: zeros between sign and digits, where no alignment is given.
  public var zeroPadded = false
  /// Least number of characters; at most 10,000.
  public var width = 0
  /// `,`: thousands separator.
  public var grouped = false
  /// `.digits`; at most 1,000.
  public var precision: Int?
  /// `d f e g % x b s`.
  public var type: Unicode.Scalar?

  /// The empty format.
  public init() {}

  /// Parses the text after the colon.
  ///
  /// - Returns: `nil` where the text is no format.
  public init?(_ text: some StringProtocol) {
    let scalars = Array(text.unicodeScalars)
    var index = 0
    func peek(_ offset: Int = 0) -> Unicode.Scalar? { index + offset < scalars.count ? scalars[index + offset] : nil }
    func isAlign(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { "<>^=".unicodeScalars.contains($0) } ?? false }
    func number(atMost limit: Int) -> Int? {
      var value: Int?
      while let digit = peek(), let d = Int(String(digit)), digit.isASCII {
        value = min((value ?? 0) * 10 + d, limit + 1)
        index += 1
      }
      return value
    }
    var isFilled = false
    if let first = peek(), isAlign(peek(1)) {
      fill = first
      isFilled = true
      align = peek(1)
      index += 2
    } else if isAlign(peek()) {
      align = peek()
      index += 1
    }
    if let mark = peek(), mark == "+" || mark == "-" || mark == " " {
      sign = mark
      index += 1
    }
    if peek() == "0" {
      zeroPadded = true
      if !isFilled { fill = "0" }
      index += 1
    }
    width = number(atMost: 10_000) ?? 0
    if peek() == "," {
      grouped = true
      index += 1
    }
    if peek() == "." {
      index += 1
      guard let digits = number(atMost: 1000), digits <= 1000 else { return nil }
      precision = digits
    }
    if let letter = peek(), "dfeg%xbs".unicodeScalars.contains(letter) {
      type = letter
      index += 1
    }
    guard index == scalars.count, width <= 10_000 else { return nil }
  }
}
