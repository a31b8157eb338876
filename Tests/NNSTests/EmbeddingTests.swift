import NNS
import Synchronization
import Testing

/// What a program sees that embeds an interpreter.
@Suite struct EmbeddingTests {
  private let interpreter = Interpreter()

  @discardableResult
  private func run(_ source: String) throws -> ScriptValue { try interpreter.run(source, named: "embedded.nns") }

  private func error<T>(_ body: () throws -> T) -> NNSError? {
    do {
      _ = try body()
      return nil
    } catch {
      return error as? NNSError
    }
  }

  // MARK: Values

  @Test func valuesGoBothWays() throws {
    interpreter.define("same") { (value: ScriptValue) in value }
    let same = try interpreter.global("same")
    #expect(try same.call(true).as(Bool.self))
    #expect(try same.call(-7).as(Int.self) == -7)
    #expect(try same.call(0.1).as(Double.self) == 0.1)
    #expect(try same.call(Float(0.5)).as(Float.self) == 0.5)
    #expect(try same.call("κόσμε \u{0} 🙂").as(String.self) == "κόσμε \u{0} 🙂")
    #expect(try same.call([1, 2, 3]).as([Int].self) == [1, 2, 3])
    #expect(try same.call([["a"], []]).as([[String]].self) == [["a"], []])
    #expect(try same.call(["b": 1.5, "a": 2]).as([String: Double].self) == ["a": 2, "b": 1.5])
    #expect(try same.call(Int?.none).as(Int?.self) == nil)
    #expect(try same.call(Int?.some(3)).as(Int?.self) == 3)
    #expect(try same.call(Tensor([[1, 2], [3, 4]])).array() as [Float] == [1, 2, 3, 4])
    #expect(try same.call(["b": 1, "a": 2]).description == "{a: 2, b: 1}")
  }

