import CKernels

/// Where `x[items]` lies: a view by ints, slices and new axes, then rows of it picked by tensors of positions.
struct IndexPlan {
  /// A picked axis of the view and the positions along it.
  struct Pick {
    var axis: Int
    /// The same axis in the tensor.
    var source: Int
    var positions: Tensor
    /// The item's place among those that take axes, for knowing whether picks are neighbours.
    var item: Int
  }

  /// The view's layout; picked axes are whole in it.
  private(set) var sizes = Axes()
  private(set) var strides = Axes()
  private(set) var offset: Int
  private(set) var picks: [Pick] = []
  /// The shape that the picks' positions have together.
  private(set) var pickedShape = Shape()
  /// Where the picked axes stand in the result.
  private(set) var pickedAxis = 0

  /// Lays a list of items on a tensor. Without an engine masks are only counted, which is enough for the shape.
  ///
  /// - Throws: index errors that name index, axis and size; ``UnknownShape`` for a mask without data.
  init(_ x: Tensor, _ items: [IndexItem], engine: Engine?) throws {
    offset = x.offset
    let taken = items.reduce(0) { $0 + IndexPlan.axesTaken(by: $1) }
    guard taken <= x.rank else { throw Mistakes.tooManyIndices(taken, x.type) }
    guard items.lazy.filter({ if case .ellipsis = $0 { true } else { false } }).count <= 1 else {
      throw Mistakes.twoEllipses()
    }
    let hasTensors = items.contains { if case .tensor = $0 { true } else { false } }
    var axis = 0
    var sawEllipsis = false
    for (place, item) in items.enumerated() {
      switch item {
      case .int(let i):
        let position = try IndexPlan.position(i, axis, x.shape)
        if hasTensors {
          picks.append(Pick(axis: sizes.count, source: axis, positions: .weak(position), item: place))
          try append(x.shape[axis], x.strides[axis])
        } else {
          offset += position * x.strides[axis]
        }
        axis += 1
      case .slice(let start, let stop, let step):
        let range = try IndexPlan.clamp(start, stop, step ?? 1, x.shape[axis])
        if range.count > 0 { offset += range.start * x.strides[axis] }
        // A step beyond the axis leaves one element, whose stride means nothing.
        try append(range.count, range.count > 1 ? x.strides[axis] * (step ?? 1) : x.strides[axis])
        axis += 1
      case .ellipsis:
        sawEllipsis = true
        for _ in 0..<x.rank - taken {
          try append(x.shape[axis], x.strides[axis])
          axis += 1
        }
      case .newAxis: try append(1, 0)
      case .tensor(let tensor):
        for positions in try IndexPlan.positions(tensor, from: axis, x.shape, engine) {
          picks.append(Pick(axis: sizes.count, source: axis, positions: positions, item: place))
          try append(x.shape[axis], x.strides[axis])
          axis += 1
        }
      }
    }
    if !sawEllipsis {
      while axis < x.rank {
        try append(x.shape[axis], x.strides[axis])
        axis += 1
      }
    }
    if !picks.isEmpty { try placePicks() }
  }

  /// The shape of the result.
  func shape() throws -> Shape {
    if picks.isEmpty { return try Shape(checking: sizes) }
    var result: [Int] = []
    var kept = 0
    for axis in 0..<sizes.count where !picks.contains(where: { $0.axis == axis }) {
      if kept == pickedAxis { result += pickedShape }
      result.append(sizes[axis])
      kept += 1
    }
    if kept <= pickedAxis { result += pickedShape }
    return try Shape(result)
  }

  private mutating func append(_ size: Int, _ stride: Int) throws {
    guard sizes.count < Axes.limit else { throw Mistakes.tooManyAxes(sizes.count + 1) }
    sizes.append(size)
    strides.append(stride)
  }

  /// As NumPy: in place of the first picked axis if the picking items are neighbours, otherwise in front.
  private mutating func placePicks() throws {
    for pick in picks {
      guard let shape = try Shape.broadcast(pickedShape, pick.positions.shape) else {
        throw Mistakes.indicesDiffer(pickedShape, pick.positions.shape)
      }
      pickedShape = shape
    }
    let places = Set(picks.map(\.item))
    let areNeighbours = places.count == (places.max() ?? 0) - (places.min() ?? 0) + 1
    pickedAxis = areNeighbours ? picks[0].axis : 0
  }

  private static func axesTaken(by item: IndexItem) -> Int {
    switch item {
    case .int, .slice: 1
    case .ellipsis, .newAxis: 0
    case .tensor(let tensor): tensor.dtype == .bool ? tensor.rank : 1
    }
  }

  private static func position(_ i: Int, _ axis: Int, _ shape: Shape) throws -> Int {
    let size = shape[axis]
    guard i >= -size && i < size else { throw Mistakes.indexOutOfRange(i, axis, shape) }
    return i < 0 ? i + size : i
  }

