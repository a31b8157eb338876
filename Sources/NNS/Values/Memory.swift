import CKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Memory that is asked of the machine, which may not have it.
enum Memory {
  /// Whether the machine would give so many bytes at once: to Swift, which asks `malloc`, and to ``resized(_:from:to:)``.
  static func has(_ bytes: Int) -> Bool {
    guard let memory = malloc(bytes) else { return false }
    free(memory)
    guard let own = nns_resize(nil, 0, bytes) else { return false }
    nns_release(own, bytes)
    return true
  }

  /// Memory with room for `count` elements and the first `old` of those in `start`; ``release(_:count:)`` gives it back.
  ///
  /// - Parameter old: how many elements `start` has room for.
  /// - Returns: `nil` if there is not so much memory; `start` is then as it was.
  static func resized<Element>(
    _ start: UnsafeMutablePointer<Element>?, from old: Int, to count: Int
  ) -> UnsafeMutablePointer<Element>? {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow else { return nil }
    return nns_resize(start, old * MemoryLayout<Element>.stride, bytes)?.bindMemory(to: Element.self, capacity: count)
  }

  /// Gives memory with room for `count` elements back.
  static func release<Element>(_ start: UnsafeMutablePointer<Element>?, count: Int) {
    nns_release(start, count * MemoryLayout<Element>.stride)
  }
}
