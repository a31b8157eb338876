import Testing

@testable import NNS
@testable import NNSTensor

/// The line that says what a tensor holds.
@Suite struct TensorHeaderTests {
  let context = Context(limits: Limits(), host: .sandboxed)

  func header(_ values: [Double], _ shape: [Int], _ dtype: DType = .f32) throws -> String {
    try Display.header(context.engine.tensor(values, shape, dtype: dtype), context)
  }

  @Test func namesTypeRangeAndMean() throws {
    #expect(try header([0.1, 0.9, 0.5, .nan, .nan, 0.5], [2, 3]) == "f32[2, 3]  0.1 … 0.9  mean 0.5  2 NaN")
    #expect(try header([1, 2, 3, 5], [4], .i64) == "i64[4]  1 … 5  mean 2.75")
    #expect(try header([1, 0, 1], [3], .bool) == "bool[3]  2 true")
    #expect(try header([1e-8, 12345.678], [2], .f64) == "f64[2]  1e-08 … 1.235e+04  mean 6173")
    #expect(try header([-.infinity, 1], [2]) == "f32[2]  -inf … 1  mean -inf")
  }

  @Test func saysOfOneElementOnlyThat() throws {
    #expect(try header([2.5], [], .f32) == "f32[]  2.5")
    #expect(try header([.nan, 2.5], [2], .bf16) == "bf16[2]  2.5  1 NaN")
    #expect(try header([.nan], [1]) == "f32[1]  1 NaN")
  }

  @Test func saysNothingOfNone() throws {
    #expect(try header([], [0, 3]) == "f32[0, 3]")
    #expect(try Display.header(.meta(.f32, Shape([2])), context) == "f32[2]")
  }

  /// Any tensor can be read, views too, and the budget is asked.
  @Test func readsViewsWithinTheBudget() throws {
    let x = try context.engine.tensor([1, 2, 3, 4] as [Double], [2, 2])
    #expect(try Display.header(x.permuted(Axes([1, 0])), context) == "f64[2, 2]  1 … 4  mean 2.5")
    context.engine.budget.stepsLeft = 3
    #expect(throws: TensorError.self) { try Display.header(x, context) }
  }
}
