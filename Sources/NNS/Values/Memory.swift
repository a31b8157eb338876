#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Memory that is asked of the machine, which may not have it.
enum Memory {
  /// Whether the machine would give so many bytes at once.
  static func has(_ bytes: Int) -> Bool {
    guard let memory = malloc(bytes) else { return false }
    free(memory)
    return true
  }

  /// Memory with room for `count` elements and what was in `start`, which is moved only if there is no room where it
  /// stands. ``release(_:)`` gives it back.
  static func resized<Element>(_ start: UnsafeMutablePointer<Element>?, to count: Int) -> UnsafeMutablePointer<Element>?
  {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow else { return nil }
    return realloc(start, bytes)?.bindMemory(to: Element.self, capacity: count)
  }

  /// Gives memory back.
  static func release<Element>(_ start: UnsafeMutablePointer<Element>?) { free(start) }
}
