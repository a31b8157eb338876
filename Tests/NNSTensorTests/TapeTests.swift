import Testing

@testable import NNSTensor

@Suite struct TapeTests {
  let engine = Engine()

  func number(_ value: Double) throws -> Tensor { try engine.scalar(.float(value), .f64) }

  func apply(_ op: Op, _ inputs: Tensor..., with attributes: [Attribute] = []) throws -> Tensor {
    try engine.apply(op, TensorList(inputs), attributes).first
  }

  /// The derivative of a function of one number, by a level of its own.
  func derivative(_ x: Tensor, _ f: (Tensor) throws -> Tensor) throws -> Tensor {
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    let leaf = try engine.leaf(x, level)
    return try engine.gradients(of: f(leaf), at: [leaf], level)[0]
  }

  @Test func differentiatesAsOftenAsAsked() throws {
    // x⁵: 5x⁴, 20x³, 60x², 120x, 120, 0
    let fifth: (Tensor) throws -> Tensor = { try apply(Ops.power, $0, .weak(5)) }
    var f = fifth
    for expected in [80.0, 160, 240, 240, 120, 0] {
      let inner = f
      f = { try derivative($0, inner) }
      #expect(abs(try f(number(2)).item().double - expected) < 1e-9)
    }
    #expect(engine.tape.records.isEmpty)
  }

  @Test func innerLevelsTreatOuterUnknownsAsConstants() throws {
    // d/dx (x · d/dy (x · y²)) at x = 3, y = 5: d/dx (2 x² y) = 4 x y
    let found = try derivative(number(3)) { x in
      let inner = try derivative(number(5)) { y in
        try apply(Ops.multiply, x, apply(Ops.multiply, y, y))
      }
      return try apply(Ops.multiply, x, inner)
    }
    #expect(try found.item().double == 60)
  }

  @Test func perturbationsAreNotConfused() throws {
    // d/dx (x · d/dy (x + y)) = 1
    let found = try derivative(number(1)) { x in
      try apply(Ops.multiply, x, derivative(number(1)) { try apply(Ops.add, x, $0) })
    }
    #expect(try found.item().double == 1)
  }

  @Test func escapingTensorsHaveNoHistory() throws {
    var escaped = try number(0)
    _ = try derivative(number(2)) { x in
      escaped = try apply(Ops.multiply, x, x)
      return escaped
    }
    #expect(!engine.isTracked(escaped))
    #expect(engine.tape.records.isEmpty)
    // What is recorded later stands where the other stood, but bears another serial.
    let found = try derivative(number(3)) { x in
      let square = try apply(Ops.multiply, x, x)
      #expect(!engine.isTracked(escaped))
      return try apply(Ops.multiply, square, escaped)
    }
    #expect(try found.item().double == 24)
  }

  @Test func innerRecordsLiveAsLongAsOuterLevelsNeedThem() throws {
    let outer = try engine.beginDifferentiation()
    let x = try engine.leaf(number(2), outer)
    let inner = try engine.beginDifferentiation()
    let y = try engine.leaf(x, inner)
    let product = try apply(Ops.multiply, y, y)
    let first = try engine.gradients(of: product, at: [y], inner)[0]
    engine.endDifferentiation(inner)
    #expect(engine.isTracked(product) && engine.isTracked(first))
    let total = try apply(Ops.add, product, first)
    let found = try engine.gradients(of: total, at: [x], outer)[0]
    engine.endDifferentiation(outer)
    #expect(try found.item().double == 6)
    #expect(engine.tape.records.isEmpty)
  }

  @Test func recordsOnlyWhatDependsOnALeaf() throws {
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    let constant = try number(2)
    _ = try apply(Ops.multiply, constant, constant)
    #expect(engine.tape.records.isEmpty)
    let x = try engine.leaf(constant, level)
    _ = try apply(Ops.greater, x, constant)
    #expect(engine.tape.records.count == 1)
    _ = try apply(Ops.exp, engine.detached(x))
    #expect(engine.tape.records.count == 1)
  }

  @Test func noPathGivesZeros() throws {
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    let x = try engine.leaf(engine.tensor([1, 2] as [Float], [2]), level)
    let y = try engine.leaf(number(1), level)
    let found = try engine.gradients(of: y, at: [x, y], level)
    #expect(found[0].doubles() == [0, 0])
    #expect(found[1].doubles() == [1])
  }

  @Test func aLeafUsedTwiceGetsTheSum() throws {
    let x = try engine.tensor([1, 2, 3] as [Double], [3])
    let found = try derivative(x) { x in
      try apply(Ops.sum, apply(Ops.add, apply(Ops.multiply, x, x), apply(Ops.multiply, x, .weak(2.0))))
    }
    #expect(found.doubles() == [4, 6, 8])
  }

  @Test func numbersStayNumbers() throws {
    let found = try derivative(.weak(3.0)) { try apply(Ops.multiply, $0, $0) }
    #expect(found.isWeak)
    let single = try engine.tensor([1] as [Float], [1])
    #expect(try apply(Ops.multiply, single, found).dtype == .f32)
  }

  @Test func answersHonestly() throws {
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    let ints = try engine.tensor([1, 2], [2])
    #expect(throws: Mistakes.differentiatesInts(ints.type)) { try engine.leaf(ints, level) }
    let x = try engine.leaf(engine.tensor([1, 2] as [Float], [2]), level)
    let y = try apply(Ops.exp, x)
    #expect(throws: Mistakes.gradientOfMany(y.type)) { try engine.gradients(of: y, at: [x], level) }
    let upstream = try engine.tensor([1, 0] as [Float], [2])
    #expect(try engine.gradients(of: y, at: [x], level, upstream: upstream, retaining: true)[0].doubles()[1] == 0)
    _ = try engine.gradients(of: y, at: [x], level, upstream: upstream)
    #expect(throws: Mistakes.historyUsedUp()) { try engine.gradients(of: y, at: [x], level, upstream: upstream) }
  }

  @Test func levelsAreLimited() throws {
    var levels: [Level] = []
    for _ in 0..<Tape.levelLimit { levels.append(try engine.beginDifferentiation()) }
    #expect(throws: TensorError.self) { try engine.beginDifferentiation() }
    for level in levels.reversed() { engine.endDifferentiation(level) }
    #expect(engine.tape.activeMask == 0)
  }

  @Test func aMillionRecordsAreFreed() throws {
    let level = try engine.beginDifferentiation()
    let x = try engine.leaf(number(1), level)
    var y = x
    for _ in 0..<1_000_000 { y = try apply(Ops.identity, y) }
    #expect(try engine.gradients(of: y, at: [x], level)[0].item().double == 1)
    engine.endDifferentiation(level)
    #expect(engine.tape.records.isEmpty)
  }

  @Test func dropoutDrawsOnce() throws {
    let x = try engine.full(TensorType(.f64, Shape([1000])), 2)
    engine.seed(7)
    let level = try engine.beginDifferentiation()
    let leaf = try engine.leaf(x, level)
    let dropped = try apply(Ops.dropout, leaf, with: [.float(0.25)])
    let gradient = try engine.gradients(of: apply(Ops.sum, dropped), at: [leaf], level)[0]
    engine.endDifferentiation(level)
    #expect(zip(dropped.doubles(), gradient.doubles()).allSatisfy { $0 == 2 * $1 })
    let kept = dropped.doubles().filter { $0 != 0 }
    #expect(kept.allSatisfy { abs($0 - 2 / 0.75) < 1e-12 })
    #expect((700...800).contains(kept.count))
  }
}
