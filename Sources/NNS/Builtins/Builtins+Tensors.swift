import NNSTensor

extension Builtins {
  /// Tensors from other values, and how they are shown.
  static let tensors: [Builtin] = [
    Builtin(
      "tensor", [.init("x"), .init("dtype", .string, .nil)],
      "A tensor of a number, a bool, a range, or lists in lists of such and of tensors, all rows of one length. Ints give i64, floats f32, bools bool; with `dtype` every element is converted, and one that does not fit is an error.",
      examples: [
        ("print(tensor(((1, 2), (3, 4))))", "[[1, 2],\n [3, 4]]"),
        ("print(tensor(0..3, dtype: \"f64\"), tensor(2.5).shape)", "[0.0, 1.0, 2.0] ()"),
      ], isMethod: false
    ) { a, c in
      var dtype: DType?
      if case .string(let text) = a[1] {
        dtype = DType(name: text.string)
        if dtype == nil { throw Mistakes.unknownDType(text.string, argument: a.given.position(of: 1, "dtype")) }
      }
      return .tensor(try NestedTensor.make(a[0], dtype, a, c))
    },
    Builtin(
      "print_options",
      [
        .init("precision", .int, .nil), .init("threshold", .int, .nil), .init("edgeitems", .int, .nil),
        .init("linewidth", .int, .nil), .init("sci_mode", .any, .nil), .init("body", .function, .nil),
      ],
      "How tensors are printed from here on, or in a block: the most decimals (4), the number of elements beyond which only `edgeitems` (3) at each edge are shown (1000), the characters of a line (80), and whether floats have exponents: true, false, or \"auto\" where their range asks for it. What is not given stays as it is. Gives what holds now, or the block's value.",
      examples: [
        ("print_options(precision: 8)\nprint([1 / 3, 0.5])", "[0.33333334, 0.50000000]"),
        ("print_options(precision: 2) { print([1 / 3]) }\nprint([1 / 3])", "[0.33]\n[0.3333]"),
      ], isMethod: false
    ) { a, c in
      let before = c.printOptions
      c.printOptions = try PrintSettings.options(a, before)
      guard a[5].isNil else {
        defer { c.printOptions = before }
        return try c.call(a[5], [])
      }
      return PrintSettings.record(c.printOptions)
    },
  ]
}

/// Print options as a script gives and gets them.
private enum PrintSettings {
  static func options(_ a: BoundArguments, _ before: PrintOptions) throws -> PrintOptions {
    var options = before
    func set(_ index: Int, _ range: ClosedRange<Int>, _ path: WritableKeyPath<PrintOptions, Int>) throws {
      guard let number = try a.optionalInt(index) else { return }
      guard range.contains(number) else {
        let bound =
          range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        throw a.fault(index, .value, "\(a.row.parameters[index].name) must be \(bound), found \(number)")
      }
      options[keyPath: path] = number
    }
    try set(0, PrintOptions.precisions, \.precision)
    try set(1, 0...Int.max, \.threshold)
    try set(2, 1...Int.max / 4, \.edgeItems)
    try set(3, 1...Int.max, \.lineWidth)
    switch a[4] {
    case .nil: break
    case .bool(let flag): options.isScientific = flag
    case .string(let text) where text == "auto": options.isScientific = nil
    default: throw a.wrong(4, "bool or \"auto\"")
    }
    return options
  }

  static func record(_ options: PrintOptions) -> Value {
    .record(
      RecordBox(entries: [
        ("precision", .int(options.precision)), ("threshold", .int(options.threshold)),
        ("edgeitems", .int(options.edgeItems)), ("linewidth", .int(options.lineWidth)),
        ("sci_mode", options.isScientific.map { .bool($0) } ?? .string("auto")),
      ]))
  }
}
