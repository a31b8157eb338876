import NNSSyntax

/// A variable that can be read without evaluating anything: a slot of the frame, or a top-level name.
struct Leaf {
  // The top-level name's memory, or nil for a slot of the frame.
  private let base: Frame?
  private let slot: Int

  init(slot: Int) {
    base = nil
    self.slot = slot
  }

  init(global: Frame) {
    base = global
    slot = 0
  }

  @inline(__always) func pointer(_ f: Frame) -> Frame { (base ?? f) + slot }
}

/// `a op b` on any operands.
class BinaryNode: Node {
  let op: BinaryOperator
  let left: Ref
  let right: Ref
  private let site: UInt32
  @exclusivity(unchecked) private var isOperand = false

  init(_ op: BinaryOperator, _ left: Node, _ right: Node, site: UInt32, _ span: Span) {
    self.op = op
    self.left = Ref(left)
    self.right = Ref(right)
    self.site = site
    super.init(span)
  }

  override func becomeOperand() { isOperand = true }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let a = try left.eval(f, c)
    let b = try right.eval(f, c)
    if case .int(let x) = a, case .int(let y) = b, let value = Operators.ints(op, x, y) { return value }
    if case .float(let x) = a, case .float(let y) = b, let value = Operators.floats(op, x, y) { return value }
    return try slow(consume a, consume b, c)
  }

  override func test(_ f: Frame, _ c: Context) throws -> Bool {
    if case .bool(let flag) = try eval(f, c) { return flag }
    return try super.test(f, c)
  }

  /// Everything but two ints or two floats.
  @inline(never)
  final func slow(_ a: consuming Value, _ b: consuming Value, _ c: Context) throws -> Value {
    if a.isUnset { throw Mistakes.unset(c.text(left.span), at: left.span) }
    if b.isUnset { throw Mistakes.unset(c.text(right.span), at: right.span) }
    do {
      let value = try Operators.binary(op, a, b, c, deferring: true)
      if case .tensor(let tensor) = value { tensor.origin = site }
      // From here on the engine alone holds what is not in a variable, and may put the result there.
      (a, b) = (.unset, .unset)
      return isOperand ? value : try value.settled(c)
    } catch {
      throw c.diagnose(
        error, at: span, operands: [Operand(value: a, span: left.span), Operand(value: b, span: right.span)])
    }
  }
}

extension BinaryOperator {
  /// `x op y` as a condition, for the operators that compare ints.
  @inline(__always)
  fileprivate func compares(_ x: Int, _ y: Int) -> Bool? {
    switch self {
    case .less: x < y
    case .lessEqual: x <= y
    case .greater: x > y
    case .greaterEqual: x >= y
    case .equal: x == y
    case .notEqual: x != y
    default: nil
    }
  }
}

/// `variable op variable`.
final class BinaryLeavesNode: BinaryNode {
  private let a: Leaf
  private let b: Leaf

  init(_ op: BinaryOperator, _ left: Node, _ right: Node, _ a: Leaf, _ b: Leaf, site: UInt32, _ span: Span) {
    self.a = a
    self.b = b
    super.init(op, left, right, site: site, span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let p = a.pointer(f)
    let q = b.pointer(f)
    if case .int(let x) = p.pointee, case .int(let y) = q.pointee, let value = Operators.ints(op, x, y) {
      return value
    }
    if case .float(let x) = p.pointee, case .float(let y) = q.pointee, let value = Operators.floats(op, x, y) {
      return value
    }
    return try slow(p.pointee, q.pointee, c)
  }

  override func test(_ f: Frame, _ c: Context) throws -> Bool {
    if case .int(let x) = a.pointer(f).pointee, case .int(let y) = b.pointer(f).pointee,
      let flag = op.compares(x, y)
    {
      return flag
    }
    return try super.test(f, c)
  }
}

/// `variable op 1`.
final class BinaryLeafIntNode: BinaryNode {
  private let a: Leaf
  private let number: Int

  init(_ op: BinaryOperator, _ left: Node, _ right: Node, _ a: Leaf, _ number: Int, site: UInt32, _ span: Span) {
    self.a = a
    self.number = number
    super.init(op, left, right, site: site, span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let p = a.pointer(f)
    if case .int(let x) = p.pointee, let value = Operators.ints(op, x, number) { return value }
    return try slow(p.pointee, .int(number), c)
  }

  override func test(_ f: Frame, _ c: Context) throws -> Bool {
    if case .int(let x) = a.pointer(f).pointee, let flag = op.compares(x, number) { return flag }
    return try super.test(f, c)
  }
}

/// `expression op 1`.
final class BinaryIntNode: BinaryNode {
  private let number: Int

  init(_ op: BinaryOperator, _ left: Node, _ right: Node, _ number: Int, site: UInt32, _ span: Span) {
    self.number = number
    super.init(op, left, right, site: site, span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let a = try left.eval(f, c)
    if case .int(let x) = a, let value = Operators.ints(op, x, number) { return value }
    return try slow(a, .int(number), c)
  }
}

final class UnaryNode: Node {
  private let op: UnaryOperator
  private let operand: Ref
  private let site: UInt32
  @exclusivity(unchecked) private var isOperand = false

  init(_ op: UnaryOperator, _ operand: Node, site: UInt32, _ span: Span) {
    self.op = op
    self.operand = Ref(operand)
    self.site = site
    super.init(span)
  }

  override func becomeOperand() { isOperand = true }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    var value = try operand.eval(f, c)
    do {
      let result = try Operators.unary(op, value, c, deferring: true)
      if case .tensor(let tensor) = result { tensor.origin = site }
      value = .unset
      return isOperand ? result : try result.settled(c)
    } catch {
      throw c.diagnose(error, at: span, operands: [Operand(value: value, span: operand.span)])
    }
  }
}

final class AndNode: Node {
  private let left: Ref
  private let right: Ref

  init(_ left: Node, _ right: Node, _ span: Span) {
    self.left = Ref(left)
    self.right = Ref(right)
    super.init(span)
  }

  override func test(_ f: Frame, _ c: Context) throws -> Bool { try left.test(f, c) && right.test(f, c) }
  override func eval(_ f: Frame, _ c: Context) throws -> Value { .bool(try test(f, c)) }
}

final class OrNode: Node {
  private let left: Ref
  private let right: Ref

  init(_ left: Node, _ right: Node, _ span: Span) {
    self.left = Ref(left)
    self.right = Ref(right)
    super.init(span)
  }

  override func test(_ f: Frame, _ c: Context) throws -> Bool { try left.test(f, c) || right.test(f, c) }
  override func eval(_ f: Frame, _ c: Context) throws -> Value { .bool(try test(f, c)) }
}

final class NotNode: Node {
  private let operand: Ref

  init(_ operand: Node, _ span: Span) {
    self.operand = Ref(operand)
    super.init(span)
  }

  override func test(_ f: Frame, _ c: Context) throws -> Bool { !(try operand.test(f, c)) }
  override func eval(_ f: Frame, _ c: Context) throws -> Value { .bool(try test(f, c)) }
}
