import CKernels

extension Ops {
  static let reductions: [Op] = [
    sum, mean, variance, std, max, min, prod, anyTrue, allTrue, norm, logsumexp, countNonzero, argmax, argmin, cumsum,
    cumprod,
  ]

  static let reductionCases: [([Domain.Argument], [Attribute])] = [
    ([.floats([])], []), ([.floats([5])], []), ([.floats([2, 3, 4])], [.int(1)]),
    ([.floats([2, 3, 4])], [.ints([0, -1]), .bool(true)]), ([.floats([3, 2])], [.ints([0, 1])]),
    ([.floats([4, 1, 3])], [.int(-1), .bool(false)]),
  ]

  /// Sum.
  public static let sum: Op = reduction(
    "sum", doc: "The sum over some axes, or all. Ints and bools give `i64`.",
    examples: [("sum([[1.0, 2.0], [3.0, 4.0]])", "10.0"), ("sum([[1, 2], [3, 4]], axis: 0)", "[4, 6]")],
    dtype: { $0.isFloat ? $0 : .i64 }, saves: .types, quick: Quick(NNS_SUM),
    gradient: { g, dy in try g.give(dy.broadcast(to: g.shape)) },
    kernel: { try $0.reduce(NNS_SUM, $1, $2, $3) })

  /// Mean.
  public static let mean: Op = reduction(
    "mean", doc: "The mean over some axes, or all. Ints and bools give `f32`.",
    examples: [("mean([1, 2, 3, 4])", "2.5")], dtype: \.fractional, saves: .types,
    quick: Quick(NNS_SUM, averages: true),
    gradient: { g, dy in
      let count = Double(g.shape.elementCount) / Double(Swift.max(dy.shape.elementCount, 1))
      return try g.give((dy / count).broadcast(to: g.shape))
    },
    kernel: { engine, x, axes, type in
      let count = axes.size(in: x.shape)
      return try engine.reduce(NNS_SUM, x, axes, type, divisor: Double(count))
    })

  /// Variance.
  public static let variance: Op = spread("variance", doc: "The mean squared distance from the mean", square: true)
  /// Standard deviation.
  public static let std: Op = spread(
    "std", doc: "The square root of the variance, with a gradient of 0 where that is 0", square: false)

  /// Largest.
  public static let max: Op = extreme(
    "max", doc: "The largest over some axes, or all; NaN if one is. Equal ones share the gradient.",
    examples: [("max([1, 5, 2])", "5"), ("max([[1, 5], [3, 4]], axis: 1)", "[5, 4]")], NNS_REDUCE_MAX)
  /// Smallest.
  public static let min: Op = extreme(
    "min", doc: "The smallest over some axes, or all; NaN if one is. Equal ones share the gradient.",
    examples: [("min([1, 5, 2])", "1")], NNS_REDUCE_MIN)

  /// Product.
  public static let prod: Op = reduction(
    "prod", doc: "The product over some axes, or all. Ints and bools give `i64`.",
    examples: [("prod([2, 3, 4])", "24")], dtype: { $0.isFloat ? $0 : .i64 }, saves: [.a, .y],
    quick: Quick(NNS_PROD),
    gradient: { g, dy in
      // Dividing is exact enough where nothing is 0 and no product out of range.
      if g.engine.isNormal(g.a.tensor), g.engine.isNormal(g.y.tensor) {
        return try g.give(dy * g.keepingDims(g.y, of: g.shape) / g.a)
      }
      return try g.give(dy * g.productsOfOthers())
    },
    kernel: { try $0.reduce(NNS_PROD, $1, $2, $3) })

  /// Whether one is true.
  public static let anyTrue: Op = reduction(
    "any", doc: "Whether one is true (not 0) over some axes, or all.",
    examples: [("any([false, true])", "true")], dtype: { _ in .bool }, saves: nil,
    kernel: { engine, x, axes, type in
      if axes.size(in: x.shape) == 0 { return try engine.full(type, .bool(false)) }
      return try engine.reduce(NNS_REDUCE_MAX, x, axes, type)
    })
  /// Whether all are true.
  public static let allTrue: Op = reduction(
    "all", doc: "Whether all are true (not 0) over some axes, or all.",
    examples: [("all([false, true])", "false")], dtype: { _ in .bool }, saves: nil,
    kernel: { engine, x, axes, type in
      if axes.size(in: x.shape) == 0 { return try engine.full(type, .bool(true)) }
      return try engine.reduce(NNS_REDUCE_MIN, x, axes, type)
    })

