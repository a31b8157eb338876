import NNSSyntax
import NNSTensor

/// Reverse-mode differentiation of script code, and what is made of it.
enum Differentiation {
  /// Runs `body` on the unknowns of `target`, within a level of its own.
  private static func differentiating<Result>(
    _ target: Value, what: String, _ c: Context, _ body: (Unknowns, Level) throws -> Result
  ) throws -> Result {
    let level = try c.engine.beginDifferentiation()
    defer { c.engine.endDifferentiation(level) }
    let unknowns = try Unknowns(target, level, what: what, c)
    return try unknowns.installed(c) { try body(unknowns, level) }
  }

  /// Runs `body` on the unknowns of `target`, and gives its value and the gradient.
  ///
  /// The value is a rank-0 float, or a list whose first item is that.
  ///
  /// - Parameter onlyModels: whether tensors beside models are a mistake, because the body has no way to them.
  static func valueAndGradient(
    of target: Value, what: String, onlyModels: Bool = false, _ c: Context, _ body: (Value) throws -> Value
  ) throws -> (value: Value, gradients: [Tensor], unknowns: Unknowns) {
    try differentiating(target, what: what, c) { unknowns, level in
      if onlyModels, !unknowns.nest.isModels { throw Mistakes.differentiatesMore(what) }
      let value = try body(unknowns.argument(c))
      let output = try scalar(value, what, c)
      return (value, try c.engine.gradients(of: output, at: unknowns.leaves, level), unknowns)
    }
  }

  /// What `body` gives for the unknowns of `target`, as a constant.
  static func value(
    at target: Value, what: String, _ c: Context, _ body: (Value) throws -> Tensor
  ) throws -> Tensor {
    try differentiating(target, what: what, c) { unknowns, _ in c.engine.detached(try body(unknowns.argument(c))) }
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
    case .record(let record):
      .record(RecordBox(entries: try record.entries.map { ($0.key, try plain($0.value, c)) }))
    default: value
    }
  }

  /// The value of `f` and what it recorded: Σ upstream · value can be differentiated as often as wanted.
  static func pullback(of f: Value, _ x: Value, _ c: Context) throws -> (value: Value, pullback: Callable) {
    let (outputs, unknowns, history) = try differentiating(x, what: "vjp", c) { unknowns, level in
      let value = try c.call(f, [try unknowns.argument(c)])
      return (try Nest(value, .outputs("vjp"), c), unknowns, c.engine.history(level))
    }
    let pullback = NativeFunction("pullback", captured: []) { _, arguments, c in
      guard let upstream = arguments.positional.first, arguments.count == 1 else { throw Mistakes.pullbackArgument() }
      let gradients = try outputs.matched(by: upstream, what: "pullback: the upstream gradient", c)
      let level = try c.engine.resume(history)
      defer { c.engine.endResumed(level) }
      let found = try unknowns.installed(c) {
        try c.engine.gradients(of: outputs.tensors, upstream: gradients, at: unknowns.leaves, level)
      }
      return try unknowns.nest.rebuilt(found, c)
    }
    return (try plain(outputs.value, c), pullback)
  }

  /// The value of `f` at `x` and its derivative in the direction `v`.
  ///
  /// The gradient by x of u · f(x) is linear in u; its gradient by u, with v for upstream, is the derivative along v.
  static func pushforward(of f: Value, _ x: Value, _ v: Value, _ c: Context) throws -> (value: Value, tangent: Value) {
    let outer = try c.engine.beginDifferentiation()
    defer { c.engine.endDifferentiation(outer) }
    return try differentiating(x, what: "jvp", c) { unknowns, level in
      let directions = try unknowns.nest.matched(by: v, what: "jvp: v", c)
      let value = try c.call(f, [try unknowns.argument(c)])
      let outputs = try Nest(value, .outputs("jvp"), c)
      let weights = try outputs.tensors.map { try c.engine.leaf(c.engine.zeros(like: $0), outer) }
      let gradients = try c.engine.gradients(of: outputs.tensors, upstream: weights, at: unknowns.leaves, level)
      let tangents = try c.engine.gradients(of: gradients, upstream: directions, at: weights, outer)
      return (value, try outputs.rebuilt(tangents, c))
    }
  }

  /// The derivatives of every element of what `f` gives by every element of its first argument.
  static func jacobian(of f: Value, _ arguments: Arguments, _ what: String, _ c: Context) throws -> Value {
    guard let x = arguments.positional.first else { throw Mistakes.gradientArgument(what) }
    return try differentiating(x, what: what, c) { unknowns, level in
      var inner = arguments
      inner.positional[0] = try unknowns.argument(c)
      let outputs = try Nest(try c.call(f, inner), .outputs(what), c)
      let values = try outputs.tensors.map { y in
        let rows = try (0..<y.elementCount).map { element in
          try c.engine.gradients(
            of: [y], upstream: [c.engine.unit(element, like: y)], at: unknowns.leaves, level, retaining: true)
        }
        let blocks = try unknowns.leaves.indices.map { i in
          try stacked(rows.map { $0[i] }, of: y, by: unknowns.leaves[i], c)
        }
        return try unknowns.nest.rebuilt(blocks, c)
      }
      return try outputs.rebuilt(values, c)
    }
  }

  /// One gradient for each element of `y`, put together.
  private static func stacked(_ rows: [Tensor], of y: Tensor, by x: Tensor, _ c: Context) throws -> Tensor {
    let shape = Array(y.shape) + Array(x.shape)
    if rows.isEmpty { return try c.engine.zeros(TensorType(x.dtype, Shape(shape))) }
    if y.rank == 0 { return rows[0] }
    // Gradients by a number are numbers; together they are a tensor of y's dtype.
    let dtype = x.isWeak ? y.dtype : x.dtype
    let parts = try rows.map { row in
      row.dtype == dtype && !row.isWeak
        ? row : try c.engine.apply(Ops.cast, TensorList(row), [.dtype(dtype)]).first
    }
    let stack = try c.engine.apply(Ops.stack, TensorList(parts), [.int(0)]).first
    return try c.engine.apply(Ops.reshape, TensorList(stack), [.ints(shape)]).first
  }
}

extension Engine {
  /// Zeros of a tensor's type; a number for a number.
  fileprivate func zeros(like x: Tensor) throws -> Tensor {
    x.isWeak ? .weak(0.0) : try zeros(TensorType(x.dtype, x.shape))
  }

  /// 1 at one element of a tensor's shape, 0 at the others.
  fileprivate func unit(_ element: Int, like x: Tensor) throws -> Tensor {
    if x.rank == 0 { return x.isWeak ? .weak(1.0) : try tensor([1.0], [], dtype: x.dtype) }
    var values = [Double](repeating: 0, count: x.elementCount)
    values[element] = 1
    return try tensor(values, Array(x.shape), dtype: x.dtype)
  }
}
