import NNSTensor

extension Builtins {
  /// Functions over items.
  static let functional: [Builtin] = [
    Builtin(
      "enumerate", [.init("items"), .init("start", .int, .int(0))],
      "Lists of a count and an item, for each item.",
      examples: [("for (i, x) in enumerate((\"a\", \"b\")) { print(i, x) }", "0 a\n1 b")]
    ) { a, c in
      try Iteration.check(a[0], c)
      return .object(
        Iterable(
          "enumerate", captured: [a[0], a[1]], count: { try Iteration.count($0[0], $1) },
          { captured, c in
            let inner = try Iteration.iterator(over: captured[0], c)
            var next = Conversions.int(captured[1])
            return FunctionIterator { c in
              guard let item = try inner.next(c) else { return nil }
              guard let number = next else {
                throw Failure(.arithmetic, "int overflow: enumerate counts beyond the largest int")
              }
              let (following, overflow) = number.addingReportingOverflow(1)
              next = overflow ? nil : following
              return .list([.int(number), item])
            }
          }))
    },
    Builtin(
      "zip", [.init("items", .any, isRest: true)], "Lists of one item of each, until the shortest ends.",
      examples: [("print(list(zip((1, 2, 3), (\"a\", \"b\"))))", "((1, \"a\"), (2, \"b\"))")]
    ) { a, c in
      for item in try a.list(0) { try Iteration.check(item, c) }
      return .object(
        Iterable(
          "zip", captured: Array(try a.list(0)),
          count: { captured, c in
            try captured.map { try Iteration.count($0, c) }.reduce(nil as Int??) { shortest, count in
              guard let shortest else { return count }
              guard let a = shortest, let b = count else { return .some(nil) }
              return min(a, b)
            } ?? 0
          },
          { captured, c in
            let inner = try captured.map { try Iteration.iterator(over: $0, c) }
            return FunctionIterator { c in
              var row: [Value] = []
              for iterator in inner {
                guard let item = try iterator.next(c) else { return nil }
                row.append(item)
              }
              return row.isEmpty ? nil : .list(row)
            }
          }))
    },
    Builtin(
      "repeat", [.init("n", .int), .init("body", .function)], "A list of what a block gives, run `n` times.",
      examples: [("var n = 0\nprint(repeat(3) { n += 1; n })", "(1, 2, 3)")], isMethod: false
    ) { a, c in
      let count = try a.int(0)
      guard count >= 0 else { throw a.fault(0, .value, "the count must not be negative, found \(count)") }
      let items = ListBox()
      let body = Caller(a[1], count: 0, c)
      for _ in 0..<count {
        try c.tick(at: .none)
        try items.append(try body.call(c), c)
      }
      return .list(items)
    },
    Builtin(
      "map", [.init("items", .iterable), .init("f", .function)], "A list of what `f` gives for each item.",
      examples: [("print((1, 2).map(fn(x) = x * 10))", "(10, 20)")]
    ) { a, c in
      let f = Caller(a[1], count: 1, c)
      let mapped = ListBox()
      for item in try Iteration.items(of: a[0], c) {
        try c.tick(at: .none)
        try mapped.append(try f.call(item, c), c)
      }
      return .list(mapped)
    },
    Builtin(
      "filter", [.init("items", .iterable), .init("f", .function)], "A list of the items for which `f` gives true.",
      examples: [("print((1, 2, 3).filter(fn(x) = x > 1))", "(2, 3)")]
    ) { a, c in
      let f = Caller(a[1], count: 1, c)
      let kept = ListBox()
      for item in try Iteration.items(of: a[0], c) {
        try c.tick(at: .none)
        if try c.truth(try f.call(item, c), at: .none) { try kept.append(item, c) }
      }
      return .list(kept)
    },
    Builtin(
      "reduce", [.init("items", .iterable), .init("f", .function), .init("initial", .any, .nil)],
      "Joins all items by `f(result, item)`, from `initial` or the first item on.",
      examples: [("print((1, 2, 3).reduce(fn(a, b) = a * b))", "6")]
    ) { a, c in
      var items = try Iteration.items(of: a[0], c)[...]
      var result = a[2]
      if result.isNil {
        guard let first = items.popFirst() else { throw a.fault(0, .value, "there are no items and no initial value") }
        result = first
      }
      let f = Caller(a[1], count: 2, c)
      for item in items {
        try c.tick(at: .none)
        result = try f.call(result, item, c)
      }
      return result
    },
    Builtin(
      "sorted", [.init("items", .iterable), .init("key", .function, .nil), .init("descending", .bool, .bool(false))],
      "The items in order, equal ones as they stood; by `key(item)` where it is given. nan counts as the largest number.",
      examples: [
        ("print((3, 1, 2).sorted())", "(1, 2, 3)"),
        ("print((\"bb\", \"a\").sorted(key: fn(s) = len(s)))", "(\"a\", \"bb\")"),
      ]
    ) { a, c in try Sorting.sorted(a, c) },
    Builtin(
      "reversed", [.init("items", .iterable)], "The items from the last to the first.",
      examples: [("print((1, 2, 3).reversed())", "(3, 2, 1)")]
    ) { a, c in
      let items = try Iteration.items(of: a[0], c)
      try c.charge(items: items.count)
      return .list(items.reversed())
    },
    Builtin(
      "any", [.init("items", .sequence)], "Whether an item is true.",
      examples: [("print(any((false, true)))", "true")]
    ) { a, c in .bool(try Iteration.items(of: a[0], c).contains { try c.truth($0, at: .none) }) },
    Builtin(
      "all", [.init("items", .sequence)], "Whether every item is true.",
      examples: [("print(all((true, true)))", "true")]
    ) { a, c in .bool(try Iteration.items(of: a[0], c).allSatisfy { try c.truth($0, at: .none) }) },
  ]
}

