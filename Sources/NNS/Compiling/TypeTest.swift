import NNSSyntax
import NNSTensor

/// What an annotation asks of a value, compiled.
indirect enum TypeTest {
  case any
  case int, float, bool, string, list, record, tensor, function
  /// A model, by the value of its name or path.
  case model(Ref, String)
  case items([TypeTest])
  case shape(DType?, [Axis], isPlain: Bool)

  /// One axis of a shape.
  enum Axis {
    case any
    case rest
    case size(Int)
    /// A dimension of this function: bound by the first argument that mentions it, kept in a slot of the frame.
    case dimension(Int, String)
    /// A size that is known otherwise: a parameter, a field, arithmetic.
    case expression(Ref, String)
  }

  /// Whether it asks for a dimension, known by its slot.
  func mentions(_ dimension: Int) -> Bool {
    switch self {
    case .shape(_, let axes, _):
      axes.contains { if case .dimension(dimension, _) = $0 { true } else { false } }
    case .items(let tests): tests.contains { $0.mentions(dimension) }
    default: false
    }
  }

  static let builtinNames: Set<String> = [
    "int", "float", "bool", "string", "list", "record", "tensor", "fn", "nil", "model", "any",
  ]

  /// What messages call it.
  var description: String {
    switch self {
    case .any: return "anything"
    case .int: return "int"
    case .float: return "float"
    case .bool: return "bool"
    case .string: return "string"
    case .list: return "list"
    case .record: return "record"
    case .tensor: return "tensor"
    case .function: return "fn"
    case .model(_, let name): return name
    case .items(let items): return "(\(items.map(\.description).joined(separator: ", ")))"
    case .shape(let dtype, let axes, _):
      let list = axes.map { axis in
        switch axis {
        case .any: "_"
        case .rest: "..."
        case .size(let size): "\(size)"
        case .dimension(_, let name): name
        case .expression(_, let text): text
        }
      }
      return "\(dtype?.name ?? "")[\(list.joined(separator: ", "))]"
    }
  }

  /// What is wrong with a value that is not admitted.
  func kindOfMistake(_ value: Value) -> NNSErrorKind {
    if case .shape = self, case .tensor = value { .dtype } else { .type }
  }

  /// Whether a value has the right kind; shapes are compared apart.
  func admits(_ value: Value, _ f: Frame, _ c: Context) throws -> Bool {
    switch (self, value) {
    case (.any, _), (.int, .int), (.float, .float), (.float, .int), (.bool, .bool), (.string, .string),
      (.list, .list), (.record, .record), (.tensor, .tensor), (.function, .closure), (.function, .callable):
      return true
    case (.int, .tensor(let tensor)): return tensor.rank == 0 && tensor.dtype.isInt
    case (.float, .tensor(let tensor)): return tensor.rank == 0 && tensor.dtype != .bool
    case (.function, .model(let instance)): return instance.type.methods["forward"] != nil
    case (.model(let type, _), .model(let instance)):
      if case .callable(let callable) = try type.eval(f, c), let wanted = callable as? ModelType {
        return instance.type === wanted
      }
      return false
    case (.items(let tests), .list(let list)):
      guard tests.count == list.count else { return false }
      for (test, item) in zip(tests, list) where !(try test.admits(item, f, c)) { return false }
      return true
    case (.shape(let dtype, _, _), .tensor(let tensor)): return dtype == nil || tensor.dtype == dtype
    // A number is a tensor without axes.
    case (.shape(nil, let axes, _), .float), (.shape(nil, let axes, _), .int):
      return axes.allSatisfy { if case .rest = $0 { true } else { false } }
    default: return false
    }
  }
}

/// What happens when a function is entered: defaults, annotations, patterns; and when it returns.
final class Prologue {
  struct Check {
    let slot: Int
    /// Of the parameter, counted from 0.
    let position: Int
    let name: String
    let test: TypeTest
    /// A parameter whose default is `nil` admits `nil`.
    let admitsNil: Bool
    let span: Span
  }

  let defaults: [Ref?]
  private let checks: [Check]
  private let patterns: [(slot: Int, binding: PatternBinding)]
  private let result: (test: TypeTest, span: Span)?
  private let function: String

  var checksResult: Bool { result != nil }

  init(
    defaults: [Ref?], checks: [Check], patterns: [(slot: Int, binding: PatternBinding)],
    result: (test: TypeTest, span: Span)?, function: String
  ) {
    self.defaults = defaults
    self.checks = checks
    self.patterns = patterns
    self.result = result
    self.function = function
  }

