import NNSSyntax
import NNSTensor

/// The rules of `param` fields.
enum ModelFields {
  /// The first value of a `param`: a float tensor or `nil`, or a list or record of such.
  static func parameter(
    _ value: Value, _ instance: ModelInstance, _ index: Int, at span: Span, _ c: Context
  ) throws -> Value {
    try c.checkDepth("the value of a param is")
    let name = instance.type.members[index].name
    switch value {
    case .nil: return value
    case .tensor(let tensor):
      guard tensor.dtype.isFloat else {
        throw Mistakes.paramDType(name, tensor.typeDescription, at: span)
      }
      return value
    // A number is a tensor without axes.
    case .float(let number): return .tensor(try c.engine.tensor([Float(number)], []))
    case .list(let list):
      return .list(try list.map { try parameter($0, instance, index, at: span, c) })
    case .record(let record):
      return .record(
        RecordBox(entries: try record.entries.map { ($0.key, try parameter($0.value, instance, index, at: span, c)) }))
    default: throw Mistakes.paramType(name, value, at: span)
    }
  }

  /// A later value: it keeps shape and dtype, and is copied without history.
  static func assign(_ value: Value, to instance: ModelInstance, _ index: Int, at span: Span, _ c: Context) throws {
    let name = instance.type.members[index].name
    if c.differentiations > 0 { throw Mistakes.paramWhileDifferentiating(name, at: span) }
    instance.slots[index] = try replaced(instance.slots[index], by: value, name, at: span, c)
  }

  private static func replaced(
    _ old: Value, by new: Value, _ name: String, at span: Span, _ c: Context
  ) throws -> Value {
    try c.checkDepth("the value of a param is")
    switch (old, new) {
    case (.unset, _): return new
    case (.nil, .nil): return .nil
    case (.tensor(let before), .tensor(let after)):
      guard before.shape == after.shape, before.dtype == after.dtype else {
        var mistake =
          before.shape == after.shape
          ? Mistakes.paramConversion(name, before.dtype.name, after.typeDescription, at: span)
          : Mistakes.paramShape(name, before.typeDescription, after.typeDescription, at: span)
        mistake.notes = c.notes([(name: name, value: old), (name: "value", value: new)])
        throw mistake
      }
      return .tensor(c.engine.detached(after))
    case (.list(let before), .list(let after)) where before.count == after.count:
      return .list(try zip(before, after).map { try replaced($0, by: $1, name, at: span, c) })
    case (.record(let before), .record(let after)) where before.keys == after.keys:
      return .record(
        RecordBox(
          entries: try zip(before.entries, after.entries).map {
            ($0.key, try replaced($0.value, by: $1.value, name, at: span, c))
          }))
    default: throw Mistakes.paramKind(name, old.summary, new.summary, at: span)
    }
  }
}

/// `net -= 0.1 * g`: changes a model's parameters in place.
enum ModelUpdate {
  /// - Returns: whether `target` is a model, so that this was the whole of it.
  static func apply(
    _ op: BinaryOperator, _ target: Value, _ operand: Value, at span: Span, _ c: Context
  ) throws -> Bool {
    guard case .model = target else { return false }
    if c.differentiations > 0 { throw Mistakes.modelWhileDifferentiating(c.text(span), at: span) }
    do {
      let parameters = try ParameterTree(target, c).trained
      for (ref, tensor) in zip(parameters, try Gradients.combined(op, parameters, operand, c)) {
        ref.set(c.engine.detached(tensor))
      }
    } catch {
      throw c.diagnose(error, at: span)
    }
    return true
  }
}

/// `copy(net)`: new objects all the way down, shared where the originals were.
struct ModelCopier {
  private var copies: [ObjectIdentifier: ModelInstance] = [:]
  /// What came of lists and records that stand in several places.
  private var changes: [ObjectIdentifier: Value?] = [:]

  mutating func copy(_ value: Value, _ c: Context) throws -> Value { try changed(value, c) ?? value }

  /// The copy of what holds a model; `nil` for values, which need none.
  private mutating func changed(_ value: Value, _ c: Context) throws -> Value? {
    switch value {
    case .model(let instance): return .model(try copy(instance, c))
    case .list(let list):
      return try once(list, c) { copier in
        var copied: ListBox?
        for (index, item) in list.enumerated() {
          try c.engine.budget.charge(work: 1)
          guard let copy = try copier.changed(item, c) else { continue }
          copied = try copied ?? list.copy(c)
          copied?[index] = copy
        }
        return copied.map { .list($0) }
      }
    case .record(let record):
      return try once(record, c) { copier in
        var copied: RecordBox?
        for (key, item) in record.entries {
          try c.engine.budget.charge(work: 1)
          guard let copy = try copier.changed(item, c) else { continue }
          copied = copied ?? record.copy()
          copied?[key] = copy
        }
        return copied.map { .record($0) }
      }
    default: return nil
    }
  }

  private mutating func once(
    _ box: AnyObject, _ c: Context, _ make: (inout ModelCopier) throws -> Value?
  ) throws -> Value? {
    if let known = changes[ObjectIdentifier(box)] { return known }
    try c.checkDepth("the value copied is")
    let made = try make(&self)
    changes.updateValue(made, forKey: ObjectIdentifier(box))
    return made
  }

  private mutating func copy(_ instance: ModelInstance, _ c: Context) throws -> ModelInstance {
    try c.checkDepth("the models copied are")
    if let copy = copies[ObjectIdentifier(instance)] { return copy }
    let copy = ModelInstance(instance.type)
    copy.isFrozen = instance.isFrozen
    try c.cycles.watch(copy, c)
    copies[ObjectIdentifier(instance)] = copy
    for index in instance.type.members.indices {
      copy.slots[index] = try self.copy(instance.slots[index], c)
    }
    return copy
  }
}
