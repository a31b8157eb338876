import NNSSyntax
import NNSTensor

/// One built-in that is not a tensor op: a row of the table from which the function and the method, the errors of a
/// call, `help`, completion and the reference come.
struct Builtin: Sendable {
  /// What an argument must be.
  enum Kind: Sendable {
    case any, int, number, bool, string, list, record, tensor, function, model, range
    /// Anything with items.
    case iterable
    /// A list, range, record or other iterable that is no tensor: tensors have an op of that name.
    case sequence
    /// Anything with a length.
    case collection
    /// What differentiation gives for more than one tensor.
    case gradient

    /// What messages call it.
    var description: String {
      switch self {
      case .iterable, .collection: "collection"
      case .sequence: "list"
      case .number: "number"
      default: "\(self)"
      }
    }
  }

  /// What stands where an argument is not given.
  enum Default: Sendable {
    case required, `nil`, int(Int), float(Double), bool(Bool), string(String)

    var value: Value? {
      switch self {
      case .required: nil
      case .nil: .nil
      case .int(let number): .int(number)
      case .float(let number): .float(number)
      case .bool(let flag): .bool(flag)
      case .string(let text): .string(text)
      }
    }
  }

  struct Parameter: Sendable {
    let name: String
    let kind: Kind
    let `default`: Default
    let isRest: Bool

    init(_ name: String, _ kind: Kind = .any, _ default: Default = .required, isRest: Bool = false) {
      self.name = name
      self.kind = kind
      self.default = `default`
      self.isRest = isRest
    }
  }

  typealias Body = @Sendable (inout BoundArguments, Context) throws -> Value

  let name: String
  let parameters: [Parameter]
  let doc: String
  /// Source and what it prints.
  let examples: [(source: String, output: String)]
  /// Whether `x.name(…)` is `name(x, …)`.
  let isMethod: Bool
  let signature: Signature
  let body: Body

  init(
    _ name: String, _ parameters: [Parameter], _ doc: String, examples: [(source: String, output: String)] = [],
    isMethod: Bool = true, _ body: @escaping Body
  ) {
    self.name = name
    self.parameters = parameters
    self.doc = doc
    self.examples = examples
    self.isMethod = isMethod && !parameters.isEmpty
    self.body = body
    signature = Signature(
      name: name,
      parameters: parameters.map { parameter in
        var isOptional = true
        if case .required = parameter.default { isOptional = false }
        return .init(name: parameter.name, isOptional: isOptional, isRest: parameter.isRest)
      })
  }

  /// Whether it is meant for a first argument of that kind.
  func accepts(_ first: Value?) -> Bool {
    guard let parameter = parameters.first, let first else { return true }
    return parameter.kind.admits(first)
  }

  /// Puts arguments into the order of the parameters.
  func bind(_ arguments: Arguments) throws -> BoundArguments {
    var values = [Value](repeating: .unset, count: parameters.count)
    let restIndex = parameters.firstIndex(where: \.isRest)
    var rest: [Value] = []
    for (position, value) in arguments.positional.enumerated() {
      if position < (restIndex ?? parameters.count) {
        values[position] = value
      } else if restIndex != nil {
        rest.append(value)
      } else {
        throw Mistakes.tooMany(signature, given: arguments.positional.count + (arguments.block == nil ? 0 : 1))
      }
    }
    for (name, value) in arguments.named {
      guard let index = parameters.firstIndex(where: { $0.name == name && !$0.isRest }) else {
        throw Mistakes.unknownArgument(name, signature)
      }
      if !values[index].isUnset { throw Mistakes.argumentTwice(name, signature) }
      values[index] = value
    }
    if let block = arguments.block {
      guard let last = parameters.indices.last, values[last].isUnset else {
        throw Mistakes.tooMany(signature, given: arguments.positional.count + 1)
      }
      values[last] = block
    }
    if let restIndex { values[restIndex] = .list(rest) }
    for (index, parameter) in parameters.enumerated() where !parameter.isRest {
      if values[index].isUnset {
        guard let value = parameter.default.value else {
          let missing = parameters.indices.filter { values[$0].isUnset && parameters[$0].default.value == nil }
          throw Mistakes.missing(missing, signature, given: arguments.count)
        }
        values[index] = value
        continue
      }
      if values[index].isNil, case .nil = parameter.default { continue }
      if case .int = parameter.kind, let number = Conversions.int(values[index]) {
        values[index] = .int(number)
      } else if !parameter.kind.admits(values[index]) {
        throw Mistakes.argumentType(
          parameter.name, function: name, expected: parameter.kind.description, found: values[index],
          argument: arguments.position(of: index, parameter.name))
      }
    }
    return BoundArguments(values: values, row: self, given: arguments)
  }
}

