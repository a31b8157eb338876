import CKernels

extension Ops {
  static let linearAlgebra: [Op] = [trace, det, inv, solve, cholesky, qr, svd]

  private static let x = OpParameter("x", .tensor)
  private static let squareCases: [([Domain.Argument], [Attribute])] = [
    ([.dominant([3, 3])], []), ([.dominant([2, 1, 2, 2])], []), ([.dominant([1, 1])], []),
    ([.dominant([3, 2, 2])], []),
  ]

  /// Sum of a diagonal.
  public static let trace: Op = Op(
    "trace", [x], doc: "The sum of the diagonal of the last two axes.",
    examples: [("trace([[1, 2], [3, 4]])", "5")], handlesHalf: true,
    domain: .cases([([.floats([3, 3])], []), ([.floats([2, 3, 4])], []), ([.floats([4, 2])], [])]),
    gradient: .composed,
    rule: { call in
      let x = call[0].type
      if x.shape.rank < 2 { throw Mistakes.rankTooSmall(call.op, x, 2) }
      return .one(x.dtype.isFloat ? x.dtype : .i64, x.shape.withoutMatrix)
    },
    kernel: { engine, call, types in
      let rank = call[0].rank
      let size = Swift.min(call[0].shape[rank - 2], call[0].shape[rank - 1])
      let x = Term(tensor: call[0], engine: engine)
      let square = try x.slice(rank - 2, 0..<size).slice(rank - 1, 0..<size)
      let diagonal = try square.apply(einsum, with: [.string("...ii->...i")])
      return TensorList(try diagonal.apply(sum, with: [.int(-1)]).tensor)
    })

  /// Determinant.
  public static let det: Op = Op(
    "det", [x], doc: "The determinant of the last two axes, batched over the others; 1 for a matrix of size 0.",
    examples: [("det([[1.0, 3.0], [2.0, 4.0]])", "-2.0")], domain: .cases(squareCases),
    gradient: .rule(saves: [.a]) { g in
      try g.give(g.dy.apply(unsqueeze, with: [.int(-1)]).apply(unsqueeze, with: [.int(-1)]) * g.a.apply(detGrad))
    },
    rule: { call in
      let type = try squares(call)
      return .one(type.dtype, type.shape.withoutMatrix)
    },
    kernel: { engine, call, types in TensorList(try engine.determinant(call[0], types.first)) })

  /// The matrix of cofactors, which exists for singular matrices too; its own gradient, C = det · x⁻ᵀ, does not.
  static let detGrad: Op = Op(
    "det_grad", [x], doc: "A step of a gradient rule.", isHidden: true, domain: .cases(squareCases),
    gradient: .rule(saves: [.a]) { g in
      let inverse = try g.a.apply(inv).transposed()
      let (size, dy) = (g.a.shape.rank, try g.dy)
      let determinant = try g.a.apply(det).reshaped(to: Shape(Array(g.a.shape.dropLast(2)) + [1, 1]))
      let along = try (dy * inverse).apply(sum, with: [.ints([size - 2, size - 1]), .bool(true)])
      let across = try inverse.apply(matmul, dy.transposed()).apply(matmul, inverse)
      return try g.give((along * inverse - across) * determinant)
    },
    rule: { .one(try squares($0)) },
    kernel: { engine, call, types in TensorList(try engine.cofactors(call[0], types.first, op: call.op)) })

  /// Inverse. Gradients of this and the next: Giles, "An extended collection of matrix derivative results", 2008.
  public static let inv: Op = Op(
    "inv", [x], doc: "The inverse of the last two axes, batched over the others; a singular matrix is an error.",
    examples: [("inv([[2.0, 0.0], [0.0, 4.0]])", "[[0.50, 0.00],\n [0.00, 0.25]]")], domain: .cases(squareCases),
    gradient: .rule(saves: [.y]) { g in
      let y = try g.y.transposed()
      return try g.give(-y.apply(matmul, g.dy).apply(matmul, y))
    },
    rule: { .one(try squares($0)) },
    kernel: { engine, call, types in TensorList(try engine.inverse(call[0], types.first, op: call.op)) })

