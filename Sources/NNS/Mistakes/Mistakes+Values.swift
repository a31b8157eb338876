import NNSFormats
import NNSSyntax
import NNSTensor

extension Mistakes {
  // MARK: Conditions and operators

  static func condition(_ value: Value, at span: Span) -> Diagnostic {
    let help: String? =
      switch value {
      case .int, .float: "compare it with something: x != 0"
      case .list, .string, .record: "ask for its length: len(x) > 0"
      case .nil: "compare it: x != nil"
      case .tensor(let tensor) where tensor.elementCount == 1: "compare it with something: x != 0"
      case .tensor: "compare it, and reduce with any(…) or all(…)"
      default: nil
      }
    return Diagnostic(.type, "a condition must be a bool, found \(value.summary)", at: span, help: help)
  }

  static func conditionSize(_ type: String, at span: Span) -> Diagnostic {
    Diagnostic(
      .type, "a condition must be one bool, found \(type)", at: span, help: "reduce it with any(…) or all(…)")
  }

  static func divisionByZero(_ op: BinaryOperator, _ x: Int) -> Failure {
    Failure(
      .arithmetic, "int division by zero: \(x) \(op.rawValue) 0",
      help: "floats give inf or nan: \(x).0 \(op.rawValue) 0")
  }

  static func negationOverflow(_ x: Int) -> Failure {
    Failure(.arithmetic, "int overflow: -(\(x)) is beyond 64 bits")
  }

  static func overflow(_ op: BinaryOperator, _ x: Int, _ y: Int) -> Failure {
    Failure(
      .arithmetic, "int overflow: \(x) \(op.rawValue) \(y) is beyond 64 bits",
      help: "use floats where the numbers get so large: \(x).0 \(op.rawValue) \(y)".replacingLong())
  }

  static func operands(_ op: BinaryOperator, _ a: Value, _ b: Value) -> Failure {
    var help: String?
    switch (op, a, b) {
    case (_, .model, _), (_, _, .model): help = "a model takes numbers, and gradients of its own: net - 0.1 * g"
    case (.add, .string, _): help = "put the value into the string: \"… {x}\", or convert it with str(x)"
    case (.add, _, .string): help = "put the value into the string: \"{x} …\", or convert it with str(x)"
    case (.multiply, .string, .int), (.multiply, .int, .string): help = "a string is repeated with s.repeat(n)"
    case (.multiply, .list, .int), (.multiply, .int, .list):
      help = "a list of n items is made with (0..n).map(fn(i) = …), a tensor with full(n, value)"
    case (_, .nil, _), (_, _, .nil): help = nilHelp
    case (_, .closure, _), (_, .callable, _), (_, _, .closure), (_, _, .callable):
      help = "a function is called with parentheses: f(x)"
    case (_, .list, .tensor), (_, .tensor, .list), (_, .list, .int), (_, .list, .float):
      help = "tensor(list) makes a tensor of a list of numbers"
    case (.matmul, _, _): help = "@ is the matrix product of two tensors"
    default: break
    }
    return Failure(
      .type, "\(op.rawValue) is not defined for \(a.summary) and \(b.summary)", help: help)
  }

  static func operand(_ op: UnaryOperator, _ value: Value) -> Failure {
    Failure(.type, "\(op.rawValue) is not defined for \(value.summary)")
  }

  static func notSearched(_ item: Value, _ container: Value) -> Failure {
    if case .string = container {
      return Failure(.type, "in looks for a string in a string, found \(item.summary)")
    }
    if case .tensor = container {
      return Failure(.type, "a tensor holds numbers: \(item.summary) cannot be in it")
    }
    return Failure(.type, "in looks in lists, tensors, records, ranges and strings, found \(container.summary)")
  }

  // MARK: Literals

  static func tensorElement(_ value: Value, index: Int) -> Failure {
    var failure = Failure(
      .type, "a tensor holds numbers, bools or tensors of one shape, found \(value.summary)",
      help: "a list is written with parentheses: (a, b)", argument: index)
    if case .nil = value { failure.help = nilHelp }
    return failure
  }

  static func boolsWithNumbers(index: Int) -> Failure {
    Failure(
      .dtype, "bools and numbers do not mix in a tensor", help: "convert the bools: mask.to(\"i64\")", argument: index)
  }

