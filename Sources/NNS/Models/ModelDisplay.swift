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

  /// `Linear(64, 10)`: the name with the settings it was made with.
  static func head(_ instance: ModelInstance) -> String {
    var settings: [String] = []
    for (index, member) in instance.type.members.enumerated() where member.kind == .parameter {
      switch instance.slots[index] {
      case .int(let number): settings.append("\(number)")
      case .float(let number): settings.append(Display.float(number))
      case .bool(let flag): settings.append("\(member.name): \(flag)")
      case .string(let box): settings.append("\(member.name): \(Display.quoted(box.text))")
      default: break
      }
    }
    return "\(instance.type.name)(\(settings.joined(separator: ", ")))"
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
    for (index, member) in members where member.kind == .parameter {
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
      for (index, member) in instance.type.members.enumerated() where member.kind != .param {
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
