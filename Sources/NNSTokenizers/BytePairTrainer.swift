import NNSFormats

/// Learns a byte-pair vocabulary: the pair of neighbours that is most frequent becomes a token, again and again.
///
/// Of pairs that are equally frequent, the one of the earlier tokens comes first.
public struct BytePairTrainer {
  /// How many tokens there are to be, the 256 bytes and the special ones included.
  private let vocabularySize: Int
  private let specials: [String]
  private let minimumCount: Int

  private var words = ByteTable()
  private var counts: [Int] = []

  /// Bytes and special tokens.
  public static func leastSize(specials: [String]) -> Int { 256 + specials.count }

  /// - Parameters:
  ///   - vocabularySize: at least ``leastSize(specials:)``.
  ///   - specials: different tokens that stand for themselves; they get the first ids.
  ///   - minimumCount: how often a pair must occur to become a token.
  public init(vocabularySize: Int, specials: [String], minimumCount: Int) {
    self.vocabularySize = vocabularySize
    self.specials = specials
    self.minimumCount = max(1, minimumCount)
  }

  /// Bytes of memory that counting has taken.
  public var memory: Int { words.memory + 8 * counts.count }

  /// Counts the words of a text.
  ///
  /// - Throws: what `check` throws.
  public mutating func add(_ text: String, check: @escaping Tokenizer.Check) throws {
    let bytes = Array(text.utf8)
    // Special tokens stand for themselves, and their characters are not learned from.
    let special = AddedTokens(
      specials.map { .init(id: 0, content: Array($0.utf8), isSingleWord: false, stripsLeft: false, stripsRight: false) }
    )
    for part in special.parts(of: bytes.span) {
      guard case .text(let range) = part else { continue }
      try check(range.count)
      var pieces = Pieces(text: Array(bytes[range]), ranges: [0..<range.count], isBeginning: true)
      try Self.cutter().apply(&pieces) { try check(1 << 16) }
      for piece in pieces.ranges where !piece.isEmpty {
        let (entry, isNew) = words.insert(pieces.text.span.extracting(piece), 0)
        if isNew { counts.append(0) }
        counts[entry] += 1
      }
    }
  }

  private static func cutter() throws(FormatError) -> PreTokenizer {
    .bytes(addsSpace: false, pattern: .pattern(try Pattern(PreTokenizer.words)))
  }

  /// Learns from what was counted.
  ///
  /// - Throws: what `check` throws; it is asked before each merge with the work since.
  public func train(check: Tokenizer.Check) throws -> Tokenizer {
    var learning = Learning(words: words, counts: counts, specials: specials.map { Array($0.utf8) })
    try learning.run(to: vocabularySize, minimumCount: minimumCount, check: check)
    return try Tokenizer(TokenizerFile.bytes(specials: specials, tokens: learning.tokens, merges: learning.merges))
  }
}

/// The state of a training.
private struct Learning {
  /// Every token by id, as bytes.
  private(set) var tokens: [[UInt8]]
  private(set) var merges: [(Int, Int)] = []
  private var ids = ByteTable()
  private var words: [[Int32]] = []
  private let counts: [Int]
  /// By pair: how often it occurs, and in which words.
  private var pairs: [UInt64: Occurrences] = [:]
  private var queue = Heap<Candidate>()
  private var work = 0

  private struct Occurrences {
    var count = 0
    var words: [Int32] = []
  }

  /// A pair by its count at some time: the most frequent first, then the lowest ids.
  private struct Candidate: Comparable {
    let count: Int
    let pair: UInt64

    static func < (a: Candidate, b: Candidate) -> Bool { a.count == b.count ? a.pair < b.pair : a.count > b.count }
  }

  init(words table: ByteTable, counts: [Int], specials: [[UInt8]]) {
    self.counts = counts
    tokens = specials
    for special in specials { ids.insert(special, Int32(truncatingIfNeeded: ids.count)) }
    // In the order of the characters that stand for them.
    let order = (0..<256).sorted { ByteAlphabet.characters[$0] < ByteAlphabet.characters[$1] }
    var byteIDs = [Int32](repeating: 0, count: 256)
    for byte in order {
      byteIDs[byte] = Int32(truncatingIfNeeded: tokens.count)
      tokens.append([UInt8(truncatingIfNeeded: byte)])
      ids.insert(ByteAlphabet.encoded[byte], byteIDs[byte])
    }
    words = (0..<table.count).map { entry in table.key(entry).map { byteIDs[Int($0)] } }
  }

  mutating func run(to size: Int, minimumCount: Int, check: Tokenizer.Check) throws {
    for (index, word) in words.enumerated() {
      for (a, b) in zip(word, word.dropFirst()) { add(PairTable.key(a, b), counts[index], in: index) }
      work += word.count
    }
    for (pair, found) in pairs { queue.push(Candidate(count: found.count, pair: pair)) }
    while tokens.count < size {
      try check(work)
      work = 0
      guard let best = next(), best.count >= minimumCount else { return }
      merge(best.pair)
    }
  }

