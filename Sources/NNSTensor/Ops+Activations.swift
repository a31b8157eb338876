import CKernels
import Glibc

extension Ops {
  static let activations: [Op] = [
    relu, leakyRelu, elu, selu, gelu, silu, mish, sigmoid, softplus, hardSwish, softmax, logSoftmax, glu,
  ]

  /// max(x, 0)
  public static let relu: Op = .unary(
    "relu", doc: "x where it is positive, else 0. Its gradient at 0 is 0.",
    examples: [("relu([-1.0, 2.0])", "[0.0, 2.0]")], NNS_RELU, .arithmetic, scalar: { $0 < 0 ? 0 : $0 },
    domain: .elementwise(avoiding: [0]),
    gradient: .rule(saves: [.y]) { g in try g.give(g.dy.apply(reluGrad, g.y)) })

  /// 1 / (1 + e⁻ˣ)
  public static let sigmoid: Op = .unary(
    "sigmoid", doc: "1 / (1 + exp(-x)): between 0 and 1.", examples: [("sigmoid([0.0])", "[0.5]")], NNS_SIGMOID,
    scalar: { 1 / (1 + Glibc.exp(-$0)) },
    gradient: .rule(saves: [.y]) { g in try g.give(g.dy.apply(sigmoidGrad, g.y)) })

  /// x, sloping below 0.
  public static let leakyRelu: Op = parametric(
    "leaky_relu", OpParameter("negative_slope", .number, default: .float(0.01)),
    doc: "x where it is positive, else negative_slope * x. Its gradient at 0 is negative_slope.",
    example: ("leaky_relu([-1.0, 2.0])", "[-0.01, 2.00]"),
    NNS_LEAKY_RELU
  ) { g in try g.give(g.dy * g.a.apply(leakyReluSlope, with: [g.call.attribute(0)])) }

  /// x, curving to -alpha below 0.
  public static let elu: Op = parametric(
    "elu", OpParameter("alpha", .number, default: .float(1)),
    doc: "x where it is positive, else alpha * (exp(x) - 1). Its gradient at 0 is alpha.",
    example: ("elu([-1.0, 2.0])", "[-0.6321, 2.0000]"),
    NNS_ELU
  ) { g in try g.give(g.dy * g.a.apply(eluSlope, with: [g.call.attribute(0)])) }

  /// Self-normalising unit.
  public static let selu: Op = .unary(
    "selu", doc: "The self-normalising unit: 1.0507 * elu(x, 1.6733). Its gradient at 0 is 1.7581.",
    examples: [("selu([0.0, 1.0])", "[0.0000, 1.0507]")], NNS_SELU,
    scalar: { 1.0507009873554805 * ($0 < 0 ? 1.6732632423543772 * Glibc.expm1($0) : $0) },
    domain: .elementwise(avoiding: [0]),
    gradient: .rule(saves: [.a]) { g in
      try g.give(g.dy * (g.a.apply(eluSlope, with: [.float(1.6732632423543772)]) * 1.0507009873554805))
    })

  /// x · Φ(x)
  public static let gelu: Op = Op(
    "gelu", [OpParameter("x", .tensor), OpParameter("approximate", .string, default: .string("none"))],
    doc: "x times the normal distribution function of x; `approximate: \"tanh\"` is the faster form.",
    examples: [("gelu([0.0, 1.0])", "[0.0000, 0.8413]")],
    scalar: { 0.5 * $0 * (1 + Glibc.erf($0 / 2.0.squareRoot())) },
    domain: .cases([([.floats([3, 4])], []), ([.floats([5])], [.string("tanh")])]),
    gradient: .rule(saves: [.a]) { g in
      let step = try isTanh(g.call) ? geluTanhGrad : geluGrad
      return try g.give(g.dy.apply(step, g.a))
    },
    rule: { call in
      _ = try isTanh(call)
      return .one(Rules.unary(call, .fractional))
    },
    kernel: { engine, call, types in
      let code = try isTanh(call) ? NNS_GELU_TANH : NNS_GELU
      return TensorList(try engine.unary(code, call[0], computing: types.first.dtype, types.first))
    })

