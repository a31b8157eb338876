import CKernels

extension Ops {
  static let pooling: [Op] = [maxPool1d, maxPool2d, avgPool2d, adaptiveAvgPool2d, interpolate]

  private static let poolParameters = [
    OpParameter("x", .tensor), OpParameter("size", .ints), OpParameter("stride", .ints, default: Attribute.none),
    OpParameter("padding", .ints, default: .int(0)),
  ]

  /// Largest in windows of sequences.
  public static let maxPool1d: Op = maxPool(
    "max_pool1d", axes: 1,
    doc: "The largest in each window of the last axis; windows follow each other without a stride.",
    example: ("max_pool1d([[1.0, 3.0, 2.0, 0.0]], 2)", "[[3.0, 2.0]]"),
    cases: [([.floats([2, 7])], [.int(2)]), ([.floats([2, 2, 6])], [.int(3), .int(1), .int(1), .int(2)])])
  /// Largest in windows of images.
  public static let maxPool2d: Op = maxPool(
    "max_pool2d", axes: 2,
    doc: "The largest in each window of the last two axes; windows follow each other without a stride.",
    example: ("max_pool2d([[[1.0, 2.0], [3.0, 4.0]]], 2)", "[[[4.0]]]"),
    cases: [
      ([.floats([1, 2, 4, 5])], [.int(2)]), ([.floats([2, 5, 4])], [.ints([3, 2]), .ints([2, 1]), .ints([1, 0])]),
    ])

  private static func maxPool(
    _ name: String, axes: Int, doc: String, example: (String, String), cases: [([Domain.Argument], [Attribute])]
  ) -> Op {
    Op(
      name,
      poolParameters + [
        OpParameter("dilation", .ints, default: .int(1)),
        OpParameter("return_indices", .bool, default: .bool(false), isNamedOnly: true),
      ],
      doc: doc
        + " Of equal ones the first has the gradient. With `return_indices` also where in its plane each stands, counted row by row.",
      examples: [example],
      extraOutputs: 1, domain: .cases(cases),
      gradient: .rule(saves: [.y1, .types]) { g in
        let lead = g.shape.dropLast(axes).reduce(1, *)
        let size = g.shape.suffix(axes).reduce(1, *)
        let places = try g.y1.reshaped(to: Shape([lead, g.y1.shape.suffix(axes).reduce(1, *)]))
        let zeros = try g.engine.zeros(TensorType(g.type(0).dtype, Shape([lead, size])))
        let sums = try Term(tensor: zeros, engine: g.engine).apply(
          scatterAdd, places, g.dy.reshaped(to: places.shape), with: [.int(1)])
        return try g.give(sums.reshaped(to: g.shape))
      },
      rule: { call in
        let windows = try Windows(call, axes: axes, dilation: Convolution.Settings.sizes(call, 3, axes, least: 1))
        let places = [TensorType](repeating: TensorType(.i64, windows.shape), count: try call.bool(4) ? 2 : 1)
        return .many([TensorType(call[0].dtype.fractional, windows.shape)] + places)
      },
      kernel: { engine, call, types in
        let windows = try Windows(call, axes: axes, dilation: Convolution.Settings.sizes(call, 3, axes, least: 1))
        let (largest, places) = try engine.maxPool(call[0], windows, types)
        return try call.bool(4) ? [largest, places, places.alias()] : [largest, places]
      })
  }

  /// Means of windows of images.
  public static let avgPool2d: Op = Op(
    "avg_pool2d", poolParameters + [OpParameter("count_include_pad", .bool, default: .bool(true))],
    doc: "The mean of each window of the last two axes; padding counts as zeros unless told not to count.",
    examples: [("avg_pool2d([[[1.0, 2.0], [3.0, 4.0]]], 2)", "[[[2.5]]]")], handlesHalf: true,
    domain: .cases([
      ([.floats([1, 2, 4, 5])], [.int(2)]),
      ([.floats([2, 5, 4])], [.ints([3, 2]), .ints([2, 1]), .ints([1, 0]), .bool(false)]),
    ]),
    gradient: .composed,
    rule: { .one($0[0].dtype.fractional, try Windows($0, axes: 2).shape) },
    kernel: { engine, call, types in
      let windows = try Windows(call, axes: 2)
      let countsPadding = try call.bool(3) ? 1 : 0
      return TensorList(
        try engine.resampled(call[0], to: types.first.shape, axes: 2) { axis in
          ("mean", [windows.size[axis], windows.stride[axis], windows.padding[axis], countsPadding], 1)
        })
    })

