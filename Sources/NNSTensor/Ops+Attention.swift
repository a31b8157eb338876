import CKernels

extension Ops {
  /// Vaswani et al., "Attention is all you need", 2017. What dropout multiplied the probabilities with is kept as a further
  /// output for the gradient. The probabilities are not: they are made again, as in Dao et al., "FlashAttention", 2022.
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
    examples: [("attention([[1.0]], [[1.0], [1.0]], [[2.0], [4.0]])", "[[3.0]]")], isMethod: false, extraOutputs: 1,
    domain: .cases([
      ([.floats([3, 2]), .floats([4, 2]), .floats([4, 3]), .absent], []),
      ([.floats([2, 3, 2]), .floats([2, 3, 2]), .floats([2, 3, 2]), .absent], [.bool(true)]),
      ([.floats([2, 2, 3, 2]), .floats([2, 2, 4, 2]), .floats([2, 2, 4, 1]), .bools([2, 1, 3, 4])], []),
      ([.floats([2, 3, 2]), .floats([4, 2]), .floats([1, 4, 2]), .bools([4])], []),
      ([.floats([2, 3, 2]), .floats([4, 2]), .floats([4, 1]), .bools([3, 4])], [.bool(true)]),
    ]),
    multiplyAdds: { call, _ in
      let width = (call[0].shape.last ?? 0) + (call[2].shape.last ?? 0)
      return Engine.product(try Attending(call).scores.elementCount, width)
    },
    gradient: .rule(saves: [.a, .b, .c, .d, .y1]) { g in
      let (mask, factors) = (g.inputs.optional(3), try g.call.number(1) > 0 ? g.y1 : nil)
      if g.engine.tape.activeMask == 0 {
        return try g.engine.apply(
          attentionGrad,
          [g.a.tensor, g.b.tensor, g.c.tensor, mask ?? .absent, factors?.tensor ?? .absent, g.dy.tensor],
          [g.call.attribute(0)])
      }
      let scale = 1 / Double(Swift.max(g.a.shape.last ?? 1, 1)).squareRoot()
      let places = try g.places(mask)
      var probabilities = try (g.a.apply(matmul, g.b.transposed()) * scale)
      // Rows in which nothing takes part would be NaN from infinities.
      if let places { probabilities = try probabilities.apply(maskedFill, places, g.a.number(-1e30)) }
      probabilities = try probabilities.apply(softmax)
      if let places { probabilities = try probabilities.apply(maskedFill, places, g.a.number(0)) }
      var (upstream, weights) = (try g.dy.apply(matmul, g.c.transposed()), probabilities)
      if let factors { (upstream, weights) = (try upstream * factors, try weights * factors) }
      let scores = try upstream.apply(softmaxGrad, probabilities) * scale
      return try g.give(
        scores.apply(matmul, g.b), scores.transposed().apply(matmul, g.a), weights.transposed().apply(matmul, g.dy))
    },
    rule: { call in
      let plan = try Attending(call)
      let (p, dtype) = (try call.number(1), plan.dtype)
      guard p >= 0 && p <= 1 else { throw Mistakes.outside(call.op, "dropout", p, 0, 1) }
      return .many([TensorType(dtype, plan.result), TensorType(dtype, plan.scores)])
    },
    kernel: { engine, call, types in try engine.attend(call, Attending(call), types) })

  /// The gradients of q, k and v, where nobody differentiates them further.
  static let attentionGrad: Op = Op(
    "attention_grad",
    attention.parameters.prefix(4) + [
      OpParameter("factors", .optionalTensor), OpParameter("dy", .tensor), OpParameter("causal", .bool),
    ],
    doc: "A step of a gradient rule.", isHidden: true, gradient: .none("it is used in innermost gradients only"),
    rule: { call in
      let dtype = try Attending(call).dtype
      return .many((0..<3).map { TensorType(dtype, call[$0].shape) })
    },
    kernel: { engine, call, types in try engine.attendBack(call, Attending(call), types.all) })
}

