extension Ops {
  static let joining: [Op] = [concat, stack, split, chunk, roll, tile]

  /// Joined along an axis.
  public static let concat: Op = Op(
    "concat", [OpParameter("list", .tensors), OpParameter("axis", .axis, default: .int(0))],
    doc: "Tensors joined along an axis; the other sizes agree.", examples: [("concat(([1, 2], [3]))", "[1, 2, 3]")],
    domain: .cases([([.floats([2, 3]), .floats([2, 1])], [.int(1)]), ([.floats([2]), .floats([3])], [])]),
    gradient: .rule(saves: .types) { g in
      let axis = try g.inputs[0].shape.axis(g.call.int(0))
      var start = 0
      var gradients = TensorList()
      for i in 0..<g.inputs.count {
        let size = g.inputs[i].shape[axis]
        gradients.append(g.needs(i) ? try g.dy.slice(axis, start..<start + size).tensor : .absent)
        start += size
      }
      return gradients
    },
    rule: { call in
      let types = call.inputs.map(\.type)
      guard let first = types.first else { throw Mistakes.nothingToJoin(call.op) }
      guard first.shape.rank > 0 else { throw Mistakes.joinsNumbers(call.op) }
      let axis = try first.shape.axis(call.int(0))
      var total = 0
      for (i, type) in types.enumerated() {
        guard type.shape.rank == first.shape.rank, type.shape.removing(axis) == first.shape.removing(axis) else {
          throw Mistakes.joins(call.op, first, type, operand: i, axis: axis)
        }
        let (sum, overflow) = total.addingReportingOverflow(type.shape[axis])
        if overflow { throw Mistakes.tooManyElements(first.shape.sizes) }
        total = sum
      }
      return .one(joint(types), try first.shape.replacing(axis, with: total))
    },
    kernel: { engine, call, types in
      let axis = try call[0].shape.axis(call.int(0))
      let result = try engine.empty(types.first)
      var start = 0
      for input in call.inputs {
        try engine.write(input, into: result.sliced(axis, start: start, count: input.shape[axis], step: 1))
        start += input.shape[axis]
      }
      return TensorList(result)
    })

  /// Stacked along a new axis.
  public static let stack: Op = Op(
    "stack", [OpParameter("list", .tensors), OpParameter("axis", .axis, default: .int(0))],
    doc: "Tensors of one shape stacked along a new axis.",
    examples: [("stack(([1, 2], [3, 4]))", "[[1, 2],\n [3, 4]]")],
    domain: .cases([([.floats([2, 3]), .floats([2, 3])], [.int(1)]), ([.floats([]), .floats([])], [])]),
    gradient: .rule(saves: .types) { g in
      let axis = try newAxis(g.call)
      var gradients = TensorList()
      for i in 0..<g.inputs.count {
        let part = g.needs(i) ? try g.dy.slice(axis, i..<i + 1).reshaped(to: g.inputs[i].shape) : nil
        gradients.append(part?.tensor ?? .absent)
      }
      return gradients
    },
    rule: { call in
      let types = call.inputs.map(\.type)
      guard let first = types.first else { throw Mistakes.nothingToJoin(call.op) }
      for (i, type) in types.enumerated() where type.shape != first.shape {
        throw Mistakes.joins(call.op, first, type, operand: i, axis: nil)
      }
      var sizes = Array(first.shape)
      sizes.insert(types.count, at: try newAxis(call))
      return .one(joint(types), try Shape(sizes))
    },
    kernel: { engine, call, types in
      let axis = try newAxis(call)
      let result = try engine.empty(types.first)
      for (i, input) in call.inputs.enumerated() {
        let place = result.sliced(axis, start: i, count: 1, step: 1)
        try engine.write(
          input, into: place.view(input.shape, strides: place.strides.without(axis), offset: place.offset))
      }
      return TensorList(result)
    })

