import NNSStdlib
import NNSSyntax

/// The modules of one interpreter: each file is run once.
final class ModuleTable {
  unowned let context: Context
  private var modules: [String: Module] = [:]
  /// Files being imported, outermost first.
  private var loading: [String] = []
  /// Modules that the interpreter made for texts without a file.
  var anonymous: [Module] = []
  var reckoning = Reckoning()
  /// Whether the host or a module in a file may have been given functions or objects of texts.
  var areTextsKept = false
  /// What the host has defined: names that are visible everywhere, and modules by name.
  private var hostNames = Module(name: "host", path: "", isMain: false)
  private var hostModules: [String: Module] = [:]
  /// Texts that the host's loader gave, by what was asked for; nil where it had none.
  private var loaded: [String: String?] = [:]

  /// What the names of the standard library's files begin with.
  static let libraryFolder = "<stdlib>/"

  init(context: Context) { self.context = context }

  /// What stands after the script's name on the command line.
  var arguments: [String] { context.host.arguments }

  /// What can be told of an import without running it; `nil` where its file cannot be read or parsed.
  func outline(of item: Import, from importer: Module, _ files: ImportedFiles) -> Outline? {
    let name: String
    let parsed: ParseResult?
    if let path = item.path {
      let resolved = Paths.resolve(path, relativeTo: importer.path)
      name = Paths.stem(resolved)
      parsed =
        if let library = ModuleTable.libraryName(resolved) {
          standardFile(library).map { Loading.parsed($0, context) }
        } else {
          try? files.parsed(resolved)
        }
    } else if hostModules[item.module] != nil {
      return nil
    } else {
      name = item.module
      let text = (try? text(item.module)) ?? nil
      let file = text.map { SourceFile(name: item.module, text: $0) } ?? standardFile(item.module)
      parsed = file.map { Loading.parsed($0, context) }
    }
    if let parsed { importer.texts.append(parsed.program.span.file) }
    guard let parsed, parsed.diagnostics.isEmpty else { return nil }
    return Outline(name, of: parsed.program)
  }

  func adopt(_ module: Module) { anonymous.append(module) }

  func clear() {
    for module in modules.values { module.clear() }
    for module in anonymous { module.clear() }
    for module in hostModules.values { module.clear() }
    hostNames.clear()
  }

  // MARK: The host's

  /// Where the host defines names: a module, or everywhere.
  func host(_ name: String?) -> Module {
    guard let name else { return hostNames }
    if let module = hostModules[name] { return module }
    let module = Module(name: name, path: "", isMain: false)
    hostModules[name] = module
    return module
  }

  /// A name that the host has defined everywhere but in the standard library.
  func hostValue(_ name: String, in module: Module) -> Value? {
    module.isLibrary ? nil : hostNames.global(name)?.cell.value
  }

  func hostNames(in module: Module) -> [String] { module.isLibrary ? [] : hostNames.exports }

  /// What the host's loader gives for a name or path; asked once.
  private func text(_ name: String) throws -> String? {
    if let text = loaded[name] { return text }
    let text = try context.host.modules?(name)
    loaded[name] = .some(text)
    return text
  }

  /// Whether `import name` finds something.
  func hasModule(_ name: String, for importer: Module) -> Bool {
    if !importer.isLibrary {
      if hostModules[name] != nil { return true }
      // What goes wrong is said where the import runs.
      do { if try text(name) != nil { return true } } catch { return true }
    }
    return StandardLibrary.source(named: name) != nil
  }

  func moduleNames(for importer: Module) -> [String] {
    StandardLibrary.importNames + (importer.isLibrary ? [] : hostModules.keys.sorted())
  }

  /// `import name`: a module of the host, one that its loader gives, or one of the standard library.
  func load(_ name: String, from importer: Module, at span: Span) throws -> Module {
    if !importer.isLibrary {
      if let module = hostModules[name] { return module }
      if let module = try loadText(name, at: span) { return module }
    }
    return try loadStandard(name, at: span)
  }

