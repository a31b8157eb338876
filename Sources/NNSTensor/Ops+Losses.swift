import CKernels

extension Ops {
  static let losses: [Op] = [
    crossEntropy, nllLoss, mseLoss, l1Loss, huberLoss, bceWithLogits, klDiv, ctcLoss, accuracy,
  ]

  static let reductionParameter = OpParameter("reduction", .string, default: .string("mean"), isNamedOnly: true)

  /// Mean squared error.
  public static let mseLoss: Op = loss(
    "mse_loss", doc: "The mean of squared differences.", example: ("mse_loss([1.0, 2.0], [1.0, 4.0])", "2.0"),
    elementwise: { engine, a, b, _, type in
      let d = try engine.binary(NNS_SUB, a, b, computing: type.dtype, type)
      return try engine.unary(NNS_SQUARE, d, computing: type.dtype, type)
    },
    gradient: { g, w in
      let d = try w * (g.a - g.b) * 2
      return try g.give(d, -d)
    })

  /// Mean absolute error.
  public static let l1Loss: Op = loss(
    "l1_loss", doc: "The mean of absolute differences. Its gradient where they are 0 is 0.",
    example: ("l1_loss([1.0, 2.0], [1.0, 4.0])", "1.0"),
    elementwise: { engine, a, b, _, type in
      let d = try engine.binary(NNS_SUB, a, b, computing: type.dtype, type)
      return try engine.unary(NNS_ABS, d, computing: type.dtype, type)
    },
    gradient: { g, w in
      let d = try w * (g.a - g.b).apply(sign)
      return try g.give(d, -d)
    })

  /// Squared near, absolute far.
  public static let huberLoss: Op = loss(
    "huber_loss", [OpParameter("delta", .number, default: .float(1))],
    doc: "Half the squared difference up to delta, delta times the rest beyond; averaged.",
    example: ("huber_loss([1.0, 2.0], [1.0, 4.0])", "0.75"),
    elementwise: { engine, a, b, call, type in
      let dtype = type.dtype
      let delta = try call.number(1)
      let d = try engine.unary(
        NNS_ABS, engine.binary(NNS_SUB, a, b, computing: dtype, type), computing: dtype, type)
      let near = try engine.binary(NNS_MIN, d, .weak(delta), computing: dtype, type)
      // near · (d - near / 2)
      let half = try engine.binary(NNS_MUL, near, .weak(0.5), computing: dtype, type)
      let rest = try engine.binary(NNS_SUB, d, half, computing: dtype, type)
      return try engine.binary(NNS_MUL, near, rest, computing: dtype, type)
    },
    gradient: { g, w in
      let delta = try g.call.number(1)
      let d = try w * (g.a - g.b).apply(clip, with: [.float(-delta), .float(delta)])
      return try g.give(d, -d)
    })

  /// Binary cross-entropy on logits.
  public static let bceWithLogits: Op = loss(
    "bce_with_logits", doc: "The mean cross-entropy of sigmoid(logits) with targets between 0 and 1, without overflow.",
    example: ("bce_with_logits([0.0], [1.0])", "0.6931472"),
    elementwise: { engine, a, b, _, type in
      try engine.binary(NNS_BCE, a, b, computing: type.dtype, type)
    },
    gradient: { g, w in try g.give(w * (g.a.apply(sigmoid) - g.b), -(w * g.a)) })

  /// Kullback-Leibler divergence.
  public static let klDiv: Op = loss(
    "kl_div", doc: "target * (log(target) - x), averaged, where x are log-probabilities.",
    example: ("kl_div([0.0], [1.0])", "0.0"), names: ("x", "target"), range: 0.5...2,
    elementwise: { engine, a, b, _, type in
      let dtype = type.dtype
      let log = try engine.unary(NNS_SAFE_LOG, b, computing: dtype, type)
      return try engine.binary(
        NNS_MUL, b, engine.binary(NNS_SUB, log, a, computing: dtype, type), computing: dtype, type)
    },
    gradient: { g, w in try g.give(-(w * g.b), w * (g.b.apply(safeLog) + 1 - g.a)) })

