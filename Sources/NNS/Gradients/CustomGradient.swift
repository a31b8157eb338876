import NNSTensor

/// `custom_gradient(f, rule)`: a function with a gradient rule of the script's own.
enum CustomGradient {
  static func call(_ f: Value, _ rule: Value, _ arguments: Arguments, _ c: Context) throws -> Value {
    guard c.engine.isRecording else { return try c.call(f, arguments) }
    let count = arguments.positional.count
    let given = count == 1 ? arguments.positional[0] : .list(arguments.positional)
    let inputs = try Nest(given, .arguments, c)
    // What f does is for the rule to tell.
    let value = try c.engine.unrecorded {
      var inner = arguments
      inner.positional = try arguments.positional.map { try Differentiation.plain($0, c) }
      return try c.call(f, inner)
    }
    let outputs = try Nest(value, .outputs("custom_gradient"), c)
    let tied = try c.engine.attach(outputs.tensors, to: inputs.tensors) { [unowned c] values, upstream in
      do {
        let list = Value.list(try arguments.positional.map { try Differentiation.plain($0, c) })
        let gradient = try c.call(rule, [list, try outputs.rebuilt(values, c), try outputs.rebuilt(upstream, c)])
        if count != 1 {
          guard case .list(let list) = gradient, list.count == count else {
            throw Mistakes.ruleValue(count, gradient)
          }
        }
        return try inputs.matched(by: gradient, what: "custom_gradient: the rule's gradient", c)
      } catch {
        throw c.diagnose(error, at: values.first.flatMap { c.place(of: $0) } ?? .none)
      }
    }
    return try outputs.rebuilt(tied, c)
  }
}
