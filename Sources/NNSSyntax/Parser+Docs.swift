extension Parser {
  /// The `##` lines directly above a token.
  func doc(above tokenIndex: Int) -> String? {
    var last = firstComment(atOrAfter: tokenIndex + 1) - 1
    var below = tokens[tokenIndex].span.start
    var lines: [String] = []
    while last >= 0 {
      let comment = comments[last]
      guard comment.nextToken == tokenIndex, isDocLine(comment, directlyAbove: below) else { break }
      lines.append(docLine(comment))
      below = comment.span.start
      last -= 1
    }
    return lines.isEmpty ? nil : lines.reversed().joined(separator: "\n")
  }

  /// The `##` lines at the start of the file, unless they document its first declaration.
  var fileDoc: String? {
    guard let first = comments.firstIndex(where: { $0.isDoc && $0.isAlone && $0.nextToken == 0 }) else { return nil }
    var end = first + 1
    while end < comments.count, comments[end].nextToken == 0,
      isDocLine(comments[end - 1], directlyAbove: comments[end].span.start), comments[end].isDoc
    { end += 1 }
    let declares = tokens[0].kind == .fn || isWord(tokens[0], "model")
    if declares, isDocLine(comments[end - 1], directlyAbove: tokens[0].span.start) { return nil }
    return comments[first..<end].map(docLine).joined(separator: "\n")
  }

  private func isDocLine(_ comment: Lexer.Comment, directlyAbove start: UInt32) -> Bool {
    guard comment.isDoc, comment.isAlone, comment.span.end <= start else { return false }
    return bytes[Int(comment.span.end)..<Int(start)].count(where: { $0 == UInt8(ascii: "\n") }) == 1
  }

  private func docLine(_ comment: Lexer.Comment) -> String {
    let line = text(comment.span).dropFirst(2)
    return String(line.first == " " ? line.dropFirst() : line)
  }

  /// The index of the first comment before a token of at least the given index.
  private func firstComment(atOrAfter tokenIndex: Int) -> Int {
    var low = 0
    var high = comments.count
    while low < high {
      let middle = (low + high) / 2
      if comments[middle].nextToken < tokenIndex { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
