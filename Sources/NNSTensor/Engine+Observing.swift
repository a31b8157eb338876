/// One op that an observed engine ran: what it took and what it gave.
public struct Observation {
  /// The op.
  public let op: Op
  /// What it took.
  public let inputs: TensorList
  /// What it gave.
  public let outputs: TensorList
  let attributes: [Attribute]
  /// The generator before it ran.
  let random: Philox
}

/// How an op's output changes with one of its inputs, all others fixed.
public enum LocalDerivative {
  /// There is none: the input or the output is no float, or the op is not differentiable.
  case none
  /// Each element of the output depends on one element of the input, which broadcasting may have repeated: the
  /// derivatives, in the output's shape.
  case elementwise(Tensor)
  /// The derivatives of every element of the output by every element of the input: for shapes S and T a tensor S, T.
  case full(Tensor)
  /// The same with so many elements that they were not computed.
  case large(Shape)
}

extension Engine {
  /// Runs an op and tells the observer, which does not see what it is made of.
  func observed(_ op: Op, _ inputs: TensorList, _ attributes: [Attribute]) throws -> TensorList {
    let (observer, random) = (observer, random)
    self.observer = nil
    defer { self.observer = observer }
    let outputs = try apply(op, inputs, attributes)
    observer?(Observation(op: op, inputs: inputs, outputs: outputs, attributes: attributes, random: random))
    return outputs
  }

  /// Runs something that the observer does not see.
  func unobserved<Result>(_ body: () throws -> Result) rethrows -> Result {
    let observer = observer
    self.observer = nil
    defer { self.observer = observer }
    return try body()
  }

  /// The derivatives of an op's first output by each input, found by running the op once more.
  ///
  /// - Parameter limit: more derivatives than that are not computed.
  /// - Throws: limit errors, ``Interrupted``.
  public func localDerivatives(of observation: Observation, limit: Int) throws -> [LocalDerivative] {
    let (op, given) = (observation.op, observation.inputs)
    let none = [LocalDerivative](repeating: .none, count: given.count)
    guard case .rule = op.gradient, let before = observation.outputs.first, before.dtype.isFloat else { return none }
    return try unobserved {
      let random = random
      defer { self.random = random }
      self.random = observation.random
      let level = try beginDifferentiation()
      defer { endDifferentiation(level) }
      var leaves = TensorList()
      for x in given {
        leaves.append(x.dtype.isFloat && !x.isMeta ? try leaf(spread(x, of: op, to: before), level) : x)
      }
      let y = try apply(op, leaves, observation.attributes).first
      return try leaves.map { leaf in
        guard leaf.dtype.isFloat, !leaf.isMeta, isTracked(leaf) else { return .none }
        return try derivative(of: y, by: leaf, op, level, limit: limit)
      }
    }
  }

  /// An input of an elementwise op as its output's elements see it.
  private func spread(_ x: Tensor, of op: Op, to y: Tensor) throws -> Tensor {
    let constant = detached(x)
    guard op.goesByElement, x.shape != y.shape else { return constant }
    let strong = x.isWeak ? try one(Ops.cast, TensorList(constant), [.dtype(y.dtype)]) : constant
    return try one(Ops.broadcastTo, TensorList(strong), [.ints(Array(y.shape))])
  }

  private func derivative(
    of y: Tensor, by x: Tensor, _ op: Op, _ level: Level, limit: Int
  ) throws -> LocalDerivative {
    if op.goesByElement {
      guard y.elementCount <= limit else { return .large(y.shape) }
      let ones = y.isWeak ? .weak(1.0) : try full(TensorType(y.dtype, y.shape), 1)
      return .elementwise(try gradients(of: [y], upstream: [ones], at: [x], level, retaining: true)[0])
    }
    let shape = Array(y.shape) + Array(x.shape)
    let (count, overflow) = y.elementCount.multipliedReportingOverflow(by: x.elementCount)
    guard !overflow, count <= limit else { return .large(try Shape(shape)) }
    var rows: [Tensor] = []
    for element in 0..<y.elementCount {
      var values = [Double](repeating: 0, count: y.elementCount)
      values[element] = 1
      let upstream = y.isWeak ? .weak(1.0) : try tensor(values, Array(y.shape), dtype: y.dtype)
      let row = try gradients(of: [y], upstream: [upstream], at: [x], level, retaining: true)[0]
      rows.append(row.isWeak ? try one(Ops.cast, TensorList(row), [.dtype(y.dtype)]) : row)
    }
    guard !rows.isEmpty else { return .none }
    if y.rank == 0 { return .full(rows[0]) }
    return .full(try one(Ops.reshape, TensorList(one(Ops.stack, TensorList(rows), [.int(0)])), [.ints(shape)]))
  }
}

extension Op {
  /// Whether an element of its output depends on the elements at its place alone, as its gradient checks draw it.
  fileprivate var goesByElement: Bool { domain.cases.isEmpty && domain.range != 0...0 }
}
