import CKernels
import Glibc

extension Ops {
  static let making: [Op] = [
    zeros, ones, full, eye, arange, linspace, zerosLike, onesLike, rand, randn, uniform, normal, randint, randperm,
    bernoulli, multinomial, kaimingUniform, kaimingNormal, xavierUniform, xavierNormal,
  ]

  private static let shape = OpParameter("shape", .shape)
  private static let dtype = OpParameter("dtype", .dtype, default: .dtype(.f32), isNamedOnly: true)

  /// Zeros.
  public static let zeros: Op = Op(
    "zeros", [shape, dtype], doc: "A tensor of zeros.",
    examples: [("zeros(2, 3)", "[[0.0, 0.0, 0.0],\n [0.0, 0.0, 0.0]]")],
    handlesHalf: true, gradient: .none("it takes no tensors"), rule: { .one(try $0.dtype(1), try $0.shape(0)) },
    kernel: { engine, _, types in TensorList(try engine.zeros(types.first)) })
  /// Ones.
  public static let ones: Op = Op(
    "ones", [shape, dtype], doc: "A tensor of ones.", examples: [("ones(3)", "[1.0, 1.0, 1.0]")],
    handlesHalf: true, gradient: .none("it takes no tensors"), rule: { .one(try $0.dtype(1), try $0.shape(0)) },
    kernel: { engine, _, types in TensorList(try engine.full(types.first, .int(1))) })
  /// One number.
  public static let full: Op = Op(
    "full",
    [shape, OpParameter("value", .scalar), OpParameter("dtype", .dtype, default: Attribute.none, isNamedOnly: true)],
    doc: "A tensor of one value throughout; an int gives i64, a float f32, a bool bool.",
    examples: [("full((2,), 0.5)", "[0.5, 0.5]")], handlesHalf: true, gradient: .none("it takes no tensors"),
    rule: { call in
      if call.attribute(2) != .none { return .one(try call.dtype(2), try call.shape(0)) }
      switch try call.scalar(1) {
      case .int: return .one(.i64, try call.shape(0))
      case .float: return .one(.f32, try call.shape(0))
      case .bool: return .one(.bool, try call.shape(0))
      }
    },
    kernel: { engine, call, types in TensorList(try engine.full(types.first, call.scalar(1))) })
  /// Identity matrix.
  public static let eye: Op = Op(
    "eye", [OpParameter("n", .int), OpParameter("m", .int, default: Attribute.none), dtype],
    doc: "Ones on the diagonal, zeros elsewhere; n rows and m columns, or square.",
    examples: [("eye(2)", "[[1.0, 0.0],\n [0.0, 1.0]]")], gradient: .none("it takes no tensors"),
    rule: { .one(try $0.dtype(2), try Shape([$0.int(0), $0.optionalInt(1) ?? $0.int(0)])) },
    kernel: { engine, call, types in
      let result = try engine.zeros(types.first)
      let shape = types.first.shape
      let place = result.view(
        try Shape([Swift.min(shape[0], shape[1])]), strides: Axes(repeating: shape[1] + 1, count: 1), offset: 0)
      try engine.write(.weak(1), into: place)
      return TensorList(result)
    })
  /// Equal steps.
  public static let arange: Op = Op(
    "arange",
    [
      OpParameter("start", .number, default: Attribute.none), OpParameter("stop", .number, default: Attribute.none),
      OpParameter("step", .number, default: .int(1)),
      OpParameter("dtype", .dtype, default: Attribute.none, isNamedOnly: true),
    ],
    doc: "Numbers from start up to but not including stop; `arange(stop)` begins at 0. Ints give i64, floats f32.",
    examples: [("arange(4)", "[0, 1, 2, 3]"), ("arange(0, 1, 0.25)", "[0.00, 0.25, 0.50, 0.75]")],
    gradient: .none("it takes no tensors"),
    rule: { call in
      let span = try Span(call)
      let dtype = call.attribute(3) == .none ? (span.isInt ? .i64 : .f32) : try call.dtype(3)
      return .one(dtype, try Shape([span.count]))
    },
    kernel: { engine, call, types in
      let span = try Span(call)
      let count = types.first.shape.elementCount
      try engine.budget.charge(work: count)
      let dtype = types.first.dtype
      let result = try engine.empty(TensorType(span.isInt ? .i64 : .f64, types.first.shape))
      guard let out = result.storage?.base else { return TensorList(result) }
      try engine.inBlocks(count, of: 1) { block in
        switch span {
        case .ints(let start, let step, _):
          for i in block { out.storeBytes(of: start &+ i &* step, toByteOffset: i * 8, as: Int.self) }
        case .floats(let start, let step, _):
          for i in block { out.storeBytes(of: start + Double(i) * step, toByteOffset: i * 8, as: Double.self) }
        }
      }
      return TensorList(try engine.cast(result, to: dtype))
    })