/// What an attention works on: what its rule has checked.
private struct Attending {
  let dtype: DType
  /// The axes before the last two, all operands together.
  let batch: Shape
  let scores: Shape
  let result: Shape
  /// The sizes of q, k and v: [rows, width], [places, width], [places, values].
  let rows: Int
  let width: Int
  let places: Int
  let values: Int
  /// 1 / √width, for the scores.
  var scale: Double { 1 / Double(Swift.max(width, 1)).squareRoot() }
  /// What an entry of the batch costs, in elements of a loop; sixteen multiplications count for one.
  var work: Int { Engine.product(rows, places, width + values) / 16 }

  init(_ call: borrowing Call) throws {
    let (q, k, v) = (call[0].type, call[1].type, call[2].type)
    for i in 0..<3 where call[i].rank < 2 { throw Mistakes.attentionOperands(q, k, v) }
    (rows, width) = (q.shape[q.shape.rank - 2], q.shape.last ?? 0)
    (places, values) = (k.shape[k.shape.rank - 2], v.shape.last ?? 0)
    guard k.shape.last == width, v.shape[v.shape.rank - 2] == places else { throw Mistakes.attentionOperands(q, k, v) }
    var whole = q.shape.outer
    for shape in [k.shape.outer, v.shape.outer] {
      guard let next = try Shape.broadcast(whole, shape) else { throw Mistakes.attentionOperands(q, k, v) }
      whole = next
    }
    batch = whole
    scores = try Shape(Array(batch) + [rows, places])
    result = try Shape(Array(batch) + [rows, values])
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

extension Backward {
  /// The places that do not take part; nil where all do.
  fileprivate func places(_ mask: Tensor?) throws -> Term? {
    var taking = mask.map { Term(tensor: $0, engine: engine) }
    if try call.bool(0) {
      let sizes = [a.shape[a.shape.rank - 2], b.shape[b.shape.rank - 2]]
      let ones = try engine.full(TensorType(.bool, Shape(sizes)), .bool(true))
      let lower = Term(tensor: try engine.one(Ops.tril, TensorList(ones)), engine: engine)
      taking = try taking?.apply(Ops.and, lower) ?? lower
    }
    return try taking?.apply(Ops.not)
  }
}

extension Tensor {
  /// Strides of the axes before the last two, broadcast to a batch.
  fileprivate func outerStrides(_ batch: Shape) -> Axes {
    view(shape.outer, strides: Axes(strides.dropLast(2)), offset: offset).strides(broadcastTo: batch)
  }
}

/// q, k and v, with what says which places take part, as loops go through them.
private struct Attended {
  let plan: Attending
  let parts: [Tensor]
  let mask: Tensor?
  let isCausal: Bool
  /// How many rows of scores are made, turned into probabilities and used up together.
  let step: Int
  private let flags: Axes
  private let outer: [Axes]

  init(_ call: borrowing Call, _ plan: Attending, _ engine: Engine) throws {
    self.plan = plan
    parts = try (0..<3).map { i in
      let x = try engine.cast(call[i], to: plan.dtype)
      return x.strides[x.rank - 1] == 1 && x.strides[x.rank - 2] >= Swift.max(x.shape[x.rank - 1], 1)
        ? x : try engine.contiguous(x)
    }
    mask = try call.inputs.optional(3).map { try engine.withStorage($0) }
    isCausal = try call.bool(0)
    step = Swift.min(
      Attended.rows, Swift.max(engine.longestRow / Swift.max(plan.places, 1), 1), Swift.max(plan.rows, 1))
    flags = mask?.strides(broadcastTo: plan.scores) ?? Axes(repeating: 0, count: plan.scores.rank)
    outer = parts.map { $0.outerStrides(plan.batch) }
  }

  private static let rows = 64

  /// Where the matrix of a part is, for an entry of the batch.
  func matrix(_ part: Int, _ image: Int) -> Engine.Stored? {
    let x = parts[part]
    return x.pointer.map {
      Engine.Stored(
        $0 + plan.batch.distance(to: image, outer[part]) * plan.dtype.byteSize,
        lead: Swift.max(x.strides[x.rank - 2], x.shape[x.rank - 1], 1))
    }
  }

  /// Calls `body` for some rows after another: which, and at how many places they look at most.
  func forEachBlock(_ body: (Range<Int>, _ places: Int) throws -> Void) rethrows {
    for row in stride(from: 0, to: plan.rows, by: step) {
      let rows = row..<Swift.min(row + step, plan.rows)
      try body(rows, isCausal ? Swift.min(plan.places, rows.upperBound) : plan.places)
    }
  }

  /// Puts the probabilities of some rows, at so many places, into a buffer.
  func probabilities(
    _ engine: Engine, _ q: Engine.Stored, _ k: Engine.Stored, image: Int, _ rows: Range<Int>, _ places: Int,
    into scores: UnsafeMutableRawPointer
  ) throws {
    try engine.multiply(
      plan.dtype, q.row(rows.lowerBound, plan.dtype), Engine.Stored(k.base, lead: k.lead, isTransposed: true),
      into: (scores, places), m: rows.count, n: places, k: plan.width, adding: false)
    let rank = plan.scores.rank
    let start = mask?.pointer.map {
      ($0 + plan.batch.distance(to: image, flags) + rows.lowerBound * flags[rank - 2]).assumingMemoryBound(
        to: UInt8.self)
    }
    let limit = Int64(isCausal ? rows.lowerBound + 1 : -1)
    let (rowStride, stride) = (Int64(flags[rank - 2]), Int64(flags[rank - 1]))
    if plan.dtype == .f64 {
      nns_attention_f64(
        scores.assumingMemoryBound(to: Double.self), Int64(rows.count), Int64(places), plan.scale, limit, start,
        rowStride, stride)
    } else {
      nns_attention_f32(
        scores.assumingMemoryBound(to: Float.self), Int64(rows.count), Int64(places), plan.scale, limit, start,
        rowStride, stride)
    }
  }

  /// Multiplies what stands in a buffer of some rows by dropout's factors.
  func drop(
    _ buffer: UnsafeMutableRawPointer, by factors: Tensor?, image: Int, _ rows: Range<Int>, _ places: Int,
    into out: UnsafeMutableRawPointer
  ) {
    let (dtype, size) = (plan.dtype, plan.dtype.byteSize)
    guard let base = factors?.pointer, let times = nns_binary_kernel(NNS_MUL, dtype.c) else { return }
    for (i, row) in rows.enumerated() {
      let factor = base + (image * plan.rows + row) * plan.places * size
      _ = times(out + i * places * size, buffer + i * places * size, 1, factor, 1, Int64(places))
    }
  }
}

extension Engine.Stored {
  /// The rows from one on.
  fileprivate func row(_ row: Int, _ dtype: DType) -> Engine.Stored {
    Engine.Stored(base + row * lead * dtype.byteSize, lead: lead)
  }
}

extension Engine {
  // The bounds: q, k and v have rows without gaps; their strides stay within their storage, the mask's within its own; results
  // and dy are contiguous; buffers have room for `step` rows of scores.

  /// softmax(q · kᵀ / √D) · v, some rows at a time.
  fileprivate func attend(_ call: borrowing Call, _ plan: Attending, _ types: OutputTypes) throws -> TensorList {
    let (dtype, size, dropout) = (plan.dtype, plan.dtype.byteSize, try call.number(1))
    let given = try Attended(call, plan, self)
    try charge(product: Engine.product(plan.scores.elementCount, plan.width + plan.values + 8))
    let result = try zeros(types.first)
    let factors = dropout > 0 ? try dropoutFactors(types.all[1], dropout) : nil
    if plan.scores.elementCount > 0, plan.values > 0, let out = result.storage?.base {
      try share(plan.batch.elementCount, of: plan.work) { images in
        let scratch = try empty(TensorType(dtype, Shape([given.step, plan.places])))
        guard let buffer = scratch.storage?.base else { return }
        for image in images {
          guard let q = given.matrix(0, image), let k = given.matrix(1, image), let v = given.matrix(2, image) else {
            return
          }
          try given.forEachBlock { rows, places in
            try given.probabilities(self, q, k, image: image, rows, places, into: buffer)
            given.drop(buffer, by: factors, image: image, rows, places, into: buffer)
            try multiply(
              dtype, Stored(buffer, lead: places), v,
              into: (out + (image * plan.rows + rows.lowerBound) * plan.values * size, plan.values), m: rows.count,
              n: plan.values, k: places, adding: false)
          }
        }
        withExtendedLifetime(scratch) {}
      }
    }
    return withExtendedLifetime(given) { TensorList(result, factors ?? .absent) }
  }

  /// With P the probabilities, D dropout's factors and dP = D · dy · vᵀ: dv = (D · P)ᵀ · dy, and from
  /// dS = P · (dP - Σ dP · P) / √D come dq = dS · k and dk = dSᵀ · q.
  fileprivate func attendBack(_ call: borrowing Call, _ plan: Attending, _ types: [TensorType]) throws -> TensorList {
    let (dtype, size) = (plan.dtype, plan.dtype.byteSize)
    let given = try Attended(call, plan, self)
    try charge(product: Engine.product(plan.scores.elementCount, 2 * plan.width + 3 * plan.values + 16))
    let factors = try call.inputs.optional(4).map { try contiguous(cast($0, to: dtype)) }
    let dy = try contiguous(cast(call[5], to: dtype))
    let results = try types.map { try zeros($0) }
    let targets = results.compactMap { $0.storage?.base }
    guard plan.scores.elementCount > 0, plan.width > 0 || plan.values > 0, let upstream = dy.pointer,
      targets.count == 3
    else { return TensorList(results) }
    let outer = results.map { $0.outerStrides(plan.batch) }
    func back(_ images: Range<Int>) throws {
      let scratch = try (0..<3).map { _ in try empty(TensorType(dtype, Shape([given.step, plan.places]))) }
      let buffers = scratch.compactMap { $0.storage?.base }
      guard buffers.count == 3 else { return }
      for image in images {
        guard let q = given.matrix(0, image), let k = given.matrix(1, image), let v = given.matrix(2, image) else {
          return
        }
        let into = (0..<3).map { targets[$0] + plan.batch.distance(to: image, outer[$0]) * size }
        try given.forEachBlock { rows, places in
          let (probabilities, scores) = (buffers[0], buffers[1])
          let weights = factors == nil ? probabilities : buffers[2]
          let dy = Stored(upstream + (image * plan.rows + rows.lowerBound) * plan.values * size, lead: plan.values)
          try given.probabilities(self, q, k, image: image, rows, places, into: probabilities)
          given.drop(probabilities, by: factors, image: image, rows, places, into: weights)
          try multiply(
            dtype, Stored(weights, lead: places, isTransposed: true), dy, into: (into[2], plan.values), m: places,
            n: plan.values, k: rows.count, adding: true)
          try multiply(
            dtype, dy, Stored(v.base, lead: v.lead, isTransposed: true), into: (scores, places), m: rows.count,
            n: places, k: plan.values, adding: false)
          given.drop(scores, by: factors, image: image, rows, places, into: scores)
          if dtype == .f64 {
            nns_attention_back_f64(
              scores.assumingMemoryBound(to: Double.self), probabilities.assumingMemoryBound(to: Double.self),
              Int64(rows.count), Int64(places), plan.scale)
          } else {
            nns_attention_back_f32(
              scores.assumingMemoryBound(to: Float.self), probabilities.assumingMemoryBound(to: Float.self),
              Int64(rows.count), Int64(places), plan.scale)
          }
          try multiply(
            dtype, Stored(scores, lead: places), k,
            into: (into[0] + rows.lowerBound * plan.width * size, plan.width), m: rows.count, n: plan.width, k: places,
            adding: true)
          try multiply(
            dtype, Stored(scores, lead: places, isTransposed: true), q.row(rows.lowerBound, dtype),
            into: (into[1], plan.width), m: places, n: plan.width, k: rows.count, adding: true)
        }
      }
      withExtendedLifetime(scratch) {}
    }
    // What is broadcast gets its gradient from several entries of the batch, one after the other.
    if results.allSatisfy({ $0.shape.outer == plan.batch }) {
      try share(plan.batch.elementCount, of: 2 * plan.work, back)
    } else {
      try back(0..<plan.batch.elementCount)
    }
    return withExtendedLifetime((given, dy, factors)) { TensorList(results) }
  }
}
