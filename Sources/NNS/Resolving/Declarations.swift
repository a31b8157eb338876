import NNSSyntax

/// A name that a statement declares, as the text shows it.
struct Declaration {
  let name: Identifier
  let kind: Variable.Kind
  /// What is called when it is: known for `fn`, `model` and a `let` that holds a function literal.
  var signature: Signature?
}

extension Statement {
  /// The names that it declares in the block that it stands in.
  var declarations: [Declaration] {
    switch kind {
    case .declare(let isVar, let pattern, let value):
      pattern.names.map { name in
        var declaration = Declaration(name: name, kind: isVar ? .var : .let)
        if !isVar, case .name = pattern, case .function(let literal) = value.kind {
          declaration.signature = Signature(name: name.text, literal.parameters)
        }
        return declaration
      }
    case .function(let function):
      function.name.map {
        [Declaration(name: $0, kind: .function, signature: Signature(name: $0.text, function.parameters))]
      } ?? []
    case .model(let model):
      [
        Declaration(
          name: model.name, kind: .model, signature: Signature(name: model.name.text, model.parameters))
      ]
    case .importing(let item): [Declaration(name: item.name, kind: .module)]
    default: []
    }
  }
}

extension Pattern {
  /// The names in it, from left to right.
  var names: [Identifier] {
    switch self {
    case .name(let identifier): [identifier]
    case .wildcard: []
    case .list(let items, _): items.flatMap(\.names)
    }
  }
}

/// What those who import a file see of it: its top-level names, and what is called where one is known to be called.
struct Outline {
  /// The module's name, for messages.
  let name: String
  private let signatures: [String: Signature?]

  init(_ name: String, of program: Program) {
    self.name = name
    let declarations = program.statements.flatMap(\.declarations)
    signatures = Dictionary(declarations.map { ($0.name.text, $0.signature) }) { $1 }
  }

  /// The names that importers may use.
  var exports: [String] { signatures.keys.filter { !$0.hasPrefix("_") }.sorted() }

  func has(_ name: String) -> Bool { !name.hasPrefix("_") && signatures[name] != nil }

  func signature(of name: String) -> Signature? { signatures[name] ?? nil }
}
