import NNSSyntax

/// What a block does on entry: fresh cells for what its closures share, and its `fn`s.
struct BlockEntry {
  let cells: [Int]
  let functions: [(slot: Int, isCell: Bool, node: Unmanaged<FunctionNode>)]

  var isEmpty: Bool { cells.isEmpty && functions.isEmpty }

  func enter(_ f: Frame, _ c: Context) throws {
    for slot in cells { store(f + slot, .cell(try Cell(in: c))) }
    for function in functions {
      let closure = Value.closure(function.node.takeUnretainedValue().closure(f))
      if function.isCell, case .cell(let cell) = f[function.slot] {
        cell.value = closure
      } else {
        store(f + function.slot, closure)
      }
    }
  }
}

/// Statements in order.
final class BlockNode: Node {
  private let entry: BlockEntry?
  private let statements: Refs

  init(_ entry: BlockEntry?, _ statements: Refs, _ span: Span) {
    self.entry = entry
    self.statements = statements
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    try entry?.enter(f, c)
    var index = 0
    while index < statements.count {
      let flow = try statements[index].run(f, c)
      if flow != .normal { return flow }
      index &+= 1
    }
    return .normal
  }
}

/// A block that stands in an expression: statements, then a value.
final class ValueBlockNode: Node {
  private let entry: BlockEntry?
  private let statements: Refs
  private let last: Ref?

  init(_ entry: BlockEntry?, _ statements: Refs, _ last: Node?, _ span: Span) {
    self.entry = entry
    self.statements = statements
    self.last = last.map { Ref($0) }
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    try entry?.enter(f, c)
    for index in 0..<statements.count {
      let flow = try statements[index].run(f, c)
      if flow != .normal {
        // The statement around the expression catches it: see CatchFlowNode.
        c.pendingFlow = flow
        throw FlowSignal.shared
      }
    }
    return try last?.eval(f, c) ?? .nil
  }
}

/// A statement with an expression in it whose blocks may leave the statement.
final class CatchFlowNode: Node {
  private let statement: Ref

  init(_ statement: Node) {
    self.statement = Ref(statement)
    super.init(statement.span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    do {
      return try statement.run(f, c)
    } catch is FlowSignal {
      return c.pendingFlow
    }
  }
}

final class IfNode: Node {
  private let condition: Ref
  private let then: Ref
  private let otherwise: Ref?

  init(_ condition: Node, _ then: Node, _ otherwise: Node?, _ span: Span) {
    self.condition = Ref(condition)
    self.then = Ref(then)
    self.otherwise = otherwise.map { Ref($0) }
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    if try condition.test(f, c) { return try then.run(f, c) }
    return try otherwise?.run(f, c) ?? .normal
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    if try condition.test(f, c) { return try then.eval(f, c) }
    return try otherwise?.eval(f, c) ?? .nil
  }
}

final class WhileNode: Node {
  private let condition: Ref
  private let body: Ref

  init(_ condition: Node, _ body: Node, _ span: Span) {
    self.condition = Ref(condition)
    self.body = Ref(body)
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    while try condition.test(f, c) {
      try c.tick(at: span)
      switch try body.run(f, c) {
      case .normal, .continue: continue
      case .break: return .normal
      case .return: return .return
      }
    }
    return .normal
  }
}

/// `for i in a..b`: no list, no range, only a counter.
final class ForRangeNode: Node {
  private let lower: Ref
  private let upper: Ref
  private let isClosed: Bool
  private let binding: PatternBinding
  /// The counter's slot, where the pattern is one plain name.
  private let slot: Int?
  private let body: Ref

  init(_ lower: Node, _ upper: Node, isClosed: Bool, _ binding: PatternBinding, _ body: Node, _ span: Span) {
    self.lower = Ref(lower)
    self.upper = Ref(upper)
    self.isClosed = isClosed
    self.binding = binding
    if case .slot(let slot) = binding { self.slot = slot } else { slot = nil }
    self.body = Ref(body)
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let range = try Ranges.make(
      try lower.eval(f, c), try upper.eval(f, c), isClosed: isClosed, lower.span, upper.span)
    var index = range.lower
    while index < range.upper {
      try c.tick(at: span)
      if let slot {
        store(f + slot, .int(index))
      } else {
        try binding.bind(.int(index), f, c)
      }
      switch try body.run(f, c) {
      case .normal, .continue: break
      case .break: return .normal
      case .return: return .return
      }
      index &+= 1
    }
    return .normal
  }
}

/// `for x in …` over anything iterable.
final class ForNode: Node {
  private let iterable: Ref
  private let binding: PatternBinding
  private let body: Ref
  /// Where the items were made: what a loop over `batches(…)` gets was made by that call.
  private let site: UInt32

