import CKernels

extension Ops {
  static let picking: [Op] = [choose, cast, oneHot, embedding, gather, scatterAdd, take, tril, triu, diag, maskedFill]

  /// `where(cond, a, b)`
  public static let choose: Op = Op(
    "where", [OpParameter("condition", .tensor), OpParameter("a", .tensor), OpParameter("b", .tensor)],
    doc: "Elements of a where the condition is true, of b elsewhere; all broadcast.",
    examples: [("where([true, false], 1.0, [2.0, 3.0])", "[1.0, 3.0]")], quick: .choice,
    domain: .cases([
      ([.bools([3, 2]), .floats([3, 2]), .floats([2])], []), ([.bools([2]), .floats([3, 2]), .floats([])], []),
    ]),
    gradient: .rule(saves: [.a]) { g in
      let zero = g.a.number(0)
      return try g.give(nil, g.a.apply(choose, g.dy, zero), g.a.apply(choose, zero, g.dy))
    },
    rule: { call in
      guard call[0].dtype == .bool else {
        throw Mistakes.operandDType(call.op, call[0].type, "a condition of bools")
      }
      guard let both = try Shape.broadcast(call[1].shape, call[2].shape) else {
        throw Mistakes.broadcast(call.op, call[1].type, call[2].type, operands: [1, 2])
      }
      guard let shape = try Shape.broadcast(call[0].shape, both) else {
        throw Mistakes.broadcast(call.op, call[0].type, TensorType(call[1].dtype, both), operands: [0, 1])
      }
      let promoted = TensorType.promoted(call[1].type, call[2].type)
      let isNumber = promoted.isWeak && call[0].isWeak
      let dtype = promoted.isWeak && !isNumber && promoted.dtype.isFloat ? .f32 : promoted.dtype
      return .one(TensorType(dtype, shape, isWeak: isNumber))
    },
    kernel: { engine, call, types in TensorList(try engine.select(call[0], call[1], call[2], types.first)) })

  /// `x.to(dtype)`
  public static let cast: Op = Op(
    "to", [OpParameter("x", .tensor), OpParameter("dtype", .dtype)],
    doc: "The same values in another dtype. Floats are cut off towards 0; what does not fit is an error.",
    examples: [("[1.7, -1.7].to(\"i64\")", "[1, -1]")], handlesHalf: true,
    domain: .cases([([.floats([3])], [.dtype(.f64)])]),
    gradient: .rule(saves: .types) { g in
      try g.give(g.dy.apply(cast, with: [.dtype(g.type(0).dtype)]))
    },
    rule: { .one(try $0.dtype(0), $0[0].shape) },
    kernel: { engine, call, types in TensorList(try engine.copied(call[0], as: types.first.dtype)) })

  /// Rows of 0 with a 1.
  public static let oneHot: Op = Op(
    "one_hot", [OpParameter("ids", .tensor), OpParameter("n", .int)],
    doc: "For each id a row of n zeros with a 1 at the id, as f32.",
    examples: [("one_hot([1, 0], 3)", "[[0.0, 1.0, 0.0],\n [1.0, 0.0, 0.0]]")],
    gradient: .none("ids are ints"),
    rule: { call in
      guard call[0].dtype.isInt else { throw Mistakes.operandDType(call.op, call[0].type, "ids that are ints") }
      return .one(.f32, try Shape(Array(call[0].shape) + [call.int(0)]))
    },
    kernel: { engine, call, types in
      let result = try engine.zeros(types.first)
      let n = types.first.shape[types.first.shape.rank - 1]
      let ids = try engine.checkedIds(call[0], below: n, op: call.op)
      guard let out = result.storage?.base.assumingMemoryBound(to: Float.self), let id = ids.ints64 else {
        return TensorList(result)
      }
      try engine.inBlocks(ids.elementCount, of: 4) { rows in for row in rows { out[row * n + Int(id[row])] = 1 } }
      return withExtendedLifetime(ids) { TensorList(result) }
    })

