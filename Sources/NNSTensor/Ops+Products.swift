import CKernels

extension Ops {
  static let products: [Op] = [matmul, linear, dot, outer, einsum, attention]

  /// `a @ b`
  public static let matmul: Op = Op(
    "matmul", symbol: "@", [OpParameter("a", .tensor), OpParameter("b", .tensor)],
    doc: "The matrix product `a @ b`: the last two axes, batched over the others, which broadcast.",
    examples: [("[[1.0, 2.0]] @ [[3.0], [4.0]]", "[[11.0]]"), ("[1, 2] @ [3, 4]", "11")], isHidden: false,
    quick: .product,
    domain: .cases([
      ([.floats([2, 3]), .floats([3, 4])], []), ([.floats([3]), .floats([3])], []),
      ([.floats([3]), .floats([3, 2])], []), ([.floats([2, 3]), .floats([3])], []),
      ([.floats([2, 1, 2, 3]), .floats([4, 3, 2])], []), ([.floats([4, 2, 3]), .floats([3, 5])], []),
      ([.floats([2, 3]), .floats([4, 3, 2])], []), ([.floats([2, 4, 3]), .floats([3])], []),
      ([.floats([0, 3]), .floats([3, 2])], []), ([.floats([2, 0]), .floats([0, 2])], []),
      ([.floats([17, 33]), .floats([33, 20])], []),
    ]),
    multiplyAdds: { call, types in Engine.product(types.first.shape.elementCount, call[0].shape.last ?? 1) },
    gradient: .rule(saves: [.a, .b]) { g in
      let (a, b) = (g.a, g.b)
      switch (a.shape.rank, b.shape.rank) {
      case (1, 1): return try g.give(g.dy * b, g.dy * a)
      case (2, 1): return try g.give(g.dy.apply(outer, b), g.dy.apply(matmul, a))
      case (1, 2): return try g.give(b.apply(matmul, g.dy), a.apply(outer, g.dy))
      case (2, 2): return try g.give(g.dy.apply(matmul, b.transposed()), a.transposed().apply(matmul, g.dy))
      default: break
      }
      // Vectors as matrices of one row or column.
      let left = a.shape.rank == 1 ? try a.reshaped(to: Shape([1, a.shape[0]])) : a
      let right = b.shape.rank == 1 ? try b.reshaped(to: Shape([b.shape[0], 1])) : b
      let isOfVectors = a.shape.rank == 1 || b.shape.rank == 1
      let dy = isOfVectors ? try g.dy.reshaped(to: productShape(left.shape, right.shape)) : try g.dy
      if right.shape.rank == 2 && left.shape.rank > 2 {
        let count = left.shape.elementCount / Swift.max(left.shape[left.shape.rank - 1], 1)
        return try g.give(
          (dy.apply(matmul, right.transposed())).reshaped(to: a.shape),
          left.flattened(to: count).transposed().apply(matmul, dy.flattened(to: count)).reshaped(to: b.shape))
      }
      return try g.give(
        dy.apply(matmul, right.transposed()).summed(to: left.shape).reshaped(to: a.shape),
        left.transposed().apply(matmul, dy).summed(to: right.shape).reshaped(to: b.shape))
    },
    rule: { call in
      let (a, b) = (call[0].type, call[1].type)
      if a.shape.rank == 0 || b.shape.rank == 0 { throw Mistakes.productOfNumber(a, b) }
      let left = a.shape.rank == 1 ? try Shape([1, a.shape[0]]) : a.shape
      let right = b.shape.rank == 1 ? try Shape([b.shape[0], 1]) : b.shape
      guard left[left.rank - 1] == right[right.rank - 2] else { throw Mistakes.innerSizes(a, b) }
      guard let full = try productShapeIfAny(left, right) else { throw Mistakes.batchSizes(a, b) }
      var sizes = full.sizes
      if a.shape.rank == 1 { sizes.remove(at: full.rank - 2) }
      if b.shape.rank == 1 { sizes.remove(at: sizes.count - 1) }
      return .one(TensorType.promoted(a.counted, b.counted).dtype, Shape(proven: sizes))
    },
    kernel: { engine, call, types in
      let left = call[0].rank == 1 ? call[0].inserting(axis: 0) : call[0]
      let right = call[1].rank == 1 ? call[1].inserting(axis: 1) : call[1]
      let type = types.first
      if type.dtype.isFloat && call[0].rank > 1 && call[1].rank > 1 {
        return TensorList(try engine.product(left, right, type))
      }
      let isNarrow = type.dtype == .i32 || type.dtype == .u8
      let full = TensorType(isNarrow ? .i64 : type.dtype, try productShape(left.shape, right.shape))
      let product = try engine.product(left, right, full)
      let result = try engine.cast(product, to: type.dtype)
      return TensorList(result.view(type.shape))
    })

