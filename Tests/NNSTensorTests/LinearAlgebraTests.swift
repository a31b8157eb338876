import Testing

@testable import NNSTensor

/// What decompositions promise besides the numbers of single cases.
@Suite struct LinearAlgebraTests {
  let engine = Engine()

  func draw(_ shape: Int..., dtype: DType = .f64) throws -> Tensor {
    try engine.apply(Ops.randn, [], [.ints(shape), .dtype(dtype)]).first
  }

  func transposed(_ x: Tensor) throws -> Tensor { try engine.apply(Ops.transpose, x) }
  func product(_ x: Tensor, _ y: Tensor) throws -> Tensor { try engine.apply(Ops.matmul, x, y) }

  func distance(_ x: Tensor, _ y: Tensor) throws -> Double {
    let difference = try engine.apply(Ops.abs, engine.apply(Ops.subtract, x, y))
    return difference.elementCount == 0 ? 0 : try engine.apply(Ops.max, difference).item().double
  }

  func identity(_ n: Int) throws -> Tensor { try engine.apply(Ops.eye, [], [.int(n), .none, .dtype(.f64)]).first }

  func error(_ op: Op, _ inputs: TensorList, _ attributes: [Attribute] = []) -> TensorError? {
    do {
      _ = try engine.apply(op, inputs, attributes)
      return nil
    } catch {
      return error as? TensorError
    }
  }

  @Test(arguments: [(5, 3), (3, 5), (4, 4), (60, 35), (35, 60), (1, 3)], [false, true])
  func decompositionsMultiplyBack(_ shape: (m: Int, n: Int), _ isFull: Bool) throws {
    let x = try draw(2, shape.m, shape.n)
    let qr = try engine.apply(Ops.qr, [x], [.string(isFull ? "complete" : "reduced")])
    #expect(try distance(product(qr[0], qr[1]), x) < 1e-12)
    #expect(try distance(product(transposed(qr[0]), qr[0]), identity(qr[0].shape[2])) < 1e-12)
    #expect(try distance(engine.apply(Ops.triu, qr[1]), qr[1]) == 0)
    let svd = try engine.apply(Ops.svd, [x], [.bool(isFull)])
    let (u, s, vh) = (svd[0], svd[1], svd[2])
    #expect(try distance(product(transposed(u), u), identity(u.shape[2])) < 1e-12)
    #expect(try distance(product(vh, transposed(vh)), identity(vh.shape[1])) < 1e-12)
    let size = s.shape[1]
    let all = IndexItem.slice(start: nil, stop: nil, step: nil)
    let part = IndexItem.slice(start: nil, stop: size, step: nil)
    let scaled = try engine.apply(
      Ops.multiply, engine.index(u, [all, all, part]), engine.apply(Ops.unsqueeze, [s], [.int(1)]).first)
    #expect(try distance(product(scaled, engine.index(vh, [all, part])), x) < 1e-12)
    let values = s.doubles()
    #expect(zip(values[..<size], values[1..<size]).allSatisfy { $0 >= $1 })
  }

  /// Sizes beyond the blocks in which LAPACK works, and arguments that lie anyhow, which stay as they are.
  @Test(arguments: Layout.allCases) func argumentsStayAsTheyAre(_ layout: Layout) throws {
    let x = try engine.apply(Ops.add, draw(70, 70), engine.apply(Ops.multiply, identity(70), .weak(20)))
    let a = try layout.view(layout.base(x, engine), engine)
    let before = a.doubles()
    let inverse = try engine.apply(Ops.inv, a)
    #expect(try distance(product(a, inverse), identity(70)) < 1e-12)
    let square = try product(a, transposed(a))
    let l = try engine.apply(Ops.cholesky, square)
    #expect(try distance(product(l, transposed(l)), square) < 1e-10)
    let b = try draw(70, 3)
    #expect(try distance(product(a, engine.apply(Ops.solve, a, b)), b) < 1e-12)
    _ = try engine.apply(Ops.qr, a)
    _ = try engine.apply(Ops.svd, a)
    #expect(a.doubles() == before)
    // A transposed view is already as LAPACK wants it, and still not to be written to.
    let turned = try transposed(x)
    for op in [Ops.inv, Ops.det, Ops.qr, Ops.svd] { _ = try engine.apply(op, turned) }
    #expect(turned.doubles() == (try transposed(x)).doubles())
  }

