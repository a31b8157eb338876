import NNSSyntax

extension Compiler {
  /// The node of an expression.
  func value(_ expr: Expr) -> Node {
    let span = expr.span
    switch expr.kind {
    case .nil: return unit.own(ConstantNode(.nil, span))
    case .bool(let flag): return unit.own(ConstantNode(.bool(flag), span))
    case .int(let number): return unit.own(ConstantNode(.int(number), span))
    case .float(let number): return unit.own(ConstantNode(.float(number), span))
    case .string(let literal): return string(literal)
    case .name(let identifier): return followed(name(identifier))
    case .selfReference:
      guard let variable = resolution.selves[span.start] else { return unit.own(ConstantNode(.nil, span)) }
      return unit.own(LocalNode(scope.slot(of: variable), span))
    case .tensor(let items):
      return unit.own(TensorNode(unit.own(items.map { value($0) }), site: context.site(span), span))
    case .list(let elements): return list(elements, span)
    case .record(let entries): return record(entries, span)
    case .range(let lower, let upper, let isClosed):
      return unit.own(RangeNode(value(lower), value(upper), isClosed: isClosed, span))
    case .unary(let op, let inner): return unit.own(UnaryNode(op, operand(inner), site: context.site(span), span))
    case .binary(let op, let left, let right): return binary(op, left, right, span)
    case .and(let left, let right): return unit.own(AndNode(value(left), value(right), span))
    case .or(let left, let right): return unit.own(OrNode(value(left), value(right), span))
    case .not(let operand): return unit.own(NotNode(value(operand), span))
    case .call(let call): return self.call(call, span)
    case .member(let base, let name):
      return followed(unit.own(MemberNode(value(base), name.text, span)))
    case .index(let base, let items): return followed(index(base, items, span))
    case .function(let literal): return function(literal)
    case .if(let condition, let then, let otherwise):
      return unit.own(IfNode(value(condition), valueBlock(then), otherwise.map { valueBlock($0) }, span))
    case .try(let body, let name, let handler):
      return unit.own(
        TryNode(valueBlock(body), slot: catchSlot(name), handlerBlock(name, valueBlock(handler)), span))
    case .parenthesized(let inner): return value(inner)
    }
  }

  private func string(_ literal: StringLiteral) -> Node {
    if let text = literal.plainText { return unit.own(ConstantNode(.string(text), literal.span)) }
    return unit.own(
      StringNode(
        literal.parts.map { part in
          switch part {
          case .text(let text): .text(Text(text))
          case .interpolation(let expr, let spec): .value(Ref(value(expr)), spec)
          }
        }, literal.span))
  }

  private func name(_ identifier: Identifier) -> Node {
    let span = identifier.span
    switch resolution.bindings[identifier.id] {
    case .variable(let variable):
      let slot = scope.slot(of: variable)
      if variable.needsCell { return unit.own(LocalCellNode(slot, span)) }
      if variable.kind == .dimension { return unit.own(CheckedLocalNode(slot, span)) }
      return unit.own(LocalNode(slot, span))
    case .global(let global): return unit.own(GlobalNode(unit.own(global.cell), span))
    case .builtin(let value): return unit.own(ConstantNode(value, span))
    case .field(let variable, let index):
      return unit.own(FieldNode(selfSlot: scope.slot(of: variable), index: index, span))
    case .method(let variable, let name):
      return unit.own(MethodNode(selfSlot: scope.slot(of: variable), name: name, span))
    case .unresolved, nil: return unit.own(ConstantNode(.nil, span))
    }
  }

  /// A node that reads a variable, in a traced function as something that operations are seen on.
  private func followed(_ node: Node) -> Node {
    isTraced && !(node is ConstantNode) ? unit.own(FollowedNode(node)) : node
  }

  private func list(_ elements: [Element], _ span: Span) -> Node {
    var nodes: [Node] = []
    var spreads: [Bool] = []
    for element in elements {
      switch element {
      case .value(let item):
        nodes.append(value(item))
        spreads.append(false)
      case .spread(let item):
        nodes.append(value(item))
        spreads.append(true)
      }
    }
    return unit.own(ListNode(unit.own(nodes), spreads: spreads, span))
  }

  private func record(_ entries: [Entry], _ span: Span) -> Node {
    unit.own(
      RecordNode(
        entries.map { entry in
          switch entry {
          case .pair(let key, _, let item): .pair(Text(key), Ref(value(item)))
          case .computed(let key, let item): .computed(Ref(string(key)), Ref(value(item)))
          case .spread(let item): .spread(Ref(value(item)))
          }
        }, span))
  }

  /// A function literal: the code, and where its captured variables are in this frame.
  func function(_ literal: Function) -> FunctionNode {
    let inner = resolution.functions[literal.id] ?? FunctionScope(parent: scope, name: "")
    let code = unit.own(FunctionCode(literal, scope: inner, unit: unit, isTraced: isTraced))
    return unit.own(
      FunctionNode(code, sources: inner.captures.map { scope.slot(of: $0) }, unit: unit, literal.span))
  }

