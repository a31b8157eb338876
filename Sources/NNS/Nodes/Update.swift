import NNSSyntax
import NNSTensor

/// Taking boxes out of their place: the place gives its reference away, so that what nobody else holds can be changed
/// without a copy. The place must be filled again.
enum Taking {
  // The value is moved, not copied: no reference is counted up and down again.

  @inline(__always)
  static func list(_ pointer: Frame) -> ListBox? {
    guard case .list = pointer.pointee else { return nil }
    guard case .list(let box) = pointer.move() else { return nil }
    pointer.initialize(to: .nil)
    return box
  }

  @inline(__always)
  static func longText(_ pointer: Frame) -> TextBox? {
    // A few bytes that end in a zero are no short text; with more after them they may be one.
    guard case .string(.long(let text)) = pointer.pointee, text.byteCount > ShortText.capacity else { return nil }
    guard case .string(.long(let box)) = pointer.move() else { return nil }
    pointer.initialize(to: .nil)
    return box
  }

  @inline(__always)
  static func tensor(_ pointer: Frame) -> Tensor? {
    guard case .tensor = pointer.pointee else { return nil }
    guard case .tensor(let tensor) = pointer.move() else { return nil }
    pointer.initialize(to: .nil)
    return tensor
  }

  @inline(__always)
  static func record(_ pointer: Frame) -> RecordBox? {
    guard case .record = pointer.pointee else { return nil }
    guard case .record(let box) = pointer.move() else { return nil }
    pointer.initialize(to: .nil)
    return box
  }
}

/// `a op= b` in place.
enum Update {
  /// Adds a text to the one in a place.
  @inline(__always)
  static func append(_ other: Text, to pointer: Frame, _ c: Context) throws {
    if var box = Taking.longText(pointer) {
      defer { pointer.initialize(to: .string(.long(box))) }
      try TextBox.append(other, to: &box, c)
    } else if case .string(let text) = pointer.pointee {
      pointer.pointee = .string(try text.joined(with: other, c))
    }
  }

  static func apply(_ op: BinaryOperator, _ pointer: Frame, _ operand: Value, _ c: Context) throws {
    if op == .add {
      switch operand {
      case .string(let other):
        if case .string = pointer.pointee { return try append(other, to: pointer, c) }
      case .list(let other):
        if var box = Taking.list(pointer) {
          defer { pointer.pointee = .list(box) }
          try ListBox.own(&box, c)
          return try box.append(contentsOf: other, c)
        }
      default: break
      }
    }
    pointer.pointee = try Operators.binary(op, pointer.pointee, operand, c)
  }
}

/// `push pop insert remove`: they change the place they are called on.
enum PlaceMethods {
  static func call(_ name: String, on pointer: Frame, _ arguments: Arguments, _ c: Context) throws -> Value {
    if var box = Taking.list(pointer) {
      defer { pointer.pointee = .list(box) }
      try ListBox.own(&box, c)
      return try list(name, box, arguments, c)
    }
    if name == "remove", case .record(let record) = pointer.pointee {
      let key = try one(name, "key", arguments)
      guard case .string(let text) = key else { throw Mistakes.recordKeyType([.value(key)]) }
      guard let old = record[text] else { throw Mistakes.noKey(text.string, known: record.names, isRead: false) }
      // The keys after it are counted anew.
      try c.charge(items: 5 * record.values.count)
      let box = record.copy()
      box[text] = nil
      pointer.pointee = .record(box)
      return old
    }
    throw Mistakes.noPlaceMethod(name, pointer.pointee)
  }

  /// `xs.push(item)`.
  @inline(__always)
  static func push(_ item: Value, to pointer: Frame, _ c: Context) throws -> Bool {
    guard var box = Taking.list(pointer) else { return false }
    defer { pointer.initialize(to: .list(box)) }
    try ListBox.own(&box, c)
    try box.append(item, c)
    return true
  }

  private static func one(_ name: String, _ parameter: String, _ arguments: Arguments) throws -> Value {
    let signature = Signature(name: name, parameters: [.init(name: parameter, isOptional: false, isRest: false)])
    guard arguments.positional.count == 1, arguments.named.isEmpty else {
      if arguments.positional.isEmpty { throw Mistakes.missing([0], signature, given: 0) }
      throw Mistakes.tooMany(signature, given: arguments.positional.count)
    }
    return arguments.positional[0]
  }

  private static func list(
    _ name: String, _ items: ListBox, _ arguments: Arguments, _ c: Context
  ) throws -> Value {
    switch name {
    case "push":
      try items.append(try one(name, "item", arguments), c)
      return .nil
    case "pop":
      if arguments.positional.isEmpty {
        guard let last = items.popLast() else { throw Failure(.index, "pop: the list is empty") }
        return last
      }
      let index = try Indexing.position([.value(try one(name, "index", arguments))], count: items.count, of: "list")
      return items.remove(at: index)
    case "insert":
      guard arguments.positional.count == 2, let index = Conversions.int(arguments.positional[0]) else {
        throw Mistakes.insertArguments()
      }
      guard index >= -items.count, index <= items.count else {
        throw Mistakes.insertRange(index, count: items.count)
      }
      try items.insert(arguments.positional[1], at: index < 0 ? index + items.count : index, c)
      return .nil
    default:
      // `remove` takes away the first equal item.
      let item = try one(name, "item", arguments)
      for (index, other) in items.enumerated() where try Equality.equal(item, other, c) {
        _ = items.remove(at: index)
        return .nil
      }
      throw Failure(.value, "remove: \(item.summary) is not in the list", argument: 0)
    }
  }
}
