import NNSSyntax

extension Resolver {
  func walk(_ expr: Expr) {
    switch expr.kind {
    case .nil, .bool, .int, .float: break
    case .string(let literal): walk(literal)
    case .name(let identifier): use(identifier)
    case .selfReference:
      if let variable = selfVariable() {
        resolution.selves[expr.span.start] = variable
      } else {
        report(Mistakes.selfOutside(at: expr.span))
      }
    case .tensor(let items): for item in items { walk(item) }
    case .list(let elements):
      for element in elements {
        switch element {
        case .value(let item), .spread(let item): walk(item)
        }
      }
    case .record(let entries):
      for entry in entries {
        switch entry {
        case .pair(_, _, let value), .spread(let value): walk(value)
        case .computed(let key, let value):
          walk(key)
          walk(value)
        }
      }
    case .range(let lower, let upper, _), .binary(_, let lower, let upper), .and(let lower, let upper),
      .or(let lower, let upper):
      walk(lower)
      walk(upper)
    case .unary(_, let operand), .not(let operand), .parenthesized(let operand): walk(operand)
    case .call(let call): walk(call)
    case .member(let base, let name):
      walk(base)
      if let outline = outline(of: base), !outline.has(name.text) {
        report(Mistakes.noExport(name.text, of: outline.name, known: outline.exports, at: expr.span))
      }
    case .index(let base, let items):
      walk(base)
      for item in items { walk(item) }
    case .function(let literal): walkFunction(literal)
    case .if(let condition, let then, let otherwise):
      walk(condition)
      walk(then)
      if let otherwise { walk(otherwise) }
    case .try(let body, let name, let handler):
      walk(body)
      if let name {
        withBlock([], at: name.span) {
          declare(name, .caught).isUsed = true
          walk(handler)
        }
      } else {
        walk(handler)
      }
    }
  }

  private func walk(_ literal: StringLiteral) {
    for part in literal.parts {
      if case .interpolation(let expr, _) = part { walk(expr) }
    }
  }

  private func walk(_ item: IndexItem) {
    switch item {
    case .expression(let expr): walk(expr)
    case .slice(let start, let stop, let step, _):
      for bound in [start, stop, step] {
        if let bound { walk(bound) }
      }
    case .ellipsis: break
    }
  }

  // MARK: Calls

  private func walk(_ call: Call) {
    walk(call.callee)
    for argument in call.arguments { walk(argument.value) }
    if let block = call.block { walkFunction(block) }
    guard let signatures = signatures(of: call.callee) else {
      checkPlace(call)
      return
    }
    check(call, against: signatures)
  }

  /// What is known of a callee from the text alone: one signature, or one for each kind of first argument.
  private func signatures(of callee: Expr) -> [Signature]? {
    switch callee.kind {
    case .name(let identifier):
      switch resolution.bindings[identifier.id] {
      case .variable(let variable): return variable.signature.map { [$0] }
      case .global(let global): return global.signature.map { [$0] }
      case .builtin(let value): return value.signatures
      case .method(_, let name): return enclosingModel?.methods[name].map { [$0] }
      default: return nil
      }
    case .function(let literal): return [Signature(name: "", literal.parameters)]
    case .parenthesized(let inner): return signatures(of: inner)
    case .member(let base, let name):
      if let outline = outline(of: base) { return outline.signature(of: name.text).map { [$0] } }
      // In the REPL the module of an earlier line is there.
      guard case .name(let identifier) = base.kind, case .global(let global) = resolution.bindings[identifier.id],
        global.isImport, case .object(let object) = global.cell.value, let module = object as? ModuleObject
      else { return nil }
      return module.module.global(name.text)?.signature.map { [$0] }
    default: return nil
    }
  }

  /// What is known of the file that a name was imported from: looked into for a check, left to the run otherwise.
  private func outline(of base: Expr) -> Outline? {
    guard case .name(let identifier) = base.kind, case .global(let global) = resolution.bindings[identifier.id]
    else { return nil }
    return global.outline
  }

  private func check(_ call: Call, against signatures: [Signature]) {
    var positional = 0
    var labels: [Identifier] = []
    var hasSpread = false
    for argument in call.arguments {
      if argument.isSpread {
        hasSpread = true
      } else if let label = argument.label {
        labels.append(label)
      } else {
        positional += 1
      }
    }
    // Of several built-ins with one name, those count that know all the labels.
    let known = signatures.filter { signature in labels.allSatisfy { signature.takes($0.text) } }
    if known.isEmpty, signatures.count > 1 {
      let label = labels.first { label in !signatures.contains { $0.takes(label.text) } } ?? labels[0]
      let names = signatures.flatMap(\.labels)
      return report(
        Mistakes.unknownLabel(label.text, function: signatures[0].name, known: names, at: label.span))
    }
    var first: Diagnostic?
    for signature in known.isEmpty ? signatures : known {
      guard
        let mistake = signature.mistake(
          positional: positional, labels: labels, hasBlock: call.block != nil, hasSpread: hasSpread,
          at: call.callee.span)
      else { return }
      first = first ?? mistake
    }
    guard var mistake = first else { return }
    if known.count > 1 { mistake.help = Mistakes.help(known) }
    if call.isPiped, positional > 1, signatures.allSatisfy({ !$0.hasRest && $0.parameters.count < positional }) {
      mistake.help = Mistakes.pipedHelp(signatures[0].name)
    }
    report(mistake)
  }

  /// `push`, `pop`, `insert` and `remove` change the place they are called on.
  private func checkPlace(_ call: Call) {
    guard case .member(let base, let name) = call.callee.kind, Builtins.changesPlace(name.text) else { return }
    guard let (root, passesMember) = root(of: base), !passesMember else { return }
    switch resolution.bindings[root.id] {
    // What may be a model may have a method of that name.
    case .variable(let variable) where !variable.isMutable && variable.isPlain:
      report(
        Mistakes.placeNotVar(
          root.text, method: name.text, kind: variable.kind, declared: variable.span, at: root.span))
    case .global(let global) where !global.isMutable && global.isPlain:
      report(
        Mistakes.placeNotVar(root.text, method: name.text, kind: global.kind, declared: global.span, at: root.span))
    default: break
    }
  }
}
