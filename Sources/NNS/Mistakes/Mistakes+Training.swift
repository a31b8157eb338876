import NNSSyntax

extension Mistakes {
  // MARK: Making an optimizer

  static func optimizedValue(_ name: String, _ value: Value, argument: Int) -> Failure {
    Failure(
      .type, "\(name) needs a model, or a list or record of models, found \(value.summary)",
      help: "it is called as \(name)(net, lr: 1e-3)", argument: argument)
  }

  static func rateType(_ name: String, _ value: Value) -> Failure {
    Failure(
      .type, "\(name): lr must be a number or a schedule, found \(value.summary)",
      help: "a schedule is a function of the step: lr: cosine(1e-3, 10_000, warmup: 500)")
  }

  static func rateRange(_ name: String, _ number: Double) -> Failure {
    Failure(.value, "\(name): lr must be 0 or more, found \(Display.float(number))")
  }

  static func setting(_ name: String, _ key: String, _ value: Value) -> Failure {
    Failure(.type, "\(name): \(key) must be a number or bool, found \(value.summary)")
  }

  private static let groupHelp = "a group is written {of: net.encoder, lr: 1e-4}, and groups stand in a list"

  static func groups(_ name: String, _ value: Value) -> Failure {
    Failure(
      .type, "\(name): groups must be a list of records with the key \"of\", found \(value.summary)", help: groupHelp)
  }

  static func groupMembers(_ name: String, _ value: Value) -> Failure {
    Failure(
      .type, "\(name): \"of\" must be a model, a list of models or fn(name, p), found \(value.summary)", help: groupHelp
    )
  }

  static func groupSetting(_ name: String, _ key: String, known: [String]) -> Failure {
    let known = ["lr"] + known
    return Failure(
      .key, "\(name) has no setting \(Display.quoted(key))",
      help: Suggestions.nearest(to: key, among: known).map { "did you mean \($0)?" }
        ?? "a group may set \(listed(known))")
  }

  // MARK: Steps

  static func scheduleValue(_ value: Value, step: Int) -> Failure {
    Failure(.type, "the schedule must give a number, but gives \(value.summary) at step \(step)")
  }

  static func foreignGradient(_ parameter: String) -> Failure {
    Failure(
      .value, "apply: the gradient's parameter \(Display.quoted(parameter)) is none of the optimizer's model",
      argument: 0)
  }

  static func ruleResult(_ name: String, _ value: Value) -> Failure {
    Failure(
      .type,
      "\(name): the rule must give a list of the parameter, of the same shape and dtype, and its state, found \(value.summary)"
    )
  }

  static func differentModels(argument: Int) -> Failure {
    Failure(.value, "the models are of different kinds: their parameters differ in names or shapes", argument: argument)
  }

  // MARK: State

  static func unsavableState(_ name: String, _ parameter: String, _ value: Value) -> Failure {
    Failure(
      .type, "save: the state that \(name) keeps of \(Display.quoted(parameter)) is \(value.summary)",
      help: "state that can be saved is nil, a tensor or a list of tensors")
  }

  static func noOptimizerState() -> Failure {
    Failure(
      .value, "load: the file holds no optimizer's state: \"steps\" is missing",
      help: "a model's parameters are loaded with load(net, file)")
  }

  static func foreignState(_ parameter: String, _ type: String) -> Failure {
    Failure(.shape, "load: the state of \(Display.quoted(parameter)) \(type) fits no parameter of the model")
  }

  static func unknownState(_ name: String) -> Failure {
    Failure(.value, "load: \(Display.quoted(name)) is no part of an optimizer's state")
  }
}
