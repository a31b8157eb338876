extension Ops {
  static let arranging: [Op] = [pad, repeatInterleave, meshgrid, unfold]

  /// With a margin.
  public static let pad: Op = Op(
    "pad",
    [
      OpParameter("x", .tensor), OpParameter("pairs", .pairs), OpParameter("value", .number, default: .int(0)),
    ],
    doc: "A value put before and after along each axis: a pair (before, after) for each.",
    examples: [("pad([1, 2], ((1, 2),))", "[0, 1, 2, 0, 0]")],
    domain: .cases([
      ([.floats([3])], [.ints([1, 2])]), ([.floats([2, 3])], [.ints([0, 1, 2, 0]), .float(0.5)]),
      ([.floats([])], [.ints([])]),
    ]),
    gradient: .rule(saves: .types) { g in
      let pairs = try g.call.ints(0)
      let items = g.shape.indices.map { axis in
        IndexItem.slice(start: pairs[2 * axis], stop: pairs[2 * axis] + g.shape[axis], step: nil)
      }
      return TensorList(try g.engine.index(g.dy.tensor, items))
    },
    rule: { call in
      let (x, pairs) = (call[0].type, try call.ints(0))
      guard pairs.count == 2 * x.shape.rank, !pairs.contains(where: { $0 < 0 }) else {
        throw Mistakes.padding(call.op, pairs, x)
      }
      if case .float = call.attribute(1), !x.dtype.isFloat { throw Mistakes.assignsFloats(.init(.f64, Shape()), x) }
      let sizes = try x.shape.indices.map { axis in
        let (before, overflow) = x.shape[axis].addingReportingOverflow(pairs[2 * axis])
        let (size, overflow2) = before.addingReportingOverflow(pairs[2 * axis + 1])
        if overflow || overflow2 { throw Mistakes.tooManyElements(x.shape.sizes) }
        return size
      }
      return .one(x.dtype, try Shape(sizes))
    },
    kernel: { engine, call, types in
      let pairs = try call.ints(0)
      let value: Scalar =
        if case .int(let value) = call.attribute(1) { .int(value) } else { .float(try call.number(1)) }
      let result = try engine.full(types.first, value)
      var place = result
      for axis in 0..<call[0].rank {
        place = place.sliced(axis, start: pairs[2 * axis], count: call[0].shape[axis], step: 1)
      }
      try engine.write(engine.withStorage(call[0]), into: place)
      return TensorList(result)
    })

  /// Each element several times.
  public static let repeatInterleave: Op = Op(
    "repeat_interleave",
    [
      OpParameter("x", .tensor), OpParameter("repeats", .ints),
      OpParameter("axis", .axis, default: Attribute.none),
    ],
    doc: "Each element along an axis several times in a row: so often, or as often as its own count says. "
      + "All elements in row-major order without an axis.",
    examples: [
      ("repeat_interleave([1, 2], 2)", "[1, 1, 2, 2]"), ("repeat_interleave([1, 2], (1, 3))", "[1, 2, 2, 2]"),
    ], handlesHalf: true,
    domain: .cases([
      ([.floats([2, 3])], [.int(2)]), ([.floats([2, 3])], [.ints([2, 0, 1]), .int(1)]),
      ([.floats([3, 2])], [.int(2), .int(0)]),
    ]),
    gradient: .rule(saves: .types) { g in
      let axis = try g.call.optionalInt(1).map { try g.shape.axis($0) }
      let size = axis.map { g.shape[$0] } ?? g.shape.elementCount
      let counts = try repeats(g.call, size)
      let ids = Term(tensor: try g.engine.repeated(counts.counts, counts.total), engine: g.engine)
      return try g.give(g.putBack(ids, axis))
    },
    rule: { call in
      let shape = call[0].shape
      guard let axis = try call.optionalInt(1) else {
        return .one(call[0].dtype, try Shape([repeats(call, shape.elementCount).total]))
      }
      let place = try shape.axis(axis)
      return .one(call[0].dtype, try shape.replacing(place, with: repeats(call, shape[place]).total))
    },
    kernel: { engine, call, types in
      let axis = try call.optionalInt(1).map { try call[0].shape.axis($0) }
      let x = axis == nil ? try engine.flat(call[0]) : call[0]
      if types.first.shape.elementCount == 0 { return TensorList(try engine.empty(types.first)) }
      let (counts, total) = try repeats(call, x.shape[axis ?? 0])
      let plan = try IndexPlan(x, picking(engine.repeated(counts, total), axis ?? 0), engine: engine)
      return TensorList(try engine.take(x, plan, types.first.shape))
    })

  /// How often each of so many elements comes, and how many there are then.
  private static func repeats(_ call: borrowing Call, _ size: Int) throws -> (counts: [Int], total: Int) {
    let given = try call.ints(0)
    guard given.count == 1 || given.count == size, !given.contains(where: { $0 < 0 }) else {
      throw Mistakes.repeatCounts(call.op, given, size)
    }
    if given.count == 1 {
      let (total, overflow) = size.multipliedReportingOverflow(by: given[0])
      if overflow { throw Mistakes.tooManyElements(call[0].shape.sizes) }
      return (given, total)
    }
    let total = try given.reduce(0) { sum, count in
      let (next, overflow) = sum.addingReportingOverflow(count)
      if overflow { throw Mistakes.tooManyElements(call[0].shape.sizes) }
      return next
    }
    return (given, total)
  }

  /// Index items that pick along one axis.
  static func picking(_ ids: Tensor, _ axis: Int) -> [IndexItem] {
    [IndexItem](repeating: .slice(start: nil, stop: nil, step: nil), count: axis) + [.tensor(ids)]
  }

  /// Coordinates on a grid.
  public static let meshgrid: Op = Op(
    "meshgrid",
    [OpParameter("list", .tensors), OpParameter("indexing", .string, default: .string("xy"), isNamedOnly: true)],
    doc:
      "For vectors of coordinates the coordinates of each point of their grid, one tensor for each vector. The first "
      + "vector runs along axis 1 and the second along axis 0; each along its own axis with `indexing: \"ij\"`.",
    examples: [("meshgrid(([1, 2], [3, 4]))", "([[1, 2],\n [1, 2]], [[3, 3],\n [4, 4]])")], givesList: true,
    handlesHalf: true,
    domain: .cases([
      ([.floats([2]), .floats([3])], []), ([.floats([2]), .floats([3]), .floats([4])], [.string("ij")]),
    ]),
    gradient: .rule(saves: .types) { g in
      let count = g.inputs.count
      return TensorList(
        try (0..<count).map { i in
          let own = try gridAxis(i, g.call)
          let others = (0..<count).filter { $0 != own }
          return g.needs(i)
            ? try g.dy(i).apply(sum, with: [.ints(others)]).reshaped(to: g.inputs[i].shape).tensor : .absent
        })
    },
    rule: { call in
      var sizes = [Int](repeating: 1, count: call.inputs.count)
      for i in 0..<call.inputs.count {
        if call[i].rank > 1 { throw Mistakes.needsVector(call.op, call[i].type, operand: i) }
        sizes[try gridAxis(i, call)] = call[i].elementCount
      }
      let shape = try Shape(sizes)
      return .many(call.inputs.map { TensorType($0.dtype, shape) })
    },
    kernel: { engine, call, types in
      TensorList(
        try call.inputs.indices.map { i in
          let x = try engine.flat(call[i])
          let shape = types.all[i].shape
          var steps = Axes(repeating: 0, count: shape.rank)
          steps[try gridAxis(i, call)] = x.strides[0]
          return x.view(shape, strides: steps, offset: x.offset)
        })
    })

  /// Along which axis a vector of coordinates runs.
  private static func gridAxis(_ i: Int, _ call: borrowing Call) throws -> Int {
    let indexing = try call.string(0)
    guard indexing == "xy" || indexing == "ij" else {
      throw Mistakes.oneOf(call.op, "indexing", indexing, ["xy", "ij"])
    }
    return indexing == "xy" && i < 2 && call.inputs.count > 1 ? 1 - i : i
  }

  /// Sliding windows.
  public static let unfold: Op = Op(
    "unfold",
    [OpParameter("x", .tensor), OpParameter("axis", .axis), OpParameter("size", .int), OpParameter("step", .int)],
    doc: "All windows of a size along an axis, in steps, with the elements of each along a new last axis.",
    examples: [("unfold([1, 2, 3, 4], 0, 2, 1)", "[[1, 2],\n [2, 3],\n [3, 4]]")], handlesHalf: true,
    domain: .cases([
      ([.floats([5])], [.int(0), .int(3), .int(1)]), ([.floats([2, 6, 2])], [.int(1), .int(2), .int(3)]),
    ]),
    gradient: .rule(saves: .types) { g in
      let attributes = (0..<3).map { g.call.attribute($0) }
      return try g.give(g.dy.apply(refold, with: attributes + [.ints(Array(g.shape))]))
    },
    rule: { .one($0[0].dtype, try windows($0, of: $0[0].type, from: 0)) },
    kernel: { engine, call, types in
      let axis = try call[0].shape.axis(call.int(0))
      return TensorList(try engine.withStorage(call[0]).unfolded(axis, call.int(2), types.first.shape))
    })

  /// What `unfold` took apart, added up again.
  static let refold: Op = Op(
    "refold",
    [
      OpParameter("x", .tensor), OpParameter("axis", .axis), OpParameter("size", .int), OpParameter("step", .int),
      OpParameter("shape", .ints),
    ],
    doc: "Windows along an axis added up where they came from.", isHidden: true,
    domain: .cases([([.floats([3, 3])], [.int(0), .int(3), .int(1), .ints([5])])]),
    gradient: .rule(saves: []) { g in
      try g.give(g.dy.apply(unfold, with: (0..<3).map { g.call.attribute($0) }))
    },
    rule: { .one($0[0].dtype, try $0.shape(3)) },
    kernel: { engine, call, types in
      let result = try engine.zeros(types.first)
      let axis = try types.first.shape.axis(call.int(0))
      let place = result.unfolded(axis, try call.int(2), call[0].shape)
      try engine.write(engine.withStorage(call[0]), into: place, adding: true)
      return TensorList(result)
    })

  /// The shape of windows of a tensor.
  private static func windows(_ call: borrowing Call, of type: TensorType, from i: Int) throws -> Shape {
    let axis = try type.shape.axis(call.int(i))
    let (size, step) = (try call.int(i + 1), try call.int(i + 2))
    guard size >= 0, step > 0, size <= type.shape[axis] else {
      throw Mistakes.window(call.op, size, step, axis, type)
    }
    var sizes = Array(type.shape)
    sizes[axis] = (type.shape[axis] - size) / step + 1
    return try Shape(sizes + [size])
  }
}

