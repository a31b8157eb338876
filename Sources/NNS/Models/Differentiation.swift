import NNSSyntax
import NNSTensor

/// What is differentiated by: tensors and floats in any nest of lists and records, and models.
struct Unknowns {
  /// The argument with its tensors replaced by unknowns.
  private(set) var argument: Value
  private(set) var leaves: [Tensor] = []
  /// Models' parameters, replaced in place until ``restore()``.
  private var refs: [ParameterRef] = []
  private var tree: ParameterTree?
  private let original: Value

  /// Makes the unknowns of one differentiation.
  init(_ value: Value, _ level: Level, what: String, _ c: Context) throws {
    original = value
    argument = value
    if try ParameterTree.holdsModel(value, c) {
      let tree = try ParameterTree(value, c)
      self.tree = tree
      guard !tree.parameters.isEmpty else { throw Mistakes.noParameters(what) }
      var made: [Tensor] = []
      for ref in tree.parameters { made.append(try c.engine.leaf(ref.tensor, level)) }
      for (ref, leaf) in zip(tree.parameters, made) { ref.set(leaf) }
      leaves = made
      refs = tree.parameters
      for instance in tree.instances { instance.differentiations += 1 }
    } else {
      var leaves: [Tensor] = []
      argument = try Unknowns.replace(value, level, what: what, c, &leaves)
      if leaves.isEmpty { throw Mistakes.nothingToDifferentiate(what, value) }
      self.leaves = leaves
    }
  }

  /// Puts the models' own parameters back.
  func restore() {
    for ref in refs { ref.set(ref.tensor) }
    if let tree {
      for instance in tree.instances { instance.differentiations -= 1 }
    }
  }

  private static func replace(
    _ value: Value, _ level: Level, what: String, _ c: Context, _ leaves: inout [Tensor]
  ) throws -> Value {
    try c.checkDepth("what is differentiated by is")
    switch value {
    case .tensor(let tensor):
      let leaf = try c.engine.leaf(tensor, level)
      leaves.append(leaf)
      return .tensor(leaf)
    case .float(let number):
      let leaf = try c.engine.leaf(.weak(number), level)
      leaves.append(leaf)
      return .tensor(leaf)
    case .int(let number): throw Mistakes.differentiatesInt(what, number)
    case .list(let list): return .list(try list.map { try replace($0, level, what: what, c, &leaves) })
    case .record(let record):
      return .record(
        RecordBox(entries: try record.entries.map { ($0.key, try replace($0.value, level, what: what, c, &leaves)) }))
    default: return value
    }
  }

  /// Gradients in the structure of what was differentiated by.
  func structured(_ gradients: [Tensor], _ c: Context) throws -> Value {
    if let tree { return .object(GradientBox(original, tree.parameters, gradients)) }
    var next = 0
    return try Unknowns.structured(original, gradients, &next, c)
  }

  private static func structured(
    _ value: Value, _ gradients: [Tensor], _ next: inout Int, _ c: Context
  ) throws -> Value {
    try c.checkDepth("what is differentiated by is")
    switch value {
    case .tensor:
      defer { next += 1 }
      return .tensor(gradients[next])
    case .float:
      defer { next += 1 }
      return c.wrap(gradients[next])
    case .list(let list): return .list(try list.map { try structured($0, gradients, &next, c) })
    case .record(let record):
      return .record(
        RecordBox(entries: try record.entries.map { ($0.key, try structured($0.value, gradients, &next, c)) }))
    default: return .nil
    }
  }
}

/// Reverse-mode differentiation of script code.
enum Differentiation {
  /// Runs `body` on the unknowns of `target`, and gives its value and the gradient.
  ///
  /// The value is a rank-0 float, or a list whose first item is that.
  static func valueAndGradient(
    of target: Value, what: String, _ c: Context, _ body: (Value) throws -> Value
  ) throws -> (value: Value, gradients: [Tensor], unknowns: Unknowns) {
    let level = try c.engine.beginDifferentiation()
    c.differentiations += 1
    defer {
      c.engine.endDifferentiation(level)
      c.differentiations -= 1
    }
    let unknowns = try Unknowns(target, level, what: what, c)
    defer { unknowns.restore() }
    let value = try body(unknowns.argument)
    let output = try scalar(value, what, c)
    let gradients = try c.engine.gradients(of: output, at: unknowns.leaves, level)
    return (value, gradients, unknowns)
  }