  /// The solution of linear equations.
  public static let solve: Op = Op(
    "solve", [OpParameter("a", .tensor), OpParameter("b", .tensor)],
    doc:
      "The x of `a @ x == b`: a holds square matrices on its last two axes, b is a vector, or holds matrices; the other "
      + "axes broadcast. A singular matrix is an error.",
    examples: [
      ("solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 1.0])", "[0.50, 0.25]"),
      ("solve([[2.0, 1.0], [1.0, 3.0]], [[3.0], [4.0]])", "[[1.0],\n [1.0]]"),
    ],
    domain: .cases([
      ([.dominant([3, 3]), .floats([3])], []), ([.dominant([3, 3]), .floats([3, 2])], []),
      ([.dominant([2, 1, 2, 2]), .floats([3, 2, 1])], []), ([.dominant([2, 2]), .floats([2, 2, 2])], []),
      ([.dominant([2, 3, 3]), .floats([3])], []),
    ]),
    gradient: .rule(saves: [.a, .b, .y]) { g in
      let isVector = g.b.shape.rank == 1
      let (dy, y) = isVector ? try (g.dy.asColumn(), g.y.asColumn()) : (try g.dy, g.y)
      let db = try g.a.transposed().apply(solve, dy)
      return try g.give(-db.apply(matmul, y.transposed()), isVector ? db.reshaped(to: g.y.shape) : db)
    },
    rule: { call in
      let (a, b) = (call[0].type, call[1].type)
      let square = try squares(call)
      let n = square.shape[square.shape.rank - 1]
      if b.shape.rank == 0 { throw Mistakes.needsRightSide(call.op, b) }
      let rows = b.shape[Swift.max(b.shape.rank - 2, 0)]
      guard rows == n else { throw Mistakes.solveRows(call.op, a, b, rows: rows) }
      let dtype = TensorType.promoted(a, b).dtype.fractional
      if b.shape.rank == 1 { return .one(dtype, square.shape.removing(square.shape.rank - 1)) }
      guard let batch = try Shape.broadcast(a.shape.withoutMatrix, b.shape.withoutMatrix) else {
        throw Mistakes.solveBatch(call.op, a, b)
      }
      return .one(dtype, try Shape(Array(batch) + [n, b.shape[b.shape.rank - 1]]))
    },
    kernel: { engine, call, types in
      let type = types.first
      guard call[1].rank == 1 else { return TensorList(try engine.solve(call[0], call[1], type, op: call.op)) }
      let column = TensorType(type.dtype, try Shape(Array(type.shape) + [1]))
      let x = try engine.solve(call[0], call[1].inserting(axis: 1), column, op: call.op)
      return TensorList(x.view(type.shape))
    })

  /// Cholesky decomposition. Gradient: Murray, "Differentiation of the Cholesky decomposition", 2016.
  public static let cholesky: Op = Op(
    "cholesky", [x],
    doc:
      "The lower triangle L with `L @ L.T == x`, batched over all axes but the last two. x must be symmetric, up to "
      + "rounding: the mean of x and x.T is taken; a matrix that is not positive definite is an error.",
    examples: [("cholesky([[4.0, 2.0], [2.0, 5.0]])", "[[2.0, 0.0],\n [1.0, 2.0]]")], domain: .cases(squareCases),
    gradient: .rule(saves: [.y]) { g in
      let inverse = try g.y.apply(inv)
      let product = try g.y.transposed().apply(matmul, g.dy.apply(tril))
      let lower = try (product.apply(tril) + product.apply(tril, with: [.int(-1)])) * 0.5
      let half = try inverse.transposed().apply(matmul, lower).apply(matmul, inverse)
      return try g.give((half + half.transposed()) * 0.5)
    },
    rule: { .one(try squares($0)) },
    kernel: { engine, call, types in TensorList(try engine.cholesky(call[0], types.first, op: call.op)) })

