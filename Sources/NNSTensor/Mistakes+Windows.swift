extension Mistakes {
  // MARK: Convolution and pooling

  static func windowSizes(_ op: Op, _ sizes: [Int], _ axes: Int, least: Int) -> TensorError {
    let count = axes == 1 ? "one int" : "one int, or \(axes) ints,"
    return TensorError(.value, "\(op.name): \(list(sizes)) must be \(count) of at least \(least)")
  }

  static func convolutionRanks(_ op: Op, _ x: TensorType, _ weight: TensorType, _ axes: Int) -> TensorError {
    let places = ["length", "height, width", "depth, height, width"][axes - 1]
    return TensorError(
      .shape,
      "\(op.name) of \(x) and weight \(weight): x must be [batch, channels, \(places)] and weight have "
        + "\(axes + 2) axes", operands: [0, 1])
  }

  static func channels(
    _ op: Op, _ x: TensorType, _ weight: TensorType, _ channels: Int, groups: Int
  ) -> TensorError {
    let isTransposed = op === Ops.convTranspose2d
    let taken = isTransposed ? "\(weight.shape[0])" : "\(weight.shape[1])" + (groups == 1 ? "" : " · groups")
    let divisor = groups == 1 ? "" : "; \(groups) groups must divide both sides' channels"
    return TensorError(
      .shape,
      "\(op.name) of \(x) and weight \(weight): x has \(channels) channels, but weight takes \(taken)\(divisor)",
      operands: [0, 1])
  }

  static func channelBias(_ op: Op, _ bias: TensorType, _ outputs: Int) -> TensorError {
    TensorError(.shape, "\(op.name): bias is \(bias), but weight has \(outputs) outputs", operands: [1, 2])
  }

  static func kernelTooLarge(_ op: Op, _ x: TensorType, _ weight: TensorType, _ axis: Int) -> TensorError {
    TensorError(
      .shape, "\(op.name) of \(x) and weight \(weight): no result is left along axis \(axis) of the image",
      operands: [0, 1])
  }

  static func poolWindow(_ op: Op, _ x: TensorType, _ size: Int, _ padding: Int, _ axis: Int) -> TensorError {
    padding > 0 && 2 * padding > size
      ? TensorError(.value, "\(op.name): padding \(padding) is more than half a window of \(size)")
      : TensorError(.shape, "\(op.name) of \(x): no window of \(size) fits axis \(axis)", operands: [0])
  }

  static func sizeOrScale(_ op: Op) -> TensorError {
    TensorError(.value, "\(op.name) needs either size or scale_factor")
  }

  static func scale(_ op: Op, _ factor: Double) -> TensorError {
    TensorError(.value, "\(op.name): scale_factor \(factor) leaves no size that can be")
  }

  // MARK: Attention and channels

  static func attentionOperands(_ q: TensorType, _ k: TensorType, _ v: TensorType) -> TensorError {
    TensorError(
      .shape,
      "attention of q \(q), k \(k) and v \(v): they must be [..., T, D], [..., S, D] and [..., S, E], with "
        + "the same axes before", operands: [0, 1, 2])
  }

  static func attentionMask(_ mask: TensorType, _ scores: Shape) -> TensorError {
    TensorError(.shape, "attention: mask \(mask) does not broadcast to the scores' shape \(scores)", operands: [3])
  }

  static func perChannel(_ op: Op, _ x: TensorType, _ parameter: TensorType, operand: Int) -> TensorError {
    TensorError(
      .shape,
      "\(op.name) of \(x): \(op.parameters[operand].name) is \(parameter), but there are "
        + "\(x.shape[1]) channels", operands: [0, operand])
  }

  static func noStatistics(_ op: Op) -> TensorError {
    TensorError(
      .value, "\(op.name) needs running_mean and running_var", help: "with `training: true` it takes the batch's own")
  }

  static func oneValue(_ op: Op, _ x: TensorType) -> TensorError {
    TensorError(.shape, "\(op.name) of \(x): one value for each channel has no variance", operands: [0])
  }

  static func groups(_ op: Op, _ x: TensorType, _ groups: Int) -> TensorError {
    TensorError(.value, "\(op.name) of \(x): \(x.shape[1]) channels do not make \(groups) groups", operands: [0])
  }
}

extension Mistakes {
  static func cellGates(_ op: Op, _ gates: TensorType, _ state: TensorType, _ count: Int, _ operands: [Int])
    -> TensorError
  {
    TensorError(
      .shape, "\(op.name) of \(gates) and state \(state): gates have \(count) times the units of the state",
      operands: operands)
  }

  static func cellWeights(
    _ op: Op, _ h: TensorType, _ first: TensorType, _ second: TensorType, _ count: Int
  ) -> TensorError {
    TensorError(
      .shape,
      "\(op.name) of h \(h): the gates are \(first.shape) and \(second.shape), but must both be \(count) times as "
        + "wide as h", operands: [0, 1])
  }
}
