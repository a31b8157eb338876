/// A Swift type whose values are elements of tensors: `Float`, `Double`, `Int`, `Int32`, `UInt8`, `Bool`.
public protocol TensorElement: BitwiseCopyable, Sendable {
  /// The dtype of its tensors.
  static var dtype: DType { get }
  /// The element of a tensor of any dtype as this type; `nil` where it is none: a number that does not fit, a fraction for
  /// ints, a number for bools.
  init?(_ element: Scalar)
}

extension Float: TensorElement {
  /// `f32`.
  public static var dtype: DType { .f32 }
  /// Any number, rounded; bools are 0 and 1.
  public init?(_ element: Scalar) { self = Float(element.double) }
}

extension Double: TensorElement {
  /// `f64`.
  public static var dtype: DType { .f64 }
  /// Any number; bools are 0 and 1.
  public init?(_ element: Scalar) { self = element.double }
}

extension Int: TensorElement {
  /// `i64`.
  public static var dtype: DType { .i64 }
  /// Ints.
  public init?(_ element: Scalar) {
    guard case .int(let number) = element else { return nil }
    self = number
  }
}

extension Int32: TensorElement {
  /// `i32`.
  public static var dtype: DType { .i32 }
  /// Ints that fit.
  public init?(_ element: Scalar) {
    guard case .int(let number) = element else { return nil }
    self.init(exactly: number)
  }
}

extension UInt8: TensorElement {
  /// `u8`.
  public static var dtype: DType { .u8 }
  /// Ints from 0 to 255.
  public init?(_ element: Scalar) {
    guard case .int(let number) = element else { return nil }
    self.init(exactly: number)
  }
}

extension Bool: TensorElement {
  /// `bool`.
  public static var dtype: DType { .bool }
  /// Bools.
  public init?(_ element: Scalar) {
    guard case .bool(let flag) = element else { return nil }
    self = flag
  }
}
