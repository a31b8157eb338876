import CKernels

/// An elementwise operation that has not run yet, because its result is only wanted by the next one: all of them then run
/// together, a block at a time. What can be wrong with it has been checked, and its work charged.
final class Deferred: @unchecked Sendable {
  private let loop: Quick
  /// The operands. Variables only so that unique ownership can be asked.
  @exclusivity(unchecked) private var x: Tensor
  @exclusivity(unchecked) private var y: Tensor?
  /// Operations with those of the operands.
  let steps: Int
  /// Blocks for what lies between them.
  let blocks: Int
  /// Whether all of them are light.
  let isLight: Bool

  /// The most operations that run together.
  private static let longest = 32

  /// Operands are plain f32 tensors of one shape, numbers, or deferred themselves. Nil for more than run together.
  init?(_ loop: Quick, _ x: Tensor, _ y: Tensor? = nil) {
    self.loop = loop
    self.x = x
    self.y = y
    let (first, second) = (x.deferred, y?.deferred)
    isLight = loop.isLight && first?.isLight ?? true && second?.isLight ?? true
    steps = 1 + (first?.steps ?? 0) + (second?.steps ?? 0)
    blocks = Swift.max(first?.blocks ?? 1, (second?.blocks ?? 0) + (first == nil ? 0 : 1))
    if steps > Deferred.longest || blocks > Int(NNS_CHAIN_BLOCKS) { return nil }
  }

  /// The memory of an operand that nobody else holds, for the result to lie in: each element is read before it is written.
  func reusable(_ byteCount: Int) -> Storage? {
    if let storage = Deferred.reusable(&x, byteCount) { return storage }
    guard var other = y else { return nil }
    y = nil
    defer { y = other }
    return Deferred.reusable(&other, byteCount)
  }

  private static func reusable(_ x: inout Tensor, _ byteCount: Int) -> Storage? {
    // What was put off is used once, whoever still holds it.
    if let deferred = x.deferred { return deferred.reusable(byteCount) }
    guard isKnownUniquelyReferenced(&x), x.offset == 0, isKnownUniquelyReferenced(&x.storage), let storage = x.storage,
      storage.byteCount >= byteCount
    else { return nil }
    return storage
  }

  /// All operations in the order in which they run.
  var chain: [nns_step] {
    var chain: [nns_step] = []
    chain.reserveCapacity(steps)
    append(to: &chain, block: 0)
    return chain
  }

  /// This operation after those of its operands; its result lies in `block`.
  private func append(to chain: inout [nns_step], block: Int32) {
    let a = Deferred.operand(x, &chain, block)
    let b = y.map { Deferred.operand($0, &chain, a.block < 0 ? block : block + 1) } ?? nns_operand()
    switch loop {
    case .unary(let kernel, _):
      chain.append(nns_step(unary: kernel, binary: nil, a: a, b: b, p: 0, q: 0, block: block))
    case .binary(let kernel, _):
      chain.append(nns_step(unary: nil, binary: kernel, a: a, b: b, p: 0, q: 0, block: block))
    default: break
    }
  }

  private static func operand(_ x: Tensor, _ chain: inout [nns_step], _ block: Int32) -> nns_operand {
    if let deferred = x.deferred {
      deferred.append(to: &chain, block: block)
      return nns_operand(base: nil, number: 0, block: block)
    }
    return x.number.map { nns_operand($0.double) } ?? nns_operand(x.pointer)
  }
}

extension nns_operand {
  /// Memory.
  init(_ base: UnsafeRawPointer?) {
    self.init(base: base?.assumingMemoryBound(to: Float.self), number: 0, block: -1)
  }

  /// A number, which also stands for what a step does not have.
  init(_ number: Double = 0) { self.init(base: nil, number: Float(number), block: -1) }
}

// The bounds: operands are gapless and have as many elements as the result, which is fresh.

extension Engine {
  /// Elements from which on it pays to run operations together.
  static let leastDeferred = 1 << 13
  /// Bytes from which on a result is not worth a place in the cache.
  private static let leastStreamed = 1 << 24

  /// An operation put off, if it may be: on large plain f32 tensors whose history nobody records.
  ///
  /// - Throws: a limit error, ``Interrupted``.
  func put(off loop: Quick, _ x: Tensor, _ y: Tensor? = nil) throws -> Tensor? {
    guard takesShortcuts,
      tape.activeMask == 0 || !isTracked(x) && y.map({ !isTracked($0) }) ?? true,
      let shaped = x.number == nil ? x : y, shaped.isPlain, shaped.elementCount >= Engine.leastDeferred
    else { return nil }
    if let y, y !== shaped, y.number == nil, !(y.isPlain && y.shape == shaped.shape) { return nil }
    var (x, y) = (x, y)
    var deferred = Deferred(loop, x, y)
    if deferred == nil {
      (x, y) = (try settled(x), try y.map { try settled($0) })
      deferred = Deferred(loop, x, y)
    }
    guard let deferred else { return nil }
    try budget.charge(work: shaped.elementCount)
    return Tensor(like: shaped, deferred)
  }

  /// The tensor with its elements, where operations that they wait for were put off.
  ///
  /// - Throws: a limit error, ``Interrupted``.
  public func settled(_ x: Tensor) throws -> Tensor {
    guard let deferred = x.deferred else { return x }
    let storage = try deferred.reusable(x.elementCount * 4) ?? Storage(byteCount: x.elementCount * 4, pool: pool)
    try run(deferred.chain, into: storage.base, x.elementCount, isLight: deferred.isLight)
    let result = Tensor(like: x, storage)
    result.origin = x.origin
    return withExtendedLifetime(x) { result }
  }

  /// Gives all tensors their elements.
  func settle(_ inputs: inout TensorList) throws {
    for i in 0..<inputs.count where inputs[i].deferred != nil { inputs[i] = try settled(inputs[i]) }
  }

  /// Runs a chain on so many elements. If it is light, large results pass the cache by.
  func run(_ chain: [nns_step], into out: UnsafeMutableRawPointer, _ count: Int, isLight: Bool) throws {
    let streams: Int32 = isLight && count * 4 >= Engine.leastStreamed && UInt(bitPattern: out) % 64 == 0 ? 1 : 0
    try Engine.flushingDenormals(count) {
      try chain.withUnsafeBufferPointer { chain in
        try share(count, of: 1) { block in
          nns_chain(
            out.assumingMemoryBound(to: Float.self), chain.baseAddress, Int64(chain.count), Int64(block.lowerBound),
            Int64(block.upperBound), streams)
        }
      }
    }
  }
}

extension Tensor {
  /// Whether it is f32 and has all its elements in order.
  fileprivate var isPlain: Bool {
    dtype == .f32 && isContiguous && number == nil && (storage != nil || deferred != nil)
  }
}
