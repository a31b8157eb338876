extension Builtins {
  /// Lists.
  static let lists: [Builtin] = [
    // These change the place they are called on; here they are only named: see PlaceMethods.
    Builtin("push", [.init("xs", .list), .init("item")], "Adds an item at the end of the list in a `var`.") { a, _ in
      throw Failure(.type, "push changes the place it is called on", help: "call it as xs.push(item) on a var")
    },
    Builtin(
      "pop", [.init("xs", .list), .init("index", .int, .int(-1))],
      "Takes the last item, or the one at `index`, out of the list in a `var`, and gives it.",
      examples: [("var xs = (1, 2)\nprint(xs.pop(), xs)", "2 (1,)")]
    ) { a, _ in
      throw Failure(.type, "pop changes the place it is called on", help: "call it as xs.pop() on a var")
    },
    Builtin(
      "insert", [.init("xs", .list), .init("index", .int), .init("item")],
      "Puts an item before the one at `index` of the list in a `var`.",
      examples: [("var xs = (1, 3)\nxs.insert(1, 2)\nprint(xs)", "(1, 2, 3)")]
    ) { a, _ in
      throw Failure(
        .type, "insert changes the place it is called on", help: "call it as xs.insert(index, item) on a var")
    },
    Builtin(
      "remove", [.init("xs", .collection), .init("item")],
      "Takes the first item that equals `item` out of the list in a `var`, or a key out of the record.",
      examples: [("var r = {a: 1, b: 2}\nr.remove(\"a\")\nprint(r)", "{b: 2}")]
    ) { a, _ in
      throw Failure(.type, "remove changes the place it is called on", help: "call it as xs.remove(item) on a var")
    },
    Builtin(
      "index", [.init("xs", .list), .init("item")], "The position of the first item that equals `item`, or nil.",
      examples: [("print((5, 7).index(7), (5, 7).index(8))", "1 nil")]
    ) { a, c in
      for (position, item) in try a.list(0).enumerated() where try Equality.equal(item, a[1], c) {
        return .int(position)
      }
      return .nil
    },
    Builtin(
      "unique", [.init("xs", .list)], "The items without those that equal an earlier one.",
      examples: [("print((2, 1, 2).unique())", "(2, 1)")]
    ) { a, c in
      let kept = ListBox()
      for item in try a.list(0) where !(try kept.contains { try Equality.equal($0, item, c) }) {
        try kept.append(item, c)
      }
      return .list(kept)
    },
  ]

  /// Records.
  static let records: [Builtin] = [
    Builtin("keys", [.init("r", .record)], "A list of the keys.", examples: [("print({a: 1}.keys())", "(\"a\",)")]) {
      a, c in
      let keys = try a.record(0).keys
      try c.charge(items: 4 * keys.count)
      return .list(keys.map { .string($0) })
    },
    Builtin("values", [.init("r", .record)], "A list of the values.", examples: [("print({a: 1}.values())", "(1,)")]) {
      a, c in
      let record = try a.record(0)
      try c.charge(items: record.values.count)
      return .list(record.values)
    },
    Builtin(
      "items", [.init("r", .record)], "A list of (key, value) lists.",
      examples: [("print({a: 1}.items())", "((\"a\", 1),)")]
    ) { a, c in .list(try Iteration.items(of: .record(try a.record(0)), c)) },
    Builtin(
      "get", [.init("r", .record), .init("key", .string), .init("default", .any, .nil)],
      "The value of a key, or `default` where there is none.",
      examples: [("print({a: 1}.get(\"b\", 0))", "0")]
    ) { a, _ in try a.record(0)[try a.text(1)] ?? a[2] },
    Builtin(
      "has", [.init("r", .record), .init("key", .string)], "Whether there is such a key.",
      examples: [("print({a: 1}.has(\"a\"))", "true")]
    ) { a, _ in .bool(try a.record(0)[try a.text(1)] != nil) },
    Builtin(
      "merge", [.init("r", .record), .init("other", .record)], "A record with the entries of both; `other` wins.",
      examples: [("print({a: 1}.merge({b: 2}))", "{a: 1, b: 2}")]
    ) { a, c in
      // The values of the first are copied, and those of the second given with their keys.
      try c.charge(items: try a.record(0).values.count + 2 * a.record(1).values.count)
      let merged = try a.record(0).copy()
      for (key, value) in try a.record(1).entries { try merged.set(key, to: value, c) }
      return .record(merged)
    },
  ]
}
