import NNSTensor

/// How a script's arguments become the inputs and attributes of a tensor op.
struct OpBinding {
  let op: Op
  let signature: Signature
  /// Whether one tensor alone is a whole call.
  let isUnary: Bool
  /// Whether two tensors alone are a whole call.
  let isBinary: Bool
  /// How many parameters take arguments by place, where these stand for them in order; `nil` where they need a closer look.
  private let placeCount: Int?

  init(_ op: Op) {
    self.op = op
    signature = OpBinding.signature(op)
    let parameters = op.parameters
    let needed = (parameters.lastIndex { $0.kind.isTensor || $0.defaultValue == nil } ?? -1) + 1
    isUnary =
      parameters.first?.kind == .tensor && parameters.dropFirst().allSatisfy { $0.defaultValue != nil }
      && !parameters.contains { $0.kind == .shape } && !parameters.dropFirst().contains { $0.kind.isTensor }
    isBinary = parameters.count >= 2 && needed == 2 && parameters[0].kind == .tensor && parameters[1].kind == .tensor
    let places = parameters.prefix { !$0.isNamedOnly }
    let isPlain =
      parameters.dropFirst(places.count).allSatisfy { $0.isNamedOnly && !$0.kind.isTensor }
      && !places.dropFirst().contains { $0.kind == .tensors } && !places.dropLast().contains { $0.kind == .shape }
    placeCount = isPlain ? places.count : nil
  }

  private static func signature(_ op: Op) -> Signature {
    Signature(
      name: op.name,
      parameters: op.parameters.map { parameter in
        // Sizes may be several ints, and tensors several values: they take what is left.
        .init(
          name: parameter.name, isOptional: parameter.defaultValue != nil,
          isRest: takesRest(parameter, op), isNamedOnly: parameter.isNamedOnly, isNamableRest: true)
      })
  }

  /// Whether a shape or a list of tensors takes all the values that are left: where nothing else can come after it by
  /// place.
  private static func takesRest(_ parameter: OpParameter, _ op: Op) -> Bool {
    (parameter.kind == .shape || parameter.kind == .tensors)
      && op.parameters.last { !$0.isNamedOnly }?.name == parameter.name
  }

  func accepts(_ value: Value) -> Bool {
    switch op.parameters.first?.kind {
    case .tensor, .optionalTensor: Conversions.tensorOrNumber(value) != nil
    case .tensors:
      switch value {
      case .list: true
      case .tensor: op.parameters.first.map { OpBinding.takesRest($0, op) } ?? false
      default: false
      }
    default: false
    }
  }

  /// A function of a number, where it gives a float; `nil` for other values.
  func scalar(_ value: Value) -> Value? {
    guard let scalar = op.scalar else { return nil }
    return switch value {
    case .float(let number): .float(scalar(number))
    case .int(let number) where !op.keepsInts: .float(scalar(Double(number)))
    default: nil
    }
  }

  func call(_ arguments: Arguments, _ c: Context) throws -> Value {
    if arguments.count == 1, let first = arguments.positional.first, let number = scalar(first) { return number }
    if arguments.block == nil, let (inputs, attributes) = inOrder(arguments) {
      return value(of: try c.engine.apply(op, inputs, attributes), c)
    }
    var values = [Value?](repeating: nil, count: op.parameters.count)
    try place(arguments, &values)
    var inputs = TensorList()
    var attributes: [Attribute] = []
    for (index, parameter) in op.parameters.enumerated() {
      let value = values[index]
      if value == nil, parameter.defaultValue == nil {
        let missing = op.parameters.indices.filter { values[$0] == nil && op.parameters[$0].defaultValue == nil }
        throw Mistakes.missing(missing, signature, given: arguments.count)
      }
      if parameter.kind.isTensor {
        try appendTensor(value, parameter, index, arguments, c, &inputs)
      } else {
        attributes.append(try attribute(value, parameter, index, arguments))
      }
    }
    return value(of: try c.engine.apply(op, inputs, attributes), c)
  }

