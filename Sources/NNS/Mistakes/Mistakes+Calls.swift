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

  /// For `x |> f(y)`, where `f` takes one argument.
  static func pipedHelp(_ function: String) -> String {
    "the left side of |> is the first argument; to call the result with it, write x |> (\(function)(…))"
  }

  static func missingArguments(_ missing: [Int], _ signature: Signature, given: Int, at span: Span) -> Diagnostic {
    Diagnostic(.type, missingMessage(missing, signature, given), at: span, help: help(signature))
  }

  static func givenTwice(_ label: String, function: String, at span: Span) -> Diagnostic {
    Diagnostic(.type, "\(function): argument \(Display.quoted(label)) is given twice: by place and by name", at: span)
  }

  // MARK: Seen in the run

  static func tooMany(_ signature: Signature, given: Int) -> Failure {
    arity(Arity(signature: signature, given: given))
  }

  /// - Parameter missing: the positions of the parameters that were given nothing.
  static func missing(_ missing: [Int], _ signature: Signature, given: Int) -> Failure {
    arity(Arity(signature: signature, given: given, missing: missing))
  }

  static func arity(_ arity: Arity) -> Failure {
    let signature = arity.signature
    let message =
      arity.missing.map { missingMessage($0, signature, arity.given) } ?? tooManyMessage(signature, arity.given)
    let receiver = arity.receiver.map { "\($0)." } ?? ""
    var failure = Failure(
      .type, message, help: signature.name.isEmpty ? nil : "it is called as \(receiver)\(signature.description)")
    failure.arity = arity
    return failure
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
    let places = signature.parameters.filter { !$0.isNamedOnly }
    let count = places.count
    if signature.parameters.isEmpty { return "\(called(signature)) takes no arguments, found \(given)" }
    if count == 0 { return "\(called(signature)) takes its arguments by name, found \(given) without" }
    let least = places.filter { !$0.isOptional && !$0.isRest }.count
    let expected = least == count ? "\(count)" : "at most \(count)"
    let kind = count < signature.parameters.count ? " by place" : ""
    return "\(called(signature)) takes \(expected) argument\(count == 1 ? "" : "s")\(kind), found \(given)"
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

  /// For a function of several parameters that is called with one list of as many items.
  static func takenApart(_ signature: Signature) -> String {
    let names = signature.parameters.map { $0.name ?? "_" }.joined(separator: ", ")
    return "each item is one list; a pattern takes it apart: fn((\(names))) = …"
  }

  /// For several built-ins of one name.
  static func help(_ signatures: [Signature]) -> String {
    // Of several that differ in types only, one is enough.
    var forms: [String] = []
    for form in signatures.map(\.description) where !forms.contains(form) { forms.append(form) }
    return "it is called as \(forms.joined(separator: " or "))"
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

  /// - Parameter argument: the parameter's name in quotes, or its number from 1.
  static func hostArgument(
    _ function: String, _ parameter: String, _ error: ConversionError, argument: Int?
  ) -> Failure {
    let place = error.place.isEmpty ? "" : " (\(error.place))"
    return Failure(
      .type, "\(function): argument \(parameter) must be \(article(error.expected)), found \(error.found)\(place)",
      argument: argument)
  }

  static func unnamedParameters(_ signature: Signature, _ name: String) -> Failure {
    Failure(
      .name, "\(signature.name) has no parameter \(Display.quoted(name))",
      help: "its \(signature.parameters.count == 1 ? "argument goes" : "arguments go") by place")
  }

  /// What a function of the host has thrown.
  static func hostError(_ function: String, _ reason: String) -> Failure {
    Failure(.raise, "\(function): \(reason)")
  }

  static func foreignValue(_ what: String) -> Failure {
    Failure(
      .value, "\(what) belongs to another interpreter", help: "only tensors, numbers and texts go from one to another")
  }

  /// `lists of floats` for `list of floats`.
  static func plural(_ noun: String) -> String {
    guard let space = noun.firstIndex(of: " ") else { return noun + "s" }
    return noun[..<space] + "s" + noun[space...]
  }

  /// The first argument chooses among built-ins of one name, and none of them takes this one.
  static func firstArgument(
    of function: String, expected kinds: [String], found: Value, _ signatures: [Signature]
  ) -> Failure {
    Failure(
      .type, "\(function): the first argument must be \(article(choice(kinds))), found \(found.summary)",
      help: help(signatures), argument: 0)
  }

  static func extremeByPlace(_ name: String) -> Failure {
    Failure(
      .type, "\(name) of a tensor takes axis by name",
      help: "write \(name)(x, axis: 0); \(name == "max" ? "maximum" : "minimum")(x, y) compares element by element")
  }

  /// `a`, `a or b`, `a, b or c`.
  static func choice(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return "\(words.dropLast().joined(separator: ", ")) or \(last)"
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

  // MARK: Annotations

  /// - Parameter subject: what was checked: `f: argument "x"`.
  static func annotation(_ kind: Diagnostic.Kind, _ subject: String, expected: String, found: Value) -> Failure {
    Failure(kind, "\(subject) must be \(article(expected)), found \(found.summary)")
  }

  static func argumentPattern(_ subject: String, count: Int, found: Value, argument: Int) -> Failure {
    Failure(
      .type,
      "\(subject) must be a list of \(count), or a tensor whose first axis has that size, found \(found.summary)",
      argument: argument)
  }
}
