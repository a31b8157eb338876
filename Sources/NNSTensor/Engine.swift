import CKernels
import CThread
import Synchronization

/// What computes: memory, budget, tape and random numbers of one interpreter.
///
/// Used from one thread at a time. Tensors may go from engine to engine, their history does not.
public final class Engine: @unchecked Sendable {
  /// What the run may use.
  public let budget: Budget
  /// Whether every result is a meta tensor: rules run, kernels do not.
  @exclusivity(unchecked) public var computesShapesOnly = false {
    didSet { chooseWay() }
  }
  /// Whether the first op that makes a NaN or an infinity is an error, as is the first gradient.
  @exclusivity(unchecked) public var detectsNaN = false {
    didSet { chooseWay() }
  }
  /// What is told of every op that a script runs, after it ran.
  @exclusivity(unchecked) public var observer: ((Observation) -> Void)? {
    didSet { chooseWay() }
  }
  /// Whether ops may run by their quick loops.
  @exclusivity(unchecked) private(set) var takesShortcuts = true
  /// What was computed with shapes only, so far.
  @exclusivity(unchecked) public private(set) var effort = Effort()
  /// How many threads a large kernel may use, the caller's included: 1 to ``threadLimit``. Results do not depend on it.
  ///
  /// The others belong to the process: several engines share them, and they sleep when nothing is to do.
  public var threadCount: Int {
    get { threads }
    set { threads = Swift.min(Swift.max(newValue, 1), Engine.threadLimit) }
  }
  @exclusivity(unchecked) private var threads = 1
  /// The most threads that a kernel uses.
  public static let threadLimit = 256
  /// How many processors this process may run on.
  public static let processorCount = Int(nns_processor_count())
  let pool: Pool
  @exclusivity(unchecked) var tape: Tape
  @exclusivity(unchecked) var random = Philox(seed: 0)
  /// Where numbers from scripts wait for a kernel: two slots of one cache line each.
  let scratch: UnsafeMutableRawPointer

  private static let engineCount = Atomic<UInt64>(0)

