import CBLAS
import CKernels

// The bounds of every access here: matrices are copies of their own in the dtype that is computed in, without gaps, and as
// large as the rule says; LAPACK gets the sizes from their shapes. Work is charged in full before a call, which nothing can
// stop once it runs.

extension Engine {
  /// x of a · x = b, for matrices on the last two axes; batches broadcast to those of `type`.
  func solve(_ a: Tensor, _ b: Tensor, _ type: TensorType, op: Op) throws -> Tensor {
    let (n, columns) = (a.shape[a.rank - 1], type.shape[type.shape.rank - 1])
    guard type.shape.elementCount > 0 else { return try empty(type) }
    try charge(product: Engine.product(type.shape.elementCount, n))
    let lu = try decomposed(a, type.dtype)
    try lu.refuseSingular(op, a.type)
    // Right sides as LAPACK stores them, columns one after another, which become the solutions.
    let wide = b.view(type.shape, strides: b.strides(broadcastTo: type.shape), offset: b.offset)
    let x = try copied(wide.transposed, as: type.dtype)
    let batch = type.shape.withoutMatrix
    guard let factors = lu.factors.pointer, let pivots = lu.pivots.pointer, let out = x.storage?.base,
      let size = Int32(exactly: n), let count = Int32(exactly: columns)
    else { throw Mistakes.decompositionTooLarge(op, a.type) }
    let width = type.dtype.byteSize
    try Loops(batch, lu.factors.batchStrides(in: batch.rank)).forEachRun(budget) { run in
      for i in 0..<run.count {
        try budget.check()
        let start = run.a.start + i * run.a.step
        let info = nns_lu_solve(
          type.dtype == .f64, false, size, count, factors + start * width,
          (pivots + start / n * 4).assumingMemoryBound(to: Int32.self), out + (run.out + i) * n * columns * width)
        if info != 0 { throw Mistakes.decomposition(op, info) }
      }
    }
    return try withExtendedLifetime(lu) { try contiguous(x.transposed) }
  }

  /// The inverse of each matrix.
  func inverse(_ a: Tensor, _ type: TensorType, op: Op) throws -> Tensor {
    let n = a.shape[a.rank - 1]
    guard type.shape.elementCount > 0 else { return try empty(type) }
    try charge(product: Engine.product(type.shape.elementCount, n, 2))
    let lu = try decomposed(a, type.dtype)
    try lu.refuseSingular(op, a.type)
    return try inverse(lu, type, transposed: false, op)
  }

  /// The determinant of each matrix.
  func determinant(_ a: Tensor, _ type: TensorType) throws -> Tensor {
    let lu = try decomposed(a, type.dtype)
    return try tensor(lu.determinants(), Array(type.shape), dtype: type.dtype)
  }

  /// The matrix of cofactors, det(a) · a⁻ᵀ, also where a is singular: a pivot of 0 is then taken for one at the edge of what
  /// rounding lets one see, which leaves an error of that order.
  func cofactors(_ a: Tensor, _ type: TensorType, op: Op) throws -> Tensor {
    let n = a.shape[a.rank - 1]
    guard type.shape.elementCount > 0 else { return try empty(type) }
    try charge(product: Engine.product(type.shape.elementCount, n, 2))
    let lu = try decomposed(a, type.dtype)
    lu.replaceZeroPivots()
    let inverse = try inverse(lu, type, transposed: true, op)
    let determinants = try tensor(lu.determinants(), Array(type.shape.withoutMatrix) + [1, 1])
    return try binary(NNS_MUL, inverse, cast(determinants, to: type.dtype), computing: type.dtype, type)
  }

