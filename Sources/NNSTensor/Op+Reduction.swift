import CKernels

extension Ops {
  /// A row for a reduction over axes.
  ///
  /// The gradient rule gets the upstream gradient in the shape that `keepdims` gives.
  static func reduction(
    _ name: String, doc: String, examples: [(String, String)], dtype: @escaping @Sendable (DType) -> DType,
    saves: Saves?, parameters: [OpParameter] = [], isNamedOnly: Bool = false, needsElements: Bool = false,
    isSmoothAtZero: Bool = true, quick: Quick = .none,
    gradient: (@Sendable (borrowing Backward, Term) throws -> TensorList)? = nil,
    kernel: @escaping @Sendable (Engine, Tensor, AxisSet, TensorType) throws -> Tensor
  ) -> Op {
    let range = isSmoothAtZero ? -2.0...2 : 0.5...2
    return Op(
      name,
      [
        OpParameter("x", .tensor), OpParameter("axis", .axes, default: Attribute.none, isNamedOnly: isNamedOnly),
        OpParameter("keepdims", .bool, default: .bool(false), isNamedOnly: isNamedOnly),
      ] + parameters, doc: doc, examples: examples, quick: quick,
      domain: saves == nil ? .none : .cases(reductionCases, range: range),
      gradient: reducing(saves, gradient),
      rule: { call in
        let axes = try call.axes(0, of: call[0].shape)
        if needsElements && axes.size(in: call[0].shape) == 0 { throw Mistakes.noElements(call.op, call[0].type) }
        return .one(dtype(call[0].dtype), call[0].shape.reduced(axes, keepdims: try call.bool(1)))
      },
      kernel: { engine, call, types in
        TensorList(try kernel(engine, call[0], call.axes(0, of: call[0].shape), types.first))
      })
  }

  private static func reducing(
    _ saves: Saves?, _ body: (@Sendable (borrowing Backward, Term) throws -> TensorList)?
  ) -> Gradient {
    guard let saves, let body else { return .none("it does not change smoothly") }
    return .rule(saves: saves) { g in try body(g, g.keepingDims(g.dy, of: g.shape)) }
  }

  /// `variance` and `std`.
  static func spread(_ name: String, doc: String, square: Bool) -> Op {
    Op(
      name,
      [
        OpParameter("x", .tensor), OpParameter("axis", .axes, default: Attribute.none),
        OpParameter("keepdims", .bool, default: .bool(false)), OpParameter("correction", .int, default: .int(0)),
      ],
      doc: doc + " over some axes, or all; squares are summed and divided by their number minus `correction`.",
      examples: [(square ? "variance([1.0, 3.0])" : "std([1.0, 3.0])", "1.0")],
      domain: .cases(Array(reductionCases.dropFirst())),
      gradient: .rule(saves: square ? [.a] : [.a, .y]) { g in
        let axes = try g.call.axes(0, of: g.a.shape)
        let divisor = try Swift.max(Double(axes.size(in: g.a.shape)) - Double(g.call.int(2)), 0)
        let mean = try g.a.apply(Ops.mean, with: [g.call.attribute(0), .bool(true)])
        var dy = try g.keepingDims(g.dy, of: g.shape)
        if !square {
          let y = try g.keepingDims(g.y, of: g.a.shape)
          dy = try dy / (2 * (y + y.apply(equal, y.number(0))))
        }
        return try g.give((g.a - mean) * (dy * (2 / divisor)))
      },
      rule: { call in
        let axes = try call.axes(0, of: call[0].shape)
        return .one(call[0].dtype.fractional, call[0].shape.reduced(axes, keepdims: try call.bool(1)))
      },
      kernel: { engine, call, types in
        let axes = try call.axes(0, of: call[0].shape)
        let divisor = Swift.max(Double(axes.size(in: call[0].shape)) - Double(try call.int(2)), 0)
        let variance = try engine.variance(call[0], axes, types.first, divisor: divisor)
        if square { return TensorList(variance) }
        return TensorList(try engine.unary(NNS_SQRT, variance, computing: types.first.dtype, types.first))
      })
  }

  /// `max` and `min`.
  static func extreme(_ name: String, doc: String, examples: [(String, String)], _ code: nns_reduce_op) -> Op {
    reduction(
      name, doc: doc, examples: examples, dtype: { $0 }, saves: [.a, .y], isNamedOnly: true, needsElements: true,
      quick: Quick(code),
      gradient: { g, dy in
        let isChosen = try g.a.apply(equal, g.keepingDims(g.y, of: g.a.shape))
        let chosen = try isChosen.apply(choose, g.a.number(1), g.a.number(0))
        let ties = try chosen.apply(sum, with: [g.call.attribute(0), .bool(true)])
        return try g.give(chosen * (dy / ties))
      },
      kernel: { try $0.reduce(code, $1, $2, $3) })
  }