  // MARK: Operators

  private func binary(_ op: BinaryOperator, _ left: Expr, _ right: Expr, _ span: Span) -> Node {
    let a = op.isArithmetic ? operand(left) : value(left)
    let b = op.isArithmetic ? operand(right) : value(right)
    let site = context.site(span)
    if case .int(let number) = right.kind {
      if let leaf = leaf(a) { return unit.own(BinaryLeafIntNode(op, a, b, leaf, number, site: site, span)) }
      return unit.own(BinaryIntNode(op, a, b, number, site: site, span))
    }
    if let x = leaf(a), let y = leaf(b) {
      return unit.own(BinaryLeavesNode(op, a, b, x, y, site: site, span))
    }
    return unit.own(BinaryNode(op, a, b, site: site, span))
  }

  /// The node of what goes nowhere but into an elementwise operation.
  private func operand(_ expr: Expr) -> Node {
    let node = value(expr)
    node.becomeOperand()
    return node
  }

  /// A variable that can be read without evaluating its node.
  private func leaf(_ node: Node) -> Leaf? {
    switch node {
    case let local as LocalNode: Leaf(slot: local.slot)
    case let global as GlobalNode: Leaf(global: global.pointer)
    default: nil
    }
  }

  // MARK: Calls

  private func call(_ call: Call, _ span: Span) -> Node {
    if case .member(let base, let name) = call.callee.kind {
      return method(call, base, name, span)
    }
    let site = context.site(span)
    let isSimple = call.block == nil && call.arguments.allSatisfy { $0.label == nil && !$0.isSpread }
    if isSimple, let builtin = elementwise(call.callee), let op = builtin.elementwise,
      call.arguments.count == op.parameters.count
    {
      return unit.own(
        ElementwiseCallNode(
          builtin, op, callee: call.callee.span, unit.own(call.arguments.map { operand($0.value) }), in: scope.name,
          site: site, span))
    }
    if isSimple {
      let arguments = unit.own(call.arguments.map { value($0.value) })
      if case .name(let identifier) = call.callee.kind, case .global(let global) = resolution.bindings[identifier.id],
        let code = global.function, code.exactCount == arguments.count, code.unit === unit
      {
        return unit.own(DirectCallNode(code, callee: call.callee.span, arguments, in: scope.name, span))
      }
      return unit.own(CallNode(value(call.callee), arguments, in: scope.name, site: site, span))
    }
    return unit.own(
      GeneralCallNode(
        value(call.callee), arguments(call), block: call.block.map { function($0) }, in: scope.name, site: site, span))
  }

  /// The built-in that a callee is, if that goes element by element.
  private func elementwise(_ callee: Expr) -> BuiltinFunction? {
    guard case .name(let identifier) = callee.kind,
      case .builtin(.callable(let callable)) = resolution.bindings[identifier.id]
    else { return nil }
    return (callable as? BuiltinFunction).flatMap { $0.elementwise == nil ? nil : $0 }
  }

  private func arguments(_ call: Call) -> [GeneralCallNode.Argument] {
    call.arguments.map { argument in
      GeneralCallNode.Argument(
        label: argument.label?.text, value: Ref(value(argument.value)), isSpread: argument.isSpread,
        labelSpan: argument.label?.span ?? argument.value.span)
    }
  }

  private func method(_ call: Call, _ base: Expr, _ name: Identifier, _ span: Span) -> Node {
    // A pipe's left side is the first argument proper: `x |> net.encode(m)` is `net.encode(x, m)`.
    let arguments = arguments(call)
    let block = call.block.map { function($0) }
    if Builtins.changesPlace(name.text), let place = place(base) {
      let general = unit.own(
        ChangePlaceNode(
          place, name.text, arguments, block: block, in: scope.name, callee: call.callee.span, span))
      if name.text == "push", place.isMutable, call.arguments.count == 1, block == nil,
        call.arguments[0].label == nil, !call.arguments[0].isSpread, let leaf = leaf(value(base))
      {
        return unit.own(PushNode(leaf, value(call.arguments[0].value), general: general, span))
      }
      return general
    }
    return unit.own(
      MethodCallNode(
        value(base), name.text, arguments, block: block, in: scope.name, callee: call.callee.span,
        site: context.site(span), span))
  }

  // MARK: Indices

  func parts(_ items: [IndexItem]) -> [IndexPart] {
    items.map { item in
      switch item {
      case .expression(let expr): .value(Ref(value(expr)))
      case .slice(let start, let stop, let step, _):
        .slice(start.map { Ref(value($0)) }, stop.map { Ref(value($0)) }, step.map { Ref(value($0)) })
      case .ellipsis: .ellipsis
      }
    }
  }

  private func index(_ base: Expr, _ items: [IndexItem], _ span: Span) -> Node {
    let site = context.site(span)
    if items.count == 1, case .expression(let expr) = items[0] {
      let (list, key) = (value(base), value(expr))
      let general = unit.own(IndexNode(list, key, site: site, span))
      if let list = leaf(list), let key = leaf(key) {
        return unit.own(IndexLeavesNode(list, key, general: general, span))
      }
      return general
    }
    return unit.own(MultiIndexNode(value(base), parts(items), site: site, span))
  }

