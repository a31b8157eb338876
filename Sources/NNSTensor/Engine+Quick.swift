import CKernels

/// The loop of an elementwise op for what is most frequent and, in small networks, costs most: plain `f32` tensors.
enum Quick: Sendable {
  /// There is none.
  case none
  /// One tensor.
  case unary(nns_unary, nns_unary_op)
  /// Two tensors of one shape, or a tensor and a number.
  case binary(nns_binary, nns_binary_op)
  /// One tensor and a number.
  case parametric(nns_unary)
  /// As for two tensors, with a result of bools.
  case comparison(nns_binary)
  /// Bools and two tensors of their shape, or numbers.
  case choice
  /// Two matrices, or a matrix and a vector, small enough that a call of BLAS would cost more than the product.
  case product
  /// One axis of a tensor, or all of them; sums may be divided by how many they are of.
  case reduction(nns_reduce, averages: Bool)
  /// Rows of the last axis of one tensor.
  case softmax(logarithm: Bool)
  /// The same of an upstream gradient and the result.
  case softmaxGradient(logarithm: Bool)
  /// Rows of the last axis of one tensor, with or without weight and bias.
  case normalising(centred: Bool)
  /// The same of an upstream gradient and the tensor.
  case normalisingGradient
  /// Tensors joined along an axis, or along a new one.
  case joining(isNew: Bool)
  /// A tensor without gaps in another shape.
  case reshaping
  /// Elements of the first axis picked by ints or bools.
  case picking
  /// Rows of a table picked by ids.
  case lookup
  /// Elements of an axis picked by ids, one for each.
  case gathering
  /// What was picked, added up where it came from.
  case placing

  /// The loop of an op on one tensor.
  init(_ op: nns_unary_op) {
    self = nns_unary_kernel(op, NNS_F32).map { .unary($0, op) } ?? .none
  }

  /// The loop of an op on one tensor with a number as its only attribute.
  init(parametric op: nns_unary_op) { self = nns_unary_kernel(op, NNS_F32).map { .parametric($0) } ?? .none }

  /// The loop of an op on two tensors.
  init(_ op: nns_binary_op) {
    self = nns_binary_kernel(op, NNS_F32).map { .binary($0, op) } ?? .none
  }

  /// The loop of a comparison.
  init(comparing op: nns_binary_op) { self = nns_binary_kernel(op, NNS_F32).map { .comparison($0) } ?? .none }

  /// The loop of a reduction.
  init(_ op: nns_reduce_op, averages: Bool = false) {
    self = nns_reduce_kernel(op, NNS_F32).map { .reduction($0, averages: averages) } ?? .none
  }

  /// Whether it takes less time than memory does.
  var isLight: Bool {
    switch self {
    case .unary(_, let op): op.isLight
    case .binary(_, let op): op.isLight
    default: false
    }
  }
}

extension nns_unary_op {
  /// Whether it takes less time than memory does.
  var isLight: Bool { rawValue < NNS_LIGHT_UNARIES.rawValue }
}

extension nns_binary_op {
  /// Whether it takes less time than memory does.
  var isLight: Bool { rawValue < NNS_LIGHT_BINARIES.rawValue }
}

// Does what rule and kernel do for small gapless `f32` tensors of one shape or one element, without their generality: in half
// the time for a few elements. All else goes the general way.

extension Engine {
  /// Runs an op on one tensor.
  ///
  /// - Parameter deferring: whether the result goes nowhere but into the engine's `apply`, so that an elementwise operation
  ///   may be put off and run together with the one that takes it.
  /// - Throws: as ``apply(_:_:_:)-(_,TensorList,_)``.
  public func apply(_ op: Op, _ x: Tensor, deferring: Bool = false) throws -> Tensor {
    guard case .unary(let kernel, _) = op.quick, let result = try quickly(kernel, x) else {
      if deferring || x.deferred != nil, case .unary = op.quick, let pending = try put(off: op.quick, x) {
        return deferring ? pending : try settled(pending)
      }
      return try apply(op, TensorList(x)).first
    }
    if tape.activeMask != 0 { try record(op, TensorList(x), result, mask: tape.mask(of: x)) }
    return result
  }

