import NNSSyntax
import NNSTensor

/// `a op= b` on a value that its place has given away: what nobody else holds is changed in place.
enum Update {
  static func apply(_ op: BinaryOperator, _ value: inout Value, _ operand: Value, _ c: Context) throws {
    if op == .add {
      switch (value, operand) {
      case (.string(var box), .string(let other)):
        try c.charge(bytes: other.text.utf8.count)
        value = .nil
        if isKnownUniquelyReferenced(&box) {
          box.text += other.text
        } else {
          box = StringBox(box.text + other.text)
        }
        value = .string(box)
        return
      case (.list(var box), .list(let other)):
        try c.charge(bytes: other.items.count * 16)
        value = .nil
        if isKnownUniquelyReferenced(&box) {
          box.items += other.items
        } else {
          box = ListBox(box.items + other.items)
        }
        value = .list(box)
        return
      default: break
      }
    }
    value = try Operators.binary(op, value, operand, c)
  }
}

/// `push pop insert remove`: they change the place they are called on.
enum PlaceMethods {
  static func call(_ name: String, on value: inout Value, _ arguments: Arguments, _ c: Context) throws -> Value {
    switch value {
    case .list(var box):
      value = .nil
      if !isKnownUniquelyReferenced(&box) { box = ListBox(box.items) }
      defer { value = .list(box) }
      return try list(name, &box.items, arguments, c)
    case .record(var box):
      guard name == "remove" else { break }
      let key = try one(name, "key", arguments)
      guard case .string(let text) = key else { throw Mistakes.recordKeyType() }
      guard let old = box[text.text] else { throw Mistakes.noKey(text.text, known: box.keys) }
      value = .nil
      if !isKnownUniquelyReferenced(&box) { box = box.copy() }
      box[text.text] = nil
      value = .record(box)
      return old
    case .model, .object:
      // A method of that name goes first.
      if let member = try Members.member(name, of: value, c) { return try c.call(member, arguments) }
    default: break
    }
    throw Mistakes.noPlaceMethod(name, value)
  }

  private static func one(_ name: String, _ parameter: String, _ arguments: Arguments) throws -> Value {
    let signature = Signature(name: name, parameters: [.init(name: parameter, isOptional: false, isRest: false)])
    guard arguments.positional.count == 1, arguments.named.isEmpty else {
      if arguments.positional.isEmpty { throw Mistakes.missing(parameter, signature, given: 0) }
      throw Mistakes.tooMany(signature, given: arguments.positional.count)
    }
    return arguments.positional[0]
  }

  private static func list(
    _ name: String, _ items: inout [Value], _ arguments: Arguments, _ c: Context
  ) throws -> Value {
    switch name {
    case "push":
      items.append(try one(name, "item", arguments))
      if items.count & 0xFFFF == 0 { try c.charge(bytes: items.count * 16) }
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
        throw Mistakes.indexRange(index, count: items.count, of: "list")
      }
      items.insert(arguments.positional[1], at: index < 0 ? index + items.count : index)
      return .nil
    default:
      // `remove` takes away the first equal item.
      let item = try one(name, "item", arguments)
      for (index, other) in items.enumerated() where try Equality.equal(item, other, c) {
        items.remove(at: index)
        return .nil
      }
      throw Failure(.value, "remove: \(item.summary) is not in the list", argument: 0)
    }
  }
}
