import NNSTensor

/// Memory outside the tensors' pool. What may be large is charged before it is taken; the rest is not counted piece by
/// piece: now and then the host measures what all of it has come to.
extension Context {
  /// Charges memory that a value is about to take.
  ///
  /// - Throws: a limit error where a limit or the machine does not have so much.
  func charge(bytes: Int) throws {
    // Much is asked of the machine first, for Swift's own memory ends the process where there is none.
    if bytes > limits.memory - engine.budget.bytesInUse || bytes > Context.probed && !Memory.has(bytes) {
      throw engine.budget.outOfMemory(asked: bytes)
    }
    if bytes > untilMeasured { try measure(asked: bytes) }
    untilMeasured &-= bytes
    // Large copies are work: a step for each item of a list.
    if bytes > 1 << 16 { try engine.budget.charge(work: bytes / MemoryLayout<Value>.stride) }
  }

  /// Charges the memory of the items of a list that is about to be made.
  ///
  /// - Throws: a limit error where a limit or the machine does not have so much.
  func charge(items count: Int) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
    try charge(bytes: overflow ? .max : bytes)
  }

  /// Takes note of memory that has been taken since the last measurement.
  @inline(__always)
  func note(taken bytes: Int) throws {
    untilMeasured &-= bytes
    if untilMeasured < 0 { try measure(asked: 0) }
  }

  /// Bytes that looking for garbage may take: what is left, or where that is little, a part of what the host keeps beside
  /// the limit.
  var memoryForCollecting: Int {
    max(limits.memory - (host.memoryInUse() ?? engine.budget.bytesInUse), limits.memory / 16)
  }

  /// Asks the host what the memory in use has come to.
  @inline(never)
  private func measure(asked: Int) throws {
    // What is on its way out would count, now less and now more.
    try Reaper.finish { try engine.budget.check() }
    guard var used = host.memoryInUse() else {
      untilMeasured = .max
      return
    }
    if asked > limits.memory - used {
      // What nobody needs is let go first.
      cycles.collect(room: memoryForCollecting)
      engine.trim()
      used = host.memoryInUse() ?? 0
      if asked > limits.memory - used {
        throw engine.budget.outOfMemory(asked: asked, used: used, limit: limits.memory)
      }
    }
    // What is asked for now may not be touched, and so not be measured, for a while.
    untilMeasured = asked + max(min(Context.measured, limits.memory / 64), (limits.memory - used - asked) / 4)
    // Tensors share the limit with all that is not theirs.
    engine.budget.byteLimit = limits.memory - max(0, used - engine.heldBytes)
  }

  /// The least bytes that may be taken between two measurements where much memory is allowed: few enough to stay within the
  /// limit, so many that measuring takes no time that could be noticed.
  static let measured = 16 << 20

  private static let probed = 64 << 20
}
