/// Where the random numbers stand: a key from the seed and a count of blocks used. The generator itself is in C.
struct Philox {
  let key: UInt64
  private(set) var counter: UInt64 = 0

  init(seed: UInt64) { key = seed }

  /// The first of so many blocks that nobody else gets.
  mutating func take(blocks: Int) -> UInt64 {
    defer { counter &+= UInt64(Swift.max(blocks, 0)) }
    return counter
  }
}

/// A place in the stream of random numbers, to draw the same ones again.
public struct RandomState: Hashable, Sendable {
  let key: UInt64
  let counter: UInt64

  /// Rebuilds a place from its two words.
  public init(key: UInt64, counter: UInt64) {
    self.key = key
    self.counter = counter
  }

  /// The two words, for a file.
  public var words: (key: UInt64, counter: UInt64) { (key, counter) }
}

extension Philox {
  init(_ state: RandomState) {
    key = state.key
    counter = state.counter
  }
}

extension Engine {
  /// Where the random numbers stand. Setting it replays them.
  public var randomState: RandomState {
    get { RandomState(key: random.key, counter: random.counter) }
    set { random = Philox(newValue) }
  }
}