  init(_ iterable: Node, _ binding: PatternBinding, _ body: Node, site: UInt32, _ span: Span) {
    self.site = site
    self.iterable = Ref(iterable)
    self.binding = binding
    self.body = Ref(body)
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let value = try iterable.eval(f, c)
    if case .list(let list) = value {
      // The box is held, so the loop goes over what it had at the start.
      for item in list {
        if let flow = try pass(item, f, c) { return flow }
      }
      return .normal
    }
    let iterator: ValueIterator
    do {
      iterator = try Iteration.iterator(over: value, c)
    } catch {
      throw c.diagnose(error, at: iterable.span)
    }
    while true {
      let next: Value?
      do {
        next = try iterator.next(c)
      } catch {
        throw c.diagnose(error, at: iterable.span)
      }
      guard let item = next else { return .normal }
      if let flow = try pass(Calling.made(item, site), f, c) { return flow }
    }
  }

  /// One pass; `nil` to go on.
  @inline(__always)
  private func pass(_ item: Value, _ f: Frame, _ c: Context) throws -> Flow? {
    try c.tick(at: span)
    try binding.bind(item, f, c)
    switch try body.run(f, c) {
    case .normal, .continue: return nil
    case .break: return .normal
    case .return: return .return
    }
  }
}

final class ReturnNode: Node {
  private let value: Ref?

  init(_ value: Node?, _ span: Span) {
    self.value = value.map { Ref($0) }
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    c.result = try value?.eval(f, c) ?? .nil
    return .return
  }
}

/// `break`, `continue`.
final class FlowNode: Node {
  private let flow: Flow

  init(_ flow: Flow, _ span: Span) {
    self.flow = flow
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow { flow }
}

final class RaiseNode: Node {
  private let value: Ref

  init(_ value: Node, _ span: Span) {
    self.value = Ref(value)
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    // The place is the word.
    let word = Span(file: span.file, start: span.start, end: min(span.end, span.start + 5))
    throw try Raising.error(for: try value.eval(f, c), at: word, c)
  }
}

final class TryNode: Node {
  private let body: Ref
  private let slot: Int?
  private let handler: Ref

  init(_ body: Node, slot: Int?, _ handler: Node, _ span: Span) {
    self.body = Ref(body)
    self.slot = slot
    self.handler = Ref(handler)
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let mark = TryMark(c)
    do {
      return try body.run(f, c)
    } catch {
      try catchError(error, mark, f, c)
    }
    return try handler.run(f, c)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let mark = TryMark(c)
    do {
      return try body.eval(f, c)
    } catch {
      try catchError(error, mark, f, c)
    }
    return try handler.eval(f, c)
  }

  private func catchError(_ error: any Error, _ mark: TryMark, _ f: Frame, _ c: Context) throws {
    let error = c.diagnose(error, at: span)
    guard let value = Raising.value(of: error, c) else { throw error }
    mark.restore(c)
    if let slot { store(f + slot, value) }
  }
}

/// Puts a slot's value into a cell before a block whose closures share it.
final class BoxSlotNode: Node {
  private let slot: Int
  private let body: Ref

  init(_ slot: Int, _ body: Node) {
    self.slot = slot
    self.body = Ref(body)
    super.init(body.span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    store(f + slot, .cell(try Cell(f[slot], in: c)))
    return try body.run(f, c)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    store(f + slot, .cell(try Cell(f[slot], in: c)))
    return try body.eval(f, c)
  }
}

/// What a caught error must put back.
private struct TryMark {
  private let model: ModelInstance?
  private let training: Bool?

  init(_ c: Context) {
    model = c.currentModel
    training = c.trainingOverride
  }

  func restore(_ c: Context) {
    c.currentModel = model
    c.trainingOverride = training
  }
}