extension Backward {
  /// The gradient of what ids picked along an axis, or among all elements.
  func putBack(_ ids: Term, _ axis: Int?) throws -> Term {
    let shape = axis == nil ? try Shape([a.shape.elementCount]) : a.shape
    let (code, _) = IndexCode.encode(Ops.picking(ids.tensor, axis ?? 0))
    return try dy.apply(Ops.unindex, ids, with: [.ints(code), .ints(Array(shape))]).reshaped(to: a.shape)
  }
}

extension Engine {
  /// All elements in row-major order along one axis.
  func flat(_ x: Tensor) throws -> Tensor {
    let x = try contiguous(x)
    return x.view(Shape(proven: Axes(repeating: x.elementCount, count: 1)), strides: Axes([1]), offset: x.offset)
  }

  /// 0, 1, 2 and so on, each as often as its count says, or one count for all; `total` together.
  fileprivate func repeated(_ counts: [Int], _ total: Int) throws -> Tensor {
    let result = try empty(TensorType(.i64, Shape([total])))
    try budget.charge(work: total)
    guard total > 0, let out = result.storage?.base.assumingMemoryBound(to: Int.self) else { return result }
    let (given, size) = (counts.count, counts.count == 1 ? total / Swift.max(counts[0], 1) : counts.count)
    var place = 0
    for i in 0..<size {
      var left = Swift.min(counts[given == 1 ? 0 : i], total - place)
      while left > 0 {
        let part = Swift.min(left, budget.grain.block)
        try budget.tick(part)
        (out + place).update(repeating: i, count: part)
        place += part
        left -= part
      }
    }
    return result
  }
}

extension Tensor {
  /// Windows along an axis; a view. The caller has checked that the shape's windows lie within.
  fileprivate func unfolded(_ axis: Int, _ step: Int, _ shape: Shape) -> Tensor {
    var steps = strides
    // A step past the only window may be so long that there is no such stride.
    if shape[axis] > 1 { steps[axis] = strides[axis] * step }
    steps.append(strides[axis])
    return view(shape, strides: steps, offset: offset)
  }
}