  private static func isTanh(_ call: borrowing Call) throws -> Bool {
    let form = try call.string(0)
    guard form == "none" || form == "tanh" else {
      throw Mistakes.oneOf(call.op, "approximate", form, ["none", "tanh"])
    }
    return form == "tanh"
  }

  /// x · sigmoid(x)
  public static let silu: Op = .unary(
    "silu", doc: "x * sigmoid(x).", examples: [("silu([0.0, 1.0])", "[0.0000, 0.7311]")], NNS_SILU,
    scalar: { $0 / (1 + Glibc.exp(-$0)) },
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy.apply(siluGrad, g.a)) })

  /// x · tanh(softplus x)
  public static let mish: Op = .unary(
    "mish", doc: "x * tanh(softplus(x)).", examples: [("mish([0.0, 1.0])", "[0.0000, 0.8651]")], NNS_MISH,
    scalar: { $0 * Glibc.tanh(Glibc.log1p(Glibc.exp(-Swift.abs($0))) + Swift.max($0, 0)) },
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy * g.a.apply(mishSlope)) })

  /// log(1 + eˣ)
  public static let softplus: Op = .unary(
    "softplus", doc: "log(1 + exp(x)), without overflow.", examples: [("softplus([0.0])", "[0.6931]")], NNS_SOFTPLUS,
    scalar: { Glibc.log1p(Glibc.exp(-Swift.abs($0))) + Swift.max($0, 0) },
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy * g.a.apply(sigmoid)) })

  /// x · clip(x + 3, 0, 6) / 6
  public static let hardSwish: Op = .unary(
    "hard_swish", doc: "x * clip(x + 3, 0, 6) / 6. Its gradient is 0 at -3 and 1 at 3.",
    examples: [("hard_swish([-4.0, 1.0])", "[0.0000, 0.6667]")],
    NNS_HARD_SWISH, scalar: { $0 < -3 ? 0 : $0 > 3 ? $0 : $0 * ($0 + 3) / 6 },
    domain: .elementwise(-2.5...2.5),
    gradient: .rule(saves: [.a]) { g in try g.give(g.dy * g.a.apply(hardSwishSlope)) })

  /// Probabilities.
  public static let softmax: Op = overAxis(
    "softmax", doc: "exp(x) along an axis, divided by its sum: probabilities.",
    example: ("softmax([0.0, 0.0])", "[0.5, 0.5]"), logarithm: false)
  /// Log-probabilities.
  public static let logSoftmax: Op = overAxis(
    "log_softmax", doc: "The logarithm of softmax, without overflow.",
    example: ("log_softmax([0.0, 0.0])", "[-0.6931, -0.6931]"), logarithm: true)

  /// Gated half.
  public static let glu: Op = Op(
    "glu", [OpParameter("x", .tensor), OpParameter("axis", .axis, default: .int(-1))],
    doc: "The first half of an axis times the sigmoid of the second half.",
    examples: [("glu([2.0, 0.0])", "[1.0]")], domain: .cases([([.floats([3, 4])], [])]),
    gradient: .rule(saves: [.a]) { g in
      let axis = try g.a.shape.axis(g.call.int(0))
      let half = g.a.shape[axis] / 2
      let gate = try g.a.slice(axis, half..<2 * half).apply(sigmoid)
      let value = try g.a.slice(axis, 0..<half)
      let parts = TensorList(try (g.dy * gate).tensor, try (g.dy * value).apply(sigmoidGrad, gate).tensor)
      return TensorList(try g.engine.one(concat, parts, [.int(axis)]))
    },
    rule: { call in
      let shape = call[0].shape
      let axis = try shape.axis(call.int(0))
      guard shape[axis] % 2 == 0 else { throw Mistakes.oddAxis(call.op, axis, call[0].type) }
      return .one(call[0].dtype.fractional, try shape.replacing(axis, with: shape[axis] / 2))
    },
    kernel: { engine, call, types in
      let axis = try call[0].shape.axis(call.int(0))
      let half = types.first.shape[axis]
      let gate = call[0].sliced(axis, start: half, count: half, step: 1)
      let value = call[0].sliced(axis, start: 0, count: half, step: 1)
      let dtype = types.first.dtype
      let open = try engine.unary(NNS_SIGMOID, gate, computing: dtype, types.first)
      return TensorList(try engine.binary(NNS_MUL, value, open, computing: dtype, types.first))
    })

  // MARK: Steps of gradient rules, in one pass each

  /// dy where y > 0
  static let reluGrad: Op = gradientStep(
    "relu_grad", NNS_RELU_GRAD,
    gradient: .rule(saves: [.b]) { g in try g.give(g.dy.apply(reluGrad, g.b)) })
  /// dy · y · (1 - y)
  static let sigmoidGrad: Op = gradientStep(
    "sigmoid_grad", NNS_SIGMOID_GRAD,
    gradient: .rule(saves: [.a, .b]) { g in
      try g.give(g.dy.apply(sigmoidGrad, g.b), g.dy * g.a * (1 - g.b * 2))
    })
  /// dy · (Φ(x) + x · φ(x))
  static let geluGrad: Op = gradientStep(
    "gelu_grad", NNS_GELU_GRAD,
    gradient: .rule(saves: [.a, .b]) { g in
      let density = try (g.b * g.b * -0.5).apply(exp) * 0.39894228040143267794
      return try g.give(g.dy.apply(geluGrad, g.b), g.dy * g.a * density * (2 - g.b * g.b))
    })
  /// The same for the form with tanh.
  static let geluTanhGrad: Op = gradientStep(
    "gelu_tanh_grad", NNS_GELU_TANH_GRAD,
    gradient: .rule(saves: [.a, .b]) { g in
      let x = g.b
      let t = try ((x + x * x * x * 0.044715) * 0.79788456080286535588).apply(tanh)
      let slope = try (x * x * 0.134145 + 1) * 0.79788456080286535588
      let steep = try 1 - t * t
      let bend = try steep * (slope + x * x * (0.134145 * 0.79788456080286535588) - x * slope * slope * t)
      return try g.give(g.dy.apply(geluTanhGrad, g.b), g.dy * g.a * bend)
    })
  /// dy · s · (1 + x · (1 - s)), where s is sigmoid(x)
  static let siluGrad: Op = gradientStep(
    "silu_grad", NNS_SILU_GRAD,
    gradient: .rule(saves: [.a, .b]) { g in
      let s = try g.b.apply(sigmoid)
      let steep = try s * (1 - s)
      return try g.give(g.dy.apply(siluGrad, g.b), g.dy * g.a * steep * (g.b * (1 - s * 2) + 2))
    })

  /// The derivative of hard_swish.
  static let hardSwishSlope: Op = .unary(
    "hard_swish_slope", doc: "A step of a gradient rule.", NNS_HARD_SWISH_SLOPE, isHidden: true,
    domain: .elementwise(-2.5...2.5),
    gradient: .rule(saves: [.a]) { g in
      try g.give(g.dy / 3 * g.a.apply(abs).apply(less, g.a.number(3)))
    })

  /// The derivative of mish: t + x · (1 - t²) · s, where t is tanh(softplus(x)) and s is sigmoid(x).
  static let mishSlope: Op = .unary(
    "mish_slope", doc: "A step of a gradient rule.", NNS_MISH_SLOPE, isHidden: true,
    gradient: .rule(saves: [.a]) { g in
      let (t, s) = (try g.a.apply(softplus).apply(tanh), try g.a.apply(sigmoid))
      let steep = try (1 - t * t) * s
      return try g.give(g.dy * steep * (g.a * (1 - s - t * s * 2) + 2))
    })

  /// The derivative of leaky_relu.
  static let leakyReluSlope: Op = parametric(
    "leaky_relu_slope", OpParameter("slope", .number), doc: "A step of a gradient rule.", isHidden: true,
    NNS_LEAKY_RELU_SLOPE, value: 0.1
  ) { g in try g.give(nil) }

  /// The derivative of elu.
  static let eluSlope: Op = parametric(
    "elu_slope", OpParameter("alpha", .number), doc: "A step of a gradient rule.", isHidden: true, NNS_ELU_SLOPE,
    value: 0.5
  ) { g in
    let bend = try g.a.apply(eluSlope, with: [g.call.attribute(0)])
    return try g.give(g.dy * bend * g.a.apply(lessEqual, g.a.number(0)))
  }

  private static func parametric(
    _ name: String, _ parameter: OpParameter, doc: String, example: (String, String)? = nil, isHidden: Bool = false,
    _ code: nns_unary_op, value: Double? = nil,
    gradient: @escaping @Sendable (borrowing Backward) throws -> TensorList
  ) -> Op {
    Op(
      name, [OpParameter("x", .tensor), parameter], doc: doc, examples: example.map { [$0] } ?? [], isHidden: isHidden,
      quick: Quick(parametric: code), domain: .cases([([.floats([3, 4])], value.map { [.float($0)] } ?? [])]),
      gradient: .rule(saves: [.a], gradient),
      rule: { call in
        _ = try call.number(0)
        return .one(Rules.unary(call, .fractional))
      },
      kernel: { engine, call, types in
        TensorList(
          try engine.unary(code, call[0], computing: types.first.dtype, types.first, call.number(0)))
      })
  }

  private static func overAxis(_ name: String, doc: String, example: (String, String), logarithm: Bool) -> Op {
    Op(
      name, [OpParameter("x", .tensor), OpParameter("axis", .axis, default: .int(-1))], doc: doc, examples: [example],
      quick: .softmax(logarithm: logarithm),
      domain: .cases([([.floats([3, 4])], []), ([.floats([2, 3, 2])], [.int(1)]), ([.floats([40])], [])]),
      gradient: .rule(saves: [.y]) { g in
        let op = logarithm ? logSoftmaxGrad : softmaxGrad
        return try g.give(
          g.call.attributes.isEmpty ? g.dy.apply(op, g.y) : g.dy.apply(op, g.y, with: [g.call.attribute(0)]))
      },
      rule: { call in
        _ = try call[0].shape.axis(call.int(0))
        return .one(call[0].dtype.fractional, call[0].shape)
      },
      kernel: { engine, call, types in
        TensorList(
          try engine.softmax(call[0], call[0].shape.axis(call.int(0)), types.first, logarithm: logarithm))
      })
  }

  /// y · (dy - Σ dy · y)
  static let softmaxGrad: Op = overAxisGrad("softmax_grad", logarithm: false) { g, axis in
    let (dy, y) = (g.a, g.b)
    let total = try (dy * y).apply(sum, with: [axis, .bool(true)])
    let back = try (g.dy * y).apply(sum, with: [axis, .bool(true)])
    return try g.give(y * (g.dy - back), g.dy * (dy - total) - dy * back)
  }
  /// dy - exp(y) · Σ dy
  static let logSoftmaxGrad: Op = overAxisGrad("log_softmax_grad", logarithm: true) { g, axis in
    let (dy, y) = (g.a, g.b)
    let powers = try y.apply(exp)
    let back = try (g.dy * powers).apply(sum, with: [axis, .bool(true)])
    let total = try dy.apply(sum, with: [axis, .bool(true)])
    return try g.give(g.dy - back, -(g.dy * powers * total))
  }

  private static func overAxisGrad(
    _ name: String, logarithm: Bool,
    _ body: @escaping @Sendable (borrowing Backward, Attribute) throws -> TensorList
  ) -> Op {
    Op(
      name, [OpParameter("dy", .tensor), OpParameter("y", .tensor), OpParameter("axis", .axis, default: .int(-1))],
      doc: "A step of a gradient rule.", isHidden: true, quick: .softmaxGradient(logarithm: logarithm),
      domain: .cases([([.floats([3, 4]), .floats([3, 4])], [])]),
      gradient: .rule(saves: [.a, .b]) { g in try body(g, g.call.attribute(0)) },
      rule: { .one($0[1].dtype, $0[1].shape) },
      kernel: { engine, call, types in
        TensorList(
          try engine.softmaxGradient(
            call[0], call[1], call[1].shape.axis(call.int(0)), types.first, logarithm: logarithm))
      })
  }
}
