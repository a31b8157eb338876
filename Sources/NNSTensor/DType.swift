/// The type of a tensor's elements.
public enum DType: UInt8, CaseIterable, Hashable, Sendable {
  case f32, f64, bf16, i64, i32, u8, bool

  /// The name a script writes: `"f32"`.
  public var name: String {
    switch self {
    case .f32: "f32"
    case .f64: "f64"
    case .bf16: "bf16"
    case .i64: "i64"
    case .i32: "i32"
    case .u8: "u8"
    case .bool: "bool"
    }
  }

  /// The dtype of that name, if there is one.
  public init?(name: some StringProtocol) {
    guard let dtype = DType.allCases.first(where: { $0.name == name }) else { return nil }
    self = dtype
  }

  /// Bytes of one element.
  public var byteSize: Int {
    switch self {
    case .f64, .i64: 8
    case .f32, .i32: 4
    case .bf16: 2
    case .u8, .bool: 1
    }
  }

  /// Whether elements are floating-point numbers, the only ones that have gradients.
  public var isFloat: Bool { self == .f32 || self == .f64 || self == .bf16 }

  /// Whether elements are integers. Bools are not.
  public var isInt: Bool { self == .i64 || self == .i32 || self == .u8 }

  /// What arithmetic computes with: bools count as `i64`.
  var arithmetic: DType { self == .bool ? .i64 : self }

  /// What functions with fractional results compute with: ints and bools give `f32`.
  var fractional: DType { isFloat ? self : .f32 }

  /// The dtype that holds both: floats over ints over bools, then the wider; `bf16` is the narrowest float.
  static func wider(_ a: DType, _ b: DType) -> DType { a.order >= b.order ? a : b }

  private var order: Int {
    switch self {
    case .bool: 0
    case .u8: 1
    case .i32: 2
    case .i64: 3
    case .bf16: 4
    case .f32: 5
    case .f64: 6
    }
  }
}

/// dtype, shape, and whether the value is a number rather than a tensor for the purposes of promotion.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
  /// The element type.
  public var dtype: DType
  /// The size along each axis.
  public var shape: Shape
  /// A rank-0 value made from a script number: it never widens a tensor's dtype.
  public var isWeak: Bool

  /// A type; not weak unless said so.
  public init(_ dtype: DType, _ shape: Shape, isWeak: Bool = false) {
    self.dtype = dtype
    self.shape = shape
    self.isWeak = isWeak
  }

  /// As messages show it: `f32[64, 784]`.
  public var description: String { dtype.name + shape.description }

  /// As arithmetic counts it: bools are `i64`.
  var counted: TensorType {
    var type = self
    type.dtype = dtype.arithmetic
    return type
  }

  /// The dtype of two operands taken together, and whether the result is still a number.
  ///
  /// Between tensors the wider wins. A number takes the tensor's dtype, except that a float with an int or bool
  /// tensor gives `f32`, and an int with a bool tensor `i64`. Two numbers stay a number. Arithmetic promotes what is
  /// ``counted``.
  static func promoted(_ a: TensorType, _ b: TensorType) -> (dtype: DType, isWeak: Bool) {
    if a.isWeak == b.isWeak { return (DType.wider(a.dtype, b.dtype), a.isWeak) }
    let (weak, tensor) = a.isWeak ? (a.dtype, b.dtype) : (b.dtype, a.dtype)
    if weak.isFloat { return (tensor.fractional, false) }
    return (weak == .bool ? tensor : tensor.arithmetic, false)
  }
}