  /// What most calls are: tensors, numbers and flags, each at its place or by name. Nil for all else, mistakes included.
  private func inOrder(_ arguments: Arguments) -> (TensorList, [Attribute])? {
    guard let placeCount else { return nil }
    let values = arguments.positional
    var (inputs, attributes) = (TensorList(), [Attribute]())
    var (placed, named) = (0, 0)
    for (index, parameter) in op.parameters.enumerated() {
      let value: Value
      if index < placeCount, placed < values.count {
        if parameter.kind == .shape {
          // All that is left is one shape.
          guard let sizes = sizes(values[index...]) else { return nil }
          attributes.append(.ints(sizes))
          placed = values.count
          continue
        }
        value = values[index]
        placed += 1
      } else if named < arguments.named.count, let found = arguments.named.first(where: { $0.name == parameter.name }) {
        value = found.value
        named += 1
      } else if parameter.kind == .optionalTensor {
        inputs.append(.absent)
        continue
      } else if let standard = parameter.defaultValue {
        // Those after the last that is given need not be written.
        if named < arguments.named.count { attributes.append(standard) }
        continue
      } else {
        return nil
      }
      guard append(value, parameter.kind, &inputs, &attributes) else { return nil }
    }
    return placed == values.count && named == arguments.named.count ? (inputs, attributes) : nil
  }

  /// Adds an argument, where it is of the very kind that a parameter takes.
  private func append(
    _ value: Value, _ kind: OpParameter.Kind, _ inputs: inout TensorList, _ attributes: inout [Attribute]
  ) -> Bool {
    switch (kind, value) {
    case (.tensor, .tensor(let tensor)), (.optionalTensor, .tensor(let tensor)): inputs.append(tensor)
    case (.optionalTensor, .nil): inputs.append(.absent)
    case (.tensor, _):
      guard let number = Operators.weak(value) else { return false }
      inputs.append(number)
    case (.tensors, .list(let list)):
      for item in list {
        guard case .tensor(let tensor) = item else { return false }
        inputs.append(tensor)
      }
    case (.int, .int(let number)), (.axis, .int(let number)), (.axes, .int(let number)), (.ints, .int(let number)),
      (.number, .int(let number)):
      attributes.append(.int(number))
    case (.number, .float(let number)): attributes.append(.float(number))
    case (.bool, .bool(let flag)): attributes.append(.bool(flag))
    default: return false
    }
    return true
  }

  private func sizes(_ values: ArraySlice<Value>) -> [Int]? {
    var sizes: [Int] = []
    for value in values {
      guard case .int(let size) = value else { return nil }
      sizes.append(size)
    }
    return sizes
  }

  /// What a call gives: a tensor, or a list of several.
  func value(of outputs: TensorList, _ c: Context) -> Value {
    outputs.count == 1 && !op.givesList ? c.wrap(outputs.first) : .list(outputs.map { c.wrap($0) })
  }

  /// Pairs arguments with parameters.
  private func place(_ arguments: Arguments, _ values: inout [Value?]) throws {
    let parameters = op.parameters
    var next = 0
    for (position, value) in arguments.positional.enumerated() {
      while next < parameters.count, parameters[next].isNamedOnly { next += 1 }
      guard next < parameters.count else {
        if op.name == "max" || op.name == "min" { throw Mistakes.extremeByPlace(op.name) }
        throw Mistakes.tooMany(signature, given: arguments.positional.count)
      }
      if case .list = value, parameters[next].kind == .int, parameters[next].defaultValue != nil,
        let shape = parameters[next...].firstIndex(where: { $0.kind == .shape })
      {
        // `randint(5, (2, 3))`: a list is the shape, though an int may stand before it.
        next = shape
      }
      let isPart = parameters[next].kind == .shape ? Conversions.double(value) != nil : value.isTensor
      if OpBinding.takesRest(parameters[next], op), isPart {
        // All the numbers that follow are one shape, all the tensors one list.
        values[next] = .list(Array(arguments.positional[position...]))
        next += 1
        break
      }
      values[next] = value
      next += 1
    }
    if let block = arguments.block, next < parameters.count { values[next] = block }
    for (name, value) in arguments.named {
      guard let index = parameters.firstIndex(where: { $0.name == name }) else {
        throw Mistakes.unknownArgument(name, signature)
      }
      if values[index] != nil { throw Mistakes.argumentTwice(name, signature) }
      values[index] = value
    }
  }

