import CThread
import NNSSyntax
import NNSTensor

/// The state of one run: the stack of slots, the engine, and what the script is inside of.
public final class Context {
  let engine: Engine
  let limits: Limits
  var host: Host
  /// Whose state it is.
  weak var interpreter: Interpreter?
  var sources = SourceMap()
  private var sites = Sites()
  let operations = Operations()
  let cycles: Cycles
  private(set) lazy var modules = ModuleTable(context: self)

  // The stack of slots. Memory is touched only as calls go deeper. One thread at a time uses a context, so the fields
  // that every call and loop pass touches go without the run-time check for exclusive access.
  let base: Frame
  private let end: Frame
  @exclusivity(unchecked) var top: Frame
  /// The lowest address that the native stack may reach.
  @exclusivity(unchecked) var stackLimit: UInt = 0
  @exclusivity(unchecked) private var depth = 0

  /// What a `return` leaves for its caller.
  @exclusivity(unchecked) var result = Value.nil
  /// How an expression's inner block ended, while ``FlowSignal`` is on its way to the statement around it.
  var pendingFlow = Flow.normal

  /// Loop passes and calls until the budget is asked again.
  @exclusivity(unchecked) private var fuel = Context.interval
  private static let interval = 1024
  /// Bytes that may be taken until the memory in use is measured again.
  @exclusivity(unchecked) var untilMeasured = Context.measured

  /// The model whose method is running, for `is_training()`.
  @exclusivity(unchecked) var currentModel: ModelInstance?
  /// What writes down the ops of a `trace { … }`.
  var tracer: Tracer?
  /// What the innermost `training(b) { … }` says.
  var trainingOverride: Bool?
  /// What notes the layers that run, under `summary`.
  @exclusivity(unchecked) var layerTrace: LayerTrace?
  /// How tensors are printed.
  var printOptions = PrintOptions()
  /// How many differentiations are under way.
  var differentiations = 0

  init(limits: Limits, host: Host) {
    let budget = Budget()
    budget.stepsLeft = limits.steps
    budget.byteLimit = limits.memory
    engine = Engine(budget: budget)
    engine.threadCount = limits.threads
    cycles = Cycles(budget)
    self.limits = limits
    self.host = host
    let capacity = min(limits.depth, 1 << 20) * 8 + 4096
    base = .allocate(capacity: capacity)
    top = base
    end = base + capacity
  }

  deinit { base.deallocate() }

  /// Begins a run: what it may do is counted from here.
  func beginRun() {
    fuel = Context.interval
    engine.budget.begin(steps: limits.steps, time: limits.time)
  }

  // MARK: Frames

  /// Takes a frame of `size` unset slots from the stack.
  @inline(__always)
  func push(_ size: Int, at span: Span) throws -> Frame {
    let frame = try reserve(size, at: span)
    clear(frame, from: 0, to: size)
    return frame
  }

  /// Takes a frame of slots from the stack in which nothing is yet.
  @inline(__always)
  func reserve(_ size: Int, at span: @autoclosure () -> Span) throws -> Frame {
    let frame = top
    if end - frame <= size || nns_frame_address() < stackLimit || depth >= limits.depth {
      throw Mistakes.tooDeep(at: span())
    }
    top = frame + size
    depth &+= 1
    fuel &-= 1
    if fuel < 0 { try refuel(at: span(), giving: frame) }
    return frame
  }

  /// Makes slots of a frame in which nothing is yet unset.
  @inline(__always)
  func clear(_ frame: Frame, from start: Int, to end: Int) {
    var index = start
    while index < end {
      (frame + index).initialize(to: .unset)
      index &+= 1
    }
  }

  /// Gives a frame back, in whose first `size` slots something is.
  @inline(__always)
  func pop(_ frame: Frame, _ size: Int) {
    var index = 0
    while index < size {
      if !frame[index].isTrivial { (frame + index).deinitialize(count: 1) }
      index &+= 1
    }
    depth &-= 1
    top = frame
  }

  /// Counts a pass of a loop; now and then asks the budget.
  @inline(__always)
  func tick(at span: Span) throws {
    fuel &-= 1
    if fuel < 0 { try refuel(at: span) }
  }

  @inline(never)
  private func refuel(at span: Span) throws {
    fuel = Context.interval
    do {
      // A pass or call makes a few small values, which nobody charges.
      try note(taken: Context.interval * 256)
      try engine.budget.charge(work: Context.interval)
      try engine.budget.check()
    } catch {
      throw diagnose(error, at: span)
    }
  }

