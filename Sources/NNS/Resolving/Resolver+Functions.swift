import NNSSyntax

extension Resolver {
  /// A function's parameters, annotations and body, in a scope of its own.
  ///
  /// - Parameter name: the name that one without goes by.
  func walkFunction(_ literal: Function, name: String = "") {
    let scope = FunctionScope(parent: function, name: literal.name?.text ?? name)
    scope.isBlockArgument = literal.isBlockArgument
    resolution.functions[literal.id] = scope
    inside(scope) {
      walkParameters(literal.parameters)
      if let result = literal.result { walkResult(result) }
      walk(literal.body)
    }
    captureBelow(scope, literal)
  }

  /// A `fn` exists from the start of its block, so what it captures of that block comes later: it is shared.
  private func captureBelow(_ scope: FunctionScope, _ literal: Function) {
    guard literal.name != nil, let block = function.blocks.last else { return }
    for variable in scope.captures where block.order.contains(where: { $0 === variable }) {
      variable.needsCell = true
    }
  }

  func inside(_ scope: FunctionScope, _ body: () -> Void) {
    let outer = function
    function = scope
    body()
    function = outer
  }

  func walkTest(_ body: Block, at span: Span) {
    let scope = FunctionScope(parent: function, name: "test")
    resolution.tests[span.start] = scope
    inside(scope) { walk(body) }
  }

  // MARK: Parameters

  /// Slots go to the parameters in order, then to what patterns take apart, then to dimensions.
  func walkParameters(_ parameters: [NNSSyntax.Parameter]) {
    var slots: [Int] = []
    for _ in parameters { slots.append(function.newSlot()) }
    var arithmetic: [Expr] = []
    for (parameter, slot) in zip(parameters, slots) {
      // A default sees the parameters before it, an annotation too.
      if let value = parameter.defaultValue { walk(value) }
      if let annotation = parameter.annotation { walk(annotation, &arithmetic) }
      switch parameter.pattern {
      case .name(let identifier):
        addParameter(identifier, slot: slot, isPlain: isPlain(parameter.annotation) && parameter.defaultValue == nil)
      case .wildcard: break
      case .list:
        for identifier in parameter.pattern.names {
          addParameter(identifier, slot: function.newSlot(), isPlain: false)
        }
      }
    }
    for expr in arithmetic { walkDimensionArithmetic(expr) }
  }

  private func addParameter(_ identifier: Identifier, slot: Int, isPlain: Bool) {
    let variable = Variable(identifier.text, identifier.span, .parameter, owner: function, slot: slot)
    variable.isPlain = isPlain
    function.parameters.append(variable)
    resolution.bindings[identifier.id] = .variable(variable)
  }

  // MARK: Annotations

  /// - Parameter arithmetic: takes the expressions in shapes: plain names are bound first, in all the annotations.
  private func walk(_ annotation: Annotation, _ arithmetic: inout [Expr]) {
    switch annotation.kind {
    case .any: break
    case .named(let path): walkType(path)
    case .list(let items): for item in items { walk(item, &arithmetic) }
    case .shape(_, let dimensions):
      for dimension in dimensions {
        switch dimension.kind {
        case .name(let identifier): bindDimension(identifier)
        case .expression(let expr): arithmetic.append(expr)
        default: break
        }
      }
    }
  }

  /// The annotation of what a function gives.
  private func walkResult(_ annotation: Annotation) {
    var arithmetic: [Expr] = []
    walk(annotation, &arithmetic)
    for expr in arithmetic { walkDimensionArithmetic(expr) }
  }

  /// The name or path of a model.
  private func walkType(_ path: [Identifier]) {
    guard let first = path.first else { return }
    if path.count == 1, TypeTest.builtinNames.contains(first.text) { return }
    let binding = use(first)
    guard path.count == 1 else { return }
    let isModel =
      switch binding {
      case .builtin(let value): value.isModelType
      case .global(let global): global.kind != .function && global.kind != .module
      case .variable(let variable): variable.kind != .function && variable.kind != .dimension
      case .method: false
      case .field, .unresolved: true
      }
    if !isModel { report(Mistakes.noType(first.text, at: first.span)) }
  }

  /// A name in a shape is decided by where it is declared, never by its value: a parameter, field or dimension of an
  /// enclosing function or model must equal the size; any other name is a dimension.
  private func bindDimension(_ identifier: Identifier) {
    if let binding = declaredSize(identifier.text) {
      resolution.bindings[identifier.id] = binding
      return
    }
    let variable = Variable(
      identifier.text, identifier.span, .dimension, owner: function, slot: function.newSlot())
    variable.isPlain = true
    function.parameters.append(variable)
    resolution.bindings[identifier.id] = .variable(variable)
  }

