import NNSSyntax

/// A model as text: its layers as a tree, with parameter counts.
enum ModelDisplay {
  static func text(_ instance: ModelInstance, _ c: Context) throws -> String {
    var lines = ["\(head(instance))  \(grouped(try parameterCount(.model(instance), c))) parameters"]
    var shown: Set<ObjectIdentifier> = [ObjectIdentifier(instance)]
    try children(instance, indent: "  ", c, &lines, &shown)
    return lines.joined(separator: "\n")
  }

  private static func parameterCount(_ value: Value, _ c: Context) throws -> Int {
    try ParameterTree(value, c).parameters.reduce(0) { $0 + $1.tensor.elementCount }
  }

  /// `Linear(64, 10)`: the name with the settings it was made with, as far as they are no defaults.
  static func head(_ instance: ModelInstance) -> String {
    var defaults: [String: Expr] = [:]
    for parameter in instance.type.code.declaration.parameters {
      if case .name(let name) = parameter.pattern { defaults[name.text] = parameter.defaultValue }
    }
    var settings: [String] = []
    for (index, member) in instance.type.members.enumerated() where member.kind == .parameter {
      let value = instance.slots[index]
      guard let text = setting(value) else { continue }
      if let literal = defaults[member.name] {
        if !isLiteral(literal, value) { settings.append("\(member.name): \(text)") }
      } else {
        settings.append(text)
      }
    }
    return "\(instance.type.name)(\(settings.joined(separator: ", ")))"
  }

  private static func setting(_ value: Value) -> String? {
    switch value {
    case .int(let number): "\(number)"
    case .float(let number): Display.float(number)
    case .bool(let flag): "\(flag)"
    case .string(let text): Display.quoted(text.string)
    case .list:
      Conversions.ints(value).map { "(\($0.map(String.init).joined(separator: ", "))\($0.count == 1 ? "," : ""))" }
    default: nil
    }
  }

  private static func isLiteral(_ expr: Expr, _ value: Value) -> Bool {
    switch (expr.kind, value) {
    case (.int(let a), .int(let b)): a == b
    case (.int(let a), .float(let b)): Double(a) == b
    case (.float(let a), .float(let b)): a == b
    case (.bool(let a), .bool(let b)): a == b
    case (.string(let literal), .string(let text)): literal.plainText.map { Text($0) } == text
    default: false
    }
  }

  /// Fields first: what came as an argument is usually kept in one of them, and each model is shown once.
  private static func children(
    _ instance: ModelInstance, indent: String, _ c: Context, _ lines: inout [String],
    _ shown: inout Set<ObjectIdentifier>
  ) throws {
    guard indent.utf8.count < 200 else { return }
    let members = instance.type.members.enumerated()
    for (index, member) in members where member.kind == .let || member.kind == .var {
      try child(instance.slots[index], member.name, indent: indent, c, &lines, &shown)
    }
    for (index, member) in members where member.kind == .parameter && instance.type.index(of: member.name) == index {
      try child(instance.slots[index], member.name, indent: indent, c, &lines, &shown)
    }
  }

  private static func child(
    _ value: Value, _ name: String, indent: String, _ c: Context, _ lines: inout [String],
    _ shown: inout Set<ObjectIdentifier>
  ) throws {
    guard name.utf8.count < 400 else { return }
    switch value {
    case .model(let instance):
      guard shown.insert(ObjectIdentifier(instance)).inserted else { return }
      lines.append("\(indent)\(name): \(head(instance))  \(grouped(try parameterCount(value, c)))")
      try children(instance, indent: indent + "  ", c, &lines, &shown)
    case .list(let list):
      for (index, item) in list.enumerated() {
        let path = name.hasPrefix("_") ? "\(index)" : "\(name).\(index)"
        try child(item, path, indent: indent, c, &lines, &shown)
      }
    case .record(let record):
      for (key, item) in record.entries { try child(item, "\(name).\(key)", indent: indent, c, &lines, &shown) }
    default: break
    }
  }

  /// What a model is called within one that holds it: `blocks.0.attn`; `nil` where it is not held there.
  static func path(of wanted: ModelInstance, in holder: ModelInstance) -> String? {
    var seen: Set<ObjectIdentifier> = []

    func search(_ value: Value, _ name: String) -> String? {
      guard name.utf8.count < 400 else { return nil }
      switch value {
      case .model(let instance): return instance === wanted ? name : search(instance, "\(name).")
      case .list(let list):
        for (index, item) in list.enumerated() {
          if let found = search(item, name.hasSuffix("_children") ? name.dropLast(9) + "\(index)" : "\(name).\(index)")
          {
            return found
          }
        }
      case .record(let record):
        for (key, item) in record.entries {
          if let found = search(item, "\(name).\(key)") { return found }
        }
      default: break
      }
      return nil
    }

    func search(_ instance: ModelInstance, _ prefix: String) -> String? {
      guard seen.insert(ObjectIdentifier(instance)).inserted else { return nil }
      // Fields first: what came as an argument is usually kept in one of them.
      let members = instance.type.members.enumerated().filter { $0.element.kind != .param }
      for (index, member) in members.filter({ $0.element.kind != .parameter }) + members {
        if let found = search(instance.slots[index], prefix + member.name) { return found }
      }
      return nil
    }
    return search(holder, "")
  }

  private static func grouped(_ number: Int) -> String {
    let digits = String(number)
    var out = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out += "," }
      out.append(digit)
    }
    return out
  }
}
