import CKernels

/// Every message of the tensor engine, by name.
enum Mistakes {
  // MARK: Shapes

  static func tooManyAxes(_ count: Int) -> TensorError {
    TensorError(.shape, "a tensor has at most \(Axes.limit) axes, not \(count)")
  }

  static func negativeSize(_ size: Int) -> TensorError {
    TensorError(.shape, "a size cannot be negative: \(size)")
  }

  static func tooManyElements(_ sizes: Axes) -> TensorError {
    TensorError(.limit, "a tensor of shape \(list(sizes)) has more elements than memory can hold")
  }

  static func axisOutOfRange(_ axis: Int, _ shape: Shape) -> TensorError {
    let range = shape.rank == 0 ? "has no axes" : "has axes 0 to \(shape.rank - 1)"
    return TensorError(.index, "axis \(axis) is out of range: shape \(shape) \(range)")
  }

  static func repeatedAxis(_ axis: Int, _ op: Op) -> TensorError {
    TensorError(.value, "\(op.name): axis \(axis) is named twice")
  }

  static func attributeKind(_ op: Op, _ parameter: String, _ expected: String) -> TensorError {
    TensorError(.type, "\(op.name): \(parameter) must be \(expected)")
  }

  static func valueCount(_ count: Int, _ shape: Shape) -> TensorError {
    TensorError(.shape, "\(count) values do not fill shape \(shape), which has \(shape.elementCount)")
  }

  static func raggedRows(_ row: Int, _ count: Int, expected: Int) -> TensorError {
    TensorError(.shape, "row \(row) has \(count) values, the first has \(expected)")
  }

  static func notElement(_ value: Scalar, _ from: DType, _ to: DType) -> TensorError {
    TensorError(.dtype, "\(number(value)) of a tensor of \(from.name) is no \(to.name)")
  }

  static func otherElements(_ found: DType, _ expected: DType) -> TensorError {
    TensorError(
      .dtype, "the elements are \(found.name), not \(expected.name)",
      help: "convert them with .to(\"\(expected.name)\")")
  }

  static func byteCount(_ count: Int, _ type: TensorType) -> TensorError {
    TensorError(.value, "\(count) bytes do not fill \(type)")
  }

  static func notOneElement(_ type: TensorType) -> TensorError {
    TensorError(.shape, "a tensor of one element is needed here, not \(type)")
  }

  static func noData(_ type: TensorType) -> TensorError {
    TensorError(.value, "\(type) has no data: only shapes are being checked")
  }

  // MARK: Numbers

  static func noKernel(_ dtype: DType) -> TensorError {
    TensorError(.dtype, "not defined for \(dtype.name)")
  }

  static func notHeld(_ value: Scalar, _ dtype: DType) -> TensorError {
    TensorError(.arithmetic, "\(number(value)) does not fit into \(dtype.name)")
  }

  static func doesNotFit(_ from: DType, _ to: DType) -> TensorError {
    TensorError(.arithmetic, "an element of this \(from.name) tensor does not fit into \(to.name)", operands: [0])
  }

  static func arithmetic(_ fault: nns_fault) -> TensorError {
    switch fault {
    case NNS_ZERO_DIVISION: TensorError(.arithmetic, "int division by zero", operands: [1])
    case NNS_NEGATIVE_POWER:
      TensorError(
        .arithmetic, "an int tensor cannot be raised to a negative power", help: "convert it with .to(\"f32\")",
        operands: [1])
    default:
      TensorError(.arithmetic, "int overflow", help: "convert to floats: x.to(\"f64\"), or float(x) for a number")
    }
  }

  /// A number as a script writes it.
  static func number(_ value: Scalar) -> String {
    switch value {
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .bool(let value): "\(value)"
    }
  }

  // MARK: Operands

