import CBLAS
import CKernels

// The bounds of every access here: a matrix is described by where it begins and its two strides, taken from a tensor whose
// strides stay within its storage; outputs are fresh, row-major and as large as rows · columns.

/// A matrix inside a tensor, in a form that BLAS takes: rows or columns lie without gaps.
private struct Matrix {
  var base: UnsafeRawPointer
  var rowStride: Int
  var columnStride: Int
  /// What BLAS needs: whether stored transposed, and the distance between stored rows.
  var isTransposed: Bool { columnStride != 1 }
  var lead: Int { isTransposed ? columnStride : rowStride }
}

extension Engine {
  /// Products of this many multiplications and fewer are not worth a call of BLAS.
  static let smallProduct = 16 * 16 * 16
  /// Multiplications that are worth a call of their own, some tenths of a millisecond.
  private static let partProduct = 1 << 24
  /// Rows or columns that are worth a call of their own.
  private static let panel = 256

  /// What multiplications of a product cost, counted in elements of a loop: sixteen take about as long as one.
  static func cost(multiplications: Int) -> Int { multiplications / 16 }

  /// The product of the last two axes, batched over the others: x[..., m, k] · y[..., k, n].
  ///
  /// Ranks are at least 2 and batch axes broadcast to the output's. `bias`, if given, is contiguous and of size n.
  func product(_ x: Tensor, _ y: Tensor, _ type: TensorType, bias: Tensor? = nil) throws -> Tensor {
    let result = try emptyInMemory(type)
    let (m, n, k) = (x.shape[x.rank - 2], y.shape[y.rank - 1], x.shape[x.rank - 1])
    guard type.shape.elementCount > 0, let out = result.storage?.base else { return result }
    let x = try prepared(cast(x, to: type.dtype))
    let y = try prepared(cast(y, to: type.dtype))
    let bias = try bias.map { try contiguous(cast($0, to: type.dtype)) }
    let size = type.dtype.byteSize
    guard let xBase = x.pointer, let yBase = y.pointer else { return result }
    try charge(product: Engine.product(type.shape.elementCount, Swift.max(k, 1)))
    // A plain matrix on the right under a batch without gaps is one tall product.
    let isTall = y.rank == 2 && x.isContiguous && x.rank > 2
    let rows = isTall ? x.elementCount / Swift.max(k, 1) : m
    if isTall || type.shape.elementCount == m * n {
      // The stride of an axis of size 1 says nothing of the rows of a whole batch.
      let a = isTall ? Matrix(base: xBase, rowStride: Swift.max(k, 1), columnStride: 1) : Matrix(x, xBase, rows: rows)
      try product(a, Matrix(y, yBase, rows: k), out, m: rows, n: n, k: k, type.dtype, bias?.pointer)
    } else {
      var batch = Axes()
      for axis in 0..<type.shape.rank - 2 { batch.append(type.shape[axis]) }
      let batchShape = Shape(proven: batch)
      let (xSteps, ySteps) = (x.batchStrides(in: batch.count), y.batchStrides(in: batch.count))
      try share(batchShape.elementCount, of: Engine.cost(multiplications: Engine.product(m, n, k))) { entries in
        for i in entries {
          let a = Matrix(x, xBase + batchShape.distance(to: i, xSteps) * size, rows: m)
          let b = Matrix(y, yBase + batchShape.distance(to: i, ySteps) * size, rows: k)
          try product(a, b, out + i * m * n * size, m: m, n: n, k: k, type.dtype, bias?.pointer)
        }
      }
    }
    return withExtendedLifetime((x, y, bias)) { result }
  }

