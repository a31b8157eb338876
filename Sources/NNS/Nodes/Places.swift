import NNSSyntax
import NNSTensor

/// Where a path starts.
enum PlaceRoot {
  case slot(Int)
  /// A variable that closures share: the cell is in the slot.
  case cell(Int)
  case global(UnsafeMutablePointer<Value>)
  /// A field of the model that the text stands in.
  case field(selfSlot: Int, index: Int)
  /// Any other expression; only a model in it can be changed.
  case value(Ref)
}

/// A step of a path, compiled.
enum PlaceStep {
  case member(Text, Span)
  case index([IndexPart], Span)
}

/// A path that can be assigned to: a root and steps.
struct Place {
  let root: PlaceRoot
  let steps: [PlaceStep]
  let span: Span
  /// The name at the root, for messages.
  let rootSpan: Span
  /// Whether the root name may itself be changed: a `var`. Otherwise only what lies behind a model's field may.
  let isMutable: Bool
  /// What the root name is and where it was declared, for messages.
  var declared: (kind: Variable.Kind, span: Span)?

  /// A step with its keys evaluated.
  enum Step {
    case member(Text, Span)
    case keys([Indexing.Key], Span)

    var span: Span {
      switch self {
      case .member(_, let span), .keys(_, let span): span
      }
    }
  }

  func evaluateSteps(_ f: Frame, _ c: Context) throws -> [Step] {
    try steps.map { step in
      switch step {
      case .member(let name, let span): .member(name, span)
      case .index(let parts, let span): .keys(try parts.map { try $0.eval(f, c) }, span)
      }
    }
  }

  /// Changes the place in place.
  func modify(_ steps: [Step], _ f: Frame, _ c: Context, _ change: Change) throws {
    do {
      try modifyRoot(steps, f, c, change)
    } catch is Immutable {
      throw immutable(change, c)
    }
  }

  private func modifyRoot(_ steps: [Step], _ f: Frame, _ c: Context, _ change: Change) throws {
    switch root {
    case .slot(let slot): try modify(f + slot, steps[...], c, change, isMutable: isMutable)
    case .cell(let slot):
      guard case .cell(let cell) = f[slot] else { return }
      if cell.value.isUnset, !steps.isEmpty || !change.isSet { throw Mistakes.unset(c.text(rootSpan), at: rootSpan) }
      try modify(cell.pointer, steps[...], c, change, isMutable: isMutable)
    case .global(let pointer):
      if pointer.pointee.isUnset, !steps.isEmpty || !change.isSet {
        throw Mistakes.unset(c.text(rootSpan), at: rootSpan)
      }
      try modify(pointer, steps[...], c, change, isMutable: isMutable)
    case .field(let selfSlot, let index):
      guard case .model(let instance) = f[selfSlot] else { return }
      try modify(field: index, of: instance, steps[...], at: rootSpan, c, change)
    case .value(let ref):
      var value = try ref.eval(f, c)
      try modify(&value, steps[...], c, change, isMutable: false)
    }
  }

  /// What to do with the place that a path leads to.
  enum Change {
    case set(Value)
    case update(BinaryOperator, Value, Span)
    /// `push`, `pop` and the like, which keep their value to themselves.
    case call(String, (Frame) throws -> Void)

    var isSet: Bool {
      if case .set = self { return true }
      return false
    }
  }

  private func apply(_ change: Change, to pointer: Frame, _ c: Context, isMutable: Bool) throws {
    switch change {
    case .set(let value):
      guard isMutable else { throw Immutable() }
      pointer.pointee = value
    case .update(let op, let operand, let operandSpan):
      if try ModelUpdate.apply(op, pointer.pointee, operand, at: span, c) { return }
      guard isMutable else { throw Immutable() }
      do {
        try Update.apply(op, pointer, operand, c)
      } catch {
        throw c.diagnose(
          error, at: span,
          operands: [Operand(value: pointer.pointee, span: span), Operand(value: operand, span: operandSpan)])
      }
    case .call(_, let body):
      guard isMutable || Kind(pointer.pointee) == .object else { throw Immutable() }
      try body(pointer)
    }
  }

  /// What may not be changed: whoever knows why says so.
  private struct Immutable: Error {}

