import CKernels

// The bounds of every access here: outputs are fresh, row-major and written from the first to the last element.

extension Engine {
  /// Fills with numbers from low up to high.
  func drawUniform(_ out: Tensor, _ low: Double, _ high: Double) throws {
    let key = random.key
    if out.dtype == .f64 {
      try draw(out, perBlock: 2) { nns_uniform_f64($0.assumingMemoryBound(to: Double.self), $1, key, $2) }
    } else {
      try draw(out, perBlock: 4) { nns_uniform_f32($0.assumingMemoryBound(to: Float.self), $1, key, $2) }
    }
    try scale(out, by: high - low, plus: low)
  }

  /// Fills with normally distributed numbers.
  func drawNormal(_ out: Tensor, _ mean: Double, _ deviation: Double) throws {
    let key = random.key
    if out.dtype == .f64 {
      try draw(out, perBlock: 2) { nns_normal_f64($0.assumingMemoryBound(to: Double.self), $1, key, $2) }
    } else {
      try draw(out, perBlock: 4) { nns_normal_f32($0.assumingMemoryBound(to: Float.self), $1, key, $2) }
    }
    try scale(out, by: deviation, plus: mean)
  }

  /// Calls `fill` for parts of a tensor, each with the first of the generator's blocks that it takes.
  private func draw(
    _ out: Tensor, perBlock: Int, _ fill: (_ place: UnsafeMutableRawPointer, _ count: Int64, _ counter: UInt64) -> Void
  ) throws {
    guard let base = out.storage?.base else { return }
    let count = out.elementCount
    let blocks = (count + perBlock - 1) / perBlock
    let first = random.take(blocks: count / perBlock + 1)
    try inBlocks(blocks, of: 4 * perBlock) { part in
      let start = part.lowerBound * perBlock
      fill(
        base + start * out.dtype.byteSize, Int64(Swift.min(part.count * perBlock, count - start)),
        first &+ UInt64(part.lowerBound))
    }
  }

  /// Fills with ints from low on, `range` different ones.
  func drawInts(_ out: Tensor, _ low: Int, range: UInt64) throws {
    try budget.charge(work: 4 * out.elementCount)
    let key = random.key
    try draw(out, perBlock: 1) { nns_integers($0.assumingMemoryBound(to: Int64.self), $1, Int64(low), range, key, $2) }
  }

  /// Fills with the positions of its elements in random order.
  func drawPermutation(_ out: Tensor) throws {
    guard let base = out.storage?.base else { return }
    try budget.charge(work: 8 * out.elementCount)
    let start = random.take(blocks: out.elementCount)
    // Each step reaches anywhere into what is there already.
    try inBlocks(out.elementCount, of: 16) { block in
      nns_permutation(
        base.assumingMemoryBound(to: Int64.self), Int64(block.lowerBound), Int64(block.upperBound), random.key, start)
    }
  }

  /// For each draw from 0 to 1 the place along the last axis of running sums where it falls.
  func pick(_ sums: Tensor, _ draws: Tensor, _ type: TensorType, op: Op) throws -> Tensor {
    let result = try empty(type)
    let count = sums.shape[sums.rank - 1]
    let perRow = type.shape[type.shape.rank - 1]
    guard let out = result.storage?.base.assumingMemoryBound(to: Int64.self),
      let sum = sums.pointer?.assumingMemoryBound(to: Double.self),
      let draw = draws.pointer?.assumingMemoryBound(to: Double.self)
    else { return result }
    for row in 0..<(perRow == 0 ? 0 : type.shape.elementCount / perRow) {
      let total = sum[row * count + count - 1]
      guard total > 0, total.isFinite else { throw Mistakes.probabilities(op) }
      for i in 0..<perRow {
        try budget.tick(Int.bitWidth - count.leadingZeroBitCount)
        let target = draw[row * perRow + i] * total
        var (low, high) = (0, count - 1)
        while low < high {
          let middle = (low + high) / 2
          if sum[row * count + middle] > target { high = middle } else { low = middle + 1 }
        }
        out[row * perRow + i] = Int64(low)
      }
    }
    return withExtendedLifetime((sums, draws)) { result }
  }

  /// The n first of exponentially distributed moments with rates in proportion to weights: positions drawn one after the
  /// other without replacement (Efraimidis and Spirakis, 2006).
  func race(_ weights: Tensor, _ sums: Tensor, _ n: Int, _ type: TensorType, op: Op) throws -> Tensor {
    let last = weights.rank - 1
    let row = weights.shape.removing(last)
    let total = sums.sliced(last, start: sums.shape[last] - 1, count: 1, step: 1)
    let isPositive = try binary(NNS_GT, weights, .weak(0.0), computing: .f64, TensorType(.bool, weights.shape))
    let able = try reduce(NNS_SUM, cast(isPositive, to: .i64), AxisSet(last), TensorType(.i64, row))
    if let (least, most) = try extremes(cast(total, to: .f64)), !(least > 0 && most.isFinite) {
      throw Mistakes.probabilities(op)
    }
    if let (least, _) = try extremes(cast(able, to: .f64)), least < Double(n) {
      throw Mistakes.tooFewPossible(op, n, Int(least))
    }
    let draws = try empty(weights.type)
    try drawUniform(draws, 0, 1)
    // 1 - u, so that the logarithm is finite.
    let rest = try binary(NNS_SUB, .weak(1.0), draws, computing: .f64, draws.type)
    let log = try unary(NNS_LOG, rest, computing: .f64, draws.type)
    let moments = try binary(
      NNS_DIV, unary(NNS_NEGATE, log, computing: .f64, log.type), weights, computing: .f64, log.type)
    let order = try order(moments, last, descending: false, TensorType(.i64, weights.shape))
    return try contiguous(order.sliced(last, start: 0, count: type.shape[last], step: 1))
  }

  /// The least and the largest element, both NaN if one is; nil of no elements.
  func extremes(_ x: Tensor) throws -> (least: Double, most: Double)? {
    if x.elementCount == 0 { return nil }
    let (all, one) = (AxisSet(all: x.rank), TensorType(x.dtype, Shape()))
    return try (
      reduce(NNS_REDUCE_MIN, x, all, one).element(at: 0).double,
      reduce(NNS_REDUCE_MAX, x, all, one).element(at: 0).double
    )
  }

  /// x · factor + term in place.
  private func scale(_ x: Tensor, by factor: Double, plus term: Double) throws {
    guard let base = x.storage?.base else { return }
    for (value, op) in [(factor, NNS_MUL), (term, NNS_ADD)] where value != (op == NNS_MUL ? 1 : 0) {
      guard Storage.write(.float(value), x.dtype, to: scratch), let kernel = nns_binary_kernel(op, x.dtype.c) else {
        continue
      }
      try inBlocks(x.elementCount, of: 1) { block in
        let place = base + block.lowerBound * x.dtype.byteSize
        _ = kernel(place, place, 1, scratch, 0, Int64(block.count))
      }
    }
  }
}
