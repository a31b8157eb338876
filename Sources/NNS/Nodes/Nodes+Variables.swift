import NNSSyntax

final class ConstantNode: Node {
  let value: Value

  init(_ value: Value, _ span: Span) {
    self.value = value
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value { value }
}

/// A variable in the running function's frame.
final class LocalNode: Node {
  let slot: Int

  init(_ slot: Int, _ span: Span) {
    self.slot = slot
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value { f[slot] }
}

/// A dimension, which no argument may have bound.
final class CheckedLocalNode: Node {
  private let slot: Int

  init(_ slot: Int, _ span: Span) {
    self.slot = slot
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    if f[slot].isUnset { throw Mistakes.unsetDimension(c.text(span), at: span) }
    return f[slot]
  }
}

/// A variable that closures share.
final class LocalCellNode: Node {
  let slot: Int

  init(_ slot: Int, _ span: Span) {
    self.slot = slot
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    guard case .cell(let cell) = f[slot] else { throw Mistakes.unset(c.text(span), at: span) }
    let value = cell.pointer.pointee
    if value.isUnset { throw Mistakes.unset(c.text(span), at: span) }
    return value
  }
}

/// A top-level name.
final class GlobalNode: Node {
  let pointer: UnsafeMutablePointer<Value>

  /// The unit keeps the cell alive.
  init(_ cell: Cell, _ span: Span) {
    pointer = cell.pointer
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    if pointer.pointee.isUnset { throw Mistakes.unset(c.text(span), at: span) }
    return pointer.pointee
  }
}

/// A field or parameter of the model that the text stands in.
final class FieldNode: Node {
  let selfSlot: Int
  let index: Int

  init(selfSlot: Int, index: Int, _ span: Span) {
    self.selfSlot = selfSlot
    self.index = index
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    guard case .model(let instance) = f[selfSlot] else { return .nil }
    let value = instance.slots[index]
    if value.isUnset { throw Mistakes.unset(c.text(span), at: span) }
    return value
  }
}

/// A method of the model that the text stands in, as a value.
final class MethodNode: Node {
  private let selfSlot: Int
  private let name: String

  init(selfSlot: Int, name: String, _ span: Span) {
    self.selfSlot = selfSlot
    self.name = name
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    guard case .model(let instance) = f[selfSlot], let method = instance.type.methods[name] else { return .nil }
    return .callable(BoundMethod(instance, method))
  }
}

/// A function literal: captures the variables that its body names.
final class FunctionNode: Node {
  private let code: Unmanaged<FunctionCode>
  private let sources: [Int]
  private unowned let unit: CodeUnit

  init(_ code: FunctionCode, sources: [Int], unit: CodeUnit, _ span: Span) {
    self.code = .passUnretained(code)
    self.sources = sources
    self.unit = unit
    super.init(span)
  }

  func closure(_ f: Frame) -> Closure {
    Closure(code.takeUnretainedValue(), unit: unit, captured: sources.map { f[$0] })
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value { .closure(closure(f)) }
}