  /// What `arange` runs over.
  private enum Span {
    case ints(start: Int, step: Int, count: Int)
    case floats(start: Double, step: Double, count: Int)

    init(_ call: borrowing Call) throws {
      let (first, last) = (call.attribute(0), call.attribute(1))
      if first == .none, last == .none { throw Mistakes.rangeWithoutStop(call.op) }
      // One bound alone is the stop, by whichever name.
      let bounds = last == .none ? [.int(0), first] : [first == .none ? .int(0) : first, last]
      if case .int(let start) = bounds[0], case .int(let stop) = bounds[1], case .int(let step) = call.attribute(2) {
        guard step != 0 else { throw Mistakes.rangeStep(call.op, 0) }
        // As wide as ints are apart at most, which a UInt holds.
        let distance = step > 0 ? UInt(bitPattern: stop &- start) : UInt(bitPattern: start &- stop)
        let isEmpty = step > 0 ? stop <= start : stop >= start
        let count = isEmpty ? 0 : (distance - 1) / step.magnitude + 1
        self = .ints(start: start, step: step, count: Int(exactly: count) ?? .max)
        return
      }
      let start = bounds[0] == .int(0) ? 0 : try call.number(0)
      let stop = try call.number(last == .none ? 0 : 1)
      let step = try call.number(2)
      guard step != 0, start.isFinite, stop.isFinite, step.isFinite else { throw Mistakes.rangeStep(call.op, step) }
      let count = Swift.max(((stop - start) / step).rounded(.up), 0)
      self = .floats(start: start, step: step, count: Int(exactly: count) ?? .max)
    }

    var isInt: Bool { if case .ints = self { true } else { false } }

    var count: Int {
      switch self {
      case .ints(_, _, let count), .floats(_, _, let count): count
      }
    }
  }
  /// Equal distances.
  public static let linspace: Op = Op(
    "linspace", [OpParameter("start", .number), OpParameter("stop", .number), OpParameter("num", .int), dtype],
    doc: "num numbers at equal distances from start to stop, both included.",
    examples: [("linspace(0, 1, 5)", "[0.00, 0.25, 0.50, 0.75, 1.00]")], gradient: .none("it takes no tensors"),
    rule: { .one(try $0.dtype(3), try Shape([$0.int(2)])) },
    kernel: { engine, call, types in
      let (start, stop, n) = (try call.number(0), try call.number(1), types.first.shape.elementCount)
      try engine.budget.charge(work: n)
      let result = try engine.empty(TensorType(.f64, types.first.shape))
      guard let out = result.storage?.base else { return TensorList(result) }
      try engine.inBlocks(n, of: 1) { block in
        for i in block {
          let value = n == 1 ? start : i == n - 1 ? stop : start + (stop - start) * Double(i) / Double(n - 1)
          out.storeBytes(of: value, toByteOffset: i * 8, as: Double.self)
        }
      }
      return TensorList(try engine.cast(result, to: types.first.dtype))
    })
  /// Zeros like another.
  public static let zerosLike: Op = like(
    "zeros_like", doc: "zeros", example: ("zeros_like([1.0, 2.0])", "[0.0, 0.0]"), 0)
  /// Ones like another.
  public static let onesLike: Op = like("ones_like", doc: "ones", example: ("ones_like([1, 2])", "[1, 1]"), 1)

  private static func like(_ name: String, doc: String, example: (String, String), _ value: Int) -> Op {
    Op(
      name, [OpParameter("x", .tensor)], doc: "A tensor of \(doc) with x's shape and dtype.", examples: [example],
      handlesHalf: true, gradient: .none("it does not depend on x's elements"),
      rule: { .one($0[0].dtype, $0[0].shape) },
      kernel: { engine, _, types in TensorList(try engine.full(types.first, .int(value))) })
  }

  // MARK: Random

