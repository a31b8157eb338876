import NNSSyntax
import NNSTensor

/// What `trace { … }` sees of its block, and how it is written down.
final class Tracer {
  /// Depends on this level what is computed with the block's numbers, so that they go through the engine.
  private let level: Level
  private var steps: [Observation] = []
  private var missed = 0

  /// More ops are only counted.
  private static let stepLimit = 500
  private static let width = 100
  /// More elements are told by their range.
  private static let shownElements = 8
  private static let derivativeLimit = 4096

  private init(_ level: Level) { self.level = level }

  /// Runs a function's body, prints its ops and gives its value.
  static func run(_ body: Value, _ c: Context) throws -> Value {
    guard !c.engine.computesShapesOnly else { return try c.call(body, []) }
    let level = try c.engine.beginDifferentiation()
    defer { c.engine.endDifferentiation(level) }
    let tracer = Tracer(level)
    let (outer, observer) = (c.tracer, c.engine.observer)
    c.tracer = tracer
    c.engine.observer = { [engine = c.engine] in tracer.note($0, engine) }
    func end() {
      c.tracer = outer
      c.engine.observer = observer
    }
    let value: Value
    do {
      var traced = body
      if case .closure(let closure) = body { traced = .closure(closure.traced) }
      value = try c.call(traced, [])
    } catch {
      end()
      // How far it came helps to see why.
      try? tracer.write(c)
      throw error
    }
    end()
    try tracer.write(c)
    return value
  }

  /// A number that the block reads, as something that operations are seen on.
  func followed(_ number: Double, _ c: Context) throws -> Tensor { try c.engine.leaf(.weak(number), level) }

  private func note(_ step: Observation, _ engine: Engine) {
    // Brackets around numbers are how a constant is written.
    if step.op === Ops.stack, !step.inputs.contains(where: engine.isTracked) { return }
    if steps.count < Tracer.stepLimit { steps.append(step) } else { missed += 1 }
  }

  // MARK: Writing

  private func write(_ c: Context) throws {
    for (index, step) in steps.enumerated() { c.host.output(try text(of: step, number: index + 1, c)) }
    if missed > 0 { c.host.output("  ... and \(missed) more\n") }
  }

  private func text(of step: Observation, number: Int, _ c: Context) throws -> String {
    let source = Source(of: step, c)
    let count = "\(number)"
    let head = String(repeating: " ", count: max(0, 3 - count.count)) + count + "  " + source.text
    var lines = [head + " = " + Tracer.short(step.outputs.first)]
    if step.outputs.count > 1 { lines[0] += " and \(step.outputs.count - 1) more" }
    var inputs: [String] = []
    for (i, input) in step.inputs.enumerated() where input !== Tensor.absent && !source.isLiteral(i) {
      let part = "\(source.name(i)) = \(Tracer.short(input))"
      if !inputs.contains(part) { inputs.append(part) }
    }
    var derivatives: [(name: String, value: String)] = []
    for (i, derivative) in try c.engine.localDerivatives(of: step, limit: Tracer.derivativeLimit).enumerated() {
      guard !source.isLiteral(i), let value = Tracer.short(derivative) else { continue }
      let name = source.name(i)
      if let same = derivatives.firstIndex(where: { $0.name == name }) {
        // `x * x`: both ways count.
        derivatives[same].value += " + " + value
      } else {
        derivatives.append((name, value))
      }
    }
    let changes = derivatives.map { "d/d\(Tracer.isWord($0.name) ? $0.name : "(\($0.name))") = \($0.value)" }
    let indent = String(repeating: " ", count: 7)
    let details = [inputs.joined(separator: ", "), changes.joined(separator: ", ")].filter { !$0.isEmpty }
    let line = indent + details.joined(separator: "    ")
    if line.count <= Tracer.width {
      if !details.isEmpty { lines.append(line) }
    } else {
      lines += (inputs + changes).map { indent + $0 }
    }
    return lines.map { Tracer.cut($0) + "\n" }.joined()
  }

  private static func cut(_ line: String) -> String {
    line.count <= width ? line : "\(line.prefix(width - 3))..."
  }

  private static func isWord(_ name: String) -> Bool {
    name.allSatisfy { $0.isLetter || $0.isNumber || "_.".contains($0) }
  }

