import CKernels

/// How a convolution slides over its input: what its rule has checked, laid out for its loops.
struct Convolution {
  /// Stride, padding and dilation along each axis, and how many groups the channels form.
  struct Settings {
    var stride: [Int]
    var padding: [Int]
    var dilation: [Int]
    var groups: Int

    /// As the attributes of the ops that share them.
    var attributes: [Attribute] { [.ints(stride), .ints(padding), .ints(dilation), .int(groups)] }

    /// Reads and checks attributes by their places; one int stands for all axes.
    init(_ call: borrowing Call, axes: Int, dilationAt: Int = 2, groupsAt: Int = 3) throws {
      stride = try Settings.sizes(call, 0, axes, least: 1)
      padding = try Settings.sizes(call, 1, axes, least: 0)
      dilation = try Settings.sizes(call, dilationAt, axes, least: 1)
      groups = try call.int(groupsAt)
      if groups < 1 { throw Mistakes.pieceSize(call.op, groups) }
    }

    /// One int for each axis, none so large that sums and products of two overflow.
    static func sizes(_ call: borrowing Call, _ i: Int, _ axes: Int, least: Int) throws -> [Int] {
      let given = try call.ints(i)
      let all = given.count == 1 ? [Int](repeating: given[0], count: axes) : given
      guard all.count == axes, all.allSatisfy({ $0 >= least && $0 <= Int(Int32.max) }) else {
        throw Mistakes.windowSizes(call.op, given, axes, least: least)
      }
      return all
    }
  }

  let batch: Int
  let groups: Int
  /// Channels of one group, on the side of the image and on that of the result.
  let inputs: Int
  let outputs: Int
  /// Elements of one channel.
  let inputSize: Int
  let outputSize: Int
  /// Elements under one window of a group.
  let windowSize: Int
  /// For the channels of one group.
  let window: nns_window

  /// From types that fit each other: x [N, C, in...], weight [O, C / groups, kernel...], y [N, O, out...].
  init(x: Shape, weight: Shape, y: Shape, _ settings: Settings) {
    batch = x[0]
    groups = settings.groups
    inputs = weight[1]
    outputs = weight[0] / settings.groups
    window = nns_window(
      channels: weight[1], in: x.dropFirst(2), out: y.dropFirst(2), kernel: weight.dropFirst(2),
      stride: settings.stride, padding: settings.padding, dilation: settings.dilation)
    inputSize = x.dropFirst(2).reduce(1, *)
    outputSize = y.dropFirst(2).reduce(1, *)
    windowSize = weight.dropFirst(1).reduce(1, *)
  }

  /// Rows of the output, over all its axes but the last, and how wide each is.
  var rows: Int { Int(window.out.0 * window.out.1) }
  var width: Int { Int(window.out.2) }

  /// Whether each window is one element of the image, at the same place as its result.
  var isPointwise: Bool {
    window.kernel == (1, 1, 1) && window.stride == (1, 1, 1) && window.padding == (0, 0, 0)
  }

  /// Multiplications.
  var work: Int {
    Engine.product(Swift.max(windowSize, 1), outputs, groups, Swift.max(outputSize, 1), Swift.max(batch, 1))
  }

  /// How many rows of the output, and how many elements of each, make columns that stay in the cache. Where windows are single
  /// elements the image itself is the columns: then all of them.
  func block(_ dtype: DType) -> (rows: Int, width: Int) {
    if isPointwise { return (rows, width) }
    let places = Swift.max((1 << 19) / Swift.max(windowSize * dtype.byteSize, 1), 64)
    return (Swift.min(Swift.max(places / Swift.max(width, 1), 1), rows), Swift.min(places, width))
  }

  /// How many such blocks one plane has.
  func blocks(_ dtype: DType) -> Int {
    let block = block(dtype)
    return ((rows - 1) / block.rows + 1) * ((width - 1) / block.width + 1)
  }

  /// Images times groups.
  var planes: Int { batch * groups }
  /// What the work for one plane costs, counted in elements of a loop.
  var planeCost: Int { Engine.cost(multiplications: work / planes) }

  /// In how many sums the gradient of the weight is gathered, for as many threads; their number depends on the sizes only.
  func sums(of parts: Int, weights: Int) -> Int {
    Swift.max(Swift.min(parts, work >> 22, (1 << 22) / Swift.max(weights, 1), 8), 1)
  }
}

extension nns_window {
  /// From sizes along one to three axes.
  init(
    channels: Int, in sizes: some Collection<Int>, out: some Collection<Int>, kernel: some Collection<Int>,
    stride: [Int], padding: [Int], dilation: [Int]
  ) {
    func triple(_ sizes: some Collection<Int>, _ filler: Int) -> (Int64, Int64, Int64) {
      let all = [Int](repeating: filler, count: Swift.max(3 - sizes.count, 0)) + sizes
      return (Int64(all[0]), Int64(all[1]), Int64(all[2]))
    }
    self.init(
      channels: Int64(channels), in: triple(sizes, 1), out: triple(out, 1), kernel: triple(kernel, 1),
      stride: triple(stride, 1), padding: triple(padding, 0), dilation: triple(dilation, 1))
  }
}

