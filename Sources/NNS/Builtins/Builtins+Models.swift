import NNSTensor

extension Builtins {
  /// Models.
  static let models: [Builtin] = [
    Builtin(
      "parameters", [.init("net")],
      "A list of (name, tensor) of all that is trained in a model, or list or record of models; or of their gradient.",
      examples: [("for (name, p) in parameters(Linear(3, 2)) { print(name, p.shape) }", "weight (2, 3)\nbias (2,)")]
    ) { a, c in
      if case .object(let object) = a[0], let gradient = object as? GradientBox {
        return .list(zip(gradient.refs, gradient.values).map { .list([.string($0.name), $1]) })
      }
      let tree = try ModelArguments.tree(a, c)
      return .list(tree.parameters.map { .list([.string($0.name), .tensor($0.tensor)]) })
    },
    Builtin(
      "count_parameters", [.init("net")], "The number of trained numbers.",
      examples: [("print(count_parameters(Linear(3, 2)))", "8")]
    ) { a, c in
      .int(try ModelArguments.tree(a, c).parameters.reduce(0) { $0 + $1.tensor.elementCount })
    },
    Builtin(
      "save", [.init("net"), .init("path", .string)],
      "Writes a model's parameters and state, or an optimizer's state, as a safetensors file; a tokenizer as tokenizer.json.",
      isMethod: false
    ) { a, c in
      if case .object(let object) = a[0], let tokenizer = (object as? TokenizerObject)?.tokenizer {
        try FileOperations.write(tokenizer.file, to: try a.string(1), c)
        return .nil
      }
      if case .object(let object) = a[0], let tokenizer = object as? CharTokenizerObject {
        let path = try a.string(1)
        try FileOperations.write(try FileOperations.parsing(path) { try tokenizer.vocabulary.file }, to: path, c)
        return .nil
      }
      if case .object(let object) = a[0], let optimizer = object as? Optimizer {
        try FileOperations.save(try optimizer.savedState(c), to: try a.string(1), c)
        return .nil
      }
      let tensors = try StateDict.tensors(of: try ModelArguments.tree(a, c), c)
      try FileOperations.save(tensors, to: try a.string(1), c)
      return .nil
    },
    Builtin(
      "load", [.init("net"), .init("path", .string), .init("strict", .bool, .bool(true))],
      "Reads what `save` wrote, by name; all missing, unexpected and misshapen names are reported at once. `strict: false` allows missing ones.",
      isMethod: false
    ) { a, c in
      let path = try a.string(1)
      let tensors = try FileOperations.tensors(path, c)
      if case .object(let object) = a[0], let optimizer = object as? Optimizer {
        try optimizer.restoring(Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 }), c)()
        return .nil
      }
      let isStrict = try a.bool(2)
      let changes = try StateDict.loading(
        tensors, into: try ModelArguments.tree(a, c), path: path, isStrict: isStrict,
        advice: isStrict ? "strict: false leaves what is missing as it is" : nil, c)
      for change in changes { change() }
      return .nil
    },
    Builtin(
      "is_training", [],
      "Inside a model's method: whether a differentiation by that model is under way; elsewhere whether any is.",
      isMethod: false
    ) { _, c in .bool(c.isTraining) },
    Builtin(
      "training", [.init("on", .bool), .init("body", .function)], "Runs a block in which `is_training()` is `on`.",
      examples: [("print(training(true) { is_training() })", "true")], isMethod: false
    ) { a, c in
      let outer = c.trainingOverride
      c.trainingOverride = try a.bool(0)
      defer { c.trainingOverride = outer }
      return try c.call(a[1], [])
    },
    Builtin(
      "dropout", [.init("x", .tensor), .init("p", .number, .float(0.5))],
      "While training, zeros each element with probability `p` and scales the others by 1 / (1 - p); else `x`."
    ) { a, c in
      let p = try a.double(1)
      guard p >= 0, p <= 1 else { throw a.fault(1, .value, "p must be 0 to 1, found \(Display.float(p))") }
      guard c.isTraining, p > 0 else { return a[0] }
      return .tensor(try c.engine.apply(Ops.dropout, TensorList(try a.tensor(0)), [.float(p)]).first)
    },
  ]

  /// Training.
  static let training: [Builtin] = [
    Builtin(
      "batches",
      [
        .init("data"), .init("size", .int), .init("shuffle", .bool, .bool(false)),
        .init("drop_last", .bool, .bool(false)),
      ],
      "Slices of up to `size` along the first axis of a tensor, or of every tensor in a list or record; the last may be short.",
      examples: [("for b in batches(arange(5), 2) { print(b) }", "[0, 1]\n[2, 3]\n[4]")]
    ) { a, c in
      let size = try a.int(1)
      guard size > 0 else { throw a.fault(1, .value, "the size must be positive, found \(size)") }
      let count = try Batches.count(a[0], a, c)
      let shuffles = try a.bool(2)
      let batches = try a.bool(3) ? count / size : count == 0 ? 0 : (count - 1) / size + 1
      return .object(
        Iterable(
          "batches", captured: [a[0]], count: { _, _ in batches },
          { captured, c in
            let order = shuffles ? try c.engine.apply(Ops.randperm, [], [.int(count)]).first : nil
            var next = 0
            return FunctionIterator { c in
              guard next < batches else { return nil }
              let start = next * size
              let range = start..<(size < count - start ? start + size : count)
              next += 1
              return try Batches.slice(captured[0], range, order, c)
            }
          }))
    }
  ]

  /// Randomness.
  static let random: [Builtin] = [
    Builtin(
      "seed", [.init("n", .int)], "Fixes all random numbers that follow.",
      examples: [("seed(1)\nlet a = rand(2)\nseed(1)\nprint(all(a == rand(2)))", "true")], isMethod: false
    ) { a, c in
      c.engine.seed(UInt64(bitPattern: Int64(try a.int(0))))
      return .nil
    }
  ]
}

