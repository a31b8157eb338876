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

  static func byteCount(_ count: Int, _ type: TensorType) -> TensorError {
    TensorError(.value, "\(count) bytes do not fill \(type)")
  }

  static func notOneElement(_ type: TensorType) -> TensorError {
    TensorError(.shape, "a tensor of one element is needed here, not \(type)")
  }

  static func noData(_ type: TensorType) -> TensorError {
    TensorError(.value, "\(type) has no data: only shapes are being checked")
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

  static func historyUsedUp() -> TensorError {
    TensorError(.value, "the history of this value has been used up by an earlier gradient")
  }

  // MARK: Limits

  static func outOfSteps() -> TensorError { TensorError(.limit, "the limit of steps is reached") }

  static func outOfTime() -> TensorError { TensorError(.limit, "the time limit is reached") }

  static func outOfMemory(asked: Int, limit: Int, used: Int) -> TensorError {
    let bound = limit == Int.max ? "" : "; \(size(used)) of \(size(limit)) are in use"
    return TensorError(.limit, "out of memory: \(size(asked)) were asked for\(bound)")
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
    for unit in ["bytes", "KB", "MB", "GB", "TB", "PB"] {
      if value < 1000 { return unit == "bytes" ? "\(bytes) bytes" : "\((value * 10).rounded() / 10) \(unit)" }
      value /= 1000
    }
    return "\(bytes) bytes"
  }
}