// The bounds of every access here: x, weight and y are contiguous and of the shapes that the convolution was made from; the
// columns have windowSize rows for as many places as a part has at most.

extension Engine {
  /// A part of the output of an image and group, which are a plane: where it begins within its channel, how many elements it
  /// has, and the columns under their windows, in rows so far apart.
  private struct Part {
    let plane: Int
    let group: Int
    let place: Int
    let count: Int
    let columns: UnsafeMutableRawPointer
    let lead: Int
    let range: nns_part
  }

  /// Calls `body` for parts of the output of some planes, which are the groups of all images, with the columns under their
  /// windows, which `fill` says to fill first. Of each plane the blocks are taken that `blocks` says, all if it is nil.
  private func forEachPart(
    _ c: Convolution, planes: Range<Int>, blocks: Range<Int>? = nil, _ x: UnsafeRawPointer, _ dtype: DType, fill: Bool,
    _ body: (Part) throws -> Void
  ) throws {
    let size = dtype.byteSize
    let (rows, width) = c.block(dtype)
    let columns = try empty(TensorType(dtype, Shape([c.isPointwise ? 0 : c.windowSize, rows, width])))
    guard let scratch = columns.storage?.base else { return }
    var window = c.window
    let across = (c.width - 1) / width + 1
    for plane in planes {
      let channels = x + plane * c.inputs * c.inputSize * size
      for block in blocks ?? 0..<c.blocks(dtype) {
        try budget.check()
        let (row, column) = (block / across * rows, block % across * width)
        let range = nns_part(
          from: Int64(row), to: Int64(Swift.min(row + rows, c.rows)), left: Int64(column),
          right: Int64(Swift.min(column + width, c.width)))
        let count = Int((range.to - range.from) * (range.right - range.left))
        if !c.isPointwise, fill {
          if dtype == .f64 {
            nns_windows_f64(
              scratch.assumingMemoryBound(to: Double.self), channels.assumingMemoryBound(to: Double.self), &window,
              range)
          } else {
            nns_windows_f32(
              scratch.assumingMemoryBound(to: Float.self), channels.assumingMemoryBound(to: Float.self), &window, range)
          }
        }
        try body(
          Part(
            plane: plane, group: plane % c.groups, place: row * c.width + column, count: count,
            columns: c.isPointwise ? UnsafeMutableRawPointer(mutating: channels) : scratch,
            lead: c.isPointwise ? c.inputSize : count, range: range))
      }
    }
    withExtendedLifetime(columns) {}
  }

  /// y = weight · windows of x, plus a bias for each channel.
  func convolve(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ c: Convolution, _ type: TensorType) throws -> Tensor {
    try charge(product: c.work)
    let (x, weight) = (try contiguous(cast(x, to: type.dtype)), try contiguous(cast(weight, to: type.dtype)))
    let result = try bias == nil ? emptyInMemory(type) : zeros(type)
    guard type.shape.elementCount > 0, let out = result.storage?.base, let source = x.pointer,
      let kernels = weight.pointer
    else { return result }
    if let depthwise = c.depthwise {
      let bias = try bias.map { try contiguous(cast($0, to: type.dtype)) }
      try slide(depthwise, out, source, kernels, bias: bias?.pointer, c, type.dtype)
      return withExtendedLifetime((x, weight, bias)) { result }
    }
    if c.isWinograd(type.dtype) {
      let bias = try bias.map { try contiguous(cast($0, to: type.dtype)) }
      try winograd(out, source, kernels, bias: bias?.pointer, c)
      return withExtendedLifetime((x, weight, bias)) { result }
    }
    if let bias { try write(bias.asChannels(of: type.shape.rank), into: result) }
    if c.windowSize == 0 {
      return bias == nil ? try zeros(type) : result
    }
    let size = type.dtype.byteSize
    func convolve(_ planes: Range<Int>, _ blocks: Range<Int>?) throws {
      try forEachPart(c, planes: planes, blocks: blocks, source, type.dtype, fill: true) { part in
        let place = part.plane * c.outputs * c.outputSize + part.place
        try multiply(
          type.dtype, Stored(kernels + part.group * c.outputs * c.windowSize * size, lead: c.windowSize),
          Stored(part.columns, lead: part.lead), into: (out + place * size, c.outputSize), m: c.outputs,
          n: part.count, k: c.windowSize, adding: bias != nil)
      }
    }
    let blocks = c.blocks(type.dtype)
    if c.planes >= blocks {
      try share(c.planes, of: c.planeCost) { try convolve($0, nil) }
    } else {
      for plane in 0..<c.planes {
        try share(blocks, of: c.planeCost / blocks) { try convolve(plane..<plane + 1, $0) }
      }
    }
    return withExtendedLifetime((x, weight)) { result }
  }

