import NNSSyntax
import NNSTensor

/// `"a {b}"`.
final class StringNode: Node {
  enum Part {
    case text(Text)
    case value(Ref, FormatSpec?)
  }

  private let parts: [Part]

  init(_ parts: [Part], _ span: Span) {
    self.parts = parts
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    var box = TextBox.make(capacity: 32)
    for part in parts {
      switch part {
      case .text(let piece): try TextBox.append(piece, to: &box, c)
      case .value(let ref, let spec):
        let value = try ref.eval(f, c)
        do {
          if let spec {
            try TextBox.append(Text(try Format.string(value, spec, c)), to: &box, c)
          } else if case .string(let text) = value {
            try TextBox.append(text, to: &box, c)
          } else {
            try TextBox.append(Text(try Display.text(value, c)), to: &box, c)
          }
        } catch {
          throw c.diagnose(error, at: ref.span)
        }
      }
    }
    return .string(Text(box))
  }
}

/// `[a, b]`: stacks its elements, differentiably.
final class TensorNode: Node {
  private let items: Refs
  private let site: UInt32

  init(_ items: Refs, site: UInt32, _ span: Span) {
    self.items = items
    self.site = site
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    var values: [Value] = []
    values.reserveCapacity(items.count)
    for index in 0..<items.count { values.append(try items[index].eval(f, c)) }
    do {
      let tensor = try TensorLiteral.stack(values, c)
      tensor.origin = site
      return .tensor(tensor)
    } catch let failure as Failure {
      let place = failure.argument.map { items[$0].span } ?? span
      throw c.diagnose(failure, at: place)
    } catch {
      throw c.diagnose(error, at: span)
    }
  }
}

/// `(a, ...b)`.
final class ListNode: Node {
  private let items: Refs
  private let spreads: [Bool]
  private let hasSpread: Bool

  init(_ items: Refs, spreads: [Bool], _ span: Span) {
    self.items = items
    self.spreads = spreads
    hasSpread = spreads.contains(true)
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let list = ListBox(capacity: items.count)
    for index in 0..<items.count {
      let value = try items[index].eval(f, c)
      if hasSpread, spreads[index] {
        guard case .list(let other) = value else { throw Mistakes.spreadList(value, at: items[index].span) }
        try list.append(contentsOf: other, c)
      } else {
        try list.append(value, c)
      }
    }
    return .list(list)
  }
}

/// `{a: 1, ...r}`.
final class RecordNode: Node {
  enum Item {
    case pair(Text, Ref)
    /// A key that is evaluated.
    case computed(Ref, Ref)
    case spread(Ref)
  }

  private let items: [Item]
  /// What records made here share, where the keys are known.
  private let layout: Layout?

  init(_ items: [Item], _ span: Span) {
    self.items = items
    var keys: [Text] = []
    for case .pair(let key, _) in items { keys.append(key) }
    layout = keys.count == items.count ? Layout(keys) : nil
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    if let layout {
      var values: [Value] = []
      values.reserveCapacity(items.count)
      for case .pair(_, let ref) in items { values.append(try ref.eval(f, c)) }
      return .record(RecordBox(layout: layout, values: values))
    }
    let record = RecordBox(layout: Layout([]), values: [])
    // What stands in the literal itself may not come twice; a spread is there to be replaced.
    var written: Set<[UInt8]> = []
    for item in items {
      switch item {
      case .pair(let key, let ref):
        guard written.insert(Array(key.string.utf8)).inserted else {
          throw Mistakes.duplicateKey(key.string, at: ref.span)
        }
        record[key] = try ref.eval(f, c)
      case .computed(let keyRef, let ref):
        guard case .string(let key) = try keyRef.eval(f, c) else { continue }
        guard written.insert(Array(key.string.utf8)).inserted else {
          throw Mistakes.duplicateKey(key.string, at: keyRef.span)
        }
        record[key] = try ref.eval(f, c)
      case .spread(let ref):
        let value = try ref.eval(f, c)
        guard case .record(let other) = value else { throw Mistakes.spreadRecord(value, at: ref.span) }
        for (key, value) in other.entries { try record.set(key, to: value, c) }
      }
    }
    return .record(record)
  }
}

