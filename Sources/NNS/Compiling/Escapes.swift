import NNSSyntax

/// Whether an expression holds a block that may leave the statement around it by `return`, `break` or `continue`.
/// Function bodies inside do not count: they have flows of their own.
enum Escapes {
  /// Whether a statement's own expressions may leave it. Blocks that are run as statements hand their flow on by
  /// themselves.
  static func leave(_ statement: Statement) -> Bool {
    switch statement.kind {
    case .expression(let expr): return leaveAsStatement(expr)
    case .declare(_, _, let expr), .assign(_, let expr), .raise(let expr): return leave(expr)
    case .update(let target, _, let expr): return leave(target) || leave(expr)
    case .for(_, let iterable, _): return leave(iterable)
    case .while(let condition, _): return leave(condition)
    case .return(let expr): return expr.map { leave($0) } ?? false
    default: return false
    }
  }

  private static func leaveAsStatement(_ expr: Expr) -> Bool {
    switch expr.kind {
    case .if(let condition, _, _): leave(condition)
    case .try: false
    default: leave(expr)
    }
  }

  /// Whether evaluating an expression may end in a flow.
  static func leave(_ expr: Expr) -> Bool {
    switch expr.kind {
    case .nil, .bool, .int, .float, .name, .selfReference, .function: return false
    case .string(let literal): return leave(literal)
    case .tensor(let items): return items.contains { leave($0) }
    case .list(let elements):
      return elements.contains { element in
        switch element {
        case .value(let item), .spread(let item): leave(item)
        }
      }
    case .record(let entries):
      return entries.contains { entry in
        switch entry {
        case .pair(_, _, let item), .spread(let item): leave(item)
        case .computed(let key, let item): leave(key) || leave(item)
        }
      }
    case .range(let a, let b, _), .binary(_, let a, let b), .and(let a, let b), .or(let a, let b):
      return leave(a) || leave(b)
    case .unary(_, let a), .not(let a), .member(let a, _), .parenthesized(let a): return leave(a)
    case .call(let call): return leave(call.callee) || call.arguments.contains { leave($0.value) }
    case .index(let base, let items):
      return leave(base)
        || items.contains { item in
          switch item {
          case .expression(let expr): leave(expr)
          case .slice(let a, let b, let c, _): [a, b, c].contains { $0.map { leave($0) } ?? false }
          case .ellipsis: false
          }
        }
    case .if(let condition, let then, let otherwise):
      return leave(condition) || leaves(then) || (otherwise.map { leaves($0) } ?? false)
    case .try(let body, _, let handler): return leaves(body) || leaves(handler)
    }
  }

  private static func leave(_ literal: StringLiteral) -> Bool {
    literal.parts.contains { part in
      if case .interpolation(let expr, _) = part { return leave(expr) }
      return false
    }
  }

  /// Whether a block has a flow in it at any depth, short of functions.
  private static func leaves(_ block: Block) -> Bool { block.statements.contains { leaves($0) } }

  private static func leaves(_ statement: Statement) -> Bool {
    switch statement.kind {
    case .return, .break, .continue: true
    case .expression(let expr): leave(expr)
    // A flow of a loop's body may be a `return`; being caught for nothing does no harm.
    case .for(_, let iterable, let body): leave(iterable) || leaves(body)
    case .while(let condition, let body): leave(condition) || leaves(body)
    default: leave(statement)
    }
  }
}
