import NNSFormats

/// Byte-pair encoding (Sennrich, Haddow and Birch, 2016): a word begins as its characters, and the pair of neighbours that
/// was learned first is joined again and again.
struct BytePairModel {
  /// What a word is made of at first.
  enum Symbols {
    /// Bytes, which the vocabulary writes as characters of ``ByteAlphabet``.
    case bytes
    case scalars
  }

  /// What the `model` of a tokenizer.json says beside vocabulary and merges.
  struct Options {
    var unknown: String?
    var fusesUnknown = false
    var fallsBackToBytes = false
    var ignoresMerges = false
    var prefix = ""
    var suffix = ""
  }

  private let symbols: Symbols
  private let options: Options
  /// Tokens as the vocabulary writes them.
  let vocabulary: ByteTable
  private let merges: PairTable
  /// The ids of single bytes: by first and last in the word, then by byte.
  private var byteIDs: [[Int32]] = []
  private var fallbackIDs: [Int32] = []
  private let unknownID: Int32?
  /// Words seen before: the ids of entry `i` are `cachedIDs[cacheEnds[i - 1]..<cacheEnds[i]]`.
  private var cache = ByteTable()
  private var cachedIDs: [Int32] = []
  private var cacheEnds: [Int] = []
  private static let longestCached = 64
  private static let largestCache = 1 << 17

  /// - Parameter merges: pairs of tokens, the first learned first.
  /// - Throws: ``FormatError`` for a merge of what is not in the vocabulary.
  init(
    vocabulary: ByteTable, merges pairs: [(String, String)], symbols: Symbols, options: Options
  ) throws(FormatError) {
    self.vocabulary = vocabulary
    self.symbols = symbols
    self.options = options
    var merges = PairTable(capacity: pairs.count)
    for (rank, (one, other)) in pairs.enumerated() {
      let joined = Array(one.utf8) + Array(other.utf8.dropFirst(options.prefix.utf8.count))
      guard let a = vocabulary.value(of: Array(one.utf8)), let b = vocabulary.value(of: Array(other.utf8)),
        let id = vocabulary.value(of: joined)
      else {
        throw FormatError("merge \(rank): \(JSON.quote(one)) and \(JSON.quote(other)) are no tokens, or join to none")
      }
      merges.insert(a, b, .init(rank: Int32(truncatingIfNeeded: rank), id: id))
    }
    self.merges = merges
    unknownID = options.unknown.flatMap { vocabulary.value(of: Array($0.utf8)) }
    if options.unknown != nil, unknownID == nil { throw FormatError("the unknown token is not in the vocabulary") }
    if symbols == .bytes {
      byteIDs = (0..<4).map { place in
        (0..<256).map { byte in
          id(of: Array(String(ByteAlphabet.characters[byte]).utf8), isFirst: place & 1 != 0, isLast: place & 2 != 0)
        }
      }
    }
    if options.fallsBackToBytes {
      fallbackIDs = (0..<256).map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        let name = "<0x\(digits.utf8.count == 1 ? "0" : "")\(digits)>"
        return vocabulary.value(of: Array(name.utf8)) ?? -1
      }
    }
  }

  /// The id of one symbol, -1 where it has none.
  private func id(of symbol: [UInt8], isFirst: Bool, isLast: Bool) -> Int32 {
    var text = isFirst ? symbol : Array(options.prefix.utf8) + symbol
    if isLast { text += options.suffix.utf8 }
    return vocabulary.value(of: text) ?? -1
  }

  // MARK: Encoding

  /// Appends the ids of a word.
  mutating func encode(_ word: Span<UInt8>, into ids: inout [Int32], check: (Int) throws -> Void) throws {
    if let entry = cache.value(of: word) {
      let start = entry == 0 ? 0 : cacheEnds[Int(entry) - 1]
      ids += cachedIDs[start..<cacheEnds[Int(entry)]]
      return
    }
    try check(word.count)
    let start = ids.count
    if !options.ignoresMerges || !encodeWhole(word, into: &ids) {
      appendSymbols(word, into: &ids)
      if ids.count - start <= Self.shortest { mergeFew(&ids, from: start) } else { mergeMany(&ids, from: start) }
    }
    guard word.count <= Self.longestCached else { return }
    if cache.count >= Self.largestCache {
      cache = ByteTable()
      cachedIDs = []
      cacheEnds = []
    }
    cache.insert(word, Int32(truncatingIfNeeded: cache.count))
    cachedIDs += ids[start...]
    cacheEnds.append(cachedIDs.count)
  }

  private func encodeWhole(_ word: Span<UInt8>, into ids: inout [Int32]) -> Bool {
    var text: [UInt8] = []
    for index in word.indices {
      switch symbols {
      case .bytes: text += ByteAlphabet.encoded[Int(word[index])]
      case .scalars: text.append(word[index])
      }
    }
    guard let id = vocabulary.value(of: text) else { return false }
    ids.append(id)
    return true
  }

  private func appendSymbols(_ word: Span<UInt8>, into ids: inout [Int32]) {
    var position = 0
    // An unknown symbol waits for more of its kind.
    var waiting = false
    while position < word.count {
      let start = position
      if symbols == .bytes { position += 1 } else { _ = UTF8Text.take(word, &position) }
      let (isFirst, isLast) = (start == 0, position == word.count)
      let id =
        symbols == .bytes
        ? byteIDs[(isFirst ? 1 : 0) + (isLast ? 2 : 0)][Int(word[start])]
        : self.id(of: (start..<position).map { word[$0] }, isFirst: isFirst, isLast: isLast)
      if id >= 0 {
        if waiting, let unknownID { ids.append(unknownID) }
        waiting = false
        ids.append(id)
      } else if !appendFallback(word, start..<position, into: &ids), let unknownID {
        if waiting, !options.fusesUnknown { ids.append(unknownID) }
        waiting = true
      }
    }
    if waiting, let unknownID { ids.append(unknownID) }
  }

  /// The tokens of a symbol's bytes, where all of them have one.
  private func appendFallback(_ word: Span<UInt8>, _ range: Range<Int>, into ids: inout [Int32]) -> Bool {
    guard options.fallsBackToBytes, range.allSatisfy({ fallbackIDs[Int(word[$0])] >= 0 }) else { return false }
    for index in range { ids.append(fallbackIDs[Int(word[index])]) }
    return true
  }

  // MARK: Merging

  private static let shortest = 64

  /// Looks through all pairs for each merge: fastest for words.
  private func mergeFew(_ ids: inout [Int32], from start: Int) {
    var ranks: [Int32] = []
    func rank(_ index: Int) -> Int32 { merges[ids[index], ids[index + 1]]?.rank ?? .max }
    guard ids.count - start > 1 else { return }
    for index in start..<ids.count - 1 { ranks.append(rank(index)) }
    while true {
      var best = 0
      for index in ranks.indices where ranks[index] < ranks[best] { best = index }
      guard !ranks.isEmpty, ranks[best] < .max else { return }
      let place = start + best
      if let merge = merges[ids[place], ids[place + 1]] { ids[place] = merge.id }
      ids.remove(at: place + 1)
      ranks.remove(at: best)
      if best < ranks.count { ranks[best] = rank(place) }
      if best > 0 { ranks[best - 1] = rank(place - 1) }
    }
  }

  /// Keeps the pairs in a heap: for texts that are one word.
  private func mergeMany(_ ids: inout [Int32], from start: Int) {
    var tokens = Array(ids[start...])
    var next = Array(1...tokens.count)
    var previous = Array(-1..<tokens.count - 1)
    var heap = Heap<Candidate>()
    func add(_ index: Int, _ heap: inout Heap<Candidate>) {
      guard index >= 0, next[index] < tokens.count, let merge = merges[tokens[index], tokens[next[index]]] else {
        return
      }
      heap.push(Candidate(rank: merge.rank, index: index, pair: PairTable.key(tokens[index], tokens[next[index]])))
    }
    for index in tokens.indices { add(index, &heap) }
    while let candidate = heap.pop() {
      let index = candidate.index
      // Either side may have been merged since.
      guard tokens[index] >= 0, next[index] < tokens.count,
        PairTable.key(tokens[index], tokens[next[index]]) == candidate.pair,
        let merge = merges[tokens[index], tokens[next[index]]]
      else { continue }
      let gone = next[index]
      tokens[index] = merge.id
      tokens[gone] = -1
      next[index] = next[gone]
      if next[gone] < tokens.count { previous[next[gone]] = index }
      add(previous[index], &heap)
      add(index, &heap)
    }
    ids.removeSubrange(start...)
    ids += tokens.lazy.filter { $0 >= 0 }
  }

  /// A pair that may be merged: the lowest rank first, then the leftmost.
  private struct Candidate: Comparable {
    let rank: Int32
    let index: Int
    let pair: UInt64

    static func < (a: Candidate, b: Candidate) -> Bool { (a.rank, a.index) < (b.rank, b.index) }
  }
}

