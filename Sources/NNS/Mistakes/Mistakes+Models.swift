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

  // MARK: Summaries

  static func shapeNeedsData() -> Failure {
    Failure(.value, "summary: a shape within the model depends on the data, which a summary does not have")
  }
}