  /// How many are not 0.
  public static let countNonzero: Op = reduction(
    "count_nonzero", doc: "How many are not 0 over some axes, or all.",
    examples: [("count_nonzero([0, 3, 5])", "2")], dtype: { _ in .i64 }, saves: nil,
    kernel: { engine, x, axes, type in
      try engine.reduce(NNS_SUM, engine.cast(x, to: .bool), axes, type)
    })

  /// Euclidean norm.
  public static let norm: Op = reduction(
    "norm",
    doc: "The Euclidean norm over some axes, or all: the square root of the sum of squares. Its gradient at 0 is 0.",
    examples: [("norm([3.0, 4.0])", "5.0")], dtype: \.fractional, saves: [.a, .y], isSmoothAtZero: false,
    gradient: { g, dy in
      let y = try g.keepingDims(g.y, of: g.shape)
      let isZero = try y.apply(equal, y.number(0))
      return try g.give(g.a * (dy / (y + isZero)))
    },
    kernel: { engine, x, axes, type in
      let wide = try engine.cast(x, to: type.dtype)
      let squares = try engine.unary(NNS_SQUARE, wide, computing: type.dtype, TensorType(type.dtype, x.shape))
      let sum = try engine.reduce(NNS_SUM, squares, axes, type)
      return try engine.unary(NNS_SQRT, sum, computing: type.dtype, type)
    })

  /// log Σ exp.
  public static let logsumexp: Op = reduction(
    "logsumexp", doc: "log of the sum of exponentials over some axes, or all, without overflow.",
    examples: [("logsumexp([1000.0, 1000.0])", "1000.6932")], dtype: \.fractional, saves: [.a, .y],
    gradient: { g, dy in
      try g.give(dy * (g.a - g.keepingDims(g.y, of: g.shape)).apply(exp))
    },
    kernel: { engine, x, axes, type in
      let wide = try engine.cast(x, to: type.dtype)
      let kept = TensorType(type.dtype, x.shape.reduced(axes, keepdims: true))
      if axes.size(in: x.shape) == 0 { return try engine.full(type, -Double.infinity) }
      var peak = try engine.reduce(NNS_REDUCE_MAX, wide, axes, kept)
      let finite = try engine.unary(NNS_ISFINITE, peak, computing: type.dtype, TensorType(.bool, kept.shape))
      peak = try engine.select(finite, peak, .weak(0.0), kept)
      let full = TensorType(type.dtype, x.shape)
      let shifted = try engine.binary(NNS_SUB, wide, peak, computing: type.dtype, full)
      let powers = try engine.unary(NNS_EXP, shifted, computing: type.dtype, full)
      let sum = try engine.reduce(NNS_SUM, powers, axes, kept)
      let logs = try engine.unary(NNS_LOG, sum, computing: type.dtype, kept)
      let result = try engine.binary(NNS_ADD, logs, peak, computing: type.dtype, kept)
      return result.view(type.shape)
    })

  /// Position of the largest.
  public static let argmax: Op = position("argmax", doc: "largest", example: "1", smallest: false)
  /// Position of the smallest.
  public static let argmin: Op = position("argmin", doc: "smallest", example: "0", smallest: true)

  /// Running sum.
  public static let cumsum: Op = Op(
    "cumsum", [OpParameter("x", .tensor), OpParameter("axis", .axis, default: .int(0))],
    doc: "Running sums along an axis.", examples: [("cumsum([1, 2, 3])", "[1, 3, 6]")],
    domain: .cases([([.floats([4])], []), ([.floats([2, 3, 2])], [.int(1)])]),
    gradient: .rule(saves: []) { g in
      try g.give(g.dy.apply(reverseCumsum, with: [.int(g.call.int(0))]))
    },
    rule: { call in try cumulated(call) },
    kernel: { engine, call, types in
      TensorList(
        try engine.cumulate(call[0], call[0].shape.axis(call.int(0)), product: false, types.first))
    })