  /// A module whose text the host's loader has.
  private func loadText(_ name: String, at span: Span) throws -> Module? {
    if let module = modules["host:\(name)"] { return module }
    let source: String?
    do {
      source = try FileOperations.reaching(name) { try text($0) }
    } catch {
      throw context.diagnose(error, at: span)
    }
    guard let source else { return nil }
    let module = Module(name: name, path: name, isMain: false)
    areTextsKept = true
    modules["host:\(name)"] = module
    try run(SourceFile(name: name, text: source), module, at: span)
    return module
  }

  // MARK: Standard library

  /// A layer, loss, optimizer and so on that is visible everywhere: its file is read when one of its names is first
  /// looked for. Files may use each other's names, though not in a circle.
  func prelude(_ name: String) -> Value? {
    guard let file = StandardLibrary.preludeFile(of: name),
      let global = try? loadStandard(file, at: .none).global(name),
      !global.cell.value.isUnset
    else { return nil }
    return global.cell.value
  }

  func loadStandard(_ name: String, at span: Span) throws -> Module {
    if let module = modules["std:\(name)"] { return module }
    guard let file = standardFile(name) else {
      throw Mistakes.unknownModule(name, known: StandardLibrary.importNames, at: span)
    }
    let module = Module(name: name, path: file.name, isMain: false, isLibrary: true)
    modules["std:\(name)"] = module
    try run(file, module, at: span)
    return module
  }

  /// The module that a path leads to, where it is one of the standard library's: its files import their neighbours.
  private static func libraryName(_ path: String) -> String? {
    guard path.hasPrefix(libraryFolder), path.hasSuffix(".nns") else { return nil }
    return String(path.dropFirst(libraryFolder.count).dropLast(4))
  }

  private func standardFile(_ name: String) -> SourceFile? {
    StandardLibrary.source(named: name).map {
      SourceFile(name: "\(ModuleTable.libraryFolder)\(name).nns", text: $0)
    }
  }

  // MARK: Files

  func loadFile(_ path: String, from importer: Module, at span: Span) throws -> Module {
    let resolved = Paths.resolve(path, relativeTo: importer.path)
    if let start = loading.firstIndex(of: resolved) {
      throw Mistakes.importCycle(Array(loading[start...]) + [resolved], at: span)
    }
    if let module = modules[resolved] { return module }
    if let name = ModuleTable.libraryName(resolved) { return try loadStandard(name, at: span) }
    let file: SourceFile
    do {
      file = try importedFile(resolved)
    } catch {
      throw context.diagnose(error, at: span)
    }
    let module = Module(name: Paths.stem(resolved), path: resolved, isMain: false)
    areTextsKept = true
    loading.append(resolved)
    defer { loading.removeLast() }
    try run(file, module, at: span)
    modules[resolved] = module
    return module
  }

  /// What an import by path reads: what the host's loader has for it, or else a file.
  func importedFile(_ path: String) throws -> SourceFile {
    if let text = try FileOperations.reaching(path, { try text($0) }) { return SourceFile(name: path, text: text) }
    return SourceFile(name: path, bytes: try FileOperations.read(path, context))
  }

  /// Notes the file that is being run itself, so that importing it is a cycle.
  func enterMain(_ path: String) { loading.append(path) }
  func leaveMain() { if !loading.isEmpty { loading.removeLast() } }

  private func run(_ file: SourceFile, _ module: Module, at span: Span) throws {
    let loaded = Loading.load(file, into: module, context)
    do {
      guard let unit = loaded.unit, loaded.diagnostics.isEmpty else { throw Diagnostics(loaded.diagnostics) }
      _ = try unit.run(context)
    } catch {
      throw context.traced(error, at: span, in: "")
    }
  }
}

/// Several mistakes of one text.
struct Diagnostics: Error {
  let all: [Diagnostic]
  init(_ all: [Diagnostic]) { self.all = all }
}

