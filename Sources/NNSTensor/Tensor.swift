/// A number, bool or int as read from a tensor.
public enum Scalar: Hashable, Sendable {
  /// An element of a tensor of ints.
  case int(Int)
  /// An element of a tensor of floats.
  case float(Double)
  /// An element of a tensor of bools.
  case bool(Bool)

  /// The value as a double; bools are 0 and 1.
  public var double: Double {
    switch self {
    case .int(let value): Double(value)
    case .float(let value): value
    case .bool(let value): value ? 1 : 0
    }
  }
}

/// Where a tensor stands on the tape: valid only while the record there bears the same serial.
struct Trace {
  var index = -1
  var serial: UInt64 = 0
}

/// An n-dimensional array that is a value: what one holder does never shows in another's.
///
/// Elements lie in a shared ``Storage`` at `offset + Σ index · stride`. A number from a script is held in the tensor itself,
/// without storage. A *meta* tensor has dtype and shape but no data.
public final class Tensor: @unchecked Sendable {
  /// dtype, shape and weakness.
  public let type: TensorType
  /// Steps between neighbours along each axis, in elements; 0 where broadcast, negative where reversed.
  let strides: Axes
  /// The first element's position in the storage, in elements.
  let offset: Int
  /// Whether elements lie in row-major order without gaps.
  let isContiguous: Bool
  /// The value, where a script number has no storage of its own.
  let number: Scalar?
  /// The elements. A variable only so that unique ownership can be asked.
  @exclusivity(unchecked) var storage: Storage?
  /// What gives the elements, where they have not been computed yet: only the engine sees such tensors, as operands.
  let deferred: Deferred?
  // Not the stored property itself: of such, accesses from other modules are checked.
  /// Which expression made it: a tag of the embedding language, 0 if unknown.
  public var origin: UInt32 {
    get { mark }
    set { mark = newValue }
  }
  @exclusivity(unchecked) private var mark: UInt32 = 0
  /// Its place on the tape. Set only by the engine, right after creation.
  @exclusivity(unchecked) var trace = Trace()

  init(_ type: TensorType, strides: Axes, offset: Int, storage: Storage?, isContiguous: Bool) {
    self.type = type
    self.strides = strides
    self.offset = offset
    self.storage = storage
    self.isContiguous = isContiguous
    number = nil
    deferred = nil
  }

  /// All of a fresh storage, row-major.
  convenience init(_ type: TensorType, storage: Storage?) {
    self.init(type, strides: type.shape.contiguousStrides, offset: 0, storage: storage, isContiguous: true)
  }

  /// A result of the same type and layout as a tensor without gaps.
  init(like x: Tensor, _ storage: Storage) {
    type = x.type
    strides = x.strides
    offset = 0
    self.storage = storage
    isContiguous = true
    number = nil
    deferred = nil
  }

  /// A result of the same type and layout as a tensor without gaps, to be computed.
  init(like x: Tensor, _ deferred: Deferred) {
    type = x.type
    strides = x.strides
    offset = 0
    storage = nil
    isContiguous = true
    number = nil
    self.deferred = deferred
  }

  private init(number: Scalar, dtype: DType, isWeak: Bool) {
    type = TensorType(dtype, Shape(), isWeak: isWeak)
    strides = Axes()
    offset = 0
    isContiguous = true
    self.number = number
    storage = nil
    deferred = nil
  }

  /// The element type.
  public var dtype: DType { type.dtype }
  /// The size along each axis.
  public var shape: Shape { type.shape }
  /// Number of axes.
  public var rank: Int { type.shape.rank }
  /// Number of elements.
  public var elementCount: Int { type.shape.elementCount }
  /// A rank-0 value made from a script number, which takes part in promotion as a number does.
  public var isWeak: Bool { type.isWeak }
  /// Has dtype and shape but no data.
  public var isMeta: Bool { storage == nil && number == nil && deferred == nil }
  /// Its elements have not been computed yet.
  public var isPending: Bool { deferred != nil }
  /// As messages show it: `f32[64, 784]`.
  public var typeDescription: String { type.description }

  /// A script's float as a rank-0 tensor.
  public static func weak(_ value: Double) -> Tensor { Tensor(number: .float(value), dtype: .f64, isWeak: true) }
  /// A script's int as a rank-0 tensor.
  public static func weak(_ value: Int) -> Tensor { Tensor(number: .int(value), dtype: .i64, isWeak: true) }
  /// A script's bool as a rank-0 tensor.
  public static func weak(_ value: Bool) -> Tensor { Tensor(number: .bool(value), dtype: .bool, isWeak: true) }

  /// A tensor with dtype and shape but no data.
  public static func meta(_ type: TensorType) -> Tensor { Tensor(type, storage: nil) }
  /// A tensor with dtype and shape but no data.
  public static func meta(_ dtype: DType, _ shape: Shape) -> Tensor { meta(TensorType(dtype, shape)) }

  /// Stands in a ``TensorList`` where an optional tensor was not given.
  public static let absent = Tensor(number: .bool(false), dtype: .bool, isWeak: false)
  /// Whether this is the stand-in for a tensor that was not given.
  public var isAbsent: Bool { self === Tensor.absent }

  /// Another view of the same elements. The caller has checked that every element lies within the storage.
  func view(_ shape: Shape, strides: Axes, offset: Int) -> Tensor {
    let type = TensorType(dtype, shape)
    return Tensor(
      type, strides: strides, offset: offset, storage: storage,
      isContiguous: Tensor.isContiguous(shape, strides))
  }

  /// The elements of a tensor without gaps in another shape of as many.
  func view(_ shape: Shape) -> Tensor { view(shape, strides: shape.contiguousStrides, offset: offset) }

  /// A new tensor object for the same value, without history.
  func alias() -> Tensor {
    if let number { return Tensor(number: number, dtype: dtype, isWeak: isWeak) }
    return Tensor(type, strides: strides, offset: offset, storage: storage, isContiguous: isContiguous)
  }

  /// The same elements under another type of the same size and shape.
  func retyped(_ type: TensorType) -> Tensor {
    Tensor(type, strides: strides, offset: offset, storage: storage, isContiguous: isContiguous)
  }

  static func isContiguous(_ shape: Shape, _ strides: Axes) -> Bool {
    var step = 1
    var axis = shape.rank - 1
    while axis >= 0 {
      if shape[axis] != 1 {
        if strides[axis] != step && shape.elementCount != 0 { return false }
        step &*= shape[axis]
      }
      axis -= 1
    }
    return true
  }
}