  /// QR decomposition. Gradient: Roberts and Roberts, "QR and LQ decomposition matrix backpropagation algorithms for square,
  /// wide, and deep matrices and their software implementation", 2020.
  public static let qr: Op = Op(
    "qr", [x, OpParameter("mode", .string, default: .string("reduced"))],
    doc:
      "(q, r) with `q @ r == x`, q with orthonormal columns and r an upper triangle, batched over all axes but the last "
      + "two. For x [m, n] the inner size is the smaller of both, or m with mode \"complete\".",
    examples: [
      (
        "let x = [[3.0, 1.0], [4.0, 2.0]]\nlet (q, r) = qr(x)\nassert_close(q @ r, x)\nprint(abs(r[0, 0]), r[1, 0])",
        "5.0 0.0"
      )
    ],
    domain: .cases([
      ([.floats([3, 3])], []), ([.floats([2, 4, 2])], []), ([.floats([2, 3])], []),
      ([.floats([2, 4])], [.string("complete")]),
    ]),
    gradient: .rule(saves: [.y, .y1]) { g in
      let (q, r) = (g.y, g.y1)
      let rank = q.shape.rank
      let (m, n) = (q.shape[rank - 2], r.shape[rank - 1])
      if m > n, q.shape[rank - 1] == m { throw Mistakes.notUnique(g.call.op, "q", "mode: \"reduced\"") }
      let size = Swift.min(m, n)
      // r is [u | v]: what the first columns of x became, and the others.
      let (u, v) = try (r.slice(rank - 1, 0..<size), r.slice(rank - 1, size..<n))
      let (du, dv) = try (g.dy(1).slice(rank - 1, 0..<size), g.dy(1).slice(rank - 1, size..<n))
      let dq = try g.dy(0) + q.apply(matmul, v).apply(matmul, dv.transposed())
      let change = try u.apply(matmul, du.transposed()) - dq.transposed().apply(matmul, q)
      let symmetric = try change.apply(tril) + change.apply(tril, with: [.int(-1)]).transposed()
      let first = try (dq + q.apply(matmul, symmetric)).apply(matmul, g.inverse(of: u).transposed())
      return try g.give(first.apply(concat, q.apply(matmul, dv), with: [.int(-1)]))
    },
    rule: { call in
      let type = try matrices(call)
      let (m, n) = (type.shape[type.shape.rank - 2], type.shape[type.shape.rank - 1])
      let mode = try call.string(0)
      guard ["reduced", "complete"].contains(mode) else {
        throw Mistakes.oneOf(call.op, "mode", mode, ["reduced", "complete"])
      }
      let size = mode == "complete" ? m : Swift.min(m, n)
      return .many([
        TensorType(type.dtype, try type.shape.replacing(type.shape.rank - 1, with: size)),
        TensorType(type.dtype, try type.shape.replacing(type.shape.rank - 2, with: size)),
      ])
    },
    kernel: { engine, call, types in try engine.qr(call[0], types.all, op: call.op) })

  /// Singular value decomposition. Gradient: Townsend, "Differentiating the singular value decomposition", 2016.
  public static let svd: Op = Op(
    "svd", [x, OpParameter("full_matrices", .bool, default: .bool(true))],
    doc:
      "(u, s, vh) with `u @ diag(s) @ vh == x`, u and vh orthogonal and s falling, batched over all axes but the last "
      + "two. For x [m, n] u is [m, m] and vh [n, n]; without `full_matrices` u has as many columns, and vh as many rows, "
      + "as s elements. Where elements of s are equal, u and vh have no gradient: it is NaN.",
    examples: [
      ("svd([[3.0, 0.0], [0.0, 4.0]])[1]", "[4.0, 3.0]"),
      (
        "let x = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]\nlet (u, s, vh) = svd(x, full_matrices: false)\n"
          + "assert_close((u * s) @ vh, x)\nprint(u.shape, s.shape, vh.shape)", "(3, 2) (2,) (2, 2)"
      ),
    ],
    domain: .cases([
      ([.floats([3, 3])], []), ([.floats([2, 4, 2])], [.bool(false)]), ([.floats([2, 3])], [.bool(false)]),
      ([.floats([1, 1])], []),
    ]),
    gradient: .rule(saves: [.y, .y1, .y2]) { g in try g.giveDecomposed() },
    rule: { call in
      let type = try matrices(call)
      let rank = type.shape.rank
      let (m, n) = (type.shape[rank - 2], type.shape[rank - 1])
      let isFull = try call.bool(0)
      let batch = Array(type.shape.withoutMatrix)
      let size = Swift.min(m, n)
      return .many([
        TensorType(type.dtype, try Shape(batch + [m, isFull ? m : size])),
        TensorType(type.dtype, try Shape(batch + [size])),
        TensorType(type.dtype, try Shape(batch + [isFull ? n : size, n])),
      ])
    },
    kernel: { engine, call, types in try engine.svd(call[0], types.all, op: call.op) })