  /// x · wᵀ + b
  public static let linear: Op = Op(
    "linear", [OpParameter("x", .tensor), OpParameter("weight", .tensor), OpParameter("bias", .optionalTensor)],
    doc: "`x @ weight.T + bias`, where weight is [outputs, inputs].",
    examples: [("linear([1.0, 2.0], [[3.0, 4.0]], [5.0])", "[16.0]")],
    domain: .cases([
      ([.floats([4, 3]), .floats([2, 3]), .floats([2])], []), ([.floats([3]), .floats([2, 3]), .floats([2])], []),
      ([.floats([2, 4, 3]), .floats([2, 3]), .absent], []), ([.floats([0, 3]), .floats([2, 3]), .floats([2])], []),
    ]),
    multiplyAdds: { call, types in Engine.product(types.first.shape.elementCount, call[0].shape.last ?? 1) },
    gradient: .rule(saves: [.a, .b]) { g in
      let dy = try g.dy
      let count = dy.shape.elementCount / Swift.max(g.b.shape[0], 1)
      return try g.give(
        dy.apply(matmul, g.b), dy.flattened(to: count).transposed().apply(matmul, g.a.flattened(to: count)),
        dy.flattened(to: count).apply(sum, with: [.int(0)]))
    },
    rule: { call in
      let (x, w) = (call[0].type, call[1].type)
      guard w.shape.rank == 2 else { throw Mistakes.linearWeight(w) }
      guard x.shape.rank > 0, x.shape[x.shape.rank - 1] == w.shape[1] else { throw Mistakes.linearInputs(x, w) }
      if let bias = call.inputs.optional(2), bias.rank != 1 || bias.shape[0] != w.shape[0] {
        throw Mistakes.linearBias(bias.type, w)
      }
      let promoted = TensorType.promoted(x, w)
      if !promoted.dtype.isFloat { throw Mistakes.operandDType(call.op, x, "floats") }
      return .one(promoted.dtype, try x.shape.replacing(x.shape.rank - 1, with: w.shape[0]))
    },
    kernel: { engine, call, types in
      let x = call[0].rank == 1 ? call[0].inserting(axis: 0) : call[0]
      let w = call[1].permuted(Axes([1, 0]))
      let full = TensorType(types.first.dtype, try productShape(x.shape, w.shape))
      let result = try engine.product(x, w, full, bias: call.inputs.optional(2))
      return TensorList(result.view(types.first.shape))
    })

  /// Sum of products of two vectors.
  public static let dot: Op = Op(
    "dot", [OpParameter("a", .tensor), OpParameter("b", .tensor)], doc: "The sum of products of two vectors.",
    examples: [("dot([1.0, 2.0], [3.0, 4.0])", "11.0")],
    domain: .cases([([.floats([3]), .floats([3])], [])]), gradient: matmul.gradient,
    rule: { call in
      for i in 0..<2 where call[i].rank != 1 { throw Mistakes.needsVector(call.op, call[i].type, operand: i) }
      return try matmul.rule(call)
    },
    kernel: matmul.kernel)

  /// All products of two vectors.
  public static let outer: Op = Op(
    "outer", [OpParameter("a", .tensor), OpParameter("b", .tensor)],
    doc: "All products of elements of two vectors, as a matrix.",
    examples: [("outer([1, 2], [3, 4])", "[[3, 4],\n [6, 8]]")],
    domain: .cases([([.floats([3]), .floats([2])], [])]),
    gradient: .rule(saves: [.a, .b]) { g in
      try g.give(g.dy.apply(matmul, g.b), g.dy.transposed().apply(matmul, g.a))
    },
    rule: { call in
      for i in 0..<2 where call[i].rank != 1 { throw Mistakes.needsVector(call.op, call[i].type, operand: i) }
      let promoted = TensorType.promoted(call[0].type.counted, call[1].type.counted)
      return .one(promoted.dtype, try Shape([call[0].shape[0], call[1].shape[0]]))
    },
    kernel: { engine, call, types in
      TensorList(
        try engine.binary(
          NNS_MUL, call[0].inserting(axis: 1), call[1], computing: types.first.dtype, types.first))
    })

  /// The shape of a product of matrices or batches of them, if the batches broadcast.
  private static func productShapeIfAny(_ a: Shape, _ b: Shape) throws -> Shape? {
    var sizes = Axes()
    if a.rank > 2 || b.rank > 2 {
      guard let batch = try Shape.broadcast(a.withoutMatrix, b.withoutMatrix) else { return nil }
      sizes = batch.sizes
    }
    sizes.append(a[a.rank - 2])
    sizes.append(b[b.rank - 1])
    return try Shape(checking: sizes)
  }

  private static func productShape(_ a: Shape, _ b: Shape) throws -> Shape {
    try productShapeIfAny(a, b) ?? a
  }
}

extension Tensor {
  /// With a new axis of size 1; a view.
  func inserting(axis: Int) -> Tensor {
    var sizes = shape.sizes
    var steps = strides
    sizes.insert(1, at: axis)
    steps.insert(0, at: axis)
    return view(Shape(proven: sizes), strides: steps, offset: offset)
  }
}

extension Shape {
  /// All axes but the last two.
  var withoutMatrix: Shape { removing(rank - 1).removing(rank - 2) }
}

extension Axes {
  /// From at most eight values.
  init(_ values: some Sequence<Int>) {
    self.init()
    for value in values.prefix(Axes.limit) { append(value) }
  }
}

extension Term {
  /// The last two axes swapped.
  func transposed() throws -> Term {
    if engine.isRecording || tensor.rank < 2 { return try apply(Ops.transpose) }
    var order = Axes()
    for axis in 0..<tensor.rank { order.append(axis < tensor.rank - 2 ? axis : 2 * tensor.rank - 3 - axis) }
    return Term(tensor: tensor.permuted(order), engine: engine)
  }

  /// All axes but the last as one, of a known size.
  func flattened(to count: Int) throws -> Term {
    try reshaped(to: Shape([count, shape.last ?? 1]))
  }

  /// Summed over the axes of a broadcast.
  func summed(to shape: Shape) throws -> Term {
    self.shape == shape ? self : try apply(Ops.sumTo, with: [.ints(Array(shape))])
  }
}
