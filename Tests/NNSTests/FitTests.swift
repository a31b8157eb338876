import Synchronization
import Testing

/// What `fit` says of a training that will not go well, once each, and of one that will not at all.
@Suite struct FitTests {
  private func progress(of source: String) throws -> [String] {
    let lines = Lines()
    let run = RunningScript(
      "seed(1)\n" + source, named: "fit.nns", folder: Repository.root, progress: { lines.add($0) })
    try #require(run.error == nil, "\(run.error?.diagnostics.first?.message ?? "")")
    return lines.all
  }

  private static let data = "let x = randn(64, 4)\nlet y = argmax(x[:, :3], axis: 1)\n"

  @Test func aGoodTrainingGivesALineForEachEpoch() throws {
    let lines = try progress(
      of: Self.data + "fit(Linear(4, 3), (x, y), epochs: 2, validation: (x, y), metrics: (accuracy,))")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("epoch 1/2  loss ") && lines[1].hasPrefix("epoch 2/2  loss "))
    for name in ["  accuracy ", "  validation_loss ", "  validation_accuracy "] { #expect(lines[1].contains(name)) }
    #expect(try progress(of: Self.data + "fit(Linear(4, 3), (x, y), epochs: 2, progress: false)").isEmpty)
  }

  @Test func manyEpochsLeaveFewLines() throws {
    let lines = try progress(of: "let x = randn(8, 2)\nfit(Linear(2, 1), (x, x[:, :1]), loss: mse_loss, epochs: 501)")
    #expect((40...60).contains(lines.count))
    #expect(lines.first?.hasPrefix("epoch   1/501  ") == true && lines.last?.hasPrefix("epoch 501/501  ") == true)
  }

  @Test func aTrainingThatGoesOnSaysWhere() throws {
    let fit = "fit(Linear(4, 3), (x, y), checkpoint: \"run.ckpt\", resume: true, epochs:"
    let lines = try progress(of: Self.data + "\(fit) 1)\n\(fit) 2)")
    #expect(lines.count == 3 && lines[1] == "run.ckpt goes on after epoch 1\n")
  }

  @Test(arguments: [
    (
      "fit(Sequential(Linear(4, 3), softmax), (x, y), epochs: 3)",
      "warning: fit: the outputs are probabilities already, but cross_entropy takes logits"
    ),
    (
      "fit(Sequential(Linear(4, 1), sigmoid), (x, (y[:, nil] > 0).to(\"f32\")), loss: bce_with_logits, epochs: 3)",
      "warning: fit: the outputs all lie between 0 and 1, but bce_with_logits takes logits"
    ),
    (
      "model Cut() {\n  let used = Linear(4, 3)\n  let lost = Linear(4, 3)\n  fn forward(x) = used(x) + stop_gradient(lost(x))\n}\nfit(Cut(), (x, y), epochs: 3)",
      "warning: fit: no gradient has reached lost.bias, lost.weight\n"
    ),
    (
      "fit(Linear(4, 3), (x * 100, y), epochs: 3)", "; guessing among 3 classes gives 1.10\n   = help: "
    ),
    ("fit(Linear(4, 1), (x, y * 0), epochs: 3)", "warning: fit: there is one class, so that cross_entropy is always 0"),
  ])
  func warnings(_ source: String, _ expected: String) throws {
    let lines = try progress(of: Self.data + source).filter { $0.hasPrefix("warning: ") }
    #expect(lines.filter { $0.contains(expected) }.count == 1, "\(lines)")
    for line in lines { #expect(line.contains("\n   = help: ") && line.hasSuffix("\n")) }
  }
}

private final class Lines: Sendable {
  private let content = Mutex<[String]>([])
  var all: [String] { content.withLock { $0 } }
  func add(_ line: String) { content.withLock { $0.append(line) } }
}
