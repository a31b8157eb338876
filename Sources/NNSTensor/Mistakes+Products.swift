extension Mistakes {
  // MARK: Products

  static func productOfNumber(_ a: TensorType, _ b: TensorType) -> TensorError {
    TensorError(
      .shape, "matrix product of \(a) and \(b): a rank-0 operand has no axis to sum over", help: "use * instead",
      operands: [a.shape.rank == 0 ? 0 : 1])
  }

  static func innerSizes(_ a: TensorType, _ b: TensorType) -> TensorError {
    let rows = b.shape.rank == 1 ? b.shape[0] : b.shape[b.shape.rank - 2]
    let columns = a.shape[a.shape.rank - 1]
    var help = "$1 needs \(columns) \(b.shape.rank == 1 ? "elements" : "rows")"
    if b.shape.rank > 1, b.shape.last == columns { help += "; $1.T has them" }
    return TensorError(
      .shape, "matrix product of \(a) and \(b): inner sizes \(columns) and \(rows) differ", help: help,
      operands: [0, 1])
  }

  static func batchSizes(_ a: TensorType, _ b: TensorType) -> TensorError {
    TensorError(
      .shape,
      "matrix product of \(a) and \(b): the axes before the last two, \(list(leading(a))) and \(list(leading(b))), "
        + "do not broadcast",
      operands: [0, 1])
  }

  private static func leading(_ type: TensorType) -> [Int] { type.shape.dropLast(2).map { $0 } }

  static func productTooLarge() -> TensorError {
    TensorError(.limit, "a matrix product of this size cannot be computed")
  }

  static func linearWeight(_ weight: TensorType) -> TensorError {
    TensorError(.shape, "linear: weight must be [outputs, inputs], not \(weight)", operands: [1])
  }

  static func linearInputs(_ x: TensorType, _ weight: TensorType) -> TensorError {
    let found = x.shape.last.map { "the last axis of x has size \($0)" } ?? "x has no axes"
    return TensorError(
      .shape, "linear of \(x) and weight \(weight): \(found), but weight takes \(weight.shape[1]) inputs",
      operands: [0, 1])
  }

  static func linearBias(_ bias: TensorType, _ weight: TensorType) -> TensorError {
    TensorError(
      .shape, "linear: bias is \(bias), but weight \(weight) has \(weight.shape[0]) outputs", operands: [1, 2])
  }

  // MARK: Losses

  static func lossShapes(_ op: Op, _ a: TensorType, _ b: TensorType) -> TensorError {
    var help: String?
    if a.shape.elementCount == b.shape.elementCount {
      help =
        a.shape.rank > b.shape.rank
        ? "$0.\(reshape(to: b.shape)) has the shape of $1" : "$1.\(reshape(to: a.shape)) has the shape of $0"
    } else if op.name == "cross_entropy", a.shape.rank > 0, b.shape == a.shape.removing(a.shape.rank - 1) {
      help = "class ids are ints: $1.to(\"i64\")"
    }
    return TensorError(
      .shape, "\(op.name) of \(a) and \(b): the shapes must agree, nothing broadcasts in a loss", help: help,
      operands: [0, 1])
  }

  /// The call that gives a shape of as many elements, whatever the first size.
  private static func reshape(to shape: Shape) -> String {
    var sizes = shape.map(String.init)
    if !sizes.isEmpty, !shape.contains(0) { sizes[0] = "-1" }
    return "reshape(\(sizes.joined(separator: ", ")))"
  }

  static func classWeights(_ op: Op, _ weight: TensorType, _ scores: TensorType) -> TensorError {
    TensorError(
      .shape,
      "\(op.name): weight must have one number for each of the \(scores.shape.last ?? 0) classes, found \(weight)",
      operands: [2])
  }

  static func classIds(_ op: Op, _ scores: TensorType, _ ids: TensorType) -> TensorError {
    let expected = scores.shape.removing(scores.shape.rank - 1)
    let help =
      ids.shape.elementCount == expected.elementCount ? "$1.\(reshape(to: expected)) has that shape" : nil
    return TensorError(
      .shape,
      "\(op.name) of \(scores) and \(ids): with classes on the last axis the ids must have shape \(expected)",
      help: help, operands: [0, 1])
  }

  static func label(_ op: Op, _ label: Int, place: [Int], classes: Int) -> TensorError {
    let at = place.isEmpty ? "" : " at \(list(place))"
    return TensorError(
      .index, "\(op.name): label \(label)\(at) is out of range: there are \(classes) classes, 0 to \(classes - 1)",
      operands: [1])
  }
}

extension Mistakes {
  // MARK: Einsum

  static func einsumOperands(_ equation: String, _ terms: Int, _ count: Int) -> TensorError {
    TensorError(.value, "einsum: \"\(equation)\" is for \(terms) operands, but \(count) are given")
  }

  static func einsumRank(_ term: String, _ type: TensorType, operand: Int) -> TensorError {
    TensorError(.shape, "einsum: \"\(term)\" does not name each axis of \(type)", operands: [operand])
  }

  static func einsumCharacter(_ character: Character) -> TensorError {
    TensorError(.value, "einsum: \"\(character)\" is neither a letter nor part of `,`, `->` or `...`")
  }

  static func einsumSizes(_ label: Einsum.Label, _ known: Int, _ size: Int, operand: Int) -> TensorError {
    TensorError(
      .shape, "einsum: \(name(label)) stands for \(known) and, in operand \(operand), for \(size)", operands: [operand])
  }

  static func einsumUnknown(_ label: Einsum.Label) -> TensorError {
    TensorError(.value, "einsum: \(name(label)) of the result is in no operand")
  }

  static func einsumTwice(_ label: Einsum.Label) -> TensorError {
    TensorError(.value, "einsum: \(name(label)) comes twice in the result")
  }

  private static func name(_ label: Einsum.Label) -> String {
    switch label {
    case .letter(let character): "letter \"\(character)\""
    case .broadcast(let place): "axis -\(place) under `...`"
    }
  }
}