  @inline(never)
  private func refuel(at span: Span, giving frame: Frame) throws {
    do {
      try refuel(at: span)
    } catch {
      pop(frame, 0)
      throw error
    }
  }

  /// Back to where a run began, after it has failed.
  func unwind(to frame: Frame) {
    while top > frame {
      top -= 1
      if !top.pointee.isTrivial { top.deinitialize(count: 1) }
    }
  }

  // MARK: Places and messages

  /// A number for a place in the text, to be kept in the tensors made there.
  ///
  /// Places in the standard library are marked: what a layer gives its caller was made, for the caller, by the call.
  func site(_ span: Span) -> UInt32 {
    let site = sites.add(span)
    return isLibrary(span) ? site | Sites.library : site
  }

  /// Lets go of a text, and of the places in it.
  func forget(text: UInt32) {
    sources.forget(text)
    sites.forget(text: text)
  }

  /// Whether a place lies in the standard library.
  func isLibrary(_ span: Span) -> Bool { sources.file(of: span)?.name.hasPrefix(ModuleTable.libraryFolder) ?? false }

  func text(_ span: Span) -> String { sources.file(of: span)?.text(span) ?? "" }

  /// Conditions take a bool or a one-element bool tensor, nothing else.
  @inline(never)
  func truth(_ value: Value, at span: Span) throws -> Bool {
    switch value {
    case .bool(let flag): return flag
    case .tensor(let tensor) where tensor.dtype == .bool:
      guard tensor.elementCount == 1 else { throw Mistakes.conditionSize(tensor.typeDescription, at: span) }
      guard case .bool(let flag) = try tensor.item() else { return false }
      return flag
    default: throw Mistakes.condition(value, at: span)
    }
  }

  /// An error from below, with a place.
  func diagnose(_ error: any Error, at span: Span, operands: [Operand] = []) -> any Error {
    switch error {
    case let error as TensorError:
      var diagnostic = Diagnostic(
        Diagnostic.Kind(rawValue: error.kind.rawValue) ?? .value, error.message, at: span,
        help: error.help.flatMap { filled($0, operands) })
      if error.kind == .limit, engine.budget.isSpent { return Stop(diagnostic) }
      if !error.origins.isEmpty { return elsewhere(diagnostic, error.origins) }
      diagnostic.notes = notes(operands)
      if case .list(let list)? = operands.first?.value {
        // The tensors stood in one list.
        diagnostic.notes += notes(
          error.operands.filter { $0 < list.count }.map { (name: "element \($0)", value: list[$0]) })
      }
      return diagnostic
    case let error as Failure:
      var diagnostic = Diagnostic(error.kind, error.message, at: span, help: error.help)
      if let place = error.place(among: operands) { diagnostic.span = place }
      diagnostic.notes = error.notes
      diagnostic.labels = error.labels
      if error.quotesArgument, let first = operands.first { diagnostic.message += ": \(label(first.span, limit: 80))" }
      return diagnostic
    case is Interrupted: return Stop(Mistakes.interrupted(at: span))
    case let error as ConversionError: return Diagnostic(.type, "\(error)", at: span)
    default: return error
    }
  }

  /// An error about what was computed at another place, which went wrong in the backward pass run here.
  ///
  /// - Parameter origins: that place, and those where its value went on to.
  private func elsewhere(_ diagnostic: Diagnostic, _ origins: [UInt32]) -> Diagnostic {
    var diagnostic = diagnostic
    let here = diagnostic.span
    if let first = origins.first, first & Sites.library != 0, let place = sites[first & ~Sites.library] {
      diagnostic.notes.append(.init(text: "in the standard library", origin: place))
    }
    if let place = origins.lazy.compactMap({ self.origin($0) }).first { diagnostic.span = place }
    diagnostic.notes.append(.init(text: "found in the backward pass", origin: here))
    return diagnostic
  }

  /// Lines that say what the operands were and where they were made.
  func notes(_ operands: [Operand]) -> [Diagnostic.Note] {
    operands.prefix(8).compactMap { operand in
      guard case .tensor(let tensor) = operand.value else { return nil }
      let made = origin(tensor.origin)
      // A value that was made right here has no other origin to tell.
      return .init(
        label: label(operand.span), text: tensor.typeDescription, origin: made == operand.span ? nil : made)
    }
  }

