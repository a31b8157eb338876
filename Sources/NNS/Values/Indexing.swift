import NNSTensor

/// `x[…]` on values.
enum Indexing {
  /// An item between the brackets.
  enum Key {
    case value(Value)
    case slice(Int?, Int?, Int?)
    case ellipsis
  }

  static func get(_ value: Value, _ keys: [Key], _ c: Context) throws -> Value {
    switch value {
    case .tensor(let tensor): return .tensor(try c.engine.index(tensor, try items(keys, c)))
    case .list(let list):
      if let bounds = try slice(keys, count: list.count) {
        return .list(try list.slice(bounds, c))
      }
      return list[try position(keys, count: list.count, of: "list")]
    case .string(let text):
      if let bounds = try slice(keys, count: text.count) { return .string(try text.slice(bounds, c)) }
      return .string(text[try position(keys, count: text.count, of: "string")])
    case .record(let record):
      guard keys.count == 1, case .value(.string(let key)) = keys[0] else { throw Mistakes.recordKeyType(keys) }
      guard let value = record[key] else { throw Mistakes.noKey(key.string, known: record.names) }
      return value
    case .range(let range):
      let count = try range.count
      if let bounds = try slice(keys, count: count) {
        if bounds.step == 1 {
          return .range(RangeBox(lower: range.lower + bounds.start, upper: range.lower + bounds.start + bounds.count))
        }
        return .list(try ListBox.ints(from: range.lower + bounds.start, step: bounds.step, count: bounds.count, c))
      }
      return .int(range.lower + (try position(keys, count: count, of: "range")))
    case .object(let object):
      if keys.count == 1, case .value(let key) = keys[0], let value = try object.element(key, c) { return value }
      throw Mistakes.cannotIndex(value)
    default: throw Mistakes.cannotIndex(value)
    }
  }

  /// The position that one int key means.
  static func position(_ keys: [Key], count: Int, of what: String) throws -> Int {
    guard keys.count == 1, case .value(let key) = keys[0], let index = Conversions.int(key) else {
      throw Mistakes.indexType(keys, of: what)
    }
    guard index < count, index >= -count else { throw Mistakes.indexRange(index, count: count, of: what) }
    return index < 0 ? index + count : index
  }

  /// The positions a slice selects, clamped.
  struct Slice {
    let start: Int
    let count: Int
    let step: Int

    var positions: [Int] { (0..<count).map { start + $0 * step } }
  }

  /// A slice or range key as positions; `nil` for another key.
  static func slice(_ keys: [Key], count: Int) throws -> Slice? {
    guard keys.count == 1 else { return nil }
    switch keys[0] {
    case .slice(let start, let stop, let step): return try slice(start, stop, step ?? 1, count: count)
    case .value(.range(let range)): return try slice(range.lower, range.upper, 1, count: count)
    default: return nil
    }
  }

  static func slice(_ start: Int?, _ stop: Int?, _ step: Int, count: Int) throws -> Slice {
    guard step != 0 else { throw Failure(.value, "a slice's step may not be zero") }
    let step = max(step, -Int.max)
    func clamp(_ bound: Int, _ low: Int, _ high: Int) -> Int {
      let index = bound < 0 ? max(bound, -count) + count : bound
      if bound < -count { return low }
      return min(max(index, low), high)
    }
    if step > 0 {
      let first = start.map { clamp($0, 0, count) } ?? 0
      let last = stop.map { clamp($0, 0, count) } ?? count
      let span = max(0, last - first)
      return Slice(start: first, count: span == 0 ? 0 : (span - 1) / step + 1, step: step)
    }
    let first = start.map { clamp($0, -1, count - 1) } ?? count - 1
    let last = stop.map { clamp($0, -1, count - 1) } ?? -1
    let span = max(0, first - last)
    return Slice(start: first, count: span == 0 ? 0 : (span - 1) / -step + 1, step: step)
  }

  /// `xs[1:3] = ys`: the items of a list take the place of a slice; with a step other than 1 the counts must agree.
  static func assign(_ value: Value, to bounds: Slice, of list: ListBox, _ c: Context) throws {
    guard case .list(let new) = value else { throw Mistakes.sliceValue(value) }
    if bounds.step == 1 {
      return try list.replace(bounds.start..<(bounds.start + bounds.count), with: new, c)
    }
    guard new.count == bounds.count else {
      throw Failure(.value, "a slice of \(bounds.count) items cannot take \(new.count)")
    }
    for (position, item) in zip(bounds.positions, new) { list[position] = item }
  }

  /// The items of a tensor's index.
  static func items(_ keys: [Key], _ c: Context) throws -> [IndexItem] {
    try keys.map { key in
      switch key {
      case .slice(let start, let stop, let step): return .slice(start: start, stop: stop, step: step)
      case .ellipsis: return .ellipsis
      case .value(let value):
        switch value {
        case .int(let index): return .int(index)
        case .nil: return .newAxis
        case .range(let range): return .slice(start: range.lower, stop: range.upper, step: nil)
        case .tensor(let tensor):
          if tensor.rank == 0, let index = Conversions.int(value) { return .int(index) }
          // `[]` is a tensor of no floats, and as good an index as one of no ints.
          guard tensor.rank == 1, tensor.elementCount == 0, tensor.dtype.isFloat else { return .tensor(tensor) }
          return .tensor(try c.engine.apply(Ops.cast, TensorList(tensor), [.dtype(.i64)]).first)
        default: throw Mistakes.tensorIndex(value)
        }
      }
    }
  }
}
