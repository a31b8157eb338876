/// A string of a script: Unicode scalars in UTF-8.
///
/// A few bytes stand in the value itself: no memory is taken for them, and no references are counted. Texts are equal
/// where their bytes are: unlike in Swift's strings, `é` in one scalar and in two are different texts.
public enum Text {
  /// All that fit into a ``ShortText``.
  case short(ShortText)
  /// All others.
  case long(TextBox)

  /// The empty text.
  static var empty: Text { .short(ShortText()) }

  /// A text of the scalars of `string`.
  public init(_ string: String) {
    var string = string
    self = string.withUTF8 { Text(utf8: $0) }
  }

  /// A text of valid UTF-8.
  init(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    if let short = ShortText(bytes) {
      self = .short(short)
    } else {
      let box = TextBox.make(capacity: bytes.count)
      box.add(bytes)
      self = .long(box)
    }
  }

  /// What has been gathered in a box, which is given away.
  init(_ box: TextBox) {
    self = box.withUTF8 { ShortText($0) }.map { .short($0) } ?? .long(box)
  }

  /// A text whose bytes are written by a function.
  ///
  /// - Parameter fill: writes exactly `byteCount` bytes of valid UTF-8; up to eight after them may be overwritten.
  init(byteCount: Int, _ fill: (UnsafeMutablePointer<UInt8>) throws -> Void) rethrows {
    let box = TextBox.make(capacity: byteCount)
    try box.fill(byteCount, fill)
    self.init(box)
  }

  /// The text of bytes from outside; `nil` where they are not UTF-8.
  ///
  /// - Throws: a limit error where there is no memory for it.
  init?(validating bytes: [UInt8], _ c: Context) throws {
    try c.charge(bytes: bytes.count)
    let box = TextBox.make(capacity: bytes.count)
    let isValid = try bytes.withUnsafeBufferPointer { bytes in
      for piece in bytes.pieces() {
        try c.engine.budget.check()
        if String(validating: piece, as: UTF8.self) == nil { return false }
        box.add(piece)
      }
      return true
    }
    if !isValid { return nil }
    self.init(box)
  }

  /// Calls a function with the bytes, which are there until it ends.
  @inline(__always)
  func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    switch self {
    case .short(let short): try short.withUTF8(body)
    case .long(let box): try box.withUTF8(body)
    }
  }

  /// The same text for Swift, copied.
  public var string: String { withUTF8 { String(decoding: $0, as: UTF8.self) } }

  /// How many bytes it has.
  @inline(__always)
  var byteCount: Int {
    switch self {
    case .short(let short): short.byteCount
    case .long(let box): box.byteCount
    }
  }

  /// How many scalars it has; counted once.
  var count: Int {
    switch self {
    case .short(let short): short.count
    case .long(let box): box.count
    }
  }

  var isEmpty: Bool { byteCount == 0 }

  /// -1, 0 or 1. The order of UTF-8 is the order of the scalars.
  static func order(_ a: Text, _ b: Text) -> Int {
    a.withUTF8 { x in
      b.withUTF8 { y in
        for index in 0..<min(x.count, y.count) where x[index] != y[index] { return x[index] < y[index] ? -1 : 1 }
        return (x.count - y.count).signum()
      }
    }
  }

  /// Writes the bytes somewhere, and where they end; eight bytes more may be overwritten.
  @inline(__always)
  func write(to end: inout UnsafeMutablePointer<UInt8>) {
    switch self {
    case .short(let short): short.write(to: end)
    case .long(let box): box.withUTF8 { if let start = $0.baseAddress { end.update(from: start, count: $0.count) } }
    }
    end += byteCount
  }
}

extension Text: Hashable {
  /// Whether the bytes are the same.
  @inline(__always)
  public static func == (a: Text, b: Text) -> Bool {
    switch (a, b) {
    case (.short(let x), .short(let y)): x == y
    case (.long(let x), .long(let y)): TextBox.equal(x, y)
    default: false
    }
  }

  /// Mixes in the bytes.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .short(let short): hasher.combine(short)
    case .long(let box): box.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }
}

extension Text: ExpressibleByStringLiteral, CustomStringConvertible {
  /// A text that stands in Swift code.
  public init(stringLiteral value: String) { self.init(value) }
  /// The text as it is.
  public var description: String { string }
}

/// Up to seven bytes of UTF-8, the last of them not zero.
///
/// The parts add up to less than a word, so that a ``Text`` fits into one.
public struct ShortText: Hashable, Sendable {
  static let capacity = 7

  private let low: UInt32
  private let middle: UInt16
  private let high: UInt8

  /// The empty text.
  init() { self.init(word: 0) }

  @inline(__always)
  private init(word: UInt64) {
    low = UInt32(truncatingIfNeeded: word)
    middle = UInt16(truncatingIfNeeded: word >> 32)
    high = UInt8(truncatingIfNeeded: word >> 48)
  }

  /// The bytes, the first of them lowest.
  @inline(__always)
  private var word: UInt64 { UInt64(low) | UInt64(middle) << 32 | UInt64(high) << 48 }

  /// Short valid UTF-8; `nil` where it does not fit.
  init?(_ utf8: UnsafeBufferPointer<UInt8>) {
    guard utf8.count <= ShortText.capacity, utf8.last != 0 else { return nil }
    var word: UInt64 = 0
    for index in 0..<utf8.count { word |= UInt64(utf8[index]) << UInt64(truncatingIfNeeded: index * 8) }
    self.init(word: word)
  }

  @inline(__always)
  var byteCount: Int { 8 - word.leadingZeroBitCount >> 3 }

  /// How many scalars: bytes that do not continue one.
  @inline(__always)
  var count: Int {
    let continuing = word & (~word << 1) & 0x0080_8080_8080_8080
    return byteCount - continuing.nonzeroBitCount
  }

  /// Both, one after the other; `nil` where that does not fit.
  @inline(__always)
  func appending(_ other: ShortText) -> ShortText? {
    let count = byteCount
    guard count + other.byteCount <= ShortText.capacity else { return nil }
    return ShortText(word: word | other.word << UInt64(truncatingIfNeeded: count * 8))
  }

  @inline(__always)
  func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    try withUnsafeBytes(of: word.littleEndian) { raw in
      try body(UnsafeBufferPointer(rebasing: raw.assumingMemoryBound(to: UInt8.self)[..<byteCount]))
    }
  }

  /// Writes the bytes somewhere, and zeros after them up to the eighth.
  @inline(__always)
  func write(to start: UnsafeMutablePointer<UInt8>) {
    UnsafeMutableRawPointer(start).storeBytes(of: word.littleEndian, as: UInt64.self)
  }
}