final class RangeNode: Node {
  private let lower: Ref
  private let upper: Ref
  private let isClosed: Bool

  init(_ lower: Node, _ upper: Node, isClosed: Bool, _ span: Span) {
    self.lower = Ref(lower)
    self.upper = Ref(upper)
    self.isClosed = isClosed
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let range = try Ranges.make(
      try lower.eval(f, c), try upper.eval(f, c), isClosed: isClosed, lower.span, upper.span)
    return .range(RangeBox(lower: range.lower, upper: range.upper, isClosed: isClosed))
  }
}

enum Ranges {
  /// The half-open bounds of a range.
  @inline(__always)
  static func make(
    _ lower: Value, _ upper: Value, isClosed: Bool, _ lowerSpan: Span, _ upperSpan: Span
  ) throws -> (lower: Int, upper: Int) {
    let low = try bound(lower, at: lowerSpan)
    var high = try bound(upper, at: upperSpan)
    if isClosed {
      let (next, overflow) = high.addingReportingOverflow(1)
      if overflow { throw Mistakes.rangeTooLarge(at: upperSpan) }
      high = next
    }
    return (low, high)
  }

  private static func bound(_ value: Value, at span: Span) throws -> Int {
    if case .int(let number) = value { return number }
    if let number = Conversions.int(value) { return number }
    throw Mistakes.rangeBound(value, at: span)
  }
}

enum TensorLiteral {
  /// All ints give i64, any float f32, bools bool; tensors of one shape are stacked.
  static func stack(_ values: [Value], _ c: Context) throws -> Tensor {
    if values.isEmpty { return try c.engine.tensor([Float](), [0]) }
    var ints = 0
    var floats = 0
    var bools = 0
    var tensors = 0
    for (index, value) in values.enumerated() {
      switch value {
      case .int: ints += 1
      case .float: floats += 1
      case .bool: bools += 1
      case .tensor: tensors += 1
      default: throw Mistakes.tensorElement(value, index: index)
      }
      if bools > 0, ints + floats > 0 { throw Mistakes.boolsWithNumbers(index: index) }
    }
    let shape = [values.count]
    if tensors == 0 {
      if bools > 0 { return try c.engine.tensor(values.map(Conversions.isTrue), shape) }
      if floats > 0 { return try c.engine.tensor(values.map { Float(Conversions.double($0) ?? 0) }, shape) }
      return try c.engine.tensor(values.map { Conversions.int($0) ?? 0 }, shape)
    }
    return try stackTensors(values, c)
  }

  private static func stackTensors(_ values: [Value], _ c: Context) throws -> Tensor {
    // Numbers among tensors count as rank-0 tensors; the dtypes are brought to the widest.
    let items = values.compactMap { value -> Tensor? in
      if case .tensor(let tensor) = value { return tensor }
      return Operators.weak(value)
    }
    guard let first = items.first else { return try c.engine.tensor([Float](), [0]) }
    for (index, item) in items.enumerated() where item.shape != first.shape {
      throw Mistakes.raggedTensor(first.typeDescription, item.typeDescription, index: index)
    }
    let hasBool = items.contains { $0.dtype == .bool }
    if hasBool, let index = items.firstIndex(where: { $0.dtype != .bool }) {
      throw Mistakes.boolsWithNumbers(index: index)
    }
    let strong = items.filter { !$0.isWeak }
    guard strong.count < items.count else {
      return try c.engine.apply(c.operations.stack, TensorList(items), [.int(0)]).first
    }
    var dtype: DType = items.contains { $0.dtype.isFloat } ? .f32 : .i64
    if let widest = strong.map(\.dtype).first(where: \.isFloat) ?? (dtype == .i64 ? strong.first?.dtype : nil) {
      dtype = widest
    }
    let cast = try items.map { item in
      item.isWeak ? try c.engine.apply(c.operations.cast, TensorList(item), [.dtype(dtype)]).first : item
    }
    return try c.engine.apply(c.operations.stack, TensorList(cast), [.int(0)]).first
  }
}
