import NNSSyntax

/// Gives every name of a text its meaning, and finds all the mistakes that need no run.
final class Resolver {
  let module: Module
  let names: NameTable
  /// Whether top-level names may be declared anew, as in the REPL.
  let isReplacing: Bool
  let resolution: Resolution
  var diagnostics: [Diagnostic] = []
  /// How many more there were than are kept.
  private var omitted = 0
  var function: FunctionScope
  /// Names declared by this text, for the duplicates rule and for warnings.
  var declaredGlobals: [Global] = []
  var locals: [Variable] = []

  /// Walks `program`, whose top-level names go to `module`.
  static func resolve(
    _ program: Program, in module: Module, names: NameTable, isReplacing: Bool = false
  ) -> (resolution: Resolution, diagnostics: [Diagnostic], warnings: [Diagnostic]) {
    let resolver = Resolver(module: module, names: names, isReplacing: isReplacing)
    resolver.walk(program)
    resolver.countOmitted()
    return (resolver.resolution, resolver.diagnostics, resolver.warnings(for: program))
  }

  private init(module: Module, names: NameTable, isReplacing: Bool) {
    self.module = module
    self.names = names
    self.isReplacing = isReplacing
    function = FunctionScope(parent: nil, name: "")
    resolution = Resolution(main: function)
  }

  /// Adds a mistake; of very many those that come first are enough.
  func report(_ diagnostic: Diagnostic) {
    if diagnostics.count < Parser.maximumErrors { diagnostics.append(diagnostic) } else { omitted += 1 }
  }

  /// Says of how many mistakes nothing is said.
  private func countOmitted() {
    guard omitted > 0, let last = diagnostics.indices.last else { return }
    let rest = omitted == 1 ? "1 more mistake is" : "\(omitted) more mistakes are"
    diagnostics[last].notes.append(.init(text: "\(rest) not shown"))
  }

  // MARK: Declarations

  private func walk(_ program: Program) {
    // Top-level names are there before any of them is used.
    for declaration in program.statements.flatMap(\.declarations) { declareGlobal(declaration) }
    for statement in program.statements { walk(statement) }
  }

  private func declareGlobal(_ declaration: Declaration) {
    let name = declaration.name
    if let earlier = declaredGlobals.first(where: { $0.name == name.text }), !isReplacing {
      report(Mistakes.declaredTwice(name.text, at: name.span, earlier: earlier.span, kind: earlier.kind))
    }
    let existsFromStart = declaration.kind == .function || declaration.kind == .model
    let global = Global(name.text, name.span, declaration.kind, isDeclared: existsFromStart)
    global.signature = declaration.signature
    declaredGlobals.append(global)
    module.stage(global)
    resolution.bindings[name.id] = .global(global)
  }

  /// Enters a local name into the innermost block.
  @discardableResult
  func declare(_ name: Identifier, _ kind: Variable.Kind, isDeclared: Bool = true) -> Variable {
    let variable = Variable(
      name.text, name.span, kind, owner: function, slot: function.newSlot(), isDeclared: isDeclared)
    function.blocks.last?.add(variable)
    resolution.bindings[name.id] = .variable(variable)
    locals.append(variable)
    return variable
  }

  /// Opens a block: its `fn`s exist from the start, its variables from their line.
  func withBlock(_ statements: [Statement], at span: Span, _ body: () -> Void) {
    let scope = BlockScope()
    resolution.blocks[span.start] = scope
    function.blocks.append(scope)
    // `model` and `import` stand at top level only; that they do not is reported where they are walked.
    for declaration in statements.flatMap(\.declarations)
    where declaration.kind != .model && declaration.kind != .module {
      let name = declaration.name
      let isFunction = declaration.kind == .function
      if isFunction, let earlier = scope.variables[name.text]?.first(where: { $0.kind == .function }) {
        report(Mistakes.declaredTwice(name.text, at: name.span, earlier: earlier.span))
      }
      declare(name, declaration.kind, isDeclared: isFunction).signature = declaration.signature
    }
    body()
    function.blocks.removeLast()
  }

  func walk(_ block: Block) {
    withBlock(block.statements, at: block.span) {
      for statement in block.statements { walk(statement) }
    }
  }

  /// Marks the names of a `let` or `var` as declared, once its value has been walked.
  private func markDeclared(_ pattern: Pattern, _ value: Expr) {
    let isPlain = isPlain(value)
    for name in pattern.names {
      switch resolution.bindings[name.id] {
      case .variable(let variable):
        variable.isDeclared = true
        variable.isPlain = isPlain
      case .global(let global):
        global.isDeclared = true
        global.isPlain = isPlain
      default: break
      }
    }
  }

  // MARK: Statements

  private var isTopLevel: Bool { function.parent == nil && function.blocks.isEmpty }

