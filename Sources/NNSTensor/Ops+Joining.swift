extension Ops {
  static let joining: [Op] = [concat, stack, split, chunk, roll, tile]

  /// Joined along an axis.
  public static let concat: Op = Op(
    "concat", [OpParameter("list", .tensors), OpParameter("axis", .axis, default: .int(0))],
    doc: "Tensors joined along an axis; the other sizes agree.", examples: [("concat(([1, 2], [3]))", "[1, 2, 3]")],
    quick: .joining(isNew: false),
    domain: .cases([([.floats([2, 3]), .floats([2, 1])], [.int(1)]), ([.floats([2]), .floats([3])], [])]),
    gradient: .rule(saves: .types) { g in
      let axis = try g.shape.axis(g.call.int(0))
      var start = 0
      var gradients = TensorList()
      for i in 0..<g.inputCount {
        let size = g.type(i).shape[axis]
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
    examples: [("stack(([1, 2], [3, 4]))", "[[1, 2],\n [3, 4]]")], quick: .joining(isNew: true),
    domain: .cases([([.floats([2, 3]), .floats([2, 3])], [.int(1)]), ([.floats([]), .floats([])], [])]),
    gradient: .rule(saves: .types) { g in
      let axis = try newAxis(g.call.int(0), g.shape)
      var gradients = TensorList()
      for i in 0..<g.inputCount {
        gradients.append(g.needs(i) ? try g.dy.part(axis, i).tensor : .absent)
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
      sizes.insert(types.count, at: try newAxis(call.int(0), call[0].shape))
      return .one(joint(types), try Shape(sizes))
    },
    kernel: { engine, call, types in
      let axis = try newAxis(call.int(0), call[0].shape)
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
    // As PyTorch: of nothing there are as many pieces as asked for.
    guard size == 0 else { return try pieces(of: (size - 1) / n + 1, from: size, call) }
    if n > mostPieces { throw Mistakes.tooManyPieces(call.op, n, mostPieces) }
    return [Int](repeating: 0, count: n)
  }

  /// So many that a list of them is no burden.
  private static let mostPieces = 1 << 16

  private static func pieces(of piece: Int, from size: Int, _ call: borrowing Call) throws -> [Int] {
    guard piece > 0 else { throw Mistakes.pieceSize(call.op, piece) }
    let count = (size - 1) / piece + 1
    if count > mostPieces { throw Mistakes.tooManyPieces(call.op, count, mostPieces) }
    return size == 0 ? [0] : stride(from: 0, to: size, by: piece).map { Swift.min(piece, size - $0) }
  }

  private static func cutting(
    _ name: String, _ parameter: OpParameter, doc: String, example: (String, String),
    cases: [([Domain.Argument], [Attribute])], sizes: @escaping @Sendable (borrowing Call, Int) throws -> [Int]
  ) -> Op {
    Op(
      name, [OpParameter("x", .tensor), parameter, OpParameter("axis", .axis, default: .int(0))], doc: doc,
      examples: [example], givesList: true, handlesHalf: true, domain: .cases(cases),
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
    "roll",
    [OpParameter("x", .tensor), OpParameter("shift", .ints), OpParameter("axis", .axes, default: Attribute.none)],
    doc:
      "Shifted along axes, by one number for each; what leaves at one end comes in at the other. Without an axis all "
      + "elements move, in row-major order.",
    examples: [("roll([1, 2, 3], 1)", "[3, 1, 2]"), ("roll([[1, 2], [3, 4]], 1)", "[[4, 1],\n [2, 3]]")],
    domain: .cases([
      ([.floats([2, 5])], [.int(2), .int(1)]), ([.floats([2, 5])], [.ints([1, -2]), .ints([0, 1])]),
      ([.floats([2, 3])], [.int(-1)]),
    ]),
    gradient: .rule(saves: []) { g in
      try g.give(g.dy.apply(roll, with: [.ints(g.call.ints(0).map { 0 &- $0 }), g.call.attribute(1)]))
    },
    rule: { call in
      _ = try shifts(call)
      return .one(call[0].dtype, call[0].shape)
    },
    kernel: { engine, call, types in
      let isFlat = call.attribute(1) == .none
      var x = try isFlat ? engine.flat(call[0]) : engine.withStorage(call[0])
      for (axis, shift) in try shifts(call) where x.shape[axis] > 0 && shift % x.shape[axis] != 0 {
        x = try engine.rolled(x, axis, by: shift % x.shape[axis])
      }
      if isFlat { x = x.view(types.first.shape) }
      return TensorList(try engine.contiguous(x === call[0] ? x.alias() : x))
    })

  /// How far to go along which axes; along the only one of all elements without an axis.
  private static func shifts(_ call: borrowing Call) throws -> [(axis: Int, shift: Int)] {
    let shifts = try call.ints(0)
    if call.attribute(1) == .none {
      guard shifts.count == 1 else { throw Mistakes.shifts(call.op, shifts.count, 0) }
      return [(0, shifts[0])]
    }
    let axes = try call.ints(1)
    guard shifts.count == axes.count else { throw Mistakes.shifts(call.op, shifts.count, axes.count) }
    return try zip(axes, shifts).map { (try call[0].shape.axis($0), $1) }
  }

  /// Repeated as a whole.
  public static let tile: Op = Op(
    "tile", [OpParameter("x", .tensor), OpParameter("counts", .shape)],
    doc: "Repeated as a whole along each axis.", examples: [("tile([1, 2], 2)", "[1, 2, 1, 2]")],
    domain: .cases([([.floats([2, 3])], [.ints([2, 1, 2])])]),
    gradient: .rule(saves: .types) { g in
      let (x, counts) = (g.shape, try g.call.ints(0))
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
      let shape = types.first.shape
      if shape.elementCount == 0 { return TensorList(result) }
      let lead = shape.rank - call[0].rank
      // One copy in the corner, from which each axis is filled by doubling what is there.
      var filled = shape.sizes
      for axis in 0..<shape.rank { filled[axis] = axis < lead ? 1 : call[0].shape[axis - lead] }
      func corner(_ sizes: Axes) -> Tensor { result.view(Shape(proven: sizes), strides: result.strides, offset: 0) }
      try engine.write(engine.withStorage(call[0]), into: corner(filled))
      for axis in 0..<shape.rank {
        while filled[axis] < shape[axis] {
          let count = Swift.min(filled[axis], shape[axis] - filled[axis])
          var next = filled
          next[axis] = filled[axis] + count
          let target = corner(next).sliced(axis, start: filled[axis], count: count, step: 1)
          try engine.write(corner(filled).sliced(axis, start: 0, count: count, step: 1), into: target)
          filled = next
        }
      }
      return TensorList(result)
    })

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

extension Engine {
  /// A copy with an axis, which has elements, shifted around by less than its size.
  fileprivate func rolled(_ x: Tensor, _ axis: Int, by steps: Int) throws -> Tensor {
    let result = try empty(x.type)
    let size = x.shape[axis]
    let shift = steps < 0 ? steps + size : steps
    for (from, to, count) in [(0, shift, size - shift), (size - shift, 0, shift)] {
      try write(
        x.sliced(axis, start: from, count: count, step: 1), into: result.sliced(axis, start: to, count: count, step: 1))
    }
    return result
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
