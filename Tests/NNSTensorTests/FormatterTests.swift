import Testing

@testable import NNSTensor

@Suite struct FormatterTests {
  let engine = Engine()

  func text(_ x: Tensor) -> String { TensorFormatter.description(of: x) }
  func text(_ values: [Float], _ shape: [Int]) throws -> String { text(try engine.tensor(values, shape)) }

  @Test func numbers() throws {
    #expect(text(try engine.scalar(.float(2), .f32)) == "2.0")
    #expect(text(try engine.scalar(.float(0.1), .f32)) == "0.1")
    #expect(text(try engine.scalar(.float(0.1), .f64)) == "0.1")
    #expect(text(try engine.scalar(.int(-7), .i64)) == "-7")
    #expect(text(try engine.scalar(.bool(true), .bool)) == "true")
    #expect(text(.weak(1e-5)) == "1e-05")
  }

  @Test func rows() throws {
    #expect(try text([0, 2], [2]) == "[0.0, 2.0]")
    #expect(try text([0.25, 2, -1], [3]) == "[0.25, 2.00, -1.00]")
    #expect(try text([1 / 3], [1]) == "[0.3333]")
    #expect(try text([.nan, .infinity, -.infinity, 1.5], [4]) == "[nan, inf, -inf, 1.5]")
    #expect(text(try engine.tensor([true, false], [2])) == "[true, false]")
    #expect(text(try engine.tensor([1, 10], [2])) == "[1, 10]")
  }

  @Test func wideRangesAreScientific() throws {
    #expect(try text([1e-6, 2.5e-5], [2]) == "[1.0e-06, 2.5e-05]")
    #expect(try text([1e9, 1], [2]) == "[1.0e+09, 1.0e+00]")
    #expect(try text([1e5, 0.5], [2]) == "[100000.0, 0.5]")
  }

  @Test func matrices() throws {
    #expect(text(try engine.tensor([1, 2, 3, 4], [2, 2])) == "[[1, 2],\n [3, 4]]")
    #expect(try text([1, -2.5, 10, 4], [2, 2]) == "[[ 1.0, -2.5],\n [10.0,  4.0]]")
    #expect(text(try engine.tensor([1, 2, 3, 4], [2, 2, 1])) == "[[[1],\n  [2]],\n\n [[3],\n  [4]]]")
  }

  @Test func viewsAndEmptyOnes() throws {
    let x = try engine.tensor([1, 2, 3, 4, 5, 6], [2, 3])
    #expect(text(x.permuted(Axes([1, 0]))) == "[[1, 4],\n [2, 5],\n [3, 6]]")
    #expect(text(try engine.index(x, [.int(0), .slice(start: nil, stop: nil, step: -1)])) == "[3, 2, 1]")
    #expect(try text([], [0]) == "[]")
    #expect(try text([], [0, 3]) == "[] of shape [0, 3]")
    #expect(text(.meta(.f32, try Shape([2]))) == "f32[2]")
  }

  @Test func longOnesAreShortened() throws {
    let long = try engine.apply(Ops.arange, [], [.int(1001)]).first
    #expect(text(long) == "[0, 1, 2, ..., 998, 999, 1000]")
    let wide = try engine.apply(Ops.reshape, [engine.apply(Ops.arange, [], [.int(2000)]).first], [.ints([2, 1000])])
    #expect(
      text(wide.first) == "[[   0,    1,    2, ...,  997,  998,  999],\n [1000, 1001, 1002, ..., 1997, 1998, 1999]]")
    let whole = try engine.apply(Ops.arange, [], [.int(1000)]).first
    #expect(!text(whole).contains("..."))
  }
}