  private mutating func add(_ pair: UInt64, _ count: Int, in word: Int) {
    let index = Int32(truncatingIfNeeded: word)
    var found = pairs[pair] ?? Occurrences()
    found.count += count
    if found.words.last != index { found.words.append(index) }
    pairs[pair] = found
  }

  /// The most frequent pair; candidates whose count has changed go back with the new one.
  private mutating func next() -> Candidate? {
    while let candidate = queue.pop() {
      let count = pairs[candidate.pair]?.count ?? 0
      if count == candidate.count { return candidate }
      if count > 0 { queue.push(Candidate(count: count, pair: candidate.pair)) }
    }
    return nil
  }

  private mutating func merge(_ pair: UInt64) {
    let (a, b) = (Int32(truncatingIfNeeded: pair >> 32), Int32(truncatingIfNeeded: pair))
    let joined = tokens[Int(a)] + tokens[Int(b)]
    let text = joined.flatMap { ByteAlphabet.encoded[Int($0)] }
    let known = ids.value(of: text)
    let id = known ?? Int32(truncatingIfNeeded: tokens.count)
    if known == nil {
      tokens.append(joined)
      ids.insert(text, id)
    }
    merges.append((Int(a), Int(b)))
    var changed: Set<UInt64> = []
    for index in pairs.removeValue(forKey: pair)?.words ?? [] { replace(a, b, by: id, in: Int(index), &changed) }
    for pair in changed {
      if let count = pairs[pair]?.count, count > 0 { queue.push(Candidate(count: count, pair: pair)) }
    }
  }

  /// Joins the pair throughout a word, and counts what becomes of its neighbours.
  private mutating func replace(_ a: Int32, _ b: Int32, by id: Int32, in index: Int, _ changed: inout Set<UInt64>) {
    var word = words[index]
    let count = counts[index]
    work += word.count
    var place = 0
    while place + 1 < word.count {
      if word[place] == a, word[place + 1] == b {
        if place > 0 {
          lose(PairTable.key(word[place - 1], a), count)
          gain(PairTable.key(word[place - 1], id), count, index, &changed)
        }
        if place + 2 < word.count {
          lose(PairTable.key(b, word[place + 2]), count)
          gain(PairTable.key(id, word[place + 2]), count, index, &changed)
        }
        word[place] = id
        word.remove(at: place + 1)
      }
      place += 1
    }
    words[index] = word
  }

  private mutating func lose(_ pair: UInt64, _ count: Int) { pairs[pair]?.count -= count }

  private mutating func gain(_ pair: UInt64, _ count: Int, _ word: Int, _ changed: inout Set<UInt64>) {
    add(pair, count, in: word)
    changed.insert(pair)
  }
}

/// Writes a `tokenizer.json` for a vocabulary of bytes.
private enum TokenizerFile {
  static func bytes(specials: [String], tokens: [[UInt8]], merges: [(Int, Int)]) throws(FormatError) -> [UInt8] {
    func name(_ id: Int) -> String {
      guard id >= specials.count else { return specials[id] }
      var text = ""
      for byte in tokens[id] { text.unicodeScalars.append(ByteAlphabet.characters[Int(byte)]) }
      return text
    }
    let added = specials.indices.map { id in
      JSON.object([
        .init("id", .int(id)), .init("content", .string(specials[id])), .init("single_word", .bool(false)),
        .init("lstrip", .bool(false)), .init("rstrip", .bool(false)), .init("normalized", .bool(false)),
        .init("special", .bool(true)),
      ])
    }
    func byteLevel(_ addsSpace: Bool) -> JSON {
      .object([
        .init("type", .string("ByteLevel")), .init("add_prefix_space", .bool(addsSpace)),
        .init("trim_offsets", .bool(true)), .init("use_regex", .bool(true)),
      ])
    }
    let model = JSON.object([
      .init("type", .string("BPE")), .init("dropout", .null), .init("unk_token", .null),
      .init("continuing_subword_prefix", .null), .init("end_of_word_suffix", .null), .init("fuse_unk", .bool(false)),
      .init("byte_fallback", .bool(false)), .init("ignore_merges", .bool(false)),
      .init("vocab", .object(tokens.indices.map { .init(name($0), .int($0)) })),
      .init("merges", .array(merges.map { .string("\(name($0.0)) \(name($0.1))") })),
    ])
    let file = JSON.object([
      .init("version", .string("1.0")), .init("truncation", .null), .init("padding", .null),
      .init("added_tokens", .array(added)), .init("normalizer", .null), .init("pre_tokenizer", byteLevel(false)),
      .init("post_processor", .null), .init("decoder", byteLevel(true)), .init("model", model),
    ])
    return Array(try file.text(indent: 2).utf8) + [UInt8(ascii: "\n")]
  }
}
