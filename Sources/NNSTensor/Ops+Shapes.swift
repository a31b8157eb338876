extension Ops {
  static let shapes: [Op] = [reshape, flatten, transpose, permute, squeeze, unsqueeze, broadcastTo, flip]

  /// Another shape.
  public static let reshape: Op = Op(
    "reshape", [OpParameter("x", .tensor), OpParameter("shape", .shape)],
    doc: "The same elements in another shape; one size may be -1 and is worked out.",
    examples: [("reshape([1, 2, 3, 4], 2, -1)", "[[1, 2],\n [3, 4]]")], handlesHalf: true,
    quick: .reshaping, domain: .cases([([.floats([2, 6])], [.ints([3, -1])])]),
    gradient: .rule(saves: .types) { g in try g.give(g.dy.reshaped(to: g.shape)) },
    rule: { .one($0[0].dtype, try reshaped($0[0], $0.ints(0))) },
    kernel: { engine, call, types in
      TensorList(try engine.contiguous(call[0]).view(types.first.shape))
    })

  /// Axes from one on as one.
  public static let flatten: Op = Op(
    "flatten", [OpParameter("x", .tensor), OpParameter("from_axis", .axis, default: .int(0))],
    doc: "All axes from `from_axis` on as one.", examples: [("flatten([[1, 2], [3, 4]])", "[1, 2, 3, 4]")],
    handlesHalf: true, domain: .cases([([.floats([2, 3, 2])], [.int(1)]), ([.floats([])], [])]),
    gradient: reshape.gradient,
    rule: { call in
      let shape = call[0].shape
      guard shape.rank > 0 else { return .one(call[0].dtype, try Shape([1])) }
      let axis = try shape.axis(call.int(0))
      var sizes = Axes()
      for i in 0..<axis { sizes.append(shape[i]) }
      sizes.append(shape.around(axis..<shape.rank).count)
      return .one(call[0].dtype, Shape(proven: sizes))
    },
    kernel: reshape.kernel)

  /// Two axes swapped.
  public static let transpose: Op = Op(
    "transpose",
    [
      OpParameter("x", .tensor), OpParameter("a", .axis, default: .int(-2)),
      OpParameter("b", .axis, default: .int(-1)),
    ],
    doc: "Two axes swapped; the last two unless said otherwise.",
    examples: [("transpose([[1, 2], [3, 4]])", "[[1, 3],\n [2, 4]]")], handlesHalf: true,
    domain: .cases([([.floats([2, 3])], []), ([.floats([2, 3, 2])], [.int(0), .int(2)])]),
    gradient: .rule(saves: []) { g in
      try g.give(g.dy.apply(transpose, with: [g.call.attribute(0), g.call.attribute(1)]))
    },
    rule: { call in .one(call[0].dtype, call[0].permuted(try swapping(call)).shape) },
    kernel: { _, call, _ in TensorList(call[0].permuted(try swapping(call))) })

  private static func swapping(_ call: borrowing Call) throws -> Axes {
    let shape = call[0].shape
    if shape.rank < 2 { throw Mistakes.rankTooSmall(call.op, call[0].type, 2) }
    let (a, b) = (try shape.axis(call.int(0)), try shape.axis(call.int(1)))
    var order = Axes()
    for axis in 0..<shape.rank { order.append(axis == a ? b : axis == b ? a : axis) }
    return order
  }

  /// Axes in another order.
  public static let permute: Op = Op(
    "permute", [OpParameter("x", .tensor), OpParameter("axes", .shape)],
    doc: "Axes in another order: axis i of the result is axis `axes[i]` of x.",
    examples: [("permute(zeros(2, 3, 4), 2, 0, 1).shape", "(4, 2, 3)")], handlesHalf: true,
    domain: .cases([([.floats([2, 3, 4])], [.ints([2, 0, 1])])]),
    gradient: .rule(saves: .types) { g in
      let order = try ordering(g.call.ints(0), g.shape)
      var inverse = Array(order)
      for (i, axis) in order.enumerated() { inverse[axis] = i }
      return try g.give(g.dy.apply(permute, with: [.ints(inverse)]))
    },
    rule: { call in .one(call[0].dtype, call[0].permuted(try ordering(call.ints(0), call[0].shape)).shape) },
    kernel: { _, call, _ in TensorList(call[0].permuted(try ordering(call.ints(0), call[0].shape))) })

  private static func ordering(_ axes: [Int], _ shape: Shape) throws -> Axes {
    var order = Axes()
    var seen = AxisSet()
    guard axes.count == shape.rank else { throw Mistakes.permutation(axes, shape) }
    for axis in axes {
      let axis = try shape.axis(axis)
      guard !seen.contains(axis) else { throw Mistakes.permutation(axes, shape) }
      seen.insert(axis)
      order.append(axis)
    }
    return order
  }

  /// Without axes of size 1.
  public static let squeeze: Op = Op(
    "squeeze", [OpParameter("x", .tensor), OpParameter("axis", .axes, default: Attribute.none)],
    doc: "Without some axes of size 1, or without all such.", examples: [("squeeze([[1, 2]])", "[1, 2]")],
    handlesHalf: true, domain: .cases([([.floats([2, 1, 3, 1])], []), ([.floats([1, 3, 1])], [.int(0)])]),
    gradient: reshape.gradient,
    rule: { call in
      let shape = call[0].shape
      let isAll = call.attribute(0) == .none
      let axes = try call.axes(0, of: shape)
      var sizes = Axes()
      for axis in 0..<shape.rank {
        if axes.contains(axis) && shape[axis] == 1 { continue }
        if axes.contains(axis) && !isAll { throw Mistakes.squeezes(axis, shape) }
        sizes.append(shape[axis])
      }
      return .one(call[0].dtype, Shape(proven: sizes))
    },
    kernel: reshape.kernel)

  /// With a new axis.
  public static let unsqueeze: Op = Op(
    "unsqueeze", [OpParameter("x", .tensor), OpParameter("axis", .axis)], doc: "With a new axis of size 1.",
    examples: [("unsqueeze([1, 2], 1)", "[[1],\n [2]]")], handlesHalf: true,
    domain: .cases([([.floats([2, 3])], [.int(-1)])]), gradient: reshape.gradient,
    rule: { call in
      let axis = try newAxis(call.int(0), call[0].shape)
      guard call[0].rank < Axes.limit else { throw Mistakes.tooManyAxes(call[0].rank + 1) }
      var sizes = call[0].shape.sizes
      sizes.insert(1, at: axis)
      return .one(call[0].dtype, Shape(proven: sizes))
    },
    kernel: reshape.kernel)

  /// Where a new axis goes among those of a shape.
  static func newAxis(_ axis: Int, _ shape: Shape) throws -> Int {
    let rank = shape.rank + 1
    guard axis >= -rank && axis < rank else { throw Mistakes.newAxisOutOfRange(axis, shape) }
    return axis < 0 ? axis + rank : axis
  }

  /// Repeated along new axes and axes of size 1.
  public static let broadcastTo: Op = Op(
    "broadcast_to", [OpParameter("x", .tensor), OpParameter("shape", .shape)],
    doc: "Repeated along new axes and axes of size 1 to a shape, without copying.",
    examples: [("broadcast_to([1, 2], 2, 2)", "[[1, 2],\n [1, 2]]")], handlesHalf: true,
    domain: .cases([([.floats([2, 1])], [.ints([3, 2, 4])])]),
    gradient: .rule(saves: []) { g in try g.give(g.dy) },
    rule: { call in
      let target = try call.shape(0)
      guard try Shape.broadcast(call[0].shape, target) == target else {
        throw Mistakes.broadcastTo(call[0].type, target)
      }
      return .one(call[0].dtype, target)
    },
    kernel: { engine, call, types in
      let x = call[0].number == nil ? call[0] : try engine.contiguous(call[0])
      let shape = types.first.shape
      return TensorList(x.view(shape, strides: x.strides(broadcastTo: shape), offset: x.offset))
    })

  /// Reversed.
  public static let flip: Op = Op(
    "flip", [OpParameter("x", .tensor), OpParameter("axis", .axes, default: Attribute.none)],
    doc: "In reverse order along some axes, or all.", examples: [("flip([1, 2, 3])", "[3, 2, 1]")], handlesHalf: true,
    domain: .cases([([.floats([2, 3])], [.int(1)])]),
    gradient: .rule(saves: []) { g in try g.give(g.dy.apply(flip, with: [g.call.attribute(0)])) },
    rule: { call in
      _ = try call.axes(0, of: call[0].shape)
      return .one(call[0].dtype, call[0].shape)
    },
    kernel: { engine, call, _ in
      let axes = try call.axes(0, of: call[0].shape)
      var x = try engine.withStorage(call[0])
      for axis in 0..<x.rank where axes.contains(axis) { x = x.flipped(axis) }
      return TensorList(x === call[0] ? x.alias() : x)
    })

  private static func reshaped(_ x: Tensor, _ sizes: [Int]) throws -> Shape {
    guard let unknown = sizes.firstIndex(of: -1) else {
      let shape = try Shape(sizes)
      guard shape.elementCount == x.elementCount else { throw Mistakes.reshape(x.type, sizes) }
      return shape
    }
    var known = sizes
    known.remove(at: unknown)
    guard !known.contains(where: { $0 < 0 }) else { throw Mistakes.reshape(x.type, sizes) }
    let rest = try Shape(known).elementCount
    guard rest > 0, x.elementCount % rest == 0 else { throw Mistakes.reshape(x.type, sizes) }
    known.insert(x.elementCount / rest, at: unknown)
    return try Shape(known)
  }
}

extension Tensor {
  /// One axis in reverse order; a view.
  func flipped(_ axis: Int) -> Tensor {
    var steps = strides
    steps[axis] = -strides[axis]
    let last = Swift.max(shape[axis] - 1, 0) * strides[axis]
    return view(shape, strides: steps, offset: offset + last)
  }
}

extension Engine {
  /// The tensor with its elements in memory, which a number has not.
  func withStorage(_ x: Tensor) throws -> Tensor { x.number == nil ? x : try contiguous(x) }
}
