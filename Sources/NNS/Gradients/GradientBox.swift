import NNSSyntax
import NNSTensor

/// The gradient of a model, or of a list or record of models: it has the model's field names, and arithmetic.
final class GradientBox: Object {
  /// The parameters it belongs to, in order.
  let refs: [ParameterRef]
  /// One for each of them: a tensor, or in a Hessian a gradient.
  let values: [Value]
  /// What it is the gradient of, in a list for ``Teardown``.
  private var roots: [Value]
  private lazy var positions = Dictionary(
    refs.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })

  init(_ root: Value, _ refs: [ParameterRef], _ values: [Value]) {
    self.refs = refs
    self.values = values
    roots = [root]
  }

  deinit { Teardown.release(&roots) }

  private var root: Value { roots[0] }

  /// The same gradient with other values.
  func replaced(_ values: [Value]) -> GradientBox { GradientBox(root, refs, values) }

  /// All tensors in it.
  var tensors: [Tensor] {
    values.flatMap { value -> [Tensor] in
      switch value {
      case .tensor(let tensor): [tensor]
      case .object(let object as GradientBox): object.tensors
      default: []
      }
    }
  }

  override var typeName: String { "gradient" }

  override func describe(_ context: Context) -> String {
    let lines = zip(refs, values).map { "\($0.name): \($1.summary)" }
    return "<gradient \(lines.joined(separator: ", "))>"
  }

  override var memberNames: [String] {
    switch root {
    case .model(let instance): instance.type.memberNames + ["norm", "clip_norm"]
    case .record(let record): record.names + ["norm", "clip_norm"]
    default: ["norm", "clip_norm"]
    }
  }

  override func member(_ name: String, _ context: Context) throws -> Value? {
    switch root {
    case .model(let instance):
      if let index = instance.type.index(of: name) {
        let field = instance.slots[index]
        return instance.type.members[index].kind == .param
          ? parameter(field, instance, index, []) : try gradient(of: field, context)
      }
    case .record(let record): if let value = record[Text(name)] { return try gradient(of: value, context) }
    default: break
    }
    guard let function = Builtins.function(named: name), name == "norm" || name == "clip_norm" else { return nil }
    return .callable(BoundBuiltin(.object(self), function))
  }

  override func element(_ key: Value, _ context: Context) throws -> Value? {
    switch (root, key) {
    case (.list(let list), _):
      let position = try Indexing.position([.value(key)], count: list.count, of: "list")
      return try gradient(of: list[position], context)
    case (.record(let record), .string(let name)):
      return try record[name].flatMap { try gradient(of: $0, context) }
    default: return nil
    }
  }

  private func gradient(of value: Value, _ c: Context) throws -> Value? {
    switch value {
    case .model, .list, .record: .object(try part(value, c))
    default: nil
    }
  }

  /// The gradient of a part of the model.
  func part(_ part: Value, _ c: Context) throws -> GradientBox {
    let found = try ParameterTree(part, c).parameters.compactMap { ref in positions[ref.key].map { (ref, values[$0]) } }
    return GradientBox(part, found.map(\.0), found.map(\.1))
  }

  /// The gradient of a `param` field, or of what is in it.
  private func parameter(
    _ value: Value, _ instance: ModelInstance, _ index: Int, _ path: [ParameterRef.PathStep]
  ) -> Value {
    switch value {
    case .tensor:
      let key = ParameterRef.Key(instance: ObjectIdentifier(instance), index: index, path: path)
      return positions[key].map { values[$0] } ?? .nil
    case .list(let list):
      return .list(list.enumerated().map { parameter($1, instance, index, path + [.item($0)]) })
    case .record(let record):
      return .record(
        RecordBox(entries: record.entries.map { ($0.key, parameter($0.value, instance, index, path + [.key($0.key)])) })
      )
    default: return .nil
    }
  }
}