  /// Inverses from decompositions.
  private func inverse(_ lu: Decomposition, _ type: TensorType, transposed: Bool, _ op: Op) throws -> Tensor {
    let n = lu.size
    let result = try identities(type)
    guard let factors = lu.factors.pointer, let pivots = lu.pivots.pointer, let out = result.storage?.base,
      let size = Int32(exactly: n)
    else { throw Mistakes.decompositionTooLarge(op, type) }
    for i in 0..<type.shape.elementCount / (n * n) {
      try budget.check()
      let start = i * n * n * type.dtype.byteSize
      // Columns of the transposed inverse are rows of the inverse.
      let info = nns_lu_solve(
        type.dtype == .f64, !transposed, size, size, factors + start,
        (pivots + i * n * 4).assumingMemoryBound(to: Int32.self), out + start)
      if info != 0 { throw Mistakes.decomposition(op, info) }
    }
    return withExtendedLifetime(lu) { result }
  }

  /// L of a = L · Lᵀ for each matrix, where a is the mean of the given matrix and its transpose.
  func cholesky(_ a: Tensor, _ type: TensorType, op: Op) throws -> Tensor {
    let n = a.shape[a.rank - 1]
    guard type.shape.elementCount > 0 else { return try empty(type) }
    try charge(product: Engine.product(type.shape.elementCount, n))
    let half = try binary(NNS_MUL, a, .weak(0.5), computing: type.dtype, type)
    let symmetric = try binary(NNS_ADD, half, half.transposed, computing: type.dtype, type)
    guard let out = symmetric.storage?.base, let size = Int32(exactly: n) else {
      throw Mistakes.decompositionTooLarge(op, a.type)
    }
    try refuseNotFinite(symmetric, op, a.type)
    BLAS.prepare()
    for i in 0..<type.shape.elementCount / (n * n) {
      try budget.check()
      // The upper triangle by columns is the lower one by rows.
      let info = nns_cholesky(type.dtype == .f64, size, out + i * n * n * type.dtype.byteSize)
      if info > 0 { throw Mistakes.notPositiveDefinite(op, a.type, a.shape.withoutMatrix.indices(of: i), Int(info)) }
      if info < 0 { throw Mistakes.decomposition(op, info) }
    }
    try clear(symmetric, above: true, diagonal: 0)
    return symmetric
  }

  /// Q and R of each matrix, of the given types.
  func qr(_ a: Tensor, _ types: [TensorType], op: Op) throws -> TensorList {
    let (q, r) = (types[0], types[1])
    let (m, n, width) = (a.shape[a.rank - 2], a.shape[a.rank - 1], q.shape[q.shape.rank - 1])
    let rank = Swift.min(m, n)
    guard q.shape.elementCount > 0, rank > 0 else { return TensorList(try identities(q), try zeros(r)) }
    try charge(product: Engine.product(q.shape.elementCount + a.elementCount, 2, rank))
    let space = Engine.product(Swift.max(n, width), 64)
    guard let rows = Int32(exactly: m), let columns = Int32(exactly: n), let wanted = Int32(exactly: width),
      let room = Int32(exactly: space)
    else { throw Mistakes.decompositionTooLarge(op, a.type) }
    let size = q.dtype.byteSize
    let factors = try copied(a.transposed, as: q.dtype)
    let basis = try empty(TensorType(q.dtype, q.shape.transposed))
    let scratch = try Storage(byteCount: space * size, pool: pool)
    let tau = try Storage(byteCount: rank * size, pool: pool)
    guard let from = factors.storage?.base, let to = basis.storage?.base else { throw Mistakes.noData(a.type) }
    BLAS.prepare()
    for i in 0..<q.shape.elementCount / (m * width) {
      try budget.check()
      let (matrix, result) = (from + i * m * n * size, to + i * m * width * size)
      var info = nns_qr(q.dtype == .f64, rows, columns, matrix, tau.base, scratch.base, room)
      if info != 0 { throw Mistakes.decomposition(op, info) }
      result.copyMemory(from: matrix, byteCount: m * Swift.min(n, width) * size)
      info = nns_qr_basis(
        q.dtype == .f64, rows, wanted, Int32(truncatingIfNeeded: rank), result, tau.base, scratch.base, room)
      if info != 0 { throw Mistakes.decomposition(op, info) }
    }
    let upper = factors.transposed.sliced(a.rank - 2, start: 0, count: r.shape[r.shape.rank - 2], step: 1)
    let triangle = try copied(upper, as: r.dtype)
    try clear(triangle, above: false, diagonal: 0)
    return TensorList(try contiguous(basis.transposed), triangle)
  }

