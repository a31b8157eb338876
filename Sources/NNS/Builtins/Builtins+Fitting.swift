import NNSTensor

extension Builtins {
  /// What `fit` is made of.
  static let fitting: [Builtin] = [
    Builtin(
      "_uninterrupted", [.init("body", .function)],
      "Runs a block that ends by itself once `_is_interrupted()`; the interrupt takes effect behind it.",
      isMethod: false
    ) { a, c in
      let value = try c.engine.budget.deferringCancellation { try c.call(a[0], []) }
      try c.engine.budget.check()
      return value
    },
    Builtin("_is_interrupted", [], "Whether the run was asked to stop.", isMethod: false) { _, c in
      .bool(c.engine.budget.isCancelled)
    },
    Builtin("_progress", [.init("text", .string)], "Tells the progress of long work.", isMethod: false) { a, c in
      c.host.progress(try a.string(0))
      return .nil
    },
    Builtin(
      "_progress_width", [], "Columns of the terminal that progress goes to; nil where it is none.", isMethod: false
    ) { _, c in c.host.progressWidth().map { .int($0) } ?? .nil },
    Builtin("_generator", [], "Where the random numbers stand, i64[2].", isMethod: false) { _, c in
      let words = c.engine.randomState.words
      return .tensor(
        try c.engine.tensor([Int(bitPattern: UInt(words.key)), Int(bitPattern: UInt(words.counter))], [2]))
    },
    Builtin("_set_generator", [.init("state", .tensor)], "Puts the random numbers there again.", isMethod: false) {
      a, c in
      let words = try a.tensor(0).ints()
      guard words.count == 2 else { throw a.wrong(0, "tensor that _generator() gave") }
      c.engine.randomState = RandomState(
        key: UInt64(UInt(bitPattern: words[0])), counter: UInt64(UInt(bitPattern: words[1])))
      return .nil
    },
    Builtin(
      "_slice",
      [.init("data"), .init("start", .int), .init("stop", .int), .init("order", .tensor, .nil)],
      "A batch: a slice along the first axis of every tensor in the data, or of the rows that `order` says.",
      isMethod: false
    ) { a, c in
      let (start, stop) = (try a.int(1), try a.int(2))
      guard start >= 0, stop >= start else { throw a.wrong(2, "a position behind the start") }
      return try Batches.slice(a[0], start..<stop, a[3].isNil ? nil : try a.tensor(3), c)
    },
    Builtin(
      "_take_over", [.init("net", .model), .init("other", .model)],
      "Gives a model the parameters and state of another of the same kind.", isMethod: false
    ) { a, c in
      let (tree, other) = try ModelArguments.twins(a, c)
      for (ref, source) in zip(tree.parameters, other.parameters) { ref.set(source.tensor) }
      tree.takeState(of: other)
      return .nil
    },
    Builtin("_name_of", [.init("f", .function)], "What a function or model is called; empty where it has no name.") {
      a, _ in
      switch a[0] {
      case .closure(let closure): .string(closure.code.name)
      case .callable(let callable): .string(callable.name)
      default: .string(a[0].typeName)
      }
    },
    Builtin("_is_optimizer", [.init("x")], "Whether it is an optimizer.", isMethod: false) { a, _ in
      if case .object(let object) = a[0] { return .bool(object is Optimizer) }
      return .bool(false)
    },
    Builtin(
      "_unreached", [.init("optimizer")],
      "The names of the parameters that an optimizer trains and that had no gradient but zeros in its first steps.",
      isMethod: false
    ) { a, _ in
      guard case .object(let object) = a[0], let optimizer = object as? Optimizer else { throw a.wrong(0, "optimizer") }
      return .list(optimizer.reached.missing.map { .string($0) })
    },
    Builtin("_has_method", [.init("x"), .init("name", .string)], "Whether it is a model with a method of a name.") {
      a, _ in
      guard case .model(let instance) = a[0] else { return .bool(false) }
      return .bool(instance.type.methods[try a.string(1)] != nil)
    },
  ]
}
