import CKernels
import Glibc

extension Ops {
  static let updates: [Op] = [adamStep, sgdStep, dropout]

  /// Ops that scripts do not see but the standard library calls, by names with an underscore before them.
  public static let forLibrary: [Op] = [adamStep, sgdStep, lstmGates, gruGates]

  /// One step of Adam or AdamW. Gives the new parameter and both moments, in place where the caller gave up its references.
  public static let adamStep: Op = Op(
    "adam_step",
    [
      OpParameter("p", .tensor), OpParameter("g", .tensor), OpParameter("m", .tensor), OpParameter("v", .tensor),
      OpParameter("step", .int), OpParameter("lr", .number), OpParameter("beta1", .number, default: .float(0.9)),
      OpParameter("beta2", .number, default: .float(0.999)), OpParameter("eps", .number, default: .float(1e-8)),
      OpParameter("weight_decay", .number, default: .float(0)),
      OpParameter("decoupled", .bool, default: .bool(false)),
    ],
    doc: "One step of Adam, or AdamW with decoupled decay; step counts from 1. Gives parameter and moments.",
    isHidden: true, gradient: .none("optimizers are not differentiated"),
    rule: { call in
      try checkState(call, count: 4)
      guard try call.int(0) > 0 else { throw Mistakes.stepCount(call.op, try call.int(0)) }
      return .many([call[0].type, call[0].type, call[0].type])
    },
    kernel: { engine, call, types in
      let step = Double(try call.int(0))
      let (rate, beta1, beta2) = (try call.number(1), try call.number(2), try call.number(3))
      let (eps, decay) = (try call.number(4), try call.number(5))
      let decoupled: Int32 = try call.bool(6) ? 1 : 0
      let g = try engine.contiguous(call.inputs.take(1))
      var (p, m, v) = (call.inputs.take(0), call.inputs.take(2), call.inputs.take(3))
      defer { (call.inputs[0], call.inputs[2], call.inputs[3]) = (p, m, v) }
      try engine.budget.charge(work: 4 * p.elementCount)
      let (x, first, second) = (
        try engine.writable(&p), try engine.writable(&m), try engine.writable(&v)
      )
      guard let slope = g.pointer else { return TensorList(p, m, v) }
      let (step1, step2) = (1 - pow(beta1, step), 1 - pow(beta2, step))
      let isDouble = p.dtype == .f64
      try engine.share(p.elementCount, of: 1) { block in
        let (i, n) = (block.lowerBound, Int64(block.count))
        if isDouble {
          nns_adam_f64(
            x.assumingMemoryBound(to: Double.self) + i, slope.assumingMemoryBound(to: Double.self) + i,
            first.assumingMemoryBound(to: Double.self) + i, second.assumingMemoryBound(to: Double.self) + i, n, rate,
            beta1, beta2, eps, decay, decoupled, step1, step2)
        } else {
          nns_adam_f32(
            x.assumingMemoryBound(to: Float.self) + i, slope.assumingMemoryBound(to: Float.self) + i,
            first.assumingMemoryBound(to: Float.self) + i, second.assumingMemoryBound(to: Float.self) + i, n, rate,
            beta1, beta2, eps, decay, decoupled, step1, step2)
        }
      }
      return withExtendedLifetime(g) { TensorList(p, m, v) }
    })