extension Builtin.Kind {
  /// Whether there are tensors that it admits.
  var mayAdmitTensors: Bool {
    switch self {
    case .any, .int, .number, .bool, .tensor, .iterable, .collection: true
    case .string, .list, .record, .function, .model, .range, .sequence, .gradient: false
    }
  }

  func admits(_ value: Value) -> Bool {
    switch (self, value) {
    case (.any, _), (.int, .int), (.number, .int), (.number, .float), (.bool, .bool), (.string, .string),
      (.list, .list), (.record, .record), (.tensor, .tensor), (.function, .closure), (.function, .callable),
      (.model, .model), (.range, .range):
      true
    case (.int, .tensor(let tensor)): tensor.rank == 0 && tensor.dtype.isInt
    case (.number, .tensor(let tensor)): tensor.rank == 0
    case (.bool, .tensor(let tensor)): tensor.rank == 0 && tensor.dtype == .bool
    case (.function, .model(let instance)): instance.type.methods["forward"] != nil
    case (.iterable, .list), (.iterable, .range), (.iterable, .string), (.iterable, .record), (.iterable, .object): true
    case (.iterable, .tensor(let tensor)): tensor.rank > 0
    case (.sequence, .list), (.sequence, .range), (.sequence, .record), (.sequence, .object): true
    case (.collection, .list), (.collection, .range), (.collection, .string), (.collection, .record),
      (.collection, .object):
      true
    case (.collection, .tensor(let tensor)): tensor.rank > 0
    case (.gradient, .list), (.gradient, .record): true
    case (.gradient, .object(let object)): object is GradientBox
    default: false
    }
  }
}

/// The arguments of a built-in in the order of its parameters, already of the right kind.
struct BoundArguments {
  var values: [Value]
  let row: Builtin
  let given: Arguments

  subscript(index: Int) -> Value { values[index] }

  /// An error about one argument.
  func fault(_ index: Int, _ kind: NNSErrorKind, _ message: String, help: String? = nil) -> Failure {
    Failure(
      kind, "\(row.name): \(message)", help: help,
      argument: given.position(of: index, row.parameters[index].name))
  }

  func wrong(_ index: Int, _ expected: String) -> Failure {
    Mistakes.argumentType(
      row.parameters[index].name, function: row.name, expected: expected, found: values[index],
      argument: given.position(of: index, row.parameters[index].name))
  }

  func int(_ index: Int) throws -> Int {
    guard let number = Conversions.int(values[index]) else { throw wrong(index, "int") }
    return number
  }

  func optionalInt(_ index: Int) throws -> Int? { values[index].isNil ? nil : try int(index) }

  func double(_ index: Int) throws -> Double {
    guard let number = Conversions.double(values[index]) else { throw wrong(index, "number") }
    return number
  }

  func bool(_ index: Int) throws -> Bool {
    switch values[index] {
    case .bool(let flag): flag
    case .tensor(let tensor) where tensor.dtype == .bool && tensor.elementCount == 1: try tensor.item().double != 0
    default: throw wrong(index, "bool")
    }
  }

  func text(_ index: Int) throws -> Text {
    guard case .string(let text) = values[index] else { throw wrong(index, "string") }
    return text
  }

  /// What a condition takes.
  func truth(_ index: Int, _ c: Context) throws -> Bool {
    do {
      return try c.truth(values[index], at: .none)
    } catch let mistake as Diagnostic {
      throw Failure(
        mistake.kind, mistake.message, help: mistake.help,
        argument: given.position(of: index, row.parameters[index].name))
    }
  }

  func string(_ index: Int) throws -> String { try text(index).string }

  func list(_ index: Int) throws -> ListBox {
    guard case .list(let box) = values[index] else { throw wrong(index, "list") }
    return box
  }

  func record(_ index: Int) throws -> RecordBox {
    guard case .record(let box) = values[index] else { throw wrong(index, "record") }
    return box
  }

  func tensor(_ index: Int) throws -> Tensor {
    guard let tensor = Conversions.tensorOrNumber(values[index]) else { throw wrong(index, "tensor") }
    return tensor
  }

  func model(_ index: Int) throws -> ModelInstance {
    guard case .model(let instance) = values[index] else { throw wrong(index, "model") }
    return instance
  }
}
