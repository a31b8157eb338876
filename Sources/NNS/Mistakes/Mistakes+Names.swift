import NNSSyntax

/// Every message of the language's run and resolution, named. Those with a place give a ``Diagnostic``, those of
/// built-ins a ``Failure``, which the call gives its place.
enum Mistakes {}

extension Mistakes {
  // MARK: Names

  static func unknownName(_ name: String, similar: String?, at span: Span) -> Diagnostic {
    Diagnostic(
      .name, "unknown name \(Display.quoted(name))", at: span,
      help: Habits.help(name: name) ?? similar.map { "did you mean \(Display.quoted($0))?" })
  }

  static func unknownAssigned(_ name: String, similar: String?, at span: Span) -> Diagnostic {
    Diagnostic(
      .name, "unknown name \(Display.quoted(name))", at: span,
      help: similar.map { "did you mean \(Display.quoted($0))?" } ?? "declare it first: var \(name) = …")
  }

  static func usedBeforeLine(_ name: String, at span: Span, declared: Span) -> Diagnostic {
    var diagnostic = Diagnostic(
      .name, "\(Display.quoted(name)) is used before its line has run", at: span,
      help: "move this line below the one that declares it")
    diagnostic.labels = [.init(span: declared, text: "declared here")]
    return diagnostic
  }

