import CKernels

extension Ops {
  static let arithmetic: [Op] = [
    add, subtract, multiply, divide, floorDivide, modulo, power, negate, minimum, maximum, atan2,
  ]

  /// `a + b`
  public static let add: Op = .binary(
    "add", symbol: "+", doc: "The sum, element by element: `a + b`.", examples: [("[1, 2] + 3", "[4, 5]")], NNS_ADD,
    gradient: .rule(saves: []) { g in try g.give(g.dy, g.dy) })

  /// `a - b`
  public static let subtract: Op = .binary(
    "subtract", symbol: "-", doc: "The difference, element by element: `a - b`.",
    examples: [("[1, 2] - 3", "[-2, -1]")], NNS_SUB,
    gradient: .rule(saves: []) { g in try g.give(g.dy, -g.dy) })

  /// `a * b`
  public static let multiply: Op = .binary(
    "multiply", symbol: "*", doc: "The product, element by element: `a * b`.",
    examples: [("[1.0, 2.0] * 3", "[3.0, 6.0]")], NNS_MUL,
    gradient: .rule(saves: [.a, .b]) { g in try g.give(g.dy * g.b, g.dy * g.a) })

  /// `a / b`
  public static let divide: Op = .binary(
    "divide", symbol: "/", doc: "The quotient, element by element: `a / b`. Ints give `f32`.",
    examples: [("[1, 2] / 2", "[0.5, 1.0]")], NNS_DIV, .fractional, domain: .elementwise(0.5...2),
    gradient: .rule(saves: [.b, .y]) { g in try g.give(g.dy / g.b, -(g.dy * g.y / g.b)) })

  /// `a // b`
  public static let floorDivide: Op = .binary(
    "floor_divide", symbol: "//", doc: "The quotient rounded down: `a // b`.",
    examples: [("[7, -7] // 2", "[3, -4]")], NNS_FLOOR_DIV,
    gradient: .none("it is constant between its jumps"))

  /// `a % b`
  public static let modulo: Op = .binary(
    "modulo", symbol: "%",
    doc: "The remainder with the divisor's sign: `a % b`. Its gradient by a is 1 and by b -(a // b), at the jumps too.",
    examples: [("[7, -7] % 4", "[3, 1]")], NNS_MOD, domain: .elementwise(0.6...0.9),
    gradient: .rule(saves: [.a, .b]) { g in
      try g.give(g.dy, -(g.dy * g.a.apply(floorDivide, g.b)))
    })

  /// `a ** b`
  public static let power: Op = .binary(
    "power", symbol: "**",
    doc: "The power, element by element: `a ** b`. Where b is 0 the gradient by a is 0, where a is 0 that by b.",
    examples: [("[1.0, 2.0, 3.0] ** 2", "[1.0, 4.0, 9.0]")], NNS_POW, domain: .elementwise(0.5...2),
    gradient: .rule(saves: [.a, .b, .y]) { g in
      try g.give(g.powerByBase(), g.dy * g.y * g.a.apply(safeLog))
    })

  /// `-x`
  public static let negate: Op = .unary(
    "negate", symbol: "-", doc: "The negative: `-x`.", examples: [("-[1, -2]", "[-1, 2]")], NNS_NEGATE, .arithmetic,
    isHidden: true, gradient: .rule(saves: []) { g in try g.give(-g.dy) })

  /// The smaller of two.
  public static let minimum: Op = .binary(
    "minimum", doc: "The smaller of two, element by element; NaN if either is. Equal ones share the gradient.",
    examples: [("minimum([1, 5], [4, 2])", "[1, 2]")], NNS_MIN, .same, domain: .elementwise(),
    gradient: .rule(saves: [.a, .b]) { g in try g.giveToChosen(less) })

  /// The larger of two.
  public static let maximum: Op = .binary(
    "maximum", doc: "The larger of two, element by element; NaN if either is. Equal ones share the gradient.",
    examples: [("maximum([1, 5], [4, 2])", "[4, 5]")], NNS_MAX, .same, domain: .elementwise(),
    gradient: .rule(saves: [.a, .b]) { g in try g.giveToChosen(greater) })

  /// The angle of a point.
  public static let atan2: Op = .binary(
    "atan2",
    doc: "The angle of the point `(x, y)` from the x axis, between -pi and pi. Its gradient at the origin is 0.",
    examples: [("atan2([1.0], [1.0])", "[0.7854]")], NNS_ATAN2, .fractional, names: ("y", "x"),
    domain: .elementwise(0.5...2),
    gradient: .rule(saves: [.a, .b]) { g in
      let square = try g.a * g.a + g.b * g.b
      let scaled = try g.dy / (square + square.apply(equal, square.number(0)))
      return try g.give(scaled * g.b, -(scaled * g.a))
    })

  // MARK: Steps of gradient rules

  /// log x, but 0 at 0: the gradient of `0 ** b` by `b` is 0.
  static let safeLog: Op = .unary(
    "safe_log", doc: "log x, but 0 where x is 0.", NNS_SAFE_LOG, isHidden: true, domain: .elementwise(0.5...2),
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy / g.a) })

  /// The same value: what ties a leaf to the levels further out.
  static let identity: Op = Op(
    "identity", [OpParameter("x", .tensor)], doc: "The same value.", isHidden: true, handlesHalf: true,
    gradient: .rule(saves: []) { g in try g.give(g.dy) },
    rule: { .one($0[0].type) }, kernel: { _, call, _ in TensorList(call[0].alias()) })

  /// The same value, as a number for promotion.
  static let asNumber: Op = Op(
    "as_number", [OpParameter("x", .tensor)], doc: "The same value, as a number.", isHidden: true,
    gradient: .rule(saves: []) { g in try g.give(g.dy) },
    rule: { .one(TensorType(.f64, $0[0].shape, isWeak: $0[0].rank == 0)) },
    kernel: { engine, call, types in TensorList(try engine.cast(call[0], to: .f64).retyped(types.first)) })
}

extension Backward {
  /// b · a^(b-1); at b = 0 it is 0 for every a.
  fileprivate func powerByBase() throws -> Term {
    if case .float(2)? = b.tensor.number { return try dy * a * 2 }
    if case .int(2)? = b.tensor.number { return try dy * a * 2 }
    let slope = try dy * b * a.apply(Ops.power, b - 1)
    if let number = b.tensor.number, number.double != 0 { return slope }
    return try b.apply(Ops.equal, b.number(0)).apply(Ops.choose, slope.number(0), slope)
  }

  /// Gradients of `minimum` and `maximum`: to whichever was chosen, in halves where they are equal.
  fileprivate func giveToChosen(_ comparison: Op) throws -> TensorList {
    let dy = try dy
    let shared = try a.apply(Ops.equal, b).apply(Ops.choose, dy * 0.5, dy.number(0))
    return try give(
      a.apply(comparison, b).apply(Ops.choose, dy, shared), b.apply(comparison, a).apply(Ops.choose, dy, shared))
  }
}
