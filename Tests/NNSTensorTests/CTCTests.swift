import Foundation
import Testing

@testable import NNSTensor

/// Connectionist temporal classification against the sum over all ways to say the labels.
@Suite struct CTCTests {
  let engine = Engine()

  /// -log Σ over all sequences of classes that say the labels, repeats merged and then blanks left out.
  func byEnumeration(_ logs: [[Double]], _ labels: [Int], blank: Int) -> Double {
    var total = 0.0
    func go(_ t: Int, _ path: [Int], _ log: Double) {
      if t == logs.count {
        var said: [Int] = []
        for (i, c) in path.enumerated() where c != blank && (i == 0 || path[i - 1] != c) { said.append(c) }
        if said == labels { total += exp(log) }
        return
      }
      for c in logs[t].indices { go(t + 1, path + [c], log + logs[t][c]) }
    }
    go(0, [], 0)
    return -log(total)
  }

  @Test(arguments: [([1, 2], 0), ([1, 1], 0), ([2], 0), ([], 0), ([0, 1], 2), ([1, 2, 1], 0)])
  func sumsOverAllPaths(_ labels: [Int], _ blank: Int) throws {
    var drawing = Drawing(engine, seed: 5)
    for steps in 1...5 {
      let logs = try drawing.floats([steps, 3], .elementwise(-3...0))
      let rows = stride(from: 0, to: steps * 3, by: 3).map { Array(logs.doubles()[$0..<$0 + 3]) }
      let expected = byEnumeration(rows, labels, blank: blank)
      let targets = try engine.tensor(labels, [labels.count])
      for dtype in [DType.f64, .f32] {
        let found = try engine.apply(
          Ops.ctcLoss, [engine.cast(logs, to: dtype), targets, .absent, .absent], [.string("none"), .int(blank)])
        let loss = try found.first.item().double
        #expect(loss == expected || abs(loss - expected) < (dtype == .f64 ? 1e-12 : 1e-5))
      }
    }
  }

  /// Long and improbable sequences keep their digits, in f32 too.
  @Test func longSequencesKeepTheirDigits() throws {
    var drawing = Drawing(engine, seed: 9)
    let logs = try engine.apply(Ops.logSoftmax, drawing.floats([1, 2000, 5], .elementwise(-20...20)))
    let targets = try drawing.tensor(.labels([1, 300], classes: 5), .none)
    func gradient(_ dtype: DType) throws -> (Double, Tensor) {
      let level = try engine.beginDifferentiation()
      defer { engine.endDifferentiation(level) }
      let leaf = try engine.leaf(engine.cast(logs, to: dtype), level)
      let loss = try engine.apply(Ops.ctcLoss, [leaf, targets, .absent, .absent], [.string("sum")]).first
      return (try loss.item().double, try engine.gradients(of: loss, at: [leaf], level)[0])
    }
    let (exact, slopes) = try gradient(.f64)
    let (single, rough) = try gradient(.f32)
    #expect(abs(single - exact) < 1.3e-6 * abs(exact))
    let worst = zip(rough.doubles(), slopes.doubles()).map { abs($0 - $1) }.max() ?? 0
    #expect(worst < 1e-5)
    // Each step says exactly one class.
    let sums = try engine.apply(Ops.sum, [slopes], [.int(-1)]).first.doubles()
    #expect(sums.allSatisfy { abs($0 + 1) < 1e-9 })
  }

  /// Labels that do not fit into the time.
  @Test func infiniteLosses() throws {
    let logs = try engine.zeros(TensorType(.f64, Shape([2, 2, 3])))
    let targets = try engine.tensor([1, 1, 1, 2], [2, 2])
    for (zeroing, expected) in [(false, [Double.infinity, 0]), (true, [0, 0])] {
      let level = try engine.beginDifferentiation()
      defer { engine.endDifferentiation(level) }
      let leaf = try engine.leaf(logs, level)
      let loss = try engine.apply(
        Ops.ctcLoss, [leaf, targets, .absent, .absent], [.string("none"), .int(0), .bool(zeroing)]
      ).first
      #expect(loss.doubles() == expected)
      let total = try engine.apply(Ops.sum, loss)
      let slopes = try engine.gradients(of: total, at: [leaf], level)[0].doubles()
      #expect(slopes[..<6].allSatisfy { zeroing ? $0 == 0 : $0.isNaN })
      #expect(Array(slopes[6...]) == [0, -1, 0, 0, 0, -1])
    }
  }

  @Test func budgetsHold() throws {
    let logs = try engine.zeros(TensorType(.f32, Shape([4, 100, 10])))
    let targets = try engine.full(TensorType(.i64, Shape([4, 20])), .int(1))
    let inputs: TensorList = [logs, targets, .absent, .absent]
    engine.budget.cancel()
    #expect(throws: Interrupted.self) { try engine.apply(Ops.ctcLoss, inputs) }
    engine.budget.resume()
    engine.budget.stepsLeft = 1000
    #expect(throws: TensorError.self) { try engine.apply(Ops.ctcLoss, inputs) }
  }
}