  /// Rows of a table.
  public static let embedding: Op = Op(
    "embedding", [OpParameter("ids", .tensor), OpParameter("weight", .tensor)],
    doc: "The row of weight for each id.",
    examples: [("embedding([1, 0], [[1.0, 2.0], [3.0, 4.0]])", "[[3.0, 4.0],\n [1.0, 2.0]]")], handlesHalf: true,
    quick: .lookup, domain: .cases([([.ints([2, 3], below: 4), .floats([4, 2])], [])]),
    gradient: .rule(saves: [.a, .types]) { g in
      let table = try g.engine.one(
        unindex, TensorList(g.dy.tensor, g.a.tensor), [.ints([IndexCode.tensor]), .ints(Array(g.type(1).shape))])
      return try g.give(nil, Term(tensor: table, engine: g.engine))
    },
    rule: { call in
      guard call[0].dtype.isInt else { throw Mistakes.operandDType(call.op, call[0].type, "ids that are ints") }
      guard call[1].rank == 2 else { throw Mistakes.embeddingTable(call[1].type) }
      return .one(call[1].dtype, try Shape(Array(call[0].shape) + [call[1].shape[1]]))
    },
    kernel: { engine, call, types in
      _ = try engine.checkedIds(call[0], below: call[1].shape[0], op: call.op)
      let plan = try IndexPlan(call[1], [.tensor(call[0])], engine: engine)
      return TensorList(try engine.take(call[1], plan, types.first.shape))
    })

  /// Elements along an axis.
  public static let gather: Op = Op(
    "gather", [OpParameter("x", .tensor), OpParameter("axis", .axis), OpParameter("ids", .tensor)],
    doc: "For each id the element at that place along the axis; along the other axes ids are no larger than x.",
    examples: [("gather([[1, 2], [3, 4]], 1, [[1], [0]])", "[[2],\n [3]]")], handlesHalf: true, quick: .gathering,
    domain: .cases([
      ([.floats([3, 4]), .ints([3, 2], below: 4)], [.int(1)]),
      ([.floats([3, 4, 2]), .ints([2, 5, 1], below: 4)], [.int(1)]),
    ]),
    gradient: .rule(saves: [.b, .types]) { g in
      try g.give(g.engine.scattered(g.dy, g.b, along: g.shape.axis(g.call.int(0)), into: g.type(0)))
    },
    rule: { call in
      let axis = try call[0].shape.axis(call.int(0))
      try checkIds(call, axis)
      return .one(call[0].dtype, call[1].shape)
    },
    kernel: { engine, call, types in
      let axis = try call[0].shape.axis(call.int(0))
      let x = try engine.withStorage(call[0])
      let result = try engine.empty(types.first)
      let size = x.dtype.byteSize
      guard let out = result.storage?.base, let source = x.pointer else { return TensorList(result) }
      try engine.forEachRun(of: call[1], along: axis, in: x, call.op) { ids, run in
        nns_gather(
          out + run.out * size, source + run.a.start * size, Int64(run.a.step), ids, Int64(x.strides[axis]),
          Int64(run.count), Int32(size))
      }
      return withExtendedLifetime(x) { TensorList(result) }
    })

