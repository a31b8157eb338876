import Testing

@testable import NNSTensor

/// Every differentiable op of the table against central differences in f64: step 1e-6, tolerance 1e-5 + 1e-3 · |expected|,
/// at least 20 calls of random shapes, with broadcasting and views.
@Suite struct GradientTests {
  static let differentiable = Ops.all.filter { $0.isDifferentiable && !Drawing.cases($0).isEmpty }.map(\.name)

  @Test(arguments: differentiable) func firstDerivative(_ name: String) throws {
    let op = try #require(Ops.named(name))
    // Each layout with every call of the domain, then with others in turn; every other time in small steps, in which even
    // short rows are long ones.
    let given = Drawing.cases(op).count
    for (i, example) in Drawing.drawnCases(op, count: 24).enumerated() {
      let layouts = i < given ? Layout.allCases : [Layout.allCases[i % Layout.allCases.count]]
      for (j, layout) in layouts.enumerated() {
        let check = Check(op, example, layout, seed: UInt64(i + 1))
        if (i + j) % 2 == 1 { check.engine.budget.grain = .init(block: 1, panel: 60, intPanel: 8) }
        try check.run(order: 1)
      }
    }
  }

  @Test(arguments: differentiable) func secondDerivative(_ name: String) throws {
    let op = try #require(Ops.named(name))
    for (i, example) in Drawing.drawnCases(op, count: 20).enumerated() {
      try Check(op, example, Layout.allCases[i % Layout.allCases.count], seed: UInt64(i + 1)).run(order: 2)
    }
  }

  /// The calls that are checked are of so many different shapes.
  @Test(arguments: differentiable.filter { Ops.named($0)?.isHidden == false }) func drawsShapes(_ name: String) throws {
    let op = try #require(Ops.named(name))
    let shapes = Set(Drawing.drawnCases(op, count: 24).map { "\($0.inputs)" })
    #expect(shapes.count >= 20, "\(name): \(shapes.count)")
  }

  /// Every float op that says how it is differentiated is checked, apart from those named here.
  @Test func coversTheTable() {
    let unchecked = Ops.all.filter { $0.isDifferentiable && Drawing.cases($0).isEmpty }.map(\.name)
    #expect(Set(unchecked) == ["identity", "as_number"])
  }

  /// Every other op gives what has no derivative, has one of 0 but for jumps, or is an error.
  @Test func othersSaySo() throws {
    let steps = ["sign", "floor", "ceil", "round", "floor_divide", "bernoulli", "accuracy", "zeros_like", "ones_like"]
    // Steps of innermost gradients, and of optimizers.
    let inner = ["lstm_gates_grad", "gru_gates_grad", "attention_grad", "adam", "sgd"]
    let engine = Engine()
    for op in Ops.all where !op.isDifferentiable && op.parameters.contains(where: { $0.kind.isTensor }) {
      let note = try #require(op.derivativeNote)
      #expect(note.hasPrefix("Not differentiable"))
      if inner.contains(op.name) { continue }
      let x = try engine.tensor([0.25, 0.5], [2])
      let inputs = TensorList([Tensor](repeating: x, count: op.parameters.count { $0.kind.isTensor }))
      let level = try engine.beginDifferentiation()
      defer { engine.endDifferentiation(level) }
      let leaf = try engine.leaf(x, level)
      var tracked = inputs
      tracked[0] = leaf
      if case .refused = op.gradient {
        #expect(throws: TensorError.self, "\(op.name)") { try engine.apply(op, tracked) }
        #expect(throws: Never.self, "\(op.name)") { try engine.apply(op, inputs) }
        continue
      }
      guard let outputs = try? engine.apply(op, tracked), let output = outputs.first(where: { $0.dtype.isFloat }) else {
        continue
      }
      #expect(steps.contains(op.name), "\(op.name) gives floats and has no gradient")
      let sum = try engine.apply(Ops.sum, [output]).first
      #expect(try engine.gradients(of: sum, at: [leaf], level)[0].doubles() == [0, 0], "\(op.name)")
    }
  }
}

extension Op {
  var isDifferentiable: Bool {
    switch gradient {
    case .none, .refused: false
    default: true
    }
  }
}

/// One call, made into one number by weights, compared with differences of it.
private struct Check {
  let op: Op
  let example: Domain.Case
  let layout: Layout
  let engine = Engine()
  let drawing: Drawing

