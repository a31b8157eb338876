import NNSTensor

/// `tensor(x, dtype:)`: lists in lists of numbers, bools and tensors.
struct NestedTensor {
  private let a: BoundArguments
  private let c: Context
  /// The number of items at each level.
  private var sizes: [Int] = []
  private var floats = 0
  private var bools = 0
  private var tensors = 0
  /// Where the pass over the elements is: how many came before, and the index at each level.
  private var position = 0
  private var path: [Int] = []
  private var first: Value?

  /// A tensor of a value, in a dtype if one is given.
  static func make(_ value: Value, _ dtype: DType?, _ a: BoundArguments, _ c: Context) throws -> Tensor {
    if case .tensor(let tensor) = value {
      return try cast(tensor, dtype ?? (tensor.isWeak && tensor.dtype.isFloat ? .f32 : nil), c)
    }
    if case .range(let range) = value {
      let ints = try c.engine.apply(Ops.arange, TensorList(), [.int(range.lower), .int(range.upper)]).first
      return try cast(ints, dtype, c)
    }
    var nest = NestedTensor(a: a, c: c)
    try nest.measure(value)
    try nest.check(value, level: 0)
    return nest.tensors > 0 ? try cast(nest.stacked(value), dtype, c) : try nest.filled(value, dtype)
  }

  private init(a: BoundArguments, c: Context) {
    self.a = a
    self.c = c
  }

  private static func cast(_ tensor: Tensor, _ dtype: DType?, _ c: Context) throws -> Tensor {
    guard let dtype, dtype != tensor.dtype else { return tensor }
    return try c.engine.apply(Ops.cast, TensorList(tensor), [.dtype(dtype)]).first
  }

  /// How many items a level has; nil for what is no level.
  private static func count(_ value: Value) throws -> Int? {
    switch value {
    case .list(let list): list.count
    case .range(let range): try range.count
    default: nil
    }
  }

  /// Where the first items lead tells the sizes; the work is charged.
  private mutating func measure(_ value: Value) throws {
    var row = value
    while let count = try NestedTensor.count(row) {
      guard sizes.count < Axes.limit else {
        throw a.fault(0, .shape, "the lists are nested deeper than a tensor's \(Axes.limit) axes")
      }
      sizes.append(count)
      guard case .list(let list) = row, let next = list.first else { break }
      row = next
    }
    try c.engine.budget.charge(work: Shape(sizes).elementCount)
  }

  /// Goes through all elements, and no deeper than a tensor has axes.
  ///
  /// - Throws: errors that name the place of what does not fit.
  private mutating func check(_ value: Value, level: Int) throws {
    guard let count = try NestedTensor.count(value) else { return try checkElement(value, level: level) }
    guard level < sizes.count else { throw ragged("is a list", level) }
    guard count == sizes[level] else { throw ragged("has \(items(count))", level) }
    path.append(0)
    switch value {
    case .list(let list):
      for (index, item) in list.enumerated() {
        path[level] = index
        try check(item, level: level + 1)
      }
    case .range where count > 0: try checkElement(.int(0), level: level + 1)
    default: break
    }
    path.removeLast()
  }

  private mutating func checkElement(_ value: Value, level: Int) throws {
    guard level == sizes.count else { throw ragged("is \(value.summary)", level) }
    switch value {
    case .int: break
    case .float: floats += 1
    case .bool: bools += 1
    case .tensor: tensors += 1
    default: throw a.fault(0, .type, "\(place) must be a number, bool, tensor or list, found \(value.summary)")
    }
    let first = first ?? value
    self.first = first
    guard NestedTensor.isOfBools(first) == NestedTensor.isOfBools(value) else {
      throw a.fault(
        0, .dtype, "\(place) is \(value.summary), but \(firstPlace(sizes.count)) is \(first.summary)",
        help: "bools and numbers do not mix in a tensor: write 0 and 1")
    }
    guard NestedTensor.shape(first) == NestedTensor.shape(value) else {
      throw a.fault(
        0, .shape, "\(place) is \(value.summary), but \(firstPlace(sizes.count)) is \(first.summary)",
        help: "the elements of a tensor have one shape")
    }
    position += 1
    if position & 0xffff == 0 { try c.engine.budget.check() }
  }

  private static func isOfBools(_ value: Value) -> Bool {
    switch value {
    case .bool: true
    case .tensor(let tensor): tensor.dtype == .bool
    default: false
    }
  }

  private static func shape(_ value: Value) -> Shape {
    if case .tensor(let tensor) = value { tensor.shape } else { Shape() }
  }

  /// A row that is not as the first one of its level.
  private func ragged(_ what: String, _ level: Int) -> Failure {
    let first = level < sizes.count ? "has \(items(sizes[level]))" : "is no list"
    return a.fault(
      0, .shape, "\(place) \(what), but \(firstPlace(level)) \(first)",
      help: "the rows of a tensor have one length; pad the short ones, or keep the list")
  }

  private func items(_ count: Int) -> String { "\(count) item\(count == 1 ? "" : "s")" }

  /// Where the pass is, as a script would read it.
  private var place: String { "x" + path.map { "[\($0)]" }.joined() }

  private func firstPlace(_ level: Int) -> String { "x" + String(repeating: "[0]", count: level) }

  /// Numbers or bools.
  private mutating func filled(_ value: Value, _ dtype: DType?) throws -> Tensor {
    let isEmpty = position == 0 && sizes.contains(0)
    let dtype = dtype ?? (bools > 0 ? .bool : floats > 0 || isEmpty ? .f32 : .i64)
    path = []
    return try c.engine.tensor(TensorType(dtype, Shape(sizes))) { elements in
      try fill(&elements, value, dtype)
    }
  }

  private mutating func fill(_ elements: inout ElementWriter, _ value: Value, _ dtype: DType) throws {
    switch value {
    case .list(let list):
      path.append(0)
      for (index, item) in list.enumerated() {
        path[path.count - 1] = index
        try fill(&elements, item, dtype)
      }
      path.removeLast()
    case .range(let range):
      path.append(0)
      for number in range.lower..<range.upper {
        path[path.count - 1] = number - range.lower
        try write(.int(number), .int(number), &elements, dtype)
      }
      path.removeLast()
    case .int(let number): try write(value, .int(number), &elements, dtype)
    case .float(let number): try write(value, .float(number), &elements, dtype)
    case .bool(let flag): try write(value, .bool(flag), &elements, dtype)
    default: break
    }
  }

  private func write(_ value: Value, _ scalar: Scalar, _ elements: inout ElementWriter, _ dtype: DType) throws {
    guard elements.append(scalar) else {
      throw a.fault(0, .arithmetic, "\(place) is \(value.summary), which does not fit into \(dtype.name)")
    }
    if elements.count & 0xffff == 0 { try c.engine.budget.check() }
  }

  /// Tensors of one shape, numbers being of rank 0, along the levels; differentiable.
  private func stacked(_ value: Value) throws -> Tensor {
    guard case .list(let list) = value else {
      return Conversions.tensorOrNumber(value) ?? .weak(0)
    }
    let rows = try list.map { item in
      switch item {
      case .list: Value.tensor(try stacked(item))
      case .range: Value.tensor(try NestedTensor.make(item, nil, a, c))
      default: item
      }
    }
    return try TensorLiteral.stack(rows, c)
  }
}