  /// Runs an op on two tensors.
  ///
  /// - Parameter deferring: whether the result goes nowhere but into the engine's `apply`, as for one tensor.
  /// - Throws: as ``apply(_:_:_:)-(_,TensorList,_)``.
  public func apply(_ op: Op, _ x: Tensor, _ y: Tensor, deferring: Bool = false) throws -> Tensor {
    guard case .binary(let kernel, _) = op.quick, let result = try quickly(kernel, x, y) else {
      if let result = try quickly(op, TensorList(x, y), []) {
        if tape.activeMask != 0 { try record(op, TensorList(x, y), result, mask: tape.mask(of: x) | tape.mask(of: y)) }
        return result
      }
      if deferring || x.deferred != nil || y.deferred != nil, case .binary = op.quick,
        let pending = try put(off: op.quick, x, y)
      {
        return deferring ? pending : try settled(pending)
      }
      return try apply(op, TensorList(x, y)).first
    }
    if tape.activeMask != 0 { try record(op, TensorList(x, y), result, mask: tape.mask(of: x) | tape.mask(of: y)) }
    return result
  }

  /// The result of an op's quick loop, if it has one that fits.
  func quickly(_ op: Op, _ inputs: borrowing TensorList, _ attributes: [Attribute]) throws -> Tensor? {
    switch op.quick {
    case .none: return nil
    case .parametric(let kernel):
      guard let p = (attributes.first ?? op.attributeDefaults.first)?.number else { return nil }
      return try quickly(kernel, inputs[0], p)
    case .reduction(let kernel, let averages): return try quickly(kernel, averages, inputs[0], attributes)
    case .softmax(let logarithm):
      guard isLast(attributes, inputs[0]) else { return nil }
      return try quickly(rowsOf: inputs[0]) { out, x, rows, count in
        nns_softmax_f32(out, x, rows, count, logarithm ? 1 : 0)
      }
    case .softmaxGradient(let logarithm):
      guard isLast(attributes, inputs[0]) else { return nil }
      return try quickly(rowsOf: inputs[0], beside: inputs[1]) { out, dy, y, rows, count in
        nns_softmax_grad_f32(out, dy, y, rows, count, logarithm ? 1 : 0)
      }
    case .normalising(let centred): return try quickNormalising(op, inputs, attributes, centred)
    case .normalisingGradient:
      guard case .float(let eps)? = attributes.first, case .bool(let centred)? = attributes.last else { return nil }
      return try quickly(rowsOf: inputs[0], beside: inputs[1]) { out, dy, x, rows, count in
        nns_normalise_grad_f32(out, dy, x, rows, count, eps, centred ? 1 : 0)
      }
    case .joining(let isNew): return try quickJoining(inputs, attributes, isNew: isNew)
    case .reshaping: return quickReshaping(inputs[0], attributes)
    case .picking:
      return attributes == [Engine.rows] && inputs.count == 2 ? try quickPicking(inputs[0], inputs[1]) : nil
    case .lookup:
      // Ids from the end, and tables of another rank, are mistakes.
      guard inputs[1].rank == 2, inputs[0].dtype == .i64 else { return nil }
      return try quickPicking(inputs[1], inputs[0], fromEnd: false)
    case .gathering:
      // Along the only axis there is.
      guard inputs[0].rank == 1, inputs[1].rank == 1, inputs[1].dtype == .i64, isLast(attributes, inputs[0]) else {
        return nil
      }
      return try quickPicking(inputs[0], inputs[1], fromEnd: false)
    case .placing: return try quickPlacing(inputs, attributes)
    default: break
    }
    guard attributes.isEmpty else { return nil }
    return switch op.quick {
    case .unary(let kernel, _): try quickly(kernel, inputs[0])
    case .binary(let kernel, _): try quickly(kernel, inputs[0], inputs[1])
    case .comparison(let kernel): try quickComparison(kernel, inputs[0], inputs[1])
    case .choice: try quickChoice(inputs[0], inputs[1], inputs[2])
    case .product: try quickProduct(inputs[0], inputs[1])
    default: nil
    }
  }