  @Test func scriptsValuesAreChecked() throws {
    #expect(try run("1").as(Double.self) == 1)
    #expect(try run("0..4").as([Int].self) == [0, 1, 2, 3])
    #expect(try run("[[1, 2], [3, 4]]").as([[Int]].self) == [[1, 2], [3, 4]])
    #expect(try run("[1.5, 2]").as([Double].self) == [1.5, 2])
    #expect(try run("(1, 2.5)").array() as [Float] == [1, 2.5])
    #expect(try run("[1, 2]").array() as [UInt8] == [1, 2])
    #expect(error { _ = try run("1.5").as(Int.self) }?.message == "expected an int, found float 1.5")
    #expect(error { _ = try run("nil").as(String.self) }?.message == "expected a string, found nil")
    #expect(
      error { _ = try run("(1, (2, \"x\"))").as([[Double]].self) }?.message
        == "expected a list of lists of floats, found int 1 (item 0)")
    #expect(
      error { _ = try run("\\{a: (1, nil)}".replacing("\\", with: "")).as([String: [Int]].self) }?.message
        == "expected a record of lists of ints, found nil (\"a\", item 1)")
    #expect(error { _ = try run("[1.5]").array() as [Int] }?.kind == .dtype)
    #expect(error { _ = try run("300").as([Int].self) }?.kind == .type)
  }

  struct Point: ScriptConvertible, Equatable {
    var x, y: Double

    static let scriptTypeName = "point"

    static func from(_ value: ScriptValue) throws -> Point {
      Point(x: try value.member("x").as(), y: try value.member("y").as())
    }

    func scriptValue(in interpreter: Interpreter) throws -> ScriptValue {
      try interpreter.record(["x": x, "y": y])
    }
  }

  @Test func typesOfOnesOwn() throws {
    interpreter.define("mirrored(p)") { (p: Point) in Point(x: p.y, y: p.x) }
    #expect(try run("mirrored({x: 1, y: 2})").as(Point.self) == Point(x: 2, y: 1))
    #expect(error { _ = try run("mirrored({x: 1})") }?.message == "the record has no field \"y\"")
  }

  @Test func tensorsShareMemory() throws {
    let tensor = try Tensor(shape: [2, 3], of: Float.self) { memory in
      for index in memory.indices { memory[index] = Float(index) }
    }
    interpreter.define("there") { tensor }
    let back = try run("there()").as(Tensor.self)
    let address = try tensor.withElements(of: Float.self) { $0.baseAddress }
    #expect(try back.withElements(of: Float.self) { $0.baseAddress } == address)
    // What a script changes is its own.
    #expect(try run("var x = there()\nx[0, 0] = 9\nx.sum()").as(Double.self) == 24)
    #expect(try tensor.elements() == [0, 1, 2, 3, 4, 5] as [Float])
    #expect(try run("there().T").as(Tensor.self).elements() == [0, 3, 1, 4, 2, 5] as [Float])
    #expect(throws: TensorError.self) { try Tensor([[1], [1, 2]]) }
    #expect(throws: TensorError.self) { try Tensor([1, 2, 3], shape: [2]) }
    #expect(throws: TensorError.self) { try Tensor(shape: [-1], of: Int.self) { _ in } }
    #expect(try Tensor([7, 8], shape: [2]).dtype == .i64)
  }

  // MARK: Host functions

  @Test func theExampleOfTheFirstPage() throws {
    interpreter.define("scale(x, k)", doc: "x times k") { (x: Tensor, k: Double) in x * k }
    try run("model Net() {\n  param w = ones(4, 2)\n  fn forward(x) = scale(x, 0.5) @ w\n}\nlet net = Net()")
    let net = try interpreter.global("net")
    let y = try net.call(Tensor([[1, 2, 3, 4]]))
    let numbers: [Float] = try y.array()
    #expect(numbers == [5, 5])
  }

  @Test func wrongArgumentsAreNamed() throws {
    interpreter.define("scale(x, k)") { (x: Tensor, k: Double) in x * k }
    interpreter.define("join") { (words: [String], separator: String?) in
      words.joined(separator: separator ?? "-")
    }
    let failure = error { try run("let k = \"two\"\nscale([1.0], k)") }
    #expect(failure?.message == "scale: argument \"k\" must be a float, found string \"two\"")
    #expect(failure?.place?.line == 2 && failure?.place?.column == 14)
    #expect(
      error { try run("join((\"a\", 2))") }?.message
        == "join: argument 1 must be a list of strings, found int 2 (item 1)")
    #expect(try run("join((\"a\", \"b\"))").as(String.self) == "a-b")
    #expect(try run("join((\"a\", \"b\"), \"+\")").as(String.self) == "a+b")
    #expect(try run("scale(k: 2, x: [1.0])").array() as [Float] == [2])
    #expect(error { try run("scale([1.0])") }?.message == "scale needs argument \"k\": 1 given")
    #expect(error { try run("scale([1.0], 2, 3)") }?.kind == .type)
    #expect(error { try run("scale([1.0], 2, q: 3)") }?.kind == .name)
    #expect(error { try run("join(words: ())") }?.kind == .name)
  }

  @Test func expressionsHaveGradients() throws {
    interpreter.define("energy(x)") { (x: Tensor) in (x * x - 2.0 * x + 1.0) / 2.0 }
    #expect(try run("grad(fn(x) = energy(x).sum())([1.0, 4.0])").array() as [Float] == [0, 3])
    interpreter.define("soft(x)") { (x: Tensor) in x.applying("softmax", -1) }
    #expect(try run("soft([0.0, 0.0])").array() as [Float] == [0.5, 0.5])
    let a = try Tensor([[1, 2]])
    #expect(try interpreter.evaluate(a.matmul(Tensor([[3], [4]]))).elements() == [11] as [Float])
    #expect(error { _ = try interpreter.evaluate(a.matmul(a)) }?.kind == .shape)
  }

  @Test func helpSignatureAndCompletionShowThem() throws {
    interpreter.define("scale(x, k)", doc: "x times k") { (x: Tensor, k: Double) in x * k }
    #expect(interpreter.help("scale") == "scale(x, k)\n\nx times k")
    #expect(interpreter.completion(of: "sca").candidates.contains("scale"))
    #expect(interpreter.completion(of: "scale(").signature == "scale(x, k)\nx times k")
    #expect(interpreter.completion(of: "scale(").candidates.contains("k:"))
    #expect(interpreter.search("times k").map(\.name) == ["scale"])
    #expect(error { try run("scal(1)") }?.help?.contains("scale") == true)
  }

  @Test func errorsOfSwiftCanBeCaught() throws {
    struct Broken: Error, CustomStringConvertible { let description = "the camera is off" }
    interpreter.define("shoot") { () -> Int in throw Broken() }
    #expect(try run("try { shoot() } catch err { err.message }").as(String.self) == "shoot: the camera is off")
    let failure = error { try run("fn snap() = shoot()\nsnap()") }
    #expect(failure?.kind == .raise && failure?.place?.line == 1 && failure?.trace.count == 1)
  }

  @Test func callbacks() throws {
    interpreter.define("twice(f, x)") { (f: ScriptFunction, x: ScriptValue) in try f(try f(x)) }
    #expect(try run("twice(fn(x) = x * 3, 2)").as(Int.self) == 18)
    // An error of the script goes through Swift as it is.
    let failure = error { try run("fn bad(x) = x / nil\ntwice(bad, 2)") }
    #expect(failure?.kind == .type && failure?.place?.line == 1)
    #expect(try run("try { twice(fn(x) { raise \"no\" }, 1) } catch err { err.kind }").as(String.self) == "raise")
    #expect(error { try run("twice(3, 2)") }?.message == "twice: argument \"f\" must be a function, found int 3")
  }

  @Test func exitGoesThroughCallbacks() throws {
    interpreter.define("do(f)") { (f: ScriptFunction) in _ = try f() }
    #expect(error { try run("try { do(fn() { exit(3) }) } catch err { 1 }") }?.exitCode == 3)
  }

  // MARK: Objects and modules

  final class Counter: HostObject {
    private(set) var count = 0

    static let scriptTypeName = "counter"
    static let members: [HostMember<Counter>] = [
      .property("count", doc: "how often it was counted") { $0.count },
      .method("add(n)", doc: "counts n more") { (counter, n: Int) in counter.count += n },
      .method("plus") { (counter: Counter, n: Int) in counter.count + n },
    ]
  }

  @Test func objectsHaveMembers() throws {
    let counter = Counter()
    try interpreter.define("counter", counter)
    interpreter.define("reset") { (counter: Counter) in counter.count }
    #expect(try run("counter.add(3)\ncounter.add(n: 4)\ncounter.count").as(Int.self) == 7)
    #expect(counter.count == 7)
    #expect(try run("counter.plus(1)").as(Int.self) == 8)
    #expect(try run("type(counter)").as(String.self) == "counter")
    #expect(try run("let c = counter\nc == counter").as(Bool.self))
    #expect(try run("counter").as(Counter.self) === counter)
    #expect(interpreter.completion(of: "counter.").candidates.contains("add"))
    #expect(error { try run("counter.cont") }?.help?.contains("count") == true)
    #expect(error { try run("reset(3)") }?.message == "reset: argument 1 must be a counter, found int 3")
    #expect(
      error { try run("counter.add(\"x\")") }?.message == "add: argument \"n\" must be an int, found string \"x\"")
  }

  @Test func modules() throws {
    try interpreter.define("width", in: "camera", 640)
    interpreter.define("shoot(exposure)", in: "camera", doc: "a picture") { (exposure: Double) in exposure * 2 }
    #expect(try run("import camera\ncamera.shoot(0.5) + camera.width").as(Double.self) == 641)
    #expect(error { try run("import camra") }?.help?.contains("camera") == true)
    #expect(error { try run("camera.width") }?.kind == .name)
  }

  @Test func aLoaderGivesTexts() throws {
    let asked = Mutex<[String]>([])
    var host = Host.sandboxed
    host.modules = { name in
      asked.withLock { $0.append(name) }
      return [
        "tools": "let two = 2", "lib/more.nns": "import \"other.nns\"\nlet three = other.one + 2",
        "lib/other.nns": "let one = 1",
      ][name]
    }
    let interpreter = Interpreter(host: host)
    let source = "import tools\nimport \"lib/more.nns\"\ntools.two + more.three"
    #expect(try interpreter.run(source, named: "main.nns").as(Int.self) == 5)
    #expect(asked.withLock { $0 } == ["tools", "lib/more.nns", "lib/other.nns"])
    #expect(throws: NNSError.self) { try interpreter.run("import \"lib/none.nns\"", named: "main.nns") }
  }

  // MARK: Host and errors

  @Test func nothingIsAllowed() throws {
    for source in [
      "read_text(\"/etc/passwd\")", "write_text(\"x\", \"y\")", "exists(\".\")", "list_files()", "import \"x.nns\"",
      "read_image(\"x.png\")", "read_npy(\"x\")", "read_safetensors(\"x\")", "load(Linear(1, 1), \"x\")",
      "save(Linear(1, 1), \"x\")", "load_tokenizer(\"x\")", "read_wav(\"x\")", "read_idx(\"x\")", "read_json(\"x\")",
      "read_csv(\"x\")", "read_npz(\"x\")", "write_image(\"x.png\", zeros(2, 2))", "write_npy(\"x\", [1])",
    ] {
      let failure = error { try run(source) }
      #expect(failure?.kind == .io && failure?.message.hasSuffix("the host allows no files") == true, "\(source)")
    }
    #expect(try run("clock()").as(Double.self) == 0)
    #expect(try run("input(\"\")").isNil)
    #expect(try run("args").as([String].self) == [])
    let numbers = try Interpreter().run("rand(3)", named: "a.nns").array() as [Float]
    #expect(try Interpreter().run("rand(3)", named: "a.nns").array() == numbers)
  }

  @Test func theHostSeedsAndHearsWarnings() throws {
    let heard = Mutex<[String]>([])
    var host = Host.sandboxed
    host.seed = 7
    host.diagnostics = { diagnostic, _ in heard.withLock { $0.append(diagnostic.message) } }
    let seeded = Interpreter(host: host)
    #expect(
      try seeded.run("rand(3)", named: "a.nns").array() as [Float]
        == interpreter.run("seed(7)\nrand(3)", named: "a.nns").array())
    try seeded.run("fn f() {\n  let unused = 1\n  2\n}", named: "a.nns")
    #expect(heard.withLock { $0 }.count == 1)
  }

  @Test func errorsAreValues() throws {
    let failure = error { try run("fn f(a, b) = a @ b\nf(ones(2, 3), ones(4, 5))") }
    #expect(failure?.kind == .shape)
    #expect(failure?.message == "matmul: inner sizes 3 and 4 differ" || failure?.message.contains("3") == true)
    #expect(failure?.place?.file == "embedded.nns" && failure?.place?.line == 1)
    #expect(failure?.notes.isEmpty == false && failure?.trace.isEmpty == false)
    #expect(failure?.rendered.hasPrefix("error: ") == true)
    #expect(failure?.rendered.contains("embedded.nns:1:") == true)
    #expect(error { _ = try interpreter.global("nothing") }?.kind == .name)
    #expect(try interpreter.global("relu").typeName == "function")
    #expect(try run("1 + 1").as(Int.self) == 2)
  }

  @Test func valuesStayInTheirInterpreter() throws {
    let other = Interpreter()
    let function = try other.run("fn(x) = x", named: "other.nns")
    interpreter.define("call(f)") { (f: ScriptFunction) in try f(1) }
    #expect(error { try interpreter.global("call").call(function) }?.kind == .value)
    let tensor = try other.run("ones(2)", named: "other.nns").as(Tensor.self)
    #expect(try interpreter.evaluate(tensor + 1.0).elements() == [2, 2] as [Float])
  }

  // MARK: Texts one after the other

  /// Each text holds most of the memory there may be, until the next one begins.
  @Test func whatATextHasDefinedGoesWithTheNextText() throws {
    let interpreter = Interpreter(limits: Limits(memory: 8 << 20))
    for _ in 0..<20 {
      let sum = try interpreter.run(
        "var x = ones(1_000_000)\nfn f() = x.sum()\nlet fs = (f, fn() = f())\nfs[1]().item()", named: "large.nns")
      #expect(try sum.as(Double.self) == 1_000_000)
    }
    // Where a text fails, too.
    for _ in 0..<20 {
      #expect(throws: NNSError.self) {
        try interpreter.run("let x = ones(1_000_000)\nx[1_000_000]", named: "large.nns")
      }
    }
    #expect(try interpreter.run("1 + 1", named: "small.nns").as(Int.self) == 2)
    #expect(interpreter.memory.inUse == 0)
  }

  @Test func whatAProgramHasOfATextStays() throws {
    let interpreter = Interpreter()
    try interpreter.run("var n = 0\nfn count() { n += 1\n  n }", named: "first.nns")
    var count: ScriptValue? = try interpreter.global("count")
    for number in 1...3 {
      try interpreter.run("let n = \"another\"", named: "second.nns")
      #expect(try count?.call().as(Int.self) == number)
    }
    count = nil
    // A function that the host has been given for good.
    try interpreter.run("let name = \"text\"\nlet kept = fn() = name", named: "third.nns")
    try interpreter.define("given", interpreter.global("kept"))
    for _ in 0..<3 {
      #expect(try interpreter.run("given()", named: "fourth.nns").as(String.self) == "text")
    }
  }

  /// A module outlives the texts that use it, and what they leave in it does too.
  @Test func whatATextLeavesInAModuleStays() throws {
    var host = Host.sandboxed
    host.modules = { $0 == "registry" ? "var all = ()\nfn add(f) { all.push(f) }\nfn first() = all[0]()" : nil }
    let interpreter = Interpreter(host: host)
    try interpreter.run("import registry\nlet name = \"text\"\nregistry.add(fn() = name)", named: "first.nns")
    for _ in 0..<3 {
      #expect(try interpreter.run("import registry\nregistry.first()", named: "second.nns").as(String.self) == "text")
    }
  }
}