  /// Checks the arguments in their slots, binds dimensions, takes patterns apart.
  func check(_ f: Frame, _ c: Context) throws {
    try noted(f, c) {
      try checkKinds(before: .max, f, c)
      for (index, check) in checks.enumerated() {
        let value = f[check.slot]
        if check.admitsNil, value.isNil { continue }
        try arithmetic(check.test, value, Subject(check: index), f, c)
      }
    }
    for (slot, binding) in patterns { try binding.bind(f[slot], f, c) }
  }

  /// Checks the kinds and plain sizes of the parameters before one, and so binds their dimensions.
  func checkKinds(before position: Int, _ f: Frame, _ c: Context) throws {
    try noted(f, c) {
      for (index, check) in checks.enumerated() where check.position < position {
        let value = f[check.slot]
        if check.admitsNil, value.isNil { continue }
        guard try check.test.admits(value, f, c) else {
          var mistake = Mistakes.parameterType(
            check.name, function, expected: check.test.description, found: value, argument: check.position)
          mistake.kind = check.test.kindOfMistake(value)
          throw mistake
        }
        try match(check.test, value, Subject(check: index), f, c)
      }
    }
  }

  /// Adds to a mistake what the parameters were.
  private func noted(_ f: Frame, _ c: Context, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch var failure as Failure {
      failure.notes = c.notes(checks.map { (name: $0.name, value: f[$0.slot]) })
      throw failure
    }
  }

  /// Checks what the function gives back; a dimension that is still unbound matches anything.
  func checkResult(_ value: Value, _ f: Frame, _ c: Context) throws {
    guard let result else { return }
    do {
      guard try result.test.admits(value, f, c) else {
        var mistake = Mistakes.resultType(function, expected: result.test.description, found: value)
        mistake.kind = result.test.kindOfMistake(value)
        throw mistake
      }
      try match(result.test, value, Subject(check: nil), f, c)
      try arithmetic(result.test, value, Subject(check: nil), f, c)
    } catch var failure as Failure {
      failure.notes = c.notes([(name: "result", value: value)])
      throw c.diagnose(failure, at: result.span)
    }
  }

  /// What is being checked, put into words only where it fails.
  private struct Subject {
    /// The parameter, by its check; `nil` for the result.
    let check: Int?
    /// Positions in a list.
    var path: [Int] = []

    func item(_ index: Int) -> Subject { Subject(check: check, path: path + [index]) }
  }

  private func describe(_ subject: Subject) -> String {
    let whole = subject.check.map { "argument \(Display.quoted(checks[$0].name))" }
    let path = subject.path.reversed().map { "item \($0) of " }.joined()
    return whole.map { "\(function): \(path)\($0)" } ?? "\(path.isEmpty ? "the " : path)result of \(function)"
  }

  /// The first parameter that mentions a dimension, with what it was given.
  private func binder(of dimension: Int, _ f: Frame) -> String? {
    guard let check = checks.first(where: { $0.test.mentions(dimension) }) else { return nil }
    return "argument \(Display.quoted(check.name)) \(f[check.slot].summary)"
  }

  /// Plain names first.
  private func match(_ test: TypeTest, _ value: Value, _ subject: Subject, _ f: Frame, _ c: Context) throws {
    if case .items(let tests) = test, case .list(let list) = value {
      for (index, test) in tests.enumerated() { try match(test, list[index], subject.item(index), f, c) }
      return
    }
    guard case .shape(_, let axes, _) = test, case .tensor(let tensor) = value else { return }
    try align(axes, tensor, test, subject) { axis, position in
      let size = tensor.shape[position]
      switch axis {
      case .size(let wanted):
        if wanted != size {
          throw Mistakes.axisSize(describe(subject), test, tensor, axis: position, wanted: "\(wanted)")
        }
      case .dimension(let slot, let name):
        guard let known = Conversions.int(f[slot]) else {
          store(f + slot, .int(size))
          return
        }
        if known != size {
          throw Mistakes.dimension(
            name, describe(subject), test, tensor, axis: position, known: known, boundBy: binder(of: slot, f))
        }
      case .any, .rest, .expression: break
      }
    }
  }

  /// Then what must be computed.
  private func arithmetic(_ test: TypeTest, _ value: Value, _ subject: Subject, _ f: Frame, _ c: Context) throws {
    if case .items(let tests) = test, case .list(let list) = value {
      for (index, test) in tests.enumerated() { try arithmetic(test, list[index], subject.item(index), f, c) }
      return
    }
    guard case .shape(_, let axes, let isPlain) = test, !isPlain, case .tensor(let tensor) = value else { return }
    try align(axes, tensor, test, subject) { axis, position in
      guard case .expression(let ref, let text) = axis else { return }
      let value = try ref.eval(f, c)
      guard let wanted = Conversions.int(value) else { throw Mistakes.dimensionType(text, value, at: ref.span) }
      if wanted != tensor.shape[position] {
        throw Mistakes.axisSize(describe(subject), test, tensor, axis: position, wanted: "\(text) = \(wanted)")
      }
    }
  }

