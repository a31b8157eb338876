import CKernels

extension Ops {
  static let normalising: [Op] = [layerNorm, rmsNorm, batchNorm, groupNorm]

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
    examples: [("layer_norm([1.0, 3.0])", "[-1.0, 1.0]")], domain: .cases(cases),
    gradient: .rule(saves: [.a, .b, .types]) { g in
      let last: [Attribute] = [.int(-1), .bool(true)]
      let scale = try (g.a.apply(variance, with: last) + g.call.number(0)).apply(rsqrt)
      let unit = try (g.a - g.a.apply(mean, with: last)) * scale
      let dy = try g.dy
      let back = try g.optional(1).map { try dy * $0 } ?? dy
      return try g.give(
        (back - back.apply(mean, with: last) - unit * (back * unit).apply(mean, with: last)) * scale, dy * unit, dy)
    },
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
    examples: [("rms_norm([1.0, -1.0])", "[1.0, -1.0]")], domain: .cases(cases.map { (Array($0.0.prefix(2)), $0.1) }),
    gradient: .rule(saves: [.a, .b]) { g in
      let last: [Attribute] = [.int(-1), .bool(true)]
      let scale = try ((g.a * g.a).apply(mean, with: last) + g.call.number(0)).apply(rsqrt)
      let unit = try g.a * scale
      let dy = try g.dy
      let back = try g.optional(1).map { try dy * $0 } ?? dy
      return try g.give((back - unit * (back * unit).apply(mean, with: last)) * scale, dy * unit)
    },
    rule: { call in try normalised(call) },
    kernel: { engine, call, types in TensorList(try engine.normalise(call, types.first, centred: false)) })

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
}
