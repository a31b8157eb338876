import CKernels

extension Ops {
  static let normalising: [Op] = [layerNorm, rmsNorm, normaliseGrad, batchNorm, groupNorm]

  private static let cases: [([Domain.Argument], [Attribute])] = [
    ([.floats([3, 5]), .floats([5]), .floats([5])], []), ([.floats([2, 2, 4]), .absent, .absent], [.float(0.1)]),
    ([.floats([6]), .floats([6]), .absent], []),
  ]

  /// Ba et al., "Layer normalization", 2016.
  public static let layerNorm: Op = Op(
    "layer_norm",
    [
      OpParameter("x", .tensor), OpParameter("weight", .optionalTensor), OpParameter("bias", .optionalTensor),
      OpParameter("eps", .number, default: .float(1e-5)),
    ],
    doc: "The last axis shifted and scaled to mean 0 and variance 1, then times weight plus bias.",
    examples: [("layer_norm([1.0, 3.0])", "[-1.0, 1.0]")], quick: .normalising(centred: true), domain: .cases(cases),
    gradient: .rule(saves: [.a, .b, .types]) { g in try normalisedGradient(g, centred: true) },
    rule: { call in try normalised(call) },
    kernel: { engine, call, types in TensorList(try engine.normalise(call, types.first, centred: true)) })

  /// Zhang and Sennrich, "Root mean square layer normalization", 2019.
  public static let rmsNorm: Op = Op(
    "rms_norm",
    [
      OpParameter("x", .tensor), OpParameter("weight", .optionalTensor),
      OpParameter("eps", .number, default: .float(1e-6)),
    ],
    doc: "The last axis scaled to a mean square of 1, then times weight.",
    examples: [("rms_norm([1.0, -1.0])", "[1.0, -1.0]")], quick: .normalising(centred: false),
    domain: .cases(cases.map { (Array($0.0.prefix(2)), $0.1) }),
    gradient: .rule(saves: [.a, .b]) { g in try normalisedGradient(g, centred: false) },
    rule: { call in try normalised(call) },
    kernel: { engine, call, types in TensorList(try engine.normalise(call, types.first, centred: false)) })

  private static func normalisedGradient(_ g: borrowing Backward, centred: Bool) throws -> TensorList {
    let (dy, eps) = (try g.dy, g.call.attribute(0))
    let weighted = try g.needs(0) ? g.optional(1).map { try dy * $0 } ?? dy : dy
    return try g.give(
      weighted.apply(normaliseGrad, g.a, with: [eps, .bool(centred)]),
      dy * g.a.apply(centred ? layerNorm : rmsNorm, with: [eps]), dy)
  }

  /// (dy - mean(dy) - u · mean(dy · u)) · scale, where u is x shifted and scaled; not centred, without mean(dy).
  static let normaliseGrad: Op = Op(
    "normalise_grad",
    [
      OpParameter("dy", .tensor), OpParameter("x", .tensor), OpParameter("eps", .number),
      OpParameter("centred", .bool),
    ],
    doc: "A step of a gradient rule.", isHidden: true, quick: .normalisingGradient,
    domain: .cases([
      ([.floats([3, 4]), .floats([3, 4])], [.float(0.1), .bool(true)]),
      ([.floats([3, 4]), .floats([3, 4])], [.float(0.1), .bool(false)]),
    ]),
    gradient: .rule(saves: [.a, .b]) { g in
      let (v, dy, x) = (try g.dy, g.a, g.b)
      let eps = g.call.attribute(0)
      let centred = try g.call.bool(1)
      let back: [Attribute] = [eps, .bool(centred)]
      func mean(_ x: Term) throws -> Term { try x.apply(Ops.mean, with: [.int(-1), .bool(true)]) }
      func slope() throws -> Term {
        let unit = try x.apply(centred ? layerNorm : rmsNorm, with: [eps])
        let spread = try centred ? x.apply(variance, with: [.int(-1), .bool(true)]) : mean(x * x)
        let square = try 1 / (spread + g.call.number(0))
        let (mv, md) = (try mean(v * unit), try mean(dy * unit))
        let shared = try mean(v * dy) - mv * md
        let gain = try centred ? shared - mean(v) * mean(dy) : shared
        let turned = try (v * md + dy * mv) * square.apply(sqrt)
        return try -(turned.apply(normaliseGrad, x, with: back) + unit * (gain * square))
      }
      return try g.give(v.apply(normaliseGrad, x, with: back), slope())
    },
    rule: { .one($0[1].dtype, $0[1].shape) },
    kernel: { engine, call, types in TensorList(try engine.normaliseGradient(call, types.first)) })

