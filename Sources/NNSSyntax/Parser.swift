/// What ``parse(_:index:firstID:stackLimit:)`` gives.
public struct ParseResult: Sendable {
  /// The statements that could be read.
  public var program: Program
  /// The mistakes, in the order of the text; with any, ``program`` is not to be run.
  public var diagnostics: [Diagnostic]
  /// Whether the only mistake is that the text ends too early, so that more lines may mend it.
  public var isIncomplete: Bool
}

/// Reads a file, or one entry of the REPL.
///
/// It never fails: mistakes are in the result, at most ``Parser/maximumErrors`` of them. The time is linear in the size.
///
/// - Parameters:
///   - file: The text; bytes that are no UTF-8 are a mistake.
///   - index: The file's index in its ``SourceMap``, for spans.
///   - firstID: The first ``Identifier/id``.
///   - stackLimit: The lowest address of the stack, or 0 to ask the system for that of the calling thread. What would
///     come too near to it is reported as nested too deeply.
public func parse(_ file: SourceFile, index: UInt32, firstID: Int = 0, stackLimit: UInt = 0) -> ParseResult {
  let size = file.bytes.count
  let mistake =
    size > Lexer.maximumBytes
    ? Mistakes.fileTooLarge(size, file: index)
    : file.firstInvalidByte.map { Mistakes.invalidByte(in: file, at: $0, index: index) }
  if let mistake {
    let program = Program(
      statements: [], doc: nil, idCount: firstID, span: Span(file: index, start: 0, end: UInt32(clamping: size)))
    return ParseResult(program: program, diagnostics: [mistake], isIncomplete: false)
  }
  var parser = Parser(file, index: index, firstID: firstID, stackLimit: stackLimit)
  return parser.parse()
}

/// Builds the tree of one text by recursive descent.
public struct Parser {
  /// How deeply brackets, blocks and operators nest, and how many operators or calls follow one another.
  ///
  /// A tree is thus at most twice as deep. On 16 MB of stack a debug build gets there with most texts, and with all of
  /// them beyond 500 levels.
  public static let maximumDepth = 1000

  /// After so many mistakes the rest of the text is not looked at.
  public static let maximumErrors = 20

  /// Thrown once a mistake is recorded, and caught where the next statement begins.
  struct Stop: Error {}

  /// What the brackets around a place make of newlines and braces.
  struct Context {
    /// Whether a newline ends a statement.
    var newlinesMatter: Bool
    /// Whether a `{` begins the block of an `if`, `for` or `while`, and nothing else.
    var isHead: Bool

    static let block = Context(newlinesMatter: true, isHead: false)
    static let brackets = Context(newlinesMatter: false, isHead: false)
  }

  let bytes: [UInt8]
  let file: UInt32
  let tokens: [Token]
  let comments: [Lexer.Comment]
  /// The lowest address at which another construct may begin.
  let stackLimit: UInt

  /// The index of the token that is looked at; the last token is an `.end`, which is never passed.
  var index = 0
  var nextID: Int
  var context = Context.block
  /// How many constructs the place is inside of.
  var depth = 0
  /// The most operators and suffixes that lie on one path through what was built in the scope at hand.
  var height = 0
  var diagnostics: [Diagnostic] = []
  var isIncomplete = false
  /// Whether the statement at hand has a mistake: then more of it are not reported.
  var statementHasError = false
  /// Whether the rest of the text is not looked at.
  var isAbandoned = false
  /// A `_` that was read as an expression and may turn out to be part of an assignment's left side.
  var wildcard: Span?

  init(_ source: SourceFile, index: UInt32, firstID: Int, stackLimit: UInt) {
    var lexer = Lexer(bytes: source.bytes, file: index)
    lexer.run()
    bytes = source.bytes
    file = index
    tokens = lexer.tokens
    comments = lexer.comments
    nextID = firstID
    let end = stackLimit > 0 ? stackLimit : Stack.end
    self.stackLimit = end > 0 ? end &+ Stack.reserve : 0
  }

  mutating func parse() -> ParseResult {
    let statements = statements(isTopLevel: true)
    diagnostics.sort { $0.span.start < $1.span.start }
    let program = Program(
      statements: statements, doc: fileDoc, idCount: nextID,
      span: Span(file: file, start: 0, end: UInt32(clamping: bytes.count)))
    return ParseResult(
      program: program, diagnostics: diagnostics, isIncomplete: isIncomplete && !isAbandoned && diagnostics.count == 1)
  }

  // MARK: Tokens

  var token: Token { tokens[index] }
  var kind: Token.Kind { tokens[index].kind }

  /// The token after the one looked at.
  var next: Token { tokens[min(index + 1, tokens.count - 1)] }

  /// The token before the one looked at.
  var previous: Token { tokens[max(index - 1, 0)] }

  /// Whether the token looked at begins a new line that ends the statement.
  var isAtLineEnd: Bool { kind == .end || (context.newlinesMatter && tokens[index].isFirstOnLine) }

  /// Passes the token looked at.
  @discardableResult
  mutating func advance() -> Token {
    let token = tokens[index]
    if index + 1 < tokens.count { index += 1 }
    return token
  }

  /// Passes a token of a kind, if it is there.
  mutating func take(_ kind: Token.Kind) -> Bool {
    guard self.kind == kind else { return false }
    advance()
    return true
  }

  /// From the start of a token to the end of the last one that was passed.
  func span(from start: Span) -> Span {
    Span(file: file, start: start.start, end: max(start.end, previous.span.end))
  }

  func text(_ span: Span) -> String {
    String(decoding: bytes[Int(span.start)..<Int(span.end)], as: UTF8.self)
  }

  /// Whether a token is the given word, or any of them.
  func isWord(_ token: Token, _ words: StaticString...) -> Bool {
    guard token.kind == .identifier else { return false }
    let text = bytes[Int(token.span.start)..<Int(token.span.end)]
    return words.contains { word in word.withUTF8Buffer { text.elementsEqual($0) } }
  }

  mutating func makeID() -> Int {
    defer { nextID += 1 }
    return nextID
  }

  mutating func identifier(_ token: Token) -> Identifier {
    Identifier(text: text(token.span), span: token.span, id: makeID())
  }

  // MARK: Depth

  /// Begins a construct that nests; gives what ``leave(_:)`` needs.
  mutating func enter() throws(Stop) -> Int {
    guard depth < Self.maximumDepth, Stack.here > stackLimit else { throw tooDeep() }
    depth += 1
    return beginScope()
  }

  /// Ends a construct that nests.
  mutating func leave(_ outer: Int) {
    depth -= 1
    endScope(outer)
  }

  /// Begins a run of operators or suffixes, each of which makes the tree taller.
  mutating func beginScope() -> Int {
    defer { height = 0 }
    return height
  }

  /// Ends such a run.
  mutating func endScope(_ outer: Int) { height = max(outer, height) }

  /// Counts one more operator or suffix.
  mutating func grow() throws(Stop) {
    height += 1
    guard height <= Self.maximumDepth else { throw abandon(Mistakes.tooLong(previous.span)) }
  }

  private mutating func tooDeep() -> Stop {
    abandon(
      depth < Self.maximumDepth ? Mistakes.tooDeepForStack(token.span) : Mistakes.tooDeep(token.span))
  }
}
