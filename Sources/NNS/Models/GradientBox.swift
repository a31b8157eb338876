import NNSSyntax
import NNSTensor

/// The gradient of a model: it has the model's field names, and arithmetic.
final class GradientBox: Object {
  /// The parameters it belongs to, in order, and their gradients.
  let refs: [ParameterRef]
  let tensors: [Tensor]
  /// The part of the model that this is the gradient of.
  private var at: [Value]
  private let positions: [ParameterRef.Key: Int]

  init(_ root: Value, _ refs: [ParameterRef], _ tensors: [Tensor]) {
    self.refs = refs
    self.tensors = tensors
    at = [root]
    var positions: [ParameterRef.Key: Int] = [:]
    for (index, ref) in refs.enumerated() { positions[ref.key] = index }
    self.positions = positions
  }

  private init(_ part: Value, of whole: GradientBox) {
    refs = whole.refs
    tensors = whole.tensors
    at = [part]
    positions = whole.positions
  }

  deinit { Teardown.release(&at) }

  var root: Value { at[0] }

  /// The same gradient with other tensors.
  func replaced(_ tensors: [Tensor]) -> GradientBox { GradientBox(root, refs, tensors) }

  override var typeName: String { "gradient" }

  override func describe(_ context: Context) -> String {
    let lines = zip(refs, tensors).map { "\($0.name): \($1.typeDescription)" }
    return "<gradient \(lines.joined(separator: ", "))>"
  }

  override var memberNames: [String] {
    if case .model(let instance) = root { return instance.type.memberNames + ["norm", "clip_norm"] }
    if case .record(let record) = root { return record.keys + ["norm", "clip_norm"] }
    return ["norm", "clip_norm"]
  }

  override func member(_ name: String, _ context: Context) throws -> Value? {
    switch root {
    case .model(let instance):
      if let index = instance.type.index(of: name) {
        return gradient(
          of: instance.slots[index], instance, index, [], isParam: instance.type.members[index].kind == .param)
      }
    case .record(let record):
      if let value = record[name] { return gradient(of: value, nil, 0, [], isParam: false) }
    default: break
    }
    switch name {
    case "norm":
      return .callable(
        NativeFunction("norm", captured: [.object(self)]) { _, _, c in c.wrap(try self.norm(c)) })
    case "clip_norm":
      return .callable(
        NativeFunction("clip_norm", captured: [.object(self)]) { _, arguments, c in
          guard let limit = arguments.positional.first.flatMap(Conversions.double) else {
            throw Failure(.type, "clip_norm: a number is needed")
          }
          return .object(try self.clipped(limit, c))
        })
    default: return nil
    }
  }

  override func element(_ key: Value, _ context: Context) throws -> Value? {
    switch (root, key) {
    case (.list(let list), _):
      let position = try Indexing.position([.value(key)], count: list.count, of: "list")
      return gradient(of: list[position], nil, 0, [], isParam: false)
    case (.record(let record), .string(let name)):
      return record[name.text].flatMap { gradient(of: $0, nil, 0, [], isParam: false) }
    default: return nil
    }
  }

  /// The gradient of one value of the model.
  private func gradient(
    of value: Value, _ instance: ModelInstance?, _ index: Int, _ path: [ParameterRef.PathStep], isParam: Bool
  ) -> Value? {
    guard isParam, let instance else {
      switch value {
      case .model, .list, .record: return .object(GradientBox(value, of: self))
      default: return nil
      }
    }
    switch value {
    case .nil: return .nil
    case .tensor:
      let key = ParameterRef.Key(instance: ObjectIdentifier(instance), index: index, path: path)
      return positions[key].map { .tensor(tensors[$0]) }
    case .list(let list):
      return .list(
        list.enumerated().map {
          gradient(of: $1, instance, index, path + [.item($0)], isParam: true) ?? .nil
        })
    case .record(let record):
      return .record(
        RecordBox(
          entries: record.entries.map {
            ($0.key, gradient(of: $0.value, instance, index, path + [.key($0.key)], isParam: true) ?? .nil)
          }))
    default: return nil
    }
  }

  /// The Euclidean norm over all tensors.
  func norm(_ c: Context) throws -> Tensor {
    try Gradients.norm(tensors, c)
  }

  /// Scaled down so that the norm is at most `limit`.
  func clipped(_ limit: Double, _ c: Context) throws -> GradientBox {
    replaced(try Gradients.clipped(tensors, limit, c))
  }
}
