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

  /// The range asks for exponents where decimal form would hide digits; NumPy and PyTorch draw the lines.
  @Test func theRangeDecides() throws {
    #expect(try text([1e-8, 1], [2]) == "[1.0e-08, 1.0e+00]")
    #expect(try text([1.23456, 4321.5], [2]) == "[1.2346e+00, 4.3215e+03]")
    #expect(try text([1.23456, 999.5], [2]) == "[1.2346, 999.5000]")
    #expect(try text([1.25, 4321.5], [2]) == "[1.25, 4321.50]")
    #expect(try text([0.00012345, 0.5], [2]) == "[1.2345e-04, 5.0000e-01]")
    #expect(try text([100_000_000, 1], [2]) == "[1.0e+08, 1.0e+00]")
    #expect(try text([12_345_678, 1], [2]) == "[12345678.0, 1.0]")
    #expect(try text([0, 1e-20], [2]) == "[0.0e+00, 1.0e-20]")
    #expect(try text([.nan, 1e-20, -.infinity], [3]) == "[nan, 1.0e-20, -inf]")
    #expect(try text([0, .nan], [2]) == "[0.0, nan]")
  }

  func text(_ x: Tensor, _ change: (inout PrintOptions) -> Void) -> String {
    var options = PrintOptions()
    change(&options)
    return TensorFormatter.description(of: x, options)
  }

  /// More decimals than a float has digits are not made up.
  @Test func precision() throws {
    let x = try engine.tensor([1 / 3, 0.1] as [Float], [2])
    #expect(text(x) { $0.precision = 8 } == "[0.33333334, 0.10000000]")
    #expect(text(x) { $0.precision = 20 } == "[0.33333334, 0.10000000]")
    #expect(text(x) { $0.precision = 2 } == "[0.33, 0.10]")
    let y = try engine.tensor([1 / 3, 1e-20, -2.5] as [Double], [3])
    #expect(text(y) { $0.precision = 20 } == "[3.333333333333333e-01, 1.000000000000000e-20, -2.500000000000000e+00]")
    #expect(text(y) { $0.isScientific = false } == "[0.3333, 0.0000, -2.5000]")
    #expect(text(x) { $0.isScientific = true } == "[3.3333e-01, 1.0000e-01]")
    let half = try engine.cast(x, to: .bf16)
    #expect(text(half) == "[0.334, 0.100]")
    #expect(text(try engine.index(half, [.int(1)])) == "0.1")
  }

  /// The shortest digits and C's agree wherever both show the same number of them.
  @Test func digitsAreThoseOfTheNumber() throws {
    var drawing = Drawing(engine, seed: 4)
    for i in 0..<2000 {
      let value = (drawing.unit() - 0.5) * Double(sign: .plus, exponent: i % 80 - 40, significand: 1)
      for (value, dtype) in [(value, DType.f64), (Double(Float(value)), .f32)] {
        let digits = Digits(value, dtype)
        let shown = digits.scientific(Swift.max(digits.digits.count - 1, 1))
        #expect(dtype == .f64 ? Double(shown) == value : Float(shown) == Float(value))
        let plain = digits.fixed(Swift.max(digits.decimals, 1))
        #expect(dtype == .f64 ? Double(plain) == value : Float(plain) == Float(value))
      }
    }
    #expect(Digits(0, .f32).fixed(2) == "0.00")
    #expect(Digits(-0.0, .f64).scientific(1) == "-0.0e+00")
    #expect(Digits(.leastNonzeroMagnitude, .f64).scientific(1) == "5.0e-324")
    #expect(Digits(.greatestFiniteMagnitude, .f64).scientific(3) == "1.798e+308")
    #expect(Digits(1200, .f64).fixed(1) == "1200.0")
    #expect(Digits(0.05, .f64).fixed(1) == "0.1")
  }

  @Test func longRowsAreBroken() throws {
    let x = try engine.apply(Ops.arange, [], [.int(30)]).first
    #expect(
      text(x)
        == "[ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,\n"
        + " 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]")
    let rows = try engine.apply(Ops.reshape, [x], [.ints([2, 15])]).first
    #expect(
      text(rows) { $0.lineWidth = 30 }
        == "[[ 0,  1,  2,  3,  4,  5,  6,\n   7,  8,  9, 10, 11, 12, 13,\n  14],\n"
        + " [15, 16, 17, 18, 19, 20, 21,\n  22, 23, 24, 25, 26, 27, 28,\n  29]]")
    #expect(text(x) { $0.lineWidth = 1 }.split(separator: "\n").count == 30)
    #expect(text(x) { ($0.threshold, $0.edgeItems) = (10, 2) } == "[0, 1, ..., 28, 29]")
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
