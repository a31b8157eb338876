import CKernels

/// An elementwise operation that has not run yet, because its result is only wanted by the next one: all of them then run
/// together, a block at a time. What can be wrong with it has been checked, and its work charged.
final class Deferred: @unchecked Sendable {
  private let loop: Quick
  /// What the result is: the dtype that is computed in, and the shape that operands are broadcast to.
  private let type: TensorType
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

  /// Operands are plain tensors of the result's dtype, numbers, or deferred themselves. Nil for more than run together.
  init?(_ loop: Quick, _ type: TensorType, _ x: Tensor, _ y: Tensor? = nil) {
    self.loop = loop
    self.type = type
    self.x = x
    self.y = y
    let (first, second) = (x.deferred, y?.deferred)
    isLight = loop.isLight && first?.isLight ?? true && second?.isLight ?? true
    steps = 1 + (first?.steps ?? 0) + (second?.steps ?? 0)
    blocks = Swift.max(first?.blocks ?? 1, (second?.blocks ?? 0) + (first == nil ? 0 : 1))
    if steps > Deferred.longest || blocks > Int(NNS_CHAIN_BLOCKS) { return nil }
  }

  /// The memory of an operand that nobody else holds, for the result to lie in: each element is read before it is written.
  func reusable() -> Storage? {
    if let storage = reusable(&x) { return storage }
    guard var other = y else { return nil }
    y = nil
    defer { y = other }
    return reusable(&other)
  }

  private func reusable(_ x: inout Tensor) -> Storage? {
    // What was put off is used once, whoever still holds it.
    if let deferred = x.deferred { return deferred.reusable() }
    // What is broadcast is read more than once.
    guard x.shape == type.shape, isKnownUniquelyReferenced(&x), x.offset == 0, isKnownUniquelyReferenced(&x.storage)
    else { return nil }
    return x.storage
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
    if let step = productAndSum {
      chain.append(step.into(block))
      return
    }
    let a = operand(x, &chain, block)
    let b = y.map { operand($0, &chain, a.block < 0 ? block : block + 1) } ?? nns_operand()
    switch loop {
    case .unary(_, let op):
      chain.append(nns_step(nns_unary_kernel(op, type.dtype.c), a).into(block))
    case .binary(_, let op):
      chain.append(nns_step(nns_binary_kernel(op, type.dtype.c), a, b).into(block))
    default: break
    }
  }

  /// The product of two tensors and its sum with a third as one step, where this is such a sum.
  private var productAndSum: nns_step? {
    guard case .binary(_, NNS_ADD) = loop, let y, let product = x.deferred ?? y.deferred,
      case .binary(_, NNS_MUL) = product.loop, let second = product.y,
      let added = plain(x.deferred == nil ? x : y), let a = product.plain(product.x), let b = product.plain(second)
    else { return nil }
    var step = nns_step(nil, a, b)
    step.added = added.base
    return step
  }

  /// An operand that lies in memory as the result will.
  private func plain(_ x: Tensor) -> nns_operand? {
    guard x.deferred == nil, x.number == nil, x.shape == type.shape else { return nil }
    return nns_operand(x.pointer, x.shape, in: type.shape)
  }

  private func operand(_ x: Tensor, _ chain: inout [nns_step], _ block: Int32) -> nns_operand {
    if let deferred = x.deferred {
      deferred.append(to: &chain, block: block)
      return nns_operand(block: block)
    }
    if let number = x.number { return nns_operand(number.double) }
    // Who put it off has seen that it repeats.
    return nns_operand(x.pointer, x.shape, in: type.shape) ?? nns_operand(.nan)
  }
}

extension nns_step {
  /// `kernel(a)`, with the settings of the kernels that have some.
  init(_ kernel: nns_unary?, _ a: nns_operand, p: Double = 0, q: Double = 0) {
    self.init()
    (unary, self.a, self.p, self.q) = (kernel, a, p, q)
  }

  /// `kernel(a, b)`
  init(_ kernel: nns_binary?, _ a: nns_operand, _ b: nns_operand) {
    self.init()
    (binary, self.a, self.b) = (kernel, a, b)
  }

  /// The same with its result in a block.
  func into(_ block: Int32) -> nns_step {
    var step = self
    step.block = block
    return step
  }
}

extension nns_operand {
  /// Memory of a tensor of a shape without gaps, broadcast to another shape; nil where it does not repeat in order,
  /// or there is none.
  init?(_ base: UnsafeRawPointer?, _ shape: Shape, in full: Shape) {
    guard let base else { return nil }
    self.init()
    self.base = base
    block = -1
    if shape == full { return }
    guard shape.rank <= full.rank, let repetition = shape.repetition(in: full) else { return nil }
    inner = Int64(repetition.inner)
    count = Int64(repetition.count)
  }

