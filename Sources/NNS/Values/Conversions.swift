import NNSTensor

/// What one kind of value serves as another.
enum Conversions {
  /// An int, or a rank-0 int tensor.
  static func int(_ value: Value) -> Int? {
    switch value {
    case .int(let number): number
    case .tensor(let tensor) where tensor.rank == 0 && tensor.dtype.isInt && !tensor.isMeta:
      if case .int(let number)? = try? tensor.item() { number } else { nil }
    default: nil
    }
  }

  /// A number that is no tensor.
  static func plainDouble(_ value: Value) -> Double? {
    switch value {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }

  /// A number, or a rank-0 tensor of numbers.
  static func double(_ value: Value) -> Double? {
    switch value {
    case .int(let number): Double(number)
    case .float(let number): number
    case .tensor(let tensor) where tensor.elementCount == 1 && tensor.dtype != .bool && !tensor.isMeta:
      (try? tensor.item())?.double
    default: nil
    }
  }

  static func isTrue(_ value: Value) -> Bool {
    if case .bool(let flag) = value { return flag }
    return false
  }

  /// A tensor, or a number or bool as one.
  static func tensorOrNumber(_ value: Value) -> Tensor? {
    if case .tensor(let tensor) = value { return tensor }
    return Operators.weak(value)
  }

  /// A list, range or one-axis tensor of ints.
  static func ints(_ value: Value) -> [Int]? {
    switch value {
    case .list(let list):
      var numbers: [Int] = []
      for item in list {
        guard let number = int(item) else { return nil }
        numbers.append(number)
      }
      return numbers
    case .range(let range):
      guard let count = try? range.count, count <= 1 << 20 else { return nil }
      return Array(range.lower..<range.upper)
    case .tensor(let tensor) where tensor.rank == 1 && tensor.dtype.isInt && !tensor.isMeta: return tensor.ints()
    case .int(let number): return [number]
    default: return nil
    }
  }

  /// `((before, after), …)`, flattened.
  static func pairs(_ value: Value) -> [Int]? {
    switch value {
    case .list(let list):
      var flat: [Int] = []
      for item in list {
        guard let pair = ints(item), pair.count == 2 else { return nil }
        flat += pair
      }
      return flat
    case .tensor(let tensor) where tensor.rank == 2 && tensor.shape[1] == 2 && tensor.dtype.isInt: return tensor.ints()
    default: return nil
    }
  }
}

extension Context {
  /// A tensor as a value; a weak one that nobody differentiates is a number again.
  func wrap(_ tensor: Tensor) -> Value {
    guard tensor.isWeak, !engine.isTracked(tensor), !tensor.isMeta, let item = try? tensor.item() else {
      return .tensor(tensor)
    }
    return Value(item)
  }
}

extension Value {
  /// The value with its elements, where the engine put off an operation. It lays them where a temporary operand lay, if
  /// the caller has let go of that.
  func settled(_ c: Context) throws -> Value {
    guard case .tensor(let tensor) = self, tensor.isPending else { return self }
    return .tensor(try c.engine.settled(tensor))
  }

  init(_ scalar: Scalar) {
    switch scalar {
    case .int(let number): self = .int(number)
    case .float(let number): self = .float(number)
    case .bool(let flag): self = .bool(flag)
    }
  }
}
