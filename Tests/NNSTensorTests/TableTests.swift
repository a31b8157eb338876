import Testing

@testable import NNSTensor

/// What must hold for every row of the table.
@Suite struct TableTests {
  @Test func rowsAreComplete() {
    #expect(Set(Ops.all.map(\.name)).count == Ops.all.count)
    for op in Ops.all {
      #expect(op.doc.hasSuffix("."), "\(op.name) needs a sentence")
      #expect(op.isHidden || !op.examples.isEmpty, "\(op.name) needs an example")
      #expect(Set(op.parameters.map(\.name)).count == op.parameters.count)
      let firstDefault = op.parameters.firstIndex { $0.defaultValue != nil } ?? op.parameters.count
      let isOrdered = op.parameters[firstDefault...].allSatisfy { $0.defaultValue != nil }
      #expect(isOrdered || op.isHidden, "\(op.name): a required parameter after an optional one")
    }
  }

  /// dtypes and shapes by the rule are those of the kernel's results, and of a run without data.
  @Test(arguments: Ops.all.map(\.name)) func ruleFitsKernel(_ name: String) throws {
    let op = try #require(Ops.named(name))
    let engine = Engine()
    for (i, example) in Drawing.drawnCases(op, count: 20).enumerated() {
      for dtype in [DType.f64, .f32, .bf16] {
        var drawing = Drawing(engine, seed: UInt64(i + 1))
        let inputs = TensorList(
          try example.inputs.map { argument in
            let x = try drawing.tensor(argument, op.domain)
            return x.dtype == .f64 ? try engine.cast(x, to: dtype) : x
          })
        let expected = try op.rule(Call(op: op, inputs: inputs, attributes: example.attributes)).all
        let visible = expected.dropLast(op.extraOutputs)
        let outputs = try engine.apply(op, inputs, example.attributes)
        #expect(outputs.map(\.type) == Array(visible), "\(op.name) \(example) \(dtype)")
        for output in outputs {
          let inside = output.isContiguous || op.handlesHalf
          #expect(inside, "\(op.name) leaves gaps in its result")
        }
        if inputs.contains(where: { $0.dtype == .bool }) { continue }
        let meta = TensorList(inputs.map { $0.isAbsent ? $0 : .meta($0.type) })
        let shapes = try engine.apply(op, meta, example.attributes)
        #expect(shapes.map(\.type) == Array(visible), "\(op.name) without data")
      }
    }
  }

  @Test(arguments: Ops.all.filter { $0.domain.cases.isEmpty && $0.domain.range != 0...0 }.map(\.name))
  func takesEmptyTensors(_ name: String) throws {
    let op = try #require(Ops.named(name))
    let engine = Engine()
    for shape in [[0], [2, 0, 3]] {
      let x = try engine.zeros(TensorType(.f32, Shape(shape)))
      let count = op.parameters.lazy.filter { $0.kind.isTensor }.count
      let y = try engine.apply(op, TensorList([Tensor](repeating: x, count: count))).first
      #expect(y.shape == x.shape)
    }
  }

  @Test func reductionsTakeEmptyTensors() throws {
    let engine = Engine()
    let x = try engine.zeros(TensorType(.f32, Shape([0, 3])))
    #expect(try engine.apply(Ops.sum, [x]).first.item() == .float(0))
    #expect(try engine.apply(Ops.prod, [x]).first.item() == .float(1))
    #expect(try engine.apply(Ops.mean, [x]).first.item().double.isNaN)
    #expect(try engine.apply(Ops.sum, [x], [.int(0)]).first.doubles() == [0, 0, 0])
    #expect(try engine.apply(Ops.allTrue, [x]).first.item() == .bool(true))
    #expect(try engine.apply(Ops.anyTrue, [x]).first.item() == .bool(false))
    #expect(try engine.apply(Ops.logsumexp, [x]).first.item() == .float(-.infinity))
    #expect(throws: TensorError.self) { try engine.apply(Ops.max, [x]) }
    #expect(throws: TensorError.self) { try engine.apply(Ops.argmax, [x]) }
    #expect(try engine.apply(Ops.max, [x], [.int(1)]).first.shape == Shape([0]))
    let product = try engine.apply(
      Ops.matmul, [engine.zeros(TensorType(.f32, Shape([2, 0]))), engine.zeros(TensorType(.f32, Shape([0, 2])))])
    #expect(product.first.doubles() == [0, 0, 0, 0])
  }
}