  static func raggedTensor(_ first: String, _ other: String, index: Int) -> Failure {
    Failure(
      .shape, "the rows of a tensor must have one shape: the first is \(first), this one \(other)",
      help: "a list of tensors of different shapes is written with parentheses", argument: index)
  }

  static func rangeBound(_ value: Value, at span: Span) -> Diagnostic {
    Diagnostic(
      .type, "the bounds of a range are ints, found \(value.summary)", at: span,
      help: "convert with int(x), or use linspace or arange for floats")
  }

  static func rangeTooLarge(at span: Span) -> Diagnostic {
    Diagnostic(.arithmetic, "the range ends beyond the largest int", at: span)
  }

  static func rangeTooLong(_ range: String) -> Failure {
    Failure(.arithmetic, "the range \(range) has more values than the largest int")
  }

  static func formatType(_ spec: FormatSpec, _ type: String) -> Failure {
    let letter = spec.type.map { String(Character($0)) } ?? ""
    return Failure(.value, "format \(Display.quoted(letter)) does not apply to a value of type \(type)")
  }

  static func formatPart(_ part: String, _ type: String) -> Failure {
    Failure(
      .value, "\(part) in a format does not apply to a value of type \(type)",
      help: type == "int" ? "\".2f\" and \".3g\" show an int as a float" : "it is for numbers")
  }

  static func formatSeparator(_ spec: FormatSpec) -> Failure {
    Failure(.value, "a separator in a format does not go with \(Display.quoted(spec.type.map { String($0) } ?? ""))")
  }

  // MARK: Patterns and iteration

  static func patternCount(expected: Int, found: Int, at span: Span) -> Diagnostic {
    Diagnostic(
      .value,
      "the pattern has \(expected) name\(expected == 1 ? "" : "s"), but the value has \(found) item\(found == 1 ? "" : "s")",
      at: span)
  }

  static func patternType(_ value: Value, count: Int, at span: Span) -> Diagnostic {
    Diagnostic(.type, "a pattern of \(count) takes a list or tensor apart, found \(value.summary)", at: span)
  }

  static func notIterable(_ value: Value) -> Failure {
    var help: String?
    switch value {
    case .int(let number): help = "to count, use a range: 0..\(number)"
    case .tensor: help = "a tensor without axes has no items: its number is x.item()"
    case .nil: help = nilHelp
    default: break
    }
    return Failure(.type, "\(value.summary) cannot be iterated over", help: help)
  }

  // MARK: Indices

  static func indexRange(_ index: Int, count: Int, of what: String) -> Failure {
    Failure(
      .index, "index \(index) is out of range for a \(what) of \(count)",
      help: count == 0 ? "the \(what) is empty" : "valid are 0 to \(count - 1), and -\(count) to -1 from the end")
  }

  static func indexType(_ keys: [Indexing.Key], of what: String) -> Failure {
    if keys.count > 1 {
      return Failure(
        .index, "a \(what) takes one index, found \(keys.count)", help: "an item of an item is read with x[0][1]")
    }
    if case .value(let value)? = keys.first {
      var help: String?
      if case .float = value { help = "a // b divides ints into an int, int(x) rounds towards zero" }
      return Failure(.type, "a \(what) is indexed by an int or a slice, found \(value.summary)", help: help)
    }
    return Failure(.type, "a \(what) is indexed by an int or a slice")
  }

  static func tensorIndex(_ value: Value) -> Failure {
    Failure(
      .type, "a tensor is indexed by ints, slices, masks, index tensors, nil and ..., found \(value.summary)",
      help: {
        if case .list = value { return "an index tensor is written with brackets: x[[0, 2]]" }
        return nil
      }())
  }

  static func sliceBound(_ value: Value, at span: Span) -> Diagnostic {
    Diagnostic(.type, "the bounds of a slice are ints, found \(value.summary)", at: span)
  }

  static func sliceValue(_ value: Value) -> Failure {
    Failure(.type, "a slice of a list is replaced by a list, found \(value.summary)")
  }

  static func cannotIndex(_ value: Value) -> Failure {
    Failure(
      .type, "\(value.summary) cannot be indexed",
      help: {
        switch value {
        case .closure, .callable: return "a function is called with parentheses: f(x)"
        case .nil: return nilHelp
        default: return nil
        }
      }())
  }

