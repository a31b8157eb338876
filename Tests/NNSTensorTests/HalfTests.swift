import Testing

@testable import NNSTensor

/// bf16 is what tensors are stored in; every op computes in f32 and rounds its result.
@Suite struct HalfTests {
  let engine = Engine()

  static let names = Ops.all.filter { !Drawing.cases($0).isEmpty && !GoldenTests.random.contains($0.name) }.map(\.name)

  /// Arguments of one call, drawn as bf16, and the same numbers as f32.
  func arguments(_ op: Op, _ example: Domain.Case, seed: Int) throws -> (half: [Tensor], single: [Tensor]) {
    var drawing = Drawing(engine, seed: UInt64(seed + 1))
    let half = try example.inputs.map { argument in
      let x = try drawing.tensor(argument, op.domain)
      return x.dtype == .f64 ? try engine.cast(x, to: .bf16) : x
    }
    return (half, try half.map { $0.dtype == .bf16 ? try engine.cast($0, to: .f32) : $0 })
  }

  @Test(arguments: names) func resultsAreThoseOfSingle(_ name: String) throws {
    let op = try #require(Ops.named(name))
    for (i, example) in Drawing.cases(op).enumerated() {
      let (half, single) = try arguments(op, example, seed: i)
      let found = try engine.apply(op, TensorList(half), example.attributes)
      let expected = try engine.apply(op, TensorList(single), example.attributes)
      for (x, y) in zip(found, expected) {
        if x.dtype != .bf16 {
          #expect(x.doubles() == y.doubles() || x.dtype.isFloat, "\(name) \(example)")
          continue
        }
        let rounded = try engine.cast(y, to: .bf16).doubles()
        // What is composed of other ops rounds between them.
        var isComposed = false
        if case .composed = op.gradient { isComposed = true }
        let room = isComposed ? 0x1p-6 * (y.doubles().map { abs($0) }.max() ?? 0) : 0
        for (a, b) in zip(x.doubles(), rounded) where !(a == b || a.isNaN && b.isNaN || abs(a - b) <= room) {
          Issue.record("\(name) \(example): \(x.doubles()) instead of \(rounded)")
          break
        }
      }
    }
  }

  @Test(arguments: GradientTests.differentiable.filter { $0 != "dropout" })
  func gradientsAreNearThoseOfSingle(_ name: String) throws {
    let op = try #require(Ops.named(name))
    for (i, example) in Drawing.cases(op).enumerated() {
      let (half, single) = try arguments(op, example, seed: i)
      let floats = half.indices.filter { half[$0].dtype == .bf16 }
      let found = try gradients(op, half, floats, example.attributes)
      let expected = try gradients(op, single, floats, example.attributes)
      for (k, (x, y)) in zip(found, expected).enumerated() {
        #expect(x.dtype == .bf16 && x.shape == y.shape, "\(name) \(example)")
        let largest = y.doubles().map { abs($0) }.max() ?? 0
        for (a, b) in zip(x.doubles(), y.doubles()) where !(abs(a - b) <= 0.05 * largest + 0.02 || b.isNaN) {
          Issue.record("\(name) \(example), input \(floats[k]): gradient \(x.doubles()) instead of \(y.doubles())")
          break
        }
      }
    }
  }

  private func gradients(
    _ op: Op, _ inputs: [Tensor], _ floats: [Int], _ attributes: [Attribute]
  ) throws -> [Tensor] {
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    var leaves = inputs
    for i in floats { leaves[i] = try engine.leaf(inputs[i], level) }
    var total = try engine.scalar(.float(0), .f32)
    for output in try engine.apply(op, TensorList(leaves), attributes) where output.dtype.isFloat {
      total = try engine.apply(Ops.add, total, engine.apply(Ops.sum, output))
    }
    return try engine.gradients(of: total, at: floats.map { leaves[$0] }, level)
  }

  /// A sum in bf16 would stand still at 256.
  @Test func productsAccumulateInSingle() throws {
    let ones = try engine.full(TensorType(.bf16, Shape([3, 5000])), 1)
    let product = try engine.apply(Ops.matmul, ones, engine.apply(Ops.transpose, ones))
    #expect(product.dtype == .bf16 && product.doubles() == [Double](repeating: 4992, count: 9))
    #expect(try engine.apply(Ops.sum, ones).item().double == 14976)
    #expect(try engine.apply(Ops.linear, [ones, ones, .absent]).first.doubles().first == 4992)
    let row = try engine.index(ones, [.int(0)])
    #expect(try engine.apply(Ops.dot, row, row).item().double == 4992)
    #expect(try engine.apply(Ops.einsum, [ones, ones], [.string("ij,kj->ik")]).first.doubles().first == 4992)
    let image = try engine.apply(Ops.reshape, [row], [.ints([1, 50, 10, 10])]).first
    #expect(try engine.apply(Ops.conv2d, [image, image]).first.doubles() == [4992])
  }
}