  /// Added at places along an axis.
  public static let scatterAdd: Op = Op(
    "scatter_add",
    [
      OpParameter("x", .tensor), OpParameter("axis", .axis), OpParameter("ids", .tensor),
      OpParameter("values", .tensor),
    ],
    doc: "x with values added at the places along the axis that ids name; several at one place add up.",
    examples: [("scatter_add([0, 0, 0], 0, [1, 1], [5, 6])", "[0, 11, 0]")],
    domain: .cases([
      ([.floats([3, 4]), .ints([3, 2], below: 4), .floats([3, 2])], [.int(1)]),
      ([.floats([3, 4]), .ints([5, 2], below: 3), .floats([5, 2])], [.int(0)]),
    ]),
    gradient: .rule(saves: [.b]) { g in
      try g.give(g.dy, nil, g.dy.apply(gather, g.b, with: [g.call.attribute(0)]))
    },
    rule: { call in
      let axis = try call[0].shape.axis(call.int(0))
      try checkIds(call, axis)
      guard call[2].shape == call[1].shape else {
        throw Mistakes.sameShape(call.op, call[1].type, call[2].type, [1, 2])
      }
      return .one(TensorType.promoted(call[0].type.counted, call[2].type.counted).dtype, call[0].shape)
    },
    kernel: { engine, call, types in
      let dtype = types.first.dtype
      let axis = try call[0].shape.axis(call.int(0))
      let wide: DType = dtype.isInt ? .i64 : dtype
      let result = try engine.copied(call[0], as: wide)
      let values = try engine.contiguous(engine.cast(call[2], to: wide))
      let size = wide.byteSize
      guard let out = result.storage?.base, let source = values.pointer else { return TensorList(result) }
      try engine.forEachRun(of: call[1], along: axis, in: result, call.op) { ids, run in
        let fault = nns_scatter_add(
          out + run.a.start * size, Int64(run.a.step), ids, Int64(result.strides[axis]), source + run.out * size,
          Int64(run.count), wide.c)
        if fault != NNS_OK { throw Mistakes.arithmetic(fault) }
      }
      return try withExtendedLifetime(values) { TensorList(try engine.cast(result, to: dtype)) }
    })

  private static func checkIds(_ call: borrowing Call, _ axis: Int) throws {
    let (x, ids) = (call[0], call[1])
    guard ids.dtype.isInt else { throw Mistakes.operandDType(call.op, ids.type, "ids that are ints", operand: 1) }
    guard ids.rank == x.rank, (0..<x.rank).allSatisfy({ $0 == axis || ids.shape[$0] <= x.shape[$0] }) else {
      throw Mistakes.idsShape(call.op, x.type, ids.type, axis)
    }
  }

  /// Elements at positions.
  public static let take: Op = Op(
    "take",
    [OpParameter("x", .tensor), OpParameter("ids", .tensor), OpParameter("axis", .axis, default: Attribute.none)],
    doc: "The elements at positions along an axis, or among all in row-major order; negative ones count from the end.",
    examples: [("take([5, 6, 7], [2, 0])", "[7, 5]"), ("take([[1, 2], [3, 4]], [1], axis: 1)", "[[2],\n [4]]")],
    handlesHalf: true,
    domain: .cases([
      ([.floats([3, 4]), .ints([2, 3], below: 12)], []), ([.floats([3, 4, 2]), .ints([5], below: 4)], [.int(1)]),
      ([.floats([3, 2]), .ints([], below: 2)], [.int(-1)]),
    ]),
    gradient: .rule(saves: [.b, .types]) { g in
      try g.give(g.putBack(g.b, g.call.optionalInt(0).map { try g.shape.axis($0) }))
    },
    rule: { call in
      guard call[1].dtype.isInt else {
        throw Mistakes.operandDType(call.op, call[1].type, "ids that are ints", operand: 1)
      }
      guard let axis = try call.optionalInt(0).map({ try call[0].shape.axis($0) }) else {
        return .one(call[0].dtype, call[1].shape)
      }
      let x = Array(call[0].shape)
      return .one(call[0].dtype, try Shape(x[..<axis] + Array(call[1].shape) + x[(axis + 1)...]))
    },
    kernel: { engine, call, types in
      let axis = try call.optionalInt(0).map { try call[0].shape.axis($0) }
      let x = axis == nil ? try engine.flat(call[0]) : call[0]
      let plan = try IndexPlan(x, picking(engine.withStorage(call[1]), axis ?? 0), engine: engine)
      return TensorList(try engine.take(x, plan, types.first.shape))
    })

