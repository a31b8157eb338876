import Foundation
import Testing

@testable import NNSTensor

/// Every row with arguments that nobody would give: absurd sizes, wrong dtypes, ranks and counts, NaN, broadcast giants.
///
/// Each call gives a result or throws a mistake; nothing traps, hangs or takes memory past the limit. What a run without data
/// says of the result is what it is. `NNS_FUZZ=1000 swift test --filter RobustnessTests` makes so many calls of each row and
/// tells each on standard error before it is made, so that the last line names one that ended the process.
@Suite struct RobustnessTests {
  static let names = Ops.all.filter { op in
    !op.isHidden || op.symbol != nil || Ops.forLibrary.contains { $0 === op } || ["index", "assign"].contains(op.name)
  }.map(\.name)

  static let rounds = ProcessInfo.processInfo.environment["NNS_FUZZ"].flatMap { Int($0) }

  @Test(arguments: names) func takesAnything(_ name: String) throws {
    let op = try #require(Ops.named(name))
    let seed = name.utf8.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    var fuzz = Fuzz(op, seed: seed)
    for round in 0..<(Self.rounds ?? 60) {
      fuzz.engine.budget.stepsLeft = 1 << 24
      let (inputs, attributes) = try fuzz.call()
      if Self.rounds != nil {
        FileHandle.standardError.write(Data("\(name) \(round) \(inputs.map(\.type)) \(attributes)\n".utf8))
      }
      try check(op, inputs, attributes, fuzz.engine, round)
    }
  }

  /// The op's results, or nil where it throws what it may throw.
  private func run(
    _ op: Op, _ inputs: TensorList, _ attributes: [Attribute], _ engine: Engine
  ) throws -> (types: [TensorType]?, error: String?) {
    engine.budget.stepsLeft = 1 << 24
    do {
      return (try engine.apply(op, inputs, attributes).map(\.type), nil)
    } catch let error as TensorError {
      return (nil, error.kind == .limit ? nil : error.message)
    } catch is UnknownShape {
      return (nil, nil)
    }
  }

  private func check(
    _ op: Op, _ inputs: [Tensor], _ attributes: [Attribute], _ engine: Engine, _ round: Int
  ) throws {
    let made = try run(op, TensorList(inputs), attributes, engine)
    let meta = inputs.map { $0.isAbsent || $0.number != nil ? $0 : Tensor.meta($0.type) }
    let told = try run(op, TensorList(meta), attributes, engine)
    if let types = made.types, let told = told.types {
      #expect(told == types, "\(op.name) \(round): without data \(told), with data \(types)")
    }
    // What a run without data refuses the kernel would refuse too.
    if made.types != nil, let error = told.error {
      Issue.record("\(op.name) \(round): refused without data only: \(error)")
    }
    guard made.types != nil else { return }
    try differentiate(op, inputs, attributes, engine)
  }

  private func differentiate(_ op: Op, _ inputs: [Tensor], _ attributes: [Attribute], _ engine: Engine) throws {
    if case .none = op.gradient { return }
    if case .refused = op.gradient { return }
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    engine.budget.stepsLeft = 1 << 26
    do {
      var leaves: [Tensor] = []
      let given = try inputs.map { x in
        guard x.dtype.isFloat, !x.isAbsent else { return x }
        leaves.append(try engine.leaf(x, level))
        return leaves[leaves.count - 1]
      }
      let outputs = try engine.apply(op, TensorList(given), attributes)
      guard let output = outputs.first(where: { $0.dtype.isFloat }) else { return }
      let total = try engine.apply(Ops.sum, [output]).first
      for (leaf, gradient) in zip(leaves, try engine.gradients(of: total, at: leaves, level)) {
        #expect(gradient.type == leaf.type, "\(op.name): a gradient of \(gradient.type) for \(leaf.type)")
      }
    } catch is TensorError {
    } catch is UnknownShape {
    }
  }
}

/// Draws calls of an op: those of the golden cases and of its domain, with some arguments replaced.
private struct Fuzz {
  let op: Op
  let engine = Engine()
  private var drawing: Drawing
  private let seeds: [GoldenCase]
  private let domain: [Domain.Case]

  init(_ op: Op, seed: UInt64) {
    self.op = op
    engine.budget.byteLimit = 1 << 26
    drawing = Drawing(engine, seed: seed)
    seeds = (GoldenTests.cases[op.name] ?? []).filter { $0.inputs.allSatisfy { $0.numbers.count < 4096 } }
    domain = Drawing.cases(op)
  }

  mutating func below(_ bound: Int) -> Int { Int(drawing.unit() * Double(bound)) }
  mutating func one<Item>(of items: [Item]) -> Item { items[below(items.count)] }