  /// Cut into pieces.
  public static let split: Op = cutting(
    "split", OpParameter("sizes", .ints), doc: "Cut along an axis into pieces of the given sizes, or of one size.",
    example: ("split([1, 2, 3], 2)", "([1, 2], [3])"),
    cases: [([.floats([5, 2])], [.int(2)]), ([.floats([2, 4])], [.ints([1, 3]), .int(1)])]
  ) { call, size in
    if case .ints(let sizes) = call.attribute(0) {
      guard sizes.reduce(0, { $0 &+ $1 }) == size, !sizes.contains(where: { $0 < 0 || $0 > size }) else {
        throw Mistakes.splits(sizes, size)
      }
      return sizes
    }
    return try pieces(of: call.int(0), from: size, call)
  }

  /// Cut into so many pieces.
  public static let chunk: Op = cutting(
    "chunk", OpParameter("n", .int), doc: "Cut along an axis into n pieces of one size, the last perhaps smaller.",
    example: ("chunk([1, 2, 3], 2)", "([1, 2], [3])"), cases: [([.floats([5, 2])], [.int(2)])]
  ) { call, size in
    let n = try call.int(0)
    guard n > 0 else { throw Mistakes.pieceSize(call.op, n) }
    return try pieces(of: Swift.max((size - 1) / n + 1, 1), from: size, call)
  }

  private static func pieces(of piece: Int, from size: Int, _ call: borrowing Call) throws -> [Int] {
    guard piece > 0 else { throw Mistakes.pieceSize(call.op, piece) }
    return size == 0 ? [0] : stride(from: 0, to: size, by: piece).map { Swift.min(piece, size - $0) }
  }

  private static func cutting(
    _ name: String, _ parameter: OpParameter, doc: String, example: (String, String),
    cases: [([Domain.Argument], [Attribute])], sizes: @escaping @Sendable (borrowing Call, Int) throws -> [Int]
  ) -> Op {
    Op(
      name, [OpParameter("x", .tensor), parameter, OpParameter("axis", .axis, default: .int(0))], doc: doc,
      examples: [example], handlesHalf: true, domain: .cases(cases),
      gradient: .rule(saves: []) { g in
        let parts = try (0..<g.outputCount).map { try g.dy($0).tensor }
        let axis = try g.outputType(0).shape.axis(g.call.int(1))
        return TensorList(try g.engine.one(concat, TensorList(parts), [.int(axis)]))
      },
      rule: { call in
        let shape = call[0].shape
        let axis = try shape.axis(call.int(1))
        let dtype = call[0].dtype
        return .many(try sizes(call, shape[axis]).map { TensorType(dtype, try shape.replacing(axis, with: $0)) })
      },
      kernel: { engine, call, types in
        let x = call[0]
        let axis = try x.shape.axis(call.int(1))
        var start = 0
        return TensorList(
          types.all.map { type in
            defer { start += type.shape[axis] }
            return x.sliced(axis, start: start, count: type.shape[axis], step: 1)
          })
      })
  }

  /// Shifted around.
  public static let roll: Op = Op(
    "roll", [OpParameter("x", .tensor), OpParameter("shift", .int), OpParameter("axis", .axis, default: .int(0))],
    doc: "Shifted along an axis; what leaves at one end comes in at the other.",
    examples: [("roll([1, 2, 3], 1)", "[3, 1, 2]")], domain: .cases([([.floats([2, 5])], [.int(2), .int(1)])]),
    gradient: .rule(saves: []) { g in
      try g.give(g.dy.apply(roll, with: [.int(0 &- g.call.int(0)), g.call.attribute(1)]))
    },
    rule: { call in
      _ = try call[0].shape.axis(call.int(1))
      return .one(call[0].dtype, call[0].shape)
    },
    kernel: { engine, call, types in
      let x = call[0]
      let axis = try x.shape.axis(call.int(1))
      let result = try engine.empty(types.first)
      let size = x.shape[axis]
      guard size > 0 else { return TensorList(result) }
      let rest = try call.int(0) % size
      let shift = rest < 0 ? rest + size : rest
      let parts = [(from: 0, to: shift, count: size - shift), (from: size - shift, to: 0, count: shift)]
      for part in parts {
        try engine.write(
          x.sliced(axis, start: part.from, count: part.count, step: 1),
          into: result.sliced(axis, start: part.to, count: part.count, step: 1))
      }
      return TensorList(result)
    })