  /// One matrix product. Large ones are cut into rectangles, in a way that depends on their sizes only.
  private func product(
    _ a: Matrix, _ b: Matrix, _ out: UnsafeMutableRawPointer, m: Int, n: Int, k: Int, _ dtype: DType,
    _ bias: UnsafeRawPointer?
  ) throws {
    let (size, work) = (dtype.byteSize, m * n * Swift.max(k, 1))
    if let bias {
      try inBlocks(m, of: n) { rows in
        for row in rows { (out + row * n * size).copyMemory(from: bias, byteCount: n * size) }
      }
    }
    if dtype.isFloat, work <= Engine.smallProduct {
      let call = dtype == .f32 ? smallSingle : smallDouble
      return call(a, b, out, m, n, k, bias == nil ? 0 : 1)
    }
    // Panels of rows; of columns where there are few rows.
    let byRows = m >= 2 * Engine.panel || m >= n
    let (lines, lineWork) = byRows ? (m, n * Swift.max(k, 1)) : (n, m * Swift.max(k, 1))
    let panel = Swift.max(Engine.panel, Engine.partProduct / lineWork / 16 * 16)
    let (left, right) = (Stored(a), Stored(b))
    try share(parts: (lines - 1) / panel + 1) { i in
      let (first, count) = (i * panel, Swift.min(panel, lines - i * panel))
      try multiply(
        dtype, byRows ? left.from(first, 0, size: size) : left, byRows ? right : right.from(0, first, size: size),
        into: (out + first * (byRows ? n : 1) * size, n), m: byRows ? count : m, n: byRows ? n : count, k: k,
        adding: bias != nil)
    }
  }

  /// A matrix as it lies in memory: where it begins, how far its stored rows are apart, and whether it is stored transposed.
  struct Stored {
    var base: UnsafeRawPointer
    var lead: Int
    var isTransposed: Bool

    init(_ base: UnsafeRawPointer, lead: Int, isTransposed: Bool = false) {
      self.base = base
      self.lead = lead
      self.isTransposed = isTransposed
    }

    fileprivate init(_ matrix: Matrix) { self.init(matrix.base, lead: matrix.lead, isTransposed: matrix.isTransposed) }

    /// The part that begins at an element.
    fileprivate func from(_ row: Int, _ column: Int, size: Int) -> Stored {
      let place = base + (isTransposed ? column * lead + row : row * lead + column) * size
      return Stored(place, lead: lead, isTransposed: isTransposed)
    }
    fileprivate var steps: (row: Int64, column: Int64) { isTransposed ? (1, Int64(lead)) : (Int64(lead), 1) }
  }

  /// c[m, n] = a[m, k] · b[k, n], or added to it, in panels between which the budget is asked; on any thread. The caller has
  /// charged the work and proven the bounds.
  func multiply(
    _ dtype: DType, _ a: Stored, _ b: Stored, into c: (base: UnsafeMutableRawPointer, lead: Int), m: Int, n: Int,
    k: Int, adding: Bool
  ) throws {
    guard m > 0, n > 0 else { return }
    let grain = budget.grain
    // What is read once is used at most so often as the shortest side says, and reading is what takes long then.
    let share = Swift.max(Swift.min(m, n, k, 64), 1)
    let most =
      dtype == .i64 ? grain.intPanel : Swift.max((dtype == .f64 ? grain.panel / 2 : grain.panel) / 64 * share, 1)
    // No side so short that the product would be slow.
    let least = Swift.min(dtype == .i64 ? 64 : 256, most)
    let size = dtype.byteSize
    let rows = Swift.min(m, Swift.max(most / Engine.product(n, Swift.max(k, 1)), least))
    let columns = Swift.min(n, Swift.max(most / Engine.product(rows, Swift.max(k, 1)), least))
    let depth = Swift.min(k, Swift.max(most / Engine.product(rows, columns), least))
    if dtype.isFloat { BLAS.prepare() }
    for row in stride(from: 0, to: m, by: Swift.max(rows, 1)) {
      for column in stride(from: 0, to: n, by: Swift.max(columns, 1)) {
        for step in stride(from: 0, to: Swift.max(k, 1), by: Swift.max(depth, 1)) {
          try budget.check()
          try multiplyPanel(
            dtype, a.from(row, step, size: size), b.from(step, column, size: size),
            into: (c.base + (row * c.lead + column) * size, c.lead), m: Swift.min(rows, m - row),
            n: Swift.min(columns, n - column), k: Swift.min(depth, k - step), adding: adding || step > 0)
        }
      }
    }
  }