  /// Whether an axis, the last where it is not given, is a tensor's last.
  private func isLast(_ attributes: [Attribute], _ x: Tensor) -> Bool {
    guard case .int(let axis)? = attributes.first else { return attributes.isEmpty }
    return axis == -1 || axis == x.rank - 1
  }

  private func record(_ op: Op, _ inputs: TensorList, _ result: Tensor, mask: UInt64) throws {
    guard mask & tape.activeMask != 0, case .rule(let saves, _) = op.gradient else { return }
    try tape.append(
      op, mask: mask & tape.activeMask, inputs: inputs, outputs: TensorList(result), saves: saves, attributes: [])
  }

  @inline(__always)
  private func quickly(_ kernel: nns_unary, _ x: Tensor, _ p: Double = 0) throws -> Tensor? {
    guard x.isQuick, takesShortcuts, let source = x.storage else { return nil }
    let result = try quickResult(x)
    Engine.flushingDenormals(x.elementCount) {
      _ = kernel(result.base, source.base + x.offset * 4, 1, Int64(x.elementCount), p, 0)
    }
    return Tensor(like: x, result)
  }

  @inline(__always)
  private func quickly(_ kernel: nns_binary, _ x: Tensor, _ y: Tensor) throws -> Tensor? {
    guard takesShortcuts, let shaped = shaped(x, y) else { return nil }
    guard let a = place(x, in: shaped, slot: 0), let b = place(y, in: shaped, slot: 1) else {
      return try quickBroadcast(kernel, x, y, shaped)
    }
    let result = try quickResult(shaped)
    Engine.flushingDenormals(shaped.elementCount) {
      _ = kernel(result.base, a.base, a.step, b.base, b.step, Int64(shaped.elementCount))
    }
    return Tensor(like: shaped, result)
  }

  /// Of two tensors one of which is broadcast to the shape of the other.
  private func quickBroadcast(_ kernel: nns_binary, _ x: Tensor, _ y: Tensor, _ shaped: Tensor) throws -> Tensor? {
    guard x.isQuick, y.isQuick, let a = nns_operand(x.quickBase, x.shape, in: shaped.shape),
      let b = nns_operand(y.quickBase, y.shape, in: shaped.shape)
    else { return nil }
    let result = try quickResult(shaped)
    var step = nns_step(kernel, a, b)
    Engine.flushingDenormals(shaped.elementCount) {
      nns_chain(result.base, &step, 1, 4, 0, Int64(shaped.elementCount), 0)
    }
    return Tensor(like: shaped, result)
  }

  private func quickComparison(_ kernel: nns_binary, _ x: Tensor, _ y: Tensor) throws -> Tensor? {
    guard takesShortcuts, let shaped = shaped(x, y), let a = place(x, in: shaped, slot: 0),
      let b = place(y, in: shaped, slot: 1)
    else { return nil }
    try budget.charge(work: shaped.elementCount)
    let result = try Storage(byteCount: shaped.elementCount, pool: pool)
    Engine.flushingDenormals(shaped.elementCount) {
      _ = kernel(result.base, a.base, a.step, b.base, b.step, Int64(shaped.elementCount))
    }
    return Tensor(TensorType(.bool, shaped.shape), storage: result)
  }