extension Context {
  /// What `is_training()` gives.
  var isTraining: Bool {
    if let trainingOverride { return trainingOverride }
    if let currentModel { return currentModel.differentiations > 0 }
    return differentiations > 0
  }
}

/// What several model built-ins need.
enum ModelArguments {
  static func tree(_ a: BoundArguments, _ c: Context) throws -> ParameterTree {
    guard try ParameterTree.holdsModel(a[0], c) else { throw a.wrong(0, "model, or list or record of models") }
    return try ParameterTree(a[0], c)
  }

  /// The first two arguments: models of one kind, whose parameters and state stand in the same order.
  static func twins(_ a: BoundArguments, _ c: Context) throws -> (ParameterTree, ParameterTree) {
    let (tree, other) = (try ParameterTree(a[0], c), try ParameterTree(a[1], c))
    guard tree.parameters.map(\.name) == other.parameters.map(\.name),
      tree.buffers.map(\.name) == other.buffers.map(\.name), tree.numbers.map(\.name) == other.numbers.map(\.name),
      zip(tree.parameters, other.parameters).allSatisfy({ $0.tensor.shape == $1.tensor.shape })
    else { throw Mistakes.differentModels(argument: 1) }
    return (tree, other)
  }

  /// A number field as it is saved.
  static func tensor(_ value: Value, _ c: Context) throws -> Tensor {
    switch value {
    case .int(let number): try c.engine.tensor([number], [])
    default: try c.engine.tensor([Conversions.double(value) ?? 0], [])
    }
  }
}

/// Saving and loading parameters by name.
enum StateDict {
  static func tensors(of tree: ParameterTree, _ c: Context) throws -> [(name: String, tensor: Tensor)] {
    var tensors = (tree.parameters + tree.buffers).map { (name: $0.name, tensor: $0.tensor) }
    for (name, instance, index) in tree.numbers {
      tensors.append((name, try ModelArguments.tensor(instance.slots[index], c)))
    }
    return tensors
  }

