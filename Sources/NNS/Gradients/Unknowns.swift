import NNSTensor

/// What is differentiated by, made unknown: tensors and floats in any nest of lists and records, and models.
struct Unknowns {
  let nest: Nest
  /// The nest's tensors as unknowns.
  let leaves: [Tensor]

  /// Makes the unknowns of one differentiation.
  init(_ value: Value, _ level: Level, what: String, _ c: Context) throws {
    nest = try Nest(value, .unknowns(what), c)
    if nest.tensors.isEmpty {
      throw nest.instances.isEmpty ? Mistakes.nothingToDifferentiate(what, value) : Mistakes.noParameters(what)
    }
    leaves = try nest.tensors.map { try c.engine.leaf($0, level) }
  }

  /// The value with unknowns for its tensors.
  func argument(_ c: Context) throws -> Value { try nest.argument(leaves, c) }

  /// Runs something while the models hold the unknowns and count as being differentiated.
  func installed<Result>(_ c: Context, _ body: () throws -> Result) rethrows -> Result {
    let before = nest.refs.map(\.tensor)
    for (ref, leaf) in zip(nest.refs, leaves) { ref.set(leaf) }
    for instance in nest.instances { instance.differentiations += 1 }
    c.differentiations += 1
    defer {
      for (ref, tensor) in zip(nest.refs, before) { ref.set(tensor) }
      for instance in nest.instances { instance.differentiations -= 1 }
      c.differentiations -= 1
    }
    return try body()
  }
}
