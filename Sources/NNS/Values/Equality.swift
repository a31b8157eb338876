import NNSTensor

/// Equality and order of values.
enum Equality {
  /// One bool for any two values; tensors are equal when shape and all elements are.
  static func equal(_ a: Value, _ b: Value, _ c: Context) throws -> Bool {
    try c.checkDepth("the values compared are")
    switch (a, b) {
    case (.nil, .nil): return true
    case (.bool(let x), .bool(let y)): return x == y
    case (.int(let x), .int(let y)): return x == y
    case (.float(let x), .float(let y)): return x == y
    case (.int(let x), .float(let y)), (.float(let y), .int(let x)): return order(x, y) == 0
    case (.string(let x), .string(let y)): return x == y
    case (.tensor(let x), .tensor(let y)): return tensors(x, y)
    case (.tensor(let x), _):
      guard x.rank == 0, let y = Operators.weak(b) else { return false }
      return scalars(try x.item(), try y.item())
    case (_, .tensor): return try equal(b, a, c)
    case (.list(let x), .list(let y)):
      if x === y { return true }
      guard x.count == y.count else { return false }
      try c.engine.budget.charge(work: x.count)
      for (p, q) in zip(x, y) where !(try equal(p, q, c)) { return false }
      return true
    case (.record(let x), .record(let y)):
      if x === y { return true }
      guard x.values.count == y.values.count else { return false }
      for (key, value) in x.entries {
        guard let other = y[key], try equal(value, other, c) else { return false }
      }
      return true
    case (.range(let x), .range(let y)): return x.isEmpty ? y.isEmpty : x.lower == y.lower && x.upper == y.upper
    case (.closure(let x), .closure(let y)): return x === y
    case (.callable(let x), .callable(let y)): return callables(x, y)
    case (.model(let x), .model(let y)): return x === y
    case (.object(let x), .object(let y)):
      if let x = x as? ModuleObject, let y = y as? ModuleObject { return x.module === y.module }
      if let x = x as? HostObjectBox, let y = y as? HostObjectBox { return x.object === y.object }
      return x === y
    default: return false
    }
  }

  private static func callables(_ a: Callable, _ b: Callable) -> Bool {
    if a === b { return true }
    if let a = a as? BoundMethod, let b = b as? BoundMethod {
      return a.instance === b.instance && a.method === b.method
    }
    return false
  }

  private static func scalars(_ a: Scalar, _ b: Scalar) -> Bool {
    switch (a, b) {
    case (.bool(let x), .bool(let y)): x == y
    case (.bool, _), (_, .bool): false
    case (.int(let x), .int(let y)): x == y
    case (.int(let x), .float(let y)), (.float(let y), .int(let x)): order(x, y) == 0
    case (.float(let x), .float(let y)): x == y
    }
  }

  static func tensors(_ a: Tensor, _ b: Tensor) -> Bool {
    guard a.shape == b.shape, (a.dtype == .bool) == (b.dtype == .bool) else { return false }
    for index in 0..<a.elementCount where !scalars(a.element(at: index), b.element(at: index)) { return false }
    return true
  }

  /// -1, 0 or 1 for an int against a float, exactly; `nil` for nan.
  static func order(_ x: Int, _ y: Double) -> Int? {
    if y.isNaN { return nil }
    // 2^63 and beyond are no ints.
    if y >= 9.223372036854775808e18 { return -1 }
    if y < -9.223372036854775808e18 { return 1 }
    let whole = Int(y.rounded(.down))
    if x != whole { return x < whole ? -1 : 1 }
    return y == y.rounded(.down) ? 0 : -1
  }

  /// -1, 0 or 1 for two numbers, strings or lists of such; `nil` where they have no order.
  ///
  /// - Parameter nansLast: whether nan, which has no order either, counts as the largest number.
  static func order(_ a: Value, _ b: Value, _ c: Context, nansLast: Bool = false) throws -> Int? {
    try c.checkDepth("the values compared are")
    switch (a, b) {
    case (.int(let x), .int(let y)): return x < y ? -1 : x == y ? 0 : 1
    case (.float(let x), .float(let y)):
      if x < y { return -1 }
      if x > y { return 1 }
      if x == y { return 0 }
      return nansLast ? (x.isNaN ? 1 : 0) - (y.isNaN ? 1 : 0) : nil
    case (.int(let x), .float(let y)): return order(x, y) ?? (nansLast ? -1 : nil)
    case (.float, .int): return try order(b, a, c, nansLast: nansLast).map { -$0 }
    case (.string(let x), .string(let y)): return Text.order(x, y)
    case (.bool(let x), .bool(let y)): return x == y ? 0 : !x ? -1 : 1
    case (.tensor(let x), _) where x.rank == 0: return try order(Value(try x.item()), b, c, nansLast: nansLast)
    case (_, .tensor(let y)) where y.rank == 0: return try order(a, Value(try y.item()), c, nansLast: nansLast)
    case (.list(let x), .list(let y)):
      for (p, q) in zip(x, y) {
        guard let first = try order(p, q, c, nansLast: nansLast) else { return nil }
        if first != 0 { return first }
      }
      return x.count < y.count ? -1 : x.count == y.count ? 0 : 1
    default: return nil
    }
  }
}