  /// Checks that everything fits, and gives what puts it there.
  static func loading(
    _ tensors: [(name: String, tensor: Tensor)], into tree: ParameterTree, path: String, isStrict: Bool,
    advice: String? = nil, _ c: Context
  ) throws -> [() -> Void] {
    var saved = Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 })
    var wrong: [String] = []
    var known: Set<String> = []
    for ref in tree.parameters + tree.buffers {
      known.insert(ref.name)
      // What is reached twice may be saved by either name, or both.
      for (alias, original) in tree.aliases where original.isEmpty || ref.name.hasPrefix(original + ".") {
        let name = alias + (original.isEmpty ? "." : "") + ref.name.dropFirst(original.count)
        known.insert(name)
        saved[ref.name] = saved[ref.name] ?? saved[name]
      }
      guard let tensor = saved[ref.name] else {
        if isStrict { wrong.append("missing \(Display.quoted(ref.name)) \(ref.tensor.typeDescription)") }
        continue
      }
      if tensor.shape != ref.tensor.shape {
        wrong.append(
          "\(Display.quoted(ref.name)) is \(tensor.typeDescription) in the file and \(ref.tensor.typeDescription) in the model"
        )
      }
    }
    for number in tree.numbers { known.insert(number.name) }
    for (name, tensor) in tensors where !known.contains(name) && !name.hasSuffix("num_batches_tracked") {
      wrong.append("unexpected \(Display.quoted(name)) \(tensor.typeDescription)")
    }
    guard wrong.isEmpty else {
      throw Failure(
        .key, "load: \(path) does not fit the model: \(wrong.joined(separator: "; "))",
        help: advice)
    }
    if c.differentiations > 0 { throw Mistakes.loadWhileDifferentiating() }
    var changes: [() -> Void] = []
    for ref in tree.parameters + tree.buffers {
      guard let tensor = saved[ref.name] else { continue }
      let cast =
        tensor.dtype == ref.tensor.dtype
        ? tensor : try c.engine.apply(c.operations.cast, TensorList(tensor), [.dtype(ref.tensor.dtype)]).first
      changes.append { ref.set(cast) }
    }
    for (name, instance, index) in tree.numbers {
      guard let tensor = saved[name], tensor.elementCount == 1 else { continue }
      let number = Value(try tensor.item())
      changes.append { instance.slots[index] = number }
    }
    return changes
  }
}

/// Slices of nested tensors along their first axis.
enum Batches {
  /// The one size of the first axes.
  static func count(_ data: Value, _ a: BoundArguments, _ c: Context) throws -> Int {
    var found: (count: Int, type: String)?
    func visit(_ value: Value) throws {
      try c.checkDepth("the data is")
      switch value {
      case .tensor(let tensor) where tensor.rank > 0:
        if let found, found.count != tensor.shape[0] {
          throw a.fault(
            0, .shape, "the first axes must be of one size, found \(found.type) and \(tensor.typeDescription)")
        }
        found = (tensor.shape[0], tensor.typeDescription)
      case .list(let list): for item in list { try visit(item) }
      case .record(let record): for item in record.values { try visit(item) }
      default: throw a.fault(0, .type, "the data must be tensors with a first axis, found \(value.summary)")
      }
    }
    try visit(data)
    guard let found else { throw a.fault(0, .value, "there are no tensors in the data") }
    return found.count
  }

  static func slice(_ data: Value, _ range: Range<Int>, _ order: Tensor?, _ c: Context) throws -> Value {
    try c.checkDepth("the data is")
    switch data {
    case .tensor(let tensor):
      let slice = IndexItem.slice(start: range.lowerBound, stop: range.upperBound, step: nil)
      guard let order else { return .tensor(try c.engine.index(tensor, [slice])) }
      return .tensor(try c.engine.index(tensor, [.tensor(try c.engine.index(order, [slice]))]))
    case .list(let list): return .list(try list.map { try slice($0, range, order, c) })
    case .record(let record):
      return .record(RecordBox(entries: try record.entries.map { ($0.key, try slice($0.value, range, order, c)) }))
    default: return data
    }
  }
}
