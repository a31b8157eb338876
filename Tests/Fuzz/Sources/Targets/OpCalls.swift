import NNSTensor

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One call of an op with arguments that nobody would give, and its gradient.
struct OpTarget: Target {
  private let ops = Ops.all.filter { !$0.isHidden || $0.symbol != nil }

  func run(_ bytes: [UInt8]) {
    var call = OpCall(Choices(bytes), ops)
    do { try call.run() } catch is TensorError {} catch is UnknownShape {} catch { fail("\(call.op.name): \(error)") }
  }
}

/// Whether NNS_FUZZ_SHOW asks for what is drawn to be shown before it runs.
let isShown = getenv("NNS_FUZZ_SHOW") != nil

/// Draws an op and its arguments from the fuzzer's bytes.
private struct OpCall {
  private var choices: Choices
  private let engine = Engine()
  let op: Op

  init(_ choices: Choices, _ ops: [Op]) {
    self.choices = choices
    op = ops[self.choices.below(ops.count)]
    engine.budget.byteLimit = 32 << 20
    engine.budget.begin(steps: 1 << 22, time: nil)
  }

  mutating func run() throws {
    var (inputs, attributes): ([Tensor], [Attribute]) = ([], [])
    for parameter in op.parameters {
      switch parameter.kind {
      case .tensor: inputs.append(try tensor())
      case .optionalTensor: inputs.append(choices.below(3) == 0 ? .absent : try tensor())
      case .tensors: for _ in 0..<choices.below(4) { inputs.append(try tensor()) }
      default:
        let isGiven = parameter.defaultValue == nil || choices.below(2) == 1
        attributes.append(isGiven ? attribute(parameter.kind) : parameter.defaultValue ?? .none)
      }
    }
    if isShown { say("\(op.name) \(inputs.map(\.type)) \(attributes)") }
    let level = choices.below(2) == 0 ? nil : try engine.beginDifferentiation()
    defer { if let level { engine.endDifferentiation(level) } }
    var leaves: [Tensor] = []
    if let level {
      for i in inputs.indices where inputs[i].dtype.isFloat && !inputs[i].isAbsent {
        inputs[i] = try engine.leaf(inputs[i], level)
        leaves.append(inputs[i])
      }
    }
    let outputs = try engine.apply(op, TensorList(inputs), attributes)
    for output in outputs { _ = try engine.contiguous(output) }
    guard let level, !leaves.isEmpty, let sum = Ops.named("sum"),
      let output = outputs.first(where: { $0.dtype.isFloat })
    else { return }
    let total = try engine.apply(sum, TensorList(output)).first
    for (leaf, gradient) in zip(leaves, try engine.gradients(of: total, at: leaves, level)) {
      require(gradient.type == leaf.type, "\(op.name): a gradient of \(gradient.type) for \(leaf.type)")
    }
  }

  private mutating func tensor() throws -> Tensor {
    switch choices.below(10) {
    case 0:
      return choices.one(of: [.weak(2), .weak(-0.5), .weak(true), .weak(Int.min), .weak(Double.nan), .weak(1e300)])
    case 1:
      // More elements than memory could hold, of which there is one.
      let sizes = choices.one(of: [[1 << 40], [1 << 20, 1 << 30], [3, 1 << 50], [1 << 28, 2], [0, 1 << 50]])
      let one = try engine.full(TensorType(choices.one(of: DType.allCases), Shape()), .int(1))
      guard let wide = Ops.named("broadcast_to") else { return one }
      return try engine.apply(wide, TensorList(one), [.ints(sizes)]).first
    default:
      let rank = choices.one(of: [2, 1, 3, 4, 0, 2, 3, 8])
      let shape = (0..<rank).map { _ in choices.one(of: [3, 2, 1, 4, 0, 5, 2, 7]) }
      let count = shape.reduce(1, *)
      let dtype = choices.one(of: DType.allCases + [.f32, .f32])
      guard count <= 4096 else { return try engine.zeros(TensorType(dtype, Shape(shape))) }
      let special = [0.0, 1, -1, 2, 0.5, 3, -7, 100, .nan, .infinity, -.infinity, 1e30, 1e-30]
      let ints = [0, 1, 2, 3, -1, 255, 1 << 31, .max, .min, -2, 5]
      // Few choices for many elements: they repeat.
      let pattern = (0..<min(count, 6)).map { _ in choices.below(256) }
      let x =
        dtype.isFloat
        ? try engine.tensor((0..<count).map { special[pattern[$0 % pattern.count] % special.count] }, shape)
        : try engine.tensor((0..<count).map { ints[pattern[$0 % pattern.count] % ints.count] }, shape)
      guard let cast = Ops.named("to") else { fail("no op casts") }
      return try changed(try engine.apply(cast, TensorList(x), [.dtype(dtype)]).first)
    }
  }

  /// The same in another layout.
  private mutating func changed(_ x: Tensor) throws -> Tensor {
    switch choices.below(8) {
    case 1: return try engine.reversingAxes(x)
    case 2 where x.rank > 0: return try engine.index(x, [.slice(start: nil, stop: nil, step: -1)])
    case 3 where x.rank > 0: return try engine.index(x, [.ellipsis, .slice(start: 1, stop: nil, step: 2)])
    case 4 where x.rank < 8: return try engine.index(x, [.newAxis])
    default: return x
    }
  }

  private mutating func int() -> Int {
    choices.below(4) == 3
      ? choices.int()
      : choices.one(of: [
        0, 1, 2, 3, -1, -2, 4, 5, 7, -3, 100, -100, .min, .max, .min + 1, 1 << 31, 1 << 40, 1 << 62, -(1 << 62),
      ])
  }

  private mutating func number() -> Attribute {
    if choices.below(2) == 0 { return .int(int()) }
    return .float(
      choices.one(of: [
        0.5, 0, -0.0, 1, -1, 2.5, 1e-8, 1e308, -1e308, .leastNonzeroMagnitude, .nan, .infinity, -.infinity,
      ]))
  }

  private mutating func attribute(_ kind: OpParameter.Kind) -> Attribute {
    switch kind {
    case .number: return number()
    case .scalar: return choices.below(4) == 0 ? .bool(choices.below(2) == 0) : number()
    case .int, .axis: return .int(int())
    case .bool: return .bool(choices.below(2) == 0)
    case .string:
      return .string(
        choices.one(of: [
          "", "none", "tanh", "mean", "sum", "xy", "ij", "nearest", "linear", "bilinear", "trilinear", "ii",
          "ij,jk->ik", "...", "...i->i...", "->", ",", "i,j,k,l,m,n,o,p,q->", "ij->ijk", "é", "i-", "..", "aa,aa->",
        ]))
    case .dtype: return .dtype(choices.one(of: DType.allCases))
    case .axes, .ints, .shape, .pairs:
      if kind == .axes || kind == .ints, choices.below(2) == 0 { return .int(int()) }
      return .ints((0..<choices.below(9)).map { _ in int() })
    case .tensor, .optionalTensor, .tensors: return .none
    }
  }
}
