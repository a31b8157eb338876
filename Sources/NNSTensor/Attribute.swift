/// An argument of an op that is not a tensor.
public enum Attribute: Hashable, Sendable {
  /// Not given, or `nil`.
  case none
  /// A bool.
  case bool(Bool)
  /// An int: a size, an axis, a count.
  case int(Int)
  /// A number.
  case float(Double)
  /// A list of ints: sizes, axes, pairs laid out one after another.
  case ints([Int])
  /// A string.
  case string(String)
  /// A dtype.
  case dtype(DType)

  /// The number that it is; nil for all else.
  var number: Double? {
    switch self {
    case .float(let value): value
    case .int(let value): Double(value)
    default: nil
    }
  }
}

/// A parameter of an op, as a script sees it.
public struct OpParameter: Sendable {
  /// What arguments fit. Tensor kinds go to an op's inputs, the others to its attributes, each in declaration order.
  public enum Kind: Sendable {
    /// A tensor or a number.
    case tensor
    /// A tensor, or nil (``Tensor/absent``).
    case optionalTensor
    /// A list of tensors; the last of the tensor kinds.
    case tensors
    /// A number: `.float` or `.int`.
    case number
    /// A number or a bool: `.float`, `.int` or `.bool`.
    case scalar
    /// An int: `.int`.
    case int
    /// A bool: `.bool`.
    case bool
    /// A string: `.string`.
    case string
    /// A dtype by its name: `.dtype`.
    case dtype
    /// One axis: `.int`.
    case axis
    /// An int or a list of ints, nil for all axes: `.ints` or `.none`.
    case axes
    /// Sizes, as ints one by one or one list: `.ints`.
    case shape
    /// An int or a list of ints: `.ints`.
    case ints
    /// A list of pairs of ints, or one pair: `.ints` laid out one after another.
    case pairs

    /// Whether arguments go to the inputs.
    public var isTensor: Bool { self == .tensor || self == .optionalTensor || self == .tensors }
  }

  /// Its name, for named arguments.
  public let name: String
  /// What fits.
  public let kind: Kind
  /// What stands where it is not given; nil if it must be given.
  public let defaultValue: Attribute?

  /// Whether its argument must be named.
  public let isNamedOnly: Bool

  /// A parameter; required unless it has a default.
  public init(_ name: String, _ kind: Kind, default defaultValue: Attribute? = nil, isNamedOnly: Bool = false) {
    self.name = name
    self.isNamedOnly = isNamedOnly
    self.kind = kind
    self.defaultValue = kind == .optionalTensor ? Attribute.none : defaultValue
  }
}
