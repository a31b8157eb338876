import NNSSyntax

/// A file's top-level names.
final class Module {
  let name: String
  /// The file that imports are relative to; empty for none.
  var path: String
  /// Whether it is the file that was run, for `is_main()`.
  let isMain: Bool
  private var globals: [String: Global] = [:]
  // The names of a text that is being resolved, until it is known to be sound.
  private var staged: [String: Global] = [:]
  /// The texts that it was made of, as the context numbers them.
  var texts: [UInt32] = []
  /// For the lines of a session.
  var reckoning = Reckoning()
  /// `test` blocks in order.
  var tests: [TestBlock] = []
  /// The code of its texts.
  var units: [CodeUnit] = []
  var doc: String?
  /// Whether its names are looked up among those of the language alone, not among the host's.
  let isLibrary: Bool

  init(name: String, path: String, isMain: Bool, isLibrary: Bool = false) {
    self.name = name
    self.isLibrary = isLibrary
    self.path = path
    self.isMain = isMain
  }

  func global(_ name: String) -> Global? { staged[name] ?? globals[name] }

  /// The name of an earlier text that a staged one is about to replace.
  func stagedOver(_ name: String) -> Global? { globals[name] }

  /// All names that there are for good.
  var all: some Collection<Global> { globals.values }

  var globalNames: [String] { Array(Set(globals.keys).union(staged.keys)) }

  /// The names that importers see, in alphabetical order.
  var exports: [String] { globals.keys.filter { !$0.hasPrefix("_") }.sorted() }

  func stage(_ global: Global) { staged[global.name] = global }

  func commit() {
    globals.merge(staged) { $1 }
    staged = [:]
  }

  func rollBack() { staged = [:] }

  /// Names and values at one moment. What models and optimizers hold is not part of it: they are objects.
  struct Snapshot {
    fileprivate let globals: [String: Global]
    fileprivate let values: [(Global, Value)]
  }

  func snapshot() -> Snapshot {
    Snapshot(globals: globals, values: globals.values.map { ($0, $0.cell.value) })
  }

  func restore(_ snapshot: Snapshot) {
    globals = snapshot.globals
    for (global, value) in snapshot.values { global.cell.value = value }
  }

  /// Gives a name a value without any text.
  func define(_ name: String, _ value: Value) {
    let global = Global(name, .none, .let, isDeclared: true)
    global.cell.value = value
    globals[name] = global
  }

  /// Lets go of all values: functions and the code they came from hold each other.
  func clear() {
    for global in globals.values { global.cell.value = .unset }
    // Names of a session's lines that were declared anew since.
    if units.count > 1 { for unit in units { unit.visit(name: { $0.cell.value = .unset }, cell: { _ in }) } }
    tests = []
    units = []
  }

  /// Lets go of the code that nothing else holds.
  func dropUnits() {
    var held: [CodeUnit] = []
    for index in units.indices {
      let isUnique = isKnownUniquelyReferenced(&units[index])
      if !isUnique { held.append(units[index]) }
    }
    units = held
  }
}

/// A `test` block.
struct TestBlock {
  let name: String
  let span: Span
  let code: FunctionCode
}

/// An imported module as a value.
final class ModuleObject: Object {
  let module: Module

  init(_ module: Module) { self.module = module }

  override var typeName: String { "module" }
  override func describe(_ context: Context) -> String { "<module \(module.name)>" }
  override var memberNames: [String] { module.exports }

  override func member(_ name: String, _ context: Context) throws -> Value? {
    guard !name.hasPrefix("_"), let value = module.global(name)?.cell.value else { return nil }
    if value.isUnset { throw Failure(.name, "\(module.name).\(name) is used before its line has run") }
    return value
  }
}

final class ImportNode: Node {
  private let item: Import
  private let binding: PatternBinding
  private unowned let module: Module

  init(_ item: Import, _ binding: PatternBinding, _ module: Module) {
    self.item = item
    self.binding = binding
    self.module = module
    super.init(item.span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let loaded =
      if let path = item.path {
        try c.modules.loadFile(path, from: module, at: span)
      } else {
        try c.modules.load(item.module, from: module, at: span)
      }
    try binding.bind(.object(ModuleObject(loaded)), f, c)
    return .normal
  }
}