  /// Running sum from the end.
  static let reverseCumsum: Op = Op(
    "reverse_cumsum", [OpParameter("x", .tensor), OpParameter("axis", .axis, default: .int(0))],
    doc: "Running sums along an axis from its end.", isHidden: true,
    domain: .cases([([.floats([2, 3, 2])], [.int(1)])]),
    gradient: .rule(saves: []) { g in try g.give(g.dy.apply(cumsum, with: [.int(g.call.int(0))])) },
    rule: { call in try cumulated(call) },
    kernel: { engine, call, types in
      let axis = try call[0].shape.axis(call.int(0))
      let sums = try engine.cumulate(call[0].flipped(axis), axis, product: false, types.first)
      return TensorList(try engine.contiguous(sums.flipped(axis)))
    })

  /// Running product.
  public static let cumprod: Op = Op(
    "cumprod", [OpParameter("x", .tensor), OpParameter("axis", .axis, default: .int(0))],
    doc: "Running products along an axis.", examples: [("cumprod([1, 2, 3])", "[1, 2, 6]")],
    domain: .cases([([.floats([4])], []), ([.floats([2, 3, 2])], [.int(1)])]),
    gradient: .rule(saves: [.a, .y]) { g in
      let axis = try g.shape.axis(g.call.int(0))
      let along: [Attribute] = [.int(axis)]
      if g.engine.isNormal(g.a.tensor), g.engine.isNormal(g.y.tensor) {
        return try g.give((g.dy * g.y).apply(reverseCumsum, with: along) / g.a)
      }
      // Σ over later ends k of dy[k] · (the product before i) · (the product from i + 1 to k): right at zeros too.
      let next = try g.a.shifted(axis, by: -1, filling: 0).apply(flip, with: along)
      let after = try next.apply(recurrence, g.dy.apply(flip, with: along), with: along).apply(flip, with: along)
      return try g.give(g.y.shifted(axis, by: 1, filling: 1) * after)
    },
    rule: { call in try cumulated(call) },
    kernel: { engine, call, types in
      TensorList(
        try engine.cumulate(call[0], call[0].shape.axis(call.int(0)), product: true, types.first))
    })

  /// A linear recurrence.
  static let recurrence: Op = Op(
    "recurrence", [OpParameter("a", .tensor), OpParameter("b", .tensor), OpParameter("axis", .axis, default: .int(0))],
    doc: "h[i] = a[i] * h[i - 1] + b[i] along an axis, from 0 on.", isHidden: true,
    domain: .cases([([.floats([4]), .floats([4])], []), ([.floats([2, 3, 2]), .floats([2, 3, 2])], [.int(1)])]),
    gradient: .rule(saves: [.a, .y]) { g in
      let axis = try g.shape.axis(g.call.int(0))
      let along: [Attribute] = [.int(axis)]
      let next = try g.a.shifted(axis, by: -1, filling: 0).apply(flip, with: along)
      let back = try next.apply(recurrence, g.dy.apply(flip, with: along), with: along).apply(flip, with: along)
      return try g.give(back * g.y.shifted(axis, by: 1, filling: 0), back)
    },
    rule: { call in
      let type = try Rules.binary(call, .fractional)
      _ = try type.shape.axis(call.int(0))
      return .one(type)
    },
    kernel: { engine, call, types in
      TensorList(try engine.recurrence(call[0], call[1], call[0].shape.axis(call.int(0)), types.first))
    })

  private static func cumulated(_ call: borrowing Call) throws -> OutputTypes {
    _ = try call[0].shape.axis(call.int(0))
    return .one(call[0].dtype.isFloat ? call[0].dtype : .i64, call[0].shape)
  }
}

extension Term {
  /// Moved along an axis by one, either way, with a number where nothing came in.
  fileprivate func shifted(_ axis: Int, by step: Int, filling value: Double) throws -> Term {
    let size = shape[axis]
    if size == 0 { return self }
    var margins = [Int](repeating: 0, count: 2 * shape.rank)
    margins[2 * axis + (step > 0 ? 0 : 1)] = 1
    let rest = try slice(axis, step > 0 ? 0..<size - 1 : 1..<size)
    return try rest.apply(Ops.pad, with: [.ints(margins), .float(value)])
  }
}
