import NNSTensor

/// What `help(x)` shows.
enum Help {
  static func text(_ value: Value) -> String {
    switch value {
    case .nil: return "help(name) shows what a function, model or layer is: help(relu), help(Linear)."
    case .closure(let closure): return entry(closure.code.signature.description, closure.code.literal.doc, [])
    case .callable(let callable):
      if let type = callable as? ModelType {
        var lines = [entry("model " + type.code.signature.description, type.doc, [])]
        for method in type.code.declaration.members {
          if case .method(let literal) = method, let name = literal.name?.text {
            lines.append("  fn " + Signature(name: name, literal.parameters).description)
          }
        }
        return lines.joined(separator: "\n")
      }
      let signatures = (callable.signatures ?? []).map(\.description)
      let examples = (callable as? BuiltinFunction)?.examples ?? []
      return entry(signatures.isEmpty ? callable.name : signatures.joined(separator: "\n"), callable.doc, examples)
    case .string(let box):
      if let function = Builtins.function(named: box.text) { return text(.callable(function)) }
      return "there is nothing called \(Display.quoted(box.text))"
    case .model(let instance): return text(.callable(instance.type))
    default: return "a value of type \(value.typeName)"
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