  /// `argmax` and `argmin`.
  static func position(_ name: String, doc: String, example: String, smallest: Bool) -> Op {
    Op(
      name,
      [
        OpParameter("x", .tensor), OpParameter("axis", .axis, default: Attribute.none),
        OpParameter("keepdims", .bool, default: .bool(false)),
      ],
      doc: "Where the \(doc) is along an axis, or among all elements in row-major order; the first of equals.",
      examples: [("\(name)([1, 5, 2])", example)], gradient: .none("it gives positions"),
      rule: { call in
        let shape = call[0].shape
        let axes = try call.optionalInt(0).map { AxisSet(try shape.axis($0)) } ?? AxisSet(all: shape.rank)
        if axes.size(in: shape) == 0 { throw Mistakes.noElements(call.op, call[0].type) }
        return .one(.i64, shape.reduced(axes, keepdims: try call.bool(1)))
      },
      kernel: { engine, call, types in
        let axis = try call.optionalInt(0).map { try call[0].shape.axis($0) }
        return TensorList(try engine.argReduce(call[0], axis, smallest: smallest, types.first))
      })
  }

  /// Undoes broadcasting: sums to a shape that broadcasts to the tensor's.
  static let sumTo: Op = Op(
    "sum_to", [OpParameter("x", .tensor), OpParameter("shape", .shape)], doc: "Sums over the axes of a broadcast.",
    isHidden: true, domain: .cases([([.floats([4, 2, 3])], [.ints([2, 1])])]),
    gradient: .rule(saves: .types) { g in try g.give(g.dy.broadcast(to: g.shape)) },
    rule: { .one($0[0].dtype, try $0.shape(0)) },
    kernel: { engine, call, types in
      let (x, target) = (call[0], types.first.shape)
      var axes = AxisSet()
      let lead = x.rank - target.rank
      for axis in 0..<x.rank where axis < lead || (target[axis - lead] == 1 && x.shape[axis] != 1) { axes.insert(axis) }
      return TensorList(try engine.reduce(NNS_SUM, x, axes, types.first))
    })
}

extension AxisSet {
  /// How many elements these axes of a shape have together.
  func size(in shape: Shape) -> Int {
    var size = 1
    for axis in 0..<shape.rank where contains(axis) { size *= shape[axis] }
    return size
  }
}

extension Term {
  /// Broadcast to a shape.
  func broadcast(to shape: Shape) throws -> Term {
    if self.shape == shape { return self }
    if isFree, (try? Shape.broadcast(self.shape, shape)) == shape {
      return Term(
        tensor: tensor.view(shape, strides: tensor.strides(broadcastTo: shape), offset: tensor.offset), engine: engine)
    }
    return try apply(Ops.broadcastTo, with: [.ints(Array(shape))])
  }

  /// In another shape of as many elements.
  func reshaped(to shape: Shape) throws -> Term {
    if self.shape == shape { return self }
    if isFree, tensor.isContiguous, self.shape.elementCount == shape.elementCount {
      return Term(tensor: tensor.view(shape), engine: engine)
    }
    return try apply(Ops.reshape, with: [.ints(Array(shape))])
  }

  /// Whether a view of it is all that an op would make: nobody records or looks on.
  private var isFree: Bool { engine.takesShortcuts && tensor.storage != nil && !engine.isTracked(tensor) }
}

extension Term {
  /// Joined along axis 1.
  fileprivate func joined(with other: Term) throws -> Term { try apply(Ops.concat, other, with: [.int(1)]) }
}

extension Backward {
  /// A reduction's result, or gradient of it, in the shape that `keepdims` gives.
  func keepingDims(_ term: Term, of shape: Shape) throws -> Term {
    // One value is broadcast as it is.
    try term.shape.rank == 0 ? term : term.reshaped(to: shape.reduced(call.axes(0, of: shape), keepdims: true))
  }

  /// For each element the product of the others that it is multiplied with, right also where some are 0.
  func productsOfOthers() throws -> Term {
    let axes = try call.axes(0, of: a.shape)
    var order: [Int] = []
    for axis in 0..<a.shape.rank where !axes.contains(axis) { order.append(axis) }
    let kept = order.count
    for axis in 0..<a.shape.rank where axes.contains(axis) { order.append(axis) }
    let moved = try a.apply(Ops.permute, with: [.ints(order)])
    let (rows, count, _) = moved.shape.around(kept..<order.count)
    if count == 0 { return a }
    // All before it, times all after it: running products from both ends, moved by one.
    let flat = try moved.reshaped(to: Shape([rows, count]))
    let ones = Term(tensor: try engine.full(TensorType(a.tensor.dtype, Shape([rows, 1])), 1), engine: engine)
    let along: [Attribute] = [.int(1)]
    let before = try ones.joined(with: flat.slice(1, 0..<count - 1)).apply(Ops.cumprod, with: along)
    let backwards = try flat.slice(1, 1..<count).joined(with: ones).apply(Ops.flip, with: along)
    let after = try backwards.apply(Ops.cumprod, with: along).apply(Ops.flip, with: along)
    let others = try before * after
    var inverse = order
    for (i, axis) in order.enumerated() { inverse[axis] = i }
    return try others.reshaped(to: moved.shape).apply(Ops.permute, with: [.ints(inverse)])
  }
}