  /// Negative log-likelihood.
  public static let nllLoss: Op = Op(
    "nll_loss",
    [
      OpParameter("x", .tensor), OpParameter("ids", .tensor), reductionParameter,
      OpParameter("ignore_index", .int, default: .int(-100), isNamedOnly: true),
    ],
    doc:
      "The mean of -x at the class ids, where x are log-probabilities with classes on the last axis; rows whose id is "
      + "`ignore_index` do not count.",
    examples: [("nll_loss(log_softmax([[0.0, 0.0]]), [1])", "0.6931472")],
    domain: .cases([
      ([.floats([4, 3]), .ints([4], below: 3)], []),
      ([.floats([2, 2, 3]), .ints([2, 2], below: 3)], [.string("none"), .int(1)]),
      ([.floats([5, 3]), .ints([5], below: 3)], [.string("mean"), .int(2)]),
    ]),
    gradient: .rule(saves: [.b, .types]) { g in
      let isKept = try g.b.apply(notEqual, Term(tensor: .weak(g.call.int(1)), engine: g.engine))
      let dy = try g.call.string(0) == "mean" ? g.dy / isKept.apply(sum) : g.dy
      let weights = try dy.broadcast(to: g.b.shape) * isKept
      let rows = try Shape(Array(g.b.shape) + [1])
      let zeros = Term(tensor: try g.engine.zeros(g.type(0)), engine: g.engine)
      // Ids to be ignored may lie outside the classes; they add 0 to class 0.
      let ids = try g.b * isKept
      return try g.give(
        zeros.apply(scatterAdd, ids.reshaped(to: rows), (-weights).reshaped(to: rows), with: [.int(-1)]))
    },
    rule: { call in
      guard call[0].dtype.isFloat else { throw Mistakes.operandDType(call.op, call[0].type, "log-probabilities") }
      try checkClassIds(call)
      return .one(call[0].dtype, try reducedShape(call, call[1].shape))
    },
    kernel: { engine, call, types in
      let (x, ids, ignored) = (call[0], call[1], try call.int(1))
      let classes = x.shape[x.rank - 1]
      let (labels, count) = try engine.checkedLabels(ids, classes: classes, ignored: ignored, op: call.op)
      let logs = try engine.contiguous(x)
      let rows = try engine.zeros(TensorType(x.dtype, ids.shape))
      let size = x.dtype.byteSize
      if let out = rows.storage?.base, let source = logs.pointer, let label = labels.ints64 {
        try engine.inBlocks(labels.elementCount, of: 8) { block in
          for row in block where label[row] != ignored {
            (out + row * size).copyMemory(from: source + (row * classes + Int(label[row])) * size, byteCount: size)
          }
        }
      }
      let losses = try withExtendedLifetime((labels, logs)) {
        try engine.unary(NNS_NEGATE, rows, computing: x.dtype, rows.type)
      }
      guard try call.string(0) == "mean" else { return TensorList(try engine.reduceLoss(losses, call, types.first)) }
      return TensorList(
        try engine.reduce(NNS_SUM, losses, AxisSet(all: losses.rank), types.first, divisor: Double(count)))
    })

  /// How many predictions are right.
  public static let accuracy: Op = Op(
    "accuracy", [OpParameter("logits", .tensor), OpParameter("ids", .tensor)],
    doc: "The share of rows whose largest entry is at the class id.",
    examples: [("accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])", "0.5")], gradient: .none("it counts"),
    rule: { call in
      try checkClassIds(call)
      return .one(.f32, Shape())
    },
    kernel: { engine, call, types in
      let best = try engine.argReduce(
        call[0], call[0].rank - 1, smallest: false, TensorType(.i64, call[1].shape))
      let hits = try engine.binary(
        NNS_EQ, best, call[1], computing: .i64, TensorType(.bool, call[1].shape))
      let count = Swift.max(Double(call[1].elementCount), 0)
      return TensorList(try engine.reduce(NNS_SUM, hits, AxisSet(all: hits.rank), types.first, divisor: count))
    })

  // MARK: Shared

