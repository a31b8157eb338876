import NNSTensor

/// Which parameters an optimizer trains without any gradient ever reaching them, as the first steps tell.
struct ReachedParameters {
  /// Those that had a gradient in some step that was not zero throughout.
  private var reached: Set<String> = []
  /// The others, in alphabetical order.
  var missing: [String] { unreached.sorted { Text.order(Text($0), Text($1)) < 0 } }
  private var unreached: Set<String> = []
  private var steps = 0
  /// Looking costs time where there is nothing but zeros to see.
  private static let lookedAt = 20

  /// Takes note of a step's gradients.
  mutating func note(_ names: [String], _ gradients: [Tensor], _ c: Context) throws {
    guard steps < Self.lookedAt, reached.count < names.count else { return }
    steps += 1
    for (name, gradient) in zip(names, gradients) where !reached.contains(name) && !gradient.isMeta {
      // The sign of a zero does not count.
      let isZero =
        try gradient.elementCount > 0
        && c.engine.contiguous(gradient).withBytes { $0.allSatisfy { $0 & 0x7F == 0 } }
      if isZero {
        unreached.insert(name)
      } else {
        reached.insert(name)
        unreached.remove(name)
      }
    }
  }
}