  mutating func call() throws -> (inputs: [Tensor], attributes: [Attribute]) {
    var (inputs, attributes): ([Tensor], [Attribute]) = ([], [])
    if !seeds.isEmpty, below(4) > 0 {
      let golden = one(of: seeds)
      inputs = try golden.inputs.map { try $0.tensor(engine) }
      attributes = golden.attributes
    } else if !domain.isEmpty, below(2) == 0 {
      let example = one(of: domain)
      inputs = try example.inputs.map { try drawing.tensor($0, op.domain) }
      attributes = example.attributes
    } else {
      for parameter in op.parameters where parameter.kind.isTensor {
        for _ in 0..<(parameter.kind == .tensors ? below(4) : 1) { inputs.append(try tensor()) }
      }
    }
    let kinds = op.parameters.filter { !$0.kind.isTensor }
    while attributes.count < kinds.count { attributes.append(kinds[attributes.count].defaultValue ?? .none) }
    for _ in 0..<below(4) {
      if !inputs.isEmpty, attributes.isEmpty || below(2) == 0 {
        let i = below(inputs.count)
        inputs[i] = try below(2) == 0 ? tensor() : changed(inputs[i])
      } else if !attributes.isEmpty {
        let i = below(attributes.count)
        attributes[i] = attribute(kinds[i].kind)
      }
    }
    for (i, parameter) in op.parameters.filter({ $0.kind.isTensor }).enumerated() {
      if parameter.kind == .optionalTensor, i < inputs.count, below(4) == 0 { inputs[i] = .absent }
      if parameter.kind == .tensors, below(8) == 0 { inputs.append(try tensor()) }
    }
    while inputs.count < op.parameters.count(where: { $0.kind.isTensor && $0.kind != .tensors }) {
      inputs.append(.absent)
    }
    return (inputs, attributes)
  }

  /// A tensor of any kind.
  private mutating func tensor() throws -> Tensor {
    switch below(12) {
    case 0: return one(of: [.weak(2), .weak(-0.5), .weak(true), .weak(Int.min), .weak(Double.nan), .weak(1e300)])
    case 1:
      // More elements than memory could hold, of which there is one.
      let sizes = one(of: [
        [1 << 40], [1 << 20, 1 << 30], [3, 1 << 50], [Shape.elementLimit], [1 << 28, 2], [0, 1 << 50],
      ])
      let one = try engine.full(TensorType(one(of: DType.allCases), Shape()), .int(1))
      return try engine.apply(Ops.broadcastTo, [one], [.ints(sizes)]).first
    default:
      let shape = (0..<one(of: [0, 1, 1, 2, 2, 3, 4, 8])).map { _ in one(of: [0, 1, 1, 2, 2, 3, 3, 5]) }
      let count = shape.reduce(1, *)
      if count > 4096 { return try engine.zeros(TensorType(.f32, Shape(shape))) }
      let special = [0.0, 1, -1, 2, 0.5, 3, -7, 100, .nan, .infinity, -.infinity, 1e30, 1e-30]
      let dtype = one(of: DType.allCases)
      let x =
        dtype.isFloat
        ? try engine.tensor((0..<count).map { _ in one(of: special) }, shape, dtype: .f64)
        : try engine.tensor((0..<count).map { _ in one(of: [0, 0, 1, 1, 2, 3, 255]) }, shape)
      return try changed(engine.apply(Ops.cast, [x], [.dtype(dtype)]).first)
    }
  }

  /// The same in another layout or dtype.
  private mutating func changed(_ x: Tensor) throws -> Tensor {
    if x.isAbsent || x.number != nil || x.elementCount > 4096 { return x }
    switch below(7) {
    case 0: return try engine.apply(Ops.flip, [x]).first
    case 1: return x.rank < 2 ? x : try engine.apply(Ops.transpose, [x]).first
    case 2: return x.rank == 0 ? x : try engine.index(x, [.slice(start: nil, stop: nil, step: one(of: [2, -2, .max]))])
    case 3: return x.rank > 6 ? x : try engine.apply(Ops.unsqueeze, [x], [.int(0)]).first
    case 4: return x.rank == 0 ? x : try engine.index(x, [.ellipsis, .slice(start: 1, stop: nil, step: nil)])
    case 5:
      do { return try engine.apply(Ops.cast, [x], [.dtype(one(of: DType.allCases))]).first } catch { return x }
    default: return x
    }
  }

  private mutating func int() -> Int {
    one(of: [
      .min, .min + 1, -(1 << 62), -100, -3, -2, -1, 0, 0, 1, 1, 2, 2, 3, 4, 5, 7, 100, 1 << 31, 1 << 40, 1 << 62, .max,
    ])
  }

  private mutating func number() -> Attribute {
    if below(2) == 0 { return .int(int()) }
    return .float(
      one(of: [0, -0.0, 1, 0.5, -1, 2.5, 1e-8, 1e308, -1e308, .leastNonzeroMagnitude, .nan, .infinity, -.infinity]))
  }

  private mutating func attribute(_ kind: OpParameter.Kind) -> Attribute {
    if below(10) == 0 { return .none }
    switch kind {
    case .number: return number()
    case .scalar: return below(4) == 0 ? .bool(below(2) == 0) : number()
    case .int, .axis: return .int(below(2) == 0 ? below(9) - 4 : int())
    case .bool: return .bool(below(2) == 0)
    case .string:
      return .string(
        one(of: [
          "", "none", "tanh", "mean", "sum", "xy", "ij", "nearest", "linear", "bilinear", "trilinear", "ii",
          "ij,jk->ik",
          "...", "...i->i...", "->", ",", "i,j,k,l,m,n,o,p,q->", "ij->ijk", "é", "i-", "..", "aa,aa->",
        ]))
    case .dtype: return .dtype(one(of: DType.allCases))
    case .axes, .ints, .shape, .pairs:
      if kind != .shape, kind != .pairs, below(2) == 0 { return .int(int()) }
      let isSmall = below(2) == 0
      return .ints((0..<below(10)).map { _ in isSmall ? below(4) : int() })
    case .tensor, .optionalTensor, .tensors: return .none
    }
  }
}
