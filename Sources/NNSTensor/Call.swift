/// An op with its arguments, as rules and kernels see it.
public struct Call {
  /// The op.
  public let op: Op
  /// The tensors. A kernel may take one out to change it in place.
  public var inputs: TensorList
  /// The other arguments; those missing at the end have their defaults.
  public let attributes: [Attribute]

  /// The tensor at a position, or ``Tensor/absent``.
  public subscript(i: Int) -> Tensor { inputs[i] }

  /// The attribute at a position, or its default.
  public func attribute(_ i: Int) -> Attribute {
    if i < attributes.count { return attributes[i] }
    return i < op.attributeDefaults.count ? op.attributeDefaults[i] : .none
  }

  /// An int attribute.
  ///
  /// - Throws: a type error that names the parameter, as all readers here.
  public func int(_ i: Int) throws -> Int {
    switch attribute(i) {
    case .int(let value): return value
    case .ints(let values) where values.count == 1: return values[0]
    default: throw mismatch(i, "an int")
    }
  }

  /// An int attribute that may be nil.
  public func optionalInt(_ i: Int) throws -> Int? {
    if case .none = attribute(i) { return nil }
    return try int(i)
  }

  /// A number.
  public func number(_ i: Int) throws -> Double {
    guard let number = attribute(i).number else { throw mismatch(i, "a number") }
    return number
  }

  /// A number or bool.
  public func scalar(_ i: Int) throws -> Scalar {
    switch attribute(i) {
    case .float(let value): return .float(value)
    case .int(let value): return .int(value)
    case .bool(let value): return .bool(value)
    default: throw mismatch(i, "a number or bool")
    }
  }

  /// A number that may be nil.
  public func optionalNumber(_ i: Int) throws -> Double? {
    if case .none = attribute(i) { return nil }
    return try number(i)
  }

  /// A bool.
  public func bool(_ i: Int) throws -> Bool {
    guard case .bool(let value) = attribute(i) else { throw mismatch(i, "a bool") }
    return value
  }

  /// A string.
  public func string(_ i: Int) throws -> String {
    guard case .string(let value) = attribute(i) else { throw mismatch(i, "a string") }
    return value
  }

  /// A dtype.
  public func dtype(_ i: Int) throws -> DType {
    guard case .dtype(let value) = attribute(i) else { throw mismatch(i, "a dtype") }
    return value
  }

  /// Ints; one int counts as a list of one.
  public func ints(_ i: Int) throws -> [Int] {
    switch attribute(i) {
    case .ints(let values): return values
    case .int(let value): return [value]
    default: throw mismatch(i, "ints")
    }
  }

  /// Ints that may be nil.
  public func optionalInts(_ i: Int) throws -> [Int]? {
    if case .none = attribute(i) { return nil }
    return try ints(i)
  }

  /// A shape.
  public func shape(_ i: Int) throws -> Shape { try Shape(ints(i)) }

  /// Which axes of a shape an `axes` attribute means; nil means all of them.
  ///
  /// - Throws: an index error for one out of range, a value error for one named twice.
  public func axes(_ i: Int, of shape: Shape) throws -> AxisSet {
    switch attribute(i) {
    case .none: return AxisSet(all: shape.rank)
    case .int(let axis): return AxisSet(try shape.axis(axis))
    default:
      var set = AxisSet()
      for axis in try ints(i) {
        let axis = try shape.axis(axis)
        if set.contains(axis) { throw Mistakes.repeatedAxis(axis, op) }
        set.insert(axis)
      }
      return set
    }
  }

  private func mismatch(_ i: Int, _ expected: String) -> TensorError {
    let names = op.parameters.filter { !$0.kind.isTensor }
    return Mistakes.attributeKind(op, i < names.count ? names[i].name : "argument", expected)
  }
}

/// A set of axes, one bit each.
public struct AxisSet: Hashable, Sendable {
  private var bits: UInt8 = 0

  /// No axes.
  public init() {}
  /// One axis.
  public init(_ axis: Int) { insert(axis) }
  /// The first `rank` axes.
  public init(all rank: Int) { bits = rank >= 8 ? .max : (1 << UInt8(rank)) - 1 }

  /// Whether an axis is among them.
  public func contains(_ axis: Int) -> Bool { bits & (1 << UInt8(axis & 7)) != 0 }
  /// Adds an axis.
  public mutating func insert(_ axis: Int) { bits |= 1 << UInt8(axis & 7) }
  /// How many.
  public var count: Int { bits.nonzeroBitCount }
  /// Whether there are none.
  public var isEmpty: Bool { bits == 0 }
}
