import CKernels

extension Ops {
  /// Vaswani et al., "Attention is all you need", 2017. The probabilities, and what dropout multiplied them with, are kept
  /// as further outputs for the gradient.
  public static let attention: Op = Op(
    "attention",
    [
      OpParameter("q", .tensor), OpParameter("k", .tensor), OpParameter("v", .tensor),
      OpParameter("mask", .optionalTensor), OpParameter("causal", .bool, default: .bool(false)),
      OpParameter("dropout", .number, default: .float(0)),
    ],
    doc:
      "softmax(q @ k.T / sqrt(D)) @ v for q [..., T, D], k [..., S, D] and v [..., S, E]. Where a mask [..., T, S] is "
      + "true takes part; `causal` leaves out the places after each row's own. Rows in which nothing takes part give zeros.",
    examples: [("attention([[1.0]], [[1.0], [1.0]], [[2.0], [4.0]])", "[[3.0]]")], isMethod: false, extraOutputs: 2,
    domain: .cases([
      ([.floats([3, 2]), .floats([4, 2]), .floats([4, 3]), .absent], []),
      ([.floats([2, 3, 2]), .floats([2, 3, 2]), .floats([2, 3, 2]), .absent], [.bool(true)]),
      ([.floats([2, 2, 3, 2]), .floats([2, 2, 4, 2]), .floats([2, 2, 4, 1]), .bools([2, 1, 3, 4])], []),
      ([.floats([2, 3, 2]), .floats([4, 2]), .floats([1, 4, 2]), .bools([4])], []),
    ]),
    gradient: .rule(saves: [.a, .b, .c, .y1, .y2]) { g in
      let scale = 1 / Double(Swift.max(g.a.shape.last ?? 1, 1)).squareRoot()
      let (probabilities, dy) = (g.y1, try g.dy)
      let hasDropout = try g.call.number(1) > 0
      var upstream = try dy.apply(matmul, g.c.transposed())
      if hasDropout { upstream = try upstream * g.y2 }
      if g.hasUpstream(1) { upstream = try upstream + g.dy(1) }
      let scores = try upstream.apply(softmaxGrad, probabilities) * scale
      let weights = hasDropout ? try probabilities * g.y2 : probabilities
      return try g.give(
        scores.apply(matmul, g.b), scores.transposed().apply(matmul, g.a), weights.transposed().apply(matmul, dy))
    },
    rule: { call in
      let plan = try Attending(call)
      let (p, dtype) = (try call.number(1), plan.dtype)
      guard p >= 0 && p <= 1 else { throw Mistakes.outside(call.op, "dropout", p, 0, 1) }
      return .many([
        TensorType(dtype, plan.result), TensorType(dtype, plan.scores), TensorType(dtype, plan.scores),
      ])
    },
    kernel: { engine, call, types in try engine.attend(call, Attending(call), types) })
}

/// What an attention works on: what its rule has checked.
private struct Attending {
  let dtype: DType
  /// The axes before the last two, all operands together.
  let batch: Shape
  let scores: Shape
  let result: Shape

  init(_ call: borrowing Call) throws {
    let (q, k, v) = (call[0].type, call[1].type, call[2].type)
    for i in 0..<3 where call[i].rank < 2 { throw Mistakes.attentionOperands(q, k, v) }
    let (rows, width, places) = (q.shape[q.shape.rank - 2], q.shape.last ?? 0, k.shape[k.shape.rank - 2])
    guard k.shape.last == width, v.shape[v.shape.rank - 2] == places else { throw Mistakes.attentionOperands(q, k, v) }
    var whole = q.shape.outer
    for shape in [k.shape.outer, v.shape.outer] {
      guard let next = try Shape.broadcast(whole, shape) else { throw Mistakes.attentionOperands(q, k, v) }
      whole = next
    }
    batch = whole
    scores = try Shape(Array(batch) + [rows, places])
    result = try Shape(Array(batch) + [rows, v.shape.last ?? 0])
    let joint = TensorType.promoted(TensorType(TensorType.promoted(q, k).dtype, Shape()), v)
    dtype = joint.dtype
    if !dtype.isFloat { throw Mistakes.operandDType(call.op, q, "floats") }
    if let mask = call.inputs.optional(3) {
      guard mask.dtype == .bool else { throw Mistakes.operandDType(call.op, mask.type, "a mask of bools", operand: 3) }
      guard try Shape.broadcast(mask.shape, scores) == scores else { throw Mistakes.attentionMask(mask.type, scores) }
    }
  }
}

extension Shape {
  /// All axes but the last two.
  fileprivate var outer: Shape { removing(rank - 1).removing(rank - 2) }
}

extension Tensor {
  /// Strides of the axes before the last two, broadcast to a batch.
  fileprivate func outerStrides(_ batch: Shape) -> Axes {
    view(shape.outer, strides: Axes(strides.dropLast(2)), offset: offset).strides(broadcastTo: batch)
  }
}

