import NNSTensor

/// Values as text: what `print` shows.
enum Display {
  /// A value as `print` shows it: strings bare, everything else as `repr`.
  static func text(_ value: Value, _ c: Context) throws -> String {
    if case .string(let text) = value { return text.string }
    return try repr(value, c)
  }

  /// A value as it would be written in a script, where it can be: strings quoted.
  static func repr(_ value: Value, _ c: Context) throws -> String {
    var out = Output()
    try write(value, to: &out, c)
    return out.text
  }

  /// A text that is being put together, charged before it grows large.
  private struct Output {
    private(set) var text = ""
    private var charged = 1 << 20

    static func += (output: inout Output, piece: String) { output.text += piece }

    mutating func charge(_ c: Context) throws {
      guard text.utf8.count > charged / 2 else { return }
      charged *= 2
      try c.charge(bytes: charged)
    }
  }

  private static func write(_ value: Value, to out: inout Output, _ c: Context) throws {
    try c.checkDepth("the value shown is")
    try out.charge(c)
    switch value {
    case .nil: out += "nil"
    case .bool(let flag): out += flag ? "true" : "false"
    case .int(let number): out += String(number)
    case .float(let number): out += float(number)
    case .string(let text): out += quoted(text.string)
    case .tensor(let tensor): out += TensorFormatter.description(of: tensor, c.printOptions)
    case .list(let list):
      out += "("
      for (index, item) in list.enumerated() {
        if index > 0 { out += ", " }
        try write(item, to: &out, c)
      }
      out += list.count == 1 ? ",)" : ")"
    case .record(let record):
      out += "{"
      for (index, entry) in record.entries.enumerated() {
        if index > 0 { out += ", " }
        out += key(entry.key)
        out += ": "
        try write(entry.value, to: &out, c)
      }
      out += "}"
    case .range(let range): out += range.description
    case .closure(let closure): out += "<\(closure.code.name.isEmpty ? "fn" : "fn \(closure.code.name)")>"
    case .callable(let callable):
      out += callable is ModelType ? "<model \(callable.name)>" : "<fn \(callable.name)>"
    case .model(let instance): out += try ModelDisplay.text(instance, c)
    case .object(let object): out += object.describe(c)
    case .unset, .cell: out += "<nothing>"
    }
  }

  /// The shortest digits that give the same float back.
  static func float(_ number: Double) -> String {
    if number.isNaN { return "nan" }
    if number.isInfinite { return number < 0 ? "-inf" : "inf" }
    return number.description
  }

  /// A string with its quotes and escapes.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "{": out += "\\{"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\r": out += "\\r"
      case "\0": out += "\\0"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          out += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        } else {
          out.unicodeScalars.append(scalar)
        }
      }
    }
    return out + "\""
  }

  /// A record's key as it would be written in a script: quoted only where that is needed.
  static func key(_ key: Text) -> String {
    let name = key.string
    return isWord(name) ? name : quoted(name)
  }

  /// Whether a key can be written without quotes.
  static func isWord(_ key: String) -> Bool {
    guard let first = key.unicodeScalars.first, first == "_" || first.properties.isAlphabetic else { return false }
    return key.unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil }
  }
}