  /// One step of gradient descent. Gives the new parameter and momentum, in place where the caller gave up its references.
  public static let sgdStep: Op = Op(
    "sgd_step",
    [
      OpParameter("p", .tensor), OpParameter("g", .tensor), OpParameter("m", .optionalTensor),
      OpParameter("lr", .number), OpParameter("momentum", .number, default: .float(0)),
      OpParameter("dampening", .number, default: .float(0)), OpParameter("weight_decay", .number, default: .float(0)),
      OpParameter("nesterov", .bool, default: .bool(false)), OpParameter("first", .bool, default: .bool(false)),
    ],
    doc: "One step of gradient descent, with momentum where m is given; gives parameter and momentum.",
    isHidden: true, gradient: .none("optimizers are not differentiated"),
    rule: { call in
      let hasMomentum = call.inputs.optional(2) != nil
      try checkState(call, count: hasMomentum ? 3 : 2)
      return hasMomentum ? .many([call[0].type, call[0].type]) : .one(call[0].type)
    },
    kernel: { engine, call, types in
      let (rate, momentum, dampening) = (try call.number(0), try call.number(1), try call.number(2))
      let decay = try call.number(3)
      let (nesterov, isFirst): (Int32, Int32) = (try call.bool(4) ? 1 : 0, try call.bool(5) ? 1 : 0)
      let g = try engine.contiguous(call.inputs.take(1))
      let hasMomentum = call.inputs.optional(2) != nil
      var (p, m) = (call.inputs.take(0), call.inputs.take(2))
      defer { (call.inputs[0], call.inputs[2]) = (p, m) }
      try engine.budget.charge(work: 2 * p.elementCount)
      let x = try engine.writable(&p)
      let speed = hasMomentum ? try engine.writable(&m) : nil
      guard let slope = g.pointer else { return TensorList(p) }
      let isDouble = p.dtype == .f64
      try engine.share(p.elementCount, of: 1) { block in
        let (i, n) = (block.lowerBound, Int64(block.count))
        if isDouble {
          nns_sgd_f64(
            x.assumingMemoryBound(to: Double.self) + i, slope.assumingMemoryBound(to: Double.self) + i,
            speed.map { $0.assumingMemoryBound(to: Double.self) + i }, n, rate, momentum, dampening, decay, nesterov,
            isFirst)
        } else {
          nns_sgd_f32(
            x.assumingMemoryBound(to: Float.self) + i, slope.assumingMemoryBound(to: Float.self) + i,
            speed.map { $0.assumingMemoryBound(to: Float.self) + i }, n, rate, momentum, dampening, decay, nesterov,
            isFirst)
        }
      }
      return withExtendedLifetime(g) { hasMomentum ? TensorList(p, m) : TensorList(p) }
    })

  private static func checkState(_ call: borrowing Call, count: Int) throws {
    guard call[0].dtype.isFloat else { throw Mistakes.operandDType(call.op, call[0].type, "floats") }
    for i in 1..<count where call[i].shape != call[0].shape || call[i].dtype != call[0].dtype {
      throw Mistakes.sameShape(call.op, call[0].type, call[i].type, [0, i])
    }
  }

  /// Random zeros. The mask, scaled, is kept as a second output for the gradient.
  public static let dropout: Op = Op(
    "dropout", [OpParameter("x", .tensor), OpParameter("p", .number, default: .float(0.5))],
    doc: "Each element 0 with probability p, else divided by 1 - p.",
    examples: [("dropout(ones(3), 0.0)", "[1.0, 1.0, 1.0]")], extraOutputs: 1,
    domain: .cases([([.floats([3, 4])], []), ([.floats([2, 3, 2])], [.float(0.2)])]),
    gradient: .rule(saves: [.y1]) { g in try g.give(g.dy * g.y1) },
    rule: { call in
      let p = try call.number(0)
      guard p >= 0 && p <= 1 else { throw Mistakes.outside(call.op, "p", p, 0, 1) }
      guard call[0].dtype.isFloat else { throw Mistakes.operandDType(call.op, call[0].type, "floats") }
      return .many([call[0].type, call[0].type])
    },
    kernel: { engine, call, types in
      let (type, p) = (types.first, try call.number(0))
      let mask = try engine.dropoutFactors(TensorType(type.dtype, type.shape), p)
      return TensorList(try engine.binary(NNS_MUL, call[0], mask, computing: type.dtype, type), mask)
    })
}

extension Engine {
  /// 0 with probability p, else 1 / (1 - p).
  func dropoutFactors(_ type: TensorType, _ p: Double) throws -> Tensor {
    let draws = try empty(type)
    try budget.charge(work: 4 * type.shape.elementCount)
    try drawUniform(draws, 0, 1)
    let kept = try binary(NNS_GE, draws, .weak(p), computing: type.dtype, TensorType(.bool, type.shape))
    return try select(kept, .weak(p < 1 ? 1 / (1 - p) : 0), .weak(0.0), type)
  }

  /// Where a tensor's elements may be overwritten: its own if nobody else holds them, otherwise of a copy that takes its
  /// place.
  func writable(_ x: inout Tensor) throws -> UnsafeMutableRawPointer {
    if x.isContiguous, x.number == nil, isUnique(&x), let base = x.storage?.base {
      return base + x.offset * x.dtype.byteSize
    }
    x = try copied(x, as: x.dtype)
    guard let base = x.storage?.base else { throw Mistakes.noData(x.type) }
    return base
  }
}
