import NNSSyntax

/// What is known to be no model and to hold none: `x += 1` on such a `let` can be told to be wrong without a run, while
/// `net -= 0.1 * g` changes the model in place.
extension Resolver {
  func isPlain(_ expr: Expr) -> Bool {
    switch expr.kind {
    case .nil, .bool, .int, .float, .string, .tensor, .range, .not, .and, .or: true
    case .parenthesized(let inner), .unary(_, let inner): isPlain(inner)
    case .binary(let op, let left, let right): op.isComparison || isPlain(left) || isPlain(right)
    case .list(let elements):
      elements.allSatisfy { if case .value(let item) = $0 { isPlain(item) } else { false } }
    case .name(let name): isPlain(resolution.bindings[name.id])
    case .index(let base, _): isPlain(base)
    case .call(let call): givesTensors(call.callee)
    default: false
    }
  }

  /// Whether an annotation admits nothing that could be a model.
  func isPlain(_ annotation: Annotation?) -> Bool {
    switch annotation?.kind {
    case .shape: true
    case .named(let path): path.count == 1 && ["int", "float", "bool", "string", "tensor"].contains(path[0].text)
    default: false
    }
  }

  private func isPlain(_ binding: Binding?) -> Bool {
    switch binding {
    // What a `var` holds may change.
    case .variable(let variable): variable.isPlain && !variable.isMutable
    case .global(let global): global.isPlain && !global.isMutable
    default: false
    }
  }

  /// Whether a callee is an op of the tensor engine, by name or as a method.
  private func givesTensors(_ callee: Expr) -> Bool {
    switch callee.kind {
    case .name(let name):
      if case .builtin(.callable(let callable)) = resolution.bindings[name.id] {
        return (callable as? BuiltinFunction)?.rows.isEmpty ?? false
      }
      return false
    case .member(let base, _): return isPlain(base)
    default: return false
    }
  }
}
