import NNSSyntax

extension Mistakes {
  // MARK: Seen in the text

  static func unknownLabel(_ label: String, function: String, known: [String], at span: Span) -> Diagnostic {
    Diagnostic(
      .name, unknownLabelMessage(label, function), at: span,
      help: Suggestions.nearest(to: label, among: known).map { "did you mean \($0):?" } ?? names(known))
  }

  private static func unknownLabelMessage(_ label: String, _ function: String) -> String {
    "\(function.isEmpty ? "the function" : function) has no parameter \(Display.quoted(label))"
  }

  private static func names(_ known: [String]) -> String {
    known.isEmpty ? "it takes no named arguments" : "it has \(listed(known))"
  }

  static func noBlock(_ function: String, at span: Span) -> Diagnostic {
    Diagnostic(.type, "\(function) takes no arguments, so no block can be passed to it", at: span)
  }

  static func argumentCount(_ signature: Signature, given: Int, at span: Span) -> Diagnostic {
    Diagnostic(.type, tooManyMessage(signature, given), at: span, help: help(signature))
  }

  static func missingArguments(_ missing: [Int], _ signature: Signature, given: Int, at span: Span) -> Diagnostic {
    Diagnostic(.type, missingMessage(missing, signature, given), at: span, help: help(signature))
  }

  static func givenTwice(_ label: String, function: String, at span: Span) -> Diagnostic {
    Diagnostic(.type, "\(function): argument \(Display.quoted(label)) is given twice: by place and by name", at: span)
  }

  // MARK: Seen in the run

  static func tooMany(_ signature: Signature, given: Int) -> Failure {
    Failure(.type, tooManyMessage(signature, given), help: help(signature))
  }

  /// - Parameter missing: the positions of the parameters that were given nothing.
  static func missing(_ missing: [Int], _ signature: Signature, given: Int) -> Failure {
    Failure(.type, missingMessage(missing, signature, given), help: help(signature))
  }

  static func unknownArgument(_ label: String, _ signature: Signature) -> Failure {
    let known = signature.labels
    return Failure(
      .name, unknownLabelMessage(label, signature.name),
      help: Suggestions.nearest(to: label, among: known).map { "did you mean \($0):?" } ?? names(known))
  }

  static func argumentTwice(_ name: String, _ signature: Signature) -> Failure {
    Failure(.type, "\(called(signature)): argument \(Display.quoted(name)) is given twice: by place and by name")
  }

  static func blockForNothing(_ signature: Signature) -> Failure {
    Failure(.type, "\(called(signature)) takes no arguments, so no block can be passed to it")
  }

  private static func called(_ signature: Signature) -> String {
    signature.name.isEmpty ? "the function" : signature.name
  }

  private static func tooManyMessage(_ signature: Signature, _ given: Int) -> String {
    let count = signature.parameters.count
    if count == 0 { return "\(called(signature)) takes no arguments, found \(given)" }
    let least = signature.parameters.filter { !$0.isOptional && !$0.isRest }.count
    let expected = least == count ? "\(count)" : "at most \(count)"
    return "\(called(signature)) takes \(expected) argument\(count == 1 ? "" : "s"), found \(given)"
  }

  private static func missingMessage(_ missing: [Int], _ signature: Signature, _ given: Int) -> String {
    let names = missing.map { signature.parameters[$0].name.map { Display.quoted($0) } ?? "\($0 + 1)" }
    return "\(called(signature)) needs argument\(names.count == 1 ? "" : "s") \(joined(names)): \(given) given"
  }

  /// `a, b and c`.
  private static func joined(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return "\(words.dropLast().joined(separator: ", ")) and \(last)"
  }

  private static func help(_ signature: Signature) -> String? {
    signature.name.isEmpty ? nil : "it is called as \(signature.description)"
  }

  /// For several built-ins of one name.
  static func help(_ signatures: [Signature]) -> String {
    "it is called as \(signatures.map(\.description).joined(separator: " or "))"
  }

  static func notCallable(_ value: Value) -> Failure {
    let help: String? =
      switch value {
      case .list, .tensor, .record, .string: "an element is read with brackets: x[0]"
      case .int, .float: "a product is written with *"
      case .nil: nilHelp
      case .object(let object) where object is ModuleObject: "its members are read with a point: module.name"
      default: nil
      }
    return Failure(.type, "\(value.summary) cannot be called: only functions and models can", help: help)
  }

