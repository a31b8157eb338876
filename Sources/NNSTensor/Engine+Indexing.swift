import CKernels

extension Engine {
  /// `x[items]`: a view where only ints, slices and new axes are used.
  ///
  /// - Throws: an index error that names index, axis and size.
  public func index(_ x: Tensor, _ items: [IndexItem]) throws -> Tensor {
    if takesShortcuts, x.storage != nil, !items.contains(where: { if case .tensor = $0 { true } else { false } }) {
      return try sliced(x, items)
    }
    let (code, tensors) = IndexCode.encode(items)
    var inputs = TensorList(x)
    for tensor in tensors { inputs.append(tensor) }
    return try one(Ops.index, inputs, [.ints(code)])
  }

  /// What `index` does where nothing is copied, without the generality of a call.
  private func sliced(_ x: Tensor, _ items: [IndexItem]) throws -> Tensor {
    let plan = try IndexPlan(x, items, engine: self)
    let result = plan.view(of: x, TensorType(x.dtype, try plan.shape()))
    let mask = tape.activeMask == 0 ? 0 : tape.mask(of: x) & tape.activeMask
    if mask != 0, case .rule(let saves, _) = Ops.index.gradient {
      try tape.append(
        Ops.index, mask: mask, inputs: TensorList(x), outputs: TensorList(result), saves: saves,
        attributes: [.ints(IndexCode.encode(items).code)])
    }
    return result
  }

  /// What `unindex` does where nothing was copied, without the generality of a call; nil where it is to be recorded.
  func unsliced(_ dy: Tensor, _ code: [Int], _ type: TensorType) throws -> Tensor? {
    guard !isRecording, takesShortcuts, dy.storage != nil, dy.dtype == type.dtype else { return nil }
    let result = try zeros(type)
    let plan = try IndexPlan(result, IndexCode.decode(code, []), engine: self)
    try write(dy, into: plan.view(of: result, dy.type), adding: false)
    return result
  }

  /// `x[items] = value`: in place where `x` is uniquely held and has no history, otherwise on a copy.
  ///
  /// - Throws: an index error, or a shape or dtype error where the value does not fit the place.
  public func assign(_ x: inout Tensor, _ items: [IndexItem], _ value: Tensor) throws {
    let (code, tensors) = IndexCode.encode(items)
    let attributes: [Attribute] = [.ints(code)]
    let origin = x.origin
    if computesShapesOnly || x.isMeta || value.isMeta || isTracked(x) || isTracked(value) {
      x = try one(Ops.assign, TensorList([x, value] + tensors), attributes)
      x.origin = origin
      return
    }
    _ = try Ops.assign.rule(
      Call(op: Ops.assign, inputs: TensorList([x, value] + tensors), attributes: attributes))
    if !x.isContiguous || x.number != nil || !isUnique(&x) {
      x = try copied(x, as: x.dtype)
      x.origin = origin
    }
    try put(value, at: IndexPlan(x, items, engine: self), of: x, adding: false)
  }

  /// Copies what a plan means out of a tensor.
  func take(_ x: Tensor, _ plan: IndexPlan, _ shape: Shape) throws -> Tensor {
    let view = plan.view(of: x, TensorType(x.dtype, shape))
    if plan.picks.isEmpty { return view }
    let layout = plan.layout(of: x)
    let result = try empty(TensorType(x.dtype, layout.full))
    let offsets = try offsets(plan, of: x)
    try budget.charge(work: result.elementCount)
    let (rowSize, size) = (layout.kept.elementCount, x.dtype.byteSize)
    guard let out = result.storage?.base, let source = x.storage?.base, rowSize > 0 else {
      return try contiguous(result.permuted(layout.order))
    }
    let row = Loops(layout.kept, layout.keptStrides)
    try forEachPart(of: offsets, rowSize: rowSize) { places, part in
      let from = source + plan.offset * size
      if rowSize == 1 {
        return nns_gather(
          out + part.lowerBound * size, from, 0, places + part.lowerBound, 1, Int64(part.count), Int32(size))
      }
      for i in part {
        try row.forEachRun(budget) { run in
          nns_move(
            out + (i * rowSize + run.out) * size, 1, from + (Int(places[i]) + run.a.start) * size, Int64(run.a.step),
            Int64(run.count), Int32(size))
        }
      }
    }
    return try contiguous(result.permuted(layout.order))
  }

