import CKernels
import CThread
import Synchronization

extension Engine {
  /// Elements of one part of what several threads do, some tens of microseconds of a loop; of what is long, four times as
  /// many, for memory likes to be read far along.
  static let partWork = 1 << 16
  /// Elements for which it pays to wake another thread.
  static let leastShared = 1 << 19

  /// Calls `body` for ranges of rows, each of so many elements, one after the other, and asks the budget between them.
  func inBlocks(_ rows: Int, of count: Int, _ body: (Range<Int>) throws -> Void) throws {
    let step = Swift.max(budget.grain.block / Swift.max(count, 1), 1)
    for row in stride(from: 0, to: rows, by: step) {
      try budget.check()
      try body(row..<Swift.min(row + step, rows))
    }
  }

  /// Calls `body` for parts of [rows, width], each element of which costs so much, one after the other, and asks the budget
  /// between them.
  func inParts(rows: Int, width: Int, cost: Int, _ body: (nns_part) throws -> Void) throws {
    let rowCost = Engine.product(width, cost)
    if rowCost <= budget.grain.block {
      return try inBlocks(rows, of: rowCost) { try body(nns_part(rows: $0, columns: 0..<width)) }
    }
    for row in 0..<rows {
      try inBlocks(width, of: cost) { try body(nns_part(rows: row..<row + 1, columns: $0)) }
    }
  }

  /// Calls `body` for ranges of planes of [rows, width], or parts of one plane, on several threads where they are many.
  ///
  /// - Parameter isWhole: whether what `body` writes belongs to its planes but not to its part of them, so that one plane is
  ///   never worked on by two threads.
  func shareParts(
    planes: Int, rows: Int, width: Int, cost: Int, isWhole: Bool = false,
    _ body: (Range<Int>, nns_part) throws -> Void
  ) throws {
    let planeCost = Engine.product(rows, width, cost)
    let whole = nns_part(rows: 0..<rows, columns: 0..<width)
    if planeCost <= budget.grain.block { return try share(planes, of: planeCost) { try body($0, whole) } }
    if isWhole {
      return try share(planes, of: planeCost) { block in
        for plane in block {
          try inParts(rows: rows, width: width, cost: cost) { try body(plane..<plane + 1, $0) }
        }
      }
    }
    for plane in 0..<planes {
      if Engine.product(width, cost) <= budget.grain.block {
        try share(rows, of: width * cost) { try body(plane..<plane + 1, nns_part(rows: $0, columns: 0..<width)) }
      } else {
        for row in 0..<rows {
          try share(width, of: cost) { try body(plane..<plane + 1, nns_part(rows: row..<row + 1, columns: $0)) }
        }
      }
    }
  }

  /// The longest row that one call of a loop goes through.
  var longestRow: Int { 4 * budget.grain.block }

  /// Calls `body` for ranges of rows, each of so many elements, on several threads where they are many, and asks the budget
  /// between them.
  ///
  /// `body` writes only what belongs to its rows, and what it writes does not depend on how far its range goes. Of the
  /// engine it may use what makes tensors of undefined elements, and the budget's ``Budget/check()``.
  func share(_ rows: Int, of count: Int, _ body: (Range<Int>) throws -> Void) throws {
    let (work, overflow) = rows.multipliedReportingOverflow(by: Swift.max(count, 1))
    let part = Swift.min(Swift.max(work / (8 * threadCount), Engine.partWork), 4 * Engine.partWork)
    let step = Swift.max((overflow ? Engine.partWork : part) / Swift.max(count, 1), 1)
    guard threadCount > 1, rows > step, work >= Engine.leastShared || overflow else {
      return try inBlocks(rows, of: count, body)
    }
    try share(parts: (rows - 1) / step + 1) { part in try body(part * step..<Swift.min((part + 1) * step, rows)) }
  }

  /// Calls `body` for each part on up to ``threadCount`` threads, and asks the budget between them. A part is worth a
  /// thread's while, and writes nothing that another one reads or writes.
  func share(parts: Int, _ body: (Int) throws -> Void) throws {
    guard threadCount > 1, parts > 1 else {
      for part in 0..<parts {
        try budget.check()
        try body(part)
      }
      return
    }
    try withoutActuallyEscaping(body) { body in
      let work = SharedWork(budget, body)
      nns_share(
        Int64(parts), Int32(clamping: threadCount - 1),
        { context, part in
          guard let context else { return }
          Unmanaged<SharedWork>.fromOpaque(context).takeUnretainedValue().run(Int(part))
        }, Unmanaged.passUnretained(work).toOpaque())
      try work.finish()
    }
  }
}

extension nns_part {
  init(rows: Range<Int>, columns: Range<Int>) {
    self.init(
      from: Int64(rows.lowerBound), to: Int64(rows.upperBound), left: Int64(columns.lowerBound),
      right: Int64(columns.upperBound))
  }
}

/// Work under way on several threads: after one part has failed, those not yet begun are passed over.
private final class SharedWork {
  private let budget: Budget
  private let body: (Int) throws -> Void
  private let hasFailed = Atomic<Bool>(false)
  /// The error of the first part that has one, so that it does not depend on which thread was faster.
  /// Touched only under the lock while there are several threads.
  private var failure: (part: Int, error: any Error)?
  private static let lock = Lock()

  init(_ budget: Budget, _ body: @escaping (Int) throws -> Void) {
    self.budget = budget
    self.body = body
  }

  func run(_ part: Int) {
    if hasFailed.load(ordering: .relaxed) { return }
    do {
      try budget.check()
      try body(part)
    } catch {
      SharedWork.lock.withLock {
        if failure.map({ part < $0.part }) ?? true { failure = (part, error) }
      }
      hasFailed.store(true, ordering: .relaxed)
    }
  }

  /// Throws what has failed, once all threads are done.
  func finish() throws {
    if let failure { throw failure.error }
  }
}