  static func broadcast(_ op: Op, _ a: TensorType, _ b: TensorType, operands: [Int] = [0, 1]) -> TensorError {
    var sizes = ""
    for i in 1..<(Swift.min(a.shape.rank, b.shape.rank) + 1) {
      let (x, y) = (a.shape[a.shape.rank - i], b.shape[b.shape.rank - i])
      if x != y && x != 1 && y != 1 {
        let place = i == 1 ? "the last axis" : "axis -\(i)"
        sizes = "sizes \(x) and \(y) of \(place) differ and neither is 1"
        break
      }
    }
    return TensorError(.shape, "\(op.pair(a, b)): \(sizes)", operands: operands)
  }

  static func operandDType(_ op: Op, _ type: TensorType, _ expected: String, operand: Int = 0) -> TensorError {
    TensorError(.dtype, "\(op.symbol ?? op.name) needs \(expected), not \(type)", operands: [operand])
  }

  static func needsVector(_ op: Op, _ type: TensorType, operand: Int) -> TensorError {
    TensorError(.shape, "\(op.name) needs vectors, not \(type)", operands: [operand])
  }

  static func rankTooSmall(_ op: Op, _ type: TensorType, _ rank: Int) -> TensorError {
    TensorError(
      .shape, "\(op.name) needs at least \(rank) \(rank == 1 ? "axis" : "axes"), not \(type)", operands: [0])
  }

  static func sameShape(_ op: Op, _ a: TensorType, _ b: TensorType, _ operands: [Int]) -> TensorError {
    TensorError(.shape, "\(op.name): \(a) and \(b) must agree in shape and dtype", operands: operands)
  }

  static func noElements(_ op: Op, _ type: TensorType) -> TensorError {
    TensorError(.value, "\(op.name) of \(type): there are no elements to choose from", operands: [0])
  }

  static func oneOf(_ op: Op, _ parameter: String, _ value: String, _ choices: [String]) -> TensorError {
    let list = choices.map { "\"\($0)\"" }.joined(separator: ", ")
    return TensorError(.value, "\(op.name): \(parameter) is \"\(value)\", but must be one of \(list)")
  }

  static func outside(
    _ op: Op, _ parameter: String, _ value: Double, _ low: Double, _ high: Double
  ) -> TensorError {
    TensorError(.value, "\(op.name): \(parameter) is \(value), but must lie between \(low) and \(high)")
  }

  static func tooFew(_ op: Op, _ k: Int, _ axis: Int, _ type: TensorType) -> TensorError {
    TensorError(
      .value, "\(op.name) of \(type): axis \(axis) has size \(type.shape[axis]), \(k) cannot be taken", operands: [0])
  }

  static func normWidth(_ op: Op, _ x: TensorType, _ parameter: TensorType, operand: Int) -> TensorError {
    TensorError(
      .shape,
      "\(op.name) of \(x): \(op.parameters[operand].name) is \(parameter), but the last axis has size "
        + "\(x.shape.last ?? 1)", operands: [0, operand])
  }

  static func oddAxis(_ op: Op, _ axis: Int, _ type: TensorType) -> TensorError {
    TensorError(.shape, "\(op.name) of \(type): axis \(axis) cannot be halved", operands: [0])
  }

  // MARK: Making

  static func rangeStep(_ op: Op, _ step: Double) -> TensorError {
    TensorError(.value, "\(op.name): bounds must be finite and the step not 0, but the step is \(step)")
  }

  static func rangeWithoutStop(_ op: Op) -> TensorError {
    TensorError(.type, "\(op.name) needs a stop", help: "it is called as arange(stop), or arange(start, stop, step)")
  }

  static func emptyRange(_ op: Op, _ low: Int, _ high: Int) -> TensorError {
    TensorError(.value, "\(op.name): there is no int from \(low) up to but not including \(high)")
  }

  static func fans(_ op: Op, _ shape: Shape) -> TensorError {
    TensorError(.shape, "\(op.name) needs at least two sizes, [outputs, inputs, ...], not \(shape)")
  }

  static func randomDType(_ op: Op, _ dtype: DType) -> TensorError {
    TensorError(.dtype, "\(op.name) makes floats, not \(dtype.name)")
  }

  static func probabilities(_ op: Op) -> TensorError {
    TensorError(.value, "\(op.name): probabilities must not be negative and have a positive, finite sum", operands: [0])
  }

