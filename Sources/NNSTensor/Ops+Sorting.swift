extension Ops {
  static let sorting: [Op] = [sort, argsort, topk, nonzero, unique, searchsorted]

  private static let descending = OpParameter("descending", .bool, default: .bool(false))
  private static let lastAxis = OpParameter("axis", .axis, default: .int(-1))

  /// In order.
  public static let sort: Op = Op(
    "sort", [OpParameter("x", .tensor), lastAxis, descending],
    doc:
      "The elements along an axis in order; NaN counts as the largest. Equal ones keep their order, and so do gradients.",
    examples: [("sort([3, 1, 2])", "[1, 2, 3]")], extraOutputs: 1,
    domain: .cases([([.floats([5])], []), ([.floats([3, 4])], [.int(0), .bool(true)])]),
    gradient: .rule(saves: [.types, .y1]) { g in try g.giveToPlaces(axis: 0) },
    rule: { call in
      _ = try call[0].shape.axis(call.int(0))
      return .many([TensorType(call[0].dtype, call[0].shape), TensorType(.i64, call[0].shape)])
    },
    kernel: { engine, call, types in
      let axis = try call[0].shape.axis(call.int(0))
      let places = try engine.order(call[0], axis, descending: call.bool(1), types.all[1])
      return TensorList(try engine.one(gather, [engine.detached(call[0]), places], [.int(axis)]), places)
    })

  /// Places in order.
  public static let argsort: Op = Op(
    "argsort", [OpParameter("x", .tensor), lastAxis, descending],
    doc: "Where the elements in order stand along an axis; equal ones keep their order.",
    examples: [("argsort([3, 1, 2])", "[1, 2, 0]")], gradient: .none("it gives positions"),
    rule: { call in
      _ = try call[0].shape.axis(call.int(0))
      return .one(.i64, call[0].shape)
    },
    kernel: { engine, call, types in
      let axis = try call[0].shape.axis(call.int(0))
      return TensorList(try engine.order(call[0], axis, descending: call.bool(1), types.first))
    })

  /// The largest.
  public static let topk: Op = Op(
    "topk",
    [OpParameter("x", .tensor), OpParameter("k", .int), lastAxis, OpParameter("largest", .bool, default: .bool(true))],
    doc:
      "The k largest along an axis, largest first, or the k smallest, and where they stand: (values, indices). Of equal "
      + "ones the first come first, and have the gradient.",
    examples: [("topk([3, 1, 2], 2)", "([3, 2], [0, 2])"), ("topk([3, 1, 2], 1, largest: false)", "([1], [1])")],
    domain: .cases(
      [
        ([.floats([5])], [.int(2)]), ([.floats([3, 4])], [.int(2), .int(0)]),
        ([.floats([3, 4])], [.int(2), .int(-1), .bool(false)]),
      ]),
    gradient: .rule(saves: [.types, .y1]) { g in try g.giveToPlaces(axis: 1) },
    rule: { call in
      let shape = call[0].shape
      let axis = try shape.axis(call.int(1))
      let k = try call.int(0)
      guard k >= 0 && k <= shape[axis] else { throw Mistakes.tooFew(call.op, k, axis, call[0].type) }
      let result = try shape.replacing(axis, with: k)
      return .many([TensorType(call[0].dtype, result), TensorType(.i64, result)])
    },
    kernel: { engine, call, types in
      let x = engine.detached(call[0])
      let axis = try x.shape.axis(call.int(1))
      let places = try engine.first(call.int(0), x, axis, descending: call.bool(2), types.all[1])
      return TensorList(try engine.one(gather, [x, places], [.int(axis)]), places)
    })

  /// Where elements are not 0.
  public static let nonzero: Op = Op(
    "nonzero", [OpParameter("x", .tensor)], doc: "The index of each element that is not 0, one row each.",
    examples: [("nonzero([0, 5, 6])", "[[1],\n [2]]")], handlesHalf: true, gradient: .none("it gives positions"),
    rule: { _ in .byData },
    kernel: { engine, call, _ in
      let columns = try engine.positionsOfTrue(call[0])
      let result = try engine.empty(
        TensorType(.i64, Shape([columns.first?.elementCount ?? call[0].countTrue(), columns.count])))
      for (axis, places) in columns.enumerated() {
        let column = result.sliced(1, start: axis, count: 1, step: 1)
        try engine.write(
          places, into: column.view(places.shape, strides: column.strides.without(1), offset: column.offset))
      }
      return TensorList(result)
    })

  /// Each value once.
  public static let unique: Op = Op(
    "unique",
    [
      OpParameter("x", .tensor), OpParameter("return_inverse", .bool, default: .bool(false)),
      OpParameter("return_counts", .bool, default: .bool(false)),
    ],
    doc:
      "The different values in order, NaN last; on demand also where each element's value stands among them, and how "
      + "often each comes.",
    examples: [("unique([3, 1, 3])", "[1, 3]"), ("unique([3, 1, 3], return_counts: true)", "([1, 3], [1, 2])")],
    handlesHalf: true, gradient: .refused("values are chosen by comparing them"), rule: { _ in .byData },
    kernel: { engine, call, _ in
      let x = try engine.flat(call[0])
      let type = TensorType(.i64, x.shape)
      let order = try engine.order(x, 0, descending: false, type)
      let inverse = try call.bool(0) ? engine.empty(TensorType(.i64, call[0].shape)) : nil
      let counts = try call.bool(1) ? engine.empty(type) : nil
      let found = try engine.group(x, order, inverse: inverse, counts: counts)
      let firsts = order.sliced(0, start: 0, count: found, step: 1)
      let plan = try IndexPlan(x, [.tensor(firsts)], engine: engine)
      var outputs = TensorList(try engine.take(x, plan, plan.shape()))
      if let inverse { outputs.append(inverse) }
      if let counts { outputs.append(try engine.copied(counts.sliced(0, start: 0, count: found, step: 1), as: .i64)) }
      return outputs
    })

  /// Where values belong.
  public static let searchsorted: Op = Op(
    "searchsorted",
    [
      OpParameter("sorted", .tensor), OpParameter("values", .tensor),
      OpParameter("right", .bool, default: .bool(false)),
    ],
    doc:
      "Where each value would be put to keep a vector, or each row of the last axis, in order: before equal ones, or "
      + "after them with `right`.",
    examples: [("searchsorted([1, 3, 5], [3, 4])", "[1, 2]")], gradient: .none("it gives positions"),
    rule: { call in
      let (sorted, values) = (call[0].type, call[1].type)
      guard let size = sorted.shape.last else { throw Mistakes.rankTooSmall(call.op, sorted, 1) }
      if sorted.shape.rank > 1 {
        let fits = values.shape.rank == sorted.shape.rank
        guard fits, try values.shape.replacing(values.shape.rank - 1, with: size) == sorted.shape else {
          throw Mistakes.sortedRows(sorted, values)
        }
      }
      return .one(.i64, values.shape)
    },
    kernel: { engine, call, types in
      let (sorted, values) = (try engine.contiguous(call[0]), try engine.contiguous(call[1]))
      let isRight = try call.bool(0)
      let result = try engine.empty(types.first)
      let size = sorted.shape[sorted.rank - 1]
      let share = sorted.rank == 1 ? values.elementCount : values.shape[values.rank - 1]
      try engine.charge(
        product: Engine.product(values.elementCount, Int.bitWidth - size.leadingZeroBitCount + 1))
      guard let out = result.storage?.base.assumingMemoryBound(to: Int.self) else { return TensorList(result) }
      for i in 0..<values.elementCount {
        if i & 0xfff == 0 { try engine.budget.check() }
        let value = values.element(at: i)
        let row = i / share * size
        var (low, high) = (0, size)
        while low < high {
          let middle = (low + high) / 2
          let key = sorted.element(at: row + middle)
          if isRight ? !value.isBefore(key) : key.isBefore(value) { low = middle + 1 } else { high = middle }
        }
        out[i] = low
      }
      return TensorList(result)
    })
}

extension Backward {
  /// The gradient of elements taken along an axis from the places in the second output.
  fileprivate func giveToPlaces(axis i: Int) throws -> TensorList {
    try give(engine.scattered(dy, y1, along: shape.axis(call.int(i)), into: type(0)))
  }
}

extension Scalar {
  /// Whether this stands before another in a sorted tensor.
  fileprivate func isBefore(_ other: Scalar) -> Bool {
    if case .int(let a) = self, case .int(let b) = other { return a < b }
    return Scalar.float(double).sortKey < Scalar.float(other.double).sortKey
  }

  /// An int that orders values as they are; NaN last, both zeros alike.
  var sortKey: Int {
    switch self {
    case .int(let value): return value
    case .bool(let value): return value ? 1 : 0
    case .float(let value):
      if value.isNaN { return Int.max }
      let bits = Int(bitPattern: UInt((value + 0).bitPattern))
      return bits < 0 ? bits ^ Int.max : bits
    }
  }
}
