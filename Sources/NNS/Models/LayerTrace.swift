import NNSTensor

/// The layers of a model that run, in the order of their first calls, with what each of them gives and costs.
final class LayerTrace {
  /// A layer within the one that calls it; of several calls all together.
  private struct Row {
    let instance: ModelInstance
    let parent: Int?
    let path: String
    let depth: Int
    let parameters: Int
    var calls = 0
    /// The type of what the last call gave; `nil` where it failed.
    var output: String?
    var effort = Effort()
  }

  private let root: ModelInstance
  private var rows: [Row] = []
  /// The rows of the calls that are under way, outermost first.
  private var open: [Int] = []

  init(_ root: ModelInstance) { self.root = root }

  /// Runs a method, and takes note of it where it is what calling the model calls.
  func watch(
    _ instance: ModelInstance, _ method: FunctionCode, _ c: Context, _ body: () throws -> Value
  ) throws -> Value {
    guard method === instance.type.forward else { return try body() }
    let index = try row(of: instance, c)
    open.append(index)
    let before = c.engine.effort
    defer {
      open.removeLast()
      rows[index].calls += 1
      rows[index].effort += c.engine.effort - before
    }
    rows[index].output = nil
    let value = try body()
    rows[index].output = Self.type(of: value)
    return value
  }

  private func row(of instance: ModelInstance, _ c: Context) throws -> Int {
    let parent = open.last
    if let index = rows.firstIndex(where: { $0.instance === instance && $0.parent == parent }) { return index }
    let isKnown = rows.contains { $0.instance === instance }
    let parameters = try ParameterTree(.model(instance), c).parameters.reduce(0) { $0 + $1.tensor.elementCount }
    rows.append(
      Row(
        instance: instance, parent: parent,
        path: instance === root ? "" : ModelDisplay.path(of: instance, in: root) ?? instance.type.name,
        depth: open.count, parameters: isKnown ? 0 : parameters))
    return rows.count - 1
  }

  private static func type(of value: Value) -> String {
    switch value {
    case .tensor(let tensor): tensor.typeDescription
    case .list(let list): "(\(list.prefix(4).map(type).joined(separator: ", "))\(list.count > 4 ? ", …" : ""))"
    default: value.summary
    }
  }

  /// The rows as records.
  var values: [Value] {
    rows.map { row in
      .record(
        RecordBox(
          entries: [
            ("path", .string(row.path)), ("layer", .string(ModelDisplay.head(row.instance))),
            ("depth", .int(row.depth)),
            ("output", row.output.map { .string($0) } ?? .nil), ("calls", .int(row.calls)),
            ("parameters", .int(row.parameters)), ("multiply_adds", .int(row.effort.multiplyAdds)),
            ("bytes", .int(row.effort.bytes)),
          ].map { (Text($0.0), $0.1) }))
    }
  }
}
