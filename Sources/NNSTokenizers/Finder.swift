/// What text is searched for: a string or a pattern.
enum Finder {
  case text([UInt8])
  case pattern(Pattern)

  /// All matches from left to right; empty ones are passed over.
  func matches(in text: Span<UInt8>, check: @escaping () throws -> Void) throws -> [Range<Int>] {
    var found: [Range<Int>] = []
    switch self {
    case .text(let wanted):
      guard let first = wanted.first else { return [] }
      var index = 0
      while index + wanted.count <= text.count {
        if text[index] == first, wanted.indices.allSatisfy({ text[index + $0] == wanted[$0] }) {
          found.append(index..<index + wanted.count)
          index += wanted.count
        } else {
          index += 1
        }
      }
    case .pattern(let pattern):
      var matcher = PatternMatcher(pattern, check: check)
      var index = 0
      while index < text.count, let range = try matcher.find(text, from: index) {
        if range.isEmpty {
          guard range.lowerBound < text.count else { break }
          index = range.lowerBound + UTF8Text.length(text[range.lowerBound])
        } else {
          found.append(range)
          index = range.upperBound
        }
      }
    }
    return found
  }
}

/// A text cut into pieces.
struct Pieces {
  var text: [UInt8]
  /// Neighbours, without gaps unless some text was removed.
  var ranges: [Range<Int>]
  /// Whether the text begins where the whole input does.
  let isBeginning: Bool

  /// What becomes of the matches when text is cut at them.
  enum Behavior: String {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"
  }

  /// Cuts every piece at the matches of a finder, or at what lies between them (`isInverted`).
  mutating func split(
    _ finder: Finder, _ behavior: Behavior, isInverted: Bool, check: @escaping () throws -> Void
  ) throws {
    var cut: [Range<Int>] = []
    cut.reserveCapacity(text.count / 4)
    for piece in ranges {
      let matches = try finder.matches(in: text.span.extracting(piece), check: check)
      Self.cut(
        piece, at: matches.map { $0.lowerBound + piece.lowerBound..<$0.upperBound + piece.lowerBound },
        behavior, isInverted: isInverted, into: &cut)
    }
    ranges = cut
  }

  private static func cut(
    _ piece: Range<Int>, at matches: [Range<Int>], _ behavior: Behavior, isInverted: Bool, into cut: inout [Range<Int>]
  ) {
    // The piece as alternating parts, each a match or not.
    var parts: [(range: Range<Int>, isMatch: Bool)] = []
    var end = piece.lowerBound
    for match in matches {
      if match.lowerBound > end { parts.append((end..<match.lowerBound, isInverted)) }
      parts.append((match, !isInverted))
      end = match.upperBound
    }
    if end < piece.upperBound { parts.append((end..<piece.upperBound, isInverted)) }
    var previousWasMatch = false
    switch behavior {
    case .isolated: cut += parts.lazy.map(\.range)
    case .removed: cut += parts.lazy.filter { !$0.isMatch }.map(\.range)
    case .contiguous:
      for (index, part) in parts.enumerated() {
        if index > 0, part.isMatch == parts[index - 1].isMatch, let last = cut.popLast() {
          cut.append(last.lowerBound..<part.range.upperBound)
        } else {
          cut.append(part.range)
        }
      }
    case .mergedWithPrevious:
      for (index, part) in parts.enumerated() {
        if part.isMatch, index > 0, !previousWasMatch, let last = cut.popLast() {
          cut.append(last.lowerBound..<part.range.upperBound)
        } else {
          cut.append(part.range)
        }
        previousWasMatch = part.isMatch
      }
    case .mergedWithNext:
      var waiting: Range<Int>?
      for part in parts {
        if part.isMatch {
          if let waiting { cut.append(waiting) }
          waiting = part.range
        } else {
          cut.append((waiting?.lowerBound ?? part.range.lowerBound)..<part.range.upperBound)
          waiting = nil
        }
      }
      if let waiting { cut.append(waiting) }
    }
  }

  /// Writes every piece anew.
  mutating func rewrite(_ body: (_ piece: ArraySlice<UInt8>, _ isFirst: Bool, _ out: inout [UInt8]) -> Void) {
    var written: [UInt8] = []
    written.reserveCapacity(text.count + 16)
    for (index, range) in ranges.enumerated() {
      let start = written.count
      body(text[range], isBeginning && index == 0 && range.lowerBound == 0, &written)
      ranges[index] = start..<written.count
    }
    text = written
  }
}
