import NNSSyntax
import NNSTensor

extension Builtins {
  /// Any value.
  static let values: [Builtin] = [
    Builtin(
      "len", [.init("x", .collection)], "The number of items; of a tensor the size of its first axis.",
      examples: [("print(len((1, 2, 3)))", "3"), ("print(len(\"héllo\"))", "5"), ("print(len(zeros(4, 2)))", "4")]
    ) { a, c in
      guard let count = try Iteration.count(a[0], c) else { throw a.wrong(0, "collection of known length") }
      return .int(count)
    },
    Builtin(
      "type", [.init("x")], "The name of the type of `x`.",
      examples: [("print(type(1), type([1.0]), type((1,)))", "int tensor list")], isMethod: false
    ) { a, _ in .string(a[0].typeName) },
    Builtin(
      "str", [.init("x")], "The value as `print` would show it.", examples: [("print(str(1.5) + \"!\")", "1.5!")],
      isMethod: false
    ) { a, c in
      if case .string = a[0] { return a[0] }
      return .string(try Display.text(a[0], c))
    },
    Builtin(
      "int", [.init("x")], "An int from a number (cut off towards zero), a bool, a string or a one-element tensor.",
      examples: [("print(int(\"42\"), int(-2.7), int(true))", "42 -2 1")], isMethod: false
    ) { a, _ in .int(try Numbers.int(a)) },
    Builtin(
      "float", [.init("x")], "A float from a number, a bool, a string or a one-element tensor.",
      examples: [("print(float(2), float(\"1e-3\"))", "2.0 0.001")], isMethod: false
    ) { a, _ in .float(try Numbers.float(a)) },
    Builtin(
      "bool", [.init("x")], "A bool from a bool, a one-element bool tensor, or the strings \"true\" and \"false\".",
      examples: [("print(bool(\"true\"))", "true")], isMethod: false
    ) { a, _ in
      switch a[0] {
      case .bool: return a[0]
      case .tensor(let tensor) where tensor.dtype == .bool && tensor.elementCount == 1:
        return .bool(try tensor.item().double != 0)
      case .string(let text):
        if text == "true" { return .bool(true) }
        if text == "false" { return .bool(false) }
        throw a.fault(0, .value, "\(Display.quoted(text.string)) is no bool")
      default: throw a.wrong(0, "bool")
      }
    },
    Builtin(
      "list", [.init("x", .tensor)], "The elements of a tensor as nested lists of numbers; of rank 0 the number.",
      examples: [("print([[1, 2], [3, 4]].list())", "((1, 2), (3, 4))")]
    ) { a, c in try Numbers.nested(try a.tensor(0), c) },
    Builtin(
      "list", [.init("x")], "A list of the items of anything that can be iterated over.",
      examples: [("print(list(0..3))", "(0, 1, 2)"), ("print(list(\"ab\"))", "(\"a\", \"b\")")], isMethod: false
    ) { a, c in .list(try Iteration.items(of: a[0], c)) },
    Builtin(
      "item", [.init("x", .tensor)], "The number or bool of a tensor of one element.",
      examples: [("print([2.5].item() + 1)", "3.5")]
    ) { a, _ in Value(try a.tensor(0).item()) },
    Builtin(
      "range", [.init("start", .int), .init("stop", .int, .nil), .init("step", .int, .int(1))],
      "The ints from `start` (0 where only one is given) up to but without `stop`.",
      examples: [("print(list(range(3)), list(range(10, 0, -4)))", "(0, 1, 2) (10, 6, 2)")], isMethod: false
    ) { a, c in
      var start = 0
      var stop = try a.int(0)
      if let given = try a.optionalInt(1) { (start, stop) = (stop, given) }
      let step = max(try a.int(2), -Int.max)
      if step == 1 { return .range(RangeBox(lower: start, upper: stop)) }
      guard step != 0 else { throw a.fault(2, .value, "the step may not be zero") }
      let (distance, overflow) = stop.subtractingReportingOverflow(start)
      guard !overflow, distance != .min else { throw a.fault(1, .arithmetic, "the range is too long") }
      // Of two distances with one sign, the quotient of those short of the end is one less than the count.
      var count = 0
      if distance != 0, (distance < 0) == (step < 0) {
        count = (step > 0 ? distance - 1 : distance + 1) / step + 1
      }
      return .list(try ListBox.ints(from: start, step: step, count: count, c))
    },
    Builtin(
      "copy", [.init("x")], "A copy; of a model, new objects all the way down.",
      examples: [("let a = Linear(2, 1)\nlet b = copy(a)\nprint(a == b)", "false")]
    ) { a, c in
      var copier = ModelCopier()
      return try copier.copy(a[0], c)
    },
    Builtin(
      "help", [.init("x", .any, .nil)], "Shows what a function, model or name is: its signature, doc and example.",
      isMethod: false
    ) { a, c in
      c.host.output(Help.text(a[0]) + "\n")
      return .nil
    },
    Builtin("source", [.init("f")], "The source text of a function or model of a script.", isMethod: false) { a, c in
      switch a[0] {
      case .closure(let closure): return .string(c.text(closure.code.literal.span))
      case .callable(let callable):
        if let type = callable as? ModelType { return .string(c.text(type.code.declaration.span)) }
        if let method = callable as? BoundMethod { return .string(c.text(method.method.literal.span)) }
        throw a.fault(0, .value, "\(callable.name) is built in and has no source in NNS")
      case .model(let instance): return .string(c.text(instance.type.code.declaration.span))
      default: throw a.wrong(0, "function")
      }
    },
    Builtin(
      "clock", [], "Seconds from a fixed but unknown moment; differences measure time.", isMethod: false
    ) { _, c in .float(c.host.clock()) },
    Builtin(
      "time", [.init("body", .function)], "Runs a block and gives a list of the seconds it took and its value.",
      examples: [("let (seconds, value) = time { 1 + 1 }\nprint(value)", "2")], isMethod: false
    ) { a, c in
      let start = c.host.clock()
      let value = try c.call(a[0], [])
      return .list([.float(c.host.clock() - start), value])
    },
    Builtin(
      "memory", [.init("body", .function)],
      "Runs a block and gives a list of the most bytes that tensors took up at one time, beyond those before, and its value.",
      examples: [("let (bytes, value) = memory { zeros(1000).shape }\nprint(bytes >= 4000, value)", "true (1000,)")],
      isMethod: false
    ) { a, c in
      let budget = c.engine.budget
      let (before, peak) = (budget.bytesInUse, budget.peakBytes)
      budget.resetPeak()
      defer { budget.raisePeak(to: peak) }
      let value = try c.call(a[0], [])
      return .list([.int(budget.peakBytes - before), value])
    },
    Builtin(
      "input", [.init("prompt", .string, .string(""))], "A line from the user, or nil at the end.", isMethod: false
    ) { a, c in
      let line = c.host.input(try a.string(0))
      // An interrupt ends the waiting too.
      try c.engine.budget.check()
      return line.map { .string($0) } ?? .nil
    },
    Builtin(
      "exit", [.init("code", .int, .int(0))], "Ends the script with an exit code from 0 to 255.", isMethod: false
    ) { a, _ in
      let code = try a.int(0)
      guard (0...255).contains(code) else { throw a.fault(0, .value, "the code must be 0 to 255, found \(code)") }
      throw Stop(Diagnostic(.interrupt, "exit(\(code))", at: .none), exitCode: Int32(code))
    },
    // Each module has its own: see NameTable.
    Builtin("is_main", [], "Whether this is the file that `nns` runs.", isMethod: false) { _, _ in .bool(false) },
  ]