  private func immutable(_ change: Change, _ c: Context) -> any Error {
    let name = c.text(rootSpan)
    guard let declared else {
      if case .call(let method, _) = change { return Mistakes.changedValue(method, at: rootSpan) }
      return Mistakes.notChangeable(name, at: rootSpan)
    }
    if case .call(let method, _) = change {
      return Mistakes.placeNotVar(name, method: method, kind: declared.kind, declared: declared.span, at: rootSpan)
    }
    return Mistakes.notVar(
      name, kind: declared.kind, declared: declared.span, isWhole: span == rootSpan, at: rootSpan)
  }

  private func modify(
    _ pointer: Frame, _ steps: ArraySlice<Step>, _ c: Context, _ change: Change, isMutable: Bool
  ) throws {
    guard let step = steps.first else { return try apply(change, to: pointer, c, isMutable: isMutable) }
    let rest = steps.dropFirst()
    if Kind(pointer.pointee) == .object, case .model(let instance) = pointer.pointee {
      guard case .member(let name, let span) = step else {
        throw Mistakes.notIndexed(pointer.pointee, at: step.span)
      }
      guard let index = instance.type.index(of: name.string) else {
        if instance.type.methods[name.string] != nil { throw Mistakes.methodAssigned(name.string, at: span) }
        throw Mistakes.noMember(name.string, of: pointer.pointee, known: instance.type.memberNames, at: span)
      }
      return try modify(field: index, of: instance, rest, at: span, c, change)
    }
    guard isMutable else {
      // Only what lies behind a field of a model can be changed: the way there is read.
      guard var element = try element(of: pointer.pointee, step, c) else { throw Immutable() }
      return try modify(&element, rest, c, change, isMutable: false)
    }
    // The kind is asked apart: a switch over the value itself would hold a reference to it, and it would be copied.
    switch (Kind(pointer.pointee), step) {
    case (.record, .member(let name, let span)):
      try modifyRecord(pointer, key: name, rest, at: span, c, change)
    case (.record, .keys(let keys, let span)):
      guard keys.count == 1, case .value(.string(let name)) = keys[0] else {
        throw Mistakes.recordKey(keys, at: span)
      }
      try modifyRecord(pointer, key: name, rest, at: span, c, change)
    case (.list, .keys(let keys, let span)): try modifyList(pointer, keys, rest, at: span, c, change)
    case (.tensor, .keys(let keys, let span)): try modifyTensor(pointer, keys, rest, at: span, c, change)
    case (.string, _): throw Mistakes.stringAssigned(at: step.span)
    case (.tensor, .member(let name, let span)) where Members.tensorProperties.contains(name.string):
      throw Mistakes.propertyAssigned(name.string, at: span)
    case (_, .member(let name, let span)):
      let known = Members.names(of: pointer.pointee, c)
      if known.contains(name.string) { throw Mistakes.memberAssigned(name.string, of: pointer.pointee, at: span) }
      throw Mistakes.noMember(name.string, of: pointer.pointee, known: known, at: span)
    case (_, .keys(_, let span)): throw Mistakes.notIndexed(pointer.pointee, at: span)
    }
  }

  private func element(of value: Value, _ step: Step, _ c: Context) throws -> Value? {
    switch (value, step) {
    case (.record(let record), .member(let name, _)): return record[name]
    case (.record, .keys(let keys, let span)), (.list, .keys(let keys, let span)):
      do {
        return try Indexing.get(value, keys, c)
      } catch {
        throw c.diagnose(error, at: span)
      }
    default: return nil
    }
  }

  /// What stands at a place, told without a reference to it.
  enum Kind {
    case record, list, tensor, string, object, other

    init(_ value: borrowing Value) {
      switch value {
      case .record: self = .record
      case .list: self = .list
      case .tensor: self = .tensor
      case .string: self = .string
      case .model, .object: self = .object
      default: self = .other
      }
    }
  }

