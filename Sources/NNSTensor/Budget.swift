import Synchronization

/// What a run may use: steps, bytes, time; and the flag that stops it. Reaches every kernel.
///
/// Steps are charged from one thread at a time; bytes, ``check()`` and the cancel flag are safe from any.
public final class Budget: @unchecked Sendable {
  /// Steps left; one step is about one elementwise operation on one element.
  @exclusivity(unchecked) public var stepsLeft = Int.max
  /// The most bytes that live tensors may occupy together.
  @exclusivity(unchecked) public var byteLimit = Int.max
  /// Asked now and then; true means that the time is up.
  public var isOverdue: (@Sendable () -> Bool)?

  private let bytes = Atomic<Int>(0)
  private let peak = Atomic<Int>(0)
  /// How often it was asked to stop.
  private let cancellations = Atomic<Int>(0)
  private let patience = Atomic<Int>(0)
  /// Allocations until one is refused; none is while it is `Int.max`.
  private let untilRefusal = Atomic<Int>(.max)
  @exclusivity(unchecked) private var untilCheck = Budget.checkInterval
  private static let checkInterval = 1 << 18

  /// How much is done between two looks at flag and clock: some milliseconds each.
  struct Grain {
    /// Elements of one call of a loop, of which there are slow ones.
    var block = 1 << 18
    /// Multiplications of one call of BLAS.
    var panel = 1 << 28
    /// The same of ints, which have no BLAS.
    var intPanel = 1 << 22
  }

  /// A variable only so that tests can cut up what is short.
  @exclusivity(unchecked) var grain = Grain()

  /// Without limits.
  public init() {}

  /// Begins a run with so many steps and so much time, from now on.
  public func begin(steps: Int, time: Duration?) {
    stepsLeft = steps
    untilCheck = Budget.checkInterval
    isOverdue = time.map { time in
      let end = ContinuousClock.now + time
      return { ContinuousClock.now >= end }
    }
  }

  /// Bytes that live tensors occupy.
  public var bytesInUse: Int { bytes.load(ordering: .relaxed) }
  /// Bytes that there may be besides.
  public var bytesLeft: Int { Swift.max(0, byteLimit - bytesInUse) }
  /// The most bytes that were in use at once since the last ``resetPeak()``.
  public var peakBytes: Int { peak.load(ordering: .relaxed) }
  /// Starts measuring the peak anew.
  public func resetPeak() { peak.store(bytesInUse, ordering: .relaxed) }
  /// Counts a peak from before the last ``resetPeak()`` too.
  public func raisePeak(to bytes: Int) { peak.store(Swift.max(bytes, peakBytes), ordering: .relaxed) }

  /// Stops the run at its next check. From any thread, and from a signal handler.
  public func cancel() { cancellations.add(1, ordering: .relaxed) }
  /// Withdraws all cancellations, for the next run.
  public func resume() { cancellations.store(0, ordering: .relaxed) }
  /// Whether it was asked to stop.
  public var isCancelled: Bool { cancellations.load(ordering: .relaxed) > 0 }

  /// Does something that ends by itself once ``isCancelled``: the first cancellation does not stop it, a second one does.
  public func deferringCancellation<Result>(_ body: () throws -> Result) rethrows -> Result {
    patience.add(1, ordering: .relaxed)
    defer { patience.subtract(1, ordering: .relaxed) }
    return try body()
  }

  /// Whether something is under way that ends by itself.
  public var isDeferringCancellation: Bool { patience.load(ordering: .relaxed) > 0 }

  /// Charges work before it is done.
  ///
  /// - Throws: a limit error when steps or time are used up, ``Interrupted`` when cancelled.
  @inline(__always)
  public func charge(work: Int) throws {
    let (left, overflow) = stepsLeft.subtractingReportingOverflow(work)
    if left < 0 || overflow { throw outOfSteps() }
    stepsLeft = left
    try tick(work)
  }

  /// A huge op that cannot be paid for uses up what there was, so that nothing small runs after it.
  @inline(never)
  private func outOfSteps() -> any Error {
    stepsLeft = 0
    return Mistakes.outOfSteps()
  }

  /// Whether steps or time are used up, which ends a run for good.
  public var isSpent: Bool { stepsLeft <= 0 || isOverdue.map { $0() } ?? false }

  /// Tells of work under way that was charged as a whole before it began. From one thread at a time.
  ///
  /// - Throws: a limit error when the time is up, ``Interrupted`` when cancelled.
  @inline(__always)
  func tick(_ work: Int) throws {
    untilCheck &-= work
    if untilCheck < 0 {
      untilCheck = Budget.checkInterval
      try check()
    }
  }

  /// Asked from any thread.
  ///
  /// - Throws: a limit error when the time is up, ``Interrupted`` when cancelled.
  @inline(never)
  public func check() throws {
    let asked = cancellations.load(ordering: .relaxed)
    if asked > 0, asked > min(patience.load(ordering: .relaxed), 1) { throw Interrupted() }
    if let isOverdue, isOverdue() { throw Mistakes.outOfTime() }
  }

  /// Charges memory before it is taken.
  ///
  /// - Throws: a limit error that says how much was asked for.
  func charge(bytes count: Int) throws {
    if untilRefusal.load(ordering: .relaxed) != .max, untilRefusal.subtract(1, ordering: .relaxed).newValue == 0 {
      throw outOfMemory(asked: count)
    }
    let (_, now) = bytes.add(count, ordering: .relaxed)
    if now > byteLimit {
      bytes.subtract(count, ordering: .relaxed)
      throw Mistakes.outOfMemory(asked: count, limit: byteLimit, used: now - count)
    }
    if now > peak.load(ordering: .relaxed) { peak.store(now, ordering: .relaxed) }
  }

  /// What to throw where memory is asked for that there is not.
  ///
  /// - Parameters:
  ///   - asked: how many bytes; 0 where many small values have come to so much, `Int.max` for a number beyond ints.
  ///   - used: how many are in use; those of tensors where it is not given.
  public func outOfMemory(asked: Int, used: Int? = nil, limit: Int? = nil) -> any Error {
    Mistakes.outOfMemory(asked: asked, limit: limit ?? byteLimit, used: used ?? bytesInUse)
  }

  /// Refuses one allocation, so many from now on (1 is the next), as if memory had run out; `nil` refuses none. For tests.
  package func refuseAllocation(_ number: Int?) { untilRefusal.store(number ?? .max, ordering: .relaxed) }

  /// Whether an allocation has been refused since the last ``refuseAllocation(_:)``.
  package var hasRefused: Bool { untilRefusal.load(ordering: .relaxed) <= 0 }

  func release(bytes count: Int) { bytes.subtract(count, ordering: .relaxed) }
}