  /// A slice as Python clamps it.
  static func clamp(_ start: Int?, _ stop: Int?, _ step: Int, _ size: Int) throws -> (start: Int, count: Int) {
    guard step != 0 else { throw Mistakes.zeroStep() }
    let step = Swift.max(step, -Int.max)
    func bound(_ value: Int, _ low: Int, _ high: Int) -> Int {
      Swift.min(Swift.max(value < 0 ? value + size : value, low), high)
    }
    if step > 0 {
      let from = start.map { bound($0, 0, size) } ?? 0
      let to = stop.map { bound($0, 0, size) } ?? size
      return (from, to > from ? (to - from - 1) / step + 1 : 0)
    }
    let from = start.map { bound($0, -1, size - 1) } ?? size - 1
    let to = stop.map { bound($0, -1, size - 1) } ?? -1
    return (from, from > to ? (from - to - 1) / -step + 1 : 0)
  }

  /// What a tensor picks along each axis that it takes: itself for ints, where it is true for bools.
  private static func positions(
    _ tensor: Tensor, from axis: Int, _ shape: Shape, _ engine: Engine?
  ) throws -> [Tensor] {
    if tensor.dtype.isFloat { throw Mistakes.indexDType(tensor.type) }
    if tensor.dtype.isInt { return [tensor] }
    for i in 0..<tensor.rank where tensor.shape[i] != shape[axis + i] {
      throw Mistakes.maskShape(tensor.shape, axis + i, shape)
    }
    if tensor.isMeta { throw UnknownShape() }
    if let engine { return try engine.positionsOfTrue(tensor) }
    return [Tensor](repeating: .meta(.i64, try Shape([tensor.countTrue()])), count: tensor.rank)
  }
}

extension Engine {
  /// For each axis of a mask, where along it the mask is true, in row-major order.
  func positionsOfTrue(_ mask: Tensor) throws -> [Tensor] {
    let mask = try contiguous(cast(mask, to: .bool))
    try budget.charge(work: 2 * mask.elementCount)
    guard let flags = mask.pointer?.assumingMemoryBound(to: UInt8.self) else { return [] }
    var count = 0
    try inBlocks(mask.elementCount, of: 1) { block in
      count += Int(nns_count(flags + block.lowerBound, 1, Int64(block.count)))
    }
    let type = TensorType(.i64, try Shape([count]))
    // With room for one more, which the loop writes over.
    let positions = try empty(TensorType(.i64, Shape([count + 1]))).sliced(0, start: 0, count: count, step: 1)
    guard let flat = positions.storage?.base.assumingMemoryBound(to: Int64.self) else { return [] }
    var done = 0
    try inBlocks(mask.elementCount, of: 1) { block in
      done += Int(nns_places(flat + done, flags, Int64(block.lowerBound), Int64(block.upperBound)))
    }
    if mask.rank == 1 { return [positions] }
    let steps = mask.shape.contiguousStrides
    return try (0..<mask.rank).map { axis in
      let (step, size) = (Int64(steps[axis]), Int64(Swift.max(mask.shape[axis], 1)))
      let result = try empty(type)
      guard let out = result.storage?.base.assumingMemoryBound(to: Int64.self) else { return result }
      try inBlocks(count, of: 4) { block in for i in block { out[i] = flat[i] / step % size } }
      return withExtendedLifetime((mask, positions)) { result }
    }
  }

  /// Where the picked rows begin, relative to the view, in elements: `i64`, without gaps.
  ///
  /// - Throws: an index error for a position out of range.
  func offsets(_ plan: IndexPlan, of x: Tensor) throws -> Tensor {
    let result = try zeros(TensorType(.i64, Shape([plan.pickedShape.elementCount])))
    guard let offsets = result.storage?.base.assumingMemoryBound(to: Int.self) else { return result }
    for pick in plan.picks {
      let positions = try cast(pick.positions, to: .i64)
      guard let source = positions.pointer?.assumingMemoryBound(to: Int.self) else { continue }
      let (size, stride) = (plan.sizes[pick.axis], plan.strides[pick.axis])
      try Loops(plan.pickedShape, positions.strides(broadcastTo: plan.pickedShape)).forEachRun(budget) { run in
        for i in 0..<run.count {
          let position = source[run.a.start + i * run.a.step]
          guard position >= -size && position < size else {
            throw Mistakes.indexOutOfRange(position, pick.source, x.shape)
          }
          offsets[run.out + i] += (position < 0 ? position + size : position) * stride
        }
      }
      withExtendedLifetime(positions) {}
    }
    return result
  }
}

extension Tensor {
  /// How many elements are not 0.
  func countTrue() throws -> Int {
    guard dtype == .bool, let flags = pointer?.assumingMemoryBound(to: UInt8.self) else {
      return (0..<elementCount).lazy.filter { self.element(at: $0).double != 0 }.count
    }
    var count = 0
    try Loops(shape, strides).forEachRun(Budget()) { run in
      count += Int(nns_count(flags + run.a.start, Int64(run.a.step), Int64(run.count)))
    }
    return count
  }
}
