import CKernels

extension Ops {
  /// Graves et al., "Connectionist temporal classification", 2006.
  public static let ctcLoss: Op = Op(
    "ctc_loss",
    [
      OpParameter("log_probs", .tensor), OpParameter("targets", .tensor), OpParameter("input_lengths", .optionalTensor),
      OpParameter("target_lengths", .optionalTensor), reductionParameter,
      OpParameter("blank", .int, default: .int(0)),
      OpParameter("zero_infinity", .bool, default: .bool(false), isNamedOnly: true),
    ],
    doc:
      "-log of the probability that sequences of log-probabilities [batch, time, classes] say the labels in targets "
      + "[batch, labels], with `blank`s between them or not. Lengths are ints [batch], all of time and labels where not "
      + "given; what lies beyond is not read. Labels may also lie one after another, without gaps. \"mean\" divides each "
      + "loss by its number of labels, at least 1, before taking the mean. Labels that do not fit into the time give "
      + "infinity, or 0 with `zero_infinity`.",
    examples: [("ctc_loss(log_softmax(zeros(1, 2, 3)), [[1]])", "1.0986123")],
    domain: .cases([
      ([.floats([2, 5, 4]), .labels([2, 2], classes: 4), .absent, .absent], [.string("none")]),
      ([.floats([3, 6, 3]), .labels([3, 3], classes: 3), .absent, .absent], []),
      ([.floats([5, 3]), .labels([2], classes: 3), .absent, .absent], [.string("sum")]),
      (
        [.floats([2, 4, 3]), .labels([2, 2], classes: 3), .ints([2], below: 4), .ints([2], below: 2)],
        [.string("mean"), .int(0), .bool(true)]
      ),
    ]),
    gradient: .rule(saves: .inputs) { g in
      if g.inputs.contains(where: \.isMeta) { return try g.give(g.a) }
      let task = try Alignments(g.call)
      let counts = try g.engine.tensor(task.divisors(g.call), [task.count], dtype: g.dy.tensor.dtype)
      let weights = try g.dy.reshaped(to: Shape([g.dy.shape.elementCount])) / Term(tensor: counts, engine: g.engine)
      if g.engine.tape.activeMask == 0 {
        return try g.give(
          Term(
            tensor: g.engine.alignmentGradient(g.a.tensor, task, weights.tensor, zeroing: g.call.bool(2)),
            engine: g.engine))
      }
      // Somebody differentiates the gradient: it is taken of the loss as small ops compute it, which are recorded.
      let level = try g.engine.beginDifferentiation()
      defer { g.engine.endDifferentiation(level) }
      let leaf = Term(tensor: try g.engine.leaf(g.a.tensor, level), engine: g.engine)
      let total = try (leaf.alignmentLosses(task, zeroing: g.call.bool(2)) * weights).apply(sum)
      return TensorList(try g.engine.gradients(of: total.tensor, at: [leaf.tensor], level))
    },
    rule: { call in
      let logs = call[0].type
      guard logs.dtype.isFloat else { throw Mistakes.operandDType(call.op, logs, "log-probabilities") }
      guard logs.shape.rank == 2 || logs.shape.rank == 3 else { throw Mistakes.ctcRank(call.op, logs) }
      let isBatch = logs.shape.rank == 3
      let batch = isBatch ? try Shape([logs.shape[0]]) : Shape()
      let classes = logs.shape[logs.shape.rank - 1]
      let blank = try call.int(1)
      guard blank >= 0 && blank < classes else { throw Mistakes.ctcBlank(call.op, blank, classes) }
      for i in 1..<4 {
        guard let ids = call.inputs.optional(i) else { continue }
        let name = call.op.parameters[i].name
        guard ids.dtype.isInt else {
          throw Mistakes.operandDType(call.op, ids.type, "\(name) that are ints", operand: i)
        }
        if i > 1, ids.shape != batch { throw Mistakes.ctcLengths(call.op, name, ids.type, batch, operand: i) }
      }
      let targets = call[1].type
      let isDense = isBatch && targets.shape.rank == 1 && !call[3].isAbsent
      guard
        isDense || targets.shape.rank == batch.rank + 1 && targets.shape.first == (batch.first ?? targets.shape.first)
      else { throw Mistakes.ctcTargets(call.op, logs, targets) }
      return .one(logs.dtype, try reducedShape(call, batch))
    },
    kernel: { engine, call, types in
      let task = try Alignments(call)
      let losses = try engine.alignmentLosses(call[0], task, zeroing: call.bool(2))
      let type = TensorType(types.first.dtype, Shape())
      switch try call.string(0) {
      case "none": return TensorList(try engine.tensor(losses, Array(types.first.shape), dtype: types.first.dtype))
      default:
        let total = zip(losses, try task.divisors(call)).reduce(0) { $0 + $1.0 / $1.1 }
        return TensorList(try engine.full(type, losses.isEmpty && call.string(0) == "mean" ? .nan : total))
      }
    })
}