  /// The number that is differentiated.
  private static func scalar(_ value: Value, _ what: String, _ c: Context) throws -> Tensor {
    var first = value
    if case .list(let list) = value, let item = list.first { first = item }
    guard let tensor = Conversions.tensorOrNumber(first) else { throw Mistakes.differentiatedValue(what, value) }
    if tensor.elementCount != 1 {
      var failure = Mistakes.differentiatedShape(what, tensor.typeDescription)
      failure.notes = c.notes([(name: "value", value: first)])
      throw failure
    }
    // A result that is a plain int, such as a constant 0, depends on nothing.
    if !tensor.dtype.isFloat, tensor.isWeak { return .weak(0.0) }
    return tensor
  }

  /// A value as it leaves the differentiation: numbers that were unknowns are numbers again.
  static func plain(_ value: Value, _ c: Context) throws -> Value {
    try c.checkDepth("the value is")
    return switch value {
    case .tensor(let tensor): c.wrap(tensor)
    case .list(let list): .list(try list.map { try plain($0, c) })
    default: value
    }
  }
}

extension Builtins {
  /// Differentiation.
  static let gradients: [Builtin] = [
    Builtin(
      "grad", [.init("f", .function)],
      "A function that gives the gradient of `f` by its first argument: a tensor, float, list, record or model.",
      examples: [("print(grad(fn(x) = x * x)(3.0))", "6.0")], isMethod: false
    ) { a, _ in
      .callable(
        NativeFunction("grad", captured: [a[0]]) { captured, arguments, c in
          try gradient(captured[0], arguments, "grad", c).gradient
        })
    },
    Builtin(
      "value_and_grad", [.init("f", .function)],
      "A function that gives a list of the value of `f` and its gradient by its first argument.",
      examples: [("print(value_and_grad(fn(x) = x * x)(3.0))", "(9.0, 6.0)")], isMethod: false
    ) { a, _ in
      .callable(
        NativeFunction("value_and_grad", captured: [a[0]]) { captured, arguments, c in
          let result = try gradient(captured[0], arguments, "value_and_grad", c)
          return .list([result.value, result.gradient])
        })
    },
    Builtin(
      "differentiate", [.init("target"), .init("body", .function)],
      "Runs a block and gives a list of its value and the gradient by the parameters of `target`: a model, or a list or record of models.",
      examples: [
        (
          "let net = Linear(1, 1)\nlet (loss, g) = differentiate(net) { mean(net([[1.0]])) }\nprint(g.bias)",
          "[1.0]"
        )
      ], isMethod: false
    ) { a, c in
      guard try ParameterTree.holdsModel(a[0], c) else { throw a.wrong(0, "model, or list or record of models") }
      let body = a[1]
      let result = try Differentiation.valueAndGradient(of: a[0], what: "differentiate", c) { _ in
        try c.call(body, [])
      }
      return .list([
        try Differentiation.plain(result.value, c), try result.unknowns.structured(result.gradients, c),
      ])
    },
    Builtin(
      "stop_gradient", [.init("x")], "The value of `x` as a constant: no gradient flows through it.",
      examples: [("print(grad(fn(x) = x * stop_gradient(x))(3.0))", "3.0")]
    ) { a, c in
      if case .tensor(let tensor) = a[0] { return c.wrap(c.engine.detached(tensor)) }
      return a[0]
    },
  ]

  private static func gradient(
    _ f: Value, _ arguments: Arguments, _ what: String, _ c: Context
  ) throws -> (value: Value, gradient: Value) {
    guard let first = arguments.positional.first else { throw Mistakes.gradientArgument(what) }
    let result = try Differentiation.valueAndGradient(of: first, what: what, c) { unknown in
      var inner = arguments
      inner.positional[0] = unknown
      return try c.call(f, inner)
    }
    return (try Differentiation.plain(result.value, c), try result.unknowns.structured(result.gradients, c))
  }
}
