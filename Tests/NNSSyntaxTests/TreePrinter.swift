import NNSSyntax

/// Prints the tree in one line, so that a test's expectation is one line too.
enum TreePrinter {
  static func print(_ program: Program) -> String {
    program.statements.map(statement).joined(separator: "; ")
  }

  static func block(_ block: Block) -> String {
    "{" + block.statements.map(statement).joined(separator: "; ") + "}"
  }

  static func statement(_ statement: Statement) -> String {
    switch statement.kind {
    case .expression(let value): expression(value)
    case .declare(let isVar, let target, let value):
      "(\(isVar ? "var" : "let") \(pattern(target)) \(expression(value)))"
    case .assign(let place, let value): "(= \(target(place)) \(expression(value)))"
    case .update(let path, let sign, let value): "(\(sign.rawValue)= \(expression(path)) \(expression(value)))"
    case .function(let function): self.function(function)
    case .model(let model): self.model(model)
    case .for(let name, let values, let body): "(for \(pattern(name)) \(expression(values)) \(block(body)))"
    case .while(let condition, let body): "(while \(expression(condition)) \(block(body)))"
    case .return(let value): value.map { "(return \(expression($0)))" } ?? "(return)"
    case .break: "(break)"
    case .continue: "(continue)"
    case .raise(let value): "(raise \(expression(value)))"
    case .importing(let unit):
      "(import \(unit.path.map { "\"\($0)\"" } ?? unit.module) \(unit.name.text))"
    case .test(let name, let body): "(test \(string(name)) \(block(body)))"
    }
  }

  static func expression(_ expression: Expr) -> String {
    switch expression.kind {
    case .nil: "nil"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .string(let literal): string(literal)
    case .name(let name): name.text
    case .selfReference: "self"
    case .tensor(let elements): "[" + elements.map(self.expression).joined(separator: " ") + "]"
    case .list(let elements): node("list", elements.map(element))
    case .record(let entries): "{" + entries.map(entry).joined(separator: " ") + "}"
    case .range(let low, let high, let closed):
      node(closed ? "..=" : "..", [self.expression(low), self.expression(high)])
    case .unary(let sign, let value): node(sign.rawValue, [self.expression(value)])
    case .binary(let sign, let left, let right): node(sign.rawValue, [self.expression(left), self.expression(right)])
    case .and(let left, let right): node("and", [self.expression(left), self.expression(right)])
    case .or(let left, let right): node("or", [self.expression(left), self.expression(right)])
    case .not(let value): node("not", [self.expression(value)])
    case .call(let call):
      node(
        call.isPiped ? "pipe" : "call",
        [self.expression(call.callee)] + call.arguments.map(argument) + (call.block.map { [block($0.body)] } ?? []))
    case .member(let base, let name): "\(self.expression(base)).\(name.text)"
    case .index(let base, let items): node("at", [self.expression(base)] + items.map(item))
    case .function(let function): self.function(function)
    case .if(let condition, let body, let otherwise):
      node("if", [self.expression(condition), block(body)] + (otherwise.map { [block($0)] } ?? []))
    case .try(let body, let name, let handler): node("try", [block(body), name?.text ?? "_", block(handler)])
    case .parenthesized(let inner): "<\(self.expression(inner))>"
    }
  }

  private static func node(_ name: String, _ parts: [String]) -> String {
    "(" + ([name] + parts).joined(separator: " ") + ")"
  }

  private static func element(_ element: Element) -> String {
    switch element {
    case .value(let value): expression(value)
    case .spread(let value): "...\(expression(value))"
    }
  }

  private static func entry(_ entry: Entry) -> String {
    switch entry {
    case .pair(let key, _, let value): "\(key):\(expression(value))"
    case .computed(let key, let value): "\(string(key)):\(expression(value))"
    case .spread(let value): "...\(expression(value))"
    }
  }

  private static func argument(_ argument: Argument) -> String {
    (argument.label.map { "\($0.text):" } ?? "") + (argument.isSpread ? "..." : "") + expression(argument.value)
  }

  private static func item(_ item: IndexItem) -> String {
    switch item {
    case .expression(let value): expression(value)
    case .ellipsis: "..."
    case .slice(let first, let second, let third, _):
      [first, second, third].map { $0.map(expression) ?? "" }.joined(separator: ":")
    }
  }

  static func string(_ literal: StringLiteral) -> String {
    let parts = literal.parts.map { part in
      switch part {
      case .text(let text): text
      case .interpolation(let value, let format): "{\(expression(value))\(format.map { ":\(self.format($0))" } ?? "")}"
      }
    }
    return "\"" + parts.joined() + "\""
  }

  private static func format(_ format: FormatSpec) -> String {
    var text = ""
    if let align = format.align { text += "\(format.fill)\(align)" }
    if let sign = format.sign { text += "\(sign)" }
    if format.zeroPadded { text += "0" }
    if format.width > 0 { text += "\(format.width)" }
    if format.grouped { text += "," }
    if let precision = format.precision { text += ".\(precision)" }
    if let type = format.type { text += "\(type)" }
    return text
  }

  static func pattern(_ pattern: Pattern) -> String {
    switch pattern {
    case .name(let name): name.text
    case .wildcard: "_"
    case .list(let items, _): "(" + items.map(self.pattern).joined(separator: " ") + ")"
    }
  }

  private static func target(_ target: Target) -> String {
    switch target {
    case .path(let path): expression(path)
    case .wildcard: "_"
    case .list(let items, _): "(" + items.map(self.target).joined(separator: " ") + ")"
    }
  }

  private static func function(_ function: Function) -> String {
    let result = function.result.map { ["->", annotation($0)] } ?? []
    let name = function.name.map { ["\($0.text)"] } ?? []
    return node("fn", name + [parameters(function.parameters)] + result + [block(function.body)])
  }

  private static func parameters(_ parameters: [Parameter]) -> String {
    "("
      + parameters.map {
        ($0.isRest ? "..." : "") + pattern($0.pattern) + ($0.annotation.map { ":\(annotation($0))" } ?? "")
          + ($0.defaultValue.map { "=\(expression($0))" } ?? "")
      }.joined(separator: " ") + ")"
  }

  static func annotation(_ annotation: Annotation) -> String {
    switch annotation.kind {
    case .any: "_"
    case .named(let path): path.map(\.text).joined(separator: ".")
    case .list(let items): "(" + items.map(self.annotation).joined(separator: " ") + ")"
    case .shape(let dtype, let dimensions): (dtype ?? "") + "[" + dimensions.map(dimension).joined(separator: " ") + "]"
    }
  }

  private static func dimension(_ dimension: Annotation.Dimension) -> String {
    switch dimension.kind {
    case .any: "_"
    case .rest: "..."
    case .size(let size): "\(size)"
    case .name(let name): name.text
    case .expression(let value): "<\(expression(value))>"
    }
  }

  private static func model(_ model: Model) -> String {
    let members = model.members.map { member in
      switch member {
      case .field(let field): node(field.kind.rawValue, [pattern(field.pattern), expression(field.value)])
      case .method(let function): self.function(function)
      case .statement(let statement): self.statement(statement)
      }
    }
    return node("model", [model.name.text, parameters(model.parameters)] + members)
  }
}