  @Test func errorsNameTheMatrix() throws {
    var x = try engine.apply(Ops.broadcastTo, [identity(2)], [.ints([3, 2, 2, 2])]).first
    try engine.assign(&x, [.int(2), .int(1), .int(0)], .weak(0.0))
    #expect(error(Ops.inv, [x])?.message == "inv of f64[3, 2, 2, 2]: matrix [2, 1] is singular")
    #expect(error(Ops.solve, [x, try draw(2)])?.message == "solve of f64[3, 2, 2, 2]: matrix [2, 1] is singular")
    #expect(
      error(Ops.cholesky, [x])?.message
        == "cholesky of f64[3, 2, 2, 2]: matrix [2, 1] is not positive definite: its leading minor of order 1 is not "
        + "positive")
    #expect(try engine.apply(Ops.det, x).doubles() == [1, 1, 1, 1, 1, 0])
    try engine.assign(&x, [.int(0), .int(1), .int(0), .int(1)], .weak(-Double.infinity))
    #expect(error(Ops.svd, [x])?.message == "svd of f64[3, 2, 2, 2]: matrix [0, 1] contains NaN or infinity")
  }

  /// NaN and infinity come out as they do in NumPy, or are named; nothing hangs.
  @Test(arguments: [Double.nan, .infinity, 1e308], [DType.f32, .f64])
  func oddNumbersEndSomehow(_ value: Double, _ dtype: DType) throws {
    for n in [1, 2, 5, 40] {
      for place in Swift.min(0, n)..<Swift.min(n, 6) {
        var x = try draw(n, n, dtype: dtype)
        try engine.assign(&x, [.int(place), .int(n - 1 - place)], .weak(value))
        for op in [Ops.det, Ops.inv, Ops.cholesky, Ops.qr, Ops.svd] {
          let failure = error(op, [x])
          #expect(failure == nil || failure?.kind == .arithmetic)
        }
        #expect(error(Ops.svd, [x]) != nil || (value == 1e308 && dtype == .f64))
      }
    }
  }

  @Test func emptyOnesWork() throws {
    for shape in [[0, 0], [3, 0, 0], [0, 4, 4]] {
      let x = try engine.zeros(TensorType(.f32, Shape(shape)))
      #expect(try engine.apply(Ops.inv, x).shape == x.shape)
      #expect(try engine.apply(Ops.cholesky, x).shape == x.shape)
      #expect(try engine.apply(Ops.det, x).doubles() == [Double](repeating: 1, count: shape == [0, 0] ? 1 : shape[0]))
    }
    let svd = try engine.apply(Ops.svd, [engine.zeros(TensorType(.f64, Shape([2, 3, 0])))])
    #expect(try svd.map(\.shape) == [Shape([2, 3, 3]), Shape([2, 0]), Shape([2, 0, 0])])
    #expect(try distance(svd[0], identity(3)) == 0)
  }

  /// Work is charged before it is done, workspaces are, and all goes back.
  @Test func budgetsHold() throws {
    let x = try engine.apply(Ops.add, draw(200, 200), engine.apply(Ops.multiply, identity(200), .weak(50)))
    let inUse = engine.budget.bytesInUse
    for op in [Ops.det, Ops.inv, Ops.cholesky, Ops.qr, Ops.svd] {
      let steps = engine.budget.stepsLeft
      _ = try engine.apply(op, x)
      #expect(steps - engine.budget.stepsLeft >= 200 * 200 * 200)
      #expect(engine.budget.bytesInUse == inUse)
      engine.budget.stepsLeft = 4_000_000
      #expect(error(op, [x])?.kind == .limit)
      engine.budget.stepsLeft = steps
      engine.budget.cancel()
      #expect(throws: Interrupted.self) { try engine.apply(op, x) }
      engine.budget.resume()
    }
    // Two results of 200 · 200 and a work copy would fit, LAPACK's workspace beside them would not.
    engine.budget.byteLimit = inUse + 1_400_000
    #expect(error(Ops.svd, [x])?.kind == .limit)
    #expect(engine.budget.bytesInUse == inUse)
  }

  /// The singular matrix in the second derivative of a determinant is named; the first derivative exists.
  @Test func cofactorsOfSingularMatrices() throws {
    let x = try engine.tensor([1, 2, 2, 4] as [Double], [2, 2])
    #expect(try engine.apply(Ops.detGrad, x).doubles().map { ($0 * 1e9).rounded() / 1e9 } == [4, -2, -2, 1])
    let zero = try engine.zeros(TensorType(.f64, Shape([3, 3])))
    #expect(try engine.apply(Ops.detGrad, zero).doubles().allSatisfy { abs($0) < 1e-9 })
  }
}
