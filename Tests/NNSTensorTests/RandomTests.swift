import CKernels
import Foundation
import Testing

@testable import NNSTensor

/// The generator against published answers, and what is drawn from it against what its distribution says.
@Suite struct RandomTests {
  let engine = Engine()

  init() { engine.seed(20_240_607) }

  func draw(_ op: Op, _ attributes: [Attribute]) throws -> Tensor { try engine.apply(op, [], attributes).first }

  // MARK: The generator

  /// The answers of Random123's `kat_vectors` for philox4x32-10.
  @Test(arguments: [
    (
      key: 0 as UInt64, counter: 0 as UInt64, attempt: 0 as UInt64,
      words: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
    ),
    (.max, .max, .max, [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    (
      0x299f_31d0_a409_3822, 0x85a3_08d3_243f_6a88, 0x0370_7344_1319_8a2e,
      [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    ),
  ])
  func philoxIsPhilox(key: UInt64, counter: UInt64, attempt: UInt64, words: [Int]) {
    var block: [UInt32] = [0, 0, 0, 0]
    nns_philox(&block, key, counter, attempt)
    #expect(block.map(Int.init) == words)
  }

  @Test func numbersAreTheGeneratorsWords() throws {
    engine.randomState = RandomState(key: 0, counter: 0)
    let words = [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
    #expect(try draw(Ops.rand, [.ints([4])]).doubles() == words.map { Double($0 >> 8) * 0x1p-24 })
    engine.randomState = RandomState(key: 0, counter: 0)
    let pairs = [words[0] << 21 | words[1] >> 11, words[2] << 21 | words[3] >> 11]
    #expect(try draw(Ops.rand, [.ints([2]), .dtype(.f64)]).doubles() == pairs.map { Double($0) * 0x1p-53 })
  }

  // MARK: Cutting up

  /// Draws of one number of elements per block; a draw of any length is the same however it is cut up.
  @Test(arguments: [
    (name: "rand", attributes: [], perBlock: 4), ("rand", [Attribute.dtype(.f64)], 2), ("randn", [], 4),
    ("randn", [.dtype(.f64)], 2), ("uniform", [.dtype(.f32), .float(-3), .float(5)], 4),
    ("normal", [.dtype(.f32), .float(2), .float(0.5)], 4),
  ])
  func cutUpAnyhow(name: String, attributes: [Attribute], perBlock: Int) throws {
    let op = try #require(Ops.named(name))
    engine.budget.grain.block = 1 << 12
    let count = 3 * engine.budget.grain.block + 5
    let state = engine.randomState
    let whole = try draw(op, [.ints([count])] + attributes)
    for start in [0, perBlock, 4 * 1000, engine.budget.grain.block, 2 * engine.budget.grain.block + 4 * 77] {
      engine.randomState = RandomState(
        key: state.words.key, counter: state.words.counter + UInt64(start / perBlock))
      let part = try draw(op, [.ints([13])] + attributes)
      #expect(part.doubles() == (0..<13).map { whole.element(at: start + $0).double })
    }
  }

  @Test func intsAreCutUpAnyhow() throws {
    let state = engine.randomState
    engine.budget.grain.block = 1 << 12
    let bounds: [Attribute] = [.int(-5), .int(1_000_003)]
    let whole = try draw(Ops.randint, bounds + [.ints([2 * engine.budget.grain.block + 9])])
    for start in [0, 1, engine.budget.grain.block - 3, 2 * engine.budget.grain.block] {
      engine.randomState = RandomState(key: state.words.key, counter: state.words.counter + UInt64(start))
      #expect(
        try draw(Ops.randint, bounds + [.ints([9])]).doubles() == (0..<9).map { whole.element(at: start + $0).double })
    }
  }

  @Test func partsOfAnySizeGiveTheSame() throws {
    let ones = try engine.full(TensorType(.f32, Shape([1001])), 0.5)
    func draws(_ grain: Budget.Grain) throws -> [Double] {
      engine.budget.grain = grain
      engine.seed(7)
      let plain: [(Op, [Attribute])] = [
        (Ops.rand, [.ints([501])]), (Ops.randn, [.ints([501])]), (Ops.randn, [.ints([501]), .dtype(.f64)]),
        (Ops.kaimingUniform, [.ints([20, 13])]), (Ops.xavierNormal, [.ints([20, 13])]), (Ops.randperm, [.int(777)]),
        (Ops.randint, [.int(0), .int(1000), .ints([333])]),
      ]
      let values = try plain.flatMap { try draw($0, $1).doubles() }
      let chosen = try [Ops.bernoulli, Ops.dropout].flatMap { try engine.apply($0, [ones]).first.doubles() }
      let picked = try [false, true].flatMap {
        try engine.apply(Ops.multinomial, [ones], [.int(400), .bool($0)]).first.doubles()
      }
      return values + chosen + picked
    }
    let expected = try draws(.init())
    for size in [1, 7, 64, 1000] { #expect(try draws(.init(block: size)) == expected) }
  }

  @Test func theSameSeedGivesTheSameNumbers() throws {
    func draws(_ seed: UInt64) throws -> [Double] {
      engine.seed(seed)
      let x = try engine.full(TensorType(.f32, Shape([7])), 0.5)
      let plain: [(Op, [Attribute])] = [
        (Ops.rand, [.ints([5])]), (Ops.randn, [.ints([5])]), (Ops.kaimingUniform, [.ints([2, 3])]),
        (Ops.kaimingNormal, [.ints([2, 3])]), (Ops.xavierUniform, [.ints([2, 3])]),
        (Ops.xavierNormal, [.ints([2, 3])]),
        (Ops.randperm, [.int(9)]), (Ops.randint, [.int(0), .int(1000), .ints([4])]),
      ]
      let values = try plain.flatMap { try draw($0, $1).doubles() }
      let chosen = try [Ops.bernoulli, Ops.dropout].flatMap { try engine.apply($0, [x]).first.doubles() }
      let picked = try [false, true].flatMap {
        try engine.apply(Ops.multinomial, [x], [.int(4), .bool($0)]).first.doubles()
      }
      return values + chosen + picked
    }
    #expect(try draws(42) == draws(42))
    #expect(try draws(42) != draws(43))
  }

  @Test func drawsFollowEachOther() throws {
    let first = try draw(Ops.rand, [.ints([1001])]).doubles()
    let second = try draw(Ops.rand, [.ints([1001])]).doubles()
    #expect(Set(first).intersection(second).count < 3)
  }

  // MARK: Distributions

  /// Kolmogorov's distance between numbers and a distribution, times the root of their count: above 1.95 in one of 1,000
  /// samples.
  func distance(_ values: [Double], _ distribution: (Double) -> Double) -> Double {
    let n = Double(values.count)
    var most = 0.0
    for (i, value) in values.sorted().enumerated() {
      let p = distribution(value)
      most = max(most, abs(p - Double(i) / n), abs(Double(i + 1) / n - p))
    }
    return most * n.squareRoot()
  }

  /// χ² of counts against expected ones, as a standard normal by Wilson and Hilferty: above 3.1 in one of 1,000 samples.
  func surprise(_ counts: [Int], _ expected: [Double]) -> Double {
    let chi = zip(counts, expected).reduce(0) { $0 + ($1.1 - Double($1.0)) * ($1.1 - Double($1.0)) / $1.1 }
    let freedom = Double(counts.count - 1)
    return (cbrt(chi / freedom) - (1 - 2 / (9 * freedom))) / (2 / (9 * freedom)).squareRoot()
  }

  func counts(_ values: some Sequence<Int>, below bound: Int) -> [Int] {
    values.reduce(into: [Int](repeating: 0, count: bound)) { $0[$1] += 1 }
  }

  @Test(arguments: [DType.f32, .f64]) func uniformsAreUniform(_ dtype: DType) throws {
    let values = try draw(Ops.rand, [.ints([200, 100]), .dtype(dtype)]).doubles()
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(distance(values) { $0 } < 1.95)
    // Neighbours know nothing of each other, within a block and from block to block.
    for lag in [1, 2, 3, 4, 5] {
      let products = (lag..<values.count).map { (values[$0] - 0.5) * (values[$0 - lag] - 0.5) * 12 }
      #expect(abs(products.reduce(0, +)) / Double(products.count).squareRoot() < 3.3)
    }
    let wide = try draw(Ops.uniform, [.ints([20_000]), .dtype(dtype), .float(-2), .float(6)]).doubles()
    #expect(distance(wide) { ($0 + 2) / 8 } < 1.95)
  }

  @Test(arguments: [DType.f32, .f64]) func normalsAreNormal(_ dtype: DType) throws {
    let plain = try draw(Ops.randn, [.ints([200, 100]), .dtype(dtype)]).doubles()
    #expect(distance(plain) { 0.5 * erfc(-$0 / 2.0.squareRoot()) } < 1.95)
    for lag in [1, 2, 3, 4] {
      let products = (lag..<plain.count).map { plain[$0] * plain[$0 - lag] }
      #expect(abs(products.reduce(0, +)) / Double(products.count).squareRoot() < 3.3)
    }
    let moved = try draw(Ops.normal, [.ints([20_000]), .dtype(dtype), .float(3), .float(0.2)]).doubles()
    #expect(distance(moved) { 0.5 * erfc(-($0 - 3) / 0.2 / 2.0.squareRoot()) } < 1.95)
  }

  /// As torch.nn.init: with 300 inputs and 20 outputs.
  @Test func weightsAreSpreadByTheirFans() throws {
    let shape = Attribute.ints([20, 100, 3])
    func bound(_ op: Op, _ attributes: [Attribute], _ expected: Double) throws {
      let values = try draw(op, [shape] + attributes).doubles()
      #expect(distance(values) { ($0 / expected + 1) / 2 } < 1.95)
    }
    func deviation(_ op: Op, _ attributes: [Attribute], _ expected: Double) throws {
      let values = try draw(op, [shape] + attributes).doubles()
      #expect(distance(values) { 0.5 * erfc(-$0 / expected / 2.0.squareRoot()) } < 1.95)
    }
    try bound(Ops.kaimingUniform, [], (1.0 / 300).squareRoot())
    try bound(Ops.kaimingUniform, [.dtype(.f64), .float(0)], (6.0 / 300).squareRoot())
    try deviation(Ops.kaimingNormal, [], (2.0 / 300).squareRoot())
    try bound(Ops.xavierUniform, [.dtype(.f32), .float(2)], 2 * (6.0 / 360).squareRoot())
    try deviation(Ops.xavierNormal, [], (2.0 / 360).squareRoot())
  }

  @Test func intsAreAllEquallyLikely() throws {
    let values = try draw(Ops.randint, [.int(-3), .int(4), .ints([70_000])]).ints()
    #expect(surprise(counts(values.map { $0 + 3 }, below: 7), [Double](repeating: 10_000, count: 7)) < 3.1)
    // A range of three quarters of all ints, most of which a remainder would prefer the lower third of.
    let wide = try draw(Ops.randint, [.int(.min), .int(1 << 62), .ints([30_000])]).ints()
    let thirds = counts(wide.map { $0 < -(1 << 62) ? 0 : $0 < 0 ? 1 : 2 }, below: 3)
    #expect(surprise(thirds, [10_000, 10_000, 10_000]) < 3.1)
    #expect(
      try draw(Ops.randint, [.int(.max - 1), .int(.max), .ints([3])]).ints() == [Int](repeating: .max - 1, count: 3))
  }

  @Test func permutationsAreAllEquallyLikely() throws {
    var orders: [[Int]: Int] = [:]
    for _ in 0..<12_000 { orders[try draw(Ops.randperm, [.int(4)]).ints(), default: 0] += 1 }
    #expect(orders.count == 24 && orders.keys.allSatisfy { $0.sorted() == [0, 1, 2, 3] })
    #expect(surprise(Array(orders.values), [Double](repeating: 500, count: 24)) < 3.1)
    let long = try draw(Ops.randperm, [.int(1000)]).ints()
    #expect(long.sorted() == Array(0..<1000) && long != Array(0..<1000))
    #expect(try draw(Ops.randperm, [.int(0)]).ints().isEmpty)
  }

  @Test func coinsFallAsTheirProbabilitiesSay() throws {
    let p = try engine.tensor([0, 0.3, 1], [3])
    let coins = try engine.apply(
      Ops.bernoulli, [engine.apply(Ops.broadcastTo, [p], [.ints([20_000, 3])]).first]
    ).first
    let heads = try engine.apply(Ops.sum, [coins], [.int(0)]).first.ints()
    #expect(coins.dtype == .f64 && heads[0] == 0 && heads[2] == 20_000)
    #expect(surprise([heads[1], 20_000 - heads[1]], [6000, 14_000]) < 3.1)
    for wrong in [-0.1, 1.1, .nan] {
      #expect(throws: TensorError.self) { try engine.apply(Ops.bernoulli, [engine.tensor([0.5, wrong], [2])]) }
    }
  }

  @Test func dropoutKeepsTheMean() throws {
    let ones = try engine.full(TensorType(.f32, Shape([40_000])), 1)
    let kept = try engine.apply(Ops.dropout, [ones], [.float(0.25)]).first.doubles()
    let share = Float(1 / 0.75)
    #expect(kept.allSatisfy { $0 == 0 || Float($0) == share })
    let zeros = kept.count { $0 == 0 }
    #expect(surprise([zeros, 40_000 - zeros], [10_000, 30_000]) < 3.1)
    #expect(try engine.apply(Ops.dropout, [ones], [.float(1)]).first.doubles().allSatisfy { $0 == 0 })
  }

  // MARK: Choices

  @Test func choicesFollowTheirWeights() throws {
    let weights = try engine.tensor([1, 0, 3, 4, 2] as [Float], [5])
    let picks = try engine.apply(Ops.multinomial, [weights], [.int(20_000), .bool(true)]).first.ints()
    let found = counts(picks, below: 5)
    #expect(found[1] == 0)
    #expect(surprise([found[0]] + found[2...], [2000, 6000, 8000, 4000]) < 3.1)
  }

  /// Pairs without replacement come with p[i] · p[j] / (1 - p[i]).
  @Test func choicesWithoutReplacementAreDrawnOneAfterTheOther() throws {
    let p = [0.1, 0.6, 0, 0.3]
    let rows = try engine.apply(Ops.broadcastTo, [engine.tensor(p, [4])], [.ints([20_000, 4])]).first
    let pairs = try engine.apply(Ops.multinomial, [rows], [.int(2)]).first.ints()
    var (found, expected): ([Int], [Double]) = ([], [])
    let seen = counts(stride(from: 0, to: pairs.count, by: 2).map { pairs[$0] * 4 + pairs[$0 + 1] }, below: 16)
    for i in 0..<4 {
      for j in 0..<4 where i != j && p[i] * p[j] > 0 {
        found.append(seen[i * 4 + j])
        expected.append(20_000 * p[i] * p[j] / (1 - p[i]))
      }
    }
    #expect(found.reduce(0, +) == 20_000 && surprise(found, expected) < 3.1)
    let all = try engine.apply(Ops.multinomial, [engine.tensor([0.2, 5, 1], [3])], [.int(3)]).first.ints()
    #expect(all.sorted() == [0, 1, 2])
  }

  @Test(arguments: [[0, 0, 0], [1, -1, 3], [1, .nan, 1], [.infinity, 1, 1]])
  func choicesNeedProbabilities(_ weights: [Double]) throws {
    let x = try engine.tensor(weights, [3])
    for attributes: [Attribute] in [[], [.int(2)], [.int(2), .bool(true)]] {
      #expect(throws: TensorError.self) { try engine.apply(Ops.multinomial, [x], attributes) }
    }
    #expect(throws: TensorError.self) {
      try engine.apply(Ops.multinomial, [engine.tensor([1, 0, 1], [3])], [.int(3)])
    }
  }
}
