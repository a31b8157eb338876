import NNSTensor

extension Optimizer {
  private static let accumulatedPrefix = "accumulated."
  private static let statePrefix = "state."

  /// Steps, state and waiting gradients, as tensors by name.
  func savedState(_ c: Context) throws -> [(name: String, tensor: Tensor)] {
    var saved: [(name: String, tensor: Tensor)] = [("steps", try c.engine.tensor([steps], []))]
    for (name, value) in state.sorted(by: { Text.order(Text($0.key), Text($1.key)) < 0 }) {
      for (index, tensor) in try tensors(of: value, name).enumerated() {
        saved.append(("\(Optimizer.statePrefix)\(name).\(index)", tensor))
      }
    }
    if accumulatedCount > 0 {
      saved.append(("accumulated", try c.engine.tensor([accumulatedCount], [])))
      for (name, tensor) in accumulated.sorted(by: { Text.order(Text($0.key), Text($1.key)) < 0 }) {
        saved.append((Optimizer.accumulatedPrefix + name, tensor))
      }
    }
    return saved
  }

  private func tensors(of state: State, _ parameter: String) throws -> [Tensor] {
    switch state {
    case .fused(let tensors): return Array(tensors)
    case .script(.nil): return []
    case .script(.tensor(let tensor)): return [tensor]
    case .script(.list(let list)):
      return try list.map { item in
        guard case .tensor(let tensor) = item else { throw Mistakes.unsavableState(name, parameter, item) }
        return tensor
      }
    case .script(let value): throw Mistakes.unsavableState(name, parameter, value)
    }
  }

  /// Checks that saved state fits, and gives what takes it back.
  func restoring(_ saved: [String: Tensor], _ c: Context) throws -> () -> Void {
    guard let count = saved["steps"].flatMap({ Conversions.int(.tensor($0)) }), count >= 0 else {
      throw Mistakes.noOptimizerState()
    }
    let shapes = Dictionary(
      try ParameterTree(target, c).parameters.map { ($0.name, $0.tensor.shape) },
      uniquingKeysWith: { first, _ in first })
    var restored: [String: [Int: Tensor]] = [:]
    var sums: [String: Tensor] = [:]
    for (name, tensor) in saved where name != "steps" && name != "accumulated" {
      if name.hasPrefix(Optimizer.accumulatedPrefix) {
        let parameter = String(name.dropFirst(Optimizer.accumulatedPrefix.count))
        guard shapes[parameter] == tensor.shape else { throw Mistakes.foreignState(parameter, tensor.typeDescription) }
        sums[parameter] = tensor
        continue
      }
      guard name.hasPrefix(Optimizer.statePrefix), let dot = name.lastIndex(of: "."),
        let index = Int(name[name.index(after: dot)...]), index >= 0
      else { throw Mistakes.unknownState(name) }
      let parameter = String(name[..<dot].dropFirst(Optimizer.statePrefix.count))
      guard shapes[parameter] == tensor.shape else { throw Mistakes.foreignState(parameter, tensor.typeDescription) }
      restored[parameter, default: [:]][index] = tensor
    }
    let state = restored.mapValues { parts in
      let tensors = parts.sorted { $0.key < $1.key }.map(\.value)
      return switch rule {
      case .fused: State.fused(TensorList(tensors))
      case .script: State.script(tensors.count == 1 ? .tensor(tensors[0]) : .list(tensors.map { .tensor($0) }))
      }
    }
    let waiting = saved["accumulated"].flatMap { Conversions.int(.tensor($0)) } ?? 0
    return { [self, sums] in
      steps = count
      self.state = state
      accumulated = sums
      accumulatedCount = waiting
    }
  }
}
