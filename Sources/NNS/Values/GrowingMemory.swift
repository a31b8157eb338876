#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Memory that is filled from its start on, and that grows where it stands if there is room. Its owner keeps account of
/// what is in it, and frees it.
struct GrowingMemory<Element> {
  /// Where it begins; `nil` while there is none.
  private(set) var start: UnsafeMutablePointer<Element>?
  /// How many elements it has room for.
  private(set) var capacity = 0

  /// Room for `count` elements and some more; what is in it is moved.
  ///
  /// - Throws: a limit error where a limit or the machine has not so much memory.
  @inline(never)
  mutating func grow(to count: Int, _ c: Context) throws {
    let roomy = max(count, capacity &+ capacity / 2, 64 / MemoryLayout<Element>.stride)
    let (bytes, overflow) = roomy.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    try c.charge(bytes: overflow ? .max : bytes)
    guard resize(to: roomy) else { throw Mistakes.outOfMemory(asked: bytes) }
  }

  /// Room for exactly `count` elements, which are many only where they have been charged.
  init(_ count: Int) {
    precondition(count == 0 || resize(to: count), "out of memory")
  }

  private mutating func resize(to count: Int) -> Bool {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow, let memory = realloc(start, bytes) else { return false }
    start = memory.bindMemory(to: Element.self, capacity: count)
    capacity = count
    return true
  }

  func deallocate() { free(start) }
}
