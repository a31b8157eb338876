import Foundation
import NNS
import Testing

/// The Swift code of `docs/embedding.md`, each block in a function of its own.
@Suite struct EmbeddingPage {
  /// The page has no other code than what stands below.
  @Test func isThePages() throws {
    func trimmed(_ text: some StringProtocol) -> String {
      text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
    }
    let code = trimmed(try String(contentsOfFile: #filePath, encoding: .utf8))
    let page = try Repository.text("docs/embedding.md")
    let blocks = page.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
    #expect(blocks.count > 8)
    for block in blocks { #expect(code.contains(trimmed(block)), "\(block)") }
  }

  @Test func firstScript() throws {
    let source = """
      model Net() {
        let hidden = Linear(4, 8)
        let output = Linear(8, 2)
        fn forward(x: [B, 4]) -> [B, 2] { x |> hidden |> relu |> output |> scale(0.5) }
      }
      let net = Net()
      """

    let interpreter = Interpreter(limits: .init(steps: 10_000_000, memory: 512 << 20), host: .sandboxed)
    interpreter.define("scale(x, k)", doc: "x times k") { (x: Tensor, k: Double) in x * k }
    try interpreter.run(source, named: "model.nns")
    let net = try interpreter.global("net")
    let y = try net.call(Tensor([[1, 2, 3, 4]]))
    let numbers: [Float] = try y.array()
    #expect(numbers.count == 2)
  }

  @Test func values() throws {
    let interpreter = Interpreter()
    let record = try interpreter.run("{name: \"iris\", sizes: (3, 4), rate: nil}", named: "values.nns")
    let name = try record.member("name").as(String.self)
    let sizes: [Int] = try record.member("sizes").as()
    let rate: Double? = try record.member("rate").as()
    do {
      _ = try record.member("name").as(Int.self)
    } catch {
      print(error.message)  // expected an int, found string "iris"
    }
    #expect(name == "iris" && sizes == [3, 4] && rate == nil)
  }

  @Test func typesOfYours() throws {
    struct Point: ScriptConvertible {
      var x, y: Double

      static let scriptTypeName = "point"

      static func from(_ value: ScriptValue) throws -> Point {
        Point(x: try value.member("x").as(), y: try value.member("y").as())
      }

      func scriptValue(in interpreter: Interpreter) throws -> ScriptValue {
        try interpreter.record(["x": x, "y": y])
      }
    }

    let interpreter = Interpreter()
    interpreter.define("mirrored(p)") { (p: Point) in Point(x: p.y, y: p.x) }
    let point: Point = try interpreter.run("mirrored({x: 1, y: 2})", named: "point.nns").as()
    #expect(point.x == 2 && point.y == 1)
  }

  @Test func tensors() throws {
    let picture = try Tensor(shape: [28, 28], of: Float.self) { pixels in
      for index in pixels.indices { pixels[index] = Float(index % 28) / 27 }
    }
    let brightest = try picture.withElements(of: Float.self) { $0.max() ?? 0 }
    let flat: [Float] = try picture.elements()
    #expect(brightest == 1 && flat.count == 784)
  }

  @Test func functions() throws {
    let interpreter = Interpreter()
    interpreter.define("clip(x, low, high)", doc: "x between two bounds") { (x: Double, low: Double, high: Double?) in
      min(max(x, low), high ?? .infinity)
    }
    // A function of the script, called back.
    interpreter.define("repeated(f, times)") { (f: ScriptFunction, times: Int) in
      for index in 0..<times { try f(index) }
    }
    // A module, for scripts that say `import camera`.
    try interpreter.define("width", in: "camera", 640)
    interpreter.define("shoot(exposure)", in: "camera", doc: "a picture, f32[28, 28]") { (exposure: Float) in
      try Tensor([Float](repeating: exposure, count: 28 * 28), shape: [28, 28])
    }
    let sum = try interpreter.run(
      """
      import camera
      var sum = 0.0
      repeated(fn(i) { sum += clip(i, 1) }, 4)
      sum + camera.shoot(0.5).mean()
      """, named: "functions.nns")
    #expect(try sum.as(Double.self) == 7.5)
  }

  @Test func objects() throws {
    final class Counter: HostObject {
      private(set) var count = 0

      static let scriptTypeName = "counter"
      static let members: [HostMember<Counter>] = [
        .property("count", doc: "how often it was counted") { $0.count },
        .method("add(n)", doc: "counts n more") { (counter, n: Int) in counter.count += n },
      ]
    }

    let counter = Counter()
    let interpreter = Interpreter()
    try interpreter.define("counter", counter)
    try interpreter.run("for i in 0..4 { counter.add(i) }", named: "counter.nns")
    #expect(counter.count == 6)
  }

  @Test func files() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "nns-page-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: root) }
    let (data, results) = (root + "/data", root + "/results")
    for folder in [data, results] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    try "x,y\n1,2\n3,4\n".write(toFile: data + "/points.csv", atomically: false, encoding: .utf8)

    var host = Host.sandboxed
    host.output = { print($0, terminator: "") }
    host.seed = 42
    host.files = try Folders(.reading(data, as: "data"), .writing(results, as: "results"))
    host.modules = { name in name == "house_style" ? "let rate = 1e-3" : nil }
    let interpreter = Interpreter(host: host)
    try interpreter.run(
      """
      import house_style
      let table = read_csv("data/points.csv")
      write_text("results/rate.txt", "{house_style.rate} for {len(table.x)} points")
      """, named: "report.nns")
    #expect(try String(contentsOfFile: results + "/rate.txt", encoding: .utf8) == "0.001 for 2 points")
  }

  @Test func limits() throws {
    let limits = Limits(steps: 1_000_000, memory: 64 << 20, depth: 1000, sourceSize: 1 << 16, time: .seconds(2))
    let interpreter = Interpreter(limits: limits)
    do {
      try interpreter.run("let x = zeros(100_000, 100_000)", named: "huge.nns")
    } catch {
      print(error.kind, error.message)
    }
    let two = try interpreter.run("1 + 1", named: "small.nns").as(Int.self)
    #expect(two == 2)
  }

  @Test func cancelling() async throws {
    let interpreter = Interpreter()
    let watch = Task.detached {
      try await Task.sleep(for: .milliseconds(20))
      interpreter.cancel()
    }
    do {
      try interpreter.run("while true {}", named: "endless.nns")
    } catch {
      print(error.isInterrupt)
    }
    try await watch.value
  }

  @Test func errors() throws {
    let interpreter = Interpreter()
    do {
      try interpreter.run("fn f(a, b) = a @ b\nf(ones(2, 3), ones(4, 5))", named: "shapes.nns")
    } catch {
      let place = error.place.map { "\($0.file):\($0.line)" } ?? ""
      print(error.kind, error.message, place)
      for note in error.notes { print(note.label, note.text) }
      print(error.rendered)
    }
  }
}
