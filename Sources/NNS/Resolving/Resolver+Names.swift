import NNSSyntax

extension Resolver {
  /// Finds what a name means where it stands, and remembers it.
  @discardableResult
  func use(_ identifier: Identifier, isRead: Bool = true, isAssigned: Bool = false) -> Binding {
    let binding = find(identifier, isRead: isRead, isAssigned: isAssigned)
    resolution.bindings[identifier.id] = binding
    return binding
  }

  private func find(_ identifier: Identifier, isRead: Bool, isAssigned: Bool) -> Binding {
    let name = identifier.text
    var scope: FunctionScope? = function
    var later: Span?
    while let current = scope {
      if let variable = lookUp(name, in: current, later: &later) {
        if isRead { variable.isUsed = true }
        return .variable(captured(variable))
      }
      if let model = current.model, let binding = member(name, of: model, reachedFrom: current, later: &later) {
        return binding
      }
      scope = current.parent
    }
    if let global = module.global(name) {
      if global.isDeclared || function.parent != nil || !declaredGlobals.contains(where: { $0 === global }) {
        if isRead { global.isUsed = true }
        return .global(global)
      }
      if let earlier = module.stagedOver(name) {
        // In the REPL `let x = x + 1` sees the `x` of an earlier line.
        return .global(earlier)
      }
      later = later ?? global.span
    }
    if let value = names.value(named: name) { return .builtin(value) }
    if let later {
      report(Mistakes.usedBeforeLine(name, at: identifier.span, declared: later))
    } else {
      let similar = similar(to: name, isAssigned: isAssigned)
      report(
        isAssigned
          ? Mistakes.unknownAssigned(name, similar: similar, at: identifier.span)
          : Mistakes.unknownName(name, similar: similar, at: identifier.span))
    }
    return .unresolved
  }

  /// Whether a name is a variable of an enclosing block, or a top-level one.
  func isVariable(_ name: String) -> Bool {
    var scope: FunctionScope? = function
    while let current = scope {
      if current.blocks.contains(where: { $0.variables[name] != nil }) { return true }
      scope = current.parent
    }
    return module.global(name) != nil
  }

  /// The variable of that name in one function, as seen from where the walk stands.
  private func lookUp(_ name: String, in scope: FunctionScope, later: inout Span?) -> Variable? {
    for block in scope.blocks.reversed() {
      guard let candidates = block.variables[name] else { continue }
      if let variable = candidates.last(where: \.isDeclared) { return variable }
      if scope !== function, let variable = candidates.first {
        // The body of a function runs later than its line: it may name what comes below.
        variable.needsCell = true
        return variable
      }
      later = later ?? candidates.first?.span
    }
    if let variable = scope.parameters.last(where: { $0.name == name }) { return variable }
    return nil
  }

  /// Hands a variable of an enclosing function down to the one being walked.
  func captured(_ variable: Variable) -> Variable {
    guard variable.owner !== function else { return variable }
    if variable.kind == .var { variable.needsCell = true }
    var scope: FunctionScope? = function
    while let current = scope, current !== variable.owner {
      current.capture(variable)
      scope = current.parent
    }
    return variable
  }

  private func member(
    _ name: String, of model: ModelScope, reachedFrom scope: FunctionScope, later: inout Span?
  ) -> Binding? {
    guard let selfVariable = scope.parameters.first(where: { $0.kind == .self }) else { return nil }
    if let last = model.index(of: name) {
      if function !== model.constructor { return .field(captured(selfVariable), last) }
      // In the body, a field's value may use the parameter that the field is about to hide.
      let index = model.members.lastIndex { $0.name == name && $0.isDeclared }
      if let index { return .field(captured(selfVariable), index) }
      later = later ?? model.members[last].span
      return nil
    }
    if model.methods[name] != nil { return .method(captured(selfVariable), name) }
    return nil
  }

  /// `self`, where there is a model around.
  func selfVariable() -> Variable? {
    var scope: FunctionScope? = function
    while let current = scope {
      if let variable = current.parameters.first(where: { $0.kind == .self }) { return captured(variable) }
      scope = current.parent
    }
    return nil
  }

  /// The nearest name that is visible here: one of the script's own, or else a built-in one, which no assignment means.
  private func similar(to name: String, isAssigned: Bool) -> String? {
    var visible: [String] = []
    var scope: FunctionScope? = function
    while let current = scope {
      for block in current.blocks { visible += block.variables.keys }
      visible += current.parameters.map(\.name)
      if let model = current.model { visible += model.members.map(\.name) + model.methods.keys }
      scope = current.parent
    }
    visible += module.globalNames
    if let own = Suggestions.nearest(to: name, among: visible) { return own }
    return isAssigned ? nil : Suggestions.nearest(to: name, among: names.all, isStrict: true)
  }
}
