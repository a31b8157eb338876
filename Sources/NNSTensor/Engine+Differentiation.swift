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
    if tape.records.capacity == 0 { tape.records.reserveCapacity(256) }
    tape.depth += 1
    tape.activeMask |= level.bit
    return level
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

  /// Ties values computed elsewhere to what they were computed from, by a gradient rule of one's own.
  ///
  /// - Parameter gradient: gets the gradients of the outputs, zeros where none came back, and gives those of the inputs, nil
  ///   for none.
  /// - Returns: the outputs, as they are to be used from here on.
  public func attach(
    _ outputs: [Tensor], to inputs: [Tensor], gradient: @escaping ([Tensor]) throws -> [Tensor?]
  ) throws -> [Tensor] {
    let sources = TensorList(inputs)
    let mask = tape.mask(of: sources)
    let values = outputs.map { output in
      let value = output.alias()
      value.origin = output.origin
      return value
    }
    guard mask != 0 else { return values }
    let rule = UncheckedRule(gradient)
    let op = Op(
      "custom", [], doc: "A gradient of one's own.", isHidden: true,
      gradient: .rule(saves: []) { g in
        TensorList(try rule.body((0..<g.outputCount).map { try g.dy($0).tensor }).map { $0 ?? .absent })
      },
      rule: { _ in .many([]) }, kernel: { _, call, _ in call.inputs })
    try tape.append(op, mask: mask, inputs: sources, outputs: TensorList(values), saves: [], attributes: [])
    return values
  }

  /// A rule from the embedding language; the engine that calls it is used from one thread at a time.
  private struct UncheckedRule: @unchecked Sendable {
    let body: ([Tensor]) throws -> [Tensor?]
    init(_ body: @escaping ([Tensor]) throws -> [Tensor?]) { self.body = body }
  }

  /// Ends a differentiation. What it recorded is forgotten unless one further out needs it.
  public func endDifferentiation(_ level: Level) {
    guard level.depth < tape.depth else { return }
    tape.depth = level.depth
    tape.activeMask &= level.bit - 1
    let outer = tape.activeMask
    let isNeeded = outer != 0 && tape.records[level.start...].contains { $0.mask & outer != 0 }
    guard isNeeded else { return tape.truncate(to: level.start) }
    for i in level.start..<tape.records.count { tape.records[i].mask &= outer }
  }

  /// The gradients of `y` at leaves of this level; zeros where `y` does not depend on a leaf.
  ///
  /// Operations of the gradient rules are recorded for the levels further out, so gradients can be differentiated again.
  /// Unless `retaining`, what the records kept is let go on the way, and the walk cannot be done twice.
  ///
  /// - Parameter upstream: the gradient of something further on by `y`; of `y`'s shape. Needed unless `y` is one float.
  /// - Throws: a shape or dtype error unless `y` is one float, or `upstream` fits it.
  public func gradients(
    of y: Tensor, at leaves: [Tensor], _ level: Level, upstream: Tensor? = nil, retaining: Bool = false
  ) throws -> [Tensor] {
    guard y.dtype.isFloat else { throw Mistakes.gradientOfInts(y.type) }
    if let upstream {
      guard upstream.shape == y.shape else { throw Mistakes.upstreamShape(upstream.type, y.type) }
    } else if y.elementCount != 1 {
      throw Mistakes.gradientOfMany(y.type)
    }
    let active = tape.activeMask
    tape.activeMask &= ~level.bit
    defer { tape.activeMask = active }
    var walk = Walk(
      level: level, frees: tape.activeMask == 0 && !retaining,
      gradients: Array(repeating: nil, count: Swift.max(tape.records.count - level.start, 0)))
    if let start = tape.index(of: y), start >= level.start, tape.records[start].mask & level.bit != 0 {
      walk.gradients[start - level.start] = try upstream ?? full(TensorType(y.dtype, y.shape), 1)
      try run(&walk, from: start)
    }
    return try leaves.map { leaf in
      var gradient: Tensor
      if let index = tape.index(of: leaf), index >= level.start, let found = walk.gradients[index - level.start] {
        gradient = found
      } else {
        gradient = try zeros(TensorType(leaf.dtype, leaf.shape))
      }
      if leaf.isWeak && !gradient.isWeak { gradient = try one(Ops.asNumber, TensorList(gradient)) }
      return gradient
    }
  }

  /// A backward pass under way.
  private struct Walk {
    let level: Level
    let frees: Bool
    /// By position on the tape, from the level's start.
    var gradients: [Tensor?]

    /// Whether a gradient came back to any output of the op recorded at a position.
    func hasReached(_ index: Int, outputCount: Int) -> Bool {
      for i in 0..<outputCount where gradients[index - level.start + i] != nil { return true }
      return false
    }
  }

  private func run(_ walk: inout Walk, from start: Int) throws {
    var index = start + 1
    while index > walk.level.start {
      index -= 1
      let outputCount = Int(tape.records[index].outputCount)
      guard walk.hasReached(index, outputCount: outputCount) else { continue }
      let record = tape.records[index]
      guard case .rule(let saves, let body) = record.op.gradient else { continue }
      if walk.frees { tape.records[index].saved = TensorList() }
      var needed: UInt64 = 0
      for i in 0..<Int(record.inputCount) {
        let position = record.input(i)
        if position >= walk.level.start, tape.records[position].mask & walk.level.bit != 0 {
          needed |= 1 << UInt64(Swift.min(i, 63))
        }
      }
      if needed == 0 { continue }
      guard saves.rawValue == 0 || record.saved.count > 0 else { throw Mistakes.historyUsedUp() }
      var upstream = TensorList()
      for i in index..<index + outputCount {
        upstream.append(walk.gradients[i - walk.level.start] ?? .absent)
        // A leaf's gradient is what the walk is for, also where the leaf stands for something further out.
        if record.op !== Ops.identity { walk.gradients[i - walk.level.start] = nil }
      }
      let backward = Backward(
        engine: self, index: index, saved: record.saved, inputCount: Int(record.inputCount), upstream: upstream,
        needed: needed, call: Call(op: record.op, inputs: record.saved, attributes: record.attributes))
      let gradients = try body(backward)
      for i in 0..<Swift.min(Int(record.inputCount), gradients.count) {
        let position = record.input(i)
        guard position >= walk.level.start, let gradient = gradients.optional(i) else { continue }
        guard tape.records[position].mask & walk.level.bit != 0 else { continue }
        try accumulate(gradient, into: &walk.gradients[position - walk.level.start], tape.records[position].type)
      }
    }
  }

  /// Adds one contribution to a gradient: summed over the axes along which the input was broadcast, in its dtype.
  private func accumulate(_ contribution: Tensor, into sum: inout Tensor?, _ type: TensorType) throws {
    var gradient = contribution
    if gradient.shape != type.shape {
      gradient = try one(Ops.sumTo, TensorList(gradient), [.ints(Array(type.shape))])
    }
    if gradient.dtype != type.dtype { gradient = try one(Ops.cast, TensorList(gradient), [.dtype(type.dtype)]) }
    guard var total = sum.take() else {
      sum = gradient
      return
    }
    try add(gradient, into: &total)
    sum = total
  }
}