  /// A number.
  init(_ number: Double) {
    self.init()
    self.number = number
    single = Float(number)
    block = -1
  }

  /// What an earlier step gave.
  init(block: Int32) {
    self.init()
    self.block = block
  }
}

extension DType {
  /// Whether chains compute in it.
  var isChained: Bool { self == .f32 || self == .f64 }
}

extension Shape {
  /// How elements that are broadcast repeat: place `i` has element `i / inner % count`.
  struct Repetition {
    let inner: Int
    let count: Int
  }

  /// How the elements of a tensor of this shape, in order and without gaps, repeat where it is broadcast to a larger shape;
  /// nil where it is broadcast along axes between its own.
  func repetition(in shape: Shape) -> Repetition? {
    let lead = shape.rank - rank
    var (inner, count) = (1, 1)
    var axes = indices.reversed()[...]
    while let axis = axes.first, self[axis] == 1 {
      inner *= shape[lead + axis]
      axes.removeFirst()
    }
    while let axis = axes.first, self[axis] == shape[lead + axis] {
      count *= self[axis]
      axes.removeFirst()
    }
    guard axes.allSatisfy({ self[$0] == 1 }) else { return nil }
    return Repetition(inner: count == 1 ? shape.elementCount : inner, count: count)
  }
}

// The bounds: operands are gapless and have as many elements as the result or repeat in its shape; the result has room for all.

extension Engine {
  /// Elements from which on it pays to run operations together.
  static let leastDeferred = 1 << 13
  /// Bytes from which on a result is not worth a place in the cache.
  private static let leastStreamed = 1 << 24

  /// An operation put off, if it may be: on large plain tensors whose history nobody records.
  ///
  /// - Throws: a limit error, ``Interrupted``.
  func put(off loop: Quick, _ x: Tensor, _ y: Tensor? = nil) throws -> Tensor? {
    guard takesShortcuts, tape.activeMask == 0 || !isTracked(x) && y.map({ !isTracked($0) }) ?? true else { return nil }
    // The larger operand has the result's shape; the other one is a number or broadcast to it.
    let shaped = y.map { x.number != nil || $0.number == nil && $0.elementCount > x.elementCount ? $0 : x } ?? x
    guard shaped.isPlain, shaped.elementCount >= Engine.leastDeferred else { return nil }
    if let y {
      let other = shaped === x ? y : x
      guard other.number != nil || other.dtype == shaped.dtype && other.isPlain && other.repeats(in: shaped.shape)
      else {
        return nil
      }
    }
    var (x, y) = (x, y)
    var deferred = Deferred(loop, shaped.type, x, y)
    if deferred == nil {
      (x, y) = (try settled(x), try y.map { try settled($0) })
      deferred = Deferred(loop, shaped.type, x, y)
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
    let storage = try deferred.reusable() ?? Storage(byteCount: x.elementCount * x.dtype.byteSize, pool: pool)
    try run(deferred.chain, into: storage.base, x.elementCount, x.dtype, isLight: deferred.isLight)
    let result = Tensor(like: x, storage)
    result.origin = x.origin
    return withExtendedLifetime(x) { result }
  }

  /// Gives all tensors their elements.
  func settle(_ inputs: inout TensorList) throws {
    for i in 0..<inputs.count where inputs[i].deferred != nil { inputs[i] = try settled(inputs[i]) }
  }

  /// Runs a chain on so many elements of f32 or f64. If it is light, large results pass the cache by.
  func run(
    _ chain: [nns_step], into out: UnsafeMutableRawPointer, _ count: Int, _ dtype: DType, isLight: Bool
  ) throws {
    let size = dtype.byteSize
    let streams: Int32 = isLight && count * size >= Engine.leastStreamed && UInt(bitPattern: out) % 64 == 0 ? 1 : 0
    try Engine.flushingDenormals(count) {
      try chain.withUnsafeBufferPointer { chain in
        try share(count, of: 1) { block in
          nns_chain(
            out, chain.baseAddress, Int64(chain.count), Int64(size), Int64(block.lowerBound), Int64(block.upperBound),
            streams)
        }
      }
    }
  }
}

extension Tensor {
  /// Whether it is of a dtype that chains compute in and has all its elements in order.
  fileprivate var isPlain: Bool {
    dtype.isChained && isContiguous && number == nil && (storage != nil || deferred != nil)
  }

  /// Whether it has a shape, or is one that has been computed and repeats in it.
  fileprivate func repeats(in shape: Shape) -> Bool {
    self.shape == shape || deferred == nil && rank <= shape.rank && self.shape.repetition(in: shape) != nil
  }
}
