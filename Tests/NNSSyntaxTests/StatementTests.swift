import NNSSyntax
import Testing

@Suite struct StatementTests {
  @Test(arguments: [
    ("let a = 1; var b = 2;; b += 1", "(let a 1); (var b 2); (+= b 1)"),
    ("let (x, (y, _),) = f()", "(let (x (y _)) (call f))"),
    ("(x2, h) = cell(x2, h)", "(= (x2 h) (call cell x2 h))"),
    ("(a.b, (c[0], _)) = t", "(= (a.b ((at c 0) _)) t)"),
    ("_ = f()", "(= _ (call f))"),
    ("x[0, :] = 1", "(= (at x 0 ::) 1)"),
    (
      "a -= 1; a *= 1; a /= 1; a //= 1; a %= 1; a **= 1; a @= b",
      "(-= a 1); (*= a 1); (/= a 1); (//= a 1); (%= a 1); (**= a 1); (@= a b)"
    ),
    ("self.count = 3", "(= self.count 3)"),
    ("for (i, (x, y)) in enumerate(p) { break; continue }", "(for (i (x y)) (call enumerate p) {(break); (continue)})"),
    ("while a > b { f() }", "(while (> a b) {(call f)})"),
    ("raise {kind: \"value\"}", "(raise {kind:\"value\"})"),
    ("fn f() { return }", "(fn f () {(return)})"),
    ("fn f() { return 1 }", "(fn f () {(return 1)})"),
    ("import \"lib/layers.nns\"", "(import \"lib/layers.nns\" layers)"),
    ("import \"a{b}.nns\" as x", "(import \"a{b}.nns\" x)"),
    ("import plot", "(import plot plot)"), ("import plot as p", "(import plot p)"),
    ("test \"a {b}\" { f() }", "(test \"a {b}\" {(call f)})"),
  ])
  func statements(_ source: String, _ expected: String) {
    #expect(tree(source) == expected)
  }

  @Test func softKeywordsAreNamesElsewhere() {
    #expect(
      tree("let (model, param, test) = f(); model = test + param")
        == "(let (model param test) (call f)); (= model (+ test param))")
    #expect(tree("import = as; test(import)") == "(= import as); (call test import)")
    #expect(tree("model(x)") == "(call model x)")
    #expect(tree("x.test(\"{a}\")") == "(call x.test \"{a}\")")
  }

  @Test(arguments: [
    ("fn area(w, h = 1.0) = w * h", "(fn area (w h=1.0) {(* w h)})"),
    ("fn f(...xs) = xs", "(fn f (...xs) {xs})"),
    ("fn f((a, _), b = nil, c) { a }", "(fn f ((a _) b=nil c) {a})"),
    (
      "fn f(q: [B, T, D], k: f32[_, ..., 3]) -> [B, (2 * D)] = q",
      "(fn f (q:[B T D] k:f32[_ ... 3]) -> [B <(* 2 D)>] {q})"
    ),
    ("fn f(x: [(H - 1) // s + 1]) = x", "(fn f (x:[<(+ (// <(- H 1)> s) 1)>]) {x})"),
    (
      "fn f(a: int, b: fn, c: layers.Block, d: _, e: ([B], _), g: []) -> () = a",
      "(fn f (a:int b:fn c:layers.Block d:_ e:([B] _) g:[]) -> () {a})"
    ),
    ("fn f(g: fn = fn(x) = x) = g", "(fn f (g:fn=(fn (x) {x})) {g})"),
  ])
  func functions(_ source: String, _ expected: String) {
    #expect(tree(source) == expected)
  }

  @Test func models() {
    let source = """
      model Linear(inputs, outputs, biased = true) {
        param weight = w(outputs, inputs)
        param (a, b) = split(weight)
        var count = 0; let inner = {k: 1}
        assert(inputs > 0)
        fn forward(x: [..., inputs]) -> [..., outputs] = linear(x, weight)
      }
      """
    #expect(
      tree(source)
        == "(model Linear (inputs outputs biased=true) (param weight (call w outputs inputs)) "
        + "(param (a b) (call split weight)) (var count 0) (let inner {k:1}) (call assert (> inputs 0)) "
        + "(fn forward (x:[... inputs]) -> [... outputs] {(call linear x weight)}))")
  }

  @Test func documentation() throws {
    let source = """
      #!/usr/bin/env nns
      ## The file.
      ## More.

      ## Not above anything.

      ## One.
      ##Two.
      fn f() = 1
      # plain
      model M() {
        ## A field.
        param p = 1
        #### no documentation
        let q = 1
        ## A method.
        fn forward(x) = x
      }
      """
    let program = parse(SourceFile(name: "test", text: source), index: 0).program
    #expect(program.doc == "The file.\nMore.")
    guard case .function(let function)? = program.statements.first?.kind,
      case .model(let model) = program.statements[1].kind
    else { throw Unexpected() }
    #expect(function.doc == "One.\nTwo.")
    #expect(model.doc == nil)
    let docs = model.members.map { member -> String? in
      switch member {
      case .field(let field): field.doc
      case .method(let function): function.doc
      case .statement: nil
      }
    }
    #expect(docs == ["A field.", nil, "A method."])
  }

  @Test func aDocumentedFirstDeclarationIsNotTheFile() {
    #expect(parse(SourceFile(name: "test", text: "## f\nfn f() = 1"), index: 0).program.doc == nil)
    #expect(parse(SourceFile(name: "test", text: "## f\nlet a = 1"), index: 0).program.doc == "f")
  }

  @Test func identifiersCountOn() {
    let result = parse(SourceFile(name: "test", text: "let f = fn(x) = x"), index: 3, firstID: 40)
    #expect(result.program.idCount == 44)
    #expect(result.program.statements.first?.span == Span(file: 3, start: 0, end: 17))
  }
}

struct Unexpected: Error {}