  /// A vector as a diagonal, or a diagonal as a vector.
  public static let diag: Op = Op(
    "diag", [OpParameter("x", .tensor), OpParameter("diagonal", .int, default: .int(0))],
    doc: "The square matrix with a vector on a diagonal, or the diagonal of a matrix.",
    examples: [("diag([1, 2])", "[[1, 0],\n [0, 2]]"), ("diag([[1, 2], [3, 4]], 1)", "[2]")], handlesHalf: true,
    domain: .cases([
      ([.floats([3])], []), ([.floats([2])], [.int(-1)]), ([.floats([3, 4])], [.int(1)]),
      ([.floats([4, 2])], [.int(-1)]), ([.floats([3, 3])], []),
    ]),
    gradient: .rule(saves: .types) { g in
      let back = try g.dy.apply(diag, with: [g.call.attribute(0)])
      guard g.shape.rank == 2 else { return try g.give(back) }
      // The square matrix that the diagonal alone makes, cut or widened to x's shape.
      var (fitting, margins) = (back, [Int]())
      for axis in 0..<2 {
        let size = Swift.min(back.shape[axis], g.shape[axis])
        fitting = try fitting.slice(axis, 0..<size)
        margins += [0, g.shape[axis] - size]
      }
      return try g.give(fitting.apply(pad, with: [.ints(margins)]))
    },
    rule: { call in
      let (shape, diagonal) = (call[0].shape, try call.int(0))
      if shape.rank == 2 { return .one(call[0].dtype, try Shape([shape.diagonal(diagonal).count])) }
      guard shape.rank == 1 else { throw Mistakes.diagonalRank(call.op, call[0].type) }
      let (size, overflow) = shape[0].addingReportingOverflow(diagonal == .min ? .max : Swift.abs(diagonal))
      if overflow { throw Mistakes.tooManyElements(shape.sizes) }
      return .one(call[0].dtype, try Shape([size, size]))
    },
    kernel: { engine, call, types in
      let diagonal = try call.int(0)
      if call[0].rank == 2 { return TensorList(call[0].diagonal(diagonal)) }
      let result = try engine.zeros(types.first)
      try engine.write(engine.withStorage(call[0]), into: result.diagonal(diagonal))
      return TensorList(result)
    })

  /// Lower triangle.
  public static let tril: Op = triangle("tril", doc: "below", example: "[[1, 0],\n [3, 4]]", isLower: true)
  /// Upper triangle.
  public static let triu: Op = triangle("triu", doc: "above", example: "[[1, 2],\n [0, 4]]", isLower: false)

  private static func triangle(_ name: String, doc: String, example: String, isLower: Bool) -> Op {
    Op(
      name, [OpParameter("x", .tensor), OpParameter("diagonal", .int, default: .int(0))],
      doc: "The elements of the last two axes on and \(doc) a diagonal, zeros elsewhere.",
      examples: [("\(name)([[1, 2], [3, 4]])", example)], handlesHalf: true,
      domain: .cases([([.floats([2, 3, 4])], [.int(1)]), ([.floats([3, 3])], [])]),
      gradient: .rule(saves: []) { g in
        try g.give(g.dy.apply(isLower ? tril : triu, with: [g.call.attribute(0)]))
      },
      rule: { call in
        if call[0].rank < 2 { throw Mistakes.rankTooSmall(call.op, call[0].type, 2) }
        return .one(call[0].dtype, call[0].shape)
      },
      kernel: { engine, call, types in
        let result = try engine.copied(call[0], as: types.first.dtype)
        try engine.clear(result, above: isLower, diagonal: call.int(0))
        return TensorList(result)
      })
  }

  /// A number where a mask is true.
  public static let maskedFill: Op = Op(
    "masked_fill", [OpParameter("x", .tensor), OpParameter("mask", .tensor), OpParameter("value", .tensor)],
    doc: "x with a value wherever the mask, which broadcasts, is true.",
    examples: [("masked_fill([1.0, 2.0], [true, false], 0)", "[0.0, 2.0]")],
    domain: .cases([([.floats([3, 2]), .bools([2]), .floats([])], [])]),
    gradient: .rule(saves: [.b]) { g in
      let zero = g.b.number(0)
      return try g.give(g.b.apply(choose, zero, g.dy), nil, g.b.apply(choose, g.dy, zero))
    },
    rule: { call in
      guard call[1].dtype == .bool else {
        throw Mistakes.operandDType(call.op, call[1].type, "a mask of bools", operand: 1)
      }
      for i in 1..<3 where try Shape.broadcast(call[0].shape, call[i].shape) != call[0].shape {
        throw Mistakes.broadcast(call.op, call[0].type, call[i].type, operands: [0, i])
      }
      if call[2].dtype.isFloat && !call[0].dtype.isFloat { throw Mistakes.assignsFloats(call[2].type, call[0].type) }
      return .one(call[0].dtype, call[0].shape)
    },
    kernel: { engine, call, types in TensorList(try engine.select(call[1], call[2], call[0], types.first)) })
}

