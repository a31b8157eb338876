extension Mistakes {
  // MARK: Linear algebra

  static func notSquare(_ op: Op, _ type: TensorType) -> TensorError {
    TensorError(.shape, "\(op.name) needs square matrices on the last two axes, not \(type)", operands: [0])
  }

  static func needsRightSide(_ op: Op, _ b: TensorType) -> TensorError {
    TensorError(
      .shape, "\(op.name) needs a vector or matrices on the right side, not \(b.isWeak ? "a number" : "\(b)")",
      operands: [1])
  }

  static func solveRows(_ op: Op, _ a: TensorType, _ b: TensorType, rows: Int) -> TensorError {
    let n = a.shape[a.shape.rank - 1]
    var help: String?
    if b.shape.rank > 1, b.shape == a.shape.removing(a.shape.rank - 1) {
      help = "one vector for each matrix is a matrix of one column: solve($0, $1[..., nil])[..., 0]"
    }
    return TensorError(
      .shape, "\(op.name) of \(a) and \(b): the matrix has \(n) rows, but the right side has \(rows)", help: help,
      operands: [0, 1])
  }

  static func solveBatch(_ op: Op, _ a: TensorType, _ b: TensorType) -> TensorError {
    TensorError(
      .shape, "\(op.name) of \(a) and \(b): the axes before the last two do not broadcast", operands: [0, 1])
  }

  static func singular(_ op: Op, _ type: TensorType, _ place: [Int]) -> TensorError {
    TensorError(.arithmetic, "\(op.name) of \(type): \(matrix(place)) is singular", operands: [0])
  }

  static func notPositiveDefinite(_ op: Op, _ type: TensorType, _ place: [Int], _ order: Int) -> TensorError {
    TensorError(
      .arithmetic,
      "\(op.name) of \(type): \(matrix(place)) is not positive definite: its leading minor of order \(order) is not "
        + "positive",
      help: "where rounding is the cause, a small multiple of eye(\(type.shape.last ?? 0)) added to $0 helps",
      operands: [0])
  }

  static func notFinite(_ op: Op, _ type: TensorType, _ place: [Int]) -> TensorError {
    TensorError(.arithmetic, "\(op.name) of \(type): \(matrix(place)) contains NaN or infinity", operands: [0])
  }

  static func noConvergence(_ op: Op, _ type: TensorType, _ place: [Int]) -> TensorError {
    TensorError(.arithmetic, "\(op.name) of \(type): no result was found for \(matrix(place))", operands: [0])
  }

  static func decomposition(_ op: Op, _ verdict: Int32) -> TensorError {
    TensorError(.arithmetic, "\(op.name): LAPACK refuses with \(verdict)")
  }

  static func decompositionTooLarge(_ op: Op, _ type: TensorType) -> TensorError {
    TensorError(.limit, "\(op.name) of \(type): matrices of this size cannot be decomposed", operands: [0])
  }

  static func notUnique(_ op: Op, _ name: String, _ way: String) -> TensorError {
    TensorError(
      .value, "\(op.name): the last vectors of \(name) are not unique and have no gradient", help: "use \(way)")
  }

  static func dependentColumns(_ op: Op, _ type: TensorType) -> TensorError {
    TensorError(
      .arithmetic, "the gradient of \(op.name) does not exist where columns of \(type) depend on each other")
  }

  private static func matrix(_ place: [Int]) -> String { place.isEmpty ? "the matrix" : "matrix \(list(place))" }
}