  /// Means of as many parts of images as are asked for.
  public static let adaptiveAvgPool2d: Op = Op(
    "adaptive_avg_pool2d", [OpParameter("x", .tensor), OpParameter("size", .ints)],
    doc: "Means of the last two axes cut into so many parts, which may overlap by one.",
    examples: [("adaptive_avg_pool2d([[[1.0, 2.0], [3.0, 4.0]]], 1)", "[[[2.5]]]")], handlesHalf: true,
    domain: .cases([([.floats([1, 2, 4, 5])], [.int(2)]), ([.floats([2, 5, 4])], [.ints([3, 6])])]),
    gradient: .composed,
    rule: { call in
      if call[0].rank < 2 { throw Mistakes.rankTooSmall(call.op, call[0].type, 2) }
      let shape = call[0].shape
      if shape.suffix(2).contains(0) { throw Mistakes.noElements(call.op, call[0].type) }
      let sizes = try Convolution.Settings.sizes(call, 0, 2, least: 0)
      return .one(call[0].dtype.fractional, try Shape(shape.dropLast(2) + sizes))
    },
    kernel: { engine, call, types in
      TensorList(try engine.resampled(call[0], to: types.first.shape, axes: 2) { _ in ("adaptive", [], 1) })
    })

  /// Images of another size.
  public static let interpolate: Op = Op(
    "interpolate",
    [
      OpParameter("x", .tensor), OpParameter("size", .ints, default: Attribute.none),
      OpParameter("scale_factor", .number, default: Attribute.none),
      OpParameter("mode", .string, default: .string("nearest")),
    ],
    doc: "All axes after the first two in another size, given or so many times as large: by the nearest element, or "
      + "between neighbours with mode \"linear\", \"bilinear\" or \"trilinear\" for one, two or three axes.",
    examples: [("interpolate([[[1.0, 2.0]]], scale_factor: 2)", "[[[1.0, 1.0, 2.0, 2.0]]]")], handlesHalf: true,
    domain: .cases([
      ([.floats([1, 2, 3, 4])], [.ints([5, 2])]),
      ([.floats([2, 1, 3, 2])], [.none, .float(1.7), .string("bilinear")]),
      ([.floats([1, 2, 4])], [.int(3), .none, .string("linear")]),
    ]),
    gradient: .composed,
    rule: { call in
      let (x, axes, mode) = (call[0].type, call[0].rank - 2, try call.string(2))
      guard axes > 0, axes < 4 else { throw Mistakes.rankTooSmall(call.op, x, 3) }
      let names = ["linear", "bilinear", "trilinear"]
      guard mode == "nearest" || mode == names[axes - 1] else {
        throw Mistakes.oneOf(call.op, "mode", mode, ["nearest", names[axes - 1]])
      }
      if x.shape.suffix(axes).contains(0) { throw Mistakes.noElements(call.op, x) }
      if let factor = try call.optionalNumber(1) {
        guard try call.optionalInts(0) == nil else { throw Mistakes.sizeOrScale(call.op) }
        let sizes = try x.shape.suffix(axes).map { size in
          let size = Int(exactly: (Double(size) * factor).rounded(.down)) ?? 0
          guard size > 0, size <= Int(Int32.max) else { throw Mistakes.scale(call.op, factor) }
          return size
        }
        return .one(x.dtype.fractional, try Shape(x.shape.prefix(2) + sizes))
      }
      guard try call.optionalInts(0) != nil else { throw Mistakes.sizeOrScale(call.op) }
      let sizes = try Convolution.Settings.sizes(call, 0, axes, least: 1)
      return .one(x.dtype.fractional, try Shape(x.shape.prefix(2) + sizes))
    },
    kernel: { engine, call, types in
      let (axes, shape, factor) = (call[0].rank - 2, call[0].shape, try call.optionalNumber(1))
      let window = try call.string(2) == "nearest" ? "nearest" : "linear"
      let result = types.first.shape
      return TensorList(
        try engine.resampled(call[0], to: result, axes: axes) { axis in
          (window, [], factor.map { 1 / $0 } ?? Double(shape[2 + axis]) / Double(result[2 + axis]))
        })
    })
}

