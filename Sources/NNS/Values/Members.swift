import NNSTensor

/// `x.name` on values.
enum Members {
  /// The member; `nil` where there is none of that name.
  static func member(_ name: String, of value: Value, _ c: Context) throws -> Value? {
    switch value {
    case .record(let record):
      if let field = record[Text(name)] { return field }
    case .model(let instance):
      if let member = try instance.member(name, c) { return member }
    case .object(let object):
      if let member = try object.member(name, c) { return member }
    case .tensor(let tensor):
      if let property = try property(name, of: tensor, c) { return property }
    default: break
    }
    if case .record = value { return nil }
    // A built-in taken without a call: `xs |> x.sum` and the like.
    if let function = Builtins.function(named: name), function.isMethod(of: value) {
      return .callable(BoundBuiltin(value, function))
    }
    return nil
  }

  static let tensorProperties = ["shape", "dtype", "rank", "size", "T"]

  private static func property(_ name: String, of tensor: Tensor, _ c: Context) throws -> Value? {
    switch name {
    case "shape": .list(tensor.shape.map { .int($0) })
    case "dtype": .string(tensor.dtype.name)
    case "rank": .int(tensor.rank)
    case "size": .int(tensor.elementCount)
    case "T":
      if tensor.rank < 2 {
        .tensor(tensor)
      } else {
        .tensor(
          try c.engine.apply(
            c.operations.transpose, TensorList(tensor), [.int(tensor.rank - 2), .int(tensor.rank - 1)]
          )
          .first)
      }
    default: nil
    }
  }

  /// What may stand after the dot, for suggestions and completion.
  static func names(of value: Value, _ c: Context) -> [String] {
    var names: [String] = []
    switch value {
    case .record(let record): names = record.names
    case .model(let instance): names = instance.type.memberNames
    case .object(let object):
      names = object.memberNames
      if object is ModuleObject { return names }
    case .tensor: names = tensorProperties
    default: break
    }
    if case .model = value { return names }
    return names + Builtins.names.filter { Builtins.isMethod($0, of: value) }
  }
}
