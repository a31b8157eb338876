import NNSSyntax
import NNSTensor

/// What an annotation asks of a value, compiled.
indirect enum TypeTest {
  case any
  case int, float, bool, string, list, record, tensor, function
  /// A model, by the value of its name or path.
  case model(Ref, String)
  case items([TypeTest])
  case shape(DType?, [Axis], isPlain: Bool)

  /// One axis of a shape.
  enum Axis {
    case any
    case rest
    case size(Int)
    /// A dimension of this function: bound by the first argument that mentions it, kept in a slot of the frame.
    case dimension(Int, String)
    /// A size that is known otherwise: a parameter, a field, arithmetic. A name with where it is declared.
    case expression(Ref, String, declared: Span? = nil)
  }

  /// Whether it asks for a dimension, known by its slot.
  func mentions(_ dimension: Int) -> Bool {
    switch self {
    case .shape(_, let axes, _):
      axes.contains { if case .dimension(dimension, _) = $0 { true } else { false } }
    case .items(let tests): tests.contains { $0.mentions(dimension) }
    default: false
    }
  }

  static let builtinNames: Set<String> = [
    "int", "float", "bool", "string", "list", "record", "tensor", "fn", "nil", "model", "any",
  ]

  /// What messages call it.
  var description: String {
    switch self {
    case .any: return "anything"
    case .int: return "int"
    case .float: return "float"
    case .bool: return "bool"
    case .string: return "string"
    case .list: return "list"
    case .record: return "record"
    case .tensor: return "tensor"
    case .function: return "fn"
    case .model(_, let name): return name
    case .items(let items): return "(\(items.map(\.description).joined(separator: ", ")))"
    case .shape(let dtype, let axes, _):
      let list = axes.map { axis in
        switch axis {
        case .any: "_"
        case .rest: "..."
        case .size(let size): "\(size)"
        case .dimension(_, let name): name
        case .expression(_, let text, _): text
        }
      }
      return "\(dtype?.name ?? "")[\(list.joined(separator: ", "))]"
    }
  }

  /// What is wrong with a value that is not admitted.
  func kindOfMistake(_ value: Value) -> NNSErrorKind {
    if case .shape = self, case .tensor = value { .dtype } else { .type }
  }

  /// Whether a value has the right kind; shapes are compared apart.
  func admits(_ value: Value, _ f: Frame, _ c: Context) throws -> Bool {
    switch (self, value) {
    case (.any, _), (.int, .int), (.float, .float), (.float, .int), (.bool, .bool), (.string, .string),
      (.list, .list), (.record, .record), (.tensor, .tensor), (.function, .closure), (.function, .callable):
      return true
    case (.int, .tensor(let tensor)): return tensor.rank == 0 && tensor.dtype.isInt
    case (.float, .tensor(let tensor)): return tensor.rank == 0 && tensor.dtype != .bool
    case (.function, .model(let instance)): return instance.type.methods["forward"] != nil
    case (.model(let type, let name), _):
      guard case .callable(let callable) = try type.eval(f, c), let wanted = callable as? ModelType else {
        throw Mistakes.noType(name, at: type.span)
      }
      if case .model(let instance) = value { return instance.type === wanted }
      return false
    case (.items(let tests), .list(let list)):
      guard tests.count == list.count else { return false }
      for (test, item) in zip(tests, list) where !(try test.admits(item, f, c)) { return false }
      return true
    case (.shape(let dtype, _, _), .tensor(let tensor)): return dtype == nil || tensor.dtype == dtype
    // A number is a tensor without axes.
    case (.shape(nil, let axes, _), .float), (.shape(nil, let axes, _), .int):
      return axes.allSatisfy { if case .rest = $0 { true } else { false } }
    default: return false
    }
  }
}

extension Compiler {
  /// What an annotation asks.
  func test(_ annotation: Annotation) -> TypeTest {
    switch annotation.kind {
    case .any: return .any
    case .list(let items): return .items(items.map { test($0) })
    case .named(let path): return named(path, annotation.span)
    case .shape(let dtype, let dimensions):
      let axes = dimensions.map { axis($0) }
      let isPlain = axes.allSatisfy { if case .expression = $0 { false } else { true } }
      return .shape(dtype.flatMap { DType(name: $0) }, axes, isPlain: isPlain)
    }
  }

  private func named(_ path: [Identifier], _ span: Span) -> TypeTest {
    let name = path.map(\.text).joined(separator: ".")
    if path.count == 1 {
      switch name {
      case "int": return .int
      case "float": return .float
      case "bool": return .bool
      case "string": return .string
      case "list": return .list
      case "record": return .record
      case "tensor": return .tensor
      case "fn": return .function
      case "any", "nil", "model": return .any
      default: break
      }
    }
    guard let first = path.first else { return .any }
    var expr = Expr(.name(first), span: first.span)
    for part in path.dropFirst() { expr = Expr(.member(expr, part), span: first.span.union(part.span)) }
    return .model(Ref(value(expr)), name)
  }

  /// Where a size is declared, unless that is in the standard library, whose insides are no help.
  private func declaration(_ identifier: Identifier) -> Span? {
    let span: Span
    switch resolution.bindings[identifier.id] {
    case .variable(let variable): span = variable.span
    case .field(let variable, let index):
      guard let member = model(of: variable)?.members[index] else { return nil }
      span = member.span
    default: return nil
    }
    return context.isLibrary(span) ? nil : span
  }

  /// The model whose `self` a variable is.
  private func model(of variable: Variable) -> ModelScope? {
    var scope: FunctionScope? = scope
    while let current = scope {
      if current === variable.owner { return current.model }
      scope = current.parent
    }
    return nil
  }

  private func axis(_ dimension: Annotation.Dimension) -> TypeTest.Axis {
    switch dimension.kind {
    case .any: return .any
    case .rest: return .rest
    case .size(let size): return .size(size)
    case .name(let identifier):
      if case .variable(let variable) = resolution.bindings[identifier.id], variable.kind == .dimension,
        variable.owner === scope
      {
        return .dimension(scope.slot(of: variable), identifier.text)
      }
      return .expression(
        Ref(value(Expr(.name(identifier), span: identifier.span))), identifier.text, declared: declaration(identifier))
    case .expression(let expr):
      return .expression(Ref(value(expr)), "(\(context.text(expr.span)))")
    }
  }
}