/// The names that are visible everywhere.
struct NameTable {
  let modules: ModuleTable
  /// The module that the names are used in.
  let module: Module
  /// For a check: what is imported is looked into for its names; otherwise the run finds what is not there.
  var imports: ImportedFiles?

  func value(named name: String) -> Value? {
    if name == "is_main" {
      let isMain = module.isMain
      return .callable(NativeFunction(name, captured: []) { _, _, _ in .bool(isMain) })
    }
    if name == "args" { return .list(modules.arguments.map { .string($0) }) }
    if let value = modules.hostValue(name, in: module) { return value }
    if let value = Builtins.value(named: name) { return value }
    return modules.prelude(name)
  }

  var all: [String] {
    (["args"] + Builtins.names + StandardLibrary.preludeNames + modules.hostNames(in: module))
      .filter { !$0.hasPrefix("_") }
  }

  /// What is known of an import before it has run.
  func outline(of item: Import) -> Outline? { imports.flatMap { modules.outline(of: item, from: module, $0) } }

  func hasModule(_ name: String) -> Bool { modules.hasModule(name, for: module) }
  var moduleNames: [String] { modules.moduleNames(for: module) }
}

/// A text ready to run.
final class MainUnit {
  private let unit: CodeUnit
  private let statements: [Node]
  private let last: Node?
  private let frameSize: Int

  init(_ program: Program, _ resolution: Resolution, _ module: Module, _ context: Context, isReplacing: Bool) {
    unit = CodeUnit(resolution: resolution, module: module, text: program.span.file)
    module.units.append(unit)
    MainUnit.define(program, resolution, unit, isReplacing: isReplacing)
    // Nobody runs the tests of a line.
    for statement in program.statements where !isReplacing {
      guard case .test(let name, let body) = statement.kind, let scope = resolution.tests[statement.span.start] else {
        continue
      }
      let literal = Function(
        name: nil, parameters: [], result: nil, body: body, doc: nil, isBlockArgument: false, span: statement.span,
        id: -1)
      module.tests.append(
        TestBlock(
          name: name.plainText ?? "", span: statement.span,
          code: unit.own(FunctionCode(literal, scope: scope, unit: unit))))
    }
    let compiler = Compiler(unit: unit, scope: resolution.main, context: context)
    var nodes: [Node] = []
    var last: Node?
    for (index, statement) in program.statements.enumerated() {
      if index == program.statements.count - 1, case .expression(let expr) = statement.kind {
        last = compiler.value(expr)
      } else if let node = compiler.statement(statement) {
        nodes.append(node)
      }
    }
    statements = nodes
    self.last = last
    frameSize = resolution.main.frameSize
  }

  /// `fn` and `model` exist before the first line runs.
  private static func define(_ program: Program, _ resolution: Resolution, _ unit: CodeUnit, isReplacing: Bool) {
    for statement in program.statements {
      switch statement.kind {
      case .function(let literal):
        guard let name = literal.name, case .global(let global) = resolution.bindings[name.id],
          let scope = resolution.functions[literal.id]
        else { continue }
        let code = unit.own(FunctionCode(literal, scope: scope, unit: unit))
        if !isReplacing { global.function = code }
        global.cell.value = .closure(Closure(code, unit: unit, captured: []))
      case .model(let model):
        guard case .global(let global) = resolution.bindings[model.name.id],
          let members = resolution.models[model.id], let scope = resolution.functions[model.id]
        else { continue }
        let code = unit.own(ModelCode(model, members: members, scope: scope, unit: unit))
        global.cell.value = .callable(ModelType(code, unit: unit))
      default: break
      }
    }
  }

  /// Runs the statements, and gives the value of the last one where it is an expression.
  func run(_ c: Context) throws -> Value {
    let frame = try c.push(frameSize, at: .none)
    defer { c.pop(frame, frameSize) }
    for node in statements { _ = try node.run(frame, c) }
    return try last?.eval(frame, c) ?? .nil
  }
}
