import NNSSyntax

/// The left side of an assignment, compiled.
indirect enum AssignTarget {
  case binding(PatternBinding)
  case place(Place)
  case list([AssignTarget], Span)

  func assign(_ value: Value, _ f: Frame, _ c: Context) throws {
    switch self {
    case .binding(let binding): try binding.bind(value, f, c)
    case .place(let place): try place.modify(try place.evaluateSteps(f, c), f, c, .set(value))
    case .list(let targets, let span):
      let items = try PatternBinding.items(of: value, count: targets.count, at: span, c)
      for (target, item) in zip(targets, items) { try target.assign(item, f, c) }
    }
  }
}

/// `a[0].b = v`, `(a, b[0]) = v`: the right side first.
final class AssignPlaceNode: Node {
  private let target: AssignTarget
  private let value: Ref

  init(_ target: AssignTarget, _ value: Node, _ span: Span) {
    self.target = target
    self.value = Ref(value)
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    try target.assign(try value.eval(f, c), f, c)
    return .normal
  }
}

/// `a[i] = v` with one key: the common case, without a list of steps.
class AssignElementNode: Node {
  private let root: Leaf
  private let index: Ref
  /// The index, where it is a variable.
  fileprivate let indexLeaf: Leaf?
  private let value: Ref
  private let place: Place

  init(_ root: Leaf, _ index: Node, _ indexLeaf: Leaf?, _ value: Node, _ place: Place, _ span: Span) {
    self.root = root
    self.indexLeaf = indexLeaf
    self.index = Ref(index)
    self.value = Ref(value)
    self.place = place
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let new = try value.eval(f, c)
    if let indexLeaf, case .int(let position) = indexLeaf.pointer(f).pointee, try assign(new, at: position, f, c) {
      return .normal
    }
    let key = try index.eval(f, c)
    if case .int(let position) = key, try assign(new, at: position, f, c) { return .normal }
    try place.modify([.keys([.value(key)], span)], f, c, .set(new))
    return .normal
  }

  /// Replaces an item of a list; `false` where this is something else.
  @inline(__always)
  fileprivate final func assign(_ new: Value, at position: Int, _ f: Frame, _ c: Context) throws -> Bool {
    let pointer = root.pointer(f)
    guard place.isMutable, position >= 0, var list = Taking.list(pointer) else { return false }
    defer { pointer.initialize(to: .list(list)) }
    guard position < list.count else { return false }
    try ListBox.own(&list, c)
    store(list.pointer(to: position), new)
    return true
  }
}

/// `a[i] = 0`: a value that stands in the text.
final class AssignConstantElementNode: AssignElementNode {
  private let new: Value

  init(_ root: Leaf, _ index: Node, _ indexLeaf: Leaf?, _ value: ConstantNode, _ place: Place, _ span: Span) {
    new = value.value
    super.init(root, index, indexLeaf, value, place, span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    if let indexLeaf, case .int(let position) = indexLeaf.pointer(f).pointee, try assign(new, at: position, f, c) {
      return .normal
    }
    return try super.run(f, c)
  }
}

/// `a += v` on any path.
final class UpdateNode: Node {
  private let op: BinaryOperator
  private let place: Place
  private let value: Ref

  init(_ op: BinaryOperator, _ place: Place, _ value: Node, _ span: Span) {
    self.op = op
    self.place = place
    self.value = Ref(value)
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let operand = try value.eval(f, c)
    try place.modify(try place.evaluateSteps(f, c), f, c, .update(op, operand, value.span))
    return .normal
  }
}

/// `a += v` on a variable.
class UpdateLeafNode: Node {
  fileprivate let op: BinaryOperator
  fileprivate let leaf: Leaf
  private let place: Place
  private let value: Ref

  init(_ op: BinaryOperator, _ leaf: Leaf, _ place: Place, _ value: Node, _ span: Span) {
    self.op = op
    self.leaf = leaf
    self.place = place
    self.value = Ref(value)
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let operand = try value.eval(f, c)
    let pointer = leaf.pointer(f)
    if case .int(let x) = pointer.pointee, case .int(let y) = operand, let sum = Operators.ints(op, x, y) {
      pointer.initialize(to: sum)
      return .normal
    }
    if op == .add, case .string(let other) = operand, case .string = pointer.pointee {
      do {
        try Update.append(other, to: pointer, c)
      } catch {
        throw c.diagnose(error, at: span)
      }
      return .normal
    }
    return try slow(operand, f, c)
  }

  @inline(never)
  fileprivate final func slow(_ operand: Value, _ f: Frame, _ c: Context) throws -> Flow {
    let pointer = leaf.pointer(f)
    if case .float(let x) = pointer.pointee, case .float(let y) = operand, let sum = Operators.floats(op, x, y) {
      pointer.initialize(to: sum)
      return .normal
    }
    try place.modify([], f, c, .update(op, operand, value.span))
    return .normal
  }
}

/// `a += b` on variables.
final class UpdateLeavesNode: UpdateLeafNode {
  private let operand: Leaf

  init(_ op: BinaryOperator, _ leaf: Leaf, _ operand: Leaf, _ place: Place, _ value: Node, _ span: Span) {
    self.operand = operand
    super.init(op, leaf, place, value, span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let pointer = leaf.pointer(f)
    if case .int(let x) = pointer.pointee, case .int(let y) = operand.pointer(f).pointee,
      let sum = Operators.ints(op, x, y)
    {
      pointer.initialize(to: sum)
      return .normal
    }
    return try super.run(f, c)
  }
}

/// `a += 1` on a variable.
final class UpdateLeafIntNode: UpdateLeafNode {
  private let number: Int