/// Windows that slide over the last axes of a tensor.
private struct Windows {
  let size: [Int]
  let stride: [Int]
  let padding: [Int]
  let dilation: [Int]
  let shape: Shape

  /// From the attributes size, stride and padding, in this order.
  ///
  /// - Throws: a value or shape error where no window fits, or one could lie in the padding alone.
  init(_ call: borrowing Call, axes: Int, dilation: [Int]? = nil) throws {
    let x = call[0].type
    if x.shape.rank < axes { throw Mistakes.rankTooSmall(call.op, x, axes) }
    size = try Convolution.Settings.sizes(call, 0, axes, least: 1)
    stride = call.attribute(1) == .none ? size : try Convolution.Settings.sizes(call, 1, axes, least: 1)
    padding = try Convolution.Settings.sizes(call, 2, axes, least: 0)
    self.dilation = dilation ?? [Int](repeating: 1, count: axes)
    var sizes = Array(x.shape)
    for axis in 0..<axes {
      let place = x.shape.rank - axes + axis
      let (reach, overflow) = (size[axis] - 1).multipliedReportingOverflow(by: self.dilation[axis])
      let (whole, overflow2) = sizes[place].addingReportingOverflow(2 * padding[axis])
      guard !overflow, !overflow2, reach < whole, 2 * padding[axis] <= size[axis], sizes[place] > 0 else {
        throw Mistakes.poolWindow(call.op, x, size[axis], padding[axis], place)
      }
      sizes[place] = (whole - reach - 1) / stride[axis] + 1
    }
    shape = try Shape(sizes)
  }
}

extension Engine {
  /// Another size along the last axes, one after the other.
  fileprivate func resampled(
    _ x: Tensor, to shape: Shape, axes: Int, _ window: (Int) -> (kind: String, settings: [Int], scale: Double)
  ) throws -> Tensor {
    var x = x
    for axis in 0..<axes {
      let (kind, settings, scale) = window(axis)
      let place = shape.rank - axes + axis
      x = try one(
        Ops.resample, TensorList(x),
        [.int(place), .string(kind), .ints(settings), .float(scale), .int(shape[place])])
    }
    return x
  }

  // The bounds: x and outputs are contiguous; the windows were made for x's shape.

  /// The largest in each window, and its place within its plane.
  fileprivate func maxPool(_ x: Tensor, _ windows: Windows, _ types: OutputTypes) throws -> (Tensor, Tensor) {
    let type = types.first
    let under = Engine.product(windows.size[0], windows.size.count > 1 ? windows.size[1] : 1)
    try charge(product: Engine.product(type.shape.elementCount, Swift.min(under, x.elementCount)))
    let x = try contiguous(cast(x, to: type.dtype))
    let (result, ids) = (try empty(type), try empty(types.all[1]))
    let axes = windows.size.count
    let (plane, outPlane) = (x.shape.suffix(axes).reduce(1, *), type.shape.suffix(axes).reduce(1, *))
    guard let out = result.storage?.base, let places = ids.storage?.base.assumingMemoryBound(to: Int64.self),
      let source = x.pointer, type.shape.elementCount > 0
    else { return (result, ids) }
    let width = type.shape[type.shape.rank - 1]
    try shareParts(
      planes: type.shape.elementCount / outPlane, rows: outPlane / width, width: width, cost: Swift.min(under, plane)
    ) { block, part in
      var window = nns_window(
        channels: block.count, in: x.shape.suffix(axes), out: type.shape.suffix(axes), kernel: windows.size,
        stride: windows.stride, padding: windows.padding, dilation: windows.dilation)
      let (from, to) = (block.lowerBound * plane, block.lowerBound * outPlane)
      if type.dtype == .f64 {
        nns_max_pool_f64(
          out.assumingMemoryBound(to: Double.self) + to, places + to,
          source.assumingMemoryBound(to: Double.self) + from, &window, part)
      } else {
        nns_max_pool_f32(
          out.assumingMemoryBound(to: Float.self) + to, places + to, source.assumingMemoryBound(to: Float.self) + from,
          &window, part)
      }
    }
    return withExtendedLifetime(x) { (result, ids) }
  }
}
