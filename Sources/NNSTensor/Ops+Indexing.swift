extension Ops {
  static let indexing: [Op] = [index, assign, unindex]

  private static let indexParameters = [
    OpParameter("x", .tensor), OpParameter("indices", .tensors), OpParameter("items", .ints),
  ]

  /// `x[…]`
  public static let index: Op = Op(
    "index", indexParameters, doc: "Elements, slices, or what masks and positions pick: `x[…]`.",
    examples: [("[[1, 2], [3, 4]][:, 0]", "[1, 3]"), ("[5, 6, 7][[true, false, true]]", "[5, 7]")], isHidden: true,
    handlesHalf: true, quick: .picking,
    domain: .cases([
      ([.floats([4, 3])], [.ints([1, 1, 3, 0, 0, -2])]), ([.floats([4, 3, 2])], [.ints([2, 0, 1])]),
      ([.floats([4, 3]), .ints([5], below: 4)], [.ints([4])]),
      ([.floats([2, 4, 3]), .ints([2, 2], below: 4)], [.ints([1, 0, 0, 0, 0, 1, 4, 3])]),
      ([.floats([3, 4]), .bools([3])], [.ints([4, 0, 1])]),
    ]),
    gradient: .rule(saves: [.b, .c, .d, .rest, .types]) { g in
      if g.inputCount == 1, let gradient = try g.engine.unsliced(g.dy.tensor, g.call.ints(0), g.type(0)) {
        return TensorList(gradient)
      }
      let indices = TensorList([try g.dy.tensor] + g.inputs.dropFirst())
      return TensorList(
        try g.engine.one(unindex, indices, [.ints(g.call.ints(0)), .ints(Array(g.shape))]))
    },
    rule: { call in .one(call[0].dtype, try plan(call, call[0], dropping: 1).shape()) },
    kernel: { engine, call, types in
      call.inputs[0] = try engine.withStorage(call[0])
      return TensorList(try engine.take(call[0], plan(call, call[0], dropping: 1, engine), types.first.shape))
    })

  /// `x[…] = value`
  public static let assign: Op = Op(
    "assign", [OpParameter("x", .tensor), OpParameter("value", .tensor)] + indexParameters.dropFirst(),
    doc: "A copy with some elements replaced: `x[…] = value`.", isHidden: true, handlesHalf: true,
    domain: .cases([
      ([.floats([4, 3]), .floats([3])], [.ints([0, 2])]),
      ([.floats([4, 3]), .floats([]), .ints([2], below: 2)], [.ints([4])]),
    ]),
    gradient: .rule(saves: [.c, .d, .rest, .types]) { g in
      let items = g.call.attribute(0)
      let indices = Array(g.inputs.dropFirst(2))
      return try g.give(
        Term(
          tensor: g.engine.one(assign, TensorList([g.dy.tensor, .weak(0.0)] + indices), [items]), engine: g.engine),
        Term(tensor: g.engine.one(index, TensorList([g.dy.tensor] + indices), [items]), engine: g.engine)
          .keepingLast(g.dy.shape, indices, items))
    },
    rule: { call in
      let place = try plan(call, call[0], dropping: 2).shape()
      let value = call[1]
      guard try Shape.broadcast(value.shape, place) == place else { throw Mistakes.assigns(value.type, place) }
      if value.dtype.isFloat && !call[0].dtype.isFloat { throw Mistakes.assignsFloats(value.type, call[0].type) }
      return .one(call[0].dtype, call[0].shape)
    },
    kernel: { engine, call, types in
      let result = try engine.copied(call[0], as: call[0].dtype)
      try engine.put(call[1], at: plan(call, result, dropping: 2, engine), of: result, adding: false)
      return TensorList(result)
    })

  /// What `index` takes out, put back: zeros with a tensor added at a place.
  static let unindex: Op = Op(
    "unindex", indexParameters + [OpParameter("shape", .shape)], doc: "Zeros with a tensor added at a place.",
    isHidden: true, quick: .placing,
    domain: .cases([([.floats([5, 3]), .ints([5], below: 4)], [.ints([4]), .ints([4, 3])])]),
    gradient: .rule(saves: [.b, .c, .d, .rest, .types]) { g in
      let indices = TensorList([try g.dy.tensor] + g.inputs.dropFirst())
      return TensorList(try g.engine.one(index, indices, [g.call.attribute(0)]))
    },
    rule: { call in .one(call[0].dtype, try call.shape(1)) },
    kernel: { engine, call, types in
      let result = try engine.zeros(types.first)
      try engine.put(call[0], at: plan(call, result, dropping: 1, engine), of: result, adding: true)
      return TensorList(result)
    })

  private static func plan(
    _ call: borrowing Call, _ x: Tensor, dropping count: Int, _ engine: Engine? = nil
  ) throws -> IndexPlan {
    let items = IndexCode.decode(try call.ints(0), call.inputs.dropFirst(count))
    return try IndexPlan(x, items, engine: engine)
  }
}

extension Term {
  /// What has come back to values that were assigned, but 0 where another was assigned to the same place later.
  fileprivate func keepingLast(_ shape: Shape, _ indices: [Tensor], _ items: Attribute) throws -> Term {
    // Only positions may name a place twice.
    guard !tensor.isMeta, indices.contains(where: { $0.dtype != .bool }) else { return self }
    let count = tensor.elementCount
    let order = try engine.tensor((0..<count).map { $0 }, Array(self.shape))
    var marks = try engine.zeros(TensorType(.i64, shape))
    marks = try engine.one(Ops.assign, TensorList([marks, order] + indices), [items])
    let last = try engine.one(Ops.index, TensorList([marks] + indices), [items])
    return try apply(Ops.multiply, Term(tensor: engine.apply(Ops.equal, last, order), engine: engine))
  }

  /// Part of an axis.
  func slice(_ axis: Int, _ range: Range<Int>) throws -> Term {
    try indexed(axis, .slice(start: range.lowerBound, stop: range.upperBound, step: nil))
  }

  /// One place of an axis, which the result does not have.
  func part(_ axis: Int, _ place: Int) throws -> Term { try indexed(axis, .int(place)) }

  private func indexed(_ axis: Int, _ item: IndexItem) throws -> Term {
    let whole = [IndexItem](repeating: .slice(start: nil, stop: nil, step: nil), count: axis)
    return Term(tensor: try engine.index(tensor, whole + [item]), engine: engine)
  }
}