  private static func normalised(_ call: borrowing Call) throws -> OutputTypes {
    guard let width = call[0].shape.last else { throw Mistakes.rankTooSmall(call.op, call[0].type, 1) }
    for i in 1..<3 {
      guard let parameter = call.inputs.optional(i) else { continue }
      guard parameter.rank == 1, parameter.shape[0] == width else {
        throw Mistakes.normWidth(call.op, call[0].type, parameter.type, operand: i)
      }
    }
    return .one(call[0].dtype.fractional, call[0].shape)
  }
}

extension Engine {
  // The bounds: rows · count elements in x and output, count in weight and bias, all made contiguous.

  /// `layer_norm` or, not centred, `rms_norm`, in one pass over the rows.
  fileprivate func normalise(_ call: borrowing Call, _ type: TensorType, centred: Bool) throws -> Tensor {
    let eps = try call.number(0)
    try budget.charge(work: 4 * type.shape.elementCount)
    let x = try contiguous(cast(call[0], to: type.dtype))
    let weight = try call.inputs.optional(1).map { try contiguous(cast($0, to: type.dtype)) }
    let bias = centred ? try call.inputs.optional(2).map { try contiguous(cast($0, to: type.dtype)) } : nil
    let result = try empty(type)
    guard type.shape.elementCount > 0, let out = result.storage?.base, let source = x.pointer else { return result }
    let count = type.shape[type.shape.rank - 1]
    if count > longestRow { return try longNormalise(x, weight, bias, type, eps: eps, centred: centred) }
    let rows = type.shape.elementCount / count
    try share(rows, of: count) { block in
      let (start, rows) = (block.lowerBound * count, Int64(block.count))
      if type.dtype == .f64 {
        nns_normalise_f64(
          out.assumingMemoryBound(to: Double.self) + start, source.assumingMemoryBound(to: Double.self) + start,
          weight?.pointer?.assumingMemoryBound(to: Double.self), bias?.pointer?.assumingMemoryBound(to: Double.self),
          rows, Int64(count), eps, centred ? 1 : 0)
      } else {
        nns_normalise_f32(
          out.assumingMemoryBound(to: Float.self) + start, source.assumingMemoryBound(to: Float.self) + start,
          weight?.pointer?.assumingMemoryBound(to: Float.self), bias?.pointer?.assumingMemoryBound(to: Float.self),
          rows, Int64(count), eps, centred ? 1 : 0)
      }
    }
    return withExtendedLifetime((x, weight, bias)) { result }
  }

  /// `normalise_grad`, in one pass over the rows.
  fileprivate func normaliseGradient(_ call: borrowing Call, _ type: TensorType) throws -> Tensor {
    let (eps, centred) = (try call.number(0), try call.bool(1))
    try budget.charge(work: 4 * type.shape.elementCount)
    let last = type.shape.rank - 1
    if type.shape[last] > longestRow {
      return try longNormaliseGradient(
        contiguous(cast(call[0], to: type.dtype)), contiguous(cast(call[1], to: type.dtype)), type, eps: eps,
        centred: centred)
    }
    return try alongRows(last, type, call[0], call[1]) { out, dy, x, rows, count in
      if type.dtype == .f64 {
        nns_normalise_grad_f64(
          out.assumingMemoryBound(to: Double.self), dy.assumingMemoryBound(to: Double.self),
          x.assumingMemoryBound(to: Double.self), rows, count, eps, centred ? 1 : 0)
      } else {
        nns_normalise_grad_f32(
          out.assumingMemoryBound(to: Float.self), dy.assumingMemoryBound(to: Float.self),
          x.assumingMemoryBound(to: Float.self), rows, count, eps, centred ? 1 : 0)
      }
    }
  }
}
