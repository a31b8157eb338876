import NNSSyntax
import NNSTensor

/// A built-in name as a value. The kind of the first argument chooses among the rows of one name.
final class BuiltinFunction: Callable, @unchecked Sendable {
  let rows: [Builtin]
  var op: Op? { binding?.op }
  /// The op where the name means nothing else and it goes element by element.
  let elementwise: Op?
  private let binding: OpBinding?
  /// Whether a tensor as the first argument always means the op.
  private let takesTensors: Bool

  init(_ name: String, rows: [Builtin], op: Op?) {
    self.rows = rows
    elementwise = rows.isEmpty ? op.flatMap { $0.isElementwise ? $0 : nil } : nil
    binding = op.map { OpBinding($0) }
    takesTensors =
      op?.parameters.first?.kind == .tensor && rows.allSatisfy { $0.parameters.first?.kind.mayAdmitTensors == false }
    super.init(name)
  }

  override var signatures: [Signature]? { rows.map(\.signature) + (binding.map { [$0.signature] } ?? []) }

  override var doc: String? { rows.first?.doc ?? op?.doc }

  var examples: [(source: String, output: String)] { rows.flatMap(\.examples) + (op?.examples ?? []) }

  /// Whether `x.name(…)` means this built-in for that `x`.
  func isMethod(of value: Value) -> Bool {
    if rows.contains(where: { $0.isMethod && $0.accepts(value) }) { return true }
    return binding.map { $0.op.isMethod && $0.accepts(value) } ?? false
  }

  override func call(_ arguments: Arguments, _ c: Context) throws -> Value {
    let first = arguments.positional.first
    if takesTensors, let binding, case .tensor? = first { return try binding.call(arguments, c) }
    for row in rows where row.accepts(first) {
      var bound = try row.bind(arguments)
      return try row.body(&bound, c)
    }
    if let binding, rows.isEmpty || first.map({ binding.accepts($0) }) ?? true {
      return try binding.call(arguments, c)
    }
    throw noRow(arguments)
  }

  override func call(_ a: Value, _ c: Context) throws -> Value {
    if let binding {
      if binding.isUnary, case .tensor(let tensor) = a, meansOp(a) {
        return binding.value(of: try c.engine.apply(binding.op, TensorList(tensor)), c)
      }
      if let number = binding.scalar(a), meansOp(a) { return number }
    }
    return try call(Arguments([a]), c)
  }

  override func call(_ a: Value, _ b: Value, _ c: Context) throws -> Value {
    if let binding, binding.isBinary, case .tensor(let x) = a, case .tensor(let y) = b, meansOp(a) {
      return binding.value(of: try c.engine.apply(binding.op, TensorList(x, y)), c)
    }
    return try call(Arguments([a, b]), c)
  }

  /// Whether no other row takes that first argument.
  private func meansOp(_ first: Value) -> Bool {
    if takesTensors, case .tensor = first { return true }
    return !rows.contains { $0.accepts(first) }
  }

  /// The first argument is of no kind that any row takes.
  private func noRow(_ arguments: Arguments) -> any Error {
    if rows.count == 1, binding == nil {
      // The count may be wrong as well, which says more.
      do { _ = try rows[0].bind(arguments) } catch { return error }
    }
    var kinds: [String] = []
    var names: Set<String> = []
    for parameter in rows.compactMap(\.parameters.first) {
      names.insert(parameter.name)
      if !kinds.contains(parameter.kind.description) { kinds.append(parameter.kind.description) }
    }
    if let binding {
      // A number is an int too.
      if binding.words.contains("number") { kinds.removeAll { $0 == "int" } }
      kinds += binding.words.filter { !kinds.contains($0) }
    }
    let found = arguments.positional.first ?? .nil
    // Rows that mean different things call their first parameter differently.
    guard names.count == 1, let name = names.first else {
      return Mistakes.firstArgument(of: self.name, expected: kinds, found: found, signatures ?? [])
    }
    return Mistakes.argumentType(
      name, function: self.name, expected: Mistakes.choice(kinds), found: found, argument: 0)
  }
}

/// The table of all built-ins: tensor ops and the rest.
enum Builtins {
  /// Every row that is not an op.
  static let rows: [Builtin] =
    values + numbers + tensors + printing + strings + lists + records + functional + testing + files + media + models
    + training + optimizing + gradients + random + datasets + tokenizers + checkpoints + fitting + layers

  private static let functions: [String: BuiltinFunction] = {
    var grouped: [String: [Builtin]] = [:]
    for row in rows { grouped[row.name, default: []].append(row) }
    var functions: [String: BuiltinFunction] = [:]
    for (name, rows) in grouped {
      functions[name] = BuiltinFunction(name, rows: rows, op: Ops.named(name).flatMap { $0.isHidden ? nil : $0 })
    }
    for op in Ops.all where !op.isHidden && functions[op.name] == nil {
      functions[op.name] = BuiltinFunction(op.name, rows: [], op: op)
    }
    // Their rules check all that a script may say, as those of steps of gradient rules, whose callers they trust, do not.
    for op in Ops.forLibrary { functions["_" + op.name] = BuiltinFunction("_" + op.name, rows: [], op: op) }
    return functions
  }()

  /// Numbers that are names.
  private static let constants: [String: Double] = ["pi": .pi, "inf": .infinity, "nan": .nan]

  static func function(named name: String) -> BuiltinFunction? { functions[name] }

  static func value(named name: String) -> Value? {
    if let number = constants[name] { return .float(number) }
    return functions[name].map { .callable($0) }
  }

  static var names: [String] { Array(functions.keys) + Array(constants.keys) }

  /// Whether `x.name(…)` is a built-in for that `x`.
  static func isMethod(_ name: String, of value: Value) -> Bool { functions[name]?.isMethod(of: value) ?? false }

  /// Whether a built-in changes the place it is called on.
  static func changesPlace(_ name: String) -> Bool {
    name == "push" || name == "pop" || name == "insert" || name == "remove"
  }
}

extension Value {
  /// What a call of it may pass, where that is known without a run.
  var signatures: [Signature]? {
    switch self {
    case .callable(let callable): callable.signatures
    case .closure(let closure): [closure.code.signature]
    default: nil
    }
  }
}