  private func quickChoice(_ condition: Tensor, _ x: Tensor, _ y: Tensor) throws -> Tensor? {
    guard takesShortcuts, condition.dtype == .bool, condition.isContiguous, !condition.isWeak,
      condition.elementCount < Engine.leastDeferred, let flags = condition.storage
    else { return nil }
    let areNumbers = x.isWeak && y.isWeak && x.dtype.isFloat && y.dtype.isFloat
    guard let shaped = areNumbers ? condition : shaped(x, y), shaped.shape == condition.shape,
      let a = place(x, in: shaped, slot: 0), let b = place(y, in: shaped, slot: 1)
    else { return nil }
    let result = try quickResult(shaped)
    nns_select(
      result.base, (flags.base + condition.offset).assumingMemoryBound(to: UInt8.self), 1, a.base, a.step, b.base,
      b.step, Int64(shaped.elementCount), 4)
    return Tensor(TensorType(.f32, shaped.shape), storage: result)
  }

  /// The operand that has the shape of the result, unless both are broadcast.
  @inline(__always)
  private func shaped(_ x: Tensor, _ y: Tensor) -> Tensor? {
    guard x.isQuick else { return y.isQuick ? y : nil }
    return y.isQuick && (y.elementCount, y.rank) > (x.elementCount, x.rank) ? y : x
  }

  /// Where the elements of an operand lie, and how far one is from the next: 0 for a single one, which a number has in a slot
  /// of scratch.
  @inline(__always)
  private func place(_ x: Tensor, in shaped: Tensor, slot: Int) -> (base: UnsafeRawPointer, step: Int64)? {
    if let number = x.number {
      (scratch + slot * 64).storeBytes(of: Float(number.double), as: Float.self)
      return (UnsafeRawPointer(scratch + slot * 64), 0)
    }
    guard x.isQuick, let storage = x.storage else {
      // A sum's gradient is one value for all.
      return x.isUniform && x.dtype == .f32 && x.shape == shaped.shape ? x.pointer.map { ($0, 0) } : nil
    }
    let base = UnsafeRawPointer(storage.base + x.offset * 4)
    if x === shaped || x.shape == shaped.shape { return (base, 1) }
    return x.elementCount == 1 && x.rank <= shaped.rank ? (base, 0) : nil
  }

  private func quickly(
    _ kernel: nns_reduce, _ averages: Bool, _ x: Tensor, _ attributes: [Attribute]
  ) throws -> Tensor? {
    guard x.isQuick, takesShortcuts, x.elementCount > 0, let source = x.storage else { return nil }
    var (axes, run) = (AxisSet(all: x.rank), 0..<x.rank)
    if let first = attributes.first {
      switch first {
      case .none: break
      case .int(let axis) where axis >= -x.rank && axis < x.rank:
        run = (axis < 0 ? axis + x.rank : axis)..<(axis < 0 ? axis + x.rank : axis) + 1
        axes = AxisSet(run.lowerBound)
      default: return nil
      }
    }
    var keepsDims = false
    if attributes.count > 1 {
      guard case .bool(let flag) = attributes[1] else { return nil }
      keepsDims = flag
    }
    try budget.charge(work: x.elementCount)
    let shape = x.shape.reduced(axes, keepdims: keepsDims)
    let (outer, count, inner) = x.shape.around(run)
    let result = try Storage(byteCount: shape.elementCount * 4, pool: pool)
    Engine.flushingDenormals(x.elementCount) {
      _ = kernel(
        result.base, source.base + x.offset * 4, Int64(outer), Int64(count), Int64(inner), averages ? Double(count) : 1)
    }
    return Tensor(TensorType(.f32, shape), storage: result)
  }

  private func quickNormalising(
    _ op: Op, _ inputs: borrowing TensorList, _ attributes: [Attribute], _ centred: Bool
  ) throws -> Tensor? {
    let (weight, bias) = (inputs.optional(1), inputs.optional(2))
    guard case .float(let eps)? = attributes.first ?? op.attributeDefaults.first, let width = inputs[0].shape.last,
      isRow(weight, width), isRow(bias, width)
    else { return nil }
    return try quickly(rowsOf: inputs[0]) { out, x, rows, count in
      nns_normalise_f32(out, x, weight?.quickBase, bias?.quickBase, rows, count, eps, centred ? 1 : 0)
    }
  }

