extension JSON {
  /// The value as text.
  ///
  /// - Parameter indent: Spaces for each level, one member a line; `nil` writes everything on one line without spaces.
  /// - Throws: ``FormatError`` where a float is infinite or NaN, or the nesting is deeper than ``maximumDepth``.
  public func text(indent: Int? = nil) throws(FormatError) -> String {
    var writer = JSONWriter(indent: indent)
    try writer.write(self, depth: 0)
    return writer.text
  }

  /// A string in quotes, escaped.
  public static func quote(_ string: String) -> String {
    var writer = JSONWriter(indent: nil)
    writer.write(string)
    return writer.text
  }
}

private struct JSONWriter {
  let indent: Int?
  var text = ""

  mutating func write(_ value: JSON, depth: Int) throws(FormatError) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .float(let value):
      guard value.isFinite else { throw FormatError("JSON has no \(value)") }
      text += value.description
    case .string(let value): write(value)
    case .array(let elements):
      try writeItems(elements, "[", "]", depth: depth) { writer, element throws(FormatError) in
        try writer.write(element, depth: depth + 1)
      }
    case .object(let members):
      try writeItems(members, "{", "}", depth: depth) { writer, member throws(FormatError) in
        writer.write(member.key)
        writer.text += writer.indent == nil ? ":" : ": "
        try writer.write(member.value, depth: depth + 1)
      }
    }
  }

  private mutating func writeItems<Item>(
    _ items: [Item], _ open: String, _ close: String, depth: Int,
    _ write: (inout JSONWriter, Item) throws(FormatError) -> Void
  ) throws(FormatError) {
    guard depth < JSON.maximumDepth else { throw FormatError("nested more than \(JSON.maximumDepth) deep") }
    text += open
    var isFirst = true
    for item in items {
      if !isFirst { text += "," }
      isFirst = false
      breakLine(depth + 1)
      try write(&self, item)
    }
    if !isFirst { breakLine(depth) }
    text += close
  }

  private mutating func breakLine(_ depth: Int) {
    guard let indent else { return }
    text += "\n" + String(repeating: " ", count: depth * max(0, indent))
  }

  mutating func write(_ string: String) {
    text += "\""
    defer { text += "\"" }
    let isPlain = string.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    guard !isPlain else {
      text += string
      return
    }
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