  /// Uniform from 0 to 1.
  public static let rand: Op = random("rand", doc: "Random numbers, uniform from 0 up to 1.") { engine, _, out in
    try engine.drawUniform(out, 0, 1)
  }
  /// Standard normal.
  public static let randn: Op = random("randn", doc: "Random numbers from the standard normal distribution.") {
    try $0.drawNormal($2, 0, 1)
  }
  /// Uniform between bounds.
  public static let uniform: Op = random(
    "uniform", [OpParameter("low", .number, default: .float(0)), OpParameter("high", .number, default: .float(1))],
    doc: "Random numbers, uniform from low up to high."
  ) { engine, call, out in try engine.drawUniform(out, call.number(2), call.number(3)) }
  /// Normal.
  public static let normal: Op = random(
    "normal", [OpParameter("mean", .number, default: .float(0)), OpParameter("std", .number, default: .float(1))],
    doc: "Random numbers from a normal distribution."
  ) { engine, call, out in try engine.drawNormal(out, call.number(2), call.number(3)) }
  /// He et al., "Delving deep into rectifiers", 2015; PyTorch's defaults for layers.
  public static let kaimingUniform: Op = random(
    "kaiming_uniform", [OpParameter("a", .number, default: .float(5.0.squareRoot()), isNamedOnly: true)],
    doc: "Initial weights, uniform within sqrt(6 / ((1 + a²) * inputs)).", needsFans: true
  ) { engine, call, out in
    let a = try call.number(2)
    let bound = (6 / ((1 + a * a) * out.fans.inputs)).squareRoot()
    try engine.drawUniform(out, -bound, bound)
  }
  /// The same, normal.
  public static let kaimingNormal: Op = random(
    "kaiming_normal", [OpParameter("a", .number, default: .float(0), isNamedOnly: true)],
    doc: "Initial weights, normal with deviation sqrt(2 / ((1 + a²) * inputs)).", needsFans: true
  ) { engine, call, out in
    let a = try call.number(2)
    try engine.drawNormal(out, 0, (2 / ((1 + a * a) * out.fans.inputs)).squareRoot())
  }
  /// Glorot and Bengio, 2010.
  public static let xavierUniform: Op = random(
    "xavier_uniform", [OpParameter("gain", .number, default: .float(1), isNamedOnly: true)],
    doc: "Initial weights, uniform within gain * sqrt(6 / (inputs + outputs)).", needsFans: true
  ) { engine, call, out in
    let bound = try call.number(2) * (6 / (out.fans.inputs + out.fans.outputs)).squareRoot()
    try engine.drawUniform(out, -bound, bound)
  }
  /// The same, normal.
  public static let xavierNormal: Op = random(
    "xavier_normal", [OpParameter("gain", .number, default: .float(1), isNamedOnly: true)],
    doc: "Initial weights, normal with deviation gain * sqrt(2 / (inputs + outputs)).", needsFans: true
  ) { engine, call, out in
    try engine.drawNormal(out, 0, call.number(2) * (2 / (out.fans.inputs + out.fans.outputs)).squareRoot())
  }

  private static func random(
    _ name: String, _ parameters: [OpParameter] = [], doc: String, needsFans: Bool = false,
    draw: @escaping @Sendable (Engine, borrowing Call, Tensor) throws -> Void
  ) -> Op {
    Op(
      name, [shape, dtype] + parameters, doc: doc, examples: [("\(name)((2, 3)).shape", "(2, 3)")], handlesHalf: true,
      gradient: .none("it takes no tensors"),
      rule: { call in
        let shape = try call.shape(0)
        if needsFans && shape.rank < 2 { throw Mistakes.fans(call.op, shape) }
        guard try call.dtype(1).isFloat else { throw Mistakes.randomDType(call.op, try call.dtype(1)) }
        return .one(try call.dtype(1), shape)
      },
      kernel: { engine, call, types in
        let isHalf = types.first.dtype == .bf16
        let out = try engine.empty(isHalf ? TensorType(.f32, types.first.shape) : types.first)
        try engine.budget.charge(work: 4 * out.elementCount)
        try draw(engine, call, out)
        return TensorList(try engine.cast(out, to: types.first.dtype))
      })
  }

