import CKernels

/// Rounding to decimal places; halves go to the even neighbour.
public enum Rounding {
  /// An int rounded to a power of ten where `digits` is negative; `nil` where the result is beyond 64 bits.
  public static func int(_ number: Int, digits: Int) -> Int? {
    if digits >= 0 { return number }
    guard digits >= -18 else { return digits == -19 && number.magnitude > 5_000_000_000_000_000_000 ? nil : 0 }
    let unit = (0 ..< -digits).reduce(1) { product, _ in product * 10 }
    // Rounded down first; what is left lies in 0 ..< unit.
    let left = (number % unit + unit) % unit
    let low = number.subtractingReportingOverflow(left)
    let isOdd = (number / unit - (number < 0 && left > 0 ? 1 : 0)) % 2 != 0
    if left < unit / 2 || left == unit / 2 && !isOdd { return low.overflow ? nil : low.partialValue }
    let (high, overflow) = number.addingReportingOverflow(unit - left)
    return overflow ? nil : high
  }

  /// A finite float rounded to a power of ten; `digits` is negative.
  public static func float(_ number: Double, digits: Int) -> Double {
    let unit = power(digits.magnitude)
    guard unit.isFinite else { return Double(signOf: number, magnitudeOf: 0) }
    // All steps are exact up to the last.
    let left = number.truncatingRemainder(dividingBy: unit)
    let whole = number - left
    let isOdd = (whole / unit).truncatingRemainder(dividingBy: 2) != 0
    let isUp = left.magnitude > unit / 2 || left.magnitude == unit / 2 && isOdd
    return Double(signOf: number, magnitudeOf: whole.magnitude + (isUp ? unit : 0))
  }

  /// A power of ten, exact up to the 22nd.
  static func power(_ exponent: UInt) -> Double {
    (0..<Swift.min(exponent, 400)).reduce(1.0) { product, _ in product * 10 }
  }
}

extension Engine {
  /// A float tensor rounded to so many decimals, as NumPy does: scaled, rounded, and scaled back.
  func rounded(_ x: Tensor, _ code: nns_unary_op, _ type: TensorType, places: Int) throws -> Tensor {
    guard places != 0 else { return try unary(code, x, computing: type.dtype, type) }
    let unit = Tensor.weak(Rounding.power(places.magnitude))
    let (scale, back) = places > 0 ? (NNS_MUL, NNS_DIV) : (NNS_DIV, NNS_MUL)
    let scaled = try binary(scale, x, unit, computing: type.dtype, type)
    return try binary(back, unary(code, scaled, computing: type.dtype, type), unit, computing: type.dtype, type)
  }

  /// An int or bool tensor rounded: to powers of ten where `places` is negative.
  func rounded(_ x: Tensor, _ type: TensorType, places: Int) throws -> Tensor {
    if let number = x.number, places >= 0 {
      switch number {
      case .int(let value): return .weak(value)
      case .bool(let value): return .weak(value)
      case .float(let value): return .weak(value)
      }
    }
    guard places < 0, type.dtype != .bool else { return try copied(x, as: type.dtype) }
    try budget.charge(work: x.elementCount * 8)
    let rounded = try x.ints().map { number in
      guard let rounded = Rounding.int(number, digits: places) else { throw Mistakes.arithmetic(NNS_OVERFLOW) }
      return rounded
    }
    return try copied(tensor(rounded, x.shape.map { $0 }), as: type.dtype)
  }
}
