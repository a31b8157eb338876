/// Source text in the colours of its tokens.
package enum Highlighter {
  /// The text with terminal colours; control characters in it cannot act.
  package static func colored(_ source: String) -> String {
    let file = SourceFile(name: "", text: source)
    var text = ""
    var end = 0
    func add(_ range: Range<Int>, _ style: String?) {
      let piece = String(decoding: file.bytes[range], as: UTF8.self)
      let shown = piece.split(separator: "\n", omittingEmptySubsequences: false).map { visible($0) }.joined(
        separator: "\n")
      text += style.map { "\u{1B}[\($0)m\(shown)\u{1B}[0m" } ?? shown
    }
    for token in tokenize(file) {
      let range = Int(token.span.start)..<Int(token.span.end)
      guard range.lowerBound >= end else { continue }
      add(end..<range.lowerBound, nil)
      add(range, style(of: token.kind.category))
      end = range.upperBound
    }
    add(end..<file.bytes.count, nil)
    return text
  }

  private static func style(of category: Token.Category) -> String? {
    switch category {
    case .keyword: "35"
    case .number: "36"
    case .string: "32"
    case .comment: "90"
    case .invalid: "31"
    case .name, .operator, .bracket, .punctuation: nil
    }
  }
}
