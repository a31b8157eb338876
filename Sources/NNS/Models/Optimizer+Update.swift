import NNSTensor

extension Optimizer {
  /// Moves parameters against their gradients.
  func update(_ refs: [ParameterRef], _ gradients: [Tensor], _ c: Context) throws {
    if c.differentiations > 0 { throw Mistakes.stepWhileDifferentiating() }
    let trained = try refs.indices.filter { index in
      guard refs[index].isTrained else { return false }
      return only.isNil ? true : try holds(only, refs[index], c)
    }
    // What is not trained does not count in the norm.
    var gradients = trained.map { gradients[$0] }
    try reached.note(trained.map { refs[$0].name }, gradients, c)
    if let clipNorm { gradients = try Gradients.clipped(gradients, clipNorm, c) }
    let selectors = try groups.map { try $0.selects(c) }
    var plans = [Plan?](repeating: nil, count: 2 * (groups.count + 1))
    let moves = try zip(trained.map { refs[$0] }, gradients).map { ref, gradient in
      let group = try selectors.firstIndex { try $0(ref) } ?? groups.count
      let decays = decay.isNil ? true : try holds(decay, ref, c)
      let index = 2 * group + (decays ? 1 : 0)
      if plans[index] == nil { plans[index] = try plan(group: group, decays: decays, c) }
      return (ref: ref, gradient: gradient, plan: index)
    }
    steps += 1
    for move in moves {
      guard let plan = plans[move.plan] else { continue }
      switch rule {
      case .script(let rule): try run(rule, plan, move.ref, move.gradient, c)
      case .fused(let op, let count): try run(op, count, plan, move.ref, move.gradient, c)
      }
    }
  }

  private func holds(_ condition: Value, _ ref: ParameterRef, _ c: Context) throws -> Bool {
    try c.truth(try c.call(condition, [.string(ref.name), .tensor(ref.tensor)]), at: .none)
  }

  /// The settings of an update, as the rule takes them.
  private enum Plan {
    case record(RecordBox)
    case attributes([Attribute])
  }

  private func plan(group: Int, decays: Bool, _ c: Context) throws -> Plan {
    let own = group < groups.count ? groups[group] : nil
    let settings = (own?.settings ?? settings).copy()
    settings["lr"] = .float(try learningRate(own?.rate ?? rate, c))
    settings["step"] = .int(steps + 1)
    if !decays, settings["weight_decay"] != nil { settings["weight_decay"] = .float(0) }
    guard case .fused(let op, _) = rule else { return .record(settings) }
    return .attributes(
      op.parameters.filter { !$0.kind.isTensor }.map { parameter in
        switch settings[Text(parameter.name)] {
        case .bool(let flag)?: return .bool(flag)
        case .int(let number)?: return .int(number)
        case let value?: return Conversions.double(value).map { .float($0) } ?? .none
        case nil: return parameter.defaultValue ?? .none
        }
      })
  }

  private func run(_ rule: Value, _ plan: Plan, _ ref: ParameterRef, _ gradient: Tensor, _ c: Context) throws {
    guard case .record(let settings) = plan else { return }
    var before = Value.nil
    if case .script(let value)? = state[ref.name] { before = value }
    let old = ref.tensor
    let result = try c.call(rule, [.tensor(old), .tensor(gradient), before, .record(settings.copy())])
    guard case .list(let pair) = result, pair.count == 2, case .tensor(let new) = pair[0],
      new.shape == old.shape, new.dtype == old.dtype
    else { throw Mistakes.ruleResult(name, result) }
    ref.set(c.engine.detached(new))
    state[ref.name] = .script(pair[1])
  }

  private func run(
    _ op: Op, _ count: Int, _ plan: Plan, _ ref: ParameterRef, _ gradient: Tensor, _ c: Context
  ) throws {
    guard case .attributes(let attributes) = plan else { return }
    var before = TensorList()
    if case .fused(let tensors)? = state.removeValue(forKey: ref.name) { before = tensors }
    var inputs = TensorList(ref.tensor, gradient)
    for index in 0..<count {
      inputs.append(try before.optional(index) ?? c.engine.zeros(inputs[0].type))
    }
    // Only the inputs hold the tensors now: they are changed in place, unless a script holds them too.
    before = TensorList()
    ref.set(.absent)
    defer {
      ref.set(inputs[0])
      state[ref.name] = .fused(TensorList(inputs.dropFirst(2)))
    }
    try c.engine.update(op, &inputs, attributes)
  }
}
