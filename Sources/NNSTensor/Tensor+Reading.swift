extension Tensor {
  /// The value of a tensor of one element.
  ///
  /// - Throws: a shape error for any other element count, a value error for a meta tensor.
  public func item() throws -> Scalar {
    guard elementCount == 1 else { throw Mistakes.notOneElement(type) }
    guard !isMeta else { throw Mistakes.noData(type) }
    return element(at: 0)
  }

  /// The element at a position in row-major order. Positions out of range and meta tensors give 0.
  public func element(at position: Int) -> Scalar {
    if let number { return number }
    guard let storage, position >= 0, position < elementCount else { return dtype.isFloat ? .float(0) : .int(0) }
    return storage.read(dtype, at: offset + (isContiguous ? position : shape.distance(to: position, strides)))
  }

  /// All elements in row-major order, as doubles. A meta tensor gives none.
  public func doubles() -> [Double] { isMeta ? [] : (0..<elementCount).map { element(at: $0).double } }

  /// All elements in row-major order, as ints; floats are cut off towards zero, and are 0 where no int is near.
  public func ints() -> [Int] {
    guard !isMeta else { return [] }
    if dtype == .i64, isContiguous, let base = pointer?.assumingMemoryBound(to: Int.self) {
      return Array(UnsafeBufferPointer(start: base, count: elementCount))
    }
    return (0..<elementCount).map {
      switch element(at: $0) {
      case .int(let value): value
      case .float(let value): Int(exactly: value.rounded(.towardZero)) ?? 0
      case .bool(let value): value ? 1 : 0
      }
    }
  }

  /// All elements in row-major order, as bools: whether they differ from 0.
  public func bools() -> [Bool] { doubles().map { $0 != 0 } }

  /// All elements as `f32`.
  public func floats() -> [Float] { doubles().map { Float($0) } }

  /// The elements as they lie in memory, row-major and without gaps; ``Engine/contiguous(_:)`` makes any tensor so.
  ///
  /// - Throws: a value error for a meta tensor or one with gaps, and what `body` throws.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    guard let storage, isContiguous else { throw Mistakes.noData(type) }
    let start = storage.base + offset &* dtype.byteSize
    return try body(UnsafeRawBufferPointer(start: start, count: elementCount &* dtype.byteSize))
  }
}

extension Shape {
  /// How far the element at a row-major position lies from the first, in elements, with these strides.
  func distance(to position: Int, _ strides: Axes) -> Int {
    var rest = position
    var distance = 0
    var axis = rank - 1
    while axis >= 0 {
      let size = Swift.max(self[axis], 1)
      distance += rest % size * strides[axis]
      rest /= size
      axis -= 1
    }
    return distance
  }
}

extension Storage {
  /// One element. The caller has checked that the position lies within.
  func read(_ dtype: DType, at position: Int) -> Scalar {
    let place = base + position &* dtype.byteSize
    return switch dtype {
    case .f32: .float(Double(place.load(as: Float.self)))
    case .f64: .float(place.load(as: Double.self))
    case .bf16: .float(Double(Float(bitPattern: UInt32(place.load(as: UInt16.self)) << 16)))
    case .i64: .int(place.load(as: Int.self))
    case .i32: .int(Int(place.load(as: Int32.self)))
    case .u8: .int(Int(place.load(as: UInt8.self)))
    case .bool: .bool(place.load(as: UInt8.self) != 0)
    }
  }

  /// Writes one element; false if the dtype does not hold the value.
  static func write(_ value: Scalar, _ dtype: DType, to place: UnsafeMutableRawPointer) -> Bool {
    switch dtype {
    case .f32: place.storeBytes(of: Float(value.double), as: Float.self)
    case .f64: place.storeBytes(of: value.double, as: Double.self)
    case .bf16: place.storeBytes(of: Float(value.double).roundedToHalf, as: UInt16.self)
    case .bool: place.storeBytes(of: value.double != 0 ? 1 : 0, as: UInt8.self)
    case .i64, .i32, .u8:
      guard let int = value.exactInt else { return false }
      switch dtype {
      case .i64: place.storeBytes(of: int, as: Int.self)
      case .i32:
        guard let small = Int32(exactly: int) else { return false }
        place.storeBytes(of: small, as: Int32.self)
      default:
        guard let small = UInt8(exactly: int) else { return false }
        place.storeBytes(of: small, as: UInt8.self)
      }
    }
    return true
  }
}

extension DType {
  /// Whether an int is exactly one of its values, as far as ints go: floats round.
  public func holds(_ value: Int) -> Bool {
    switch self {
    case .i32: Int32(exactly: value) != nil
    case .u8: UInt8(exactly: value) != nil
    default: true
    }
  }
}

extension Scalar {
  /// The value as an int, floats cut off towards zero as casts do; nil where no int is near.
  var exactInt: Int? {
    switch self {
    case .int(let value): value
    case .float(let value): Int(exactly: value.rounded(.towardZero))
    case .bool(let value): value ? 1 : 0
    }
  }
}

extension Float {
  /// The upper half of the bits, rounded to nearest even; a quiet NaN for NaN.
  var roundedToHalf: UInt16 {
    if isNaN { return 0x7fc0 }
    let bits = bitPattern
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
  }
}
