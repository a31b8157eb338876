import NNSTensor

extension Builtins {
  /// What `summary` is made of.
  static let layers: [Builtin] = [
    Builtin(
      "_watch_layers", [.init("net", .model), .init("body", .function)],
      "Runs a block with tensors that have shapes only, and gives a record of the layers of a model that ran in it, and the error that ended it.",
      isMethod: false
    ) { a, c in
      let trace = LayerTrace(try a.model(0))
      let outer = (c.layerTrace, c.engine.computesShapesOnly)
      (c.layerTrace, c.engine.computesShapesOnly) = (trace, true)
      defer { (c.layerTrace, c.engine.computesShapesOnly) = outer }
      var ending = Value.nil
      do {
        _ = try c.call(a[1], [])
      } catch is UnknownShape {
        throw Mistakes.shapeNeedsData()
      } catch {
        guard let caught = Raising.value(of: error, c) else { throw error }
        ending = caught
      }
      return .record(RecordBox(entries: [(Text("rows"), .list(trace.values)), (Text("error"), ending)]))
    }
  ]
}
