import NNSTensor

/// What all optimizers share: it runs a step, clips, selects, schedules and keeps state. How one parameter moves says its
/// rule.
final class Optimizer: Object {
  /// How one parameter moves.
  enum Rule {
    /// `rule(p, g, state, s)` gives a list of the new parameter and its new state, which is nil at first. `s` is a record
    /// of the settings, with `lr` and `step`, which counts from 1.
    case script(Value)
    /// An op of (p, g, state…) that gives (p, state…), with so many tensors of state, zeros at first. Its other
    /// parameters are settings of the same name, `lr` and `step`.
    case fused(Op, stateCount: Int)
  }

  let name: String
  /// The model, or list or record of models.
  let target: Value
  let rule: Rule
  /// A number or a schedule.
  let rate: Value
  let settings: RecordBox
  let clipNorm: Double?
  let only: Value
  let decay: Value
  let groups: [ParameterGroup]
  /// Updates made.
  var steps = 0
  /// By parameter name.
  var state: [String: State] = [:]
  /// Sums of gradients that wait for the update, by parameter name.
  var accumulated: [String: Tensor] = [:]
  var accumulatedCount = 0
  /// Which parameters are reached by gradients.
  var reached = ReachedParameters()

  enum State {
    case script(Value)
    case fused(TensorList)
  }

  init(
    name: String, target: Value, rule: Rule, rate: Value, settings: RecordBox, clipNorm: Double?, only: Value,
    decay: Value, groups: [ParameterGroup]
  ) {
    self.name = name
    self.target = target
    self.rule = rule
    self.rate = rate
    self.settings = settings
    self.clipNorm = clipNorm
    self.only = only
    self.decay = decay
    self.groups = groups
  }

  override var typeName: String { name }
  override var memberNames: [String] { ["step", "apply", "lr", "steps"] }
  override func describe(_ context: Context) -> String { "<\(name), \(steps) steps>" }

  override func member(_ name: String, _ context: Context) throws -> Value? {
    switch name {
    case "lr": return .float(try learningRate(rate, context))
    case "steps": return .int(steps)
    case "step":
      return .callable(
        NativeFunction("step", captured: [.object(self)]) { _, arguments, c in try self.step(arguments, c) })
    case "apply":
      return .callable(
        NativeFunction("apply", captured: [.object(self)]) { _, arguments, c in try self.apply(arguments, c) })
    default: return nil
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
    // A loss that has been computed already: `opt.step(loss)`.
    if case .tensor = body { throw Mistakes.stepWithoutBlock() }
    let result = try differentiate(body, c)
    if every == 1 {
      try update(result.refs, result.gradients, c)
    } else {
      try accumulate(result.refs, result.gradients, c)
      if accumulatedCount >= every {
        let factor = Tensor.weak(1 / Double(accumulatedCount))
        let refs = result.refs.filter { accumulated[$0.name] != nil }
        let mean = try refs.compactMap { accumulated[$0.name] }.map {
          try c.engine.apply(c.operations.binary(.multiply), $0, factor)
        }
        accumulated = [:]
        accumulatedCount = 0
        try update(refs, mean, c)
      }
    }
    return result.value
  }

  /// What the differentiation itself holds is let go of, so that the update can happen in place.
  private func differentiate(
    _ body: Value, _ c: Context
  ) throws -> (value: Value, refs: [ParameterRef], gradients: [Tensor]) {
    let result = try Differentiation.valueAndGradient(of: target, what: "step", onlyModels: true, c) { _ in
      try c.call(body, [])
    }
    return (try Differentiation.plain(result.value, c), result.unknowns.nest.refs, result.gradients)
  }

  private func accumulate(_ refs: [ParameterRef], _ gradients: [Tensor], _ c: Context) throws {
    accumulatedCount += 1
    for (ref, gradient) in zip(refs, gradients) {
      guard let sum = accumulated[ref.name] else {
        accumulated[ref.name] = gradient
        continue
      }
      accumulated[ref.name] = try c.engine.apply(c.operations.binary(.add), sum, gradient)
    }
  }

  private func apply(_ arguments: Arguments, _ c: Context) throws -> Value {
    guard case .object(let object)? = arguments.positional.first, let gradient = object as? GradientBox,
      arguments.positional.count == 1, arguments.named.isEmpty, arguments.block == nil,
      gradient.tensors.count == gradient.refs.count
    else {
      throw Failure(.type, "apply: a gradient of the optimizer's model is needed", argument: 0)
    }
    let own = Set(try ParameterTree(target, c).parameters.map(\.key))
    if let stranger = gradient.refs.first(where: { !own.contains($0.key) }) {
      throw Mistakes.foreignGradient(stranger.name)
    }
    try update(gradient.refs, gradient.tensors, c)
    return .nil
  }

  /// The learning rate of the next update, from a number or a schedule.
  func learningRate(_ rate: Value, _ c: Context) throws -> Double {
    switch rate {
    case .closure, .callable, .model:
      let value = try c.call(rate, [.int(steps)])
      guard let number = Conversions.double(value) else { throw Mistakes.scheduleValue(value, step: steps) }
      return number
    default: return Conversions.double(rate) ?? 0
    }
  }
}

/// Some of an optimizer's parameters, with settings of their own.
struct ParameterGroup {
  /// A model, or list or record of models, or `fn(name, p)`.
  let members: Value
  /// A number or a schedule, where it has its own.
  let rate: Value?
  /// All settings, its own and the optimizer's.
  let settings: RecordBox

  /// Which of the parameters belong to it.
  func selects(_ c: Context) throws -> (ParameterRef) throws -> Bool {
    if try ParameterTree.holdsModel(members, c) {
      let keys = Set(try ParameterTree(members, c).parameters.map(\.key))
      return { keys.contains($0.key) }
    }
    return { ref in try c.truth(try c.call(members, [.string(ref.name), .tensor(ref.tensor)]), at: .none) }
  }
}
