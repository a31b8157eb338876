import NNSFormats

/// A regular expression of the kind that tokenizers split text with: classes with Unicode properties, groups,
/// alternatives, repetition (greedy, lazy `?`, possessive `+`), lookahead, `(?i:…)`.
///
/// It matches by trying alternatives in order and going back, with a stack of its own: no text makes it recurse.
struct Pattern: Sendable {
  let instructions: [Instruction]
  let sets: [ScalarSet]

  /// How often something is repeated.
  struct Repetition: Equatable, Sendable {
    var least: Int
    var most: Int
    var mode: Mode

    enum Mode: Sendable { case greedy, lazy, possessive }
  }

  enum Instruction: Sendable {
    case scalar(UInt32)
    /// A scalar in either case; folded.
    case folded(UInt32)
    case set(Int)
    case repeatedSet(Int, Repetition)
    /// Tries the first, then the second.
    case split(Int, Int)
    case jump(Int)
    /// What follows up to `end` must (not) match here; nothing is consumed.
    case lookahead(end: Int, isNegative: Bool)
    /// What follows up to `end` matches in its first way or not at all.
    case atomic(end: Int)
    case accept
  }

  /// - Throws: ``FormatError`` for what is not understood.
  init(_ source: String) throws(FormatError) {
    var compiler = PatternCompiler(source)
    (instructions, sets) = try compiler.compile()
  }
}

/// Matches a pattern within one text again and again.
struct PatternMatcher {
  private let pattern: Pattern
  private let check: () throws -> Void
  private var stack: [Choice] = []
  private var fuel = PatternMatcher.interval
  private static let interval = 1 << 16

  /// A place to go back to.
  private struct Choice {
    var instruction: Int
    var position: Int
    /// Where going back ends: the start of a greedy run, the most that a lazy one may still take.
    var limit = -1
    /// The set of a lazy run.
    var set = -1
  }

  /// - Parameter check: called now and then; what it throws ends the match.
  init(_ pattern: Pattern, check: @escaping () throws -> Void) {
    self.pattern = pattern
    self.check = check
  }

  /// The end of the match that begins at a position.
  mutating func match(_ text: Span<UInt8>, at start: Int) throws -> Int? {
    stack.removeAll(keepingCapacity: true)
    return try run(text, from: 0, at: start)
  }

  /// The first match at or after a position.
  mutating func find(_ text: Span<UInt8>, from start: Int) throws -> Range<Int>? {
    var position = start
    while position <= text.count {
      if let end = try match(text, at: position) { return position..<end }
      guard position < text.count else { return nil }
      position += UTF8Text.length(text[position])
    }
    return nil
  }

  private mutating func run(_ text: Span<UInt8>, from first: Int, at start: Int) throws -> Int? {
    let floor = stack.count
    var instruction = first
    var position = start
    while true {
      fuel -= 1
      if fuel < 0 {
        fuel = PatternMatcher.interval
        try check()
      }
      var succeeds = true
      switch pattern.instructions[instruction] {
      case .scalar(let wanted):
        succeeds = position < text.count && UTF8Text.take(text, &position) == wanted
      case .folded(let wanted):
        succeeds = position < text.count && CaseFolding.folded(UTF8Text.take(text, &position)) == wanted
      case .set(let set):
        succeeds = position < text.count && pattern.sets[set].contains(UTF8Text.take(text, &position))
      case .repeatedSet(let set, let repetition):
        succeeds = repeated(text, &position, pattern.sets[set], set, repetition, next: instruction + 1)
      case .split(let one, let other):
        stack.append(Choice(instruction: other, position: position))
        instruction = one - 1
      case .jump(let target): instruction = target - 1
      case .lookahead(let end, let isNegative):
        succeeds = (try run(text, from: instruction + 1, at: position) == nil) == isNegative
        instruction = end - 1
      case .atomic(let end):
        if let next = try run(text, from: instruction + 1, at: position) {
          position = next
          instruction = end - 1
        } else {
          succeeds = false
        }
      case .accept:
        stack.removeSubrange(floor...)
        return position
      }
      if succeeds {
        instruction += 1
      } else if stack.count > floor {
        goBack(text, &instruction, &position)
      } else {
        return nil
      }
    }
  }

  /// Takes a run of one set's scalars, and notes how to take fewer or more.
  private mutating func repeated(
    _ text: Span<UInt8>, _ position: inout Int, _ set: ScalarSet, _ index: Int, _ repetition: Pattern.Repetition,
    next: Int
  ) -> Bool {
    func takeOne(_ position: inout Int) -> Bool {
      guard position < text.count else { return false }
      var after = position
      guard set.contains(UTF8Text.take(text, &after)) else { return false }
      position = after
      return true
    }
    for _ in 0..<repetition.least where !takeOne(&position) { return false }
    var more = repetition.most - repetition.least
    if repetition.mode == .lazy {
      if more > 0 { stack.append(Choice(instruction: next, position: position, limit: more, set: index)) }
      return true
    }
    let start = position
    while more > 0, takeOne(&position) { more -= 1 }
    if repetition.mode == .greedy, position > start {
      stack.append(Choice(instruction: next, position: position, limit: start))
    }
    return true
  }

  /// Takes up the last choice: there is one.
  private mutating func goBack(_ text: Span<UInt8>, _ instruction: inout Int, _ position: inout Int) {
    let last = stack.count - 1
    let choice = stack[last]
    instruction = choice.instruction
    position = choice.position
    if choice.set >= 0 {
      // One more of a lazy run.
      stack.removeLast()
      var after = position
      guard position < text.count, pattern.sets[choice.set].contains(UTF8Text.take(text, &after)) else {
        // It cannot: the choice before.
        instruction = failing
        return
      }
      position = after
      if choice.limit > 1 {
        stack.append(Choice(instruction: instruction, position: position, limit: choice.limit - 1, set: choice.set))
      }
    } else if choice.limit >= 0 {
      // One fewer of a greedy run.
      repeat { position -= 1 } while position > choice.limit && text[position] & 0xC0 == 0x80
      if position > choice.limit { stack[last].position = position } else { stack.removeLast() }
    } else {
      stack.removeLast()
    }
  }

  /// The place of an instruction that never matches.
  private var failing: Int { pattern.instructions.count - 1 }
}

/// UTF-8 that is known to be valid.
enum UTF8Text {
  /// Bytes of the scalar that begins with a byte.
  @inline(__always)
  static func length(_ first: UInt8) -> Int { first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4 }

  /// The scalar at a position, which moves behind it.
  @inline(__always)
  static func take(_ text: Span<UInt8>, _ position: inout Int) -> UInt32 {
    let first = text[position]
    if first < 0x80 {
      position += 1
      return UInt32(first)
    }
    let count = length(first)
    var value = UInt32(first) & (0x7F >> UInt32(count))
    for index in position + 1..<min(position + count, text.count) { value = value << 6 | UInt32(text[index] & 0x3F) }
    position += count
    return value
  }
}