  private func appendTensor(
    _ value: Value?, _ parameter: OpParameter, _ index: Int, _ arguments: Arguments, _ c: Context,
    _ inputs: inout TensorList
  ) throws {
    func wrong(_ value: Value, _ expected: String) -> Failure {
      Mistakes.argumentType(
        parameter.name, function: op.name, expected: expected, found: value,
        argument: arguments.position(of: index, parameter.name))
    }
    guard let value, !(value.isNil && parameter.kind == .optionalTensor) else { return inputs.append(.absent) }
    if parameter.kind == .tensors {
      switch value {
      case .list(let list):
        for item in list {
          guard let tensor = Conversions.tensorOrNumber(item) else { throw wrong(item, "list of tensors") }
          inputs.append(tensor)
        }
      case .tensor(let tensor) where tensor.rank > 0:
        for index in 0..<tensor.shape[0] { inputs.append(try c.engine.index(tensor, [.int(index)])) }
      default: throw wrong(value, "list of tensors")
      }
      return
    }
    guard let tensor = Conversions.tensorOrNumber(value) else { throw wrong(value, Mistakes.choice(words)) }
    inputs.append(tensor)
  }

  /// What messages say a tensor parameter takes: numbers serve everywhere, but who would pass one where there are no
  /// elements to compute with, or axes to take together?
  var words: [String] {
    op.isElementwise || op.scalar != nil || op.parameters.contains { $0.kind == .axes }
      ? ["number", "tensor"] : ["tensor"]
  }

  private func attribute(
    _ value: Value?, _ parameter: OpParameter, _ index: Int, _ arguments: Arguments
  ) throws -> Attribute {
    guard let value else { return parameter.defaultValue ?? .none }
    let expected: String
    switch parameter.kind {
    case .number:
      if let number = Conversions.int(value) { return .int(number) }
      if let number = Conversions.double(value) { return .float(number) }
      if value.isNil { return .none }
      expected = "number"
    case .scalar:
      if case .bool(let flag) = value { return .bool(flag) }
      if let number = Conversions.int(value) { return .int(number) }
      if let number = Conversions.double(value) { return .float(number) }
      expected = "number or bool"
    case .int, .axis:
      if let number = Conversions.int(value) { return .int(number) }
      if value.isNil { return .none }
      expected = "int"
    case .bool:
      if case .bool(let flag) = value { return .bool(flag) }
      expected = "bool"
    case .string:
      if case .string(let text) = value { return .string(text.string) }
      if value.isNil { return .none }
      expected = "string"
    case .dtype:
      if case .string(let text) = value {
        guard let dtype = DType(name: text.string) else {
          throw Mistakes.unknownDType(text.string, argument: arguments.position(of: index, parameter.name))
        }
        return .dtype(dtype)
      }
      if value.isNil { return .none }
      expected = "dtype such as \"f32\""
    case .axes, .ints, .shape:
      if value.isNil { return .none }
      if parameter.kind != .shape, let number = Conversions.int(value) { return .int(number) }
      if let numbers = Conversions.ints(value) { return .ints(numbers) }
      expected = parameter.kind == .shape ? "ints, or one list of ints" : "int or list of ints"
    case .pairs:
      if let pairs = Conversions.pairs(value) { return .ints(pairs) }
      expected = "list of (before, after), one for each axis"
    case .tensor, .optionalTensor, .tensors: expected = "tensor"
    }
    throw Mistakes.argumentType(
      parameter.name, function: op.name, expected: expected, found: culprit(value, parameter),
      argument: arguments.position(of: index, parameter.name))
  }

  /// The item of a list of ints that is none, or the value itself.
  private func culprit(_ value: Value, _ parameter: OpParameter) -> Value {
    switch (parameter.kind, value) {
    case (.axes, .list(let list)), (.ints, .list(let list)), (.shape, .list(let list)):
      list.first { Conversions.int($0) == nil } ?? value
    default: value
    }
  }
}
