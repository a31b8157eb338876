import NNSSyntax
import NNSTensor

/// What happens when a function is entered: defaults, annotations, patterns; and when it returns.
final class Prologue {
  struct Check {
    let slot: Int
    /// Of the parameter, counted from 0.
    let position: Int
    /// The parameter's name, or its pattern as it is written.
    let name: String
    /// The same as messages have it: `"x"`.
    let label: String
    let test: TypeTest
    /// A parameter whose default is `nil` admits `nil`.
    let admitsNil: Bool
    /// Whether it takes what is left: each item is checked.
    let isRest: Bool
  }

  /// A parameter that is taken apart.
  struct Taken {
    let slot: Int
    let position: Int
    let label: String
    let count: Int
    let binding: PatternBinding
  }

  /// What a parameter has where it is not given.
  struct Default {
    let value: Ref
    /// A constant sees no parameters.
    let isConstant: Bool
  }

  private let defaults: [Default?]
  private let checks: [Check]
  private let patterns: [Taken]
  private let result: (test: TypeTest, span: Span)?
  private let function: String

  var checksResult: Bool { result != nil }

  init(
    defaults: [Default?], checks: [Check], patterns: [Taken],
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
      for index in checks.indices {
        try forEachValue(of: index, f) { value, subject in
          try arithmetic(checks[index].test, value, subject, f, c)
        }
      }
    }
    for pattern in patterns {
      guard PatternBinding.fits(f[pattern.slot], count: pattern.count) else {
        throw Mistakes.argumentPattern(
          "\(function): argument \(pattern.label)", count: pattern.count, found: f[pattern.slot],
          argument: pattern.position)
      }
      try pattern.binding.bind(f[pattern.slot], f, c)
    }
  }

  /// Whether a parameter need not be given.
  func hasDefault(_ index: Int) -> Bool { defaults[index] != nil }

  /// The default of a parameter; it sees the parameters before it, and the dimensions that they bind.
  func defaultValue(_ index: Int, _ f: Frame, _ c: Context) throws -> Value? {
    guard let found = defaults[index] else { return nil }
    if !found.isConstant { try checkKinds(before: index, f, c) }
    return try found.value.eval(f, c)
  }

  /// Checks the kinds and plain sizes of the parameters before one, and so binds their dimensions.
  private func checkKinds(before position: Int, _ f: Frame, _ c: Context) throws {
    try noted(f, c) {
      for (index, check) in checks.enumerated() where check.position < position {
        try forEachValue(of: index, f) { value, subject in
          if !(try check.test.admits(value, f, c)) { throw try wrongKind(check.test, value, subject, f, c) }
          try match(check.test, value, subject, f, c)
        }
      }
    }
  }

  /// Calls `body` for the value of a parameter, or for each value that a rest parameter has taken; errors get the place
  /// of the argument.
  private func forEachValue(of index: Int, _ f: Frame, _ body: (Value, Subject) throws -> Void) throws {
    let check = checks[index]
    let value = f[check.slot]
    if check.admitsNil, value.isNil { return }
    var argument = check.position
    do {
      guard check.isRest, case .list(let items) = value else { return try body(value, Subject(check: index)) }
      for (offset, item) in items.enumerated() {
        argument = check.position + offset
        try body(item, Subject(check: index, path: [offset]))
      }
    } catch var failure as Failure {
      failure.argument = argument
      throw failure
    }
  }

  /// The mistake of a value that a test does not admit: of the first item at fault in a list of as many items.
  private func wrongKind(
    _ test: TypeTest, _ value: Value, _ subject: Subject, _ f: Frame, _ c: Context
  ) throws -> Failure {
    if case .items(let tests) = test, case .list(let list) = value, tests.count == list.count {
      for (index, (test, item)) in zip(tests, list).enumerated() where !(try test.admits(item, f, c)) {
        return try wrongKind(test, item, subject.item(index), f, c)
      }
    }
    return Mistakes.annotation(
      test.kindOfMistake(value), describe(subject), expected: test.description, found: value)
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
      if !(try result.test.admits(value, f, c)) {
        throw try wrongKind(result.test, value, Subject(check: nil), f, c)
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
    let whole = subject.check.map { "argument \(checks[$0].label)" }
    let path = subject.path.reversed().map { "item \($0) of " }.joined()
    return whole.map { "\(function): \(path)\($0)" } ?? "\(path.isEmpty ? "the " : path)result of \(function)"
  }

  /// The first parameter that mentions a dimension, with what it was given.
  private func binder(of dimension: Int, _ f: Frame) -> String? {
    guard let check = checks.first(where: { $0.test.mentions(dimension) }) else { return nil }
    return "argument \(check.label) \(f[check.slot].summary)"
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
      guard case .expression(let ref, let text, let declared) = axis else { return }
      let value = try ref.eval(f, c)
      guard let wanted = Conversions.int(value) else { throw Mistakes.dimensionType(text, value, at: ref.span) }
      if wanted != tensor.shape[position] {
        var mistake = Mistakes.axisSize(
          describe(subject), test, tensor, axis: position, wanted: "\(text) = \(wanted)")
        if let declared { mistake.labels = [.init(span: declared, text: "\(text) is \(wanted)")] }
        throw mistake
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
    var patterns: [Prologue.Taken] = []
    var defaults: [Prologue.Default?] = []
    for (index, parameter) in parameters.enumerated() {
      let slot = first + index
      defaults.append(
        parameter.defaultValue.map { expr in
          let node = value(expr)
          return .init(value: Ref(node), isConstant: node is ConstantNode)
        })
      let parameterName: String
      var label: String?
      switch parameter.pattern {
      case .name(let identifier):
        parameterName = identifier.text
        label = Display.quoted(identifier.text)
      case .wildcard: parameterName = "\(index + 1)"
      case .list(let items, let span):
        parameterName = context.text(span)
        patterns.append(
          .init(
            slot: slot, position: index, label: parameterName, count: items.count,
            binding: binding(parameter.pattern)))
      }
      guard let annotation = parameter.annotation else { continue }
      var admitsNil = false
      if let value = parameter.defaultValue, case .nil = value.kind { admitsNil = true }
      checks.append(
        .init(
          slot: slot, position: index, name: parameterName, label: label ?? parameterName, test: test(annotation),
          admitsNil: admitsNil, isRest: parameter.isRest))
    }
    let resultTest = result.map { (test: test($0), span: $0.span) }
    if checks.isEmpty, patterns.isEmpty, resultTest == nil, defaults.allSatisfy({ $0 == nil }) { return nil }
    return Prologue(defaults: defaults, checks: checks, patterns: patterns, result: resultTest, function: name)
  }
}
