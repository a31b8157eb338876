extension Mistakes {
  // MARK: Indices

  static func indexOutOfRange(_ index: Int, _ axis: Int, _ shape: Shape) -> TensorError {
    TensorError(
      .index, "index \(index) is out of range: axis \(axis) of shape \(shape) has size \(shape[axis])", operands: [0])
  }

  static func tooManyIndices(_ count: Int, _ type: TensorType) -> TensorError {
    TensorError(
      .index,
      "\(count) \(count == 1 ? "index" : "indices") for \(type), which has \(type.shape.rank) \(type.shape.rank == 1 ? "axis" : "axes")",
      operands: [0])
  }

  static func twoEllipses() -> TensorError { TensorError(.index, "an index can have only one `...`") }

  static func zeroStep() -> TensorError { TensorError(.value, "the step of a slice cannot be 0") }

  static func indicesDiffer(_ a: Shape, _ b: Shape) -> TensorError {
    TensorError(.shape, "index tensors of shapes \(a) and \(b) do not broadcast")
  }

  static func indexDType(_ type: TensorType) -> TensorError {
    TensorError(.dtype, "an index must be of ints or bools, not \(type)")
  }

  static func maskShape(_ mask: Shape, _ axis: Int, _ shape: Shape) -> TensorError {
    TensorError(.shape, "a mask of shape \(mask) does not fit axis \(axis) of shape \(shape)")
  }

  static func assigns(_ value: TensorType, _ place: Shape) -> TensorError {
    TensorError(.shape, "\(value) does not broadcast to the place of shape \(place)", operands: [1])
  }

  static func assignsFloats(_ value: TensorType, _ type: TensorType) -> TensorError {
    TensorError(
      .dtype, "floats cannot be put into \(type)", help: "convert it with .to(\"f32\") first", operands: [0])
  }

  static func idOutOfRange(_ op: Op, _ id: Int, place: [Int], bound: Int) -> TensorError {
    let at = place.isEmpty ? "" : " at \(list(place))"
    return TensorError(.index, "\(op.name): id \(id)\(at) is out of range 0 to \(bound - 1)")
  }

  static func idsShape(_ op: Op, _ x: TensorType, _ ids: TensorType, _ axis: Int) -> TensorError {
    TensorError(
      .shape, "\(op.name) of \(x) and \(ids): ids must have as many axes and be no larger on all but \(axis)",
      operands: [0, 1])
  }

  static func embeddingTable(_ type: TensorType) -> TensorError {
    TensorError(.shape, "embedding: weight must be [count, width], not \(type)", operands: [1])
  }

  // MARK: Reshaping

  static func reshape(_ type: TensorType, _ sizes: [Int]) -> TensorError {
    if sizes.count(where: { $0 < 0 }) > 1 || sizes.contains(where: { $0 < -1 }) {
      return TensorError(
        .shape, "reshape: \(list(sizes)) is no shape: one size may be -1, for what is left", operands: [0])
    }
    return TensorError(
      .shape, "\(type) has \(type.shape.elementCount) elements and cannot take shape \(list(sizes))", operands: [0])
  }

  static func permutation(_ axes: [Int], _ shape: Shape) -> TensorError {
    TensorError(.value, "permute: \(list(axes)) does not name each axis of shape \(shape) once")
  }

  static func squeezes(_ axis: Int, _ shape: Shape) -> TensorError {
    TensorError(.shape, "squeeze: axis \(axis) of shape \(shape) has size \(shape[axis]), not 1", operands: [0])
  }

  static func newAxisOutOfRange(_ axis: Int, _ shape: Shape) -> TensorError {
    TensorError(.index, "a new axis \(axis) is out of range for shape \(shape): 0 to \(shape.rank) are possible")
  }

  static func broadcastTo(_ type: TensorType, _ target: Shape) -> TensorError {
    TensorError(.shape, "\(type) does not broadcast to shape \(target)", operands: [0])
  }

  static func padding(_ op: Op, _ pairs: [Int], _ type: TensorType) -> TensorError {
    let flat = pairs.count % 2 == 0 && !pairs.contains { $0 < 0 }
    return flat
      ? TensorError(
        .value, "\(op.name) of \(type): one pair (before, after) is needed for each axis, not \(pairs.count / 2)")
      : TensorError(.value, "\(op.name): sizes of padding cannot be negative: \(list(pairs))")
  }

  static func repeatCounts(_ op: Op, _ counts: [Int], _ size: Int) -> TensorError {
    TensorError(
      .value,
      "\(op.name): repeats must be one count, or one for each of \(size) elements, none negative, not "
        + list(counts))
  }

  static func diagonalRank(_ op: Op, _ type: TensorType) -> TensorError {
    TensorError(.shape, "\(op.name) needs a vector or a matrix, not \(type)", operands: [0])
  }

  static func window(_ op: Op, _ window: Int, _ step: Int, _ axis: Int, _ type: TensorType) -> TensorError {
    TensorError(
      .value, "\(op.name) of \(type): windows of \(window) in steps of \(step) do not fit axis \(axis)", operands: [0])
  }

  static func sortedRows(_ sorted: TensorType, _ values: TensorType) -> TensorError {
    TensorError(
      .shape, "searchsorted of \(sorted) and \(values): sorted must be a vector, or have the leading axes of values",
      operands: [0, 1])
  }

  static func nothingToJoin(_ op: Op) -> TensorError {
    TensorError(.value, "\(op.name) of an empty list")
  }

  static func joinsNumbers(_ op: Op) -> TensorError {
    TensorError(.shape, "\(op.name) of rank-0 tensors: they have no axis", help: "stack makes a new axis")
  }

  static func joins(_ op: Op, _ first: TensorType, _ other: TensorType, operand: Int, axis: Int?) -> TensorError {
    let rest = axis.map { "sizes must agree on all axes but \($0)" } ?? "shapes must agree"
    return TensorError(
      .shape, "\(op.name): element 0 is \(first), element \(operand) is \(other); \(rest)", operands: [0, operand])
  }

  static func shifts(_ op: Op, _ shifts: Int, _ axes: Int) -> TensorError {
    TensorError(
      .value,
      axes == 0
        ? "\(op.name) without an axis takes one shift, not \(shifts)"
        : "\(op.name): \(shifts) shifts are given for \(axes) axes")
  }

  static func splits(_ sizes: [Int], _ size: Int) -> TensorError {
    TensorError(.shape, "split: sizes \(list(sizes)) do not add up to \(size)")
  }

  static func tooManyPieces(_ op: Op, _ count: Int, _ limit: Int) -> TensorError {
    TensorError(.limit, "\(op.name) into \(count) pieces: \(limit) are possible")
  }

  static func pieceSize(_ op: Op, _ size: Int) -> TensorError {
    TensorError(.value, "\(op.name): \(size) is not a positive number")
  }
}