  /// u, s and vh of each matrix, of the given types.
  func svd(_ a: Tensor, _ types: [TensorType], op: Op) throws -> TensorList {
    let (u, s, vh) = (types[0], types[1], types[2])
    let (m, n, rank) = (a.shape[a.rank - 2], a.shape[a.rank - 1], s.shape[s.shape.rank - 1])
    let isFull = u.shape[u.shape.rank - 1] > rank || vh.shape[vh.shape.rank - 2] > rank
    guard s.shape.elementCount > 0 else { return TensorList(try identities(u), try zeros(s), try identities(vh)) }
    try charge(product: Engine.product(a.elementCount, rank, 24))
    let (wide, size) = (s.dtype == .f64, s.dtype.byteSize)
    BLAS.prepare()
    // LAPACK counts its work in 32 bits.
    guard let rows = Int32(exactly: m), let columns = Int32(exactly: n), Engine.product(rank, rank, 10) < 1 << 30,
      Engine.product(m + n, 100) < 1 << 30,
      let room = Int32(exactly: (nns_svd_work(wide, isFull, rows, columns) * (1 + 0x1p-20)).rounded(.up)), room > 0
    else { throw Mistakes.decompositionTooLarge(op, a.type) }
    let matrices = try copied(a.transposed, as: s.dtype)
    try refuseNotFinite(matrices, op, a.type)
    let values = try empty(s)
    let left = try empty(TensorType(s.dtype, u.shape.transposed))
    let right = try empty(TensorType(s.dtype, vh.shape.transposed))
    let scratch = try Storage(byteCount: Int(room) * size, pool: pool)
    let places = try Storage(byteCount: 8 * rank * 4, pool: pool)
    guard let from = matrices.storage?.base, let toS = values.storage?.base, let toU = left.storage?.base,
      let toV = right.storage?.base
    else { throw Mistakes.noData(a.type) }
    let (uSize, vSize) = (m * u.shape[u.shape.rank - 1] * size, n * vh.shape[vh.shape.rank - 2] * size)
    for i in 0..<s.shape.elementCount / rank {
      try budget.check()
      let info = nns_svd(
        wide, isFull, rows, columns, from + i * m * n * size, toS + i * rank * size, toU + i * uSize, toV + i * vSize,
        scratch.base, room, places.base.assumingMemoryBound(to: Int32.self))
      if info > 0 { throw Mistakes.noConvergence(op, a.type, a.shape.withoutMatrix.indices(of: i)) }
      if info < 0 { throw Mistakes.decomposition(op, info) }
    }
    return TensorList(try contiguous(left.transposed), values, try contiguous(right.transposed))
  }
}

/// P · L · U of matrices, column by column.
private struct Decomposition {
  let factors: Tensor
  /// Which rows were exchanged, counted from 1.
  let pivots: Tensor
  /// The first matrix whose U has a 0 on its diagonal.
  let firstSingular: Int?

  var size: Int { factors.shape[factors.rank - 1] }

  /// - Throws: an arithmetic error that names the matrix.
  func refuseSingular(_ op: Op, _ type: TensorType) throws {
    guard let firstSingular else { return }
    throw Mistakes.singular(op, type, type.shape.withoutMatrix.indices(of: firstSingular))
  }

  /// Products of the diagonals of U, negative for an odd number of exchanges.
  func determinants() -> [Double] {
    let n = size
    let exchanges = pivots.ints()
    return (0..<factors.shape.withoutMatrix.elementCount).map { i in
      var product = 1.0
      for k in 0..<n {
        product *= factors.element(at: (i * n + k) * n + k).double
        if exchanges[i * n + k] != k + 1 { product = -product }
      }
      return product
    }
  }