  private func multiplyPanel(
    _ dtype: DType, _ a: Stored, _ b: Stored, into c: (base: UnsafeMutableRawPointer, lead: Int), m: Int, n: Int,
    k: Int, adding: Bool
  ) throws {
    if dtype == .i64 {
      let isRight = nns_product_i64(
        c.base.assumingMemoryBound(to: Int64.self), Int64(c.lead), a.base.assumingMemoryBound(to: Int64.self),
        a.steps.row, a.steps.column, b.base.assumingMemoryBound(to: Int64.self), b.steps.row, b.steps.column, Int64(m),
        Int64(n), Int64(k), adding ? 1 : 0)
      if isRight == 0 { throw Mistakes.arithmetic(NNS_OVERFLOW) }
      return
    }
    guard let (m, n, k) = Engine.small(m, n, k), let (lda, ldb, ldc) = Engine.small(a.lead, b.lead, c.lead) else {
      throw Mistakes.productTooLarge()
    }
    if dtype == .f64 {
      nns_dgemm(
        a.isTransposed, b.isTransposed, m, n, k, a.base.assumingMemoryBound(to: Double.self), lda,
        b.base.assumingMemoryBound(to: Double.self), ldb, adding ? 1 : 0, c.base.assumingMemoryBound(to: Double.self),
        ldc)
    } else {
      nns_sgemm(
        a.isTransposed, b.isTransposed, m, n, k, a.base.assumingMemoryBound(to: Float.self), lda,
        b.base.assumingMemoryBound(to: Float.self), ldb, adding ? 1 : 0, c.base.assumingMemoryBound(to: Float.self), ldc
      )
    }
  }

  private func smallSingle(
    _ a: Matrix, _ b: Matrix, _ out: UnsafeMutableRawPointer, _ m: Int, _ n: Int, _ k: Int, _ beta: Double
  ) {
    nns_small_product_f32(
      out.assumingMemoryBound(to: Float.self), a.base.assumingMemoryBound(to: Float.self), Int64(a.rowStride),
      Int64(a.columnStride), b.base.assumingMemoryBound(to: Float.self), Int64(b.rowStride), Int64(b.columnStride),
      Int64(m), Int64(n), Int64(k), beta == 0 ? 0 : 1)
  }

  private func smallDouble(
    _ a: Matrix, _ b: Matrix, _ out: UnsafeMutableRawPointer, _ m: Int, _ n: Int, _ k: Int, _ beta: Double
  ) {
    nns_small_product_f64(
      out.assumingMemoryBound(to: Double.self), a.base.assumingMemoryBound(to: Double.self), Int64(a.rowStride),
      Int64(a.columnStride), b.base.assumingMemoryBound(to: Double.self), Int64(b.rowStride),
      Int64(b.columnStride), Int64(m), Int64(n), Int64(k), beta == 0 ? 0 : 1)
  }

  /// BLAS counts in 32 bits.
  private static func small(_ a: Int, _ b: Int, _ c: Int) -> (Int32, Int32, Int32)? {
    guard let a = Int32(exactly: a), let b = Int32(exactly: b), let c = Int32(exactly: c) else { return nil }
    return (a, b, c)
  }

  /// A tensor whose last two axes BLAS can read where they lie; a copy where they cannot.
  private func prepared(_ x: Tensor) throws -> Tensor {
    let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
    let (rowStride, columnStride) = (x.strides[x.rank - 2], x.strides[x.rank - 1])
    let isPlain = (columnStride == 1 || columns == 1) && (rowStride >= columns || rows == 1)
    let isTransposed = (rowStride == 1 || rows == 1) && (columnStride >= rows || columns == 1)
    return isPlain || isTransposed ? x : try contiguous(x)
  }
}

extension Matrix {
  /// The last two axes of a prepared tensor, from one batch entry's beginning on. `rows` may span the batch.
  init(_ x: Tensor, _ base: UnsafeRawPointer, rows: Int) {
    let columns = x.shape[x.rank - 1]
    let (row, column) = (x.strides[x.rank - 2], x.strides[x.rank - 1])
    self.base = base
    // Strides of axes of size 1 say nothing; they are given the values that BLAS expects.
    if (column == 1 || columns == 1) && (row >= columns || rows == 1) {
      (rowStride, columnStride) = (rows == 1 ? Swift.max(columns, 1) : row, 1)
    } else {
      (rowStride, columnStride) = (1, columns == 1 ? Swift.max(rows, 1) : column)
    }
  }
}

extension Tensor {
  /// Strides of the axes before the last two, as if there were `rank` of them.
  func batchStrides(in rank: Int) -> Axes {
    var steps = Axes(repeating: 0, count: rank)
    let own = self.rank - 2
    for axis in 0..<own where shape[axis] != 1 { steps[rank - own + axis] = strides[axis] }
    return steps
  }
}
