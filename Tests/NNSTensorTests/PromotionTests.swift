import Testing

@testable import NNSTensor

/// The dtypes of two operands, for every pair, as section 2 of the language's contract says.
@Suite struct PromotionTests {
  let engine = Engine()

  /// What `a` and `b` give in arithmetic: rows and columns f32, f64, bf16, i64, i32, u8, bool, then a float number, an int
  /// and a bool beside the tensor.
  static let arithmetic: [DType: [DType]] = [
    .f32: [.f32, .f64, .f32, .f32, .f32, .f32, .f32, .f32, .f32, .f32],
    .f64: [.f64, .f64, .f64, .f64, .f64, .f64, .f64, .f64, .f64, .f64],
    .bf16: [.f32, .f64, .bf16, .bf16, .bf16, .bf16, .bf16, .bf16, .bf16, .bf16],
    .i64: [.f32, .f64, .bf16, .i64, .i64, .i64, .i64, .f32, .i64, .i64],
    .i32: [.f32, .f64, .bf16, .i64, .i32, .i32, .i64, .f32, .i32, .i32],
    .u8: [.f32, .f64, .bf16, .i64, .i32, .u8, .i64, .f32, .u8, .u8],
    .bool: [.f32, .f64, .bf16, .i64, .i64, .i64, .i64, .f32, .i64, .i64],
  ]

  static let order: [DType] = [.f32, .f64, .bf16, .i64, .i32, .u8, .bool]

  /// Two operands and what arithmetic gives.
  struct Pair {
    let a: Tensor
    let b: Tensor
    let result: DType
    var name: String { "\(a.type)\(a.isWeak ? " number" : "") and \(b.type)\(b.isWeak ? " number" : "")" }
  }

  func pairs() throws -> [Pair] {
    var pairs: [Pair] = []
    for (dtype, results) in Self.arithmetic {
      let x = try engine.cast(engine.tensor([1, 0, 1] as [Int], [3]), to: dtype)
      for (other, result) in zip(Self.order, results) {
        pairs.append(Pair(a: x, b: try engine.cast(engine.tensor([1, 1, 1] as [Int], [3]), to: other), result: result))
      }
      for (number, result) in zip([Tensor.weak(1.0), .weak(1), .weak(true)], results.suffix(3)) {
        pairs.append(Pair(a: x, b: number, result: result))
      }
    }
    return pairs
  }