  /// The first argument's type as matrices of floats.
  private static func matrices(_ call: borrowing Call) throws -> TensorType {
    if call[0].rank < 2 { throw Mistakes.rankTooSmall(call.op, call[0].type, 2) }
    return TensorType(call[0].dtype.fractional, call[0].shape)
  }

  /// The same, of as many rows as columns.
  private static func squares(_ call: borrowing Call) throws -> TensorType {
    let type = try matrices(call)
    let rank = type.shape.rank
    guard type.shape[rank - 1] == type.shape[rank - 2] else { throw Mistakes.notSquare(call.op, call[0].type) }
    return type
  }
}

extension Term {
  /// Vectors on the last axis as matrices of one column.
  fileprivate func asColumn() throws -> Term { try apply(Ops.unsqueeze, with: [.int(-1)]) }
  /// Vectors on the last axis as matrices of one row.
  fileprivate func asRow() throws -> Term { try apply(Ops.unsqueeze, with: [.int(-2)]) }
}

extension Backward {
  /// The inverse of a triangle that a decomposition gave.
  fileprivate func inverse(of triangle: Term) throws -> Term {
    do {
      return try triangle.apply(Ops.inv)
    } catch let error as TensorError where error.kind == .arithmetic {
      throw Mistakes.dependentColumns(call.op, TensorType(outputType(0).dtype, outputType(0).shape))
    }
  }

  /// The gradient of `svd`.
  fileprivate func giveDecomposed() throws -> TensorList {
    let rank = y.shape.rank
    let (m, n, size) = (y.shape[rank - 2], y2.shape[rank - 1], y1.shape[rank - 2])
    if y.shape[rank - 1] > size, hasUpstream(0) { throw Mistakes.notUnique(call.op, "u", "full_matrices: false") }
    if y2.shape[rank - 2] > size, hasUpstream(2) { throw Mistakes.notUnique(call.op, "vh", "full_matrices: false") }
    let (u, vh) = try (y.slice(rank - 1, 0..<size), y2.slice(rank - 2, 0..<size))
    let (row, column) = try (y1.asRow(), y1.asColumn())
    let identity = Term(
      tensor: try engine.one(Ops.eye, [], [.int(size), .none, .dtype(u.tensor.dtype)]), engine: engine)
    // What goes between u and vh.
    var core = try identity * dy(1).asRow()
    var outside: Term?
    if hasUpstream(0) || hasUpstream(2) {
      let gaps = try row * row - column * column + identity
      if hasUpstream(0) {
        let turn = try u.transposed().apply(Ops.matmul, dy(0))
        core = try core + (turn - turn.transposed()) / gaps * row
        if m > size { outside = try ((dy(0) - u.apply(Ops.matmul, turn)) / row).apply(Ops.matmul, vh) }
      }
      if hasUpstream(2) {
        let turn = try vh.apply(Ops.matmul, dy(2).transposed())
        core = try core + column * ((turn - turn.transposed()) / gaps)
        if n > size {
          let rest = try u.apply(Ops.matmul, (dy(2) - turn.transposed().apply(Ops.matmul, vh)) / column)
          outside = try outside.map { try $0 + rest } ?? rest
        }
      }
    }
    let inside = try u.apply(Ops.matmul, core).apply(Ops.matmul, vh)
    return try give(outside.map { try inside + $0 } ?? inside)
  }
}
