/// The table of all ops, by family; each row is one value in one `Ops+Family.swift`.
public enum Ops {
  /// Every op, in the order of the reference.
  public static let all: [Op] = [
    making, shapes, joining, arranging, picking, sorting, functions, activations, normalising, reductions, products,
    convolutions, pooling, linearAlgebra, recurrent, losses, arithmetic, comparison, indexing, updates, steps,
  ].flatMap(\.self)

  /// What gradient rules are made of besides the others.
  private static let steps: [Op] = [
    identity, asNumber, sumTo, safeLog, reverseCumsum, refold, recurrence, convInput, convWeight, resample,
    resampleBack, lstmGates, lstmGatesGrad, gruGates, gruGatesGrad, tanhGrad, reluGrad, sigmoidGrad, geluGrad,
    geluTanhGrad, siluGrad, leakyReluSlope, eluSlope, hardSwishSlope, mishSlope, softmaxGrad, logSoftmaxGrad,
    crossEntropyGrad, detGrad, attentionGrad,
  ]

  private static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// The op of that name.
  public static func named(_ name: String) -> Op? { byName[name] }
}