  /// The gradient of `convolve` by x: weightᵀ · dy, added up where the windows lay.
  func convolveBack(_ dy: Tensor, _ weight: Tensor, _ c: Convolution, _ type: TensorType) throws -> Tensor {
    try charge(product: c.work)
    let (dy, weight) = (try contiguous(cast(dy, to: type.dtype)), try contiguous(cast(weight, to: type.dtype)))
    guard type.shape.elementCount > 0, dy.elementCount > 0, c.windowSize > 0 else { return try zeros(type) }
    let depthwise = c.depthwise
    let result = try depthwise == nil ? zeros(type) : emptyInMemory(type)
    guard let out = result.storage?.base, let upstream = dy.pointer, let kernels = weight.pointer else { return result }
    if let depthwise {
      try slide(depthwise.back, out, upstream, kernels, bias: nil, c, type.dtype)
      return withExtendedLifetime((dy, weight)) { result }
    }
    if c.isWinograd(type.dtype) {
      try winogradBack(out, upstream, kernels, c)
      return withExtendedLifetime((dy, weight)) { result }
    }
    try share(c.planes, of: c.planeCost) { planes in
      try convolveBack(planes, c, out, upstream, kernels, type.dtype)
    }
    return withExtendedLifetime((dy, weight)) { result }
  }

  private func convolveBack(
    _ planes: Range<Int>, _ c: Convolution, _ out: UnsafeMutableRawPointer, _ upstream: UnsafeRawPointer,
    _ kernels: UnsafeRawPointer, _ dtype: DType
  ) throws {
    let size = dtype.byteSize
    var window = c.window
    try forEachPart(c, planes: planes, UnsafeRawPointer(out), dtype, fill: false) { part in
      let place = part.plane * c.outputs * c.outputSize + part.place
      let kernel = kernels + part.group * c.outputs * c.windowSize * size
      try multiply(
        dtype, Stored(kernel, lead: c.windowSize, isTransposed: true),
        Stored(upstream + place * size, lead: c.outputSize), into: (part.columns, part.lead), m: c.windowSize,
        n: part.count, k: c.outputs, adding: false)
      if c.isPointwise { return }
      let image = out + part.plane * c.inputs * c.inputSize * size
      if dtype == .f64 {
        nns_windows_add_f64(
          image.assumingMemoryBound(to: Double.self), part.columns.assumingMemoryBound(to: Double.self), &window,
          part.range)
      } else {
        nns_windows_add_f32(
          image.assumingMemoryBound(to: Float.self), part.columns.assumingMemoryBound(to: Float.self), &window,
          part.range)
      }
    }
  }

  /// The gradient of `convolve` by its weight: dy · windows of xᵀ, over all images.
  func convolveWeight(_ x: Tensor, _ dy: Tensor, _ c: Convolution, _ type: TensorType) throws -> Tensor {
    try charge(product: c.work)
    let (x, dy) = (try contiguous(cast(x, to: type.dtype)), try contiguous(cast(dy, to: type.dtype)))
    let result = try zeros(type)
    guard type.shape.elementCount > 0, dy.elementCount > 0, let out = result.storage?.base, let source = x.pointer,
      let upstream = dy.pointer
    else { return result }
    let size = type.dtype.byteSize
    if let depthwise = c.depthwise {
      try slideWeight(depthwise, out, source, upstream, c, type.dtype)
    } else if c.isWinograd(type.dtype) {
      try winogradWeight(out, source, upstream, c)
    } else {
      let sums = c.sums(of: c.batch, weights: type.shape.elementCount)
      let total = try gathered(type, sums: sums, of: c.batch) { images, out in
        let planes = images.lowerBound * c.groups..<images.upperBound * c.groups
        try forEachPart(c, planes: planes, source, type.dtype, fill: true) { part in
          let place = part.plane * c.outputs * c.outputSize + part.place
          try multiply(
            type.dtype, Stored(upstream + place * size, lead: c.outputSize),
            Stored(part.columns, lead: part.lead, isTransposed: true),
            into: (out + part.group * c.outputs * c.windowSize * size, c.windowSize), m: c.outputs, n: c.windowSize,
            k: part.count, adding: true)
        }
      }
      return withExtendedLifetime((x, dy)) { total }
    }
    return withExtendedLifetime((x, dy)) { result }
  }
}

extension Engine {
  /// What `body` adds for all of so many parts to zeros: in several sums, each by one thread, which are then added up in their
  /// order.
  func gathered(
    _ type: TensorType, sums: Int, of parts: Int, _ body: (Range<Int>, UnsafeMutableRawPointer) throws -> Void
  ) throws -> Tensor {
    let all = try zeros(TensorType(type.dtype, Shape([sums] + Array(type.shape))))
    guard let out = all.storage?.base else { return all }
    let bytes = type.shape.elementCount * type.dtype.byteSize
    try share(parts: sums) { sum in
      try body(parts * sum / sums..<parts * (sum + 1) / sums, out + sum * bytes)
    }
    return try reduce(NNS_SUM, all, AxisSet(0), type)
  }
}

extension Tensor {
  /// One element for each channel, to be broadcast over [N, C, ...] of a rank; a view.
  func asChannels(of rank: Int) -> Tensor {
    var sizes = Axes(repeating: 1, count: rank - 1)
    var steps = Axes(repeating: 0, count: rank - 1)
    (sizes[0], steps[0]) = (shape[0], strides[0])
    return view(Shape(proven: sizes), strides: steps, offset: offset)
  }
}
