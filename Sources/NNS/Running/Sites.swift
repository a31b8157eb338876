import NNSSyntax

/// Where tensors were made: places in texts, by the number that `Tensor.origin` keeps. Zero is none.
struct Sites {
  private var spans: [UInt32: Span] = [:]
  /// The numbers of each text's places.
  private var numbers: [UInt32: [UInt32]] = [:]
  private var last: UInt32 = 0

  /// The mark of a number whose place is in the standard library.
  static let library: UInt32 = 1 << 31

  /// Gives a place a number, which it has until its text is forgotten; a number is not used again before all others were.
  mutating func add(_ span: Span) -> UInt32 {
    guard spans.count < Int(Sites.library) - 1 else { return 0 }
    repeat { last = last == Sites.library - 1 ? 1 : last + 1 } while spans[last] != nil
    spans[last] = span
    numbers[span.file, default: []].append(last)
    return last
  }

  /// Lets go of the places in a text.
  mutating func forget(text: UInt32) {
    for number in numbers.removeValue(forKey: text) ?? [] { spans[number] = nil }
  }

  subscript(number: UInt32) -> Span? { spans[number] }
}