/// Stable sorting by values or keys.
enum Sorting {
  static func sorted(_ a: BoundArguments, _ c: Context) throws -> Value {
    let items = try Iteration.items(of: a[0], c)
    // The result, and what is sorted on the way there.
    try c.charge(items: 2 * items.count)
    let isDescending = try a.bool(2)
    if a[1].isNil, let ints = allInts(items) {
      let sorted = isDescending ? ints.sorted(by: >) : ints.sorted()
      return .list(sorted.lazy.map { .int($0) })
    }
    if a[1].isNil, let floats = allFloats(items) {
      let sorted = isDescending ? floats.sorted(by: >) : floats.sorted()
      return .list(sorted.lazy.map { .float($0) })
    }
    var keys = items
    if !a[1].isNil {
      let key = Caller(a[1], count: 1, c)
      keys = ListBox(
        try items.map {
          try c.tick(at: .none)
          return try key.call($0, c)
        })
    }
    let order = try keys.indices.sorted { i, j in
      try c.tick(at: .none)
      guard let order = try Equality.order(keys[i], keys[j], c, nansLast: true) else {
        throw Failure(.type, "sorted: \(keys[i].summary) and \(keys[j].summary) have no order", argument: 0)
      }
      return order == 0 ? i < j : isDescending ? order > 0 : order < 0
    }
    return .list(order.lazy.map { items[$0] })
  }

  private static func allInts(_ items: ListBox) -> [Int]? {
    var ints: [Int] = []
    ints.reserveCapacity(items.count)
    for item in items {
      guard case .int(let number) = item else { return nil }
      ints.append(number)
    }
    return ints
  }

  /// Floats without nan, which no order of floats has a place for.
  private static func allFloats(_ items: ListBox) -> [Double]? {
    var floats: [Double] = []
    floats.reserveCapacity(items.count)
    for item in items {
      guard case .float(let number) = item, !number.isNaN else { return nil }
      floats.append(number)
    }
    return floats
  }
}