  /// Where a value is nil that should not be.
  static let nilHelp = "where does it come from? A function without a last value, and an if without else, give nil"

  static func noForward(_ model: String) -> Failure {
    Failure(
      .name, "model \(model) has no method \"forward\", so it cannot be called",
      help: "add fn forward(x) { … } to the model, or call one of its methods by name")
  }

  static func spreadArgument(_ value: Value, at span: Span) -> Diagnostic {
    Diagnostic(.type, "only a list or a record can be spread into arguments, found \(value.summary)", at: span)
  }

  static func spreadList(_ value: Value, at span: Span) -> Diagnostic {
    Diagnostic(
      .type, "only a list can be spread into a list, found \(value.summary)", at: span,
      help: "list(x) makes a list of anything that can be iterated over")
  }

  static func spreadRecord(_ value: Value, at span: Span) -> Diagnostic {
    Diagnostic(.type, "only a record can be spread into a record, found \(value.summary)", at: span)
  }

  static func argumentType(
    _ name: String, function: String, expected: String, found: Value, argument: Int?
  ) -> Failure {
    Failure(
      .type, "\(function): argument \(Display.quoted(name)) must be \(article(expected)), found \(found.summary)",
      argument: argument)
  }

  static func article(_ noun: String) -> String {
    if noun == "anything" || noun.hasPrefix("ints") || noun.hasPrefix("(") || noun.hasPrefix("[") || noun.contains("[")
    {
      return noun
    }
    guard let first = noun.first else { return noun }
    return ("aeioAEIO".contains(first) ? "an " : "a ") + noun
  }

  static func unknownDType(_ name: String, argument: Int?) -> Failure {
    let known = ["f32", "f64", "bf16", "i64", "i32", "u8", "bool"]
    let aliases = [
      "float32": "f32", "float": "f32", "float64": "f64", "double": "f64", "int64": "i64", "int": "i64", "long": "i64",
      "int32": "i32", "uint8": "u8", "bfloat16": "bf16",
    ]
    let meant = aliases[name] ?? Suggestions.nearest(to: name, among: known)
    return Failure(
      .dtype, "there is no dtype \(Display.quoted(name))",
      help: meant.map { "did you mean \(Display.quoted($0))?" } ?? "there are \(listed(known))", argument: argument)
  }

  static func noPlaceMethod(_ name: String, _ value: Value) -> Failure {
    Failure(
      .type, "\(value.typeName) has no \(name)",
      help: {
        if case .tensor = value { return "a tensor's size does not change; concat((x, y)) makes a longer one" }
        return nil
      }())
  }

  static func insertRange(_ index: Int, count: Int) -> Failure {
    Failure(
      .index, "insert: index \(index) is out of range for a list of \(count)",
      help: "\(count) adds at the end\(count == 0 ? "" : "; valid are -\(count) to \(count)")", argument: 0)
  }

  static func assertion() -> Failure {
    var failure = Failure(.assert, "assertion failed")
    failure.quotesArgument = true
    return failure
  }

  static func insertArguments() -> Failure {
    Failure(.type, "insert needs an index and an item", help: "it is called as xs.insert(index, item)")
  }

  @inline(never)
  static func tooDeep(at span: Span) -> any Error {
    Diagnostic(
      .limit, "recursion is too deep", at: span,
      help: "does the function always reach a case that does not call itself?")
  }

  static func interrupted(at span: Span) -> Diagnostic { Diagnostic(.interrupt, "interrupted", at: span) }

  static func sourceTooLarge(_ size: Int, limit: Int, file: UInt32) -> Diagnostic {
    Diagnostic(
      .limit, "the source has \(size) bytes, more than the limit of \(limit)", at: Span(file: file, start: 0, end: 0))
  }

  static func outOfMemory(asked: Int) -> Failure {
    Failure(.limit, "out of memory: \(asked) bytes were asked for, beyond the limit")
  }

  // MARK: Annotations

  static func parameterType(
    _ name: String, _ function: String, expected: String, found: Value, argument: Int?
  ) -> Failure {
    Failure(
      .type, "\(function): argument \(Display.quoted(name)) must be \(article(expected)), found \(found.summary)",
      argument: argument)
  }

  static func resultType(_ function: String, expected: String, found: Value) -> Failure {
    Failure(.type, "\(function) must give \(article(expected)), but gives \(found.summary)")
  }
}
