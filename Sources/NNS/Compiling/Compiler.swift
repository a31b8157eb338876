import NNSSyntax

/// Turns one function's tree into nodes.
struct Compiler {
  let unit: CodeUnit
  let scope: FunctionScope
  let context: Context
  /// Whether the numbers that it reads are to be followed through what is computed with them.
  var isTraced = false

  var resolution: Resolution { unit.resolution }

  // MARK: Bodies

  /// The body of a function: an expression where it is nothing else, or statements whose last value is returned.
  func body(_ block: Block) -> (Ref, isExpression: Bool) {
    if block.statements.count == 1, case .expression(let expr) = block.statements[0].kind, entry(block) == nil,
      !Escapes.leave(expr)
    {
      return (Ref(value(expr)), true)
    }
    return (Ref(tail(block)), false)
  }

  /// A block whose last value is returned from the function.
  private func tail(_ block: Block) -> Node {
    guard let last = block.statements.last else { return statements(block) }
    var nodes = block.statements.dropLast().compactMap { statement($0) }
    if let node = tail(last) { nodes.append(node) }
    return self.block(entry(block), nodes, block.span)
  }

  private func tail(_ statement: Statement) -> Node? {
    guard case .expression(let expr) = statement.kind else { return self.statement(statement) }
    return tail(expr, statement)
  }

  private func tail(_ expr: Expr, _ statement: Statement) -> Node {
    switch expr.kind {
    case .if(let condition, let then, let otherwise):
      let node = IfNode(value(condition), tail(then), otherwise.map { tail($0) }, expr.span)
      return caught(unit.own(node), Escapes.leave(condition))
    case .try(let body, let name, let handler):
      return unit.own(
        TryNode(tail(body), slot: catchSlot(name), handlerBlock(name, tail(handler)), expr.span))
    default:
      return caught(unit.own(ReturnNode(value(expr), statement.span)), Escapes.leave(expr))
    }
  }

  /// A block whose values nobody looks at.
  func statements(_ block: Block) -> Node {
    let nodes = block.statements.compactMap { statement($0) }
    return self.block(entry(block), nodes, block.span)
  }

  /// Statements in order; one alone needs no node around it.
  private func block(_ entry: BlockEntry?, _ nodes: [Node], _ span: Span) -> Node {
    if entry == nil, nodes.count == 1 { return nodes[0] }
    return unit.own(BlockNode(entry, unit.own(nodes), span))
  }

  /// A block that stands in an expression.
  func valueBlock(_ block: Block) -> Node {
    var nodes: [Node] = []
    var last: Node?
    for (index, item) in block.statements.enumerated() {
      if index == block.statements.count - 1, case .expression(let expr) = item.kind {
        last = value(expr)
      } else if let node = statement(item, isInExpression: true) {
        nodes.append(node)
      }
    }
    let entry = entry(block)
    if entry == nil, nodes.isEmpty, let last { return last }
    return unit.own(ValueBlockNode(entry, unit.own(nodes), last, block.span))
  }

  /// What entering a block does; `nil` for nothing.
  private func entry(_ block: Block) -> BlockEntry? {
    guard let names = resolution.blocks[block.span.start] else { return nil }
    var functions: [(slot: Int, isCell: Bool, node: Unmanaged<FunctionNode>)] = []
    for statement in block.statements {
      guard case .function(let literal) = statement.kind, let name = literal.name,
        case .variable(let variable) = resolution.bindings[name.id]
      else { continue }
      functions.append(
        (slot: scope.slot(of: variable), isCell: variable.needsCell, node: .passUnretained(function(literal))))
    }
    let entry = BlockEntry(cells: names.cells.map { scope.slot(of: $0) }, functions: functions)
    return entry.isEmpty ? nil : entry
  }

  // MARK: Statements

  /// A statement; `nil` for what has been done already, such as a `fn`.
  ///
  /// - Parameter isInExpression: whether the block around it stands in an expression, so that leaving it is passed on.
  func statement(_ statement: Statement, isInExpression: Bool = false) -> Node? {
    guard let node = bare(statement) else { return nil }
    // Inside an expression the signal is caught further out.
    return isInExpression ? node : caught(node, Escapes.leave(statement))
  }

  private func caught(_ node: Node, _ leaves: Bool) -> Node {
    leaves ? unit.own(CatchFlowNode(node)) : node
  }

  private func bare(_ statement: Statement) -> Node? {
    let span = statement.span
    switch statement.kind {
    case .expression(let expr): return expressionStatement(expr)
    case .declare(_, let pattern, let expr):
      return unit.own(BindNode(binding(pattern), value(expr), span))
    case .assign(let target, let expr): return assign(target, expr, span)
    case .update(let target, let op, let expr): return update(target, op, expr, span)
    case .function, .model, .test: return nil
    case .for(let pattern, let iterable, let body):
      let names = resolution.blocks[pattern.span.start]
      // A loop variable that closures share gets a fresh cell each pass.
      let cells = names?.cells.map { scope.slot(of: $0) } ?? []
      let binding = cells.isEmpty ? self.binding(pattern) : .freshCells(cells, self.binding(pattern))
      if case .range(let lower, let upper, let isClosed) = iterable.kind {
        return unit.own(
          ForRangeNode(value(lower), value(upper), isClosed: isClosed, binding, statements(body), span))
      }
      return unit.own(
        ForNode(value(iterable), binding, statements(body), site: context.site(iterable.span), span))
    case .while(let condition, let body):
      return unit.own(WhileNode(value(condition), statements(body), span))
    case .return(let expr): return unit.own(ReturnNode(expr.map { value($0) }, span))
    case .break: return unit.own(FlowNode(.break, span))
    case .continue: return unit.own(FlowNode(.continue, span))
    case .raise(let expr): return unit.own(RaiseNode(value(expr), span))
    case .importing(let item): return unit.own(ImportNode(item, binding(.name(item.name)), unit.module))
    }
  }

  /// `if` and `try` as statements run their blocks without a value.
  private func expressionStatement(_ expr: Expr) -> Node {
    switch expr.kind {
    case .if(let condition, let then, let otherwise):
      return unit.own(
        IfNode(value(condition), statements(then), otherwise.map { statements($0) }, expr.span))
    case .try(let body, let name, let handler):
      return unit.own(
        TryNode(statements(body), slot: catchSlot(name), handlerBlock(name, statements(handler)), expr.span))
    default: return value(expr)
    }
  }

  func catchSlot(_ name: Identifier?) -> Int? {
    guard let name, case .variable(let variable) = resolution.bindings[name.id] else { return nil }
    return scope.slot(of: variable)
  }

  /// The handler, with the caught error in a fresh cell where closures share it.
  func handlerBlock(_ name: Identifier?, _ handler: Node) -> Node {
    guard let name, case .variable(let variable) = resolution.bindings[name.id], variable.needsCell else {
      return handler
    }
    return unit.own(BoxSlotNode(scope.slot(of: variable), handler))
  }

  // MARK: Patterns

  func binding(_ pattern: Pattern) -> PatternBinding {
    switch pattern {
    case .wildcard: return .ignore
    case .list(let items, let span): return .list(items.map { binding($0) }, span)
    case .name(let identifier):
      switch resolution.bindings[identifier.id] {
      case .variable(let variable):
        let slot = scope.slot(of: variable)
        return variable.needsCell ? .cell(slot) : .slot(slot)
      case .global(let global): return .global(unit.own(global.cell).pointer)
      default: return .ignore
      }
    }
  }
}
