extension Mistakes {
  // MARK: Connectionist temporal classification

  static func ctcRank(_ op: Op, _ type: TensorType) -> TensorError {
    TensorError(.shape, "\(op.name) needs log-probabilities [batch, time, classes], not \(type)", operands: [0])
  }

  static func ctcBlank(_ op: Op, _ blank: Int, _ classes: Int) -> TensorError {
    TensorError(
      .index,
      "\(op.name): blank is \(blank), but there are \(classes) classes"
        + (classes > 0 ? ", 0 to \(classes - 1)" : ""), operands: [0])
  }

  static func ctcTargets(_ op: Op, _ logs: TensorType, _ targets: TensorType) -> TensorError {
    let isBatch = logs.shape.rank == 3
    let expected = isBatch ? "[\(logs.shape[0]), labels]" : "[labels]"
    let help =
      isBatch && targets.shape.rank == 1
      ? "labels that lie one after another need target_lengths" : nil
    return TensorError(
      .shape, "\(op.name) of \(logs) and \(targets): targets must have shape \(expected)", help: help, operands: [0, 1])
  }

  static func ctcLengths(
    _ op: Op, _ name: String, _ type: TensorType, _ batch: Shape, operand: Int
  ) -> TensorError {
    TensorError(
      .shape, "\(op.name): \(name) must have shape \(batch), one for each sequence, not \(type)", operands: [operand])
  }

  static func ctcLength(
    _ op: Op, _ name: String, _ length: Int, place: [Int], _ limit: Int, _ what: String, operand: Int
  ) -> TensorError {
    let at = place.isEmpty ? "" : " at \(list(place))"
    return TensorError(
      .index, "\(op.name): \(name) is \(length)\(at), but must lie between 0 and \(limit), \(what)", operands: [operand]
    )
  }

  static func ctcDense(_ op: Op, _ targets: TensorType, _ total: Int) -> TensorError {
    TensorError(
      .shape, "\(op.name): targets is \(targets), but target_lengths add up to \(total)", operands: [1, 3])
  }

  static func ctcLabel(_ op: Op, _ label: Int, place: [Int], classes: Int, blank: Int) -> TensorError {
    guard label == blank else { return Mistakes.label(op, label, place: place, classes: classes) }
    return TensorError(
      .index, "\(op.name): label \(label) at \(list(place)) is the blank",
      help: "what fills a row up after its labels is not read where target_lengths says how many there are",
      operands: [1])
  }
}