  /// A row for a loss of two tensors of one shape.
  private static func loss(
    _ name: String, _ parameters: [OpParameter] = [], doc: String, example: (String, String),
    names: (String, String) = ("prediction", "target"), range: ClosedRange<Double> = -2...2,
    elementwise: @escaping @Sendable (Engine, Tensor, Tensor, borrowing Call, TensorType) throws -> Tensor,
    gradient: @escaping @Sendable (borrowing Backward, Term) throws -> TensorList
  ) -> Op {
    Op(
      name,
      [OpParameter(names.0, .tensor), OpParameter(names.1, .tensor), reductionParameter] + parameters, doc: doc,
      examples: [example],
      domain: .cases(
        [
          ([.floats([3, 4]), .floats([3, 4])], []), ([.floats([3]), .floats([3])], [.string("sum")]),
          ([.floats([2, 2]), .floats([2, 2])], [.string("none")]),
        ], range: range),
      gradient: .rule(saves: [.a, .b]) { g in
        try gradient(g, g.weights(over: g.a.shape, call: g.call))
      },
      rule: { call in
        let (a, b) = (call[0].type, call[1].type)
        guard a.shape == b.shape else { throw Mistakes.lossShapes(call.op, a, b) }
        return .one(TensorType.promoted(a, b).dtype.fractional, try reducedShape(call, a.shape))
      },
      kernel: { engine, call, types in
        let full = TensorType(types.first.dtype, call[0].shape)
        return TensorList(
          try engine.reduceLoss(elementwise(engine, call[0], call[1], call, full), call, types.first))
      })
  }

  /// The shape of a loss: rank 0 unless its reduction is "none".
  static func reducedShape(_ call: borrowing Call, _ shape: Shape) throws -> Shape {
    let reduction = try call.string(0)
    // As PyTorch's divergence of rows of probabilities: the mean over the first axis.
    let choices = ["mean", "sum", "none"] + (call.op.name == "kl_div" ? ["batchmean"] : [])
    guard choices.contains(reduction) else { throw Mistakes.oneOf(call.op, "reduction", reduction, choices) }
    return reduction == "none" ? shape : Shape()
  }

  /// Ids are ints of the shape that the scores have before their last axis.
  static func checkClassIds(_ call: borrowing Call) throws {
    let (scores, ids) = (call[0].type, call[1].type)
    guard scores.shape.rank > 0 else { throw Mistakes.rankTooSmall(call.op, scores, 1) }
    guard ids.dtype.isInt else { throw Mistakes.operandDType(call.op, ids, "class ids that are ints", operand: 1) }
    guard ids.shape == scores.shape.removing(scores.shape.rank - 1) else {
      throw Mistakes.classIds(call.op, scores, ids)
    }
  }
}

extension Backward {
  /// What each element of a loss counts for in its reduction, times the upstream gradient.
  func weights(over shape: Shape, call: borrowing Call) throws -> Term {
    let divisor = try Engine.divisor(of: call.string(0), over: shape)
    return try (divisor == 1 ? dy : dy / divisor).broadcast(to: shape)
  }
}

extension Engine {
  /// What a sum of losses of a shape is divided by.
  static func divisor(of reduction: String, over shape: Shape) -> Double {
    switch reduction {
    case "mean": Double(shape.elementCount)
    case "batchmean": Double(shape.first ?? 1)
    default: 1
    }
  }

  /// The losses of single elements put together as the call's reduction says.
  func reduceLoss(_ losses: Tensor, _ call: borrowing Call, _ type: TensorType) throws -> Tensor {
    let reduction = try call.string(0)
    if reduction == "none" { return losses }
    let divisor = Engine.divisor(of: reduction, over: losses.shape)
    return try reduce(NNS_SUM, losses, AxisSet(all: losses.rank), type, divisor: divisor)
  }

  /// Class ids as `i64` without gaps, and how many of them are not to be ignored.
  ///
  /// - Throws: an index error that names label, place and class count.
  func checkedLabels(_ ids: Tensor, classes: Int, ignored: Int, op: Op) throws -> (ids: Tensor, count: Int) {
    let labels = try checkedIds(ids, below: classes, except: ignored, op: op) {
      Mistakes.label(op, $0, place: $1, classes: classes)
    }
    return (labels, try labelCount(labels, ignored))
  }

  /// How many class ids are not to be ignored.
  func labelCount(_ labels: Tensor, _ ignored: Int) throws -> Int {
    var count = 0
    if let label = labels.ints64 {
      try inBlocks(labels.elementCount, of: 1) { block in for i in block where label[i] != ignored { count += 1 } }
    }
    return count
  }
}
