import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Frees the items of large lists on a thread of its own: a million strings take 20 ms, which neither a script nor who cancels
/// one need wait for.
///
/// Only what any thread may free without anybody's noticing is given here: numbers, strings, and lists of these.
enum Reaper {
  /// So many items are worth a thread.
  static let least = 1 << 19
  /// Lists within lists are looked into so far down.
  private static let deepest = 3
  private static let stack = 1 << 20
  /// How many lists are being freed.
  private static let busy = Atomic<Int>(0)

  /// Frees memory and the values in it, some time later.
  ///
  /// - Parameter capacity: how many items there is room for.
  /// - Returns: whether it will; if not, nothing has happened.
  static func take(_ start: UnsafeMutablePointer<Value>, count: Int, capacity: Int) -> Bool {
    guard count >= least, arePlain(UnsafeBufferPointer(start: start, count: count), 0) else { return false }
    busy.add(1, ordering: .relaxed)
    let thread = SystemThread(stack: stack) {
      start.deinitialize(count: count)
      Memory.release(start, count: capacity)
      busy.subtract(1, ordering: .releasing)
    }
    if thread == nil { busy.subtract(1, ordering: .relaxed) }
    thread?.detach()
    return thread != nil
  }

  /// Waits until all is freed that was given.
  ///
  /// - Parameter check: called now and then; may throw, and the waiting ends.
  static func finish(_ check: () throws -> Void) rethrows {
    while busy.load(ordering: .acquiring) > 0 {
      try check()
      usleep(500)
    }
  }

  private static func arePlain(_ values: some Collection<Value>, _ depth: Int) -> Bool {
    values.allSatisfy { value in
      switch value {
      case .nil, .bool, .int, .float, .string, .unset: true
      case .list(let list): depth < deepest && arePlain(list, depth + 1)
      case .tensor, .range, .record, .closure, .callable, .model, .object, .cell: false
      }
    }
  }
}