  /// Numbers.
  static let numbers: [Builtin] = [
    Builtin(
      "abs", [.init("x", .int)], "The magnitude.", examples: [("print(abs(-3), abs(-1.5))", "3 1.5")]
    ) { a, _ in
      let number = try a.int(0)
      guard number != .min else {
        throw a.fault(0, .arithmetic, "int overflow: the magnitude of \(number) is beyond 64 bits")
      }
      return .int(abs(number))
    },
    Builtin(
      "round", [.init("x", .number), .init("digits", .int, .nil)],
      "The nearest int, halves to even; with `digits` a number with so many decimals. Fewer than 0 round to tens and so on.",
      examples: [("print(round(2.5), round(3.14159, 2), round(1234, -2))", "2 3.14 1200")]
    ) { a, _ in try Numbers.round(a) },
    Builtin(
      "max", [.init("items", .number, isRest: true)], "The largest of several numbers.",
      examples: [("print(max(1, 2.5, 2))", "2.5")]
    ) { a, c in try Numbers.extreme(try a.list(0), "max", c) { $0 > 0 } },
    Builtin(
      "min", [.init("items", .number, isRest: true)], "The smallest of several numbers.",
      examples: [("print(min(3, 1, 2))", "1")]
    ) { a, c in try Numbers.extreme(try a.list(0), "min", c) { $0 < 0 } },
    Builtin(
      "max", [.init("items", .string, isRest: true)], "The last of several strings, in the order of `<`.",
      examples: [("print(max(\"pear\", \"apple\"))", "pear")]
    ) { a, c in try Numbers.extreme(try a.list(0), "max", c) { $0 > 0 } },
    Builtin(
      "min", [.init("items", .string, isRest: true)], "The first of several strings, in the order of `<`.",
      examples: [("print(min(\"pear\", \"apple\"))", "apple")]
    ) { a, c in try Numbers.extreme(try a.list(0), "min", c) { $0 < 0 } },
    Builtin(
      "max", [.init("items", .sequence)], "The largest item of a list or range.",
      examples: [("print(max((1, 5, 2)))", "5")]
    ) { a, c in try Numbers.extreme(try Iteration.items(of: a[0], c), "max", c) { $0 > 0 } },
    Builtin(
      "min", [.init("items", .sequence)], "The smallest item of a list or range.",
      examples: [("print(min((4, 1)))", "1")]
    ) { a, c in try Numbers.extreme(try Iteration.items(of: a[0], c), "min", c) { $0 < 0 } },
    Builtin(
      "sum", [.init("items", .sequence)], "The sum of the items of a list or range; 0 of none. Bools count as ints.",
      examples: [("print(sum((1, 2, 3)), sum(0..5))", "6 10")]
    ) { a, c in
      try Numbers.sum(try Iteration.items(of: a[0], c), a, c)
    },
  ]

