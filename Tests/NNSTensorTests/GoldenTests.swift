import Foundation
import Testing

@testable import NNSTensor

/// Every op against what NumPy and PyTorch gave; the scripts beside them write the files.
@Suite struct GoldenTests {
  static let cases: [String: [GoldenCase]] = Dictionary(
    grouping: ["golden.txt", "golden_linalg.txt", "golden_index.txt"].flatMap { name in
      let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: name)
      return GoldenCase.read((try? String(contentsOf: file, encoding: .utf8)) ?? "")
    }, by: \.name)

  private static let gradient = "gradient:"

  @Test(arguments: cases.keys.filter { !$0.hasPrefix(gradient) }.sorted()) func agrees(_ name: String) throws {
    let op = try #require(Ops.named(name))
    let (whole, cutUp) = (Engine(), Engine())
    cutUp.budget.grain = .init(block: 5, panel: 60, intPanel: 8)
    var failures: [String] = []
    for (i, golden) in (Self.cases[name] ?? []).enumerated() {
      for (layout, engine) in Layout.allCases.map({ ($0, whole) }) + [(.plain, cutUp), (.transposed, cutUp)] {
        // Updates get gradients that lie anyhow, and other arguments too.
        let inputs = try TensorList(
          golden.inputs.map { try layout.view(layout.base($0.tensor(engine), engine), engine) })
        do {
          var outputs = try engine.apply(op, inputs, golden.attributes)
          if op === Ops.svd { outputs = try golden.turned(outputs, engine) }
          if let difference = golden.difference(from: outputs) {
            let cut = engine === cutUp ? " in small parts" : ""
            failures.append("case \(i) \(golden.attributes) \(inputs.map(\.type)) \(layout)\(cut): \(difference)")
          }
        } catch let error as TensorError {
          failures.append("case \(i) \(golden.attributes) \(inputs.map(\.type)) \(layout): \(error.message)")
        }
      }
    }
    #expect(failures.isEmpty, "\(failures.count) failures, first: \(failures.prefix(3).joined(separator: "\n"))")
  }

  /// Gradients of outputs times weights, which stand behind the inputs, by the inputs that are floats.
  @Test(arguments: cases.keys.filter { $0.hasPrefix(gradient) }.sorted()) func gradientsAgree(_ key: String) throws {
    let op = try #require(Ops.named(String(key.dropFirst(Self.gradient.count))))
    let engine = Engine()
    for (i, golden) in (Self.cases[key] ?? []).enumerated() {
      var inputs = try golden.inputs.map { try $0.tensor(engine) }
      let weights = Array(inputs[op.parameters.count { $0.kind.isTensor }...])
      inputs.removeLast(weights.count)
      let level = try engine.beginDifferentiation()
      defer { engine.endDifferentiation(level) }
      let floats = inputs.indices.filter { inputs[$0].dtype.isFloat }
      for k in floats { inputs[k] = try engine.leaf(inputs[k], level) }
      let leaves = floats.map { inputs[$0] }
      // A loss of log-probabilities is differentiated by the scores behind them.
      if op === Ops.ctcLoss { inputs[0] = try engine.apply(Ops.logSoftmax, [inputs[0]]).first }
      var total = try engine.scalar(.float(0), .f64)
      for (output, weight) in zip(try engine.apply(op, TensorList(inputs), golden.attributes), weights)
      where !weight.isAbsent {
        let product = try engine.apply(Ops.multiply, [output, weight]).first
        total = try engine.apply(Ops.add, [total, engine.apply(Ops.sum, [product]).first]).first
      }
      let found = try engine.gradients(of: total, at: leaves, level)
      let difference = golden.difference(from: TensorList(found))
      #expect(difference == nil, "case \(i): \(difference ?? "")")
    }
  }

  /// Ops whose results are random: their tests are in `RandomTests`.
  static let random: Set = [
    "rand", "randn", "uniform", "normal", "randint", "randperm", "bernoulli", "multinomial", "dropout",
    "kaiming_uniform", "kaiming_normal", "xavier_uniform", "xavier_normal",
  ]

  /// Steps of gradient rules, which the gradients' tests see.
  static let steps: Set = [
    "identity", "as_number", "sum_to", "safe_log", "reverse_cumsum", "resample", "lstm_gates", "gru_gates",
  ]

  static let counted = Ops.all.filter { op in
    let isStep = op.isHidden && (op.name.hasSuffix("_grad") || op.name.hasSuffix("_slope"))
    return !random.contains(op.name) && !steps.contains(op.name) && !isStep
  }.map(\.name)

  /// No row without reference data: at least eight calls, an empty tensor among them, and one that is not finite.
  @Test(arguments: counted) func isCovered(_ name: String) throws {
    let op = try #require(Ops.named(name))
    let cases = Self.cases[name] ?? []
    #expect(cases.count >= 8, "\(name) has \(cases.count) golden cases; golden.py makes them")
    guard op.parameters.contains(where: { $0.kind.isTensor }) else { return }
    let inputs = cases.flatMap(\.inputs)
    if !Self.needsElements.contains(name) {
      #expect(inputs.contains { $0.shape.contains(0) }, "\(name) has no golden case with an empty tensor")
    }
    if inputs.contains(where: { $0.dtype.isFloat }), !Self.needsNumbers.contains(name) {
      let isTold = inputs.contains { $0.numbers.contains { !$0.isFinite } }
      #expect(isTold, "\(name) has no golden case with NaN or infinities")
    }
  }

  /// Ops that refuse empty tensors.
  static let needsElements: Set<String> = []
  /// Ops that refuse NaN and infinities.
  static let needsNumbers: Set<String> = ["cholesky", "svd"]
}

