import NNSSyntax

/// What could stand where a cursor is: from the same tables as `help`.
public struct Completion: Sendable, Equatable {
  /// The offset in the text at which the word begins that the candidates replace.
  public var start: Int
  /// The whole words, in alphabetical order.
  public var candidates: [String]
  /// Where the cursor stands among the arguments of a call: what the call may pass, and the first line of the
  /// function's documentation.
  public var signature: String?

  /// Candidates for the word that begins at an offset.
  public init(start: Int, candidates: [String], signature: String? = nil) {
    self.start = start
    self.candidates = candidates
    self.signature = signature
  }
}

extension Interpreter {
  /// What could stand at the end of a text.
  ///
  /// - Parameter line: the text before the cursor.
  public func completion(of line: String) -> Completion {
    let completer = Completer(interpreter: self, line: line)
    return (try? inside { completer.complete() }) ?? Completion(start: line.utf8.count, candidates: [])
  }
}

/// Reads the tokens before a cursor backwards.
private struct Completer {
  let interpreter: Interpreter
  private let bytes: [UInt8]
  /// Without comments; the word under the cursor is taken away.
  private let tokens: [Token]
  private let word: String
  private let isInString: Bool

  init(interpreter: Interpreter, line: String) {
    self.interpreter = interpreter
    let file = SourceFile(name: "", text: line)
    bytes = file.bytes
    var tokens = tokenize(file).filter { $0.kind.category != .comment && $0.kind != .unclosedString }
    isInString = tokens.endInString
    if isInString {
      let start = tokens.lastIndex { $0.kind == .stringStart } ?? 0
      word = String(decoding: bytes[Int(tokens[start].span.end)...], as: UTF8.self)
      tokens.removeSubrange(start...)
    } else if let last = tokens.last, Int(last.span.end) == bytes.count, last.kind == .identifier || last.kind.isKeyword
    {
      word = String(decoding: bytes[Int(last.span.start)...], as: UTF8.self)
      tokens.removeLast()
    } else {
      word = ""
    }
    self.tokens = tokens
  }

  func complete() -> Completion {
    let start = bytes.count - word.utf8.count
    if isInString { return inString(start: start) }
    if let dot = tokens.last, dot.kind == .dot {
      let names = value(before: tokens.count - 1).map { Members.names(of: $0, interpreter.context) } ?? []
      return Completion(start: start, candidates: matching(names))
    }
    var completion = Completion(start: start, candidates: matching(interpreter.names + Completer.keywords))
    if let callee = callee {
      completion.signature = Help.brief(callee)
      completion.candidates = matching(labels(of: callee).map { "\($0):" }) + completion.candidates
    }
    return completion
  }

  private static let keywords = Token.Kind.allCases.filter(\.isKeyword).map(\.rawValue)

  private func matching(_ names: [String]) -> [String] {
    Set(names).filter { $0.hasPrefix(word) && (word.hasPrefix("_") || !$0.hasPrefix("_")) }.sorted()
  }

  // MARK: Strings

  /// `record["key`, or the path of a file.
  private func inString(start: Int) -> Completion {
    if tokens.last?.kind == .leftBracket, case .record(let record)? = value(before: tokens.count - 1) {
      return Completion(start: start, candidates: record.names.filter { $0.hasPrefix(word) }.sorted())
    }
    let slash = word.lastIndex(of: "/")
    let folder = slash.map { String(word[...$0]) } ?? ""
    let beginning = slash.map { word[word.index(after: $0)...] } ?? word[...]
    let names = (try? interpreter.context.host.files.list(folder.isEmpty ? "." : folder)) ?? []
    return Completion(
      start: start,
      candidates: names.filter { $0.hasPrefix(beginning) && (beginning.hasPrefix(".") || !$0.hasPrefix(".")) }
        .map { folder + $0 })
  }

  // MARK: Values

  private func text(_ token: Token) -> String {
    String(decoding: bytes[Int(token.span.start)..<Int(token.span.end)], as: UTF8.self)
  }

  /// The value of the path that ends before a token: `net.layers[0]`. Nothing is called for it.
  private func value(before end: Int) -> Value? {
    guard end > 0 else { return nil }
    let last = tokens[end - 1]
    switch last.kind {
    case .identifier:
      if end > 1, tokens[end - 2].kind == .dot {
        return value(before: end - 2).flatMap { try? Members.member(text(last), of: $0, interpreter.context) }
      }
      return interpreter.value(named: text(last))
    case .rightBracket:
      guard end >= 4, tokens[end - 2].kind == .int, tokens[end - 3].kind == .leftBracket,
        let index = Int(text(tokens[end - 2])),
        case .list(let list)? = value(before: end - 3), list.indices.contains(index)
      else { return nil }
      return list[index]
    case .stringEnd: return .string("")
    default: return nil
    }
  }

  /// What is called, where the cursor stands among the arguments of a call.
  private var callee: Value? {
    var closed = 0
    for index in tokens.indices.reversed() {
      switch tokens[index].kind {
      case .rightParen, .rightBracket, .rightBrace: closed += 1
      case .leftParen where closed == 0: return value(before: index)
      case .leftParen, .leftBracket, .leftBrace: closed -= 1
      default: break
      }
      if closed < 0 { return nil }
    }
    return nil
  }

  private func labels(of callee: Value) -> [String] {
    switch callee {
    case .model(let instance): instance.type.forward?.signature.labels ?? []
    default: (callee.signatures ?? []).flatMap(\.labels)
    }
  }
}
