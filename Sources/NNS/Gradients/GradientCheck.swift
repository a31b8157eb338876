import NNSTensor

/// `check_gradient(f, x)`: the gradient of a function against central differences, in f64.
struct GradientCheck {
  let f: Value
  /// How far the argument is moved to either side.
  let step: Double
  let relative: Double
  let absolute: Double

  /// - Throws: an assert error that names the first element whose gradient differs.
  func run(_ x: Value, _ c: Context) throws {
    var copier = ModelCopier()
    let nest = try Nest(try copier.copy(x, c), .unknowns("check_gradient"), c)
    let wide = try nest.tensors.map { tensor in
      try tensor.isWeak ? c.engine.detached(tensor) : c.engine.apply(Ops.cast, TensorList(tensor), [.dtype(.f64)]).first
    }
    let state = ScriptState(reachableFrom: [f, nest.value])
    let random = c.engine.randomState
    let start = try state.restored { try gradient(at: wide, of: nest, c) }
    for (position, gradient) in start.enumerated() {
      let values = wide[position].doubles()
      for element in values.indices {
        let ends = try [step, -step].map { distance in
          var moved = values
          moved[element] += distance
          var tensors = wide
          tensors[position] =
            wide[position].isWeak ? .weak(moved[0]) : try c.engine.tensor(moved, Array(wide[position].shape))
          c.engine.randomState = random
          return try state.restored { try value(at: tensors, of: nest, c) }
        }
        let expected = (ends[0] - ends[1]) / (2 * step)
        let found = gradient.element(at: element).double
        guard abs(found - expected) <= absolute + relative * abs(expected) || found == expected else {
          throw Mistakes.gradientDiffers(place(position, element, nest), found: found, expected: expected)
        }
      }
    }
  }

  private func gradient(at tensors: [Tensor], of nest: Nest, _ c: Context) throws -> [Tensor] {
    try Differentiation.valueAndGradient(of: argument(tensors, nest, c), what: "check_gradient", c) {
      .tensor(try total($0, c))
    }.gradients
  }

  /// Differentiates too, so that what asks for `is_training()` is told the same.
  private func value(at tensors: [Tensor], of nest: Nest, _ c: Context) throws -> Double {
    try Differentiation.value(at: argument(tensors, nest, c), what: "check_gradient", c) { try total($0, c) }
      .item().double
  }

  private func argument(_ tensors: [Tensor], _ nest: Nest, _ c: Context) throws -> Value {
    for (ref, tensor) in zip(nest.refs, tensors) { ref.set(tensor) }
    return try nest.argument(tensors, c)
  }

  /// All elements of the function's value, each with a weight of its own, in one number.
  private func total(_ argument: Value, _ c: Context) throws -> Tensor {
    var total = Tensor.weak(0.0)
    for y in try Nest(try c.call(f, [argument]), .outputs("check_gradient"), c).tensors {
      let weights = try c.engine.tensor((0..<y.elementCount).map { 1 + 0.5 * Double($0 % 7) }, Array(y.shape))
      let product = try c.engine.apply(c.operations.binary(.multiply), y, weights)
      total = try c.engine.apply(c.operations.binary(.add), total, c.engine.apply(c.operations.sum, product))
    }
    return total
  }

  private func place(_ position: Int, _ element: Int, _ nest: Nest) -> String {
    let name = position < nest.refs.count ? " of \(nest.refs[position].name)" : ""
    let tensor = nest.tensors[position]
    return tensor.rank == 0 ? name : "\(name) at element \(element) of \(tensor.shape)"
  }
}
