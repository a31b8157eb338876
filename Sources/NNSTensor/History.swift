/// What one differentiation recorded, kept beyond its end.
public struct History: Sendable {
  fileprivate let records: [Record]
  /// Where the first record stood.
  fileprivate let start: Int
  /// The differentiation's own bit.
  fileprivate let bit: UInt64
}

/// A history that stands on the tape again.
struct Resumed {
  /// Where its first record stands now.
  let start: Int
  let count: Int
  let serials: ClosedRange<UInt64>
}

extension Engine {
  /// What a differentiation under way has recorded so far.
  public func history(_ level: Level) -> History {
    History(records: (level.start..<tape.records.count).map { tape.records[$0] }, start: level.start, bit: level.bit)
  }

  /// Begins a differentiation with what another one recorded, as if it had not ended: its unknowns and what was computed
  /// from them are tracked again. Pair it with ``endResumed(_:)``.
  public func resume(_ history: History) throws -> Level {
    let level = try beginDifferentiation()
    guard let first = history.records.first, let last = history.records.last else { return level }
    // Where the original is still there, differentiations further out depend on it, and so on this copy of it.
    let isThere = history.start < tape.records.count && tape.records[history.start].serial == first.serial
    for (i, record) in history.records.enumerated() {
      var copy = record.moved(by: level.start - history.start, from: history.start)
      copy.mask = record.mask & history.bit != 0 ? level.bit : 0
      if isThere { copy.mask |= tape.records[history.start + i].mask & tape.activeMask & ~level.bit }
      tape.records.append(copy)
    }
    tape.resumed.append(
      Resumed(start: level.start, count: history.records.count, serials: first.serial...last.serial))
    return level
  }

  /// Ends a differentiation that was resumed.
  public func endResumed(_ level: Level) {
    if let last = tape.resumed.last, last.start == level.start { tape.resumed.removeLast() }
    endDifferentiation(level)
  }
}

extension Tape {
  /// Where a tensor of a resumed history stands now.
  func resumedIndex(of trace: Trace) -> Int? {
    for history in resumed.reversed() where history.serials.contains(trace.serial) {
      // Serials grow, with gaps, along the tape.
      var (low, high) = (history.start, history.start + history.count)
      while low < high {
        let middle = (low + high) / 2
        if records[middle].serial < trace.serial { low = middle + 1 } else { high = middle }
      }
      if low < history.start + history.count, records[low].serial == trace.serial { return low }
    }
    return nil
  }
}
