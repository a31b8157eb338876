@testable import NNSTensor

// Calls of random shapes for gradient checks.

extension Drawing {
  /// The most elements of all inputs together: each is moved to both sides.
  private static let elementLimit = 72

  /// So many calls of an op: those of its domain, and more of random shapes.
  ///
  /// Operands of elementwise ops get random shapes that broadcast. Of other ops the sizes in the calls of the domain are
  /// replaced, equal ones by equal ones, until the op takes the call. What only gradient rules call has rules that trust
  /// its sizes, so these stay; it meets other sizes in the second derivatives of the ops it serves.
  static func drawnCases(_ op: Op, count: Int) -> [Domain.Case] {
    let given = cases(op)
    guard !given.isEmpty else { return [] }
    let isElementwise = op.domain.cases.isEmpty
    // Calls of some ops are large by nature.
    let limit = max(elementLimit, given.map(\.elementCount).min() ?? 0)
    let small = given.filter { $0.elementCount <= limit }
    var drawing = Drawing(Engine(), seed: 99)
    var drawn = small
    var shapes = Set(small.map { "\($0.inputs)" })
    var tries = 0
    while drawn.count < count || shapes.count < count && tries < 40 * count {
      tries += 1
      let base = small[tries % small.count]
      if op.isHidden && !isElementwise || tries > 80 * count {
        drawn.append(base)
        if drawn.count >= count { break }
        continue
      }
      let next = isElementwise ? drawing.broadcasting(base) : drawing.resized(base, growth: tries / (2 * count))
      // New shapes, as long as there are some.
      guard next.elementCount > 0, next.elementCount <= limit,
        tries > 40 * count || !shapes.contains("\(next.inputs)"),
        drawing.isTaken(next, by: op)
      else { continue }
      drawn.append(next)
      shapes.insert("\(next.inputs)")
    }
    return drawn
  }

  private mutating func int(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(unit() * Double(range.count)) }

  /// Operands that broadcast to a random shape of up to four axes.
  private mutating func broadcasting(_ base: Domain.Case) -> Domain.Case {
    let shape = (0..<int(0...4)).map { _ in int(1...4) }
    return Domain.Case(
      inputs: base.inputs.map { _ in
        let kept = unit() < 0.4 ? int(0...shape.count) : shape.count
        return .floats(shape.suffix(kept).map { unit() < 0.25 ? 1 : $0 })
      }, attributes: base.attributes)
  }

  /// The same call with other sizes, which may be so much larger.
  private mutating func resized(_ base: Domain.Case, growth: Int) -> Domain.Case {
    var sizes: [Int: Int] = [:]
    var call = base
    func replaced(_ size: Int) -> Int {
      if size < 2 { return size }
      if let new = sizes[size] { return new }
      // Gates lie side by side: a multiple of another size may have to stay so.
      let parts = sizes.keys.filter { size % $0 == 0 }.sorted()
      let part = parts.isEmpty || unit() < 0.5 ? nil : parts[int(0...parts.count - 1)]
      let new = part.flatMap { part in sizes[part].map { size / part * $0 } } ?? int(1...size + 2 + growth)
      sizes[size] = new
      return new
    }
    call.inputs = base.inputs.map { argument in
      switch argument {
      case .floats(let shape): .floats(shape.map(replaced))
      case .dominant(let shape): .dominant(shape.map(replaced))
      case .ints(let shape, let bound): .ints(shape.map(replaced), below: replaced(bound))
      case .labels(let shape, let classes): .labels(shape.map(replaced), classes: replaced(classes))
      case .bools(let shape): .bools(shape.map(replaced))
      case .absent: .absent
      }
    }
    // Sizes among the attributes too, which some calls need and some do not bear.
    if unit() < 0.5 {
      call.attributes = base.attributes.map {
        if case .ints(let values) = $0 { .ints(values.map { sizes[$0] ?? $0 }) } else { $0 }
      }
    }
    return call
  }

  private mutating func isTaken(_ call: Domain.Case, by op: Op) -> Bool {
    var drawing = self
    let inputs = try? TensorList(call.inputs.map { try drawing.tensor($0, op.domain) })
    guard let inputs, let outputs = try? engine.apply(op, inputs, call.attributes) else { return false }
    // What has no solution has no gradient.
    return outputs.allSatisfy { $0.doubles().allSatisfy(\.isFinite) } && (try? differentiate(op, inputs, call)) != nil
  }

  /// Some calls give what is not unique, and say so when they are differentiated.
  private func differentiate(_ op: Op, _ inputs: TensorList, _ call: Domain.Case) throws {
    guard op.isDifferentiable else { return }
    let level = try engine.beginDifferentiation()
    defer { engine.endDifferentiation(level) }
    let leaves = TensorList(try inputs.map { $0.dtype.isFloat ? try engine.leaf($0, level) : $0 })
    var total = try engine.scalar(.float(0), .f64)
    for output in try engine.apply(op, leaves, call.attributes) where output.dtype.isFloat {
      total = try engine.apply(Ops.add, [total, engine.apply(Ops.sum, [output]).first]).first
    }
    _ = try engine.gradients(of: total, at: leaves.filter(\.dtype.isFloat), level)
  }
}

extension Domain.Case {
  fileprivate var elementCount: Int {
    inputs.reduce(0) { count, argument in
      switch argument {
      case .floats(let shape), .dominant(let shape): count + shape.reduce(1, *)
      default: count
      }
    }
  }
}
