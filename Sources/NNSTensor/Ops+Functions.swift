import CKernels
import Glibc

extension Ops {
  static let functions: [Op] = [
    abs, sign, exp, expm1, log, log1p, log2, sqrt, rsqrt, square, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh,
    erf, floor, ceil, round, clip,
  ]

  private static let steps = Gradient.none("it is constant between its jumps")

  /// |x|
  public static let abs: Op = .unary(
    "abs", doc: "The absolute value. Its gradient at 0 is 0.", examples: [("abs([-1, 2])", "[1, 2]")], NNS_ABS,
    .arithmetic, scalar: { Swift.abs($0) }, domain: .elementwise(avoiding: [0]),
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy * g.a.apply(sign)) })

  /// -1, 0 or 1
  public static let sign: Op = .unary(
    "sign", doc: "-1, 0 or 1, as x is negative, zero or positive.", examples: [("sign([-3, 0, 2])", "[-1, 0, 1]")],
    NNS_SIGN, .arithmetic, scalar: { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }, gradient: steps)

  /// eˣ
  public static let exp: Op = .unary(
    "exp", doc: "e to the power of x.", examples: [("exp([0.0, 1.0])", "[1.0000, 2.7183]")], NNS_EXP,
    scalar: Glibc.exp, gradient: .rule(saves: [.y]) { g in try g.give(g.dy * g.y) })

  /// eˣ - 1
  public static let expm1: Op = .unary(
    "expm1", doc: "exp(x) - 1, precise near 0.", examples: [("expm1([0.0, 1.0])", "[0.0000, 1.7183]")], NNS_EXPM1,
    scalar: Glibc.expm1, gradient: .rule(saves: [.y]) { g in try g.give(g.dy * (g.y + 1)) })

  /// ln x
  public static let log: Op = .unary(
    "log", doc: "The natural logarithm.", examples: [("log([1.0, 10.0])", "[0.0000, 2.3026]")], NNS_LOG,
    scalar: Glibc.log, domain: .elementwise(0.5...2),
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy / g.a) })

  /// ln (1 + x)
  public static let log1p: Op = .unary(
    "log1p", doc: "log(1 + x), precise near 0.", examples: [("log1p([0.0, 1.0])", "[0.0000, 0.6931]")], NNS_LOG1P,
    scalar: Glibc.log1p, domain: .elementwise(-0.5...2),
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy / (g.a + 1)) })

  /// log to base 2
  public static let log2: Op = .unary(
    "log2", doc: "The logarithm to base 2.", examples: [("log2([1.0, 8.0])", "[0.0, 3.0]")], NNS_LOG2,
    scalar: Glibc.log2, domain: .elementwise(0.5...2),
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy / (g.a * 0.693147180559945309417)) })

  /// √x
  public static let sqrt: Op = .unary(
    "sqrt", doc: "The square root. Its gradient at 0 is infinite.", examples: [("sqrt([4.0, 9.0])", "[2.0, 3.0]")],
    NNS_SQRT,
    scalar: { $0.squareRoot() }, domain: .elementwise(0.5...2),
    gradient: .rule(saves: [.y]) { g in try g.give(g.dy / (g.y * 2)) })

  /// 1/√x
  public static let rsqrt: Op = .unary(
    "rsqrt", doc: "1 / sqrt(x).", examples: [("rsqrt([4.0, 16.0])", "[0.50, 0.25]")], NNS_RSQRT,
    scalar: { 1 / $0.squareRoot() }, domain: .elementwise(0.5...2),
    gradient: .rule(saves: [.y]) { g in try g.give(g.dy * g.y * g.y * g.y * -0.5) })

  /// x²
  public static let square: Op = .unary(
    "square", doc: "x times x.", examples: [("square([2, -3])", "[4, 9]")], NNS_SQUARE, .arithmetic,
    scalar: { $0 * $0 }, gradient: .rule(saves: [.a]) { g in try g.give(g.dy * g.a * 2) })

  /// sin x
  public static let sin: Op = .unary(
    "sin", doc: "The sine of an angle in radians.", examples: [("sin([0.0])", "[0.0]")], NNS_SIN, scalar: Glibc.sin,
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy * g.a.apply(cos)) })

  /// cos x
  public static let cos: Op = .unary(
    "cos", doc: "The cosine of an angle in radians.", examples: [("cos([0.0])", "[1.0]")], NNS_COS,
    scalar: Glibc.cos, gradient: .rule(saves: [.a]) { g in try g.give(-(g.dy * g.a.apply(sin))) })

  /// tan x
  public static let tan: Op = .unary(
    "tan", doc: "The tangent of an angle in radians.", examples: [("tan([0.0])", "[0.0]")], NNS_TAN,
    scalar: Glibc.tan, domain: .elementwise(-1...1),
    gradient: .rule(saves: [.y]) { g in try g.give(g.dy * (g.y * g.y + 1)) })

  /// arcsin x
  public static let asin: Op = .unary(
    "asin", doc: "The angle whose sine is x.", examples: [("asin([1.0])", "[1.5708]")], NNS_ASIN,
    scalar: Glibc.asin, domain: .elementwise(-0.8...0.8),
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy * (1 - g.a * g.a).apply(rsqrt)) })

  /// arccos x
  public static let acos: Op = .unary(
    "acos", doc: "The angle whose cosine is x.", examples: [("acos([1.0])", "[0.0]")], NNS_ACOS,
    scalar: Glibc.acos, domain: .elementwise(-0.8...0.8),
    gradient: .rule(saves: [.a]) { g in try g.give(-(g.dy * (1 - g.a * g.a).apply(rsqrt))) })

  /// arctan x
  public static let atan: Op = .unary(
    "atan", doc: "The angle whose tangent is x.", examples: [("atan([1.0])", "[0.7854]")], NNS_ATAN,
    scalar: Glibc.atan, gradient: .rule(saves: [.a]) { g in try g.give(g.dy / (g.a * g.a + 1)) })

  /// sinh x
  public static let sinh: Op = .unary(
    "sinh", doc: "The hyperbolic sine.", examples: [("sinh([0.0])", "[0.0]")], NNS_SINH, scalar: Glibc.sinh,
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy * g.a.apply(cosh)) })

  /// cosh x
  public static let cosh: Op = .unary(
    "cosh", doc: "The hyperbolic cosine.", examples: [("cosh([0.0])", "[1.0]")], NNS_COSH, scalar: Glibc.cosh,
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy * g.a.apply(sinh)) })

  /// tanh x
  public static let tanh: Op = .unary(
    "tanh", doc: "The hyperbolic tangent: between -1 and 1.", examples: [("tanh([0.0, 1.0])", "[0.0000, 0.7616]")],
    NNS_TANH, scalar: Glibc.tanh,
    gradient: .rule(saves: [.y]) { g in try g.give(g.dy.apply(tanhGrad, g.y)) })

  /// The error function.
  public static let erf: Op = .unary(
    "erf", doc: "The error function.", examples: [("erf([0.0, 1.0])", "[0.0000, 0.8427]")], NNS_ERF,
    scalar: Glibc.erf,
    gradient: .rule(saves: [.a]) { g in
      try g.give(g.dy * (-(g.a * g.a)).apply(exp) * 1.12837916709551257390)
    })

  /// Rounded down.
  public static let floor: Op = .rounding(
    "floor", doc: "The next whole number below.", example: ("floor([1.7, -1.2])", "[1.0, -2.0]"), NNS_FLOOR,
    scalar: { $0.rounded(.down) })
  /// Rounded up.
  public static let ceil: Op = .rounding(
    "ceil", doc: "The next whole number above.", example: ("ceil([1.2, -1.7])", "[2.0, -1.0]"), NNS_CEIL,
    scalar: { $0.rounded(.up) })
  /// Rounded to the nearest.
  public static let round: Op = .rounding(
    "round", [OpParameter("digits", .int, default: Attribute.none)],
    doc:
      "The nearest whole number, or the nearest with so many decimals; halves go to the even one. Fewer than 0 digits round to tens and so on.",
    example: ("round([1.5, 2.5])", "[2.0, 2.0]"), NNS_ROUND, scalar: { $0.rounded(.toNearestOrEven) })

  /// Held between bounds.
  public static let clip: Op = Op(
    "clip",
    [
      OpParameter("x", .tensor), OpParameter("low", .number, default: Attribute.none),
      OpParameter("high", .number, default: Attribute.none),
    ],
    doc:
      "Held between two bounds, either of which may be nil. The gradient is 1 within, and 0 outside and at the bounds.",
    examples: [("clip([-1.0, 0.5, 3.0], 0, 1)", "[0.0, 0.5, 1.0]")],
    domain: .cases([([.floats([3, 4])], [.float(-1), .float(1)]), ([.floats([5])], [.none, .float(0.5)])]),
    gradient: .rule(saves: [.a]) { g in
      let low = try g.call.optionalNumber(0) ?? -Double.infinity
      let high = try g.call.optionalNumber(1) ?? Double.infinity
      let isAbove = try g.a.apply(greater, g.a.number(low))
      let isBelow = try g.a.apply(less, g.a.number(high))
      return try g.give(g.dy * isAbove.apply(and, isBelow))
    },
    rule: { call in
      for i in 0..<2 { _ = try call.optionalNumber(i) }
      let hasFloats = (0..<2).contains { if case .float = call.attribute($0) { true } else { false } }
      return .one(Rules.unary(call, hasFloats ? .fractional : .arithmetic))
    },
    kernel: { engine, call, types in
      let type = types.first
      if type.dtype.isFloat {
        let low = try call.optionalNumber(0) ?? -Double.infinity
        let high = try call.optionalNumber(1) ?? Double.infinity
        if low.isNaN || high.isNaN { return TensorList(try engine.full(type, Double.nan)) }
        return TensorList(try engine.unary(NNS_CLIP, call[0], computing: type.dtype, type, low, high))
      }
      var x = try engine.cast(call[0], to: type.dtype)
      for (i, code) in [(0, NNS_MAX), (1, NNS_MIN)] {
        guard let bound = try call.optionalInt(i) else { continue }
        let held = Swift.min(Swift.max(bound, type.dtype.ints.lowerBound), type.dtype.ints.upperBound)
        x = try engine.binary(code, x, .weak(held), computing: type.dtype, type)
      }
      return TensorList(x)
    })

  // MARK: Steps of gradient rules, in one pass each

  /// dy · (1 - y²)
  static let tanhGrad: Op = gradientStep(
    "tanh_grad", NNS_TANH_GRAD,
    gradient: .rule(saves: [.a, .b]) { g in
      try g.give(g.dy.apply(tanhGrad, g.b), g.dy * g.a * g.b * -2)
    })

  /// A row for a gradient that takes the upstream gradient and the function's result or argument.
  static func gradientStep(_ name: String, _ code: nns_binary_op, gradient: Gradient) -> Op {
    Op.binary(
      name, doc: "A step of a gradient rule.", code, names: ("dy", "x"), isHidden: true,
      domain: .elementwise(avoiding: [0]), gradient: gradient)
  }
}

extension DType {
  /// The ints that it holds, if it is one of ints.
  fileprivate var ints: ClosedRange<Int> {
    switch self {
    case .u8, .bool: 0...255
    case .i32: Int(Int32.min)...Int(Int32.max)
    default: .min ... .max
    }
  }
}