  static func notIndexed(_ value: Value, at span: Span) -> Diagnostic {
    Diagnostic(.type, "\(value.summary) has no elements that could be assigned", at: span)
  }

  static func recordKey(_ keys: [Indexing.Key], at span: Span) -> Diagnostic {
    Diagnostic(.type, recordKeyMessage(keys), at: span)
  }

  static func recordKeyType(_ keys: [Indexing.Key]) -> Failure { Failure(.type, recordKeyMessage(keys)) }

  private static func recordKeyMessage(_ keys: [Indexing.Key]) -> String {
    let found: String
    if keys.count == 1, case .value(let value) = keys[0] {
      found = value.summary
    } else {
      found = keys.count == 1 ? "a slice" : "\(keys.count) indices"
    }
    return "a record is indexed by a string, found \(found)"
  }

  static func elementType(_ value: Value) -> Failure {
    Failure(.type, "an element of a tensor is a number or tensor, found \(value.summary)")
  }

  // MARK: Raising

  static func raisedValue(_ value: Value, at span: Span) -> Diagnostic {
    Diagnostic(
      .type, "raise takes a string, a caught error or a record with a message, found \(value.summary)", at: span)
  }

  static func raisedRecord(at span: Span) -> Diagnostic {
    Diagnostic(
      .type, "a raised record needs a field \"message\" that is a string", at: span,
      help: "raise \\{kind: \"value\", message: \"…\"}".replacingEscapes())
  }

  static func raisedKind(_ kind: String, at span: Span) -> Diagnostic {
    let known = Diagnostic.Kind.allCases.filter { $0 != .interrupt }.map(\.rawValue)
    return Diagnostic(
      .value, "there is no kind of error \(Display.quoted(kind))", at: span,
      help: "there are \(known.joined(separator: ", "))")
  }

  // MARK: Files

  static func file(_ error: any Error, _ path: String) -> Failure {
    if let failure = error as? Failure { return failure }
    let reason = (error as? FileAccessError)?.reason ?? "\(error)"
    var failure = Failure(.io, "cannot open \(Display.quoted(path)): \(reason)")
    failure.path = path
    return failure
  }

  static func fileContent(_ error: FormatError, _ path: String) -> Failure {
    var failure = Failure(.io, "\(path): \(error)")
    failure.path = path
    return failure
  }

  // MARK: Shapes of annotations

  static func axisSize(
    _ what: String, _ test: TypeTest, _ tensor: Tensor, axis: Int, wanted: String
  ) -> Failure {
    Failure(.shape, "\(mismatch(what, test, tensor)): axis \(axis) must be \(wanted), not \(tensor.shape[axis])")
  }

  static func dimension(
    _ name: String, _ what: String, _ test: TypeTest, _ tensor: Tensor, axis: Int, known: Int, boundBy: String?
  ) -> Failure {
    let origin = boundBy.map { ", bound by \($0)" } ?? ""
    return Failure(
      .shape, "\(mismatch(what, test, tensor)): \(name) is \(known)\(origin), but axis \(axis) is \(tensor.shape[axis])"
    )
  }

  private static func mismatch(_ what: String, _ test: TypeTest, _ tensor: Tensor) -> String {
    "\(what) must be \(test.description), found \(tensor.typeDescription)"
  }

  static func dimensionType(_ text: String, _ value: Value, at span: Span) -> Diagnostic {
    Diagnostic(.type, "\(text) in a shape must be an int, found \(value.summary)", at: span)
  }

  static func rank(_ what: String, _ test: TypeTest, _ tensor: Tensor, axes: Int, atLeast: Bool) -> Failure {
    let wanted = "\(atLeast ? "at least " : "")\(axes) \(axes == 1 ? "axis" : "axes")"
    return Failure(.shape, "\(mismatch(what, test, tensor)): it must have \(wanted), not \(tensor.rank)")
  }
}

extension String {
  /// A help line with numbers too long to be of help is left out.
  fileprivate func replacingLong() -> String? { utf8.count > 90 ? nil : self }

  fileprivate func replacingEscapes() -> String { replacing("\\{", with: "{") }
}