  private func declaredSize(_ name: String) -> Binding? {
    var scope: FunctionScope? = function
    while let current = scope {
      if let variable = current.parameters.last(where: { $0.name == name && $0.kind != .self }) {
        variable.isUsed = true
        return .variable(captured(variable))
      }
      if let model = current.model, let index = model.index(of: name),
        let selfVariable = current.parameters.first(where: { $0.kind == .self })
      {
        return .field(captured(selfVariable), index)
      }
      scope = current.parent
    }
    return nil
  }

  /// In arithmetic a name is a size that is declared, or else a variable.
  private func walkDimensionArithmetic(_ expr: Expr) {
    switch expr.kind {
    case .name(let identifier):
      if let binding = declaredSize(identifier.text) {
        resolution.bindings[identifier.id] = binding
      } else if isVariable(identifier.text) {
        use(identifier)
      } else {
        report(Mistakes.unboundDimension(identifier.text, of: function.name, at: identifier.span))
        bindDimension(identifier)
      }
    case .binary(_, let left, let right):
      walkDimensionArithmetic(left)
      walkDimensionArithmetic(right)
    case .unary(_, let operand), .parenthesized(let operand): walkDimensionArithmetic(operand)
    default: walk(expr)
    }
  }

  // MARK: Models

  func walkModel(_ model: Model) {
    let constructor = FunctionScope(parent: function, name: model.name.text)
    resolution.functions[model.id] = constructor
    let members = ModelScope(name: model.name.text, constructor: constructor)
    resolution.models[model.id] = members
    inside(constructor) {
      let selfVariable = Variable("self", model.name.span, .self, owner: constructor, slot: constructor.newSlot())
      walkParameters(model.parameters)
      for variable in constructor.parameters {
        members.members.append(
          .init(
            name: variable.name, kind: variable.kind == .dimension ? .dimension : .parameter, span: variable.span,
            isDeclared: true))
      }
      // From here on the names mean the object's members, which methods and closures see alike.
      constructor.modelParameters = constructor.parameters
      constructor.parameters = [selfVariable]
      constructor.model = members
      declareMembers(model, members)
      for member in model.members { walk(member, members) }
    }
  }

  private func declareMembers(_ model: Model, _ members: ModelScope) {
    var methods: [String: Span] = [:]
    for case .method(let method) in model.members {
      guard let name = method.name else { continue }
      if let earlier = methods.updateValue(name.span, forKey: name.text) {
        report(Mistakes.declaredTwice(name.text, at: name.span, earlier: earlier))
      }
      members.methods[name.text] = Signature(name: name.text, method.parameters)
    }
    for member in model.members {
      switch member {
      case .field(let field):
        let kind: ModelScope.Member.Kind =
          switch field.kind {
          case .param: .param
          case .var: .var
          case .let: .let
          }
        for name in field.pattern.names {
          if let index = members.index(of: name.text), members.members[index].kind != .parameter,
            members.members[index].kind != .dimension
          {
            report(
              Mistakes.declaredTwice(
                name.text, at: name.span, earlier: members.members[index].span,
                kind: members.members[index].kind == .var ? .var : .function))
          }
          if let method = methods[name.text] {
            let (earlier, later) = method.start < name.span.start ? (method, name.span) : (name.span, method)
            report(Mistakes.declaredTwice(name.text, at: later, earlier: earlier))
          }
          resolution.fieldIndices[name.id] = members.members.count
          members.members.append(
            .init(name: name.text, kind: kind, span: name.span, isDeclared: false, doc: field.doc))
        }
      case .method, .statement: break
      }
    }
  }

  private func walk(_ member: Model.Member, _ members: ModelScope) {
    switch member {
    case .field(let field):
      walk(field.value)
      for name in field.pattern.names {
        if let index = resolution.fieldIndices[name.id] { members.members[index].isDeclared = true }
      }
    case .method(let method):
      let scope = FunctionScope(parent: function.parent, name: "\(members.name).\(method.name?.text ?? "")")
      scope.model = members
      resolution.functions[method.id] = scope
      inside(scope) {
        scope.parameters.append(
          Variable("self", method.span, .self, owner: scope, slot: scope.newSlot()))
        walkParameters(method.parameters)
        if let result = method.result { walkResult(result) }
        walk(method.body)
      }
    case .statement(let statement):
      // Statements of the body run in order, in the constructor.
      walk(statement)
    }
  }
}