  /// Pairs the axes of an annotation with those of a tensor, by position.
  private func align(
    _ axes: [TypeTest.Axis], _ tensor: Tensor, _ test: TypeTest, _ subject: Subject,
    _ body: (TypeTest.Axis, Int) throws -> Void
  ) throws {
    let rest = axes.firstIndex { if case .rest = $0 { true } else { false } }
    guard let rest else {
      guard axes.count == tensor.rank else {
        throw Mistakes.rank(describe(subject), test, tensor, axes: axes.count, atLeast: false)
      }
      for index in 0..<axes.count { try body(axes[index], index) }
      return
    }
    let named = axes.count - 1
    guard tensor.rank >= named else {
      throw Mistakes.rank(describe(subject), test, tensor, axes: named, atLeast: true)
    }
    for index in 0..<rest { try body(axes[index], index) }
    for index in rest..<named { try body(axes[index + 1], tensor.rank - named + index) }
  }
}

extension Compiler {
  /// What entering a function does; `nil` for nothing.
  func prologue(_ literal: Function, name: String) -> Prologue? {
    prologue(
      literal.parameters, result: literal.result, first: firstParameter, name: name.isEmpty ? "the function" : name)
  }

  private var firstParameter: Int { scope.parameters.first?.kind == .self ? 1 : 0 }

  func prologue(_ parameters: [NNSSyntax.Parameter], result: Annotation?, first: Int, name: String) -> Prologue? {
    var checks: [Prologue.Check] = []
    var patterns: [(slot: Int, binding: PatternBinding)] = []
    var defaults: [Ref?] = []
    for (index, parameter) in parameters.enumerated() {
      let slot = first + index
      defaults.append(parameter.defaultValue.map { Ref(value($0)) })
      var label = "\(index + 1)"
      if case .name(let identifier) = parameter.pattern { label = identifier.text }
      if case .list = parameter.pattern { patterns.append((slot: slot, binding: binding(parameter.pattern))) }
      guard let annotation = parameter.annotation else { continue }
      var admitsNil = false
      if let value = parameter.defaultValue, case .nil = value.kind { admitsNil = true }
      checks.append(
        .init(
          slot: slot, position: index, name: label, test: test(annotation), admitsNil: admitsNil, span: annotation.span)
      )
    }
    let resultTest = result.map { (test: test($0), span: $0.span) }
    if checks.isEmpty, patterns.isEmpty, resultTest == nil, defaults.allSatisfy({ $0 == nil }) { return nil }
    return Prologue(defaults: defaults, checks: checks, patterns: patterns, result: resultTest, function: name)
  }

  private func test(_ annotation: Annotation) -> TypeTest {
    switch annotation.kind {
    case .any: return .any
    case .list(let items): return .items(items.map { test($0) })
    case .named(let path): return named(path, annotation.span)
    case .shape(let dtype, let dimensions):
      let axes = dimensions.map { axis($0) }
      let isPlain = axes.allSatisfy { if case .expression = $0 { false } else { true } }
      return .shape(dtype.flatMap { DType(name: $0) }, axes, isPlain: isPlain)
    }
  }

  private func named(_ path: [Identifier], _ span: Span) -> TypeTest {
    let name = path.map(\.text).joined(separator: ".")
    if path.count == 1 {
      switch name {
      case "int": return .int
      case "float": return .float
      case "bool": return .bool
      case "string": return .string
      case "list": return .list
      case "record": return .record
      case "tensor": return .tensor
      case "fn": return .function
      case "any", "nil", "model": return .any
      default: break
      }
    }
    guard let first = path.first else { return .any }
    var expr = Expr(.name(first), span: first.span)
    for part in path.dropFirst() { expr = Expr(.member(expr, part), span: first.span.union(part.span)) }
    return .model(Ref(value(expr)), name)
  }

  private func axis(_ dimension: Annotation.Dimension) -> TypeTest.Axis {
    switch dimension.kind {
    case .any: return .any
    case .rest: return .rest
    case .size(let size): return .size(size)
    case .name(let identifier):
      if case .variable(let variable) = resolution.bindings[identifier.id], variable.kind == .dimension,
        variable.owner === scope
      {
        return .dimension(scope.slot(of: variable), identifier.text)
      }
      return .expression(Ref(value(Expr(.name(identifier), span: identifier.span))), identifier.text)
    case .expression(let expr):
      return .expression(Ref(value(expr)), "(\(context.text(expr.span)))")
    }
  }
}