  private static func short(_ derivative: LocalDerivative) -> String? {
    switch derivative {
    case .none: nil
    case .elementwise(let tensor), .full(let tensor): short(tensor)
    case .large(let shape): "of shape \(shape)"
    }
  }

  /// A number, a few elements, or the range of many.
  private static func short(_ x: Tensor) -> String {
    if x.isMeta { return x.typeDescription }
    if x.rank == 0 { return number(x.doubles().first ?? 0, x) }
    if x.elementCount <= shownElements {
      return "\(x.typeDescription) \(brackets(x.doubles()[...], Array(x.shape), x))"
    }
    let values = x.doubles()
    guard let low = values.min(), let high = values.max() else { return x.typeDescription }
    return "\(x.typeDescription) from \(number(low, x)) to \(number(high, x))"
  }

  private static func number(_ value: Double, _ x: Tensor) -> String {
    x.dtype == .bool ? (value == 0 ? "false" : "true") : Decimals.general(value == 0 ? 0 : value, x.rank == 0 ? 6 : 4)
  }

  private static func brackets(_ values: ArraySlice<Double>, _ shape: [Int], _ x: Tensor) -> String {
    guard let size = shape.first else { return values.first.map { number($0, x) } ?? "" }
    let step = size > 0 ? values.count / size : 0
    let parts = (0..<size).map { i in
      let start = values.startIndex + i * step
      return brackets(values[start..<start + step], Array(shape.dropFirst()), x)
    }
    return "[\(parts.joined(separator: ", "))]"
  }
}

/// The text that an op ran for, and what it calls the op's inputs.
private struct Source {
  let text: String
  private let names: [String]

  init(of step: Observation, _ c: Context) {
    let op = step.op
    let name = op.symbol ?? op.name
    let plain = step.inputs.indices.map { op.inputName($0) }
    guard let output = step.outputs.first, let span = c.place(of: output) else {
      text = op.symbol != nil && plain.count == 2 ? "\(plain[0]) \(name) \(plain[1])" : name
      names = plain
      return
    }
    let written = c.text(span)
    if let operands = Source.operands(written, op), operands.count >= step.inputs.count {
      names = operands.map { Source.shortened($0, 28) }
      text = Source.shortened(written, 60)
    } else {
      names = plain
      text = "\(name) in \(Source.shortened(written, 60))"
    }
  }

  func name(_ i: Int) -> String { i < names.count ? names[i] : "x" }

  /// Whether an input is written in numbers.
  func isLiteral(_ i: Int) -> Bool {
    guard i < names.count, let first = names[i].first else { return false }
    return (first.isNumber || "[-".contains(first)) && names[i].allSatisfy { $0.isNumber || "[]., -_e".contains($0) }
  }

  /// The texts of an op's operands in the text of the expression, where that is the op itself.
  private static func operands(_ text: String, _ op: Op) -> [String]? {
    let file = SourceFile(name: "", text: text)
    let parsed = parse(file, index: 0)
    guard parsed.diagnostics.isEmpty, parsed.program.statements.count == 1,
      case .expression(let expr) = parsed.program.statements[0].kind
    else { return nil }
    let parts: [Expr]
    switch expr.kind {
    case .binary(let sign, let left, let right) where sign.rawValue == op.symbol: parts = [left, right]
    case .unary(.negate, let operand) where op.symbol == "-" || op.name == "negate": parts = [operand]
    case .index(let base, _) where op.name == "index": parts = [base]
    case .call(let call):
      var arguments = call.arguments.filter { !$0.isSpread }.map(\.value)
      switch call.callee.kind {
      case .name(let name) where name.text == op.name: break
      case .member(let base, let name) where name.text == op.name: arguments.insert(base, at: 0)
      default: return nil
      }
      parts = arguments
    default: return nil
    }
    return parts.map { part in
      var part = part
      while case .parenthesized(let inner) = part.kind { part = inner }
      return file.text(part.span)
    }
  }

  private static func shortened(_ text: String, _ limit: Int) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count <= limit ? line : "\(line.prefix(limit - 3))..."
  }
}

/// Reads a variable within a traced block: a number becomes something that operations are seen on.
final class FollowedNode: Node {
  private let inner: Ref

  init(_ inner: Node) {
    self.inner = Ref(inner)
    super.init(inner.span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let value = try inner.eval(f, c)
    guard case .float(let number) = value, let tracer = c.tracer else { return value }
    return .tensor(try tracer.followed(number, c))
  }
}