  /// Output.
  static let printing: [Builtin] = [
    Builtin(
      "print",
      [
        .init("items", .any, isRest: true), .init("sep", .string, .string(" ")), .init("end", .string, .string("\n")),
      ],
      "Writes values, with `sep` between them and `end` after the last.",
      examples: [("print(1, \"a\", sep: \"-\", end: \"!\\n\")", "1-a!")], isMethod: false
    ) { a, c in
      let separator = try a.string(1)
      var text = ""
      for (index, item) in try a.list(0).enumerated() {
        if index > 0 { text += separator }
        text += try Display.text(item, c)
      }
      c.host.output(text + (try a.string(2)))
      return .nil
    }
  ]
}

/// Numbers from other values.
enum Numbers {
  static func int(_ a: BoundArguments) throws -> Int {
    switch a[0] {
    case .int(let number): return number
    case .bool(let flag): return flag ? 1 : 0
    case .float(let number): return try cut(number, a)
    case .string(let value):
      let text = value.trimmed.string
      guard let digits = digits(text) else { throw a.fault(0, .value, "\(Display.quoted(value.string)) is not an int") }
      guard let number = Int(digits) else {
        throw a.fault(0, .value, "\(Display.quoted(text)) does not fit into an int")
      }
      return number
    case .tensor(let tensor):
      switch try tensor.item() {
      case .int(let number): return number
      case .bool(let flag): return flag ? 1 : 0
      case .float(let number): return try cut(number, a)
      }
    default: throw a.wrong(0, "number, bool or string")
    }
  }