  /// An engine with its own pool, tape and generator.
  public init(budget: Budget = Budget()) {
    self.budget = budget
    pool = Pool(budget: budget)
    tape = Tape(engine: Engine.engineCount.add(1, ordering: .relaxed).newValue)
    scratch = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 64)
  }

  deinit { scratch.deallocate() }

  private func chooseWay() { takesShortcuts = !computesShapesOnly && !detectsNaN && observer == nil }

  /// Does something to so many elements. Where they are many, denormal numbers count as zero meanwhile, which keeps late
  /// training at full speed; numbers of scripts keep them.
  ///
  /// The switch costs 20 ns, for it waits for what is under way: a tenth of an op on a few elements.
  @inline(__always)
  static func flushingDenormals<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
    guard count >= leastFlushed else { return try body() }
    let mode = nns_begin_flushing()
    defer { nns_end_flushing(mode) }
    return try body()
  }

  private static let leastFlushed = 256

  /// Bytes of tensors and of free memory kept for more.
  public var heldBytes: Int { budget.bytesInUse + pool.cachedBytes }

  /// Gives free memory back to the system.
  public func trim() {
    pool.trim()
    nns_trim_heap()
  }

  /// Starts the random numbers anew from a seed.
  public func seed(_ seed: UInt64) { random = Philox(seed: seed) }

  /// Runs an op: its rule, then its kernel, then the record of it where an input is being differentiated.
  ///
  /// Inputs are consumed, so that an update can happen in place when the caller gave up its reference.
  ///
  /// - Throws: what the rule finds wrong, limit errors, ``Interrupted``.
  public func apply(
    _ op: Op, _ inputs: consuming TensorList, _ attributes: [Attribute] = []
  ) throws -> TensorList {
    try settle(&inputs)
    if !takesShortcuts, observer != nil { return try observed(op, inputs, attributes) }
    let mask = tape.activeMask == 0 ? 0 : tape.mask(of: inputs)
    guard mask != 0, case .rule(let saves, _) = op.gradient else {
      if mask != 0, case .refused(let reason) = op.gradient { throw Mistakes.notDifferentiable(op, reason) }
      if let result = try quickly(op, inputs, attributes) { return TensorList(result) }
      if detectsNaN { return try inspected(op, inputs, attributes).dropping(last: op.extraOutputs) }
      var call = Call(op: op, inputs: inputs, attributes: attributes)
      return try compute(&call).dropping(last: op.extraOutputs)
    }
    if let result = try quickly(op, inputs, attributes) {
      let outputs = TensorList(result)
      try tape.append(op, mask: mask, inputs: inputs, outputs: outputs, saves: saves, attributes: attributes)
      return outputs
    }
    let outputs: TensorList
    if detectsNaN {
      outputs = try inspected(op, inputs, attributes)
    } else {
      var call = Call(op: op, inputs: copy inputs, attributes: attributes)
      outputs = try compute(&call)
    }
    try tape.append(
      op, mask: mask, inputs: inputs, outputs: outputs, saves: detectsNaN ? .everything : saves,
      attributes: attributes)
    return outputs.dropping(last: op.extraOutputs)
  }

  /// The only output of an op.
  func one(_ op: Op, _ inputs: consuming TensorList, _ attributes: [Attribute] = []) throws -> Tensor {
    try apply(op, inputs, attributes).first
  }

  /// Runs an optimizer's step on (p, g, state…), and puts the new p and state there: in place where nobody else holds
  /// them. Where it throws they are what they were.
  public func update(_ op: Op, _ inputs: inout TensorList, _ attributes: [Attribute]) throws {
    if detectsNaN || inputs.contains(where: { $0.dtype == .bf16 }) {
      let outputs = try apply(op, inputs, attributes)
      for i in outputs.indices { inputs[i == 0 ? 0 : i + 1] = outputs[i] }
      return
    }
    var call = Call(op: op, inputs: inputs, attributes: attributes)
    inputs = TensorList()
    defer { inputs = call.inputs }
    _ = try compute(&call)
  }

  func compute(_ call: inout Call) throws -> TensorList {
    let types = try call.op.rule(call)
    var hasMeta = computesShapesOnly
    var hasHalf = false
    for i in 0..<call.inputs.count {
      let input = call.inputs[i]
      hasMeta = hasMeta || input.isMeta
      hasHalf = hasHalf || input.dtype == .bf16
    }
    if hasMeta {
      if case .byData = types { throw UnknownShape() }
      effort += try Effort(call, types)
      return TensorList(types.all.map(Tensor.meta))
    }
    if !call.op.handlesHalf, hasHalf || types.first.dtype == .bf16 { return try computeThroughSingle(&call, types) }
    return try run(&call, types)
  }

  private func run(_ call: inout Call, _ types: OutputTypes) throws -> TensorList {
    var count = types.first.shape.elementCount
    if call.inputs.count > 0 { count = Swift.max(count, call.inputs[0].elementCount) }
    return try Engine.flushingDenormals(count) { try call.op.kernel(self, &call, types) }
  }

  /// bf16 tensors are stored as such but computed as f32.
  private func computeThroughSingle(_ call: inout Call, _ types: OutputTypes) throws -> TensorList {
    for i in 0..<call.inputs.count where call.inputs[i].dtype == .bf16 {
      call.inputs[i] = try cast(call.inputs[i], to: .f32)
    }
    let single = types.all.map { $0.dtype == .bf16 ? TensorType(.f32, $0.shape) : $0 }
    let outputs = try run(&call, single.count == 1 ? .one(single[0]) : .many(single))
    let wanted = types.all
    return TensorList(
      try outputs.indices.map { i in
        wanted[i].dtype == .bf16 ? try cast(outputs[i], to: .bf16) : outputs[i]
      })
  }
}