  // MARK: Assignment

  func assign(_ target: Target, _ expr: Expr, _ span: Span) -> Node {
    switch target {
    case .path(let path):
      if case .name(let identifier) = path.kind, let binding = wholeVariable(identifier) {
        return unit.own(BindNode(binding, value(expr), span))
      }
      if case .index(let base, let items) = path.kind, items.count == 1, case .expression(let key) = items[0],
        let leaf = leaf(value(base)), let place = place(path)
      {
        let index = value(key)
        let new = value(expr)
        if let constant = new as? ConstantNode {
          return unit.own(
            AssignConstantElementNode(leaf, index, self.leaf(index), constant, place.dropLast, path.span))
        }
        return unit.own(AssignElementNode(leaf, index, self.leaf(index), new, place.dropLast, path.span))
      }
      if case .member(let base, let name) = path.kind, let leaf = leaf(value(base)), let place = place(path) {
        return unit.own(AssignMemberNode(leaf, name.text, place, value(expr), span))
      }
    default: break
    }
    return unit.own(AssignPlaceNode(self.target(target), value(expr), span))
  }

  private func target(_ target: Target) -> AssignTarget {
    switch target {
    case .wildcard: return .binding(.ignore)
    case .list(let items, let span): return .list(items.map { self.target($0) }, span)
    case .path(let path):
      if case .name(let identifier) = path.kind, let binding = wholeVariable(identifier) { return .binding(binding) }
      guard let place = place(path) else { return .binding(.ignore) }
      return .place(place)
    }
  }

  /// A variable of the frame or module, assigned whole.
  private func wholeVariable(_ identifier: Identifier) -> PatternBinding? {
    switch resolution.bindings[identifier.id] {
    case .variable, .global: binding(.name(identifier))
    default: nil
    }
  }

  func update(_ target: Expr, _ op: BinaryOperator, _ expr: Expr, _ span: Span) -> Node? {
    guard let place = place(target) else { return nil }
    if case .name = target.kind, let leaf = leaf(value(target)), place.isMutable {
      let operand = value(expr)
      if case .int(let number) = expr.kind {
        return unit.own(UpdateLeafIntNode(op, leaf, number, place, operand, span))
      }
      if let other = self.leaf(operand) {
        return unit.own(UpdateLeavesNode(op, leaf, other, place, operand, span))
      }
      return unit.own(UpdateLeafNode(op, leaf, place, operand, span))
    }
    if case .member(let base, let name) = target.kind, let leaf = leaf(value(base)) {
      return unit.own(UpdateMemberNode(op, leaf, name.text, place, value(expr), span))
    }
    return unit.own(UpdateNode(op, place, value(expr), span))
  }

  /// The place that a path names.
  func place(_ path: Expr) -> Place? {
    var steps: [PlaceStep] = []
    var expr = path
    while true {
      switch expr.kind {
      case .parenthesized(let inner): expr = inner
      case .member(let base, let name):
        steps.append(.member(Text(name.text), expr.span))
        expr = base
      case .index(let base, let items):
        steps.append(.index(parts(items), expr.span))
        expr = base
      default:
        let (root, isMutable) = root(expr)
        return Place(
          root: root, steps: steps.reversed(), span: path.span, rootSpan: expr.span, isMutable: isMutable,
          declared: declaration(expr))
      }
    }
  }

  /// What a name is and where it was declared.
  private func declaration(_ expr: Expr) -> (kind: Variable.Kind, span: Span)? {
    guard case .name(let identifier) = expr.kind else { return nil }
    switch resolution.bindings[identifier.id] {
    case .variable(let variable): return (variable.kind, variable.span)
    case .global(let global): return (global.kind, global.span)
    default: return nil
    }
  }

  private func root(_ expr: Expr) -> (PlaceRoot, isMutable: Bool) {
    guard case .name(let identifier) = expr.kind else { return (.value(Ref(value(expr))), false) }
    switch resolution.bindings[identifier.id] {
    case .variable(let variable):
      let slot = scope.slot(of: variable)
      return (variable.needsCell ? .cell(slot) : .slot(slot), variable.isMutable)
    case .global(let global):
      return (.global(unit.own(global.cell).pointer), global.isMutable)
    case .field(let variable, let index):
      return (.field(selfSlot: scope.slot(of: variable), index: index), true)
    default: return (.value(Ref(value(expr))), false)
    }
  }
}

extension BinaryOperator {
  /// Whether it goes through two tensors element by element and gives numbers.
  fileprivate var isArithmetic: Bool {
    switch self {
    case .add, .subtract, .multiply, .divide, .floorDivide, .modulo, .power: true
    default: false
    }
  }
}

extension Place {
  /// The place without its last step, whose key is evaluated apart.
  var dropLast: Place {
    Place(
      root: root, steps: Array(steps.dropLast()), span: span, rootSpan: rootSpan, isMutable: isMutable,
      declared: declared)
  }
}
