/// The smallest piece of source text that has a meaning of its own.
public struct Token: Sendable, Hashable {
  /// What a token is; the raw value is how fixed tokens are spelled.
  public enum Kind: String, Sendable, CaseIterable {
    /// The end of the text; it has no characters.
    case end = "the end of the text"
    case comment = "a comment"
    /// A line that begins with `##`.
    case doc = "a documentation comment"
    /// A name; the soft keywords `model param test import as` are names too.
    case identifier = "a name"
    case int = "an int"
    case float = "a float"
    /// Letters or digits that follow a number without a gap and are no part of it.
    case numberTail = "letters after a number"

    /// `"` or `"""`, opening.
    case stringStart = "a string"
    /// Characters of a string as they were written, escapes included.
    case stringText = "the text of a string"
    /// `"` or `"""`, closing.
    case stringEnd = "the end of a string"
    /// `{` in a string.
    case interpolationStart = "the `{` of a string"
    /// The format after an interpolated expression, with its colon.
    case format = "a format"
    /// The `}` that ends an interpolation.
    case interpolationEnd = "the `}` of a string"

    /// A character or operator that the language does not have.
    case unknown = "an unknown character"
    /// Text between single quotes.
    case singleQuoted = "text in single quotes"
    /// The place where a string should have ended; it has no characters.
    case unclosedString = "the end of an unclosed string"
    /// `{{` or `{}` in a string.
    case bareBrace = "a bare brace"

    case `let`, `var`, fn, `return`, `if`, `else`, `for`, `in`, `while`, `break`, `continue`, `try`, `catch`, raise
    case `true`, `false`, `nil`, and, or, not
    case selfWord = "self"

    case leftParen = "("
    case rightParen = ")"
    case leftBracket = "["
    case rightBracket = "]"
    case leftBrace = "{"
    case rightBrace = "}"
    case comma = ","
    case colon = ":"
    case semicolon = ";"
    case dot = "."
    case range = ".."
    case closedRange = "..="
    case ellipsis = "..."
    case arrow = "->"
    case pipe = "|>"
    case assign = "="
    case plus = "+"
    case minus = "-"
    case star = "*"
    case slash = "/"
    case doubleSlash = "//"
    case percent = "%"
    case at = "@"
    case power = "**"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessEqual = "<="
    case greater = ">"
    case greaterEqual = ">="
    case bar = "|"
    case ampersand = "&"
    case tilde = "~"
    case plusAssign = "+="
    case minusAssign = "-="
    case starAssign = "*="
    case slashAssign = "/="
    case doubleSlashAssign = "//="
    case percentAssign = "%="
    case powerAssign = "**="
    case atAssign = "@="
  }

  /// How an editor or the REPL shows a token.
  public enum Category: Sendable, CaseIterable {
    case keyword, name, number, string, comment, `operator`, bracket, punctuation, invalid
  }

  /// What it is.
  public let kind: Kind
  /// Whether only blanks and comments stand before it on its line.
  public let isFirstOnLine: Bool
  /// Where it stands.
  public let span: Span
}

extension Token.Kind {
  /// Whether it is one of the reserved words.
  public var isKeyword: Bool {
    switch self {
    case .let, .var, .fn, .return, .if, .else, .for, .in, .while, .break, .continue, .try, .catch, .raise, .true,
      .false, .nil, .and, .or, .not, .selfWord:
      true
    default: false
    }
  }

  /// Whether it is a name or a reserved word: what may stand after a dot and before a colon.
  var isWord: Bool { self == .identifier || isKeyword }

  /// Whether it begins a statement that is no expression, so that it cannot stand inside `( )` or `[ ]`.
  var startsOnlyStatements: Bool {
    switch self {
    case .let, .var, .return, .for, .while, .break, .continue, .raise: true
    default: false
    }
  }

  /// How it is shown.
  public var category: Token.Category {
    switch self {
    case .end, .comma, .colon, .semicolon, .dot: .punctuation
    case .comment, .doc: .comment
    case .identifier: .name
    case .int, .float: .number
    case .stringStart, .stringText, .stringEnd, .format: .string
    case .unknown, .numberTail, .singleQuoted, .unclosedString, .bareBrace: .invalid
    case .leftParen, .rightParen, .leftBracket, .rightBracket, .leftBrace, .rightBrace, .interpolationStart,
      .interpolationEnd:
      .bracket
    default: isKeyword ? .keyword : .operator
    }
  }

  /// The operator of `a += b` and its like.
  var updateOperator: BinaryOperator? {
    switch self {
    case .plusAssign: .add
    case .minusAssign: .subtract
    case .starAssign: .multiply
    case .slashAssign: .divide
    case .doubleSlashAssign: .floorDivide
    case .percentAssign: .modulo
    case .powerAssign: .power
    case .atAssign: .matmul
    default: nil
    }
  }
}

extension Sequence<Token> {
  /// Whether the text that they are of ends within a string, outside its interpolations.
  public var endInString: Bool {
    // Open strings and the interpolations in them.
    var open: [Token.Kind] = []
    for token in self {
      switch token.kind {
      case .stringStart, .interpolationStart: open.append(token.kind)
      case .stringEnd, .interpolationEnd: _ = open.popLast()
      default: break
      }
    }
    return open.last == .stringStart
  }
}

/// The tokens of a text in order, comments included, without an ``Token/Kind/end``.
///
/// The spans do not overlap; what lies between them is blank. Bytes that are no UTF-8 end the tokens.
public func tokenize(_ file: SourceFile, index: UInt32 = 0) -> [Token] {
  guard file.bytes.count <= Lexer.maximumBytes else { return [] }
  let valid = file.bytes.prefix(file.firstInvalidByte ?? file.bytes.count)
  var lexer = Lexer(bytes: Array(valid), file: index)
  lexer.run()
  var all: [Token] = []
  all.reserveCapacity(lexer.tokens.count + lexer.comments.count)
  var comments = lexer.comments.makeIterator()
  var comment = comments.next()
  for (position, token) in lexer.tokens.enumerated() {
    while let next = comment, next.nextToken <= position {
      all.append(Token(kind: next.isDoc ? .doc : .comment, isFirstOnLine: next.isAlone, span: next.span))
      comment = comments.next()
    }
    if token.kind != .end { all.append(token) }
  }
  return all
}
