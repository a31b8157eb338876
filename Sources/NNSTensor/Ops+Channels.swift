import CKernels

extension Ops {
  /// Ioffe and Szegedy, "Batch normalization", 2015.
  public static let batchNorm: Op = Op(
    "batch_norm",
    [
      OpParameter("x", .tensor), OpParameter("running_mean", .optionalTensor),
      OpParameter("running_var", .optionalTensor), OpParameter("weight", .optionalTensor),
      OpParameter("bias", .optionalTensor), OpParameter("training", .bool, default: .bool(false)),
      OpParameter("eps", .number, default: .float(1e-5)),
    ],
    doc:
      "Each channel of [N, C, ...] shifted and scaled by running_mean and running_var, then times weight plus bias. With "
      + "`training: true` by the batch's own mean and variance: gives (y, mean, variance), with the variance that "
      + "running_var follows, its squares divided by their number minus 1.",
    examples: [
      ("batch_norm([[1.0], [3.0]], [2.0], [1.0], eps: 0)", "[[-1.0],\n [ 1.0]]"),
      ("batch_norm([[1.0], [3.0]], nil, nil, training: true, eps: 0)", "([[-1.0],\n [ 1.0]], [2.0], [2.0])"),
    ],
    domain: .cases(
      [
        ([.floats([4, 2]), .absent, .absent, .absent, .absent], [.bool(true), .float(0.1)]),
        ([.floats([2, 2, 3]), .absent, .absent, .floats([2]), .floats([2])], [.bool(true)]),
        ([.floats([2, 2, 3]), .floats([2]), .floats([2]), .floats([2]), .floats([2])], []),
        ([.floats([3, 2]), .floats([2]), .floats([2]), .absent, .floats([2])], [.bool(false), .float(0.1)]),
      ], range: 0.5...2),
    gradient: .rule(saves: [.a, .b, .c, .d, .types]) { g in
      let x = try g.a.asChannels()
      let (dy, eps) = (try g.dy.asChannels(), try g.call.number(1))
      let column = try Shape([1, x.shape[1], 1])
      let weight = try g.optional(3)?.reshaped(to: column)
      let back = try weight.map { try dy * $0 } ?? dy
      let number = Double(x.shape[0] * x.shape[2])
      let isTraining = try g.call.bool(0)
      let over: [Attribute] = [.ints([0, 2]), .bool(true)]
      let mean = try isTraining ? x.apply(mean, with: over) : g.b.reshaped(to: column)
      let spread = try isTraining ? x.apply(variance, with: over) : g.c.reshaped(to: column)
      let scale = try (spread + eps).apply(rsqrt)
      let (shifted, flat) = (try x - mean, mean.shape.removing(2).removing(0))
      let unit = try shifted * scale
      var gradients = TensorList()
      if isTraining {
        var dx =
          try (back - back.apply(Ops.mean, with: over) - unit * (back * unit).apply(Ops.mean, with: over)) * scale
        if g.hasUpstream(1) { dx = try dx + g.dy(1).reshaped(to: column) / number }
        if g.hasUpstream(2) { dx = try dx + shifted * (g.dy(2).reshaped(to: column) * (2 / (number - 1))) }
        gradients = [try dx.reshaped(to: g.a.shape).tensor, .absent, .absent]
      } else {
        let total = try (back * scale).apply(sum, with: over)
        let turn = try (back * unit * scale * scale).apply(sum, with: over) * -0.5
        gradients = [
          try (back * scale).reshaped(to: g.a.shape).tensor, try (-total).reshaped(to: flat).tensor,
          try turn.reshaped(to: flat).tensor,
        ]
      }
      gradients.append(g.needs(3) ? try (dy * unit).apply(sum, with: [.ints([0, 2])]).tensor : .absent)
      gradients.append(g.needs(4) ? try dy.apply(sum, with: [.ints([0, 2])]).tensor : .absent)
      return gradients
    },
    rule: { call in
      let (x, isTraining) = (call[0].type, try call.bool(0))
      if x.shape.rank < 2 { throw Mistakes.rankTooSmall(call.op, x, 2) }
      try checkChannels(call, 1..<5)
      let type = TensorType(x.dtype.fractional, x.shape)
      guard isTraining else {
        if call.inputs.optional(1) == nil || call.inputs.optional(2) == nil { throw Mistakes.noStatistics(call.op) }
        return .one(type)
      }
      if x.shape.elementCount <= x.shape[1] { throw Mistakes.oneValue(call.op, x) }
      let channels = TensorType(type.dtype, try Shape([x.shape[1]]))
      return .many([type, channels, channels])
    },
    kernel: { engine, call, types in
      let type = types.first
      let x = try engine.contiguous(engine.cast(call[0], to: type.dtype))
      let eps = try call.number(1)
      let isTraining = try call.bool(0)
      let (mean, variance) = try isTraining ? engine.channelMoments(x) : (call[1], call[2])
      let scale = try engine.channelScale(variance, eps, call.inputs.optional(3))
      let y = try engine.scaleChannels(x, mean, scale, call.inputs.optional(4))
      guard isTraining else { return TensorList(y) }
      let number = Double(x.elementCount / x.shape[1])
      let unbiased = try engine.binary(
        NNS_MUL, variance, .weak(number / (number - 1)), computing: .f64, variance.type)
      return TensorList(y, try engine.cast(mean, to: type.dtype), try engine.cast(unbiased, to: type.dtype))
    })

