import NNSSyntax
import NNSTensor

/// What `help(x)` shows.
enum Help {
  static func text(_ value: Value) -> String {
    switch value {
    case .nil: return "help(name) shows what a function, model or layer is: help(relu), help(Linear)."
    case .closure(let closure): return entry(closure.code.signature.description, closure.code.literal.doc, [])
    case .callable(let callable):
      if let type = callable as? ModelType { return model(type) }
      let signatures = (callable.signatures ?? []).map(\.description)
      let function = callable as? BuiltinFunction
      let doc = [callable.doc, function?.op?.derivativeNote, function?.op.flatMap { shapes($0) }].compactMap { $0 }
        .joined(separator: "\n\n")
      return entry(
        signatures.isEmpty ? callable.name : signatures.joined(separator: "\n"), doc.isEmpty ? nil : doc,
        function?.examples ?? [])
    case .string(let name):
      if let function = Builtins.function(named: name.string) { return text(.callable(function)) }
      return "there is nothing called \(Display.quoted(name.string))"
    case .model(let instance): return text(.callable(instance.type))
    case .object(let object as ModuleObject): return module(object.module)
    default: return "a value of type \(value.typeName)"
    }
  }

  /// What shapes an op makes of shapes, by its own rule: `f32[2, 3], f32[3, 4] → f32[2, 4]`.
  private static func shapes(_ op: Op) -> String? {
    let engine = Engine()
    engine.computesShapesOnly = true
    let tensors = op.parameters.prefix { $0.kind.isTensor }.count
    let plain: [Domain.Argument] = [.floats([2, 3]), .floats([3]), .floats([2, 1])]
    var cases = op.domain.cases.map { (inputs: $0.inputs, attributes: $0.attributes) }
    if cases.isEmpty { cases = [(inputs: Array(plain.prefix(tensors)), attributes: [])] }
    var lines: [String] = []
    for example in cases.prefix(8) where lines.count < 3 {
      let inputs = example.inputs.compactMap(\.meta)
      guard !inputs.isEmpty, let outputs = try? engine.apply(op, TensorList(inputs), example.attributes) else {
        continue
      }
      let line = "\(listed(inputs)) → \(listed((0..<outputs.count).map { outputs[$0] }))"
      if !lines.contains(line) { lines.append(line) }
    }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  private static func listed(_ tensors: [Tensor]) -> String {
    tensors.filter { !$0.isAbsent }.map(\.typeDescription).joined(separator: ", ")
  }

  private static func model(_ type: ModelType) -> String {
    var members: [(String, String?)] = []
    for member in type.code.declaration.members {
      switch member {
      case .field(let field): members.append(("\(field.kind) \(pattern(field.pattern))", field.doc))
      case .method(let method):
        let signature = Signature(name: method.name?.text ?? "", method.parameters)
        members.append(("fn \(signature.description)", method.doc))
      case .statement: break
      }
    }
    return entry("model \(type.code.signature.description)", type.doc, []) + list(members)
  }

  private static func module(_ module: Module) -> String {
    let members = module.exports.compactMap { name -> (String, String?)? in
      guard let value = module.global(name)?.cell.value, !value.isUnset else { return nil }
      switch value {
      case .closure(let closure): return ("fn \(closure.code.signature.description)", closure.code.literal.doc)
      case .callable(let callable as ModelType): return ("model \(callable.code.signature.description)", callable.doc)
      default: return (name, "\(value.typeName)")
      }
    }
    return entry("module \(module.name)", module.doc, []) + list(members)
  }

  /// Members, one a line, with the first line of their documentation beside them.
  private static func list(_ members: [(head: String, doc: String?)]) -> String {
    if members.isEmpty { return "" }
    let width = members.map(\.head.count).filter { $0 <= 40 }.max() ?? 0
    let lines = members.map { head, doc in
      guard let doc = doc?.split(separator: "\n").first else { return "  \(head)" }
      return "  \(head)\(String(repeating: " ", count: max(width - head.count, 0)))  \(doc)"
    }
    return "\n\n" + lines.joined(separator: "\n")
  }

  private static func pattern(_ pattern: Pattern) -> String {
    switch pattern {
    case .name(let identifier): identifier.text
    case .wildcard: "_"
    case .list(let items, _): "(\(items.map { self.pattern($0) }.joined(separator: ", ")))"
    }
  }

  /// The first line of the documentation.
  static func summary(_ value: Value) -> String? {
    let doc: String? =
      switch value {
      case .closure(let closure): closure.code.literal.doc
      case .callable(let callable): callable.doc
      default: nil
      }
    return doc?.split(separator: "\n").first.map(String.init)
  }

  /// The signatures of a function or model, and the first line of its documentation.
  static func brief(_ value: Value) -> String {
    let text = self.text(value)
    let signatures = text.prefix { $0 != "\n" }
    return summary(value).map { "\(signatures)\n\($0)" } ?? String(signatures)
  }

  private static func entry(
    _ signature: String, _ doc: String?, _ examples: [(source: String, output: String)]
  ) -> String {
    var lines = [signature]
    if let doc { lines += ["", doc] }
    for example in examples {
      lines += ["", example.source.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")]
      lines.append("  # " + example.output.replacing("\n", with: "\n  # "))
    }
    return lines.joined(separator: "\n")
  }
}

extension Domain.Argument {
  /// A tensor of its type without data.
  fileprivate var meta: Tensor? {
    switch self {
    case .floats(let sizes), .dominant(let sizes): (try? Shape(sizes)).map { .meta(.f32, $0) }
    case .ints(let sizes, _), .labels(let sizes, _): (try? Shape(sizes)).map { .meta(.i64, $0) }
    case .bools(let sizes): (try? Shape(sizes)).map { .meta(.bool, $0) }
    case .absent: .absent
    }
  }
}
