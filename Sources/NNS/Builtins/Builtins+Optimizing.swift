import NNSTensor

extension Builtins {
  /// What optimizers are made of.
  static let optimizing: [Builtin] = [
    Builtin(
      "optimizer",
      [
        .init("name", .string), .init("net"), .init("rule", .function), .init("lr"),
        .init("settings", .record, .nil), .init("state", .int, .int(0)), .init("clip_norm", .number, .nil),
        .init("only", .function, .nil), .init("decay", .function, .nil), .init("groups", .any, .nil),
      ],
      "An optimizer of one's own: `rule(p, g, state, s)` gives a list of the new parameter and its new state, which is nil at first; `s` is a record of the settings, with `lr` and `step`, which counts from 1.",
      examples: [
        (
          "let net = Linear(1, 1)\nlet opt = optimizer(\"Plain\", net, fn(p, g, state, s) = (p - s.lr * g, nil), lr: 0.1)\nopt.step { sum(net.bias * net.bias) }\nprint(opt)",
          "<Plain, 1 steps>"
        )
      ], isMethod: false
    ) { a, c in .object(try OptimizerArguments(a, c).optimizer) },
    Builtin(
      "freeze", [.init("net")],
      "Keeps the parameters of a model, or list or record of models, as they are: differentiations and optimizers pass over them, and it evaluates as it does outside training.",
      examples: [
        (
          "let net = Sequential(Linear(2, 3), Linear(3, 1))\nfreeze(net._children[0])\nlet (loss, g) = differentiate(net) { sum(net([[1.0, 2.0]])) }\nprint(g._children[0].weight)",
          "nil"
        )
      ], isMethod: false
    ) { a, c in
      for instance in try ModelArguments.tree(a, c).instances { instance.isFrozen = true }
      return .nil
    },
    Builtin(
      "unfreeze", [.init("net")], "Lets the parameters that `freeze` kept be trained again.",
      examples: [
        (
          "let net = Linear(1, 1)\nfreeze(net)\nunfreeze(net)\nlet (loss, g) = differentiate(net) { sum(net([[1.0]])) }\nprint(g.bias)",
          "[1.0]"
        )
      ], isMethod: false
    ) { a, c in
      for instance in try ModelArguments.tree(a, c).instances { instance.isFrozen = false }
      return .nil
    },
    Builtin(
      "_blend", [.init("net", .model), .init("other", .model), .init("weight", .number)],
      "Moves the parameters of a model by a share of the way to another's of the same kind, and takes over its state.",
      isMethod: false
    ) { a, c in
      let (tree, other) = try ModelArguments.twins(a, c)
      if c.differentiations > 0 { throw Mistakes.stepWhileDifferentiating() }
      let weight = Tensor.weak(try a.double(2))
      for (ref, goal) in zip(tree.parameters, other.parameters) {
        let way = try c.engine.apply(c.operations.binary(.subtract), goal.tensor, ref.tensor)
        let step = try c.engine.apply(c.operations.binary(.multiply), way, weight)
        ref.set(c.engine.detached(try c.engine.apply(c.operations.binary(.add), ref.tensor, step)))
      }
      tree.takeState(of: other)
      return .nil
    },
  ]
}

/// What `optimizer` was given, checked.
private struct OptimizerArguments {
  let optimizer: Optimizer

  init(_ a: BoundArguments, _ c: Context) throws {
    let name = try a.string(0)
    guard try ParameterTree.holdsModel(a[1], c) else { throw Mistakes.optimizedValue(name, a[1], argument: 1) }
    if try ParameterTree(a[1], c).parameters.isEmpty { throw Mistakes.noParameters(name) }
    var rule = Optimizer.Rule.script(a[2])
    if case .callable(let callable) = a[2], let op = (callable as? BuiltinFunction)?.op {
      rule = .fused(op, stateCount: try a.int(5))
    }
    let settings = a[4].isNil ? RecordBox(entries: []) : try a.record(4)
    for (key, value) in settings.entries { try OptimizerArguments.check(key.string, value, name) }
    try OptimizerArguments.checkRate(a[3], name)
    optimizer = Optimizer(
      name: name, target: a[1], rule: rule, rate: a[3], settings: settings,
      clipNorm: a[6].isNil ? nil : try a.double(6), only: a[7], decay: a[8],
      groups: try OptimizerArguments.groups(a[9], settings, name, c))
  }

  private static func groups(
    _ value: Value, _ settings: RecordBox, _ name: String, _ c: Context
  ) throws -> [ParameterGroup] {
    if value.isNil { return [] }
    guard case .list(let list) = value else { throw Mistakes.groups(name, value) }
    return try list.map { item in
      guard case .record(let record) = item, let members = record["of"] else { throw Mistakes.groups(name, item) }
      switch members {
      case .closure, .callable: break
      default: if !(try ParameterTree.holdsModel(members, c)) { throw Mistakes.groupMembers(name, members) }
      }
      let own = settings.copy()
      for (key, value) in record.entries where key != "of" {
        if key == "lr" {
          try checkRate(value, name)
        } else {
          guard settings[key] != nil else { throw Mistakes.groupSetting(name, key.string, known: settings.names) }
          try check(key.string, value, name)
          own[key] = value
        }
      }
      return ParameterGroup(members: members, rate: record["lr"], settings: own)
    }
  }

  private static func check(_ key: String, _ value: Value, _ name: String) throws {
    if case .bool = value { return }
    guard Conversions.double(value) != nil else { throw Mistakes.setting(name, key, value) }
  }

  private static func checkRate(_ rate: Value, _ name: String) throws {
    switch rate {
    case .closure, .callable, .model: return
    default:
      guard let number = Conversions.double(rate) else { throw Mistakes.rateType(name, rate) }
      guard number >= 0, number.isFinite else { throw Mistakes.rateRange(name, number) }
    }
  }
}