  init(_ op: Op, _ example: Domain.Case, _ layout: Layout, seed: UInt64) {
    self.op = op
    self.example = example
    self.layout = layout
    drawing = Drawing(engine, seed: seed)
  }

  func run(order: Int) throws {
    var drawing = drawing
    let inputs = try example.inputs.map { try layout.base(drawing.tensor($0, op.domain), engine) }
    let floats = inputs.indices.filter { inputs[$0].dtype.isFloat }
    let outputs = try call(inputs)
    // What has no solution, as where labels do not fit into the time, has no gradient.
    guard outputs.allSatisfy({ $0.doubles().allSatisfy(\.isFinite) }) else { return }
    let weights = try outputs.map { try drawing.floats(Array($0.shape), .elementwise()) }
    let directions = try inputs.map { try drawing.floats(Array($0.shape), .elementwise()) }
    let analytic: [Tensor]
    let value: ([Tensor]) throws -> Double
    if order == 1 {
      analytic = try gradients(inputs, floats, weights)
      value = { try number(weighted($0, weights)) }
    } else {
      analytic = try second(inputs, floats, weights, directions)
      value = {
        let first = try gradients($0, floats, weights)
        return zip(first, floats).reduce(0) { sum, pair in
          sum + zip(pair.0.doubles(), directions[pair.1].doubles()).reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
    }
    for (k, i) in floats.enumerated() {
      let found = analytic[k].doubles()
      let expected = try differences(inputs, i, value)
      #expect(analytic[k].shape == inputs[i].shape)
      for (x, y) in zip(found, expected) where !(abs(x - y) <= 1e-5 + 1e-3 * abs(y)) {
        Issue.record(
          "\(op.name) \(example) \(layout), order \(order), input \(i): gradient \(found), by differences \(expected)")
        break
      }
    }
  }

  private func call(_ bases: [Tensor]) throws -> TensorList {
    let inputs = TensorList(try bases.map { $0.isAbsent ? $0 : try layout.view($0, engine) })
    // What is random is the same at every call.
    engine.seed(1)
    return try engine.apply(op, inputs, example.attributes)
  }

  /// Σ weights · outputs, over all outputs.
  private func weighted(_ bases: [Tensor], _ weights: [Tensor]) throws -> Tensor {
    var total = try engine.scalar(.float(0), .f64)
    for (output, weight) in zip(try call(bases), weights) where output.dtype.isFloat {
      let product = try engine.apply(Ops.multiply, [output, weight]).first
      total = try engine.apply(Ops.add, [total, engine.apply(Ops.sum, [product]).first]).first
    }
    return total
  }

  private func gradients(_ inputs: [Tensor], _ floats: [Int], _ weights: [Tensor]) throws -> [Tensor] {
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    var leaves = inputs
    for i in floats { leaves[i] = try engine.leaf(inputs[i], level) }
    return try engine.gradients(of: weighted(leaves, weights), at: floats.map { leaves[$0] }, level)
  }

  /// The gradient of Σ directions · gradient.
  private func second(
    _ inputs: [Tensor], _ floats: [Int], _ weights: [Tensor], _ directions: [Tensor]
  ) throws -> [Tensor] {
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    var leaves = inputs
    for i in floats { leaves[i] = try engine.leaf(inputs[i], level) }
    var total = try engine.scalar(.float(0), .f64)
    for (gradient, i) in zip(try gradients(leaves, floats, weights), floats) {
      let product = try engine.apply(Ops.multiply, [gradient, directions[i]]).first
      total = try engine.apply(Ops.add, [total, engine.apply(Ops.sum, [product]).first]).first
    }
    return try engine.gradients(of: total, at: floats.map { leaves[$0] }, level)
  }

  private func number(_ x: Tensor) throws -> Double { try x.item().double }

  /// (f(x + ε) - f(x - ε)) / 2ε for each element of one input.
  private func differences(
    _ inputs: [Tensor], _ i: Int, _ f: ([Tensor]) throws -> Double
  ) throws -> [Double] {
    let epsilon = 1e-6
    let values = inputs[i].doubles()
    return try values.indices.map { k in
      let ends = try [epsilon, -epsilon].map { step in
        var moved = values
        moved[k] += step
        var changed = inputs
        changed[i] = try engine.tensor(moved, Array(inputs[i].shape))
        return try f(changed)
      }
      return (ends[0] - ends[1]) / (2 * epsilon)
    }
  }
}
