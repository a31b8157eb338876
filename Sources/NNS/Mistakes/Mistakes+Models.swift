import NNSSyntax

extension Mistakes {
  static func paramType(_ name: String, _ value: Value, at span: Span) -> Diagnostic {
    Diagnostic(
      .type,
      "param \(Display.quoted(name)) must be a float tensor, nil, or a list or record of tensors, found \(value.summary)",
      at: span, help: "what is not trained belongs in a let or var field")
  }

  static func paramDType(_ name: String, _ type: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .dtype, "param \(Display.quoted(name)) must be a float tensor, found \(type)", at: span,
      help: "convert it with .to(\"f32\"), or keep it in a let or var field")
  }

  static func paramKind(_ name: String, _ old: String, _ new: String, at span: Span) -> Diagnostic {
    Diagnostic(.type, "param \(Display.quoted(name)) is \(old) and cannot become \(new)", at: span)
  }

  static func paramShape(_ name: String, _ old: String, _ new: String, at span: Span) -> Diagnostic {
    Diagnostic(.shape, "param \(Display.quoted(name)) is \(old) and cannot become \(new)", at: span)
  }

  static func paramConversion(_ name: String, _ dtype: String, _ new: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .dtype, "param \(Display.quoted(name)) holds \(dtype) and cannot become \(new)", at: span,
      help: "convert the value with .to(\"\(dtype)\")")
  }

  static func paramWhileDifferentiating(_ name: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .value, "param \(Display.quoted(name)) cannot be assigned while its model is being differentiated", at: span,
      help: "compute with a new model: net - g, or assign after the step")
  }

  static func modelWhileDifferentiating(_ name: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .value, "\(name) cannot be changed while it is being differentiated", at: span,
      help: "make a new model instead: let next = \(name) - g")
  }

  static func stepWhileDifferentiating(_ name: String) -> Failure {
    Failure(
      .value, "step: the model of parameter \(Display.quoted(name)) is being differentiated",
      help: "call it after the block that is differentiated, or make a new model there: net - g")
  }

  static func stepWithoutBlock() -> Failure {
    Failure(.type, "step needs a block that computes the loss", help: "write opt.step { … }")
  }

  static func accumulation(_ value: Value, argument: Int?) -> Failure {
    Failure(
      .value, "step: argument \"accumulate\" must be a positive int, found \(value.summary)", argument: argument)
  }

  static func modelOperand(_ op: BinaryOperator, _ value: Value) -> Failure {
    Failure(.type, "\(op.rawValue) on a model takes a number or a gradient of the model, found \(value.summary)")
  }

  static func noParameters(_ what: String) -> Failure {
    Failure(
      .value, "\(what): the model has no parameters", help: "trained tensors are declared with param in a model",
      argument: 0)
  }

  static func nothingToDifferentiate(_ what: String, _ value: Value) -> Failure {
    Failure(
      .type, "\(what): cannot differentiate by \(value.summary)",
      help: "a float, a float tensor, a model, or a list or record of these can", argument: 0)
  }

  static func differentiatesInt(_ what: String, _ number: Int) -> Failure {
    Failure(
      .dtype, "\(what): cannot differentiate by int \(number): only floats have gradients",
      help: "write \(number).0 for a float", argument: 0)
  }

  static func differentiatedValue(_ what: String, _ value: Value) -> Failure {
    Failure(
      .type, "\(what): the function must give a number, found \(value.summary)",
      help: "its last line is its value; a list may begin with the number")
  }

  static func differentiatedShape(_ what: String, _ type: String) -> Failure {
    Failure(
      .shape, "\(what): the function must give one number, found \(type)", help: "reduce it with mean(…) or sum(…)")
  }

  static func gradientArgument(_ what: String) -> Failure {
    Failure(.type, "\(what): the function must be called with the argument to differentiate by")
  }
}
