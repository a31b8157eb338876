import NNSSyntax
import NNSTensor

/// Arithmetic on gradients and models.
enum Gradients {
  static func norm(_ tensors: [Tensor], _ c: Context) throws -> Tensor {
    var total: Tensor?
    for tensor in tensors {
      let square = try c.engine.apply(c.operations.square, tensor)
      let sum = try c.engine.apply(c.operations.sum, square)
      total = try total.map { try c.engine.apply(c.operations.binary(.add), $0, sum) } ?? sum
    }
    guard let total else { return try c.engine.tensor([Float(0)], []) }
    return try c.engine.apply(c.operations.sqrt, total)
  }

  static func clipped(_ tensors: [Tensor], _ limit: Double, _ c: Context) throws -> [Tensor] {
    let length = try norm(tensors, c).item().double
    guard length > limit else { return tensors }
    // As PyTorch's clip_grad_norm_.
    let factor = Tensor.weak(limit / (length + 1e-6))
    return try tensors.map { try c.engine.apply(c.operations.binary(.multiply), $0, factor) }
  }

  /// `a op b` where one of them is a gradient or a model; `nil` where neither is.
  static func arithmetic(_ op: BinaryOperator, _ a: Value, _ b: Value, _ c: Context) throws -> Value? {
    guard op == .add || op == .subtract || op == .multiply || op == .divide else { return nil }
    switch (a, b) {
    case (.object(let object), _):
      guard let gradient = object as? GradientBox else { return nil }
      if case .object(let other) = b, let other = other as? GradientBox {
        try agree(gradient.refs, other.refs)
        return .object(gradient.replaced(try zip(gradient.tensors, other.tensors).map { try apply(op, $0, $1, c) }))
      }
      guard let factor = scalar(b) else { return nil }
      return .object(gradient.replaced(try gradient.tensors.map { try apply(op, $0, factor, c) }))
    case (_, .object(let object)):
      guard let gradient = object as? GradientBox else { return nil }
      if case .model = a { return try model(op, a, b, c) }
      guard let factor = scalar(a), op == .multiply || op == .add || op == .subtract else { return nil }
      return .object(gradient.replaced(try gradient.tensors.map { try apply(op, factor, $0, c) }))
    case (.model, _): return try model(op, a, b, c)
    default: return nil
    }
  }

  /// `net - g`: a new model, differentiable in both.
  private static func model(_ op: BinaryOperator, _ a: Value, _ b: Value, _ c: Context) throws -> Value? {
    switch b {
    case .object(let object) where object is GradientBox: break
    default: if scalar(b) == nil { return nil }
    }
    let tensors = try combined(op, try ParameterTree(a, c), b, c)
    var copier = ModelCopier()
    let copy = try copier.copy(a, c)
    for (ref, tensor) in zip(try ParameterTree(copy, c).parameters, tensors) { ref.set(tensor) }
    return copy
  }

  /// A model's parameters, each combined with its part of `operand`.
  static func combined(_ op: BinaryOperator, _ tree: ParameterTree, _ operand: Value, _ c: Context) throws -> [Tensor] {
    if case .object(let object) = operand, let gradient = object as? GradientBox {
      try agree(tree.parameters, gradient.refs)
      return try zip(tree.parameters, gradient.tensors).map { try apply(op, $0.tensor, $1, c) }
    }
    guard let factor = scalar(operand) else { throw Mistakes.modelOperand(op, operand) }
    return try tree.parameters.map { try apply(op, $0.tensor, factor, c) }
  }

  private static func agree(_ a: [ParameterRef], _ b: [ParameterRef]) throws {
    guard a.count == b.count else {
      throw Failure(.shape, "a model of \(a.count) parameters and a gradient of \(b.count) do not belong together")
    }
    for (x, y) in zip(a, b) where x.tensor.shape != y.tensor.shape {
      throw Failure(
        .shape,
        "parameter \(x.name) \(x.tensor.typeDescription) and gradient \(y.name) \(y.tensor.typeDescription) differ in shape"
      )
    }
  }

  private static func scalar(_ value: Value) -> Tensor? {
    switch value {
    case .int, .float: Operators.weak(value)
    case .tensor(let tensor) where tensor.rank == 0: tensor
    default: nil
    }
  }

  private static func apply(_ op: BinaryOperator, _ a: Tensor, _ b: Tensor, _ c: Context) throws -> Tensor {
    try c.engine.apply(c.operations.binary(op), a, b)
  }
}
