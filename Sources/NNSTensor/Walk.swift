/// A backward pass under way.
private struct Walk {
  let level: Level
  /// Whether records let go of what they kept as soon as it has been used.
  let frees: Bool
  /// By position on the tape, from the level's start.
  var gradients: ContiguousArray<Tensor?>
  /// Positions that the walk has passed while something is being run again: nothing may come back there.
  var passed: [Range<Int>] = []

  /// The gradient that has come back to a position so far.
  subscript(position: Int) -> Tensor? {
    get { gradients[position - level.start] }
    set { gradients[position - level.start] = newValue }
  }

  /// Whether a gradient came back to any output of the op recorded at a position.
  func hasReached(_ index: Int, outputCount: Int) -> Bool {
    for i in 0..<outputCount where self[index + i] != nil { return true }
    return false
  }

  /// Makes room for as many records on the tape.
  mutating func resize(to count: Int) {
    let wanted = count - level.start
    if wanted < gradients.count {
      gradients.removeLast(gradients.count - wanted)
    } else {
      gradients.append(contentsOf: repeatElement(nil, count: wanted - gradients.count))
    }
  }
}

extension Engine {
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
    if upstream == nil, y.elementCount != 1 { throw Mistakes.gradientOfMany(y.type) }
    let upstream = try upstream ?? full(TensorType(y.dtype.fractional, y.shape), 1)
    return try gradients(of: [y], upstream: [upstream], at: leaves, level, retaining: retaining)
  }

  /// The gradients of Σ `upstream` · `outputs` at leaves of this level. Outputs without an upstream gradient count nothing.
  public func gradients(
    of outputs: [Tensor], upstream: [Tensor?], at leaves: [Tensor], _ level: Level, retaining: Bool = false
  ) throws -> [Tensor] {
    // A gradient is one step to who looks on.
    let (active, observer) = (tape.activeMask, observer)
    tape.activeMask &= ~level.bit
    if observer != nil { self.observer = nil }
    defer {
      tape.activeMask = active
      if observer != nil { self.observer = observer }
    }
    var walk = Walk(
      level: level, frees: tape.activeMask == 0 && !retaining && !detectsNaN,
      gradients: ContiguousArray(repeating: nil, count: Swift.max(tape.records.count - level.start, 0)))
    var last = -1
    for (y, upstream) in zip(outputs, upstream) {
      guard y.dtype.isFloat else { throw Mistakes.gradientOfInts(y.type) }
      guard let upstream else { continue }
      guard upstream.shape == y.shape else { throw Mistakes.upstreamShape(upstream.type, y.type) }
      if let position = try add(upstream, to: y, &walk) { last = Swift.max(last, position) }
    }
    if last >= 0 { try run(&walk, from: last, to: level.start) }
    return try leaves.map { leaf in
      var gradient: Tensor
      if let index = tape.index(of: leaf), index >= level.start, let found = walk[index] {
        gradient = found
      } else {
        gradient = try zeros(TensorType(leaf.dtype, leaf.shape))
      }
      if leaf.isWeak && !gradient.isWeak { gradient = try one(Ops.asNumber, TensorList(gradient)) }
      return gradient
    }
  }

  /// Adds to the gradient of a tensor; its position, where the level depends on it.
  private func add(_ upstream: Tensor, to y: Tensor, _ walk: inout Walk) throws -> Int? {
    guard let position = tape.index(of: y), position >= walk.level.start,
      tape.records[position].mask & walk.level.bit != 0
    else { return nil }
    try accumulate(upstream, at: position, &walk)
    return position
  }

  /// Goes from one position back to another.
  private func run(_ walk: inout Walk, from start: Int, to end: Int) throws {
    var index = start + 1
    while index > end {
      index -= 1
      let outputCount = Int(tape.records[index].outputCount)
      guard walk.hasReached(index, outputCount: outputCount) else { continue }
      let op = tape.records[index].op
      switch op.gradient {
      case .rule(let saves, let body): try step(op, at: index, saves, body, &walk)
      case .replay(let again): try replay(again, at: index, outputCount: outputCount, &walk)
      case .composed, .none, .refused: break
      }
    }
  }

  /// Asks one record's rule.
  private func step(
    _ op: Op, at index: Int, _ saves: Saves, _ body: Gradient.Body, _ walk: inout Walk
  ) throws {
    let (bit, start) = (walk.level.bit, walk.level.start)
    let (inputCount, outputCount) = (Int(tape.records[index].inputCount), Int(tape.records[index].outputCount))
    var saved = TensorList()
    if walk.frees { swap(&saved, &tape.records[index].saved) } else { saved = tape.records[index].saved }
    var needed: UInt64 = 0
    for i in 0..<inputCount {
      let position = tape.records[index].input(i)
      if position >= start, tape.records[position].mask & bit != 0 { needed |= 1 << UInt64(Swift.min(i, 63)) }
    }
    if needed == 0 { return }
    guard saves.rawValue == 0 || saved.count > 0 else { throw Mistakes.historyUsedUp() }
    var upstream = TensorList()
    for i in index..<index + outputCount {
      upstream.append(walk[i] ?? .absent)
      // A leaf's gradient is what the walk is for, also where the leaf stands for something further out.
      if op !== Ops.identity { walk[i] = nil }
    }
    let backward = Backward(
      engine: self, index: index, inputCount: inputCount, upstream: upstream, needed: needed,
      call: Call(op: op, inputs: saved, attributes: tape.records[index].attributes))
    let gradients = try detectsNaN ? inspected(body, backward) : body(backward)
    for i in 0..<Swift.min(inputCount, gradients.count) {
      let position = tape.records[index].input(i)
      guard position >= start, let gradient = gradients.optional(i) else { continue }
      if tape.records[position].mask & bit != 0 { try accumulate(gradient, at: position, &walk) }
    }
  }

  /// Runs again what was not kept, and walks back through that first.
  private func replay(
    _ again: () throws -> [Tensor], at index: Int, outputCount: Int, _ walk: inout Walk
  ) throws {
    let mark = tape.records.count
    let (active, saving) = (tape.activeMask, tape.savingMask)
    tape.activeMask |= walk.level.bit
    tape.savingMask |= walk.level.bit
    let outputs: [Tensor]
    do {
      defer { (tape.activeMask, tape.savingMask) = (active, saving) }
      outputs = try again()
    }
    walk.resize(to: tape.records.count)
    for (i, output) in outputs.enumerated() where i < outputCount {
      guard let upstream = walk[index + i] else { continue }
      walk[index + i] = nil
      _ = try add(upstream, to: output, &walk)
    }
    walk.passed.append(index..<mark)
    if tape.records.count > mark { try run(&walk, from: tape.records.count - 1, to: mark) }
    walk.passed.removeLast()
    walk.resize(to: mark)
    if !isNeeded(from: mark) { tape.truncate(to: mark) }
    if walk.frees { tape.records[index].op = Engine.usedUp }
  }

  /// Stands where something was run again for the last time.
  private static let usedUp = Op(
    "used_up", [], doc: "What has been run again.", isHidden: true,
    gradient: .replay { throw Mistakes.historyUsedUp() }, rule: { _ in .many([]) },
    kernel: { _, call, _ in call.inputs })

  /// Adds one contribution to a gradient: summed over the axes along which the input was broadcast, in its dtype.
  private func accumulate(_ contribution: Tensor, at position: Int, _ walk: inout Walk) throws {
    for passed in walk.passed where passed.contains(position) { throw Mistakes.replayReadsLater() }
    var gradient = contribution
    if !tape.records[position].hasShape(of: gradient) {
      gradient = try one(Ops.sumTo, TensorList(gradient), [.ints(Array(tape.records[position].type.shape))])
    }
    let dtype = tape.records[position].dtype
    if gradient.dtype != dtype { gradient = try one(Ops.cast, TensorList(gradient), [.dtype(dtype)]) }
    let slot = position - walk.level.start
    guard var total = walk.gradients[slot].take() else {
      walk.gradients[slot] = gradient
      return
    }
    try add(gradient, into: &total)
    walk.gradients[slot] = total
  }
}
