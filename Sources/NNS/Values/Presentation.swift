import NNSTensor

/// Values as a REPL shows them: with their type, and wrapped to the width of the terminal.
struct Presentation {
  let context: Context
  /// Columns.
  let width: Int
  /// How many items of a long list or record are shown.
  private static let itemLimit = 100

  /// How the script prints tensors, in the columns that there are.
  private var options: PrintOptions {
    var options = context.printOptions
    options.lineWidth = min(options.lineWidth, width)
    return options
  }

  /// The text for one value, without a line end.
  func text(_ value: Value) throws -> String {
    switch value {
    case .tensor(let tensor) where tensor.rank > 0:
      let header = try Display.header(tensor, context)
      return tensor.elementCount == 0 ? header : "\(header)\n\(TensorFormatter.description(of: tensor, options))"
    case .tensor(let tensor): return "\(TensorFormatter.description(of: tensor, options))  \(tensor.typeDescription)"
    case .list, .record:
      // Short ones show what they are by their brackets.
      let text = try wrapped(value, at: 0)
      return text.contains("\n") ? "\(value.summary)\n\(text)" : text
    case .closure, .callable: return Help.brief(value)
    default: return try Display.repr(value, context)
    }
  }

  /// A value on one line where it fits, else one item a line.
  private func wrapped(_ value: Value, at indent: Int) throws -> String {
    let line = try short(value)
    if indent + line.unicodeScalars.count <= width, !line.contains("\n") { return line }
    let inner = String(repeating: " ", count: indent + 2)
    switch value {
    case .list(let list):
      let items = try list.prefix(Self.itemLimit).map { inner + (try wrapped($0, at: indent + 2)) }
      return lines(items, of: list.count, "(", ")", inner)
    case .record(let record):
      let items = try record.entries.prefix(Self.itemLimit).map { key, item in
        inner + Display.key(key) + ": " + (try wrapped(item, at: indent + 2))
      }
      return lines(items, of: record.values.count, "{", "}", inner)
    default: return line.replacing("\n", with: "\n" + String(repeating: " ", count: indent))
    }
  }

  private func lines(_ items: [String], of count: Int, _ open: String, _ close: String, _ inner: String) -> String {
    let rest = count > items.count ? ",\n\(inner)… \(count - items.count) more" : ""
    return "\(open)\n\(items.joined(separator: ",\n"))\(rest)\n\(inner.dropLast(2))\(close)"
  }

  /// A value inside another: larger tensors by their type only, and no more items than could be shown on a line.
  private func short(_ value: Value) throws -> String {
    try context.checkDepth("the value shown is")
    switch value {
    case .tensor(let tensor):
      return tensor.elementCount <= 8 && tensor.rank <= 1
        ? TensorFormatter.description(of: tensor, options) : tensor.typeDescription
    case .list(let list):
      guard list.count <= width else { return "\n" }
      let items = try list.map { try short($0) }
      return "(\(items.joined(separator: ", "))\(items.count == 1 ? ",)" : ")")"
    case .record(let record):
      guard record.values.count <= width else { return "\n" }
      let items = try record.entries.map { key, item in
        "\(Display.key(key)): \(try short(item))"
      }
      return "{\(items.joined(separator: ", "))}"
    case .model(let instance): return ModelDisplay.head(instance)
    default: return try Display.repr(value, context)
    }
  }
}

extension Interpreter {
  /// A value with its type, wrapped to a width.
  public func present(_ value: ScriptValue, width: Int) -> String {
    (try? inside { try Presentation(context: self.context, width: width).text(value.value) }) ?? "<\(value.typeName)>"
  }
}
