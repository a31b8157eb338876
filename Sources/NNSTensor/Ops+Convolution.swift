extension Ops {
  static let convolutions: [Op] = [conv1d, conv2d, conv3d, convTranspose2d]

  /// Convolution of sequences.
  public static let conv1d: Op = convolution(
    "conv1d", axes: 1, doc: "Convolution over sequences [N, C, L] with weight [outputs, C / groups, size].",
    example: ("conv1d([[[1.0, 2.0, 3.0]]], [[[1.0, 1.0]]])", "[[[3.0, 5.0]]]"),
    cases: [
      ([.floats([2, 4, 7]), .floats([6, 2, 3]), .floats([6])], [.int(2), .int(1), .int(1), .int(2)]),
      ([.floats([3, 5]), .floats([2, 3, 2]), .absent], []),
    ])
  /// Convolution of images.
  public static let conv2d: Op = convolution(
    "conv2d", axes: 2, doc: "Convolution over images [N, C, H, W] with weight [outputs, C / groups, height, width].",
    example: ("conv2d(ones(1, 1, 2, 2), ones(1, 1, 2, 2))", "[[[[4.0]]]]"),
    cases: [
      ([.floats([2, 2, 4, 5]), .floats([3, 2, 3, 2]), .floats([3])], []),
      ([.floats([1, 2, 5, 4]), .floats([2, 1, 2, 2]), .absent], [.ints([2, 1]), .ints([1, 0]), .int(1), .int(2)]),
      ([.floats([2, 4, 3]), .floats([3, 2, 2, 2]), .floats([3])], [.int(1), .int(1), .ints([2, 1])]),
      ([.floats([2, 3, 2, 2]), .floats([2, 3, 1, 1]), .floats([2])], []),
    ])
  /// Convolution of volumes.
  public static let conv3d: Op = convolution(
    "conv3d", axes: 3,
    doc: "Convolution over volumes [N, C, D, H, W] with weight [outputs, C / groups, depth, height, width].",
    example: ("conv3d(ones(1, 1, 2, 2, 2), ones(1, 1, 2, 2, 2))", "[[[[[8.0]]]]]"),
    cases: [
      ([.floats([1, 2, 3, 2, 3]), .floats([2, 2, 2, 2, 2]), .floats([2])], [.int(1), .ints([1, 0, 1])]),
      ([.floats([3, 1, 2, 4, 2]), .floats([1, 1, 2, 2, 2]), .absent], [.ints([1, 2, 1])]),
    ])

  private static func convolution(
    _ name: String, axes: Int, doc: String, example: (String, String), cases: [([Domain.Argument], [Attribute])]
  ) -> Op {
    Op(
      name,
      [
        OpParameter("x", .tensor), OpParameter("weight", .tensor), OpParameter("bias", .optionalTensor),
        OpParameter("stride", .ints, default: .int(1)), OpParameter("padding", .ints, default: .int(0)),
        OpParameter("dilation", .ints, default: .int(1)), OpParameter("groups", .int, default: .int(1)),
      ],
      doc: doc, examples: [example], domain: .cases(cases),
      multiplyAdds: { call, types in
        Engine.product(types.first.shape.elementCount, call[1].elementCount / Swift.max(call[1].shape[0], 1))
      },
      gradient: .rule(saves: [.a, .b]) { g in
        let settings = try Convolution.Settings(g.call, axes: axes).attributes
        let dy = try g.dy.batched(axes)
        return try g.give(
          dy.apply(convInput, g.b, with: settings + [.ints(g.a.shape.suffix(axes))]).reshaped(to: g.a.shape),
          g.a.batched(axes).apply(convWeight, dy, with: settings + [.ints(g.b.shape.suffix(axes))]),
          dy.channelSums())
      },
      rule: { call in
        let (x, weight) = (call[0].type, call[1].type)
        let settings = try Convolution.Settings(call, axes: axes)
        guard x.shape.rank == axes + 1 || x.shape.rank == axes + 2, weight.shape.rank == axes + 2 else {
          throw Mistakes.convolutionRanks(call.op, x, weight, axes)
        }
        let channels = x.shape[x.shape.rank - axes - 1]
        let (taken, overflow) = weight.shape[1].multipliedReportingOverflow(by: settings.groups)
        guard !overflow, channels == taken, weight.shape[0] % settings.groups == 0 else {
          throw Mistakes.channels(call.op, x, weight, channels, groups: settings.groups)
        }
        try checkBias(call, weight.shape[0])
        var sizes = x.shape.rank == axes + 2 ? [x.shape[0], weight.shape[0]] : [weight.shape[0]]
        for axis in 0..<axes {
          let (size, kernel) = (x.shape[x.shape.rank - axes + axis], weight.shape[2 + axis])
          let reach = try spread(kernel, settings.dilation[axis])
          let (whole, overflow) = size.addingReportingOverflow(2 * settings.padding[axis])
          guard kernel > 0, !overflow, whole >= reach else { throw Mistakes.kernelTooLarge(call.op, x, weight, axis) }
          sizes.append((whole - reach) / settings.stride[axis] + 1)
        }
        return .one(try floats(call), try Shape(sizes))
      },
      kernel: { engine, call, types in
        let settings = try Convolution.Settings(call, axes: axes)
        let isBatch = call[0].rank == axes + 2
        let x = isBatch ? call[0] : call[0].inserting(axis: 0)
        let shape = isBatch ? types.first.shape : try Shape([1] + types.first.shape)
        let c = Convolution(x: x.shape, weight: call[1].shape, y: shape, settings)
        let y = try engine.convolve(x, call[1], call.inputs.optional(2), c, TensorType(types.first.dtype, shape))
        return TensorList(y.view(types.first.shape))
      })
  }

  /// How far a kernel reaches.
  private static func spread(_ kernel: Int, _ dilation: Int) throws -> Int {
    let (reach, overflow) = Swift.max(kernel - 1, 0).multipliedReportingOverflow(by: dilation)
    if overflow || reach > Shape.elementLimit { throw Mistakes.productTooLarge() }
    return reach + 1
  }

  private static func floats(_ call: borrowing Call) throws -> DType {
    let promoted = TensorType.promoted(call[0].type, call[1].type)
    if !promoted.dtype.isFloat { throw Mistakes.operandDType(call.op, call[0].type, "floats") }
    return promoted.dtype
  }

  private static func checkBias(_ call: borrowing Call, _ outputs: Int) throws {
    guard let bias = call.inputs.optional(2), bias.rank != 1 || bias.shape[0] != outputs else { return }
    throw Mistakes.channelBias(call.op, bias.type, outputs)
  }

  private static let stepParameters = [
    OpParameter("stride", .ints), OpParameter("padding", .ints), OpParameter("dilation", .ints),
    OpParameter("groups", .int), OpParameter("sizes", .ints),
  ]

  /// The convolution of so many axes.
  private static func convolution(_ axes: Int) -> Op { axes == 1 ? conv1d : axes == 2 ? conv2d : conv3d }

  /// The gradient of a convolution by its image, whose sizes are given. Linear in both, as the other two: the derivatives of
  /// each are the other two.
  static let convInput: Op = Op(
    "conv_input_grad", [OpParameter("dy", .tensor), OpParameter("weight", .tensor)] + stepParameters,
    doc: "A step of a gradient rule.", isHidden: true,
    domain: .cases([
      (
        [.floats([2, 4, 2, 3]), .floats([4, 1, 2, 2])],
        [.ints([2, 1]), .ints([1, 0]), .ints([1, 1]), .int(2), .ints([3, 4])]
      )
    ]),
    gradient: .rule(saves: [.a, .b]) { g in
      let axes = g.a.shape.rank - 2
      let settings = try Convolution.Settings(g.call, axes: axes).attributes
      let dy = try g.dy
      return try g.give(
        dy.apply(convolution(axes), g.b, with: settings),
        dy.apply(convWeight, g.a, with: settings + [.ints(g.b.shape.suffix(axes))]))
    },
    rule: { call in
      let weight = call[1].shape
      let channels = try weight[1] * Convolution.Settings(call, axes: weight.rank - 2).groups
      return .one(try floats(call), try Shape([call[0].shape[0], channels] + call.ints(4)))
    },
    kernel: { engine, call, types in
      let settings = try Convolution.Settings(call, axes: call[1].rank - 2)
      let c = Convolution(x: types.first.shape, weight: call[1].shape, y: call[0].shape, settings)
      return TensorList(try engine.convolveBack(call[0], call[1], c, types.first))
    })

  /// The gradient of a convolution by its weight, whose sizes are given.
  static let convWeight: Op = Op(
    "conv_weight_grad", [OpParameter("x", .tensor), OpParameter("dy", .tensor)] + stepParameters,
    doc: "A step of a gradient rule.", isHidden: true,
    domain: .cases([
      (
        [.floats([2, 2, 3, 4]), .floats([2, 4, 2, 3])],
        [.ints([2, 1]), .ints([1, 0]), .ints([1, 1]), .int(2), .ints([2, 2])]
      )
    ]),
    gradient: .rule(saves: [.a, .b]) { g in
      let axes = g.a.shape.rank - 2
      let settings = try Convolution.Settings(g.call, axes: axes).attributes
      let dy = try g.dy
      return try g.give(
        g.b.apply(convInput, dy, with: settings + [.ints(g.a.shape.suffix(axes))]),
        g.a.apply(convolution(axes), dy, with: settings))
    },
    rule: { call in
      let groups = try Convolution.Settings(call, axes: call[0].rank - 2).groups
      return .one(try floats(call), try Shape([call[1].shape[1], call[0].shape[1] / groups] + call.ints(4)))
    },
    kernel: { engine, call, types in
      let settings = try Convolution.Settings(call, axes: call[0].rank - 2)
      let c = Convolution(x: call[0].shape, weight: types.first.shape, y: call[1].shape, settings)
      return TensorList(try engine.convolveWeight(call[0], call[1], c, types.first))
    })

  /// A convolution's gradient as a layer.
  public static let convTranspose2d: Op = Op(
    "conv_transpose2d",
    [
      OpParameter("x", .tensor), OpParameter("weight", .tensor), OpParameter("bias", .optionalTensor),
      OpParameter("stride", .ints, default: .int(1)), OpParameter("padding", .ints, default: .int(0)),
      OpParameter("output_padding", .ints, default: .int(0)), OpParameter("groups", .int, default: .int(1)),
      OpParameter("dilation", .ints, default: .int(1)),
    ],
    doc:
      "Transposed convolution over images [N, C, H, W] with weight [C, outputs / groups, height, width]: each element "
      + "spread over a window.",
    examples: [("conv_transpose2d(ones(1, 1, 1, 1), ones(1, 1, 2, 2))", "[[[[1.0, 1.0],\n   [1.0, 1.0]]]]")],
    domain: .cases([
      ([.floats([2, 2, 2, 3]), .floats([2, 3, 2, 2]), .floats([3])], [.int(2), .int(1), .int(1)]),
      ([.floats([4, 2, 2]), .floats([4, 1, 2, 3]), .absent], [.int(1), .int(0), .int(0), .int(2), .ints([1, 2])]),
    ]),
    multiplyAdds: { call, _ in
      Engine.product(call[0].elementCount, call[1].elementCount / Swift.max(call[1].shape[0], 1))
    },
    gradient: .rule(saves: [.a, .b]) { g in
      let settings = try transposed(g.call)
      let (x, dy) = (try g.a.batched(2), try g.dy.batched(2))
      return try g.give(
        dy.apply(conv2d, g.b, with: settings.attributes).reshaped(to: g.a.shape),
        dy.apply(convWeight, x, with: settings.attributes + [.ints(g.b.shape.suffix(2))]), dy.channelSums())
    },
    rule: { call in
      let (x, weight, settings) = (call[0].type, call[1].type, try transposed(call))
      guard x.shape.rank == 3 || x.shape.rank == 4, weight.shape.rank == 4 else {
        throw Mistakes.convolutionRanks(call.op, x, weight, 2)
      }
      let channels = x.shape[x.shape.rank - 3]
      guard channels == weight.shape[0], channels % settings.groups == 0 else {
        throw Mistakes.channels(call.op, x, weight, channels, groups: settings.groups)
      }
      let (outputs, overflow) = weight.shape[1].multipliedReportingOverflow(by: settings.groups)
      if overflow { throw Mistakes.productTooLarge() }
      try checkBias(call, outputs)
      let extra = try Convolution.Settings.sizes(call, 2, 2, least: 0)
      var sizes = x.shape.rank == 4 ? [x.shape[0], outputs] : [outputs]
      for axis in 0..<2 {
        let (size, kernel) = (x.shape[x.shape.rank - 2 + axis], weight.shape[2 + axis])
        let (steps, overflow) = (size - 1).multipliedReportingOverflow(by: settings.stride[axis])
        let reach = try spread(kernel, settings.dilation[axis])
        let (whole, overflow2) = steps.addingReportingOverflow(reach + extra[axis])
        let largest = Swift.max(settings.stride[axis], settings.dilation[axis])
        guard !overflow, !overflow2, size > 0, kernel > 0, whole > 2 * settings.padding[axis], extra[axis] < largest
        else {
          throw Mistakes.kernelTooLarge(call.op, x, weight, axis)
        }
        sizes.append(whole - 2 * settings.padding[axis])
      }
      return .one(try floats(call), try Shape(sizes))
    },
    kernel: { engine, call, types in
      let isBatch = call[0].rank == 4
      let x = isBatch ? call[0] : call[0].inserting(axis: 0)
      let shape = isBatch ? types.first.shape : try Shape([1] + types.first.shape)
      let c = Convolution(x: shape, weight: call[1].shape, y: x.shape, try transposed(call))
      let y = try engine.convolveBack(x, call[1], c, TensorType(types.first.dtype, shape))
      if let bias = call.inputs.optional(2) { try engine.write(bias.asChannels(of: 4), into: y, adding: true) }
      return TensorList(y.view(types.first.shape))
    })

  private static func transposed(_ call: borrowing Call) throws -> Convolution.Settings {
    try Convolution.Settings(call, axes: 2, dilationAt: 4, groupsAt: 3)
  }
}

extension Term {
  /// With a first axis of size 1 where an image stands alone.
  fileprivate func batched(_ axes: Int) throws -> Term {
    shape.rank == axes + 2 ? self : try reshaped(to: Shape([1] + shape))
  }

  /// Summed over all axes but 1.
  fileprivate func channelSums() throws -> Term {
    try apply(Ops.sum, with: [.ints(shape.indices.filter { $0 != 1 })])
  }
}
