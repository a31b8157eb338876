import NNSSyntax
import NNSTensor

/// Runs scripts, for a program that embeds it.
///
/// ```swift
/// let interpreter = Interpreter(limits: .init(steps: 10_000_000, memory: 512 << 20), host: .sandboxed)
/// interpreter.define("scale(x, k)", doc: "x times k") { (x: Tensor, k: Double) in x * k }
/// try interpreter.run(source, named: "model.nns")
/// let net = try interpreter.global("net")
/// let y = try net.call(Tensor([[1, 2, 3, 4]]))
/// let numbers: [Float] = try y.array()
/// ```
/// An interpreter is used from one thread at a time; ``cancel()`` may be called from any. Several are independent of each
/// other: nothing that one does can be observed in another.
public final class Interpreter: @unchecked Sendable {
  let context: Context
  private let budget: Budget
  var main: Module
  /// What every ``ScriptValue`` of this interpreter has, so that it can tell whether there are any.
  private(set) var hold = ScriptValue.Hold()
  /// How many calls from outside are under way, each within the one before.
  private var nesting = 0

  /// An interpreter with nothing defined but what is built in.
  ///
  /// - Parameters:
  ///   - limits: what one run may use up.
  ///   - host: what scripts may reach; nothing unless said otherwise.
  public init(limits: Limits = Limits(), host: Host = .sandboxed) {
    context = Context(limits: limits, host: host)
    budget = context.engine.budget
    main = Module(name: "main", path: "", isMain: true)
    context.modules.adopt(main)
    // Like any generator that nobody has seeded: not the same numbers each time, where the host has a clock.
    context.engine.seed(host.seed ?? host.clock().bitPattern &* 0x9E37_79B9_7F4A_7C15)
    context.interpreter = self
  }

  deinit {
    let context = context
    LargeStack.run { context.modules.clear() }
  }

  /// The texts read so far.
  public var sources: SourceMap { context.sources }

  /// Parses, resolves and runs a text, and gives the value of its last line.
  ///
  /// A text is a file of its own: it begins with the names that are built in and those of ``define(_:in:doc:_:)``.
  /// ``global(_:)`` gives what it has defined, which lasts until the next text begins, and as long as the program has any
  /// ``ScriptValue`` of this interpreter; ``runLine(_:named:relativeTo:)`` goes on in the names of lines before.
  ///
  /// - Parameter named: the file's name, which messages show and imports are relative to.
  /// - Throws: ``NNSError``; the interpreter stays usable.
  @discardableResult
  public func run(_ source: String, named: String) throws(NNSError) -> ScriptValue {
    try run(SourceFile(name: named, text: source), path: named)
  }

  /// The same for a text in UTF-8.
  @discardableResult
  public func run(utf8 source: [UInt8], named: String) throws(NNSError) -> ScriptValue {
    try run(SourceFile(name: named, bytes: source), path: named)
  }

  /// Runs a file that the host lets it read.
  public func runFile(_ path: String) throws(NNSError) {
    let bytes = try read(path)
    _ = try run(SourceFile(name: path, bytes: bytes), path: path)
  }

  private func read(_ path: String) throws(NNSError) -> [UInt8] {
    try inside { try FileOperations.read(path, self.context) }
  }

  private func run(_ file: SourceFile, path: String) throws(NNSError) -> ScriptValue {
    try inside {
      // What earlier texts have defined ends here, unless there is a value by which it can be reached.
      if self.isIdle {
        let isUnused = isKnownUniquelyReferenced(&self.hold)
        self.context.modules.forgetTexts(isInUse: !isUnused)
      }
      let module = Module(name: "main", path: path, isMain: true)
      self.context.modules.adopt(module)
      self.main = module
      self.context.modules.enterMain(path)
      defer { self.context.modules.leaveMain() }
      let loaded = Loading.load(file, into: module, self.context)
      guard let unit = loaded.unit else { throw Diagnostics(loaded.diagnostics) }
      for var warning in loaded.warnings {
        warning.severity = .warning
        self.context.host.diagnostics(warning, self.context.sources)
      }
      return ScriptValue(try unit.run(self.context), self)
    }
  }

