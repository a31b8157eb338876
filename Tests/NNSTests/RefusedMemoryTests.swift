import Foundation
import Testing

@testable import NNS
@testable import NNSTensor

/// Every built-in with its first allocation refused, then its second, and so on until there are no more: each time an error, after
/// which the same interpreter works.
@Suite struct RefusedMemoryTests {
  /// What has no example of its own: files, and what acts on the world outside.
  private static let others = [
    ("files", "write_npy(\"a.npy\", randn(4, 5))\nread_npy(\"a.npy\").sum()"),
    (
      "archives",
      "write_npz(\"a.npz\", {a: randn(4, 5), b: arange(3)}, compressed: true)\nread_npz(\"a.npz\").a.T.sum()"
    ),
    ("weights", "write_safetensors(\"a.safetensors\", {a: randn(4, 5)})\nread_safetensors(\"a.safetensors\").a.sum()"),
    ("pictures", "write_image(\"a.png\", rand(3, 4, 5))\nread_image(\"a.png\", channels: 1).mean()"),
    ("photographs", "write_image(\"a.jpg\", rand(3, 8, 8))\nread_image(\"a.jpg\").mean()"),
    ("sound", "write_wav(\"a.wav\", rand(2, 50), 8000)\nread_wav(\"a.wav\")[0].mean()"),
    ("tables", "write_csv(\"a.csv\", {a: arange(5), b: randn(5)})\nread_csv(\"a.csv\").b.sum()"),
    ("a dataset", "import datasets\ndatasets.digits()[0][0].mean()"),
    (
      "models",
      "let net = Sequential(Linear(3, 4), relu, Linear(4, 2))\nsave(net, \"a\")\nload(net, \"a\")\nnet(ones(2, 3)).sum()"
    ),
    ("dropout", "let d = Dropout(0.5)\ngrad(fn(x) = sum(d(x) * x))(ones(20))"),
    (
      "training",
      "let net = Linear(3, 2)\nlet opt = Adam(net, clip_norm: 1.0)\nfor i in 0..2 { opt.step { net(ones(4, 3)).sum() } }"
    ),
    ("fitting", "let net = Linear(3, 2)\nfit(net, (randn(8, 3), randint(0, 2, 8)), epochs: 1, batch_size: 4)"),
    ("second gradients", "grad(fn(x) = sum(grad(fn(y) = sum(tanh(y) ** 3))(x) * x))(randn(3))"),
    ("slices", "var x = randn(4, 5)\nx[1:3, ::2] = x[0, :3]\nx[x > 0] = 1.0\nx += x.T.T\nx[[0, 2]].sum()"),
    ("a convolution", "grad(fn(w) = conv2d(randn(2, 3, 6, 6), w, padding: 1).sum())(randn(4, 3, 3, 3))"),
    ("attention", "let a = MultiHeadAttention(8, 2, causal: true)\ngrad(fn(x) = a(x).sum())(randn(2, 5, 8))"),
    ("layers with memory", "let l = LSTM(3, 4)\nl(randn(2, 5, 3))[0].sum()"),
  ].map { Example(name: $0.0, source: $0.1) }

  struct Example: CustomTestStringConvertible, Sendable {
    let name: String
    let source: String
    var testDescription: String { "\(name): \(source)" }
  }

  private static let examples =
    Builtins.rows.flatMap { row in row.examples.map { Example(name: row.name, source: $0.source) } }
    + Ops.all.filter { !$0.isHidden }.flatMap { op in op.examples.map { Example(name: op.name, source: $0.source) } }
    + others

  /// The most allocations of one script that are refused one by one; of longer ones some.
  private static let each = 100

  @Test(arguments: examples) func eachIsAnErrorOfItsOwn(_ example: Example) throws {
    var host = Host.sandboxed
    host.files = OverlaidFiles(folder: Repository.root)
    let interpreter = Interpreter(host: host)
    let budget = interpreter.context.engine.budget
    // What it reads when it is first used may be left half read, so that all of it is read here.
    guard (try? interpreter.run(example.source, named: "example.nns")) != nil else {
      Issue.record("it fails by itself")
      return
    }
    var number = 1
    while true {
      budget.refuseAllocation(number)
      let error: NNSError?
      do {
        _ = try interpreter.run(example.source, named: "example.nns")
        error = nil
      } catch let mistake {
        error = mistake
      }
      let isRefused = budget.hasRefused
      budget.refuseAllocation(nil)
      let canary = try interpreter.run("([1.0, 2.0] @ [3.0, 4.0]).item() + len((1, 2))", named: "canary.nns")
      #expect(try canary.as(Double.self) == 13, "allocation \(number)")
      guard isRefused else {
        #expect(error == nil)
        return
      }
      // A script that expects an error takes this one for it.
      let isExpected = error == nil && example.source.contains("assert_raises")
      #expect(isExpected || error?.kind == .limit, "allocation \(number): \(error?.message ?? "no error")")
      number += number < Self.each ? 1 : number / 3
    }
  }
}
