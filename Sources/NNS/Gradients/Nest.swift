import NNSTensor

/// The tensors of a value: a tensor or number, or any nest of lists, records, models and gradients of them; and the form
/// that other nests like it have.
struct Nest {
  /// Which parts of a value count.
  enum Role {
    /// What is differentiated by: floats. Ints are a mistake, anything else is left alone.
    case unknowns(String)
    /// What is differentiated: floats, and ints as constants. Anything else is a mistake.
    case outputs(String)
    /// Floats; anything else is left alone.
    case arguments
    /// Floats; other data is left alone, anything that is no data is a mistake.
    case data(String)
  }

  private indirect enum Form {
    case tensor(Int)
    /// A float of the script.
    case number(Int)
    case list([Form])
    case record([(key: Text, form: Form)])
    case model(ModelInstance)
    case gradient(GradientBox, [Form])
    case other(Value)
  }

  /// The value itself.
  let value: Value
  /// Its tensors: first the parameters of all models in it, then the others in order.
  private(set) var tensors: [Tensor] = []
  /// Where the parameters are kept; of unknowns those that are not frozen.
  let refs: [ParameterRef]
  /// The models in it and below; of unknowns those that are not frozen.
  let instances: [ModelInstance]
  private var form = Form.other(.nil)

  init(_ value: Value, _ role: Role, _ c: Context) throws {
    self.value = value
    if try ParameterTree.holdsModel(value, c) {
      let tree = try ParameterTree(value, c)
      if case .unknowns(let what) = role {
        (refs, instances) = (tree.trained, tree.instances.filter { !$0.isFrozen })
        if refs.isEmpty, !tree.parameters.isEmpty { throw Mistakes.allFrozen(what) }
      } else {
        (refs, instances) = (tree.parameters, tree.instances)
      }
      tensors = refs.map(\.tensor)
    } else {
      (refs, instances) = ([], [])
    }
    form = try read(value, role, c)
  }

  /// Whether all its tensors are parameters of models.
  var isModels: Bool { !instances.isEmpty && tensors.count == refs.count }

  private mutating func read(_ value: Value, _ role: Role, _ c: Context) throws -> Form {
    try c.checkDepth("the value is")
    switch value {
    case .tensor(let tensor):
      guard tensor.dtype.isFloat else {
        switch role {
        case .unknowns(let what): throw Mistakes.differentiatesInts(what, tensor.typeDescription)
        case .outputs(let what) where !(tensor.isWeak && tensor.dtype.isInt):
          throw Mistakes.differentiatedOutput(what, value)
        case .outputs: return add(.weak((try? tensor.item().double) ?? 0), Form.number)
        case .arguments, .data: return .other(value)
        }
      }
      return add(tensor, tensor.isWeak ? Form.number : Form.tensor)
    case .float(let number): return add(.weak(number), Form.number)
    case .int(let number):
      switch role {
      case .unknowns(let what): throw Mistakes.differentiatesInt(what, number)
      case .outputs: return add(.weak(Double(number)), Form.number)
      case .arguments, .data: return .other(value)
      }
    case .list(let list): return .list(try list.map { try read($0, role, c) })
    case .record(let record): return .record(try record.entries.map { ($0.key, try read($0.value, role, c)) })
    case .model(let instance):
      if case .data(let what) = role { throw Mistakes.notData(what, value) }
      return .model(instance)
    case .object(let object as GradientBox): return .gradient(object, try object.values.map { try read($0, role, c) })
    default:
      switch role {
      case .outputs(let what): throw Mistakes.differentiatedOutput(what, value)
      case .data(let what) where value.holdsValues: throw Mistakes.notData(what, value)
      default: return .other(value)
      }
    }
  }

  private mutating func add(_ tensor: Tensor, _ form: (Int) -> Form) -> Form {
    tensors.append(tensor)
    return form(tensors.count - 1)
  }

  // MARK: Nests of the same form

  /// The value with other tensors in place of its own. Models stay the objects they are.
  func argument(_ tensors: [Tensor], _ c: Context) throws -> Value {
    try build(form, tensors.map { c.wrap($0) }, c) { .model($0) }
  }

  /// A nest of values for its tensors, as they leave a differentiation: numbers for numbers, gradients for models.
  func rebuilt(_ values: [Value], _ c: Context) throws -> Value {
    let whole = refs.isEmpty ? nil : GradientBox(value, refs, Array(values[..<refs.count]))
    if let whole, isModels { return .object(whole) }
    return try build(form, values, c) { instance in
      try whole.map { .object(try $0.part(.model(instance), c)) } ?? .nil
    }
  }