/// One call and what it must give.
struct GoldenCase {
  var name: String
  var attributes: [Attribute] = []
  var inputs: [Values] = []
  var outputs: [Values] = []

  struct Values {
    var isAbsent: Bool
    var dtype: DType
    var shape: [Int]
    var numbers: [Double]
    /// The same of ints, of which doubles do not hold all.
    var ints: [Int] = []

    init(_ fields: [Substring]) {
      isAbsent = fields[1] == "absent"
      dtype = DType(name: fields[1]) ?? .f32
      shape = isAbsent ? [] : fields[2] == "-" ? [] : fields[2].split(separator: ",").compactMap { Int($0) }
      numbers = fields.dropFirst(3).compactMap { Double($0) }
      if dtype.isInt { ints = fields.dropFirst(3).compactMap { Int($0) } }
    }

    func tensor(_ engine: Engine) throws -> Tensor {
      if isAbsent { return .absent }
      return try dtype.isInt
        ? engine.tensor(ints, shape, dtype: dtype) : engine.tensor(numbers, shape, dtype: dtype)
    }
  }

  static func read(_ text: String) -> [GoldenCase] {
    var cases: [GoldenCase] = []
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      switch fields[0] {
      case "case": cases.append(GoldenCase(name: String(fields[1]), attributes: fields.dropFirst(2).map(attribute)))
      case "in": cases[cases.count - 1].inputs.append(Values(fields))
      default: cases[cases.count - 1].outputs.append(Values(fields))
      }
    }
    return cases
  }

  private static func attribute(_ text: Substring) -> Attribute {
    let value = text.dropFirst(2)
    return switch text.first {
    case "i": .int(Int(value) ?? 0)
    case "f": .float(Double(value) ?? 0)
    case "l": .ints(value.split(separator: ",").compactMap { Int($0) })
    case "s": .string(String(value))
    case "b": .bool(value == "1")
    case "d": .dtype(DType(name: value) ?? .f32)
    default: .none
    }
  }

  /// Singular vectors with the signs that the expected ones have, both of a pair together; those that belong to no singular
  /// value, which are any that complete a basis, are taken from the expected ones.
  func turned(_ found: TensorList, _ engine: Engine) throws -> TensorList {
    func op(_ op: Op, _ x: Tensor, _ y: Tensor) throws -> Tensor { try engine.apply(op, x, y) }
    func first(_ x: Tensor, rows: Bool) throws -> Tensor {
      let part = IndexItem.slice(start: nil, stop: found[1].shape.last ?? 0, step: nil)
      return try engine.index(
        x, rows ? [.ellipsis, part, .slice(start: nil, stop: nil, step: nil)] : [.ellipsis, part])
    }
    var (u, vh) = (try outputs[0].tensor(engine), try outputs[2].tensor(engine))
    guard u.shape == found[0].shape, vh.shape == found[2].shape, !found[1].shape.contains(0) else { return found }
    let likeness = try op(Ops.multiply, first(u, rows: false), first(found[0], rows: false))
    let signs = try engine.apply(Ops.sign, engine.apply(Ops.sum, [likeness], [.int(-2), .bool(true)]).first)
    let columns = try engine.apply(Ops.transpose, signs)
    let part = IndexItem.slice(start: nil, stop: found[1].shape.last ?? 0, step: nil)
    try engine.assign(&u, [.ellipsis, part], op(Ops.multiply, first(found[0], rows: false), signs))
    try engine.assign(
      &vh, [.ellipsis, part, .slice(start: nil, stop: nil, step: nil)],
      op(Ops.multiply, first(found[2], rows: true), columns))
    return [u, found[1], vh]
  }

  /// f32 within 1.3e-6 relative and 1e-5 absolute, f64 within 1e-7, the rest exactly.
  func difference(from found: TensorList) -> String? {
    guard found.count == outputs.count else { return "\(found.count) outputs instead of \(outputs.count)" }
    for (tensor, expected) in zip(found, outputs) {
      guard Array(tensor.shape) == expected.shape, tensor.dtype == expected.dtype else {
        return "\(tensor.typeDescription) instead of \(expected.dtype.name)\(expected.shape)"
      }
      if expected.dtype.isInt, tensor.ints() != expected.ints { return "\(tensor.ints()) instead of \(expected.ints)" }
      let (relative, absolute) =
        switch expected.dtype {
        case .f32: (1.3e-6, 1e-5)
        case .f64: (1e-7, 1e-7)
        default: (0.0, 0.0)
        }
      for (x, y) in zip(tensor.doubles(), expected.numbers) {
        let isClose = x == y || (x.isNaN && y.isNaN) || abs(x - y) <= absolute + relative * abs(y)
        if !isClose { return "\(x) instead of \(y)" }
      }
    }
    return nil
  }
}