  private func modifyRecord(
    _ pointer: Frame, key: Text, _ rest: ArraySlice<Step>, at span: Span, _ c: Context, _ change: Change
  ) throws {
    guard var record = Taking.record(pointer) else { return }
    defer { pointer.pointee = .record(record) }
    try RecordBox.own(&record, c)
    var position = record.layout.position(of: key)
    if position == nil {
      guard rest.isEmpty, change.isSet else {
        throw Mistakes.missingKey(
          key.string, known: record.names, place: c.text(span), isUpdate: rest.isEmpty, at: span)
      }
      position = try record.add(key, .nil, c)
    }
    guard let position else { return }
    try record.values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      try modify(base + position, rest, c, change, isMutable: true)
    }
  }

  private func modifyList(
    _ pointer: Frame, _ keys: [Indexing.Key], _ rest: ArraySlice<Step>, at span: Span, _ c: Context, _ change: Change
  ) throws {
    guard var list = Taking.list(pointer) else { return }
    defer { pointer.pointee = .list(list) }
    let index: Int
    do {
      if let bounds = try Indexing.slice(keys, count: list.count) {
        guard rest.isEmpty, case .set(let value) = change else { throw Mistakes.sliceUpdated(at: span) }
        try ListBox.own(&list, c)
        return try Indexing.assign(value, to: bounds, of: list, c)
      }
      index = try Indexing.position(keys, count: list.count, of: "list")
    } catch {
      throw c.diagnose(error, at: span)
    }
    try ListBox.own(&list, c)
    try modify(list.pointer(to: index), rest, c, change, isMutable: true)
  }

  private func modifyTensor(
    _ pointer: Frame, _ keys: [Indexing.Key], _ rest: ArraySlice<Step>, at span: Span, _ c: Context, _ change: Change
  ) throws {
    do {
      let items = try Indexing.items(keys, c)
      let value: Value
      if rest.isEmpty, case .set(let new) = change {
        value = new
      } else {
        guard case .tensor(let tensor) = pointer.pointee else { return }
        var element = Value.tensor(try c.engine.index(tensor, items))
        try modify(&element, rest, c, change, isMutable: true)
        value = element
      }
      guard let new = Conversions.tensorOrNumber(value) else { throw Mistakes.elementType(value) }
      guard var tensor = Taking.tensor(pointer) else { return }
      defer { pointer.pointee = .tensor(tensor) }
      try c.engine.assign(&tensor, items, new)
    } catch {
      var error = c.diagnose(error, at: span)
      if var diagnostic = error as? Diagnostic, diagnostic.span == span, diagnostic.notes.isEmpty {
        diagnostic.notes = c.notes([(name: c.text(steps.count > 1 ? span : rootSpan), value: pointer.pointee)])
        if case .set(let value) = change { diagnostic.notes += c.notes([(name: "value", value: value)]) }
        error = diagnostic
      }
      throw error
    }
  }

  private func modify(
    field index: Int, of instance: ModelInstance, _ rest: ArraySlice<Step>, at span: Span, _ c: Context,
    _ change: Change
  ) throws {
    let member = instance.type.members[index]
    let pointer = instance.slots + index
    if pointer.pointee.isUnset, !rest.isEmpty || !change.isSet { throw Mistakes.unset(member.name, at: span) }
    switch member.kind {
    case .var: try modify(pointer, rest, c, change, isMutable: true)
    case .param:
      // The whole field is checked anew: shape and dtype stay.
      var copy = pointer.pointee
      try modify(&copy, rest, c, change, isMutable: true)
      try ModelFields.assign(copy, to: instance, index, at: span, c)
    case .let, .parameter, .dimension:
      if case .update(let op, let operand, _) = change, rest.isEmpty,
        try ModelUpdate.apply(op, pointer.pointee, operand, at: span, c)
      {
        return
      }
      if rest.isEmpty, case .call = change, Kind(pointer.pointee) != .object {
        throw Mistakes.fieldNotChanged(member.name, kind: member.kind, model: instance.type.name, at: span)
      }
      if rest.isEmpty { throw Mistakes.fieldAssigned(member.name, model: instance.type.name, at: span) }
      // Behind a `let` field only another model's fields can change.
      var copy = pointer.pointee
      do {
        try modify(&copy, rest, c, change, isMutable: false)
      } catch is Immutable {
        throw Mistakes.fieldNotChanged(member.name, kind: member.kind, model: instance.type.name, at: span)
      }
    }
  }
}
