/// The fuzzer's bytes as a sequence of decisions. Once they are used up every choice is the first one, so that whatever
/// is drawn comes to an end.
struct Choices {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// Whether any bytes are left.
  var hasMore: Bool { !rest.isEmpty }

  /// A number from 0 up to a bound of at most 65,536.
  mutating func below(_ bound: Int) -> Int {
    guard let first = rest.popFirst() else { return 0 }
    guard bound > 256, let second = rest.popFirst() else { return Int(first) % bound }
    return (Int(first) << 8 | Int(second)) % bound
  }

  /// One of several, the first where no bytes are left.
  mutating func one<Item>(of items: [Item]) -> Item { items[below(items.count)] }

  /// Eight bytes as an int.
  mutating func int() -> Int { (0..<8).reduce(0) { bits, _ in bits << 8 | Int(rest.popFirst() ?? 0) } }
}