/// A binary heap; the least comes first.
struct Heap<Element: Comparable> {
  private var items: [Element] = []

  var count: Int { items.count }

  mutating func push(_ item: Element) {
    items.append(item)
    var index = items.count - 1
    while index > 0, items[index] < items[(index - 1) / 2] {
      items.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  mutating func pop() -> Element? {
    guard let last = items.popLast() else { return nil }
    guard let first = items.first else { return last }
    items[0] = last
    var index = 0
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < items.count && items[child] < items[least] {
        least = child
      }
      if least == index { return first }
      items.swapAt(index, least)
      index = least
    }
  }
}

/// The characters that stand for bytes in vocabularies (Radford et al., 2019): a printable one is itself, the others come
/// from U+0100 on.
enum ByteAlphabet {
  static let characters: [Unicode.Scalar] = {
    var next: UInt32 = 256
    return (UInt32(0)..<256).map { byte in
      let isPrintable = 0x21...0x7E ~= byte || 0xA1...0xAC ~= byte || 0xAE...0xFF ~= byte
      if !isPrintable { next += 1 }
      return Unicode.Scalar(isPrintable ? byte : next - 1) ?? " "
    }
  }()

  /// The same as UTF-8.
  static let encoded = characters.map { Array(String($0).utf8) }

  private static let bytes = Dictionary(uniqueKeysWithValues: characters.enumerated().map { ($1, UInt8($0)) })

  /// The bytes that a token stands for; those of its own text where a character is none of the alphabet.
  static func decoded(_ token: String) -> [UInt8] {
    var decoded: [UInt8] = []
    for scalar in token.unicodeScalars {
      guard let byte = bytes[scalar] else { return Array(token.utf8) }
      decoded.append(byte)
    }
    return decoded
  }
}