  static func unset(_ name: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .name, "\(Display.quoted(name)) is used before its line has run", at: span,
      help: "call what uses it below the line that declares it")
  }

  static func unboundDimension(_ name: String, of function: String, at span: Span) -> Diagnostic {
    let owner = function.isEmpty ? "" : " of \(function)"
    return Diagnostic(
      .name, "dimension \(Display.quoted(name))\(owner) is never bound: it stands in arithmetic only", at: span,
      help: "mention \(name) alone in the shape of a parameter, or make it a parameter")
  }

  static func unsetDimension(_ name: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .name, "dimension \(Display.quoted(name)) has no size: no argument that mentions it was given", at: span)
  }

  static func noType(_ name: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .type, "\(Display.quoted(name)) is neither a type nor a model", at: span,
      help: "there are int, float, bool, string, list, record, tensor, fn, shapes such as [B, 3], and models")
  }

  /// - Parameter kind: what the earlier one is.
  static func declaredTwice(
    _ name: String, at span: Span, earlier: Span, kind: Variable.Kind = .function
  ) -> Diagnostic {
    var diagnostic = Diagnostic(
      .name, "\(Display.quoted(name)) is declared twice", at: span,
      help: kind == .var
        ? "to give it another value, write \(name) = … without let or var"
        : kind == .let
          ? "give one of them another name, or declare the first with var and assign \(name) = …"
          : "give one of them another name")
    diagnostic.labels = [.init(span: earlier, text: "first declared here")]
    return diagnostic
  }

  static func unused(_ name: String, what: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .name, "\(what) \(Display.quoted(name)) is never used", at: span,
      help: what == "import" ? "remove the import" : "remove it, or call it _\(name)")
  }

  static func unknownModule(_ name: String, known: [String], at span: Span) -> Diagnostic {
    let similar = Suggestions.nearest(to: name, among: known)
    return Diagnostic(
      .name, "there is no module \(Display.quoted(name)) in the standard library", at: span,
      help: similar.map { "did you mean import \($0)?" }
        ?? "a file is imported by its path: import \"\(name).nns\"")
  }

  static func importCycle(_ files: [String], at span: Span) -> Diagnostic {
    Diagnostic(
      .name, "import cycle: \(files.joined(separator: " imports "))", at: span,
      help: "move what both files need into a third one")
  }

  static func selfOutside(at span: Span) -> Diagnostic {
    Diagnostic(.name, "self is known only inside a model", at: span)
  }

  // MARK: Statements out of place

  static func topLevelOnly(_ word: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .syntax, "\(word) stands at the top level of a file only", at: span, help: "move it out of the block")
  }

  static func returnOutside(at span: Span) -> Diagnostic {
    Diagnostic(.syntax, "return outside a function", at: span, help: "to end the script, call exit(0)")
  }

  static func outsideLoop(_ word: String, crossesFunction: Bool, isBlockArgument: Bool, at span: Span) -> Diagnostic {
    if crossesFunction {
      let what = isBlockArgument ? "a block argument" : "a function"
      return Diagnostic(
        .syntax, "\(word) cannot cross \(what) to reach the loop around it", at: span,
        help: isBlockArgument ? "use return to leave the block, and test its value in the loop" : nil)
    }
    return Diagnostic(.syntax, "\(word) outside a loop", at: span)
  }

  // MARK: Assignment

  static func notAssignable(at span: Span) -> Diagnostic {
    Diagnostic(
      .syntax, "this cannot be assigned to", at: span,
      help: "only a name, an element such as x[0], or a field such as r.a can")
  }

  static func notVar(_ name: String, kind: Variable.Kind, declared: Span, isWhole: Bool, at span: Span) -> Diagnostic {
    let what =
      switch kind {
      case .parameter: "a parameter"
      case .loop: "a loop variable"
      case .function: "a function"
      case .model: "a model"
      case .module: "an imported module"
      case .caught: "a caught error"
      case .dimension: "a dimension of a shape"
      default: "declared with let"
      }
    var diagnostic = Diagnostic(
      .name,
      isWhole
        ? "\(Display.quoted(name)) cannot be assigned again: it is \(what)"
        : "an element of \(Display.quoted(name)) cannot be assigned: it is \(what)", at: span)
    diagnostic.help = helpToChange(name, kind)
    diagnostic.labels = [.init(span: declared, text: "declared here")]
    return diagnostic
  }

  private static func helpToChange(_ name: String, _ kind: Variable.Kind) -> String? {
    switch kind {
    case .let: "declare it with var instead of let"
    case .parameter, .loop, .dimension, .caught: "copy it first: var \(name) = \(name)"
    default: nil
    }
  }

  static func notChangeable(_ name: String, at span: Span) -> Diagnostic {
    Diagnostic(.name, "\(Display.quoted(name)) cannot be changed here", at: span)
  }

  static func placeNotVar(
    _ name: String, method: String, kind: Variable.Kind, declared: Span, at span: Span
  ) -> Diagnostic {
    var diagnostic = Diagnostic(
      .name, "\(method) changes the place it is called on, and \(Display.quoted(name)) is no var", at: span,
      help: helpToChange(name, kind))
    diagnostic.labels = [.init(span: declared, text: "declared here")]
    return diagnostic
  }

  static func fieldNotVar(_ name: String, kind: ModelScope.Member.Kind, declared: Span, at span: Span) -> Diagnostic {
    var diagnostic = Diagnostic(
      .name,
      "field \(Display.quoted(name)) cannot be assigned: it is \(kind == .let ? "a let field" : kind == .dimension ? "a dimension of a shape" : "a parameter of the model")",
      at: span,
      help: kind == .let
        ? "declare the field with var instead of let" : "keep it in a field: var \(name)_now = \(name)")
    diagnostic.labels = [.init(span: declared, text: "declared here")]
    return diagnostic
  }

  static func fieldAssigned(_ name: String, model: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .name, "field \(Display.quoted(name)) of \(model) cannot be assigned: it is no var and no param", at: span,
      help: "declare the field with var")
  }

  /// A place within a field that itself may not be changed.
  static func fieldNotChanged(
    _ name: String, kind: ModelScope.Member.Kind, model: String, at span: Span
  ) -> Diagnostic {
    Diagnostic(
      .name,
      "field \(Display.quoted(name)) of \(model) cannot be changed: it is \(kind == .let ? "a let field" : "a parameter of the model")",
      at: span, help: kind == .let ? "declare the field with var" : "keep it in a var field")
  }

  /// `push` and the like on what is no place.
  static func changedValue(_ method: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .name, "\(method) changes the place it is called on, and this is a value", at: span,
      help: "give it a name with var first")
  }

  static func methodAssigned(_ name: String, at span: Span) -> Diagnostic {
    Diagnostic(.name, "\(Display.quoted(name)) is a method and cannot be assigned", at: span)
  }

  static func builtinAssigned(_ name: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .name, "\(Display.quoted(name)) is built in and cannot be assigned", at: span,
      help: "declare a variable of your own: var \(name) = …")
  }

  static func stringAssigned(at span: Span) -> Diagnostic {
    Diagnostic(
      .type, "a character of a string cannot be assigned", at: span,
      help: "build a new one, for instance with replace or slices joined by +")
  }

  static func sliceUpdated(at span: Span) -> Diagnostic {
    Diagnostic(.type, "a slice of a list can be assigned as a whole only", at: span)
  }

  // MARK: Members and keys

  static func noMember(_ name: String, of value: Value, known: [String], at span: Span) -> Diagnostic {
    let habit = Habits.member(name, of: value, known: known)
    let similar = habit.meant ?? Suggestions.nearest(to: name, among: known, isStrict: known.count > 40)
    let what: String
    switch value {
    case .record: what = "the record has no field \(Display.quoted(name))"
    case .model(let instance): what = "\(instance.type.name) has no field or method \(Display.quoted(name))"
    case .object(let object) where object is ModuleObject:
      return noExport(name, of: (object as? ModuleObject)?.module.name ?? "", known: known, at: span)
    default: what = "\(value.typeName) has no member \(Display.quoted(name))"
    }
    var diagnostic = Diagnostic(
      .key, what, at: span, help: habit.help ?? similar.map { "did you mean \(Display.quoted($0))?" })
    guard diagnostic.help == nil else { return diagnostic }
    switch value {
    case .record(let record):
      diagnostic.help = record.keys.isEmpty ? "the record is empty" : "it has \(Mistakes.listed(record.names))"
    case .nil: diagnostic.help = nilHelp
    default: break
    }
    return diagnostic
  }

  /// A name that a module does not have, or keeps to itself.
  static func noExport(_ name: String, of module: String, known: [String], at span: Span) -> Diagnostic {
    let help =
      name.hasPrefix("_")
      ? "names that begin with _ are for their own file only"
      : Suggestions.nearest(to: name, among: known).map { "did you mean \(Display.quoted($0))?" }
    return Diagnostic(.key, "module \(module) has no name \(Display.quoted(name))", at: span, help: help)
  }

  static func propertyCalled(_ name: String, at span: Span) -> Diagnostic {
    Diagnostic(.type, "\(name) is a value, not a function", at: span, help: "leave out the parentheses: x.\(name)")
  }

  /// A member that is there, of a value that has none to be assigned.
  static func memberAssigned(_ name: String, of value: Value, at span: Span) -> Diagnostic {
    Diagnostic(
      .type, "\(Display.quoted(name)) of \(value.typeName) cannot be assigned", at: span,
      help: Habits.help(assigned: name, of: value))
  }

  static func propertyAssigned(_ name: String, at span: Span) -> Diagnostic {
    let help: String? =
      switch name {
      case "shape": "reshape(x, …) gives a tensor of another shape"
      case "dtype": "x.to(\"f64\") gives a tensor of another dtype"
      default: nil
      }
    return Diagnostic(.type, "the \(name) of a tensor cannot be assigned", at: span, help: help)
  }

  /// A key that is to be changed, or passed through, but is not there.
  ///
  /// - Parameters:
  ///   - place: the record with the key, as it stands in the script.
  ///   - isUpdate: whether the value itself is to be updated, as by `+=`.
  static func missingKey(_ name: String, known: [String], place: String, isUpdate: Bool, at span: Span) -> Diagnostic {
    let what = place.hasSuffix("]") ? "key" : "field"
    return Diagnostic(
      .key, "the record has no \(what) \(Display.quoted(name))", at: span,
      help: Suggestions.nearest(to: name, among: known).map { "did you mean \(Display.quoted($0))?" }
        ?? (isUpdate ? "write \(place) = … first, or add to get(\(Display.quoted(name)), 0)" : "assign \(place) first"))
  }

  static func duplicateKey(_ key: String, at span: Span) -> Diagnostic {
    Diagnostic(.key, "the key \(Display.quoted(key)) occurs twice in this record", at: span)
  }

  static func noKey(_ name: String, known: [String], isRead: Bool = true) -> Failure {
    let keys = known.isEmpty ? "the record is empty" : "it has \(listed(known))"
    return Failure(
      .key, "the record has no key \(Display.quoted(name))",
      help: Suggestions.nearest(to: name, among: known).map { "did you mean \(Display.quoted($0))?" }
        ?? (known.isEmpty || !isRead ? keys : "\(keys); get(r, key, default) gives a default"))
  }

  static func listed(_ names: [String]) -> String {
    let shown = names.prefix(8).map { Display.quoted($0) }.joined(separator: ", ")
    return names.count > 8 ? shown + ", …" : shown
  }
}