/// What is to be said in which time, as checked.
struct Alignments {
  /// The steps of each sequence that count, and where it begins among all steps.
  var steps: [Int] = []
  /// The labels of each sequence.
  var labels: [[Int]] = []
  let stepLimit: Int
  let classes: Int
  let blank: Int

  var count: Int { steps.count }

  /// - Throws: index and value errors that name length or label and its place.
  init(_ call: borrowing Call) throws {
    let (logs, targets) = (call[0], call[1])
    let rank = logs.rank
    let batch = rank == 3 ? logs.shape[0] : 1
    stepLimit = logs.shape[rank - 2]
    classes = logs.shape[rank - 1]
    blank = try call.int(1)
    let isDense = rank == 3 && targets.rank == 1
    let width = isDense ? targets.elementCount : targets.shape[targets.rank - 1]
    steps =
      try Alignments.lengths(call, 2, limit: stepLimit, "the steps of log_probs")
      ?? Array(repeating: stepLimit, count: batch)
    let counts =
      try Alignments.lengths(call, 3, limit: width, "the labels in targets") ?? Array(repeating: width, count: batch)
    let total = counts.reduce(0, +)
    if isDense, total != width { throw Mistakes.ctcDense(call.op, targets.type, total) }
    let all = targets.ints()
    var start = 0
    for (i, count) in counts.enumerated() {
      let from = isDense ? start : i * width
      for place in from..<from + count where all[place] < 0 || all[place] >= classes || all[place] == blank {
        throw Mistakes.ctcLabel(
          call.op, all[place], place: targets.shape.indices(of: place), classes: classes, blank: blank)
      }
      labels.append(Array(all[from..<from + count]))
      start += count
    }
  }

  private static func lengths(_ call: borrowing Call, _ i: Int, limit: Int, _ what: String) throws -> [Int]? {
    guard let tensor = call.inputs.optional(i) else { return nil }
    let lengths = tensor.ints()
    if let place = lengths.firstIndex(where: { $0 < 0 || $0 > limit }) {
      throw Mistakes.ctcLength(
        call.op, call.op.parameters[i].name, lengths[place], place: tensor.shape.indices(of: place), limit, what,
        operand: i)
    }
    return lengths
  }

  /// What each loss is divided by in the call's reduction.
  func divisors(_ call: borrowing Call) throws -> [Double] {
    guard try call.string(0) == "mean" else { return Array(repeating: 1, count: count) }
    return labels.map { Double(Swift.max($0.count, 1)) * Double(count) }
  }
}

extension Engine {
  // The bounds: lengths and labels have been checked against the log-probabilities, which are contiguous.

  /// The loss of each sequence.
  fileprivate func alignmentLosses(_ logs: Tensor, _ task: Alignments, zeroing: Bool) throws -> [Double] {
    try align(logs, task, into: nil, weights: nil, zeroing: zeroing)
  }

  /// The gradient of Σ weights · losses, where nobody differentiates it further.
  fileprivate func alignmentGradient(
    _ logs: Tensor, _ task: Alignments, _ weights: Tensor, zeroing: Bool
  ) throws -> Tensor {
    // Log-probabilities in bf16 are computed with as f32, as the engine does for kernels.
    let isHalf = logs.dtype == .bf16
    let gradient = try zeros(TensorType(isHalf ? .f32 : logs.dtype, logs.shape))
    _ = try align(isHalf ? cast(logs, to: .f32) : logs, task, into: gradient, weights: weights, zeroing: zeroing)
    return isHalf ? try cast(gradient, to: .bf16) : gradient
  }

