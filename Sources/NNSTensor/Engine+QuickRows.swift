// What moves elements of small tensors, as the other quick loops do.

extension Engine {
  // The bounds: each block of the result is as long as those of all inputs together.

  /// Small tensors joined along an axis, or along a new one.
  func quickJoining(
    _ inputs: borrowing TensorList, _ attributes: [Attribute], isNew: Bool
  ) throws -> Tensor? {
    let first = inputs[0]
    let rank = first.rank + (isNew ? 1 : 0)
    guard takesShortcuts, rank <= Axes.limit, case .int(let given) = attributes.first ?? .int(0), given >= -rank,
      given < rank
    else { return nil }
    let axis = given < 0 ? given + rank : given
    var sizes = first.shape.sizes
    if isNew { sizes.insert(0, at: axis) } else { sizes[axis] = 0 }
    for i in 0..<inputs.count {
      let input = inputs[i]
      guard input.isQuick, input.rank == first.rank, input.elementCount > 0 else { return nil }
      for other in 0..<first.rank where isNew || other != axis {
        guard input.shape[other] == first.shape[other] else { return nil }
      }
      sizes[axis] += isNew ? 1 : input.shape[axis]
    }
    let shape = Shape(proven: sizes)
    guard shape.elementCount < Engine.leastDeferred else { return nil }
    try budget.charge(work: shape.elementCount)
    let result = try Storage(byteCount: shape.elementCount * 4, pool: pool)
    let (outer, count, inner) = shape.around(axis..<axis + 1)
    var start = 0
    for i in 0..<inputs.count {
      let bytes = (isNew ? 1 : inputs[i].shape[axis]) * inner * 4
      guard let source = inputs[i].quickBase else { return nil }
      for block in 0..<outer {
        (result.base + block * count * inner * 4 + start).copyMemory(
          from: UnsafeRawPointer(source) + block * bytes, byteCount: bytes)
      }
      start += bytes
    }
    return Tensor(TensorType(.f32, shape), storage: result)
  }

  /// A view in another shape, where its sizes are all said and right.
  func quickReshaping(_ x: Tensor, _ attributes: [Attribute]) -> Tensor? {
    guard takesShortcuts, case .ints(let given)? = attributes.first, given.count <= Axes.limit, x.isContiguous,
      x.storage != nil
    else { return nil }
    var sizes = Axes()
    var count = 1
    for size in given {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { return nil }
      count = product
      sizes.append(size)
    }
    guard count == x.elementCount else { return nil }
    return x.view(Shape(proven: sizes))
  }

  // The bounds: every place is below the first axis's size, and has as many elements as one of what is picked.

  /// What ints or bools pick from the first axis of a small tensor.
  func quickPicking(_ x: Tensor, _ ids: Tensor, fromEnd: Bool = true) throws -> Tensor? {
    guard x.isQuick, x.rank > 0, let source = x.quickBase, let places = places(ids, x.shape, fromEnd: fromEnd) else {
      return nil
    }
    var sizes = Axes()
    if ids.dtype == .bool { sizes.append(places.count) } else { sizes = ids.shape.sizes }
    var width = 1
    for axis in 1..<x.rank {
      guard sizes.count < Axes.limit else { return nil }
      sizes.append(x.shape[axis])
      width *= x.shape[axis]
    }
    guard width < Engine.leastDeferred, places.count * width < Engine.leastDeferred else { return nil }
    try budget.charge(work: places.count * width)
    let result = try Storage(byteCount: places.count * width * 4, pool: pool)
    let out = result.base.assumingMemoryBound(to: Float.self)
    for (i, place) in places.enumerated() {
      for k in 0..<width { out[i * width + k] = source[place * width + k] }
    }
    return Tensor(TensorType(.f32, Shape(proven: sizes)), storage: result)
  }

  /// Zeros of a small shape with what was picked from it added where it was.
  func quickPlacing(_ inputs: borrowing TensorList, _ attributes: [Attribute]) throws -> Tensor? {
    let dy = inputs[0]
    guard attributes.count == 2, attributes[0] == Engine.rows, case .ints(let given) = attributes[1], !given.isEmpty,
      inputs.count == 2, dy.isQuick, let source = dy.quickBase, let shape = try? Shape(given),
      shape.elementCount < Engine.leastDeferred, let places = places(inputs[1], shape)
    else { return nil }
    let width = shape.around(0..<1).inner
    guard places.count * width == dy.elementCount else { return nil }
    try budget.charge(work: dy.elementCount + shape.elementCount)
    let result = try Storage(byteCount: shape.elementCount * 4, pool: pool)
    let out = result.base.initializeMemory(as: Float.self, repeating: 0, count: shape.elementCount)
    for (i, place) in places.enumerated() {
      for k in 0..<width { out[place * width + k] += source[i * width + k] }
    }
    return Tensor(TensorType(.f32, shape), storage: result)
  }

  /// The code of what picks from the first axis.
  static let rows = Attribute.ints([IndexCode.tensor])

  /// The positions on the first axis of a shape that few ints or bools mean, if all of them are there.
  private func places(_ ids: Tensor, _ shape: Shape, fromEnd: Bool = true) -> [Int]? {
    guard takesShortcuts, ids.isContiguous, ids.elementCount < Engine.leastDeferred, let storage = ids.storage else {
      return nil
    }
    let count = shape[0]
    var places: [Int] = []
    places.reserveCapacity(ids.elementCount)
    switch ids.dtype {
    case .bool:
      guard ids.rank == 1, ids.shape[0] == count else { return nil }
      let flags = (storage.base + ids.offset).assumingMemoryBound(to: UInt8.self)
      for i in 0..<count where flags[i] != 0 { places.append(i) }
    case .i64:
      let ints = storage.base.assumingMemoryBound(to: Int.self) + ids.offset
      for i in 0..<ids.elementCount {
        let place = ints[i] < 0 && fromEnd ? ints[i] &+ count : ints[i]
        guard place >= 0, place < count else { return nil }
        places.append(place)
      }
    default: return nil
    }
    return places
  }
}