  /// An int as it is written, without underscores between digits; `nil` for anything else.
  private static func digits(_ text: String) -> String? {
    let unsigned = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
    let groups = unsigned.split(separator: "_", omittingEmptySubsequences: false)
    guard groups.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }) else { return nil }
    return text.filter { $0 != "_" }
  }

  private static func cut(_ number: Double, _ a: BoundArguments) throws -> Int {
    guard let whole = Int(exactly: number.rounded(.towardZero)) else {
      throw a.fault(0, .arithmetic, "\(Display.float(number)) does not fit into an int")
    }
    return whole
  }

  static func float(_ a: BoundArguments) throws -> Double {
    switch a[0] {
    case .int(let number): return Double(number)
    case .float(let number): return number
    case .bool(let flag): return flag ? 1 : 0
    case .string(let value):
      // Swift reads hexadecimal floats too.
      let text = value.trimmed.string
      guard let number = text.lowercased().contains("x") ? nil : Double(text) else {
        throw a.fault(0, .value, "\(Display.quoted(value.string)) is no float")
      }
      return number
    case .tensor(let tensor): return try tensor.item().double
    default: throw a.wrong(0, "number, bool or string")
    }
  }

  static func round(_ a: BoundArguments) throws -> Value {
    guard let digits = try a.optionalInt(1) else {
      if case .int = a[0] { return a[0] }
      let number = try a.double(0).rounded(.toNearestOrEven)
      guard let whole = Int(exactly: number) else {
        throw a.fault(0, .arithmetic, "\(Display.float(number)) does not fit into an int")
      }
      return .int(whole)
    }
    guard (-400...400).contains(digits) else {
      throw a.fault(1, .value, "digits must be -400 to 400, found \(digits)")
    }
    if case .int(let number) = a[0] {
      guard let rounded = Rounding.int(number, digits: digits) else {
        throw a.fault(0, .arithmetic, "int overflow: \(number) rounded to \(digits) digits is beyond 64 bits")
      }
      return .int(rounded)
    }
    let number = try a.double(0)
    if !number.isFinite || number == 0 { return .float(number) }
    if digits < 0 { return .float(Rounding.float(number, digits: digits)) }
    return .float(Double(Decimals.fixed(number, digits)) ?? .nan)
  }

  static func sum(_ items: ListBox, _ a: BoundArguments, _ c: Context) throws -> Value {
    var total = Value.int(0)
    for (index, item) in items.enumerated() {
      try c.tick(at: .none)
      var item = item
      switch item {
      case .bool(let flag): item = .int(flag ? 1 : 0)
      case .int, .float, .tensor, .object, .model: break
      case .string: throw a.fault(0, .type, summand(index, item), help: "strings are joined with join(items)")
      default: throw a.fault(0, .type, summand(index, item))
      }
      // What is added to may be a gradient, which no number is added to.
      total = index == 0 ? item : try Operators.binary(.add, total, item, c)
    }
    return total
  }

  private static func summand(_ index: Int, _ item: Value) -> String {
    "item \(index) must be a number or tensor, found \(item.summary)"
  }

  static func extreme(_ items: ListBox, _ name: String, _ c: Context, _ better: (Int) -> Bool) throws -> Value {
    guard var best = items.first else { throw Failure(.value, "\(name): there are no items", argument: 0) }
    for item in items.dropFirst() {
      guard let order = try Equality.order(item, best, c, nansLast: true) else {
        throw Failure(.type, "\(name): \(item.summary) and \(best.summary) have no order")
      }
      // As in tensors, the extreme of what holds nan is nan.
      if isNaN(item) || !isNaN(best) && better(order) { best = item }
    }
    return best
  }

  private static func isNaN(_ value: Value) -> Bool {
    switch value {
    case .float(let number): number.isNaN
    case .tensor(let tensor): tensor.rank == 0 && (try? tensor.item())?.double.isNaN ?? false
    default: false
    }
  }

  /// A tensor's elements as nested lists.
  static func nested(_ tensor: Tensor, _ c: Context) throws -> Value {
    // Of each level, also where a later axis is empty.
    var (items, level) = (1, 1)
    for size in tensor.shape {
      level *= Swift.max(size, 1)
      items += level
    }
    try c.charge(bytes: Swift.min(items, Int.max / 16) * 16)
    var (position, made) = (0, 0)
    func nest(_ axis: Int) throws -> Value {
      made += 1
      if made & 0xffff == 0 { try c.engine.budget.check() }
      if axis == tensor.rank {
        defer { position += 1 }
        return Value(tensor.element(at: position))
      }
      return .list(try (0..<tensor.shape[axis]).map { _ in try nest(axis + 1) })
    }
    return try nest(0)
  }
}
