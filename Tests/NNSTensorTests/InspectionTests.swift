import Testing

@testable import NNSTensor

/// Finding the first NaN or infinity.
@Suite struct InspectionTests {
  let engine = Engine()

  init() { engine.detectsNaN = true }

  func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return (error as? TensorError)?.message ?? "\(error)"
    }
  }

  @Test func namesTheOpAndItsInputs() throws {
    let a = try engine.tensor([1, 0] as [Float], [2])
    #expect(
      message { _ = try engine.apply(Ops.divide, a, a) }
        == "/ gave nan in 1 of 2 elements: a f32[2] is 0.0 to 1.0, b f32[2] is 0.0 to 1.0")
    #expect(
      message { _ = try engine.apply(Ops.log, a) } == "log gave infinity in 1 of 2 elements: x f32[2] is 0.0 to 1.0")
    #expect(message { _ = try engine.apply(Ops.exp, a) } == "no error")
  }

  @Test func infinitiesThatWereGivenAreNone() throws {
    let x = try engine.tensor([1, -.infinity] as [Float], [2])
    #expect(message { _ = try engine.apply(Ops.multiply, x, .weak(2.0)) } == "no error")
    #expect(message { _ = try engine.apply(Ops.softmax, [x]) } == "no error")
    #expect(message { _ = try engine.apply(Ops.full, [], [.ints([2]), .float(.infinity)]) } == "no error")
    let mask = try engine.tensor([true, false], [2])
    let zeros = try engine.zeros(TensorType(.f32, Shape([2])))
    #expect(message { _ = try engine.apply(Ops.maskedFill, [zeros, mask, .weak(-Double.infinity)]) } == "no error")
    #expect(
      message { _ = try engine.apply(Ops.subtract, x, x) }
        == "- gave nan in 1 of 2 elements: a f32[2] is 1.0, 1 of 2 infinite, b f32[2] is 1.0, 1 of 2 infinite")
  }

  @Test func viewsPassNaNOn() throws {
    let x = try engine.tensor([1, .nan] as [Float], [2])
    #expect(message { _ = try engine.apply(Ops.reshape, [x], [.ints([2, 1])]) } == "no error")
    #expect(
      message { _ = try engine.apply(Ops.negate, x) } == "- gave nan in 1 of 2 elements: x f32[2] is 1.0, 1 of 2 nan")
  }

  @Test func gradientsAreNamedByTheirOp() throws {
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    let x = try engine.leaf(engine.tensor([0, 4] as [Double], [2]), level)
    let root = try engine.apply(Ops.sqrt, x)
    root.origin = 7
    let sum = try engine.apply(Ops.sum, [root]).first
    sum.origin = 8
    do {
      _ = try engine.gradients(of: sum, at: [x], level)
      Issue.record("no error")
    } catch let error as TensorError {
      #expect(
        error.message
          == "the gradient of sqrt gave infinity in 1 of 2 elements: x f64[2] is 0.0 to 4.0, the gradient that came back f64[2] is 1.0"
      )
      #expect(error.origins == [7, 8])
    }
  }

  @Test func resultsAreTheSame() throws {
    let plain = Engine()
    func gradient(_ engine: Engine) throws -> [Double] {
      let level = try engine.beginDifferentiation()
      defer { engine.endDifferentiation(level) }
      let x = try engine.leaf(engine.tensor([0.5, 2] as [Float], [2]), level)
      let y = try engine.apply(Ops.multiply, engine.apply(Ops.tanh, x), engine.apply(Ops.exp, x))
      return try engine.gradients(of: engine.apply(Ops.sum, [y]).first, at: [x], level)[0].doubles()
    }
    #expect(try gradient(engine) == gradient(plain))
  }
}
