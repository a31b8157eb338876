import NNSTensor

extension Builtins {
  /// Tests.
  static let testing: [Builtin] = [
    Builtin(
      "assert", [.init("condition"), .init("message", .string, .nil)], "Fails where the condition is false.",
      examples: [("assert(1 + 1 == 2)\nprint(\"fine\")", "fine")], isMethod: false
    ) { a, c in
      if try a.truth(0, c) { return .nil }
      throw a[1].isNil ? Mistakes.assertion() : Failure(.assert, try a.string(1))
    },
    Builtin(
      "assert_close", [.init("a"), .init("b"), .init("tolerance", .number, .float(1e-5))],
      "Fails where numbers or tensors differ by more than `tolerance`, absolute plus relative; shapes must match.",
      examples: [("assert_close(0.1 + 0.2, 0.3)\nprint(\"fine\")", "fine")], isMethod: false
    ) { a, c in
      var place: [String] = []
      try Closeness.check(a[0], a[1], try a.double(2), &place, c)
      return .nil
    },
    Builtin(
      "assert_raises", [.init("body", .function)],
      "Runs a block, fails where it raises no error, and gives the error.",
      examples: [("let err = assert_raises { raise \"no\" }\nprint(err.message)", "no")], isMethod: false
    ) { a, c in
      do {
        _ = try c.call(a[0], [])
      } catch {
        guard let value = Raising.value(of: c.diagnose(error, at: .none), c) else { throw error }
        return value
      }
      throw Failure(.assert, "the block raised no error")
    },
  ]
}

/// Nearly equal numbers, tensors, and nests of them.
enum Closeness {
  /// - Parameter place: the way to what is compared, for the message.
  static func check(_ a: Value, _ b: Value, _ tolerance: Double, _ place: inout [String], _ c: Context) throws {
    try c.checkDepth("the values compared are")
    switch (a, b) {
    case (.list(let x), .list(let y)):
      guard x.count == y.count else {
        throw Failure(.assert, "\(place.joined())lists of \(x.count) and \(y.count) items differ in length")
      }
      for (index, pair) in zip(x, y).enumerated() {
        place.append("item \(index): ")
        try check(pair.0, pair.1, tolerance, &place, c)
        place.removeLast()
      }
    case (.record(let x), .record(let y)):
      guard Set(x.keys) == Set(y.keys) else { throw Failure(.assert, "\(place.joined())the records' keys differ") }
      for (key, value) in x.entries {
        place.append("\(key): ")
        try check(value, y[key] ?? .nil, tolerance, &place, c)
        place.removeLast()
      }
    default:
      guard let x = Conversions.tensorOrNumber(a), let y = Conversions.tensorOrNumber(b) else {
        if try Equality.equal(a, b, c) { return }
        throw Failure(.assert, "\(place.joined())\(a.summary) and \(b.summary) differ")
      }
      try check(x, y, tolerance, place.joined())
    }
  }

  private static func check(_ x: Tensor, _ y: Tensor, _ tolerance: Double, _ place: String) throws {
    guard x.shape == y.shape else {
      throw Failure(.assert, "\(place)the shapes differ: \(x.typeDescription) and \(y.typeDescription)")
    }
    if x.isMeta || y.isMeta { return }
    var worst: (index: Int, distance: Double)?
    for index in 0..<x.elementCount {
      let p = x.element(at: index).double
      let q = y.element(at: index).double
      if p == q || (p.isNaN && q.isNaN) { continue }
      let distance = (p - q).magnitude
      if distance.isFinite, distance <= tolerance + tolerance * q.magnitude { continue }
      if worst.map({ distance > $0.distance || distance.isNaN }) ?? true { worst = (index, distance) }
    }
    guard let worst else { return }
    let p = Display.float(x.element(at: worst.index).double)
    let q = Display.float(y.element(at: worst.index).double)
    let at = x.rank == 0 ? "" : " at element \(worst.index) of \(x.shape.description)"
    throw Failure(
      .assert,
      "\(place)\(p) and \(q) differ by \(Display.float(worst.distance))\(at), more than the tolerance \(Display.float(tolerance))"
    )
  }
}