  static func tooFewPossible(_ op: Op, _ n: Int, _ able: Int) -> TensorError {
    TensorError(
      .value, "\(op.name): \(n) different positions cannot be drawn: \(able) are possible",
      help: "`replacement: true` lets positions come again", operands: [0])
  }

  static func stepCount(_ op: Op, _ step: Int) -> TensorError {
    TensorError(.value, "\(op.name): step counts from 1, not \(step)")
  }

  // MARK: Gradients

  static func tooManyLevels(_ limit: Int) -> TensorError {
    TensorError(.limit, "differentiations are nested more than \(limit) deep")
  }

  static func differentiatesInts(_ type: TensorType) -> TensorError {
    TensorError(
      .dtype, "cannot differentiate by \(type): only floats have gradients", help: "convert it with .to(\"f32\")",
      operands: [0])
  }

  static func notDifferentiable(_ op: Op, _ reason: String) -> TensorError {
    TensorError(
      .value, "\(op.name) is not differentiable: \(reason)", help: "stop_gradient($0) makes $0 a constant",
      operands: [0])
  }

  static func gradientOfInts(_ type: TensorType) -> TensorError {
    TensorError(.dtype, "what is differentiated must be a float, not \(type)", operands: [0])
  }

  static func gradientOfMany(_ type: TensorType) -> TensorError {
    TensorError(
      .shape, "what is differentiated must be one number, not \(type)", help: "reduce it with mean or sum",
      operands: [0])
  }

  static func upstreamShape(_ upstream: TensorType, _ y: TensorType) -> TensorError {
    TensorError(.shape, "the upstream gradient is \(upstream), but the output is \(y)", operands: [1])
  }

  static func replayReadsLater() -> TensorError {
    TensorError(
      .value, "checkpoint: run again in the backward pass, the function reads what was computed only after it had run",
      help: "pass it what it needs as arguments")
  }

  static func notFinite(_ what: String, _ found: String, _ inputs: [String]) -> TensorError {
    TensorError(.arithmetic, "\(what) gave \(found)\(inputs.isEmpty ? "" : ": \(inputs.joined(separator: ", "))")")
  }

  static func historyUsedUp() -> TensorError {
    TensorError(.value, "the history of this value has been used up by an earlier gradient")
  }

  // MARK: Limits

  static func outOfSteps() -> TensorError { TensorError(.limit, "the limit of steps is reached") }

  static func outOfTime() -> TensorError { TensorError(.limit, "the time limit is reached") }

  static func outOfMemory(asked: Int, limit: Int, used: Int) -> TensorError {
    let bound = limit == Int.max ? "" : "; \(size(used)) of \(size(limit)) are in use"
    // Nothing was asked for where many small values have come to so much.
    let wish =
      asked == 0 ? "the limit is reached" : "\(asked == Int.max ? "more than " : "")\(size(asked)) were asked for"
    return TensorError(.limit, "out of memory: \(wish)\(bound)")
  }

  static func tapeFull() -> TensorError {
    TensorError(.limit, "out of memory: too many operations recorded for gradients")
  }

  // MARK: Words

  static func list(_ values: some Sequence<Int>) -> String {
    "[" + values.map(String.init).joined(separator: ", ") + "]"
  }

  /// Bytes in the largest unit that leaves a number of at least one: `1.5 GB`.
  static func size(_ bytes: Int) -> String {
    var value = Double(bytes)
    for unit in ["bytes", "KB", "MB", "GB", "TB", "PB", "EB"] {
      if value < 1000 { return unit == "bytes" ? "\(bytes) bytes" : "\((value * 10).rounded() / 10) \(unit)" }
      value /= 1000
    }
    return "\(bytes) bytes"
  }
}

extension Op {
  /// An op and its two operands in words: `f32[2] + f32[3]`, `minimum of f32[2] and f32[3]`.
  func pair(_ a: TensorType, _ b: TensorType) -> String {
    symbol.map { "\(a) \($0) \(b)" } ?? "\(name) of \(a) and \(b)"
  }
}