  /// Wu and He, "Group normalization", 2018.
  public static let groupNorm: Op = Op(
    "group_norm",
    [
      OpParameter("x", .tensor), OpParameter("groups", .int), OpParameter("weight", .optionalTensor),
      OpParameter("bias", .optionalTensor), OpParameter("eps", .number, default: .float(1e-5)),
    ],
    doc:
      "The channels of [N, C, ...] in so many groups, each shifted and scaled to mean 0 and variance 1, then times weight "
      + "plus bias, which have one element for each channel.",
    examples: [("group_norm([[1.0, 3.0]], 1, eps: 0)", "[[-1.0,  1.0]]")], handlesHalf: true,
    domain: .cases([
      ([.floats([2, 4, 3]), .floats([4]), .floats([4])], [.int(2)]), ([.floats([2, 4]), .absent, .absent], [.int(1)]),
      ([.floats([1, 2, 2, 2]), .absent, .floats([2])], [.int(2), .float(0.1)]),
    ]),
    gradient: .composed,
    rule: { call in
      let x = call[0].type
      if x.shape.rank < 2 { throw Mistakes.rankTooSmall(call.op, x, 2) }
      let groups = try call.int(0)
      guard groups > 0, x.shape[1] % groups == 0 else { throw Mistakes.groups(call.op, x, groups) }
      try checkChannels(call, 1..<3)
      return .one(x.dtype.fractional, x.shape)
    },
    kernel: { engine, call, types in
      let (x, groups) = (Term(tensor: call[0], engine: engine), try call.int(0))
      // Without channels there may be any number of groups.
      let rows = x.shape.elementCount == 0 ? 0 : x.shape[0] * groups
      let count = rows == 0 ? 0 : x.shape.elementCount / rows
      let unit = try x.reshaped(to: Shape([rows, count])).apply(
        layerNorm, Term(tensor: .absent, engine: engine), Term(tensor: .absent, engine: engine),
        with: [.float(call.number(1))])
      var y = try unit.reshaped(to: x.shape)
      let channels = try Shape([x.shape[1]] + [Int](repeating: 1, count: x.shape.rank - 2))
      if let weight = call.inputs.optional(1) {
        y = try y * Term(tensor: weight, engine: engine).reshaped(to: channels)
      }
      if let bias = call.inputs.optional(2) { y = try y + Term(tensor: bias, engine: engine).reshaped(to: channels) }
      return TensorList(
        y.tensor.dtype == types.first.dtype ? y.tensor : try y.apply(cast, with: [.dtype(types.first.dtype)]).tensor)
    })

  /// Parameters, where given, are vectors with one element for each channel.
  private static func checkChannels(_ call: borrowing Call, _ places: Range<Int>) throws {
    for i in places {
      guard let parameter = call.inputs.optional(i) else { continue }
      guard parameter.rank == 1, parameter.shape[0] == call[0].shape[1] else {
        throw Mistakes.perChannel(call.op, call[0].type, parameter.type, operand: i)
      }
    }
  }
}

