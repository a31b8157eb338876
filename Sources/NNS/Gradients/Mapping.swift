import NNSTensor

/// `vmap(f)`: a function on each slice along axis 0 of every tensor argument, one after the other.
enum Mapping {
  static func call(_ f: Value, _ arguments: Arguments, _ c: Context) throws -> Value {
    var slices = Slices()
    for (index, value) in arguments.positional.enumerated() { try slices.cut(value, argument: index, c) }
    for (index, value) in arguments.named.enumerated() {
      try slices.cut(value.value, argument: arguments.positional.count + index, c)
    }
    guard let count = slices.count else { throw Mistakes.mapsNothing() }
    let results = try (0..<count).map { index in
      var place = 0
      var inner = arguments
      inner.positional = try arguments.positional.map { try slices.slice($0, index, &place, c) }
      inner.named = try arguments.named.map { ($0.name, try slices.slice($0.value, index, &place, c)) }
      return try c.call(f, inner)
    }
    return try stacked(results, c)
  }

  /// The slices of every tensor of the arguments.
  private struct Slices {
    private var pieces: [TensorList] = []
    private var first: Tensor?

    /// How many each has.
    var count: Int? { first.map { $0.shape[0] } }

    mutating func cut(_ value: Value, argument: Int, _ c: Context) throws {
      try c.checkDepth("an argument is")
      switch value {
      case .tensor(let tensor) where !tensor.isWeak:
        guard tensor.rank > 0 else { throw Mistakes.mapsRank0(tensor.typeDescription, argument: argument) }
        guard tensor.shape[0] > 0 else { throw Mistakes.mapsNoSlices(tensor.typeDescription, argument: argument) }
        if let first, first.shape[0] != tensor.shape[0] {
          throw Mistakes.mapsUnequal(first.typeDescription, tensor.typeDescription, argument: argument)
        }
        first = first ?? tensor
        pieces.append(try c.engine.apply(Ops.split, TensorList(tensor), [.int(1), .int(0)]))
      case .list(let list): for item in list { try cut(item, argument: argument, c) }
      case .record(let record): for item in record.values { try cut(item, argument: argument, c) }
      default: break
      }
    }

    /// - Parameter place: how many tensors come before.
    func slice(_ value: Value, _ index: Int, _ place: inout Int, _ c: Context) throws -> Value {
      switch value {
      case .tensor(let tensor) where !tensor.isWeak:
        let piece = pieces[place][index]
        place += 1
        return .tensor(
          try c.engine.apply(Ops.reshape, TensorList(piece), [.ints(Array(piece.shape.dropFirst()))]).first)
      case .list(let list): return .list(try list.map { try slice($0, index, &place, c) })
      case .record(let record):
        return .record(RecordBox(entries: try record.entries.map { ($0.key, try slice($0.value, index, &place, c)) }))
      default: return value
      }
    }
  }

  /// What the slices gave, put together along a new axis 0.
  private static func stacked(_ values: [Value], _ c: Context) throws -> Value {
    try c.checkDepth("the function's value is")
    guard let first = values.first else { return .nil }
    switch first {
    case .list(let list):
      let lists = try values.map { value -> ListBox in
        guard case .list(let other) = value, other.count == list.count else {
          throw Mistakes.mapsToDifferent(first.summary, value.summary)
        }
        return other
      }
      return .list(try list.indices.map { i in try stacked(lists.map { $0[i] }, c) })
    case .record(let record):
      let records = try values.map { value -> RecordBox in
        guard case .record(let other) = value, Set(other.keys) == Set(record.keys) else {
          throw Mistakes.mapsToDifferent(first.summary, value.summary)
        }
        return other
      }
      return .record(
        RecordBox(entries: try record.keys.map { key in (key, try stacked(records.map { $0[key] ?? .nil }, c)) }))
    case .object(let object as GradientBox):
      let boxes = try values.map { value -> [Value] in
        guard case .object(let other as GradientBox) = value, other.values.count == object.values.count else {
          throw Mistakes.mapsToDifferent(first.summary, value.summary)
        }
        return other.values
      }
      return .object(object.replaced(try object.values.indices.map { i in try stacked(boxes.map { $0[i] }, c) }))
    case .nil:
      if let other = values.first(where: { !$0.isNil }) { throw Mistakes.mapsToDifferent("nil", other.summary) }
      return .nil
    default:
      let tensors = try values.map { value -> Tensor in
        guard let tensor = Conversions.tensorOrNumber(value) else { throw Mistakes.mapsTo(value) }
        return tensor
      }
      if let other = tensors.first(where: { $0.shape != tensors[0].shape }) {
        throw Mistakes.mapsToDifferent(tensors[0].typeDescription, other.typeDescription)
      }
      return .tensor(try c.engine.apply(Ops.stack, TensorList(tensors), [.int(0)]).first)
    }
  }
}