extension Engine {
  /// Ids as `i64` without gaps, all known to be from 0 up to a bound, or the one that is let through.
  ///
  /// - Throws: an index error about the first that is not; `mistake` gets the id and its place.
  func checkedIds(
    _ ids: Tensor, below bound: Int, except ignored: Int? = nil, op: Op,
    mistake: (Int, [Int]) -> TensorError
  ) throws -> Tensor {
    let ids = try contiguous(cast(ids, to: .i64))
    guard let values = ids.ints64 else { return ids }
    try budget.charge(work: ids.elementCount)
    try inBlocks(ids.elementCount, of: 1) { block in
      for i in block where values[i] < 0 || values[i] >= bound {
        let id = Int(values[i])
        if id != ignored { throw mistake(id, ids.shape.indices(of: i)) }
      }
    }
    return ids
  }

  /// Ids as `i64` without gaps, all known to be from 0 up to a bound.
  ///
  /// - Throws: an index error that names the id, its place and the bound.
  func checkedIds(_ ids: Tensor, below bound: Int, op: Op) throws -> Tensor {
    try checkedIds(ids, below: bound, op: op) { Mistakes.idOutOfRange(op, $0, place: $1, bound: bound) }
  }
}

extension Tensor {
  /// The elements of an `i64` tensor without gaps.
  var ints64: UnsafePointer<Int64>? { pointer?.assumingMemoryBound(to: Int64.self) }
}

extension Engine {
  /// Zeros with values added at the places that ids mean along an axis.
  func scattered(_ values: Term, _ ids: Term, along axis: Int, into type: TensorType) throws -> Term {
    if type.shape.rank == 1 {
      return try values.apply(Ops.unindex, ids, with: [Engine.rows, .ints(Array(type.shape))])
    }
    return try Term(tensor: zeros(type), engine: self).apply(Ops.scatterAdd, ids, values, with: [.int(axis)])
  }

  // The bounds: ids are checked against the size along the axis, the rule has checked that they are no larger than x along
  // the others.

  /// Calls `body` for each run of ids in row-major order, with where x's elements of id 0 lie.
  fileprivate func forEachRun(
    of ids: Tensor, along axis: Int, in x: Tensor, _ op: Op, _ body: (UnsafePointer<Int64>, Loops.Run) throws -> Void
  ) throws {
    let values = try checkedIds(ids, below: x.shape[axis], op: op)
    var steps = x.strides
    steps[axis] = 0
    guard let base = values.ints64 else { return }
    try Loops(ids.shape, steps).forEachRun(budget) { run in try body(base + run.out, run) }
    withExtendedLifetime(values) {}
  }
}

extension Shape {
  /// Where a diagonal of a matrix begins, and how long it is.
  fileprivate func diagonal(_ k: Int) -> (row: Int, column: Int, count: Int) {
    if k >= 0 {
      return k >= self[1] ? (0, 0, 0) : (0, k, Swift.min(self[0], self[1] - k))
    }
    return k <= -self[0] ? (0, 0, 0) : (-k, 0, Swift.min(self[0] + k, self[1]))
  }
}

extension Tensor {
  /// A diagonal of a matrix; a view.
  fileprivate func diagonal(_ k: Int) -> Tensor {
    let (row, column, count) = shape.diagonal(k)
    return view(
      Shape(proven: Axes(repeating: count, count: 1)), strides: Axes([strides[0] + strides[1]]),
      offset: offset + row * strides[0] + column * strides[1])
  }
}

extension Shape {
  /// The index along each axis of a row-major position.
  func indices(of position: Int) -> [Int] {
    let steps = contiguousStrides
    return (0..<rank).map { position / steps[$0] % Swift.max(self[$0], 1) }
  }
}