extension Term {
  /// [N, C, ...] as [N, C, size].
  fileprivate func asChannels() throws -> Term {
    try reshaped(to: Shape([shape[0], shape[1], shape.dropFirst(2).reduce(1, *)]))
  }
}

extension Engine {
  // The bounds: x is contiguous, [N, C, ...]; the vectors are f64, without gaps, and have an element for each channel.

  /// Mean and variance of each channel, in f64.
  fileprivate func channelMoments(_ x: Tensor) throws -> (mean: Tensor, variance: Tensor) {
    let (images, channels, size) = (x.shape[0], x.shape[1], x.shape.dropFirst(2).reduce(1, *))
    try budget.charge(work: 3 * x.elementCount)
    let type = TensorType(.f64, try Shape([channels]))
    let (mean, variance) = (try zeros(type), try zeros(type))
    guard let source = x.pointer, let means = mean.doubles64, let variances = variance.doubles64 else {
      return (mean, variance)
    }
    func average(of channel: Int, around mean: UnsafePointer<Double>?) throws -> Double {
      var total = 0.0
      try inParts(rows: images, width: size, cost: 1) { part in
        total +=
          x.dtype == .f64
          ? nns_channel_sum_f64(
            source.assumingMemoryBound(to: Double.self), mean, Int64(channel), Int64(channels), Int64(size), part)
          : nns_channel_sum_f32(
            source.assumingMemoryBound(to: Float.self), mean, Int64(channel), Int64(channels), Int64(size), part)
      }
      return total / Double(images * size)
    }
    try share(channels, of: images * size) { block in
      for channel in block {
        means[channel] = try average(of: channel, around: nil)
        variances[channel] = try average(of: channel, around: means)
      }
    }
    return (mean, variance)
  }

  /// weight / √(variance + eps) of each channel.
  fileprivate func channelScale(_ variance: Tensor, _ eps: Double, _ weight: Tensor?) throws -> Tensor {
    let type = TensorType(.f64, variance.shape)
    let raised = try binary(NNS_ADD, variance, .weak(eps), computing: .f64, type)
    let scale = try unary(NNS_RSQRT, raised, computing: .f64, type)
    return try weight.map { try binary(NNS_MUL, scale, $0, computing: .f64, type) } ?? scale
  }

  /// (x - mean) · scale + shift, each by channel.
  fileprivate func scaleChannels(_ x: Tensor, _ mean: Tensor, _ scale: Tensor, _ shift: Tensor?) throws -> Tensor {
    let (channels, size) = (x.shape[1], x.shape.dropFirst(2).reduce(1, *))
    try budget.charge(work: 2 * x.elementCount)
    let result = try empty(x.type)
    let (mean, scale) = (try contiguous(cast(mean, to: .f64)), try contiguous(cast(scale, to: .f64)))
    let shift = try shift.map { try contiguous(cast($0, to: .f64)) } ?? zeros(scale.type)
    guard let out = result.storage?.base, let source = x.pointer, x.elementCount > 0, let means = mean.doubles64,
      let scales = scale.doubles64, let shifts = shift.doubles64
    else { return result }
    try shareParts(planes: 1, rows: x.shape[0] * channels, width: size, cost: 1) { _, part in
      if x.dtype == .f64 {
        nns_channel_scale_f64(
          out.assumingMemoryBound(to: Double.self), source.assumingMemoryBound(to: Double.self), means, scales, shifts,
          Int64(channels), Int64(size), part)
      } else {
        nns_channel_scale_f32(
          out.assumingMemoryBound(to: Float.self), source.assumingMemoryBound(to: Float.self), means, scales, shifts,
          Int64(channels), Int64(size), part)
      }
    }
    return withExtendedLifetime((mean, scale, shift)) { result }
  }
}

extension Tensor {
  /// The elements of an `f64` tensor without gaps, which the caller owns.
  fileprivate var doubles64: UnsafeMutablePointer<Double>? {
    pointer.map { UnsafeMutablePointer(mutating: $0.assumingMemoryBound(to: Double.self)) }
  }
}
