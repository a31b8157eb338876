import CKernels

/// What the elements of a tensor are like.
private struct Elements {
  private var low = Double.infinity
  private var high = -Double.infinity
  private var finite = 0
  private(set) var infinities = 0
  private(set) var nans = 0
  private let type: TensorType

  init(_ x: Tensor, _ engine: Engine) throws {
    type = x.type
    guard x.dtype.isFloat, !x.isMeta else { return }
    try engine.budget.charge(work: x.elementCount)
    for i in 0..<x.elementCount {
      let value = x.element(at: i).double
      if value.isNaN {
        nans += 1
      } else if value.isInfinite {
        infinities += 1
      } else {
        finite += 1
        (low, high) = (Swift.min(low, value), Swift.max(high, value))
      }
    }
  }

  /// `f32[3] is 0.0 to 2.0, 1 of 3 nan`
  var description: String {
    var parts: [String] = []
    if finite > 0 { parts.append(low == high ? number(low) : "\(number(low)) to \(number(high))") }
    if infinities > 0 { parts.append(count(infinities, "infinite")) }
    if nans > 0 { parts.append(count(nans, "nan")) }
    return "\(type) is \(parts.isEmpty ? "empty" : parts.joined(separator: ", "))"
  }

  /// `nan in 1 of 3 elements`
  var faults: String {
    let count = type.shape.elementCount
    let name = nans > 0 ? "nan" : "infinity"
    return count == 1 ? name : "\(name) in \(nans > 0 ? nans : infinities) of \(count) elements"
  }

  /// The shortest digits that the dtype tells apart.
  private func number(_ value: Double) -> String { type.dtype == .f64 ? "\(value)" : "\(Float(value))" }

  private func count(_ n: Int, _ what: String) -> String {
    type.shape.elementCount == 1 ? what : "\(n) of \(type.shape.elementCount) \(what)"
  }
}

extension Engine {
  /// Whether all elements of a gapless tensor of floats are at hand, and none is 0, subnormal, infinite or NaN.
  func isNormal(_ x: Tensor) -> Bool {
    guard x.isContiguous, x.storage != nil, let start = x.pointer else { return false }
    func areNormal<Element: BinaryFloatingPoint>(_: Element.Type) -> Bool {
      UnsafeBufferPointer(start: start.assumingMemoryBound(to: Element.self), count: x.elementCount)
        .allSatisfy(\.isNormal)
    }
    return x.dtype == .f32 ? areNormal(Float.self) : x.dtype == .f64 && areNormal(Double.self)
  }

  /// Runs an op and looks at what it gives.
  ///
  /// - Throws: an arithmetic error that names the op and its inputs' ranges where a result is NaN, or infinite though no
  ///   input is.
  func inspected(_ op: Op, _ inputs: borrowing TensorList, _ attributes: [Attribute]) throws -> TensorList {
    var call = Call(op: op, inputs: copy inputs, attributes: attributes)
    let outputs = try compute(&call)
    guard !op.isMaking else { return outputs }
    for output in outputs where try !isFinite(output) {
      let found = try Elements(output, self)
      var given: [String] = []
      var hasInfinity = attributes.contains(where: \.isInfinite)
      for i in 0..<inputs.count where inputs[i].dtype.isFloat {
        // What only moves elements makes none.
        if let storage = inputs[i].storage, storage === output.storage { return outputs }
        let elements = try Elements(inputs[i], self)
        hasInfinity = hasInfinity || elements.infinities > 0
        given.append("\(op.inputName(i)) \(elements.description)")
      }
      if found.nans > 0 || !hasInfinity { throw Mistakes.notFinite(op.symbol ?? op.name, found.faults, given) }
    }
    return outputs
  }

  /// Asks a gradient rule and looks at what it gives.
  ///
  /// - Throws: as for the op itself, with the place where the op ran.
  func inspected(_ body: Gradient.Body, _ backward: borrowing Backward) throws -> TensorList {
    let op = backward.call.op
    // The rule is one step to its reader; a rule of a script's own has ops of its own to name.
    detectsNaN = op.parameters.isEmpty
    defer { detectsNaN = true }
    let gradients = try body(backward)
    for i in 0..<gradients.count {
      guard let gradient = gradients.optional(i), try !isFinite(gradient) else { continue }
      let found = try Elements(gradient, self)
      var given: [String] = []
      for i in 0..<backward.inputCount where backward.saved[i].dtype.isFloat {
        given.append("\(op.inputName(i)) \(try Elements(backward.saved[i], self).description)")
      }
      var isInfinite = false
      for i in 0..<backward.upstream.count where backward.hasUpstream(i) {
        let elements = try Elements(backward.upstream[i], self)
        isInfinite = isInfinite || elements.infinities > 0
        given.append("the gradient that came back \(elements.description)")
      }
      guard found.nans > 0 || !isInfinite else { continue }
      var mistake = Mistakes.notFinite("the gradient of \(op.symbol ?? op.name)", found.faults, given)
      mistake.origins = origins(from: backward)
      throw mistake
    }
    return gradients
  }

  private func isFinite(_ x: Tensor) throws -> Bool {
    guard x.dtype.isFloat, !x.isMeta else { return true }
    let x = x.dtype == .bf16 ? try cast(x, to: .f32) : x
    let flags = try unary(NNS_ISFINITE, x, computing: x.dtype, TensorType(.bool, x.shape))
    if x.elementCount == 0 { return true }
    return try reduce(NNS_REDUCE_MIN, flags, AxisSet(all: x.rank), TensorType(.bool, Shape())).item() == .bool(true)
  }

  /// Where an op's output was made, and what came next.
  private func origins(from backward: borrowing Backward) -> [UInt32] {
    var origins: [UInt32] = []
    let end = Swift.min(backward.index + 64, tape.records.count)
    for index in backward.index..<end {
      let saved = index == backward.index ? backward.saved : tape.records[index].saved
      let inputs = index == backward.index ? backward.inputCount : Int(tape.records[index].inputCount)
      if let output = saved.optional(inputs), output.origin != 0 { origins.append(output.origin) }
    }
    return origins
  }
}

extension Op {
  /// Whether it makes tensors of what it is told.
  fileprivate var isMaking: Bool { !parameters.contains { $0.kind.isTensor } && !parameters.isEmpty }

  /// How messages call an input.
  public func inputName(_ i: Int) -> String {
    let names = parameters.filter(\.kind.isTensor).map(\.name)
    return i < names.count ? names[i] : "\(names.last ?? "x") \(i - Swift.max(names.count - 1, 0))"
  }
}

extension Attribute {
  fileprivate var isInfinite: Bool {
    if case .float(let value) = self { return !value.isFinite }
    return false
  }
}
