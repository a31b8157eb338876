import Testing

@testable import NNSTensor

/// What is run again in the backward pass, and what outlives its differentiation.
@Suite struct ReplayTests {
  let engine = Engine()

  func number(_ value: Double) throws -> Tensor { try engine.scalar(.float(value), .f64) }
  func product(_ a: Tensor, _ b: Tensor) throws -> Tensor { try engine.apply(Ops.multiply, a, b) }

  /// The derivative of a function of one number, by a level of its own.
  func derivative(_ x: Tensor, _ f: (Tensor) throws -> Tensor) throws -> Tensor {
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    let leaf = try engine.leaf(x, level)
    return try engine.gradients(of: f(leaf), at: [leaf], level)[0]
  }

  /// The same function, of which only the value is kept.
  func replayed(_ x: Tensor, _ f: @escaping (Tensor) throws -> Tensor) throws -> Tensor {
    try engine.replaying({ _ in [try f(x)] }, again: { [try f(x)] })[0]
  }

  @Test func keepsOneRecord() throws {
    let found = try derivative(number(3)) { x in
      let y = try replayed(x) { x in try product(product(x, x), product(x, x)) }
      #expect(engine.tape.records.count == 2)
      return y
    }
    #expect(try found.item().double == 108)
    #expect(engine.tape.records.isEmpty)
  }

  @Test func differentiatesAsOftenAsAsked() throws {
    // x⁴: 4x³, 12x², 24x, 24
    var f: (Tensor) throws -> Tensor = { x in try replayed(x) { try product(product($0, $0), product($0, $0)) } }
    for expected in [32.0, 48, 48, 24, 0] {
      let inner = f
      f = { try derivative($0, inner) }
      #expect(try f(number(2)).item().double == expected)
    }
  }

  @Test func nests() throws {
    let found = try derivative(number(2)) { x in
      try replayed(x) { y in try product(replayed(y) { try product($0, x) }, y) }
    }
    #expect(try found.item().double == 12)
  }

  @Test func anErrorLeavesTheTapeAsItWas() throws {
    struct Stop: Error {}
    _ = try derivative(number(2)) { x in
      let before = engine.tape.records.count
      #expect(throws: Stop.self) {
        try engine.replaying(
          { _ in
            _ = try product(x, x)
            throw Stop()
          }, again: { [] })
      }
      #expect(engine.tape.records.count == before && engine.tape.savingMask == engine.tape.activeMask)
      return x
    }
  }

  @Test func whatIsComputedLaterCannotBeReadAgain() throws {
    #expect(throws: Mistakes.replayReadsLater()) {
      _ = try derivative(number(2)) { x in
        var factor = x
        let y = try engine.replaying({ _ in [try product(x, factor)] }, again: { [try product(x, factor)] })[0]
        factor = try product(x, x)
        return y
      }
    }
    #expect(engine.tape.records.isEmpty && engine.tape.activeMask == 0)
  }

  @Test func aHistoryOutlivesItsDifferentiation() throws {
    var level = try engine.beginDifferentiation()
    let x = try engine.leaf(number(3), level)
    let y = try product(x, x)
    let history = engine.history(level)
    engine.endDifferentiation(level)
    #expect(engine.tape.records.isEmpty)
    for upstream in [1.0, 2.0] {
      level = try engine.resume(history)
      #expect(engine.isTracked(y))
      let found = try engine.gradients(of: [y], upstream: [number(upstream)], at: [x], level)
      engine.endResumed(level)
      #expect(try found[0].item().double == 6 * upstream)
    }
    #expect(!engine.isTracked(y) && engine.tape.records.isEmpty && engine.tape.resumed.isEmpty)
  }

  @Test func aHistoryIsDifferentiableFurtherOut() throws {
    // d/dk (k · d/dx (k · x²)) at x = 3: 4 k x
    let found = try derivative(number(5)) { k in
      var level = try engine.beginDifferentiation()
      let x = try engine.leaf(number(3), level)
      let y = try product(k, product(x, x))
      let history = engine.history(level)
      engine.endDifferentiation(level)
      level = try engine.resume(history)
      let inner = try engine.gradients(of: [y], upstream: [number(1)], at: [x], level)[0]
      engine.endResumed(level)
      return try product(k, inner)
    }
    #expect(try found.item().double == 60)
  }

  @Test func whatIsUnrecordedIsConstant() throws {
    let found = try derivative(number(3)) { x in
      try product(x, engine.unrecorded { try product(x, x) })
    }
    #expect(try found.item().double == 9)
  }

  @Test func severalOutputsWithUpstreamGradients() throws {
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    let x = try engine.leaf(engine.tensor([1, 2] as [Double], [2]), level)
    let y = try product(x, x)
    let z = try engine.apply(Ops.exp, x)
    let found = try engine.gradients(
      of: [y, z, x], upstream: [engine.tensor([1, 10] as [Double], [2]), nil, engine.full(x.type, .float(5))], at: [x],
      level)
    #expect(found[0].doubles() == [7, 45])
  }

  @Test func typesOfManyAxesAndInputsAreKept() throws {
    let x = try engine.full(TensorType(.f64, Shape([1, 2, 1, 2, 1, 2])), .float(2))
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    let leaves = try (0..<6).map { _ in try engine.leaf(x, level) }
    let sum = try engine.apply(Ops.sum, [engine.apply(Ops.concat, TensorList(leaves), [.int(3)]).first]).first
    let found = try engine.gradients(of: sum, at: leaves, level)
    #expect(found.allSatisfy { $0.shape == x.shape && $0.doubles().allSatisfy { $0 == 1 } })
  }
}
