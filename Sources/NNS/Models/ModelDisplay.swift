/// A model as text: its layers as a tree, with parameter counts.
enum ModelDisplay {
  static func text(_ instance: ModelInstance, _ c: Context) throws -> String {
    let tree = try ParameterTree(.model(instance), c)
    let total = tree.parameters.reduce(0) { $0 + $1.tensor.elementCount }
    var lines = ["\(head(instance))  \(grouped(total)) parameters"]
    try children(instance, indent: "  ", c, &lines)
    return lines.joined(separator: "\n")
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

  private static func children(
    _ instance: ModelInstance, indent: String, _ c: Context, _ lines: inout [String]
  ) throws {
    guard indent.utf8.count < 200 else { return }
    for (index, member) in instance.type.members.enumerated() where member.kind != .param {
      try child(instance.slots[index], member.name, indent: indent, c, &lines)
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
        for (index, item) in list.items.enumerated() {
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

  private static func child(
    _ value: Value, _ name: String, indent: String, _ c: Context, _ lines: inout [String]
  ) throws {
    guard try ParameterTree.holdsModel(value, c) else { return }
    switch value {
    case .model(let instance):
      let count = try ParameterTree(value, c).parameters.reduce(0) { $0 + $1.tensor.elementCount }
      lines.append("\(indent)\(name): \(head(instance))  \(grouped(count))")
      try children(instance, indent: indent + "  ", c, &lines)
    case .list(let list):
      for (index, item) in list.items.enumerated() {
        try child(item, name.hasPrefix("_") ? "\(index)" : "\(name).\(index)", indent: indent, c, &lines)
      }
    case .record(let record):
      for (key, item) in record.entries { try child(item, "\(name).\(key)", indent: indent, c, &lines) }
    default: break
    }
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
