import NNSSyntax
import NNSTensor

/// Runs scripts. Names that a text defines are there for the next one.
///
/// An interpreter is used from one thread at a time; ``cancel()`` may be called from any.
public final class Interpreter: @unchecked Sendable {
  let context: Context
  private let budget: Budget
  var main: Module

  /// An interpreter with nothing defined but what is built in.
  public init(limits: Limits = Limits(), host: Host = .sandboxed) {
    context = Context(limits: limits, host: host)
    budget = context.engine.budget
    main = Module(name: "main", path: "", isMain: true)
    context.modules.adopt(main)
    // Like any generator that nobody has seeded: not the same numbers each time, where the host has a clock.
    context.engine.seed(host.clock().bitPattern &* 0x9E37_79B9_7F4A_7C15)
  }

  deinit {
    let context = context
    LargeStack.run { context.modules.clear() }
  }

  /// The texts read so far.
  public var sources: SourceMap { context.sources }

  /// Parses, resolves and runs a text, and gives the value of its last line.
  ///
  /// - Parameter named: the file's name, which messages show and imports are relative to.
  /// - Throws: ``NNSError``; the interpreter stays usable.
  @discardableResult
  public func run(_ source: String, named: String) throws(NNSError) -> Value {
    try run(SourceFile(name: named, text: source), path: named)
  }

  /// Runs a file that the host lets it read.
  public func runFile(_ path: String) throws(NNSError) {
    let bytes = try read(path)
    _ = try run(SourceFile(name: path, bytes: bytes), path: path)
  }

  private func read(_ path: String) throws(NNSError) -> [UInt8] {
    do {
      return try context.host.files.read(path)
    } catch {
      throw NNSError(Mistakes.file(error, path), context)
    }
  }

  private func run(_ file: SourceFile, path: String) throws(NNSError) -> Value {
    try inside {
      let module = Module(name: "main", path: path, isMain: true)
      self.context.modules.adopt(module)
      self.main = module
      self.context.modules.enterMain(path)
      defer { self.context.modules.leaveMain() }
      let loaded = Loading.load(file, into: module, self.context)
      guard let unit = loaded.unit else { throw Diagnostics(loaded.diagnostics) }
      return try unit.run(self.context)
    }
  }

  /// What is wrong with a text and the files that it imports, as far as can be told without a run: syntax, names,
  /// arguments; and warnings for the text itself.
  public func check(_ source: String, named: String) -> [Diagnostic] {
    (try? inside { Loading.check(SourceFile(name: named, text: source), self.context) }) ?? []
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

  /// Stops what is running, from any thread, within moments; `fit` finishes its step first, unless it is called again.
  public func cancel() { budget.cancel() }

  /// A value as `print` would show it.
  public func describe(_ value: Value) -> String {
    (try? inside { try Display.text(value, self.context) }) ?? "<\(value.typeName)>"
  }

  /// Does something on the large stack, and makes every error an ``NNSError``.
  func inside<Result>(_ body: () throws -> Result) throws(NNSError) -> Result {
    let outcome: Swift.Result<Result, any Error> = LargeStack.run {
      let outer = context.stackLimit
      context.stackLimit = LargeStack.limit()
      defer { context.stackLimit = outer }
      let mark = context.top
      return Swift.Result {
        do {
          return try body()
        } catch {
          context.unwind(to: mark)
          context.currentModel = nil
          context.trainingOverride = nil
          throw error
        }
      }
    }
    switch outcome {
    case .success(let value): return value
    case .failure(let error):
      let failure = NNSError(error, context)
      budget.resume()
      throw failure
    }
  }
}