  /// Repeated as a whole.
  public static let tile: Op = Op(
    "tile", [OpParameter("x", .tensor), OpParameter("counts", .shape)],
    doc: "Repeated as a whole along each axis.", examples: [("tile([1, 2], 2)", "[1, 2, 1, 2]")],
    domain: .cases([([.floats([2, 3])], [.ints([2, 1, 2])])]),
    gradient: .rule(saves: .types) { g in
      let (x, counts) = (g.a.shape, try g.call.ints(0))
      let rank = Swift.max(x.rank, counts.count)
      var apart: [Int] = []
      for i in 0..<rank {
        let axis = i - (rank - x.rank)
        let count = i - (rank - counts.count)
        apart += [count >= 0 ? counts[count] : 1, axis >= 0 ? x[axis] : 1]
      }
      let order = (0..<rank).map { $0 * 2 }
      let sum = try g.dy.reshaped(to: Shape(apart)).apply(sum, with: [.ints(order), .bool(false)])
      return try g.give(sum.reshaped(to: x))
    },
    rule: { call in
      let counts = try call.ints(0)
      let x = call[0].shape
      let rank = Swift.max(x.rank, counts.count)
      var sizes: [Int] = []
      for i in 0..<rank {
        let axis = i - (rank - x.rank)
        let count = i - (rank - counts.count)
        let (size, overflow) = (axis >= 0 ? x[axis] : 1).multipliedReportingOverflow(by: count >= 0 ? counts[count] : 1)
        if overflow { throw Mistakes.tooManyElements(x.sizes) }
        sizes.append(size)
      }
      return .one(call[0].dtype, try Shape(sizes))
    },
    kernel: { engine, call, types in
      let result = try engine.empty(types.first)
      let lead = types.first.shape.rank - call[0].rank
      // The result as [counts, sizes] for each axis, into which the tensor is broadcast; by axis, so that rank stays low.
      var x = call[0]
      for axis in 0..<types.first.shape.rank {
        let size = axis < lead ? 1 : call[0].shape[axis - lead]
        let copies = size == 0 ? 0 : types.first.shape[axis] / size
        if axis < lead { x = try engine.one(unsqueeze, TensorList(engine.detached(x)), [.int(axis)]) }
        let parts = TensorList([Tensor](repeating: engine.detached(x), count: Swift.max(copies, 1)))
        x = copies == 1 ? x : try engine.one(concat, parts, [.int(axis)])
      }
      try engine.write(x, into: result)
      return TensorList(result)
    })

  private static func newAxis(_ call: borrowing Call) throws -> Int {
    let rank = call[0].rank + 1
    let axis = try call.int(0)
    guard axis >= -rank && axis < rank else { throw Mistakes.newAxisOutOfRange(axis, call[0].shape) }
    return axis < 0 ? axis + rank : axis
  }

  /// The dtype of tensors put together; numbers alone give `f32`, `i64` or `bool`, as in literals.
  static func joint(_ types: [TensorType]) -> DType {
    guard let first = types.first else { return .f32 }
    let all = types.dropFirst().reduce(first) { sum, type in
      let promoted = TensorType.promoted(sum, type)
      return TensorType(promoted.dtype, Shape(), isWeak: promoted.isWeak)
    }
    return all.isWeak && all.dtype.isFloat ? .f32 : all.dtype
  }
}

extension Axes {
  /// These without one.
  func without(_ i: Int) -> Axes {
    var rest = self
    rest.remove(at: i)
    return rest
  }
}

extension Tensor {
  /// Part of an axis; a view. The caller has checked that it lies within.
  func sliced(_ axis: Int, start: Int, count: Int, step: Int) -> Tensor {
    var sizes = shape.sizes
    var steps = strides
    sizes[axis] = count
    steps[axis] = strides[axis] * step
    return view(Shape(proven: sizes), strides: steps, offset: count == 0 ? offset : offset + start * strides[axis])
  }
}
