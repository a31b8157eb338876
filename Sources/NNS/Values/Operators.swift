import NNSSyntax
import NNSTensor

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What the operators do with values. The nodes take the common cases themselves and come here for the rest.
enum Operators {
  /// `x op y` on ints; `nil` where it overflows or divides by zero, which the slow path explains.
  @inline(__always)
  static func ints(_ op: BinaryOperator, _ x: Int, _ y: Int) -> Value? {
    let (value, overflow): (Int, Bool)
    switch op {
    case .add: (value, overflow) = x.addingReportingOverflow(y)
    case .subtract: (value, overflow) = x.subtractingReportingOverflow(y)
    case .multiply: (value, overflow) = x.multipliedReportingOverflow(by: y)
    case .less: return .bool(x < y)
    case .lessEqual: return .bool(x <= y)
    case .greater: return .bool(x > y)
    case .greaterEqual: return .bool(x >= y)
    case .equal: return .bool(x == y)
    case .notEqual: return .bool(x != y)
    case .modulo:
      if y == 0 || y == -1 { return y == 0 ? nil : .int(0) }
      let remainder = x % y
      return .int(remainder != 0 && (remainder < 0) != (y < 0) ? remainder + y : remainder)
    case .floorDivide:
      if y == 0 || y == -1 { return nil }
      let quotient = x / y
      return .int(x % y != 0 && (x < 0) != (y < 0) ? quotient - 1 : quotient)
    default: return nil
    }
    return overflow ? nil : .int(value)
  }

  /// `x op y` on floats; `nil` for operators that floats lack.
  @inline(__always)
  static func floats(_ op: BinaryOperator, _ x: Double, _ y: Double) -> Value? {
    switch op {
    case .add: .float(x + y)
    case .subtract: .float(x - y)
    case .multiply: .float(x * y)
    case .divide: .float(x / y)
    case .less: .bool(x < y)
    case .lessEqual: .bool(x <= y)
    case .greater: .bool(x > y)
    case .greaterEqual: .bool(x >= y)
    case .equal: .bool(x == y)
    case .notEqual: .bool(x != y)
    case .power: .float(pow(x, y))
    case .floorDivide: .float(floorDivide(x, y))
    case .modulo: .float(modulo(x, y))
    default: nil
    }
  }

  /// Python's `%` on floats: the result has the divisor's sign, zero too.
  private static func modulo(_ x: Double, _ y: Double) -> Double {
    let remainder = x.truncatingRemainder(dividingBy: y)
    if remainder == 0 { return Double(signOf: y, magnitudeOf: 0) }
    return (remainder < 0) != (y < 0) ? remainder + y : remainder
  }

  /// Python's `//` on floats: what is left after `%` is taken away, divided; by zero as IEEE says.
  private static func floorDivide(_ x: Double, _ y: Double) -> Double {
    if y == 0 { return x / y }
    let remainder = x.truncatingRemainder(dividingBy: y)
    var quotient = (x - remainder) / y
    if remainder != 0, (remainder < 0) != (y < 0) { quotient -= 1 }
    if quotient == 0 { return Double(signOf: x / y, magnitudeOf: 0) }
    // The division may have ended just below a whole number.
    let whole = quotient.rounded(.down)
    return quotient - whole > 0.5 ? whole + 1 : whole
  }

  /// `x op y` on any values; with `deferring` the result goes nowhere but into an elementwise operation.
  static func binary(
    _ op: BinaryOperator, _ a: Value, _ b: Value, _ c: Context, deferring: Bool = false
  ) throws -> Value {
    switch (a, b) {
    case (.int(let x), .int(let y)): return try intsOrExplain(op, x, y)
    case (.float(let x), .float(let y)): if let value = floats(op, x, y) { return value }
    case (.int(let x), .float(let y)): if let value = mixed(op, x, y) { return value }
    case (.float(let x), .int(let y)): if let value = mixed(op, x, y) { return value }
    case (.tensor(let x), .tensor(let y)): return try tensors(op, x, y, c, deferring)
    case (.tensor(let x), _):
      if let y = weak(b) { return try tensors(op, x, y, c, deferring) }
    case (_, .tensor(let y)):
      if op != .contains, op != .notContains, let x = weak(a) { return try tensors(op, x, y, c, deferring) }
    default: break
    }
    return try others(op, a, b, c)
  }

  /// A number as an operand of a tensor operation.
  static func weak(_ value: Value) -> Tensor? {
    switch value {
    case .int(let number): .weak(number)
    case .float(let number): .weak(number)
    case .bool(let flag): .weak(flag)
    default: nil
    }
  }

  private static func tensors(
    _ op: BinaryOperator, _ a: Tensor, _ b: Tensor, _ c: Context, _ deferring: Bool
  ) throws -> Value {
    switch op {
    case .contains: return .bool(try contains(.tensor(a), in: .tensor(b), c))
    case .notContains: return .bool(!(try contains(.tensor(a), in: .tensor(b), c)))
    default: return c.wrap(try c.engine.apply(c.operations.binary(op), a, b, deferring: deferring))
    }
  }

