/// A table from byte strings to numbers, all strings in one piece of memory: looking one up takes no memory.
struct ByteTable {
  private var bytes: [UInt8] = []
  /// The start of each entry's bytes; the next one's is its end.
  private var starts: [Int] = [0]
  private(set) var values: [Int32] = []
  private var hashes: [UInt64] = []
  /// Entries by hash, -1 where there is none; a power of two.
  private var slots: [Int32]

  init(capacity: Int = 0) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
  }

  var count: Int { values.count }
  /// Bytes of memory, about.
  var memory: Int { bytes.count + 24 * values.count + 4 * slots.count }

  /// The number of a string.
  func value(of key: Span<UInt8>) -> Int32? { entry(of: key, Self.hash(key)).map { values[$0] } }

  func value(of key: [UInt8]) -> Int32? { value(of: key.span) }

  /// The bytes of an entry.
  func key(_ entry: Int) -> ArraySlice<UInt8> { bytes[starts[entry]..<starts[entry + 1]] }

  /// The entry of a string, which is added with a value where it is missing.
  @discardableResult
  mutating func insert(_ key: Span<UInt8>, _ value: Int32) -> (entry: Int, isNew: Bool) {
    let hash = Self.hash(key)
    if let entry = entry(of: key, hash) { return (entry, false) }
    if (values.count + 1) * 2 > slots.count { grow() }
    place(Int32(truncatingIfNeeded: values.count), hash)
    for index in key.indices { bytes.append(key[index]) }
    starts.append(bytes.count)
    values.append(value)
    hashes.append(hash)
    return (values.count - 1, true)
  }

  @discardableResult
  mutating func insert(_ key: [UInt8], _ value: Int32) -> (entry: Int, isNew: Bool) { insert(key.span, value) }

  private func entry(of key: Span<UInt8>, _ hash: UInt64) -> Int? {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 {
      let entry = Int(slots[slot])
      if hashes[entry] == hash, isKey(key, entry) { return entry }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private func isKey(_ key: Span<UInt8>, _ entry: Int) -> Bool {
    let start = starts[entry]
    guard starts[entry + 1] - start == key.count else { return false }
    for index in key.indices where bytes[start + index] != key[index] { return false }
    return true
  }

  private mutating func place(_ entry: Int32, _ hash: UInt64) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 { slot = (slot + 1) & mask }
    slots[slot] = entry
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for (entry, hash) in hashes.enumerated() { place(Int32(truncatingIfNeeded: entry), hash) }
  }

  /// Differs from run to run, so that no text can be made to collide.
  private static let seed = UInt64.random(in: 0...UInt64.max)

  private static func hash(_ key: Span<UInt8>) -> UInt64 {
    var hash = seed ^ UInt64(key.count)
    var word: UInt64 = 0
    for index in key.indices {
      word = word << 8 | UInt64(key[index])
      if index & 7 == 7 {
        hash = mixed(hash, word)
        word = 0
      }
    }
    return mixed(hash, word)
  }

  private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }
}

/// A table from pairs of token ids to what becomes of them.
struct PairTable {
  /// How early a pair is merged, and the id it becomes.
  struct Merge {
    var rank: Int32
    var id: Int32
  }

  private var keys: [UInt64]
  private var merges: [Merge]
  private let shift: UInt64
  private static let free = UInt64.max

  init(capacity: Int) {
    var bits: UInt64 = 4
    while 1 << bits < capacity * 2 { bits += 1 }
    keys = [UInt64](repeating: Self.free, count: 1 << bits)
    merges = [Merge](repeating: Merge(rank: 0, id: 0), count: 1 << bits)
    shift = 64 - bits
  }

  static func key(_ a: Int32, _ b: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: a)) << 32 | UInt64(UInt32(bitPattern: b))
  }

  @inline(__always)
  private func slot(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: ((key ^ (key >> 29)) &* 0x9E37_79B9_7F4A_7C15) >> shift)
  }

  @inline(__always)
  subscript(_ a: Int32, _ b: Int32) -> Merge? {
    let key = Self.key(a, b)
    var slot = slot(key)
    while true {
      if keys[slot] == key { return merges[slot] }
      if keys[slot] == Self.free { return nil }
      slot = (slot + 1) & (keys.count - 1)
    }
  }

  /// Adds a pair, or replaces what it becomes.
  mutating func insert(_ a: Int32, _ b: Int32, _ merge: Merge) {
    let key = Self.key(a, b)
    var slot = slot(key)
    while keys[slot] != Self.free, keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
    keys[slot] = key
    merges[slot] = merge
  }
}