  /// Lines that say what named values were and where they were made.
  func notes(_ values: [(name: String, value: Value)]) -> [Diagnostic.Note] {
    values.prefix(8).compactMap { name, value in
      guard case .tensor(let tensor) = value else { return nil }
      return .init(label: name, text: tensor.typeDescription, origin: origin(tensor.origin))
    }
  }

  /// A line that names a layer: by its path in the model whose method called it, or as the call has it.
  func note(of instance: ModelInstance, at callee: Span) -> Diagnostic.Note {
    var name = label(callee)
    if let model = currentModel, let path = ModelDisplay.path(of: instance, in: model) {
      name = "\(model.type.name).\(path)"
    }
    return .init(label: name, text: ModelDisplay.head(instance), origin: origin(instance.origin))
  }

  /// Where a tensor was made, if that is known and not within the standard library.
  func place(of tensor: Tensor) -> Span? { origin(tensor.origin) }

  /// Where a value was made, if that is known and not within the standard library.
  private func origin(_ site: UInt32) -> Span? { sites[site] }

  /// An operand's source text, shortened.
  func label(_ span: Span, limit: Int = 24) -> String {
    let text = text(span)
    let line = text.prefix { !$0.isNewline }
    return line.count == text.count && text.count <= limit ? text : "\(line.prefix(limit - 3))..."
  }

  /// The engine's help, with the operands as the script has them for `$0` and `$1`.
  private func filled(_ help: String, _ operands: [Operand]) -> String? {
    var filled = help
    for index in 0...1 where help.contains("$\(index)") {
      // An argument by name may stand in another order.
      guard index < operands.count, !operands.contains(where: \.isNamed) else { return nil }
      let text = label(operands[index].span)
      let primary = text.hasSuffix("...") ? "(...)" : Context.isPrimary(text) ? text : "(\(text))"
      filled.replace("$\(index).", with: "\(primary).")
      filled.replace("$\(index)", with: text)
    }
    return filled
  }

  /// Whether `.name` may follow the text of an expression: no blank stands in it outside brackets.
  private static func isPrimary(_ text: String) -> Bool {
    var depth = 0
    for character in text {
      switch character {
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth -= 1
      case " ", "-", "~": if depth == 0 { return false }
      default: break
      }
    }
    return true
  }

  /// Adds a call site to the trace of an error on its way out.
  func traced(_ error: any Error, at span: Span, in function: String) -> any Error {
    switch error {
    case var diagnostic as Diagnostic:
      trace(&diagnostic, at: span, in: function)
      return diagnostic
    case var stop as Stop:
      trace(&stop.diagnostic, at: span, in: function)
      return stop
    case let raised as Raised:
      trace(&raised.diagnostic, at: span, in: function, isRaised: true)
      return raised
    case let several as Diagnostics:
      return Diagnostics(
        several.all.map {
          var diagnostic = $0
          trace(&diagnostic, at: span, in: function)
          return diagnostic
        })
    default: return error
    }
  }

  private func trace(_ diagnostic: inout Diagnostic, at span: Span, in function: String, isRaised: Bool = false) {
    if diagnostic.span == .none {
      diagnostic.span = span
    } else if isLibrary(diagnostic.span), !isLibrary(span) {
      // The place is where the script called the library; the library's own stands below, unless it meant to say so.
      if !isRaised, diagnostic.kind != .assert, diagnostic.kind != .interrupt {
        diagnostic.notes.append(.init(text: "raised in the standard library", origin: diagnostic.span))
      }
      diagnostic.span = span
      diagnostic.trace = []
    } else {
      diagnostic.addFrame(.init(span: span, function: function))
    }
  }
}

/// An operand of a failing operation, for the notes of its message.
struct Operand {
  let value: Value
  let span: Span
  /// Whether it was passed by name: the span is the name's.
  var isNamed = false
}

extension Diagnostic {
  /// The trace keeps its two ends: an endless recursion has a million calls.
  mutating func addFrame(_ frame: Frame) {
    if trace.count < 40 {
      trace.append(frame)
    } else {
      trace.remove(at: 20)
      trace.append(frame)
    }
  }
}

extension Context {
  /// To be asked at every level of what follows the nesting of values.
  @inline(__always)
  func checkDepth(_ what: @autoclosure () -> String) throws {
    if nns_frame_address() < stackLimit { throw Failure(.limit, "\(what()) nested too deeply") }
  }
}
