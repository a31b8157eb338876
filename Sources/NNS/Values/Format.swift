import NNSSyntax
import NNSTensor

/// `"{value:spec}"`: values through a format, as in Python.
enum Format {
  static func string(_ value: Value, _ spec: FormatSpec, _ c: Context) throws -> String {
    switch value {
    case .int(let number): return try int(number, spec)
    case .float(let number): return try float(number, spec)
    case .tensor(let tensor):
      // It applies to each element, and these are laid out as without it.
      return try TensorFormatter.description(of: tensor, c.printOptions) { try string(Value($0), spec, c) }
    case .string(let value):
      try check(spec, text: "string")
      var text = value.string
      if let precision = spec.precision {
        text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(precision)))
      }
      return pad(text, spec, isNumber: false)
    default:
      try check(spec, text: value.typeName)
      return pad(try Display.text(value, c), spec, isNumber: false)
    }
  }

  /// What belongs to numbers does not apply to text.
  private static func check(_ spec: FormatSpec, text type: String) throws {
    guard spec.type == nil || spec.type == "s" else { throw Mistakes.formatType(spec, type) }
    let part: String? =
      spec.sign != nil ? "a sign" : spec.grouped ? "a separator" : spec.align == "=" ? "alignment after a sign" : nil
    if let part { throw Mistakes.formatPart(part, type) }
  }

  private static func int(_ number: Int, _ spec: FormatSpec) throws -> String {
    switch spec.type {
    case nil, "d", "x", "b":
      if spec.precision != nil { throw Mistakes.formatPart("a number of digits", "int") }
      if spec.grouped, spec.type == "x" || spec.type == "b" { throw Mistakes.formatSeparator(spec) }
    default: break
    }
    switch spec.type {
    case nil, "d": return sign(number < 0, digits(String(number.magnitude), spec), spec)
    case "x": return sign(number < 0, String(number.magnitude, radix: 16), spec)
    case "b": return sign(number < 0, String(number.magnitude, radix: 2), spec)
    case "s": throw Mistakes.formatType(spec, "int")
    default: return try float(Double(number), spec)
    }
  }

  private static func float(_ number: Double, _ spec: FormatSpec) throws -> String {
    let isNegative = number.sign == .minus && !number.isNaN
    let magnitude = number.magnitude
    var body: String
    if !number.isFinite {
      body = number.isNaN ? "nan" : "inf"
      if spec.type == "%" { body += "%" }
      return sign(isNegative, body, spec)
    }
    switch spec.type {
    case "f": body = digits(Decimals.fixed(magnitude, spec.precision ?? 6), spec)
    case "%": body = digits(Decimals.fixed(magnitude * 100, spec.precision ?? 6), spec) + "%"
    case "e": body = Decimals.exponential(magnitude, spec.precision ?? 6)
    case "g": body = Decimals.general(magnitude, spec.precision ?? 6)
    case nil:
      if let precision = spec.precision {
        body = digits(Decimals.significant(magnitude, precision), spec)
      } else {
        body = digits(Display.float(magnitude), spec)
      }
    default: throw Mistakes.formatType(spec, "float")
    }
    return sign(isNegative, body, spec)
  }

  /// Thousands separators in the whole part.
  private static func digits(_ text: String, _ spec: FormatSpec) -> String {
    guard spec.grouped else { return text }
    let whole = text.prefix { $0.isNumber }
    var grouped = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { grouped += "," }
      grouped.append(digit)
    }
    return grouped + text.dropFirst(whole.count)
  }

  /// Grouped digits with zeros before them, which are grouped too: never a separator in front, so one more at times.
  private static func zeros(before body: String, width: Int) -> String {
    let length = body.count
    var places = body.prefix { $0.isNumber || $0 == "," }.count
    var added = ""
    while length + added.count < width || added.first == "," {
      places += 1
      added = (places % 4 == 0 ? "," : "0") + added
    }
    return added + body
  }

  private static func sign(_ isNegative: Bool, _ body: String, _ spec: FormatSpec) -> String {
    let mark = isNegative ? "-" : spec.sign == "+" ? "+" : spec.sign == " " ? " " : ""
    if spec.align == "=" || spec.zeroPadded && spec.align == nil {
      if spec.grouped, spec.fill == "0" { return mark + zeros(before: body, width: spec.width - mark.count) }
      let missing = max(0, spec.width - mark.count - body.count)
      return mark + String(repeating: String(Character(spec.fill)), count: missing) + body
    }
    return pad(mark + body, spec, isNumber: true)
  }

  private static func pad(_ text: String, _ spec: FormatSpec, isNumber: Bool) -> String {
    let missing = spec.width - text.unicodeScalars.count
    guard missing > 0 else { return text }
    let fill = String(Character(spec.fill))
    switch spec.align ?? (isNumber ? ">" : "<") {
    case ">": return String(repeating: fill, count: missing) + text
    case "^":
      return String(repeating: fill, count: missing / 2) + text + String(repeating: fill, count: missing - missing / 2)
    default: return text + String(repeating: fill, count: missing)
    }
  }
}
