import NNSSyntax

extension Mistakes {
  // MARK: What is differentiated, and by what

  static func noParameters(_ what: String) -> Failure {
    Failure(
      .value, "\(what): the model has no parameters", help: "trained tensors are declared with param in a model",
      argument: 0)
  }

  static func allFrozen(_ what: String) -> Failure {
    Failure(
      .value, "\(what): all parameters of the model are frozen", help: "unfreeze(net) lets them be trained", argument: 0
    )
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

  static func differentiatesInts(_ what: String, _ type: String) -> Failure {
    Failure(
      .dtype, "\(what): cannot differentiate by \(type): only floats have gradients",
      help: "convert it with .to(\"f32\")",
      argument: 0)
  }

  static func differentiatesMore(_ what: String) -> Failure {
    Failure(
      .type, "\(what): only models can be differentiated by, not the tensors or numbers beside them",
      help: "grad(f)(x) differentiates by an argument of any kind", argument: 0)
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

  static func differentiatedOutput(_ what: String, _ value: Value) -> Failure {
    Failure(
      .type,
      "\(what): the function must give floats or float tensors, or lists or records of them, found \(value.summary)")
  }

  static func gradientArgument(_ what: String) -> Failure {
    Failure(.type, "\(what): the function must be called with the argument to differentiate by")
  }

  static func pullbackArgument() -> Failure {
    Failure(.type, "pullback: one argument is needed: the gradient of something by the function's value")
  }

  // MARK: Nests

  static func nestForm(_ what: String, _ expected: String, _ found: String) -> Failure {
    Failure(.type, "\(what): expected \(expected), found \(found)")
  }

  static func nestShape(_ what: String, _ expected: String, _ found: String) -> Failure {
    Failure(.shape, "\(what): expected \(expected), found \(found)")
  }

  static func gradientCount(_ a: Int, _ b: Int) -> Failure {
    Failure(.shape, "a model of \(a) parameters and a gradient of \(b) do not belong together")
  }

  static func gradientShape(_ a: (name: String, type: String), _ b: (name: String, type: String)) -> Failure {
    Failure(.shape, "parameter \(a.name) \(a.type) and gradient \(b.name) \(b.type) differ in shape")
  }

  static func notGradient(_ what: String, _ value: Value) -> Failure {
    Failure(
      .type,
      "\(what): a gradient is needed: float tensors or numbers, or lists or records of them, found \(value.summary)",
      argument: 0)
  }

  // MARK: Changes while differentiating

  static func paramWhileDifferentiating(_ name: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .value, "param \(Display.quoted(name)) cannot be assigned while something is being differentiated", at: span,
      help: "compute with a new model: net - g, or assign after the step")
  }

  static func modelWhileDifferentiating(_ name: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .value, "\(name) cannot be changed while something is being differentiated", at: span,
      help: "make a new model instead: let next = \(name) - g")
  }

  static func stepWhileDifferentiating() -> Failure {
    Failure(
      .value, "step: parameters cannot be updated while something is being differentiated",
      help: "call it after the block that is differentiated, or make a new model there: net - g")
  }

  static func loadWhileDifferentiating() -> Failure {
    Failure(
      .value, "load: parameters cannot be changed while something is being differentiated",
      help: "load before the block that is differentiated")
  }

  // MARK: Functions made of functions

  static func replayDiffers() -> Failure {
    Failure(
      .value, "checkpoint: run again in the backward pass, the function gave another value",
      help: "it must depend on nothing but its arguments, variables, models and random numbers")
  }

  static func replayAssigns() -> Failure {
    Failure(
      .value, "checkpoint: the function stores a value that is being differentiated in a variable or field outside it",
      help: "return the value, or store stop_gradient(…) of it")
  }

  static func notData(_ what: String, _ value: Value) -> Failure {
    Failure(
      .type,
      "\(what): the function must give tensors, numbers, strings, or lists or records of them, found \(value.summary)")
  }

  static func ruleValue(_ count: Int, _ value: Value) -> Failure {
    Failure(
      .type,
      "custom_gradient: the rule must give a list of \(count) gradients, one for each argument, found \(value.summary)",
      help: "nil stands for no gradient")
  }

  static func mapsNothing() -> Failure {
    Failure(
      .type, "vmap: the function must be called with at least one tensor to take slices of",
      help: "a tensor of rank 0 has none")
  }

  static func mapsRank0(_ type: String, argument: Int?) -> Failure {
    Failure(
      .shape, "vmap: \(type) has no axis 0 to take slices along",
      help: "pass numbers that all slices share as they are: x.item()",
      argument: argument)
  }

  static func mapsUnequal(_ a: String, _ b: String, argument: Int?) -> Failure {
    Failure(.shape, "vmap: the first axes must be of one size, found \(a) and \(b)", argument: argument)
  }

  static func mapsNoSlices(_ type: String, argument: Int?) -> Failure {
    Failure(
      .shape, "vmap: \(type) has no slices along axis 0, so that what the function gives is not known",
      argument: argument)
  }

  static func mapsTo(_ value: Value) -> Failure {
    Failure(
      .type, "vmap: the function must give tensors or numbers, or lists or records of them, found \(value.summary)")
  }

  static func mapsToDifferent(_ a: String, _ b: String) -> Failure {
    Failure(.shape, "vmap: the function must give the same for each slice, found \(a) and \(b)")
  }

  static func gradientDiffers(_ place: String, found: Double, expected: Double) -> Failure {
    Failure(
      .assert,
      "check_gradient: the gradient\(place) is \(Display.float(found)), by differences \(Display.float(expected))")
  }
}