  /// Whether an input, where it is given, is as wide as a row.
  private func isRow(_ x: Tensor?, _ width: Int) -> Bool {
    x.map { $0.isQuick && $0.rank == 1 && $0.shape[0] == width } ?? true
  }

  /// A result of the same shape from the rows of two tensors.
  @inline(__always)
  private func quickly(
    rowsOf x: Tensor, beside y: Tensor,
    _ body: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int64, Int64) -> Void
  ) throws -> Tensor? {
    guard y.isQuick, x.shape == y.shape, let other = y.quickBase else { return nil }
    return try quickly(rowsOf: x) { out, x, rows, count in body(out, x, other, rows, count) }
  }

  /// A result of the same shape from the rows of the last axis.
  @inline(__always)
  private func quickly(
    rowsOf x: Tensor, _ body: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int64, Int64) -> Void
  ) throws -> Tensor? {
    guard x.isQuick, takesShortcuts, x.elementCount > 0, let count = x.shape.last, let source = x.quickBase else {
      return nil
    }
    try budget.charge(work: 4 * x.elementCount)
    let result = try Storage(byteCount: x.elementCount * 4, pool: pool)
    Engine.flushingDenormals(x.elementCount) {
      body(
        result.base.assumingMemoryBound(to: Float.self), source, Int64(x.elementCount / count), Int64(count))
    }
    return Tensor(like: x, result)
  }

  // The bounds: both factors have all their rows and columns within their storage, at their strides.

  private func quickProduct(_ x: Tensor, _ y: Tensor) throws -> Tensor? {
    guard takesShortcuts, x.dtype == .f32, y.dtype == .f32, let a = x.storage, let b = y.storage else { return nil }
    var sizes = Axes()
    let (m, n, k): (Int, Int, Int)
    let (left, right): ((row: Int, column: Int), (row: Int, column: Int))
    switch (x.rank, y.rank) {
    case (2, 2):
      (m, n, k) = (x.shape[0], y.shape[1], x.shape[1])
      (left, right) = ((x.strides[0], x.strides[1]), (y.strides[0], y.strides[1]))
      sizes.append(m)
      sizes.append(n)
    case (2, 1):
      (m, n, k) = (x.shape[0], 1, x.shape[1])
      (left, right) = ((x.strides[0], x.strides[1]), (y.strides[0], 1))
      sizes.append(m)
    case (1, 2):
      (m, n, k) = (1, y.shape[1], x.shape[0])
      (left, right) = ((0, x.strides[0]), (y.strides[0], y.strides[1]))
      sizes.append(n)
    default: return nil
    }
    let most = Engine.smallProduct
    guard y.shape[0] == k, m <= most, n <= most, k <= most, m * n * k <= most, m * n * k > 0 else { return nil }
    try budget.charge(work: m * n * k)
    let result = try Storage(byteCount: m * n * 4, pool: pool)
    Engine.flushingDenormals(Swift.max(m * n, m * k)) {
      nns_small_product_f32(
        result.base.assumingMemoryBound(to: Float.self), (a.base + x.offset * 4).assumingMemoryBound(to: Float.self),
        Int64(left.row), Int64(left.column), (b.base + y.offset * 4).assumingMemoryBound(to: Float.self),
        Int64(right.row), Int64(right.column), Int64(m), Int64(n), Int64(k), 0)
    }
    return Tensor(TensorType(.f32, Shape(proven: sizes)), storage: result)
  }

  /// Memory for as many elements, charged.
  @inline(__always)
  private func quickResult(_ x: Tensor) throws -> Storage {
    try budget.charge(work: x.elementCount)
    return try Storage(byteCount: x.elementCount * 4, pool: pool)
  }
}

extension Tensor {
  /// Whether it is f32, without gaps, and too small to be put off.
  var isQuick: Bool { dtype == .f32 && isContiguous && elementCount < Engine.leastDeferred }
  /// Where the elements of such a tensor begin.
  var quickBase: UnsafePointer<Float>? {
    storage.map { UnsafePointer(($0.base + offset * 4).assumingMemoryBound(to: Float.self)) }
  }
}
