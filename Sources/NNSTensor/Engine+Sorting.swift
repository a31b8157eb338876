import CKernels

// The bounds of every access here: a row of an axis has `count` elements, `step` apart in a contiguous tensor and in the
// result; keys have room for one row.

extension Engine {
  /// For each row along an axis the places of its elements in order.
  func order(_ x: Tensor, _ axis: Int, descending: Bool, _ type: TensorType) throws -> Tensor {
    let result = try emptyInMemory(type)
    let x = try contiguous(x)
    let count = x.shape[axis]
    try budget.charge(work: x.elementCount * (Int.bitWidth - count.leadingZeroBitCount))
    guard let out = result.storage?.base.assumingMemoryBound(to: Int64.self), count > 0 else { return result }
    let isShort = count <= Swift.min(Int(NNS_SHORT_ROW), budget.grain.block)
    var (keys, spare) = (try Keys(count, pool), try Keys(count, pool))
    try forEachRow(of: x, axis, blockCost: isShort ? 16 : 0) { source, start, step in
      if isShort {
        nns_keys(keys.base, source, Int64(step), x.dtype.c, descending ? 1 : 0, 0, Int64(count))
        nns_sort_short(keys.base, spare.base, Int64(count))
        nns_sorted_places(out + start, Int64(step), keys.base, 0, Int64(count))
        return
      }
      try inBlocks(count, of: 4) { block in
        nns_keys(
          keys.base, source, Int64(step), x.dtype.c, descending ? 1 : 0, Int64(block.lowerBound),
          Int64(block.upperBound))
      }
      try sortByDigits(&keys, &spare, count)
      try inBlocks(count, of: 4) { block in
        nns_sorted_places(out + start, Int64(step), keys.base, Int64(block.lowerBound), Int64(block.upperBound))
      }
    }
    return withExtendedLifetime(x) { result }
  }

  /// For each row along an axis the places of its first k elements in order.
  func first(_ k: Int, _ x: Tensor, _ axis: Int, descending: Bool, _ type: TensorType) throws -> Tensor {
    let x = try contiguous(x)
    let count = x.shape[axis]
    // So many that keeping them in order costs more than sorting.
    if k > 256 {
      let all = try order(x, axis, descending: descending, TensorType(.i64, x.shape))
      return try contiguous(all.sliced(axis, start: 0, count: k, step: 1))
    }
    try budget.charge(work: 2 * x.elementCount)
    let result = try emptyInMemory(type)
    let inner = x.shape.around(axis..<axis + 1).inner
    guard let out = result.storage?.base.assumingMemoryBound(to: Int64.self), k > 0, count > 0 else { return result }
    let best = try Keys(k, pool)
    try forEachRow(of: x, axis, blockCost: count <= budget.grain.block ? 4 : 0) { source, start, step in
      var held: Int64 = 0
      try inBlocks(count, of: 4) { block in
        held = nns_first(
          best.base, held, Int64(k), source, Int64(step), x.dtype.c, descending ? 1 : 0, Int64(block.lowerBound),
          Int64(block.upperBound))
      }
      let (row, column) = (start / (count * inner), start % inner)
      nns_sorted_places(out + row * k * inner + column, Int64(step), best.base, 0, Int64(k))
    }
    return withExtendedLifetime(x) { result }
  }

  /// Goes through the places of a vector's elements in order, and leaves in their stead where the first of each value stands;
  /// `inverse` gets where each element's value stands among them, `counts` how often each comes. Gives how many there are.
  func group(_ x: Tensor, _ order: Tensor, inverse: Tensor?, counts: Tensor?) throws -> Int {
    guard let places = order.storage?.base.assumingMemoryBound(to: Int64.self), let source = x.pointer else { return 0 }
    let (inverse, counts) = (
      inverse?.storage?.base.assumingMemoryBound(to: Int64.self),
      counts?.storage?.base.assumingMemoryBound(to: Int64.self)
    )
    var found: Int64 = 0
    try inBlocks(x.elementCount, of: 16) { block in
      found = nns_group(
        places, counts, inverse, source, x.dtype.c, found, Int64(block.lowerBound), Int64(block.upperBound))
    }
    return withExtendedLifetime((x, order)) { Int(found) }
  }

  /// Keys of one row.
  private struct Keys {
    let storage: Storage
    var base: UnsafeMutablePointer<nns_keyed> { storage.base.assumingMemoryBound(to: nns_keyed.self) }

    init(_ count: Int, _ pool: Pool) throws {
      storage = try Storage(byteCount: Engine.product(count, MemoryLayout<nns_keyed>.stride), pool: pool)
    }
  }

  /// Calls `body` with where each row along an axis begins, in memory and counted in elements, and how far its elements are
  /// apart. Elements that cost something in `body` are told to the budget here.
  private func forEachRow(
    of x: Tensor, _ axis: Int, blockCost: Int, _ body: (UnsafeRawPointer, Int, Int) throws -> Void
  ) throws {
    guard let source = x.pointer else { return }
    let (outer, count, inner) = x.shape.around(axis..<axis + 1)
    for row in 0..<outer {
      for column in 0..<inner {
        try budget.tick(count * blockCost)
        let start = row * count * inner + column
        try body(source + start * x.dtype.byteSize, start, inner)
      }
    }
  }

  /// Has the pages made that the first pass would touch all over: the system clears a huge one in as long as it takes to move
  /// a thousand elements.
  private func touch(_ keys: Keys) throws {
    let page = 1 << 21
    for offset in stride(from: 0, to: keys.storage.byteCount, by: page) {
      try budget.check()
      keys.storage.base.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
    }
  }

  /// Radix sort; the result is in `keys`.
  private func sortByDigits(_ keys: inout Keys, _ spare: inout Keys, _ count: Int) throws {
    let digits = Int(NNS_DIGITS)
    let table = try zeros(TensorType(.i64, Shape([digits, Int(NNS_RADIX)])))
    guard let counts = table.storage?.base.assumingMemoryBound(to: Int64.self) else { return }
    try touch(spare)
    let from = keys
    try inBlocks(count, of: 8) { block in
      nns_radix_count(counts, from.base, Int64(block.lowerBound), Int64(block.upperBound))
    }
    for digit in 0..<digits {
      let places = counts + digit * Int(NNS_RADIX)
      if nns_radix_begin(places, Int64(count)) == 0 { continue }
      let (from, to) = (keys, spare)
      // Each element goes anywhere, which may cost a look into memory.
      try inBlocks(count, of: 16) { block in
        nns_radix_pass(to.base, from.base, places, Int32(digit), Int64(block.lowerBound), Int64(block.upperBound))
      }
      swap(&keys, &spare)
    }
    withExtendedLifetime(table) {}
  }
}