  /// Puts the smallest number that still counts beside the largest pivot in place of each 0.
  func replaceZeroPivots() {
    guard firstSingular != nil, let base = factors.storage?.base else { return }
    let (n, dtype) = (size, factors.dtype)
    for i in 0..<factors.shape.withoutMatrix.elementCount {
      let diagonal = (0..<n).map { (i * n + $0) * n + $0 }
      let largest = diagonal.lazy.map { Swift.abs(factors.element(at: $0).double) }.max() ?? 0
      let smallest = (largest > 0 ? largest : 1) * (dtype == .f64 ? Double.ulpOfOne : Double(Float.ulpOfOne))
      for place in diagonal where factors.element(at: place).double == 0 {
        _ = Storage.write(.float(smallest), dtype, to: base + place * dtype.byteSize)
      }
    }
  }
}

extension Engine {
  /// The decomposition of each matrix into triangles.
  private func decomposed(_ a: Tensor, _ dtype: DType) throws -> Decomposition {
    let n = a.shape[a.rank - 1]
    try charge(product: Engine.product(a.elementCount, n))
    let factors = try copied(a.transposed, as: dtype)
    let pivots = try empty(TensorType(.i32, a.shape.removing(a.rank - 1)))
    var firstSingular: Int?
    guard a.elementCount > 0 else { return Decomposition(factors: factors, pivots: pivots, firstSingular: nil) }
    guard let base = factors.storage?.base, let exchanges = pivots.storage?.base.assumingMemoryBound(to: Int32.self),
      let size = Int32(exactly: n)
    else { throw Mistakes.productTooLarge() }
    BLAS.prepare()
    for i in 0..<a.elementCount / (n * n) {
      try budget.check()
      let info = nns_lu(dtype == .f64, size, base + i * n * n * dtype.byteSize, exchanges + i * n)
      if info > 0, firstSingular == nil { firstSingular = i }
    }
    return Decomposition(factors: factors, pivots: pivots, firstSingular: firstSingular)
  }

  /// Ones on the diagonal of the last two axes, zeros elsewhere.
  private func identities(_ type: TensorType) throws -> Tensor {
    let result = try zeros(type)
    let rank = type.shape.rank
    let count = Swift.min(type.shape[rank - 2], type.shape[rank - 1])
    guard type.shape.elementCount > 0 else { return result }
    let (sizes, steps) = (type.shape.removing(rank - 1), result.strides)
    var strides = steps.without(rank - 1)
    strides[rank - 2] = steps[rank - 2] + steps[rank - 1]
    let diagonal = result.view(try sizes.replacing(rank - 2, with: count), strides: strides, offset: 0)
    try write(.weak(1), into: diagonal)
    return result
  }

  /// - Throws: a value error that names the matrix with the first element that is NaN or infinite.
  private func refuseNotFinite(_ matrices: Tensor, _ op: Op, _ type: TensorType) throws {
    let finite = try unary(
      NNS_ISFINITE, matrices, computing: matrices.dtype, TensorType(.bool, matrices.shape))
    let all = try one(Ops.allTrue, TensorList(finite), [.ints([-2, -1])])
    if let i = all.bools().firstIndex(of: false) {
      throw Mistakes.notFinite(op, type, all.shape.indices(of: i))
    }
  }
}

extension Shape {
  /// The last two axes swapped.
  fileprivate var transposed: Shape {
    var sizes = sizes
    (sizes[rank - 2], sizes[rank - 1]) = (sizes[rank - 1], sizes[rank - 2])
    return Shape(proven: sizes)
  }
}

extension Tensor {
  /// The last two axes swapped; a view.
  fileprivate var transposed: Tensor {
    var order = Axes()
    for axis in 0..<rank - 2 { order.append(axis) }
    order.append(rank - 1)
    order.append(rank - 2)
    return permuted(order)
  }
}