  /// Random ints.
  public static let randint: Op = Op(
    "randint",
    [
      OpParameter("low", .int), OpParameter("high", .int, default: Attribute.none),
      OpParameter("shape", .shape, default: Attribute.none),
    ],
    doc:
      "Random ints from low up to but not including high, all equally likely; from 0 up to low where high is not given. One int without a shape.",
    examples: [("randint(0, 10, 2, 3).shape", "(2, 3)"), ("type(randint(6))", "int")],
    gradient: .none("it gives ints"),
    rule: { call in
      let (low, high) = try bounds(call)
      guard low < high else { throw Mistakes.emptyRange(call.op, low, high) }
      if call.attribute(2) == .none { return .one(TensorType(.i64, Shape(), isWeak: true)) }
      return .one(.i64, try call.shape(2))
    },
    kernel: { engine, call, types in
      let out = try engine.empty(types.first)
      let (low, high) = try bounds(call)
      try engine.drawInts(out, low, range: UInt64(bitPattern: Int64(high &- low)))
      return TensorList(out)
    })

  private static func bounds(_ call: borrowing Call) throws -> (low: Int, high: Int) {
    let first = try call.int(0)
    return try call.optionalInt(1).map { (first, $0) } ?? (0, first)
  }

  /// 0 ..< n in random order.
  public static let randperm: Op = Op(
    "randperm", [OpParameter("n", .int)], doc: "The ints from 0 up to but not including n in random order.",
    examples: [("randperm(5).sum()", "10")], gradient: .none("it gives ints"),
    rule: { .one(.i64, try Shape([$0.int(0)])) },
    kernel: { engine, _, types in
      let out = try engine.empty(types.first)
      try engine.drawPermutation(out)
      return TensorList(out)
    })
  /// 1 with a probability.
  public static let bernoulli: Op = Op(
    "bernoulli", [OpParameter("p", .tensor)], doc: "1 with probability p, else 0, for each element of p.",
    examples: [("bernoulli([0.0, 1.0])", "[0.0, 1.0]")], gradient: .none("it is a random choice"),
    rule: { .one($0[0].dtype.fractional, $0[0].shape) },
    kernel: { engine, call, types in
      let type = types.first
      let p = try engine.cast(call[0], to: type.dtype)
      if let (least, most) = try engine.extremes(p), !(least >= 0 && most <= 1) {
        throw Mistakes.outside(call.op, "p", least >= 0 ? most : least, 0, 1)
      }
      let draws = try engine.empty(type)
      try engine.drawUniform(draws, 0, 1)
      let hits = try engine.binary(NNS_LT, draws, p, computing: type.dtype, TensorType(.bool, type.shape))
      return TensorList(try engine.cast(hits, to: type.dtype))
    })
  /// Positions by probability.
  public static let multinomial: Op = Op(
    "multinomial",
    [
      OpParameter("p", .tensor), OpParameter("n", .int, default: .int(1)),
      OpParameter("replacement", .bool, default: .bool(false)),
    ],
    doc:
      "n different positions along the last axis, drawn one after the other with probabilities in proportion to p; with "
      + "`replacement` independently, so that one may come again.",
    examples: [
      ("multinomial([0.0, 1.0])", "[1]"), ("multinomial([0.0, 1.0], 3, replacement: true)", "[1, 1, 1]"),
    ], gradient: .none("it gives positions"),
    rule: { call in
      guard let count = call[0].shape.last, count > 0 else { throw Mistakes.noElements(call.op, call[0].type) }
      let n = try call.int(0)
      if try !call.bool(1), n > count { throw Mistakes.tooFewPossible(call.op, n, count) }
      return .one(.i64, try call[0].shape.replacing(call[0].rank - 1, with: n))
    },
    kernel: { engine, call, types in
      let weights = try engine.cast(call[0], to: .f64)
      if let (least, most) = try engine.extremes(weights), !(least >= 0 && most.isFinite) {
        throw Mistakes.probabilities(call.op)
      }
      let sums = try engine.cumulate(weights, weights.rank - 1, product: false, weights.type)
      let n = try call.int(0)
      if try n > 1 && !call.bool(1) { return TensorList(try engine.race(weights, sums, n, types.first, op: call.op)) }
      let draws = try engine.empty(TensorType(.f64, types.first.shape))
      try engine.drawUniform(draws, 0, 1)
      return TensorList(try engine.pick(sums, draws, types.first, op: call.op))
    })
}

extension Tensor {
  /// How many inputs and outputs each unit of a weight has: axis 1 and axis 0, times the size of a convolution's window.
  fileprivate var fans: (inputs: Double, outputs: Double) {
    let window = shape.dropFirst(2).reduce(1.0) { $0 * Double($1) }
    return (Double(shape[1]) * window, Double(shape[0]) * window)
  }
}
