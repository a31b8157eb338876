/// Tokens that are found in the text itself, before it is cut: `<|endoftext|>`.
struct AddedTokens {
  /// One of them.
  struct Token {
    var id: Int32
    var content: [UInt8]
    /// Whether it must stand between what is no letter or digit.
    var isSingleWord: Bool
    /// Whether it takes the white space before and after it along.
    var stripsLeft: Bool
    var stripsRight: Bool
  }

  /// Part of a text.
  enum Part {
    case token(Int32)
    case text(Range<Int>)
  }

  private let tokens: [Token]
  /// A tree of the tokens' bytes.
  private var nodes: [Node] = [Node()]

  private struct Node {
    var children: [UInt8: Int] = [:]
    /// The token that ends here.
    var token = -1
  }

  init(_ tokens: [Token]) {
    self.tokens = tokens
    for (index, token) in tokens.enumerated() where !token.content.isEmpty {
      var node = 0
      for byte in token.content {
        if let child = nodes[node].children[byte] {
          node = child
        } else {
          nodes[node].children[byte] = nodes.count
          node = nodes.count
          nodes.append(Node())
        }
      }
      nodes[node].token = index
    }
  }

  /// The text's parts: the leftmost token each time, and of those that begin there the longest.
  func parts(of text: Span<UInt8>) -> [Part] {
    guard nodes.count > 1 else { return text.isEmpty ? [] : [.text(0..<text.count)] }
    var parts: [Part] = []
    var end = 0
    var index = 0
    while index < text.count {
      guard nodes[0].children[text[index]] != nil, let token = longest(text, index) else {
        index += 1
        continue
      }
      let found = index..<index + token.content.count
      index = found.upperBound
      if token.isSingleWord, Self.isWord(text, before: found.lowerBound) || Self.isWord(text, after: found.upperBound) {
        continue
      }
      var (start, stop) = (found.lowerBound, found.upperBound)
      if token.stripsLeft { while let before = Self.space(text, before: start), before >= end { start = before } }
      if token.stripsRight { while let after = Self.space(text, after: stop) { stop = after } }
      // The token before may have taken its beginning along.
      guard start >= end else { continue }
      if start > end { parts.append(.text(end..<start)) }
      parts.append(.token(token.id))
      end = stop
      index = max(index, stop)
    }
    if end < text.count { parts.append(.text(end..<text.count)) }
    return parts
  }

  private func longest(_ text: Span<UInt8>, _ start: Int) -> Token? {
    var (node, index) = (0, start)
    var found: Token?
    while index < text.count, let child = nodes[node].children[text[index]] {
      node = child
      index += 1
      if nodes[node].token >= 0 { found = tokens[nodes[node].token] }
    }
    return found
  }

  // MARK: Neighbours

  private static func scalar(_ text: Span<UInt8>, before index: Int) -> (value: UInt32, start: Int)? {
    guard index > 0 else { return nil }
    var start = index - 1
    while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
    var position = start
    return (UTF8Text.take(text, &position), start)
  }

  private static func scalar(_ text: Span<UInt8>, after index: Int) -> (value: UInt32, end: Int)? {
    guard index < text.count else { return nil }
    var position = index
    let value = UTF8Text.take(text, &position)
    return (value, position)
  }

  private static func isWord(_ text: Span<UInt8>, before index: Int) -> Bool {
    scalar(text, before: index).map { ScalarSet.Property.word.has($0.value) } ?? false
  }

  private static func isWord(_ text: Span<UInt8>, after index: Int) -> Bool {
    scalar(text, after: index).map { ScalarSet.Property.word.has($0.value) } ?? false
  }

  private static func space(_ text: Span<UInt8>, before index: Int) -> Int? {
    guard let (value, start) = scalar(text, before: index), ScalarSet.Property.space.has(value) else { return nil }
    return start
  }

  private static func space(_ text: Span<UInt8>, after index: Int) -> Int? {
    guard let (value, end) = scalar(text, after: index), ScalarSet.Property.space.has(value) else { return nil }
    return end
  }
}