extension Engine {
  /// Rows of scores that are made, turned into probabilities and used up together.
  private static let attentionRows = 64

  // The bounds: q, k and v have rows without gaps; their strides stay within their storage, the mask's within its own; the
  // scores are `attentionRows` rows, or all of them where they are kept.

  /// softmax(q · kᵀ / √D) · v, some rows at a time.
  fileprivate func attend(_ call: borrowing Call, _ plan: Attending, _ types: OutputTypes) throws -> TensorList {
    let (type, dtype) = (types.first, types.first.dtype)
    let parts = try (0..<3).map { i in
      let x = try cast(call[i], to: dtype)
      return x.strides[x.rank - 1] == 1 && x.strides[x.rank - 2] >= Swift.max(x.shape[x.rank - 1], 1)
        ? x : try contiguous(x)
    }
    let (q, k, v) = (parts[0], parts[1], parts[2])
    let (rows, width, places, values) = (
      q.shape[q.rank - 2], q.shape[q.rank - 1], k.shape[k.rank - 2], v.shape[v.rank - 1]
    )
    try charge(product: Engine.product(plan.scores.elementCount, width + values + 8))
    let keeps = tape.savingMask != 0
    let (causal, dropout) = (try call.bool(0), try call.number(1))
    let result = try zeros(type)
    let kept = keeps ? try empty(types.all[1]) : Tensor.absent
    let factors = dropout > 0 ? try dropoutFactors(types.all[2], dropout) : Tensor.absent
    let step = Swift.min(
      Engine.attentionRows, Swift.max(longestRow / Swift.max(places, 1), 1), Swift.max(rows, 1))
    let scratch = try empty(TensorType(dtype, Shape([step, places])))
    let mask = try call.inputs.optional(3).map { try withStorage($0) }
    guard let out = result.storage?.base, let a = q.pointer, let b = k.pointer, let c = v.pointer,
      let buffer = scratch.storage?.base, plan.scores.elementCount > 0, values > 0
    else { return TensorList(result, kept, factors) }
    let flags = mask?.strides(broadcastTo: plan.scores) ?? Axes(repeating: 0, count: plan.scores.rank)
    let (size, rank, scale) = (dtype.byteSize, plan.scores.rank, 1 / Double(Swift.max(width, 1)).squareRoot())
    func one(_ image: Int, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeRawPointer) throws {
      for row in stride(from: 0, to: rows, by: step) {
        let count = Swift.min(step, rows - row)
        let place = (image * rows + row) * places
        let scores = kept.storage.map { $0.base + place * size } ?? buffer
        try multiply(
          dtype, Stored(a + row * q.strides[q.rank - 2] * size, lead: q.strides[q.rank - 2]),
          Stored(b, lead: k.strides[k.rank - 2], isTransposed: true),
          into: (scores, places), m: count, n: places, k: width, adding: false)
        let start = mask.flatMap { mask in
          mask.pointer.map {
            ($0 + plan.batch.distance(to: image, flags) + row * flags[rank - 2]).assumingMemoryBound(to: UInt8.self)
          }
        }
        let limit = Int64(causal ? row + 1 : -1)
        let (rowStride, stride) = (Int64(flags[rank - 2]), Int64(flags[rank - 1]))
        if dtype == .f64 {
          nns_attention_f64(
            scores.assumingMemoryBound(to: Double.self), Int64(count), Int64(places), scale, limit, start, rowStride,
            stride)
        } else {
          nns_attention_f32(
            scores.assumingMemoryBound(to: Float.self), Int64(count), Int64(places), scale, limit, start, rowStride,
            stride)
        }
        var used = UnsafeRawPointer(scores)
        if let factor = factors.storage, let times = nns_binary_kernel(NNS_MUL, dtype.c) {
          _ = times(buffer, scores, 1, factor.base + place * size, 1, Int64(count * places))
          used = UnsafeRawPointer(buffer)
        }
        try multiply(
          dtype, Stored(used, lead: places), Stored(c, lead: v.strides[v.rank - 2]),
          into: (out + (image * rows + row) * values * size, values), m: count, n: values, k: places, adding: false)
      }
    }
    let loops = Loops(
      plan.batch, q.outerStrides(plan.batch), k.outerStrides(plan.batch), v.outerStrides(plan.batch))
    try loops.forEachRun(budget) { run in
      for i in 0..<run.count {
        try one(
          run.out + i, a + (run.a.start + i * run.a.step) * size, b + (run.b.start + i * run.b.step) * size,
          c + (run.c.start + i * run.c.step) * size)
      }
    }
    return withExtendedLifetime((q, k, v, mask, scratch)) { TensorList(result, kept, factors) }
  }
}
