import NNSTensor

/// Passes over what can be iterated over.
enum Iteration {
  static func iterator(over value: Value, _ c: Context) throws -> ValueIterator {
    try c.checkDepth("what is iterated over is")
    switch value {
    case .list(let list): return ListIterator(list)
    case .range(let range): return RangeIterator(range)
    case .string(let text): return CharacterIterator(text)
    case .record(let record):
      // Each entry is a list of two.
      try c.charge(items: 8 * record.values.count)
      return ListIterator(ListBox(record.entries.map { .list([.string($0.key), $0.value]) }))
    case .tensor(let tensor):
      guard tensor.rank > 0 else { break }
      return TensorIterator(tensor)
    case .object(let object):
      if let iterator = try object.makeIterator(c) { return iterator }
    default: break
    }
    throw Mistakes.notIterable(value)
  }

  /// Throws where a value cannot be iterated over, without making an iterator of what is made of others.
  static func check(_ value: Value, _ c: Context) throws {
    if case .object(let object) = value, object is Iterable { return }
    _ = try iterator(over: value, c)
  }

  /// All values at once.
  static func items(of value: Value, _ c: Context) throws -> ListBox {
    switch value {
    case .list(let list): return list
    case .range(let range): return try ListBox.ints(from: range.lower, step: 1, count: try range.count, c)
    default:
      let iterator = try iterator(over: value, c)
      let items = ListBox()
      while let item = try iterator.next(c) {
        try c.tick(at: .none)
        try items.append(item, c)
      }
      return items
    }
  }

  /// What `len(x)` gives; `nil` where it has none.
  static func count(_ value: Value, _ c: Context) throws -> Int? {
    try c.checkDepth("what is counted is")
    return switch value {
    case .list(let list): list.count
    case .range(let range): try range.count
    case .string(let text): text.count
    case .record(let record): record.values.count
    case .tensor(let tensor): tensor.rank > 0 ? tensor.shape[0] : nil
    case .object(let object): try object.count(c)
    default: nil
    }
  }
}

final class ListIterator: ValueIterator {
  private let items: ListBox
  private var position = 0

  init(_ items: ListBox) { self.items = items }

  override func next(_ context: Context) throws -> Value? {
    guard position < items.count else { return nil }
    position += 1
    return items[position - 1]
  }
}

private final class CharacterIterator: ValueIterator {
  private let text: Text
  private var offset = 0

  init(_ text: Text) { self.text = text }

  override func next(_ context: Context) throws -> Value? {
    text.withUTF8 { bytes in
      guard offset < bytes.count else { return nil }
      defer { offset += bytes.width(at: offset) }
      return .string(bytes.character(at: offset))
    }
  }
}

private final class RangeIterator: ValueIterator {
  private let upper: Int
  private var position: Int

  init(_ range: RangeBox) {
    position = range.lower
    upper = range.upper
  }

  override func next(_ context: Context) throws -> Value? {
    guard position < upper else { return nil }
    position += 1
    return .int(position - 1)
  }
}

/// Slices along the first axis.
private final class TensorIterator: ValueIterator {
  private let tensor: Tensor
  private var position = 0

  init(_ tensor: Tensor) { self.tensor = tensor }

  override func next(_ context: Context) throws -> Value? {
    guard position < tensor.shape[0] else { return nil }
    position += 1
    return .tensor(try context.engine.index(tensor, [.int(position - 1)]))
  }
}

/// Something that can be iterated over again and again: `enumerate(x)`, `batches(…)`.
final class Iterable: Object {
  typealias Count = (_ captured: [Value], Context) throws -> Int?
  typealias Make = (_ captured: [Value], Context) throws -> ValueIterator

  private let name: String
  private var captured: [Value]
  private let length: Count
  private let make: Make

  /// - Parameter captured: the values it is made of, held here so that they can be released without deep recursion.
  init(_ name: String, captured: [Value], count: @escaping Count, _ make: @escaping Make) {
    self.name = name
    self.captured = captured
    length = count
    self.make = make
  }

  deinit { Teardown.release(&captured) }

  override var typeName: String { name }
  override func makeIterator(_ context: Context) throws -> ValueIterator? { try make(captured, context) }
  override func count(_ context: Context) throws -> Int? { try length(captured, context) }
}

/// An iterator made of a function.
final class FunctionIterator: ValueIterator {
  private let body: (Context) throws -> Value?

  init(_ body: @escaping (Context) throws -> Value?) { self.body = body }

  override func next(_ context: Context) throws -> Value? {
    try context.checkDepth("what is iterated over is")
    return try body(context)
  }
}
