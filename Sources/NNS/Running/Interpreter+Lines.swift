import NNSSyntax
import NNSTensor

/// Line by line, as in a REPL: names of earlier lines may be declared anew.
extension Interpreter {
  /// Runs a line in the names of the lines before it, and gives the value of its last expression.
  ///
  /// - Parameters:
  ///   - named: what messages call the text.
  ///   - folder: the file that the text's imports are relative to; empty for the current folder.
  /// - Throws: ``NNSError``. Names and values are then as they were before the line; changes inside models and
  ///   optimizers stay.
  public func runLine(
    _ source: String, named name: String, relativeTo path: String = ""
  ) throws(NNSError) -> ScriptValue {
    context.engine.budget.resume()
    return try inside {
      if self.isIdle { self.context.modules.forgetLines(of: self.main) }
      let before = self.main.snapshot()
      let outerPath = self.main.path
      self.main.path = path
      defer { self.main.path = outerPath }
      do {
        let file = SourceFile(name: name, text: source)
        let loaded = Loading.load(file, into: self.main, self.context, isReplacing: true)
        guard let unit = loaded.unit else { throw Diagnostics(loaded.diagnostics) }
        return ScriptValue(try unit.run(self.context), self)
      } catch {
        self.main.restore(before)
        throw error
      }
    }
  }

  /// Gives a name of the lines a value of this interpreter; `nil` without one.
  public func assign(_ name: String, _ value: ScriptValue?) { main.define(name, value?.value ?? .nil) }

  /// Whether a text breaks off where more must follow: inside brackets, a block or a string, or after an operator.
  public static func isIncomplete(_ source: String) -> Bool {
    parse(SourceFile(name: "", text: source), index: 0, stackLimit: 0).isIncomplete
  }

  /// Forgets all names of the lines.
  public func reset() {
    context.modules.forget(main)
    main = Module(name: "main", path: "", isMain: true)
    context.modules.adopt(main)
  }

  /// A name of the lines with what it holds.
  public struct Variable {
    /// The name.
    public let name: String
    /// Its value.
    public let value: ScriptValue
    /// The type, with the shape of a tensor or the number of items: `f32[64, 784]`, `list of 3`.
    public let summary: String
    /// Bytes of the tensors in it, each storage counted once.
    public let bytes: Int
  }

  /// The names of the lines in alphabetical order, without those that have no value.
  public var variables: [Variable] {
    main.globalNames.sorted().filter { !$0.hasPrefix("_") }.compactMap { name in
      guard let value = main.global(name)?.cell.value, !value.isUnset else { return nil }
      var seen: Set<ObjectIdentifier> = []
      let bytes = try? inside { try Storage.bytes(of: value, &seen, self.context) }
      return Variable(name: name, value: ScriptValue(value, self), summary: value.summary, bytes: bytes ?? 0)
    }
  }

  /// What `help(name)` shows; `nil` where there is no such name.
  public func help(_ name: String) -> String? { value(named: name).map { Help.text($0) } }

  /// The names whose own name or documentation contains a word, with the first line of their documentation.
  public func search(_ word: String) -> [(name: String, summary: String)] {
    let wanted = word.lowercased()
    return names.compactMap { name in
      let summary = value(named: name).flatMap { Help.summary($0) } ?? ""
      return name.lowercased().contains(wanted) || summary.lowercased().contains(wanted) ? (name, summary) : nil
    }
  }

  /// What the name of a line, a built-in or a name of the standard library means.
  func value(named name: String) -> Value? {
    if let value = main.global(name)?.cell.value, !value.isUnset { return value }
    return NameTable(modules: context.modules, module: main).value(named: name)
  }

  /// All names that a line may use, in alphabetical order.
  var names: [String] {
    Set(main.globalNames + NameTable(modules: context.modules, module: main).all).sorted()
  }

  /// Bytes of live tensors, and the most at one time since ``resetPeakMemory()``.
  public var memory: (inUse: Int, peak: Int) {
    let budget = context.engine.budget
    return (budget.bytesInUse, budget.peakBytes)
  }

  /// Starts measuring the peak anew.
  public func resetPeakMemory() { context.engine.budget.resetPeak() }
}

/// The memory of values.
private enum Storage {
  static func bytes(of value: Value, _ seen: inout Set<ObjectIdentifier>, _ c: Context) throws -> Int {
    try c.checkDepth("the value is")
    switch value {
    case .tensor(let tensor):
      return seen.insert(ObjectIdentifier(tensor)).inserted ? tensor.elementCount * tensor.dtype.byteSize : 0
    case .list(let list): return try list.reduce(0) { $0 + (try bytes(of: $1, &seen, c)) }
    case .record(let record): return try record.values.reduce(0) { $0 + (try bytes(of: $1, &seen, c)) }
    case .model(let instance):
      guard seen.insert(ObjectIdentifier(instance)).inserted else { return 0 }
      return try instance.type.members.indices.reduce(0) { $0 + (try bytes(of: instance.slots[$1], &seen, c)) }
    default: return 0
    }
  }
}