  private func align(
    _ logs: Tensor, _ task: Alignments, into gradient: Tensor?, weights: Tensor?, zeroing: Bool
  ) throws -> [Double] {
    let logs = try contiguous(logs)
    let isDouble = logs.dtype == .f64
    var losses = [Double](repeating: 0, count: task.count)
    let longest = Swift.max(task.steps.max() ?? 0, 1)
    let most = task.labels.lazy.map(\.count).max() ?? 0
    let places = 2 * most + 3
    try charge(product: Engine.product(longest + 3, places, 16, Swift.max(task.count, 1)))
    let elements = nns_ctc_work(Int64(longest), Int64(most), gradient == nil ? 0 : 1)
    let storage = try Storage(byteCount: Engine.product(Int(elements), 8), pool: pool)
    let work = storage.base.assumingMemoryBound(to: Double.self)
    guard let source = logs.pointer else { return losses }
    let size = logs.dtype.byteSize
    for i in 0..<task.count {
      let start = i * task.stepLimit * task.classes * size
      let labels = task.labels[i].map(Int64.init)
      let (steps, classes, count, blank) = (task.steps[i], Int64(task.classes), Int64(labels.count), Int64(task.blank))
      let (single, double) = (
        (source + start).assumingMemoryBound(to: Float.self), (source + start).assumingMemoryBound(to: Double.self)
      )
      let keeps: Int32 = gradient == nil ? 0 : 1
      try inBlocks(Swift.max(steps, 1), of: 8 * places) { block in
        let (from, to) = (Int64(block.lowerBound), Int64(Swift.min(block.upperBound, steps)))
        losses[i] =
          isDouble
          ? nns_ctc_f64(double, from, to, classes, labels, count, blank, work, keeps)
          : nns_ctc_f32(single, from, to, classes, labels, count, blank, work, keeps)
      }
      let loss = losses[i]
      if zeroing, loss == .infinity { losses[i] = 0 }
      guard let out = gradient?.storage.map({ $0.base + start }), !(zeroing && loss == .infinity) else { continue }
      guard loss.isFinite else {
        for place in 0..<steps * task.classes {
          _ = Storage.write(.float(.nan), logs.dtype, to: out + place * size)
        }
        continue
      }
      let weight = weights?.element(at: i).double ?? 0
      try inBlocks(steps, of: 8 * places) { block in
        let (from, to) = (Int64(steps - block.upperBound), Int64(steps - block.lowerBound))
        if isDouble {
          nns_ctc_grad_f64(
            double, from, to, Int64(steps), classes, labels, count, blank, work, loss,
            out.assumingMemoryBound(to: Double.self), weight)
        } else {
          nns_ctc_grad_f32(
            single, from, to, Int64(steps), classes, labels, count, blank, work, loss,
            out.assumingMemoryBound(to: Float.self), weight)
        }
      }
    }
    return withExtendedLifetime((logs, storage)) { losses }
  }
}

extension Term {
  /// The losses of log-probabilities in small ops, one step after another; differentiable to any order.
  ///
  /// What cannot be reached has a very small probability instead of none, whose logarithm would have no gradient.
  fileprivate func alignmentLosses(_ task: Alignments, zeroing: Bool) throws -> Term {
    let never = -1e30
    let (batch, steps) = (task.count, task.stepLimit)
    let most = task.labels.lazy.map(\.count).max() ?? 0
    let places = 2 * most + 1
    let dtype = tensor.dtype
    func constant(_ values: [Double], _ shape: [Int]) throws -> Term {
      Term(tensor: try engine.tensor(values, shape, dtype: dtype), engine: engine)
    }
    var (ids, bars, ends) = ([Int](), [Double](), [Int]())
    for labels in task.labels {
      for place in 0..<places {
        let i = place / 2
        let isLabel = place % 2 == 1 && i < labels.count
        ids.append(isLabel ? labels[i] : task.blank)
        bars.append(isLabel && i > 0 && labels[i] != labels[i - 1] ? 0 : never)
      }
      ends += [2 * labels.count, Swift.max(2 * labels.count - 1, 0)]
    }
    let classes = Term(
      tensor: try engine.tensor(ids, [batch, 1, places]), engine: engine)
    let logs = try reshaped(to: Shape([batch, steps, task.classes])).apply(
      Ops.gather, classes.broadcast(to: Shape([batch, steps, places])), with: [.int(2)])
    let bar = try constant(bars, [batch, places])
    let edge = try constant(Array(repeating: never, count: 2 * batch), [batch, 2])
    var row = try constant((0..<batch * places).map { $0 % places == 0 ? 0 : never }, [batch, places])
    for t in 0..<steps {
      let wide = try edge.apply(Ops.concat, row, with: [.int(1)])
      let (one, two) = try (wide.slice(1, 1..<places + 1), wide.slice(1, 0..<places) + bar)
      let sum = try row.apply(Ops.stack, one, two, with: [.int(0)]).apply(Ops.logsumexp, with: [.int(0)])
      let next = try sum + logs.slice(1, t..<t + 1).reshaped(to: Shape([batch, places]))
      let isGoing = Term(tensor: try engine.tensor(task.steps.map { $0 > t }, [batch, 1]), engine: engine)
      row = try isGoing.apply(Ops.choose, next, row)
    }
    let last = Term(tensor: try engine.tensor(ends, [batch, 2]), engine: engine)
    let isThere = try constant(task.labels.flatMap { [0, $0.isEmpty ? never : 0] }, [batch, 2])
    let losses = try -(row.apply(Ops.gather, last, with: [.int(1)]) + isThere).apply(Ops.logsumexp, with: [.int(1)])
    guard zeroing else { return losses }
    return try losses.apply(Ops.less, losses.number(-never / 2)).apply(Ops.choose, losses, losses.number(0))
  }
}