  func walk(_ statement: Statement) {
    switch statement.kind {
    case .expression(let expr): walk(expr)
    case .declare(_, let pattern, let value):
      if case .name(let name) = pattern, case .function(let literal) = value.kind {
        // It goes by the name that it is given.
        walkFunction(literal, name: name.text)
      } else {
        walk(value)
      }
      markDeclared(pattern, value)
    case .assign(let target, let value):
      walk(value)
      walk(target)
    case .update(let target, _, let value):
      walk(value)
      walkPath(target, isUpdate: true)
    case .function(let function): walkFunction(function)
    case .model(let model):
      guard isTopLevel else { return report(Mistakes.topLevelOnly("model", at: statement.span)) }
      walkModel(model)
    case .for(let pattern, let iterable, let body):
      walk(iterable)
      walkLoop {
        withBlock([], at: pattern.span) {
          for name in pattern.names { declare(name, .loop).isPlain = isPlain(iterable) }
          walk(body)
        }
      }
    case .while(let condition, let body):
      walk(condition)
      walkLoop { walk(body) }
    case .return(let value):
      if function.parent == nil { report(Mistakes.returnOutside(at: statement.span)) }
      if let value { walk(value) }
    case .break: checkLoop("break", statement.span)
    case .continue: checkLoop("continue", statement.span)
    case .raise(let value): walk(value)
    case .importing(let item):
      guard isTopLevel else { return report(Mistakes.topLevelOnly("import", at: statement.span)) }
      if case .global(let global) = resolution.bindings[item.name.id] {
        global.isDeclared = true
        global.outline = names.outline(of: item)
      }
      if item.path == nil, !names.hasModule(item.module) {
        report(Mistakes.unknownModule(item.module, known: names.moduleNames, at: item.span))
      }
    case .test(_, let body):
      guard isTopLevel else { return report(Mistakes.topLevelOnly("test", at: statement.span)) }
      walkTest(body, at: statement.span)
    }
  }

  private func walkLoop(_ body: () -> Void) {
    function.loopDepth += 1
    body()
    function.loopDepth -= 1
  }

  private func checkLoop(_ word: String, _ span: Span) {
    guard function.loopDepth == 0 else { return }
    var outer = function.parent
    var inLoop = false
    while let scope = outer {
      if scope.loopDepth > 0 { inLoop = true }
      outer = scope.parent
    }
    report(Mistakes.outsideLoop(word, crossesFunction: inLoop, isBlockArgument: function.isBlockArgument, at: span))
  }

  private func walk(_ target: Target) {
    switch target {
    case .path(let expr): walkPath(expr, isUpdate: false)
    case .list(let items, _): for item in items { walk(item) }
    case .wildcard: break
    }
  }

  /// A place that is assigned to: it must start at a `var`, or pass through a field of a model.
  func walkPath(_ expr: Expr, isUpdate: Bool) {
    switch expr.kind {
    case .name(let identifier):
      let binding = use(identifier, isRead: isUpdate, isAssigned: true)
      checkMutable(binding, identifier, isWhole: true, isUpdate: isUpdate)
    case .member, .index:
      walk(expr)
      if let (root, passesMember) = root(of: expr), !passesMember {
        checkMutable(resolution.bindings[root.id] ?? .unresolved, root, isWhole: false, isUpdate: isUpdate)
      }
    case .parenthesized(let inner): walkPath(inner, isUpdate: isUpdate)
    default:
      walk(expr)
      report(Mistakes.notAssignable(at: expr.span))
    }
  }

  /// The name that a path starts at, and whether it passes a `.name` on the way: that may be a model's field, so only
  /// the run can tell.
  func root(of expr: Expr) -> (Identifier, passesMember: Bool)? {
    var expr = expr
    var passesMember = false
    while true {
      switch expr.kind {
      case .member(let base, _):
        passesMember = true
        expr = base
      case .index(let base, _): expr = base
      case .parenthesized(let inner): expr = inner
      case .name(let identifier): return (identifier, passesMember)
      default: return nil
      }
    }
  }

  private func checkMutable(_ binding: Binding, _ name: Identifier, isWhole: Bool, isUpdate: Bool) {
    switch binding {
    case .variable(let variable) where !variable.isMutable:
      // A model is updated in place (`net -= 0.1 * g`), whatever the name is that holds it.
      if isUpdate, variable.kind != .function, !variable.isPlain { return }
      report(Mistakes.notVar(name.text, kind: variable.kind, declared: variable.span, isWhole: isWhole, at: name.span))
    case .global(let global) where !global.isMutable:
      if isUpdate, global.kind == .let, global.signature == nil, !global.isPlain { return }
      report(
        Mistakes.notVar(name.text, kind: global.kind, declared: global.span, isWhole: isWhole, at: name.span))
    case .field(_, let index):
      guard let model = enclosingModel else { return }
      let member = model.members[index]
      if member.kind == .let || member.kind == .parameter || member.kind == .dimension {
        // A model in it is updated in place.
        if isWhole, isUpdate, member.kind != .dimension { return }
        report(Mistakes.fieldNotVar(name.text, kind: member.kind, declared: member.span, at: name.span))
      }
    case .method: report(Mistakes.methodAssigned(name.text, at: name.span))
    case .builtin: report(Mistakes.builtinAssigned(name.text, at: name.span))
    default: break
    }
  }

  var enclosingModel: ModelScope? {
    var scope: FunctionScope? = function
    while let current = scope {
      if let model = current.model { return model }
      scope = current.parent
    }
    return nil
  }

  // MARK: Warnings

  /// What was declared and never used. A file that only declares is a module: its top-level names are for others.
  private func warnings(for program: Program) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    for variable in locals where !variable.isUsed && !variable.name.hasPrefix("_") {
      guard variable.kind == .let || variable.kind == .var else { continue }
      warnings.append(Mistakes.unused(variable.name, what: "variable", at: variable.span))
    }
    let isScript = program.statements.contains { statement in
      switch statement.kind {
      case .expression, .for, .while, .assign, .update: true
      default: false
      }
    }
    for global in declaredGlobals where !global.isUsed && !global.name.hasPrefix("_") {
      if global.isImport {
        warnings.append(Mistakes.unused(global.name, what: "import", at: global.span))
      } else if isScript, global.signature == nil {
        warnings.append(Mistakes.unused(global.name, what: "variable", at: global.span))
      }
    }
    return warnings.sorted { $0.span.start < $1.span.start }
  }
}