  /// A nest of tensors for its own.
  func rebuilt(_ tensors: [Tensor], _ c: Context) throws -> Value { try rebuilt(tensors.map { c.wrap($0) }, c) }

  private func build(
    _ form: Form, _ values: [Value], _ c: Context, _ model: (ModelInstance) throws -> Value
  ) throws -> Value {
    switch form {
    case .tensor(let index), .number(let index): values[index]
    case .list(let items): .list(try items.map { try build($0, values, c, model) })
    case .record(let entries):
      .record(RecordBox(entries: try entries.map { ($0.key, try build($0.form, values, c, model)) }))
    case .model(let instance): try model(instance)
    case .gradient(let box, let parts): .object(box.replaced(try parts.map { try build($0, values, c, model) }))
    case .other(let value): value
    }
  }

  /// The tensors of a nest of the same form; `nil` where it has `nil`.
  ///
  /// - Parameter what: what it is, for messages: `jvp: v`.
  func matched(by other: Value, what: String, _ c: Context) throws -> [Tensor?] {
    var found = [Tensor?](repeating: nil, count: tensors.count)
    if case .object(let object as GradientBox) = other, isModels {
      try match(object.tensors, refs.indices, &found, what)
    } else {
      try match(form, other, &found, what, c)
    }
    return found
  }

  private func match(_ form: Form, _ other: Value, _ found: inout [Tensor?], _ place: String, _ c: Context) throws {
    if other.isNil { return }
    switch (form, other) {
    case (.tensor(let index), _), (.number(let index), _):
      guard let tensor = Conversions.tensorOrNumber(other), tensor.dtype != .bool else {
        throw Mistakes.nestForm(place, summary(form), other.summary)
      }
      guard tensor.shape == tensors[index].shape else {
        throw Mistakes.nestShape(place, summary(form), tensor.typeDescription)
      }
      found[index] = tensor
    case (.list(let items), .list(let list)) where items.count == list.count:
      for (i, pair) in zip(items, list).enumerated() {
        try match(pair.0, pair.1, &found, "\(place)[\(i)]", c)
      }
    case (.record(let entries), .record(let record)) where Set(entries.map(\.key)) == Set(record.keys):
      for (key, form) in entries { try match(form, record[key] ?? .nil, &found, "\(place).\(key)", c) }
    case (.model(let instance), .object(let object as GradientBox)):
      try match(object.tensors, positions(below: .model(instance), c), &found, place)
    case (.model(let instance), .model):
      try match(
        ParameterTree(other, c).trained.map(\.tensor), positions(below: .model(instance), c), &found, place)
    case (.gradient(_, let parts), .object(let object as GradientBox)) where parts.count == object.values.count:
      for (part, value) in zip(parts, object.values) { try match(part, value, &found, place, c) }
    case (.other, _): break
    default: throw Mistakes.nestForm(place, summary(form), other.summary)
    }
  }

  private func match(
    _ others: [Tensor], _ positions: some Collection<Int>, _ found: inout [Tensor?], _ place: String
  ) throws {
    guard others.count == positions.count else {
      throw Mistakes.nestForm(place, "\(positions.count) parameters", "\(others.count)")
    }
    for (position, tensor) in zip(positions, others) {
      guard tensor.shape == tensors[position].shape else {
        throw Mistakes.nestShape(
          "\(place).\(refs[position].name)", tensors[position].typeDescription, tensor.typeDescription)
      }
      found[position] = tensor
    }
  }

  /// Where the parameters below a part stand among all.
  private func positions(below part: Value, _ c: Context) throws -> [Int] {
    let positions = Dictionary(refs.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
    return try ParameterTree(part, c).parameters.compactMap { positions[$0.key] }
  }

  private func summary(_ form: Form) -> String {
    switch form {
    case .tensor(let index): tensors[index].typeDescription
    case .number: "a number"
    case .list(let items): "a list of \(items.count)"
    case .record(let entries): "a record of \(entries.map(\.key.string).joined(separator: ", "))"
    case .model(let instance): "a gradient of \(instance.type.name)"
    case .gradient: "a gradient"
    case .other(let value): value.summary
    }
  }
}