  /// Writes or adds a value, broadcast, where a plan points, in a tensor that nobody else holds.
  func put(_ value: Tensor, at plan: IndexPlan, of x: Tensor, adding: Bool) throws {
    let shape = try plan.shape()
    if plan.picks.isEmpty {
      return try write(value, into: plan.view(of: x, TensorType(x.dtype, shape)), adding: adding)
    }
    let layout = plan.layout(of: x)
    let offsets = try offsets(plan, of: x)
    var inverse = layout.order
    for (i, axis) in layout.order.enumerated() { inverse[axis] = i }
    let wide = try cast(value, to: x.dtype)
    let rows = try contiguous(
      wide.view(shape, strides: wide.strides(broadcastTo: shape), offset: wide.offset).permuted(inverse))
    try budget.charge(work: rows.elementCount)
    let (rowSize, size) = (layout.kept.elementCount, x.dtype.byteSize)
    guard let target = x.storage?.base, let source = rows.pointer, rowSize > 0 else { return }
    let row = Loops(layout.kept, layout.keptStrides)
    try forEachPart(of: offsets, rowSize: rowSize) { places, part in
      let place = target + plan.offset * size
      if rowSize == 1, !adding {
        return nns_scatter(
          place, places + part.lowerBound, source + part.lowerBound * size, Int64(part.count), Int32(size))
      }
      for i in part {
        try row.forEachRun(budget) { run in
          let to = place + (Int(places[i]) + run.a.start) * size
          let from = source + (i * rowSize + run.out) * size
          if !adding {
            nns_move(to, Int64(run.a.step), from, 1, Int64(run.count), Int32(size))
          } else if nns_move_add(to, Int64(run.a.step), from, 1, Int64(run.count), x.dtype.c) == 0 {
            throw Mistakes.noKernel(x.dtype)
          }
        }
      }
    }
    withExtendedLifetime(rows) {}
  }

  /// Calls `body` for ranges of picked rows, with where all of them begin, and asks the budget between them.
  private func forEachPart(
    of offsets: Tensor, rowSize: Int, _ body: (UnsafePointer<Int64>, Range<Int>) throws -> Void
  ) throws {
    guard let places = offsets.pointer?.assumingMemoryBound(to: Int64.self) else { return }
    // Elements lie anywhere, so that each may cost a look into memory.
    try inBlocks(offsets.elementCount, of: 8 * rowSize) { try body(places, $0) }
    withExtendedLifetime(offsets) {}
  }
}

extension IndexPlan {
  /// The view, where nothing is picked.
  fileprivate func view(of x: Tensor, _ type: TensorType) -> Tensor {
    x.view(type.shape, strides: picks.isEmpty ? strides : Axes(repeating: 0, count: type.shape.rank), offset: offset)
  }

  /// The result as rows: picked axes first, then the kept ones; and in which order they stand in the end.
  fileprivate func layout(of x: Tensor) -> (full: Shape, kept: Shape, keptStrides: Axes, order: Axes) {
    var kept = Axes()
    var keptStrides = Axes()
    for axis in 0..<sizes.count where !picks.contains(where: { $0.axis == axis }) {
      kept.append(sizes[axis])
      keptStrides.append(strides[axis])
    }
    var full = pickedShape.sizes
    for size in kept { full.append(size) }
    var order = Axes()
    for axis in 0..<pickedAxis { order.append(pickedShape.rank + axis) }
    for axis in 0..<pickedShape.rank { order.append(axis) }
    for axis in pickedAxis..<kept.count { order.append(pickedShape.rank + axis) }
    return (Shape(proven: full), Shape(proven: kept), keptStrides, order)
  }
}
