import CKernels
import Glibc

/// Memory for elements: 64-byte-aligned blocks kept by size class, because fresh pages cost more than arithmetic.
///
/// Classes are quarter steps between powers of two. Blocks come back from any thread.
final class Pool: @unchecked Sendable {
  let budget: Budget
  /// What is free: one linked list per class, threaded through the blocks themselves. Touched only under the lock.
  private let heads: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  /// How many bytes the lists have. Touched only under the lock.
  private var freeBytes = 0
  private let lock = Lock()
  private static let classCount = 256
  private static let alignment = 64
  /// From here on blocks are mapped by themselves, in huge pages where the system has them.
  private static let mappedSize = 2 << 20

  init(budget: Budget) {
    self.budget = budget
    heads = .allocate(capacity: Pool.classCount)
    heads.initialize(repeating: nil, count: Pool.classCount)
  }

  deinit {
    trim()
    heads.deallocate()
  }

  /// The class that holds so many bytes, and its block size. Quarter steps: 64, 128, 192, 256, 320, 384, 448, 512, 640, …
  static func sizeClass(_ bytes: Int) -> (index: Int, size: Int)? {
    if bytes <= 256 {
      let index = Swift.max(bytes + alignment - 1, alignment) / alignment
      return (index, index * alignment)
    }
    let exponent = Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount
    guard exponent < 60 else { return nil }
    let quarter = 1 << (exponent - 2)
    let quarters = (bytes - 1) / quarter + 1
    return (exponent * 4 + quarters - 4 - 28, quarters * quarter)
  }

  /// The block size of a class.
  private static func size(of index: Int) -> Int {
    if index <= 4 { return index * alignment }
    let (exponent, quarters) = ((index + 27) / 4, (index + 27) % 4 + 5)
    return quarters << (exponent - 2)
  }

  /// A block of at least so many bytes; its contents are undefined.
  ///
  /// - Throws: a limit error that says how much was asked for.
  func take(_ bytes: Int) throws -> (base: UnsafeMutableRawPointer, index: Int, size: Int) {
    guard let (index, size) = Pool.sizeClass(bytes) else {
      throw Mistakes.outOfMemory(asked: bytes, limit: budget.byteLimit, used: budget.bytesInUse)
    }
    try budget.charge(bytes: size)
    let cached: UnsafeMutableRawPointer? = lock.withLock {
      guard let head = heads[index] else { return nil }
      heads[index] = head.load(as: UnsafeMutableRawPointer?.self)
      freeBytes -= size
      return head
    }
    if let cached { return (cached, index, size) }
    if let fresh = allocate(size) { return (fresh, index, size) }
    budget.release(bytes: size)
    throw Mistakes.outOfMemory(asked: size, limit: budget.byteLimit, used: budget.bytesInUse)
  }

  /// Takes a block back.
  func give(_ base: UnsafeMutableRawPointer, index: Int, size: Int) {
    budget.release(bytes: size)
    lock.withLock {
      base.storeBytes(of: heads[index], as: UnsafeMutableRawPointer?.self)
      heads[index] = base
      freeBytes += size
    }
  }

  /// Bytes in free blocks.
  var cachedBytes: Int { lock.withLock { freeBytes } }

  /// Gives all free blocks back to the system.
  func trim() {
    lock.withLock {
      for index in 0..<Pool.classCount {
        while let head = heads[index] {
          heads[index] = head.load(as: UnsafeMutableRawPointer?.self)
          let bytes = Pool.size(of: index)
          bytes < Pool.mappedSize ? free(head) : nns_unmap(head, bytes)
        }
      }
      freeBytes = 0
    }
  }

  /// Fresh memory; free blocks are let go first where limit or machine would not have both.
  private func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    if budget.bytesInUse.addingReportingOverflow(cachedBytes).partialValue > budget.byteLimit { trim() }
    if let block = Pool.fresh(size) { return block }
    trim()
    return Pool.fresh(size)
  }

  private static func fresh(_ size: Int) -> UnsafeMutableRawPointer? {
    size < mappedSize ? aligned_alloc(alignment, size) : nns_map(size)
  }
}

/// The memory of one or several tensors. Goes back to its pool with the last of them.
final class Storage: @unchecked Sendable {
  /// The first byte.
  let base: UnsafeMutableRawPointer
  /// Usable bytes.
  let byteCount: Int
  private let index: Int
  private let pool: Pool

  /// Memory with undefined contents.
  ///
  /// - Throws: a limit error that says how much was asked for.
  init(byteCount: Int, pool: Pool) throws {
    let block = try pool.take(byteCount)
    base = block.base
    self.byteCount = block.size
    index = block.index
    self.pool = pool
  }

  deinit { pool.give(base, index: index, size: byteCount) }
}
