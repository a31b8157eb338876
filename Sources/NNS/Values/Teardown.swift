import CThread

/// Releases nested values without recursion deep enough to exhaust a thread's stack.
///
/// A list nested in itself a hundred thousand times over would otherwise be freed by as many nested calls of `deinit`.
/// Every box that holds values hands them over here first: down to a fixed depth they are released as usual, below it
/// they are put aside and released by the outermost call.
enum Teardown {
  private static let deepest: Int32 = 50

  /// What was put aside on this thread.
  private final class Pile {
    var values: [Value] = []
  }

  /// Releases the items of a box that is being freed.
  static func release(_ items: inout [Value]) {
    guard items.contains(where: \.holdsValues) else { return }
    let depth = nns_teardown_enter()
    if depth >= deepest {
      putAside { pile in
        for item in items where item.holdsValues { pile.values.append(item) }
      }
    }
    items = []
    leave()
  }

  /// Deinitializes the values in memory that is about to be freed.
  static func release(_ start: UnsafeMutablePointer<Value>, count: Int = 1) {
    for index in 0..<count {
      let item = start + index
      switch item.pointee {
      case .list, .record, .closure, .callable, .model, .object, .cell:
        return releaseHolders(item, count: count - index)
      case .string(.long), .tensor, .range: item.deinitialize(count: 1)
      case .nil, .bool, .int, .float, .string(.short), .unset: break
      }
    }
  }

  @inline(never)
  private static func releaseHolders(_ start: UnsafeMutablePointer<Value>, count: Int) {
    let depth = nns_teardown_enter()
    if depth >= deepest {
      putAside { pile in
        for index in 0..<count where start[index].holdsValues { pile.values.append(start[index]) }
      }
    }
    start.deinitialize(count: count)
    leave()
  }

  private static func putAside(_ body: (Pile) -> Void) {
    if let raw = nns_teardown_pile() {
      body(Unmanaged<Pile>.fromOpaque(raw).takeUnretainedValue())
    } else {
      let pile = Pile()
      body(pile)
      nns_teardown_set_pile(Unmanaged.passRetained(pile).toOpaque())
    }
  }

  private static func leave() {
    // The outermost call empties the pile; what it frees may fill it again.
    if nns_teardown_depth() == 1 {
      while let raw = nns_teardown_pile() {
        nns_teardown_set_pile(nil)
        let pile = Unmanaged<Pile>.fromOpaque(raw).takeRetainedValue()
        while !pile.values.isEmpty { pile.values.removeLast() }
      }
    }
    nns_teardown_leave()
  }
}

extension Value {
  /// Whether freeing it may free further values.
  var holdsValues: Bool {
    switch self {
    case .list, .record, .closure, .callable, .model, .object, .cell: true
    case .nil, .bool, .int, .float, .string, .tensor, .range, .unset: false
    }
  }
}
