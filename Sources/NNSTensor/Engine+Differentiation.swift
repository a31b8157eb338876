/// One differentiation under way. They nest; the innermost ends first.
public struct Level: Sendable {
  let depth: Int
  let start: Int
  var bit: UInt64 { 1 << UInt64(depth) }
}

extension Engine {
  /// Begins a differentiation. Pair it with ``endDifferentiation(_:)``, also when an error is thrown.
  ///
  /// - Throws: a limit error beyond 60 nested ones.
  public func beginDifferentiation() throws -> Level {
    guard tape.depth < Tape.levelLimit else { throw Mistakes.tooManyLevels(Tape.levelLimit) }
    let level = Level(depth: tape.depth, start: tape.records.count)
    tape.depth += 1
    tape.activeMask |= level.bit
    tape.savingMask |= level.bit
    return level
  }

  /// Ends a differentiation. What it recorded is forgotten unless one further out needs it.
  public func endDifferentiation(_ level: Level) {
    guard level.depth < tape.depth else { return }
    tape.depth = level.depth
    tape.activeMask &= level.bit - 1
    tape.savingMask &= level.bit - 1
    guard isNeeded(from: level.start) else { return tape.truncate(to: level.start) }
    for i in level.start..<tape.records.count { tape.records[i].mask &= tape.activeMask }
  }

  /// Whether a differentiation under way depends on what was recorded from a position on.
  func isNeeded(from start: Int) -> Bool {
    guard tape.activeMask != 0 else { return false }
    for i in start..<tape.records.count where tape.records[i].mask & tape.activeMask != 0 { return true }
    return false
  }

  /// Something to differentiate by: the same value, whose uses are recorded from now on.
  ///
  /// For differentiations further out it is the same unknown as before.
  ///
  /// - Throws: a dtype error unless the elements are floats.
  public func leaf(_ x: Tensor, _ level: Level) throws -> Tensor {
    guard x.dtype.isFloat else { throw Mistakes.differentiatesInts(x.type) }
    let leaf = x.alias()
    leaf.origin = x.origin
    try tape.append(
      Ops.identity, mask: tape.mask(of: TensorList(x)) | level.bit, inputs: TensorList(x), outputs: TensorList(leaf),
      saves: [], attributes: [])
    return leaf
  }

  /// The same value as a constant.
  public func detached(_ x: Tensor) -> Tensor {
    guard x.trace.index >= 0 else { return x }
    let constant = x.alias()
    constant.origin = x.origin
    return constant
  }

  /// Whether a differentiation under way depends on it.
  public func isTracked(_ x: Tensor) -> Bool { tape.mask(of: x) & tape.activeMask != 0 }

  /// Whether operations on unknowns are being recorded.
  public var isRecording: Bool { tape.activeMask != 0 }

  /// Runs something whose operations the differentiations under way take for constant.
  public func unrecorded<Result>(_ body: () throws -> Result) rethrows -> Result {
    let (active, saving) = (tape.activeMask, tape.savingMask)
    (tape.activeMask, tape.savingMask) = (0, 0)
    defer { (tape.activeMask, tape.savingMask) = (active, saving) }
    return try body()
  }

  /// Ties values computed elsewhere to what they were computed from, by a gradient rule of one's own.
  ///
  /// - Parameter gradient: gets the outputs and their gradients, zeros where none came back, and gives those of the inputs,
  ///   nil for none. What it computes is recorded for differentiations further out.
  /// - Returns: the outputs, as they are to be used from here on.
  public func attach(
    _ outputs: [Tensor], to inputs: [Tensor],
    gradient: @escaping (_ outputs: [Tensor], _ upstream: [Tensor]) throws -> [Tensor?]
  ) throws -> [Tensor] {
    let sources = TensorList(inputs)
    let mask = tape.mask(of: sources)
    let values = outputs.map { aliased($0) }
    guard mask != 0 else { return values }
    let rule = Unchecked { [unowned self] upstream in
      try gradient(
        values,
        zip(values, upstream).map { y, dy in
          y.isWeak && !dy.isWeak ? try one(Ops.asNumber, TensorList(dy)) : dy
        })
    }
    let op = custom(
      "custom_gradient",
      .rule(saves: []) { g in
        TensorList(try rule.body((0..<g.outputCount).map { try g.dy($0).tensor }).map { $0 ?? .absent })
      })
    try tape.append(op, mask: mask, inputs: sources, outputs: TensorList(values), saves: [], attributes: [])
    return values
  }

  /// Runs something of which only the outputs are kept: for the gradient it is run again.
  ///
  /// - Parameter body: is given a test for what has been computed within, whose history ends with it.
  /// - Parameter again: does the same as `body`, on the same tensors, and gives outputs of the same types.
  /// - Returns: the outputs, as they are to be used from here on.
  public func replaying(
    _ body: (_ isWithin: (Tensor) -> Bool) throws -> [Tensor], again: @escaping () throws -> [Tensor]
  ) throws -> [Tensor] {
    let mark = tape.records.count
    let saving = tape.savingMask
    tape.savingMask = 0
    defer { tape.savingMask = saving }
    let outputs: [Tensor]
    do {
      outputs = try body { tape.index(of: $0).map { $0 >= mark } ?? false && isTracked($0) }
    } catch {
      tape.truncate(to: mark)
      throw error
    }
    let masks = outputs.map { tape.mask(of: $0) & tape.activeMask }
    let mask = masks.reduce(0, |)
    // Who depends on whom has been found out; it is recorded again on the way back.
    tape.truncate(to: mark)
    let values = outputs.map { aliased($0) }
    guard mask != 0 else { return values }
    let run = Unchecked { (_: [Tensor]) in try again() }
    try tape.append(
      custom("checkpoint", .replay { try run.body([]) }), mask: mask, inputs: TensorList(),
      outputs: TensorList(values), saves: [], attributes: [])
    for (i, mask) in masks.enumerated() { tape.records[mark + i].mask = mask }
    return values
  }

  private func aliased(_ x: Tensor) -> Tensor {
    let alias = x.alias()
    alias.origin = x.origin
    return alias
  }

  /// An op for one call.
  private func custom(_ name: String, _ gradient: Gradient) -> Op {
    Op(
      name, [], doc: "A gradient of one's own.", isHidden: true, gradient: gradient, rule: { _ in .many([]) },
      kernel: { _, call, _ in call.inputs })
  }

  /// A closure from the embedding language; the engine that calls it is used from one thread at a time.
  private struct Unchecked<Result>: @unchecked Sendable {
    let body: ([Tensor]) throws -> Result
    init(_ body: @escaping ([Tensor]) throws -> Result) { self.body = body }
  }
}