  init(_ op: BinaryOperator, _ leaf: Leaf, _ number: Int, _ place: Place, _ value: Node, _ span: Span) {
    self.number = number
    super.init(op, leaf, place, value, span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let pointer = leaf.pointer(f)
    if case .int(let x) = pointer.pointee, let sum = Operators.ints(op, x, number) {
      pointer.initialize(to: sum)
      return .normal
    }
    return try super.run(f, c)
  }
}

/// `r.count += 1` on a record in a variable.
final class UpdateMemberNode: Node {
  private let op: BinaryOperator
  private let leaf: Leaf
  private let place: Place
  private let value: Ref
  @exclusivity(unchecked) private var cache: KeyCache

  init(_ op: BinaryOperator, _ leaf: Leaf, _ name: String, _ place: Place, _ value: Node, _ span: Span) {
    self.op = op
    self.leaf = leaf
    cache = KeyCache(Text(name))
    self.place = place
    self.value = Ref(value)
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let operand = try value.eval(f, c)
    let pointer = leaf.pointer(f)
    if place.isMutable, case .int(let y) = operand, var record = Taking.record(pointer) {
      // Whatever follows, the record goes back.
      defer { pointer.initialize(to: .record(record)) }
      if let position = cache.position(in: record), case .int(let x) = record.values[position],
        let sum = Operators.ints(op, x, y)
      {
        try RecordBox.own(&record, c)
        record.values[position] = sum
        return .normal
      }
    }
    try place.modify(try place.evaluateSteps(f, c), f, c, .update(op, operand, value.span))
    return .normal
  }
}

/// `r.count = v` on a record in a variable.
final class AssignMemberNode: Node {
  private let leaf: Leaf
  private let place: Place
  private let value: Ref
  @exclusivity(unchecked) private var cache: KeyCache

  init(_ leaf: Leaf, _ name: String, _ place: Place, _ value: Node, _ span: Span) {
    self.leaf = leaf
    cache = KeyCache(Text(name))
    self.place = place
    self.value = Ref(value)
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let new = try value.eval(f, c)
    let pointer = leaf.pointer(f)
    if place.isMutable, var record = Taking.record(pointer) {
      defer { pointer.initialize(to: .record(record)) }
      if let position = cache.position(in: record) {
        try RecordBox.own(&record, c)
        record.values[position] = new
        return .normal
      }
    }
    try place.modify(try place.evaluateSteps(f, c), f, c, .set(new))
    return .normal
  }
}

/// `xs.push(1)` on a variable.
final class PushNode: Node {
  private let leaf: Leaf
  private let item: Ref
  /// The item where it is the same each time.
  private let constant: Value?
  private let general: Ref

  /// - Parameter general: the call for what is no list.
  init(_ leaf: Leaf, _ item: Node, general: Node, _ span: Span) {
    self.leaf = leaf
    self.item = Ref(item)
    constant = (item as? ConstantNode)?.value
    self.general = Ref(general)
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    try push(f, c) ? .nil : try general.eval(f, c)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    if !(try push(f, c)) { _ = try general.eval(f, c) }
    return .normal
  }

  /// - Returns: whether the variable holds a list.
  @inline(__always)
  private func push(_ f: Frame, _ c: Context) throws -> Bool {
    let pointer = leaf.pointer(f)
    guard case .list = pointer.pointee else { return false }
    let value = try constant ?? item.eval(f, c)
    do {
      // The item's expression may have changed the variable.
      guard try PlaceMethods.push(value, to: pointer, c) else { throw Mistakes.noPlaceMethod("push", pointer.pointee) }
    } catch {
      throw c.diagnose(error, at: span)
    }
    return true
  }
}

/// `xs.push(1)`: built-ins that change the place they are called on.
final class ChangePlaceNode: Node {
  private let place: Place
  private let name: String
  private let arguments: [GeneralCallNode.Argument]
  private let block: Ref?
  private let calleeSpan: Span
  private let function: String

  init(
    _ place: Place, _ name: String, _ arguments: [GeneralCallNode.Argument], block: Node?, in function: String,
    callee: Span, _ span: Span
  ) {
    self.place = place
    self.name = name
    self.arguments = arguments
    self.block = block.map { Ref($0) }
    self.function = function
    calleeSpan = callee
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    var operands: [Operand] = []
    let values = try GeneralCallNode.evaluate(arguments, block: block, f, c, &operands)
    let steps = try place.evaluateSteps(f, c)
    var result = Value.nil
    var receiver: Value?
    do {
      try place.modify(
        steps, f, c,
        .call(name) { pointer in
          if Place.Kind(pointer.pointee) == .object {
            receiver = pointer.pointee
          } else {
            result = try PlaceMethods.call(self.name, on: pointer, values, c)
          }
        })
    } catch {
      throw c.diagnose(error, at: calleeSpan, operands: operands)
    }
    guard let receiver else { return result }
    // A model's own method is called once the way to it is whole again: it may come back here.
    do {
      guard let method = try Members.member(name, of: receiver, c) else {
        throw Mistakes.noPlaceMethod(name, receiver)
      }
      return try c.call(method, values)
    } catch {
      throw Calling.explained(error, at: calleeSpan, operands, receiver, in: function, c)
    }
  }
}
