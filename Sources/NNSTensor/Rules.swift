/// Rules of shapes and dtypes that many ops share.
enum Rules {
  /// Which dtype an elementwise result has, from the operands taken together.
  enum Result {
    /// The operands' own; bools stay bools.
    case same
    /// As in sums: bools count as `i64`.
    case arithmetic
    /// Floats stay, ints and bools give `f32`, numbers floats.
    case fractional
    /// Always bool.
    case truth
  }

  /// One operand.
  static func unary(_ call: borrowing Call, _ result: Result) -> TensorType {
    var type = call[0].type
    type.dtype = dtype(type.dtype, isWeak: type.isWeak, result)
    return type
  }

  /// Two operands, broadcast.
  static func binary(_ call: borrowing Call, _ result: Result) throws -> TensorType {
    let (a, b) = (call[0], call[1])
    if a.dtype == .f32, b.dtype == .f32, a.shape == b.shape {
      return result == .truth ? TensorType(.bool, a.shape) : a.type
    }
    guard let shape = try Shape.broadcast(a.shape, b.shape) else { throw Mistakes.broadcast(call.op, a.type, b.type) }
    let isCounted = result == .arithmetic
    let promoted = TensorType.promoted(isCounted ? a.type.counted : a.type, isCounted ? b.type.counted : b.type)
    return TensorType(
      dtype(promoted.dtype, isWeak: promoted.isWeak, result), shape, isWeak: promoted.isWeak)
  }

  /// What a comparison of two operands computes in. A number keeps its value: ints are compared with a float in `f64`,
  /// and with an int that their dtype does not hold in `i64`.
  static func comparing(_ call: borrowing Call) -> DType {
    let (a, b) = (call[0], call[1])
    let dtype = TensorType.promoted(a.type, b.type).dtype
    guard a.isWeak != b.isWeak else { return dtype }
    let (weak, tensor) = a.isWeak ? (a, b) : (b, a)
    if tensor.dtype.isFloat { return dtype }
    if weak.dtype.isFloat { return .f64 }
    guard let number = weak.number?.exactInt else { return dtype }
    return dtype.holds(number) ? dtype : .i64
  }

  static func dtype(_ dtype: DType, isWeak: Bool, _ result: Result) -> DType {
    switch result {
    case .same: dtype
    case .arithmetic: dtype.arithmetic
    case .fractional: dtype.isFloat ? dtype : isWeak ? .f64 : .f32
    case .truth: .bool
    }
  }
}