  @Test func theTableIsWhole() {
    #expect(Set(Self.arithmetic.keys) == Set(DType.allCases))
    for (i, a) in Self.order.enumerated() {
      #expect(Self.arithmetic[a]?.count == Self.order.count + 3)
      for (j, b) in Self.order.enumerated() { #expect(Self.arithmetic[a]?[j] == Self.arithmetic[b]?[i]) }
    }
  }

  @Test func arithmeticPromotes() throws {
    for pair in try pairs() {
      for (op, values) in [
        (Ops.add, [2.0, 1, 2]), (Ops.multiply, [1, 0, 1]), (Ops.floorDivide, [1, 0, 1]), (Ops.modulo, [0, 0, 0]),
        (Ops.power, [1, 0, 1]),
      ] {
        let found = try engine.apply(op, pair.a, pair.b)
        #expect(found.dtype == pair.result && found.doubles() == values, "\(pair.name): \(op.name) gives \(found.type)")
        guard op === Ops.add || op === Ops.multiply else { continue }
        #expect(try engine.apply(op, pair.b, pair.a).dtype == pair.result, "\(pair.name), turned")
      }
      // Sums that cannot be below 0 in u8.
      let difference = try engine.apply(Ops.subtract, pair.b, try engine.apply(Ops.multiply, pair.a, pair.b))
      #expect(difference.dtype == pair.result || pair.b.isWeak)
      #expect(difference.doubles() == [0, 1, 0], "\(pair.name): difference")
    }
  }

  @Test func quotientsAreFloats() throws {
    for pair in try pairs() {
      let found = try engine.apply(Ops.divide, pair.a, pair.b)
      #expect(found.dtype == (pair.result.isFloat ? pair.result : .f32), "\(pair.name): / gives \(found.type)")
      #expect(found.doubles() == [1, 0, 1])
      let angle = try engine.apply(Ops.atan2, pair.a, pair.b)
      #expect(angle.dtype == (pair.result.isFloat ? pair.result : .f32))
    }
  }

  @Test func comparisonsGiveBools() throws {
    for pair in try pairs() {
      let found = try engine.apply(Ops.equal, pair.a, pair.b)
      #expect(found.dtype == .bool && found.doubles() == [1, 0, 1], "\(pair.name)")
      #expect(try engine.apply(Ops.less, pair.a, pair.b).doubles() == [0, 1, 0], "\(pair.name)")
    }
  }

  /// What is only put together, or chosen from, is not counted: bools stay bools beside bools.
  @Test func choicesKeepBools() throws {
    let condition = try engine.tensor([true, false, true], [3])
    for pair in try pairs() {
      let isOfBools = pair.a.dtype == .bool && pair.b.dtype == .bool
      let other: DType = isOfBools ? .bool : DType.wider(pair.a.dtype, pair.b.dtype)
      let expected = pair.b.isWeak ? (isOfBools ? .bool : pair.result) : other
      for op in [Ops.minimum, Ops.maximum] {
        let found = try engine.apply(op, pair.a, pair.b)
        #expect(found.dtype == expected, "\(pair.name): \(op.name) gives \(found.type)")
      }
      let chosen = try engine.apply(Ops.choose, [condition, pair.a, pair.b]).first
      #expect(chosen.dtype == expected && chosen.doubles() == [1, 1, 1], "\(pair.name): where gives \(chosen.type)")
      if pair.b.isWeak { continue }
      let joined = try engine.apply(Ops.concat, [pair.a, pair.b]).first
      #expect(joined.dtype == expected && joined.doubles() == [1, 0, 1, 1, 1, 1], "\(pair.name): concat")
    }
  }

  @Test func productsPromote() throws {
    for pair in try pairs() where !pair.b.isWeak {
      for op in [Ops.matmul, Ops.dot] {
        let found = try engine.apply(op, pair.a, pair.b)
        #expect(found.dtype == pair.result && found.doubles() == [2], "\(pair.name): \(op.name) gives \(found.type)")
      }
      let outer = try engine.apply(Ops.outer, pair.a, pair.b)
      #expect(outer.dtype == pair.result && outer.doubles() == [1, 1, 1, 0, 0, 0, 1, 1, 1], "\(pair.name): outer")
      let sum = try engine.apply(Ops.einsum, [pair.a, pair.b], [.string("i,i->i")]).first
      #expect(sum.dtype == pair.result && sum.doubles() == [1, 0, 1], "\(pair.name): einsum")
      let ids = try engine.tensor([0, 0, 2], [3])
      let added = try engine.apply(Ops.scatterAdd, [pair.a, ids, pair.b], [.int(0)]).first
      #expect(added.dtype == pair.result && added.doubles() == [3, 0, 2], "\(pair.name): scatter_add")
    }
  }

  @Test func sumsCountBools() throws {
    for dtype in DType.allCases {
      let x = try engine.cast(engine.tensor([1, 0, 1] as [Int], [3]), to: dtype)
      for op in [Ops.sum, Ops.prod, Ops.cumsum] {
        #expect(try engine.apply(op, x).dtype == (dtype.isFloat ? dtype : .i64), "\(op.name) of \(dtype)")
      }
      for op in [Ops.mean, Ops.variance, Ops.exp] {
        #expect(try engine.apply(op, x).dtype == (dtype.isFloat ? dtype : .f32), "\(op.name) of \(dtype)")
      }
      #expect(try engine.apply(Ops.sum, x).doubles() == [2])
    }
  }

  /// A number keeps its value where it is only compared.
  @Test func comparisonsTakeNumbersAsTheyAre() throws {
    let bytes = try engine.tensor([1, 255], [2], dtype: .u8)
    #expect(try engine.apply(Ops.equal, bytes, .weak(300)).doubles() == [0, 0])
    #expect(try engine.apply(Ops.greater, bytes, .weak(-1)).doubles() == [1, 1])
    #expect(try engine.apply(Ops.less, bytes, .weak(1.5)).doubles() == [1, 0])
    let large = try engine.tensor([16_777_217, 5], [2])
    #expect(try engine.apply(Ops.equal, large, .weak(16_777_216.0)).doubles() == [0, 0])
    #expect(throws: TensorError.self) { try engine.apply(Ops.add, bytes, .weak(300)) }
  }
}