  private static func intsOrExplain(_ op: BinaryOperator, _ x: Int, _ y: Int) throws -> Value {
    if let value = ints(op, x, y) { return value }
    switch op {
    case .divide:
      if y == 0 { throw Mistakes.divisionByZero(op, x) }
      return .float(Double(x) / Double(y))
    case .floorDivide:
      if y == 0 { throw Mistakes.divisionByZero(op, x) }
      // Only x // -1 of the smallest int is left.
      let (value, overflow) = x.multipliedReportingOverflow(by: -1)
      if overflow { throw Mistakes.overflow(op, x, y) }
      return .int(value)
    case .modulo: throw Mistakes.divisionByZero(op, x)
    case .power: return try power(x, y)
    case .bitOr: return .int(x | y)
    case .bitAnd: return .int(x & y)
    case .add, .subtract, .multiply: throw Mistakes.overflow(op, x, y)
    case .contains, .notContains: throw Mistakes.notSearched(.int(x), .int(y))
    default: throw Mistakes.operands(op, .int(x), .int(y))
    }
  }

  private static func power(_ base: Int, _ exponent: Int) throws -> Value {
    if exponent < 0 {
      return .float(pow(Double(base), Double(exponent)))
    }
    var result = 1
    var square = base
    var left = exponent
    while left > 0 {
      if left & 1 == 1 {
        let (product, overflow) = result.multipliedReportingOverflow(by: square)
        if overflow { throw Mistakes.overflow(.power, base, exponent) }
        result = product
      }
      left >>= 1
      if left > 0 {
        let (product, overflow) = square.multipliedReportingOverflow(by: square)
        if overflow { throw Mistakes.overflow(.power, base, exponent) }
        square = product
      }
    }
    return .int(result)
  }

  /// An int with a float: compared exactly, otherwise as floats.
  private static func mixed(_ op: BinaryOperator, _ x: Int, _ y: Double) -> Value? {
    if let order = Equality.order(x, y) {
      if let value = compare(op, order) { return value }
    } else if op == .notEqual {
      return .bool(true)
    }
    return floats(op, Double(x), y)
  }

  private static func mixed(_ op: BinaryOperator, _ x: Double, _ y: Int) -> Value? {
    if let order = Equality.order(y, x) {
      if let value = compare(op, -order) { return value }
    } else if op == .notEqual {
      return .bool(true)
    }
    return floats(op, x, Double(y))
  }

  private static func compare(_ op: BinaryOperator, _ order: Int) -> Value? {
    switch op {
    case .less: .bool(order < 0)
    case .lessEqual: .bool(order <= 0)
    case .greater: .bool(order > 0)
    case .greaterEqual: .bool(order >= 0)
    case .equal: .bool(order == 0)
    case .notEqual: .bool(order != 0)
    default: nil
    }
  }

  private static func others(_ op: BinaryOperator, _ a: Value, _ b: Value, _ c: Context) throws -> Value {
    switch op {
    case .equal: return .bool(try Equality.equal(a, b, c))
    case .notEqual: return .bool(!(try Equality.equal(a, b, c)))
    case .contains: return .bool(try contains(a, in: b, c))
    case .notContains: return .bool(!(try contains(a, in: b, c)))
    case .add:
      switch (a, b) {
      case (.string(let x), .string(let y)):
        return .string(try x.joined(with: y, c))
      case (.list(let x), .list(let y)):
        return .list(try x.joined(with: y, c))
      default: break
      }
    case .less, .lessEqual, .greater, .greaterEqual:
      if let order = try Equality.order(a, b, c), let value = compare(op, order) { return value }
    case .bitOr, .bitAnd:
      if case .bool(let x) = a, case .bool(let y) = b { return .bool(op == .bitOr ? x || y : x && y) }
    default: break
    }
    if let value = try Gradients.arithmetic(op, a, b, c) { return value }
    throw Mistakes.operands(op, a, b)
  }

  /// `x in y`: elements of lists and tensors, keys of records, parts of strings, values of ranges.
  static func contains(_ item: Value, in container: Value, _ c: Context) throws -> Bool {
    switch (item, container) {
    case (.string(let part), .string(let whole)): return try whole.contains(part, c)
    case (_, .string): throw Mistakes.notSearched(item, container)
    case (.string(let key), .record(let record)): return record.layout.position(of: key) != nil
    case (_, .record): return false
    case (_, .list(let list)):
      for element in list where try Equality.equal(item, element, c) { return true }
      return false
    case (.int(let number), .range(let range)): return number >= range.lower && number < range.upper
    case (_, .range): return false
    case (_, .tensor(let tensor)):
      let wanted: Scalar
      switch item {
      case .int(let number): wanted = .int(number)
      case .float(let number): wanted = .float(number)
      case .bool(let flag): wanted = .bool(flag)
      case .tensor(let scalar) where scalar.elementCount == 1: wanted = try scalar.item()
      default: throw Mistakes.notSearched(item, container)
      }
      for index in 0..<tensor.elementCount {
        if index & 0xffff == 0 { try c.engine.budget.check() }
        if tensor.element(at: index).double == wanted.double { return true }
      }
      return false
    default: throw Mistakes.notSearched(item, container)
    }
  }

  static func unary(_ op: UnaryOperator, _ value: Value, _ c: Context, deferring: Bool = false) throws -> Value {
    switch (op, value) {
    case (.negate, .int(let number)):
      let (result, overflow) = (0).subtractingReportingOverflow(number)
      if overflow { throw Mistakes.negationOverflow(number) }
      return .int(result)
    case (.negate, .float(let number)): return .float(-number)
    case (.invert, .int(let number)): return .int(~number)
    case (.invert, .bool(let flag)): return .bool(!flag)
    case (_, .tensor(let tensor)):
      return c.wrap(try c.engine.apply(c.operations.unary(op), tensor, deferring: deferring))
    case (.negate, .object):
      if let result = try Gradients.arithmetic(.multiply, value, .int(-1), c) { return result }
    default: break
    }
    throw Mistakes.operand(op, value)
  }
}
