import NNSSyntax
import NNSTensor

/// Arithmetic on gradients and models.
enum Gradients {
  /// The Euclidean norm over all elements.
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

  /// Scaled down so that the norm is at most `limit`.
  static func clipped(_ tensors: [Tensor], _ limit: Double, _ c: Context) throws -> [Tensor] {
    let length = try norm(tensors, c)
    guard try length.isMeta || length.item().double > limit else { return tensors }
    // As PyTorch's clip_grad_norm_.
    let factor: Tensor
    if c.engine.isTracked(length) || length.isMeta {
      let sum = try c.engine.apply(c.operations.binary(.add), length, .weak(1e-6))
      factor = try c.engine.apply(c.operations.binary(.divide), .weak(limit), sum)
    } else {
      factor = .weak(limit / (try length.item().double + 1e-6))
    }
    return try tensors.map { tensor in
      let scaled = try c.engine.apply(c.operations.binary(.multiply), tensor, factor)
      return scaled.dtype == tensor.dtype
        ? scaled : try c.engine.apply(c.operations.cast, TensorList(scaled), [.dtype(tensor.dtype)]).first
    }
  }

  /// `a op b` where one of them is a gradient or a model; `nil` where neither is.
  static func arithmetic(_ op: BinaryOperator, _ a: Value, _ b: Value, _ c: Context) throws -> Value? {
    guard op == .add || op == .subtract || op == .multiply || op == .divide else { return nil }
    switch (a, b) {
    case (.object(let object as GradientBox), .object(let other as GradientBox)):
      try agree(object.refs, other.refs)
      return .object(
        object.replaced(try zip(object.values, other.values).map { try Operators.binary(op, $0, $1, c) }))
    case (.object(let object as GradientBox), _):
      guard isScalar(b) else { return nil }
      return .object(object.replaced(try object.values.map { try Operators.binary(op, $0, b, c) }))
    case (.model, _): return try model(op, a, b, c)
    case (_, .object(let object as GradientBox)):
      guard isScalar(a), op != .divide else { return nil }
      return .object(object.replaced(try object.values.map { try Operators.binary(op, a, $0, c) }))
    default: return nil
    }
  }

  /// `net - g`: a new model, differentiable in both.
  private static func model(_ op: BinaryOperator, _ a: Value, _ b: Value, _ c: Context) throws -> Value? {
    switch b {
    case .object(let object) where object is GradientBox: break
    default: if !isScalar(b) { return nil }
    }
    let tensors = try combined(op, try ParameterTree(a, c).trained, b, c)
    var copier = ModelCopier()
    let copy = try copier.copy(a, c)
    for (ref, tensor) in zip(try ParameterTree(copy, c).trained, tensors) { ref.set(tensor) }
    return copy
  }

  /// A model's parameters, each combined with its part of `operand`.
  static func combined(
    _ op: BinaryOperator, _ parameters: [ParameterRef], _ operand: Value, _ c: Context
  ) throws -> [Tensor] {
    let operands: [Value]
    if case .object(let object) = operand, let gradient = object as? GradientBox {
      try agree(parameters, gradient.refs)
      operands = gradient.values
    } else {
      guard isScalar(operand) else { throw Mistakes.modelOperand(op, operand) }
      operands = Array(repeating: operand, count: parameters.count)
    }
    return try zip(parameters, operands).map { ref, operand in
      guard case .tensor(let tensor) = try Operators.binary(op, .tensor(ref.tensor), operand, c),
        tensor.shape == ref.tensor.shape
      else { throw Mistakes.modelOperand(op, operand) }
      return tensor.dtype == ref.tensor.dtype
        ? tensor : try c.engine.apply(c.operations.cast, TensorList(tensor), [.dtype(ref.tensor.dtype)]).first
    }
  }

  private static func agree(_ a: [ParameterRef], _ b: [ParameterRef]) throws {
    guard a.count == b.count else { throw Mistakes.gradientCount(a.count, b.count) }
    for (x, y) in zip(a, b) where x.tensor.shape != y.tensor.shape {
      throw Mistakes.gradientShape(
        (x.name, x.tensor.typeDescription), (y.name, y.tensor.typeDescription))
    }
  }

  private static func isScalar(_ value: Value) -> Bool {
    switch value {
    case .int, .float: true
    case .tensor(let tensor): tensor.rank == 0
    default: false
    }
  }
}
