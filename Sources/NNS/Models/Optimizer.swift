import NNSTensor

/// What all optimizers share: it runs a step, clips, selects, schedules and keeps state; the rule for one parameter is a
/// function of the script.
final class Optimizer: Object {
  private let name: String
  /// The model, or list or record of models.
  let target: Value
  /// `rule(p, g, state, lr, t, decays)` gives the new parameter and the new state.
  private let rule: Value
  private let rate: Value
  private let clipNorm: Double?
  private let only: Value
  private let decay: Value
  /// Updates made.
  private(set) var steps = 0
  /// By parameter name.
  private(set) var state: [String: Value] = [:]
  private var accumulated: [Tensor] = []
  private var accumulatedCount = 0

  init(name: String, target: Value, rule: Value, rate: Value, clipNorm: Double?, only: Value, decay: Value) {
    self.name = name
    self.target = target
    self.rule = rule
    self.rate = rate
    self.clipNorm = clipNorm
    self.only = only
    self.decay = decay
  }

  override var typeName: String { name }
  override var memberNames: [String] { ["step", "apply", "lr", "steps"] }
  override func describe(_ context: Context) -> String { "<\(name), \(steps) steps>" }

  override func member(_ name: String, _ context: Context) throws -> Value? {
    switch name {
    case "lr": return try learningRate(context)
    case "steps": return .int(steps)
    case "step":
      return .callable(
        NativeFunction("step", captured: [.object(self)]) { _, arguments, c in try self.step(arguments, c) })
    case "apply":
      return .callable(
        NativeFunction("apply", captured: [.object(self)]) { _, arguments, c in
          guard case .object(let object)? = arguments.positional.first, let gradient = object as? GradientBox,
            arguments.positional.count == 1, gradient.tensors.count == gradient.refs.count
          else {
            throw Failure(.type, "apply: a gradient of the optimizer's model is needed", argument: 0)
          }
          try self.update(gradient.refs, gradient.tensors, c)
          return .nil
        })
    default: return nil
    }
  }

  /// The learning rate of the next update.
  private func learningRate(_ c: Context) throws -> Value {
    switch rate {
    case .closure, .callable: return try c.call(rate, [.int(steps)])
    default: return rate
    }
  }

  private static let stepSignature = Signature(
    name: "step",
    parameters: [
      .init(name: "accumulate", isOptional: true, isRest: false), .init(name: "body", isOptional: false, isRest: false),
    ])

  /// Runs a block, differentiates it by the models, updates them, and gives the block's value.
  private func step(_ arguments: Arguments, _ c: Context) throws -> Value {
    var every = 1
    for (label, value) in arguments.named {
      guard label == "accumulate" else { throw Mistakes.unknownArgument(label, Optimizer.stepSignature) }
      guard let count = Conversions.int(value), count > 0 else {
        throw Mistakes.accumulation(value, argument: arguments.position(of: 0, label))
      }
      every = count
    }
    guard let body = arguments.block ?? arguments.positional.first else {
      throw Mistakes.stepWithoutBlock()
    }
    let result = try Differentiation.valueAndGradient(of: target, what: "step", onlyModels: true, c) { _ in
      try c.call(body, [])
    }
    let tree = try ParameterTree(target, c)
    if every == 1 {
      try update(tree.parameters, result.gradients, c)
    } else {
      try accumulate(result.gradients, c)
      if accumulatedCount >= every {
        let factor = Tensor.weak(1 / Double(accumulatedCount))
        let mean = try accumulated.map {
          try c.engine.apply(c.operations.binary(.multiply), TensorList($0, factor)).first
        }
        accumulated = []
        accumulatedCount = 0
        try update(tree.parameters, mean, c)
      }
    }
    return try Differentiation.plain(result.value, c)
  }

  private func accumulate(_ gradients: [Tensor], _ c: Context) throws {
    accumulatedCount += 1
    guard !accumulated.isEmpty else {
      accumulated = gradients
      return
    }
    accumulated = try zip(accumulated, gradients).map {
      try c.engine.apply(c.operations.binary(.add), TensorList($0, $1)).first
    }
  }

  private func update(_ refs: [ParameterRef], _ gradients: [Tensor], _ c: Context) throws {
    if c.differentiations > 0 { throw Mistakes.stepWhileDifferentiating() }
    let trained = try refs.indices.filter { index in
      if only.isNil { return true }
      return try c.truth(try c.call(only, [.string(refs[index].name), .tensor(refs[index].current)]), at: .none)
    }
    // What is not trained does not count in the norm.
    var gradients = trained.map { gradients[$0] }
    if let clipNorm { gradients = try Gradients.clipped(gradients, clipNorm, c) }
    let lr = try learningRate(c)
    steps += 1
    for (ref, gradient) in zip(trained.map({ refs[$0] }), gradients) {
      let decays =
        decay.isNil ? true : try c.truth(try c.call(decay, [.string(ref.name), .tensor(ref.current)]), at: .none)
      let result = try c.call(
        rule,
        [.tensor(ref.current), .tensor(gradient), state[ref.name] ?? .nil, lr, .int(steps), .bool(decays)])
      guard case .list(let pair) = result, pair.count == 2, case .tensor(let new) = pair[0],
        new.shape == ref.tensor.shape, new.dtype == ref.tensor.dtype
      else {
        throw Failure(.type, "\(name): the rule must give (parameter, state), found \(result.summary)")
      }
      ref.set(c.engine.detached(new))
      state[ref.name] = pair[1]
    }
  }

  // MARK: Saving

  /// State as tensors by name.
  func savedState(_ c: Context) throws -> [(name: String, tensor: Tensor)] {
    var saved: [(name: String, tensor: Tensor)] = [("steps", try c.engine.tensor([steps], []))]
    for (name, value) in state.sorted(by: { Text.order($0.key, $1.key) < 0 }) {
      let parts: [Value] = if case .list(let list) = value { Array(list) } else { [value] }
      for (index, part) in parts.enumerated() {
        if case .tensor(let tensor) = part { saved.append(("state.\(name).\(index)", tensor)) }
      }
    }
    return saved
  }

  /// Takes state back, all of it or none.
  func restoreState(_ saved: [String: Tensor], _ c: Context) throws {
    guard let count = saved["steps"].flatMap({ Conversions.int(.tensor($0)) }), count >= 0 else {
      throw Failure(.value, "load: the file holds no optimizer's state: \"steps\" is missing")
    }
    var restored: [String: [Int: Tensor]] = [:]
    let shapes = Dictionary(
      try ParameterTree(target, c).parameters.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    for (name, tensor) in saved where name != "steps" {
      guard name.hasPrefix("state."), let dot = name.lastIndex(of: "."),
        let index = Int(name[name.index(after: dot)...])
      else { throw Failure(.value, "load: \(Display.quoted(name)) is no part of an optimizer's state") }
      let parameter = String(
        name[name.index(name.startIndex, offsetBy: 6)..<max(dot, name.index(name.startIndex, offsetBy: 6))])
      guard let known = shapes[parameter], known.shape == tensor.shape else {
        throw Failure(
          .shape,
          "load: the state of \(Display.quoted(parameter)) \(tensor.typeDescription) fits no parameter of the model")
      }
      restored[parameter, default: [:]][index] = tensor
    }
    steps = count
    state = restored.mapValues { parts in
      let items = parts.sorted { $0.key < $1.key }.map { Value.tensor($0.value) }
      return items.count == 1 ? items[0] : .list(items)
    }
  }
}