  /// What a name means: one of the text that was run last, one of the host, or a built-in.
  ///
  /// - Throws: ``NNSError`` of kind `name` where there is none.
  public func global(_ name: String) throws(NNSError) -> ScriptValue {
    if let value = value(named: name) { return ScriptValue(value, self) }
    let similar = Suggestions.nearest(to: name, among: names, isStrict: true)
    throw NNSError(Mistakes.unknownName(name, similar: similar, at: .none), context)
  }

  /// What is wrong with a text and the files that it imports, as far as can be told without a run: syntax, names,
  /// arguments; and warnings for the text itself.
  public func check(_ source: String, named: String) -> [Diagnostic] {
    let diagnostics = try? inside {
      if self.isIdle { self.context.modules.forgetTexts(but: self.main, isInUse: true) }
      return Loading.check(SourceFile(name: named, text: source), self.context)
    }
    return diagnostics ?? []
  }

  /// How one `test` block went.
  public struct TestResult: Sendable {
    /// The block's name.
    public let name: String
    /// Where it stands.
    public let span: Span
    /// How long it took, by the host's clock.
    public let seconds: Double
    /// Why it failed, if it did.
    public let failure: Diagnostic?
  }

  /// Runs a file and then its `test` blocks.
  ///
  /// - Throws: where the file itself fails, or is interrupted.
  public func runTests(_ path: String, report: (TestResult) -> Void) throws(NNSError) {
    let bytes = try read(path)
    let module = Module(name: "main", path: path, isMain: false)
    context.modules.adopt(module)
    try inside {
      let loaded = Loading.load(SourceFile(name: path, bytes: bytes), into: module, self.context)
      guard let unit = loaded.unit else { throw Diagnostics(loaded.diagnostics) }
      _ = try unit.run(self.context)
    }
    for test in module.tests {
      let start = context.host.clock()
      var failure: Diagnostic?
      do {
        try inside { try self.run(test) }
      } catch {
        if error.isInterrupt || error.exitCode != nil { throw error }
        failure = error.diagnostics.first
      }
      report(
        TestResult(name: test.name, span: test.span, seconds: context.host.clock() - start, failure: failure))
    }
  }

  private func run(_ test: TestBlock) throws {
    let code = test.code.prepared(context).pointee
    let frame = try context.push(code.frameSize, at: test.span)
    defer { context.pop(frame, code.frameSize) }
    _ = try code.run(frame, context)
  }

  /// Stops what is running, from any thread, within moments: it ends with an error whose
  /// ``NNSError/isInterrupt`` is true, which scripts cannot catch. Where nothing is running it stops the next run.
  ///
  /// `fit` finishes its step first, unless this is called again. Functions of the host are not interrupted; the run stops
  /// when they return.
  public func cancel() { budget.cancel() }

  /// Whether what runs finishes something before it heeds ``cancel()``.
  package var isDeferringCancellation: Bool { budget.isDeferringCancellation }

  /// A value as `print` would show it.
  public func describe(_ value: ScriptValue) -> String {
    (try? inside { try Display.text(value.value, self.context) }) ?? "<\(value.typeName)>"
  }

  /// Whether nothing is running but the call that asks.
  var isIdle: Bool { nesting <= 1 }

  /// Does something on the large stack, and makes every error an ``NNSError``. The outermost of several, one within the
  /// other, begins with all steps and all time.
  func inside<Result>(_ body: () throws -> Result) throws(NNSError) -> Result {
    let isOutermost = nesting == 0
    if isOutermost { context.beginRun() }
    nesting += 1
    defer { nesting -= 1 }
    let outcome: Swift.Result<Result, any Error> = LargeStack.run {
      let outer = (context.stackLimit, context.currentModel, context.trainingOverride)
      context.stackLimit = LargeStack.limit()
      defer { context.stackLimit = outer.0 }
      let mark = context.top
      return Swift.Result {
        do {
          return try body()
        } catch {
          context.unwind(to: mark)
          (context.currentModel, context.trainingOverride) = (outer.1, outer.2)
          throw error
        }
      }
    }
    switch outcome {
    case .success(let value): return value
    case .failure(let error):
      let failure = NNSError(error, context)
      // Within another run the cancellation is that one's too.
      if isOutermost { budget.resume() }
      throw failure
    }
  }
}
