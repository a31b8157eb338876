@testable import NNSTensor

/// Draws arguments for the ops of the table, the same at every run.
struct Drawing {
  let engine: Engine
  private var state: UInt64

  init(_ engine: Engine, seed: UInt64) {
    self.engine = engine
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  }

  /// Uniform from 0 up to 1.
  mutating func unit() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }

  mutating func float(_ domain: Domain) -> Double {
    while true {
      let value = domain.range.lowerBound + unit() * (domain.range.upperBound - domain.range.lowerBound)
      if !domain.avoiding.contains(where: { abs($0 - value) < 0.05 }) { return value }
    }
  }

  mutating func floats(_ shape: [Int], _ domain: Domain) throws -> Tensor {
    try engine.tensor((0..<shape.reduce(1, *)).map { _ in float(domain) }, shape)
  }

  mutating func tensor(_ argument: Domain.Argument, _ domain: Domain) throws -> Tensor {
    switch argument {
    case .floats(let shape): return try floats(shape, domain)
    case .dominant(let shape):
      let n = shape[shape.count - 1]
      let identity = try engine.apply(Ops.eye, [], [.int(n), .none, .dtype(.f64)]).first
      let diagonal = try engine.apply(Ops.multiply, [identity, .weak(3 * n)]).first
      return try engine.apply(Ops.add, [floats(shape, domain), diagonal]).first
    case .ints(let shape, let bound):
      return try engine.tensor((0..<shape.reduce(1, *)).map { _ in Int(unit() * Double(bound)) }, shape)
    case .labels(let shape, let classes):
      let count = shape.reduce(1, *)
      return try engine.tensor((0..<count).map { _ in 1 + Int(unit() * Double(classes - 1)) }, shape)
    case .bools(let shape): return try engine.tensor((0..<shape.reduce(1, *)).map { _ in unit() < 0.5 }, shape)
    case .absent: return .absent
    }
  }

  /// The calls to try for an op: those of its domain, or random shapes with broadcasting.
  static func cases(_ op: Op) -> [Domain.Case] {
    guard op.domain.range != 0...0 else { return [] }
    if !op.domain.cases.isEmpty { return op.domain.cases }
    let shapes: [[[Int]]]
    if op.parameters.lazy.filter({ $0.kind.isTensor }).count == 1 {
      shapes = [[[]], [[5]], [[3, 4]], [[2, 1, 3]], [[17]], [[2, 3, 2]]]
    } else {
      shapes = [
        [[4], [4]], [[3, 4], [4]], [[3, 1], [1, 4]], [[], [2, 3]], [[2, 3], []], [[2, 1, 3], [4, 1]], [[1], [1]],
        [[2, 2, 2], [2, 2, 2]],
      ]
    }
    return shapes.map { Domain.Case(inputs: $0.map { .floats($0) }, attributes: []) }
  }
}

/// How an argument lies in memory.
enum Layout: CaseIterable {
  case plain, transposed, stepped, reversed

  /// A tensor that lies plainly, from which `view` makes the argument.
  func base(_ x: Tensor, _ engine: Engine) throws -> Tensor {
    switch self {
    case .plain: return x
    case .transposed:
      guard x.rank > 1 else { return x }
      return try engine.contiguous(x.permuted(Axes((0..<x.rank).reversed())))
    case .stepped:
      guard x.rank > 0 else { return x }
      var sizes = Array(x.shape)
      sizes[x.rank - 1] *= 2
      var wide = try engine.full(TensorType(x.dtype, try Shape(sizes)), 1)
      try engine.assign(&wide, [.ellipsis, .slice(start: nil, stop: nil, step: 2)], x)
      return wide
    case .reversed: return x.isAbsent ? x : try engine.contiguous(engine.apply(Ops.flip, [x]).first)
    }
  }

  func view(_ x: Tensor, _ engine: Engine) throws -> Tensor {
    switch self {
    case .plain: return x
    case .transposed:
      guard x.rank > 1 else { return x }
      return try engine.apply(Ops.permute, [x], [.ints((0..<x.rank).reversed())]).first
    case .stepped:
      guard x.rank > 0 else { return x }
      return try engine.index(x, [.ellipsis, .slice(start: nil, stop: nil, step: 2)])
    case .reversed: return x.isAbsent ? x : try engine.apply(Ops.flip, [x]).first
    }
  }
}
