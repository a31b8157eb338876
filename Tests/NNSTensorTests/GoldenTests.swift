import Foundation
import Testing

@testable import NNSTensor

/// Every op against what NumPy and PyTorch gave; `golden.py` writes the file.
@Suite struct GoldenTests {
  static let cases: [String: [GoldenCase]] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "golden.txt")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [:] }
    return Dictionary(grouping: GoldenCase.read(text), by: \.name)
  }()

  @Test(arguments: cases.keys.sorted()) func agrees(_ name: String) throws {
    let op = try #require(Ops.named(name))
    let engine = Engine()
    var failures: [String] = []
    for (i, golden) in (Self.cases[name] ?? []).enumerated() {
      for layout in Layout.allCases {
        // Updates get gradients that lie anyhow, and other arguments too.
        let inputs = try TensorList(
          golden.inputs.map { try layout.view(layout.base($0.tensor(engine), engine), engine) })
        do {
          let outputs = try engine.apply(op, inputs, golden.attributes)
          if let difference = golden.difference(from: outputs) {
            failures.append("case \(i) \(golden.attributes) \(inputs.map(\.type)) \(layout): \(difference)")
          }
        } catch let error as TensorError {
          failures.append("case \(i) \(golden.attributes) \(inputs.map(\.type)) \(layout): \(error.message)")
        }
      }
    }
    #expect(failures.isEmpty, "\(failures.count) failures, first: \(failures.prefix(3).joined(separator: "\n"))")
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
    !random.contains(op.name) && !steps.contains(op.name) && !(op.isHidden && op.name.hasSuffix("_grad"))
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
  /// Ops of which the references do not say what they do with NaN.
  static let needsNumbers: Set<String> = []
}

/// One call and what it must give.
struct GoldenCase {
  var name: String
  var attributes: [Attribute] = []
  var inputs: [Values] = []
  var outputs: [Values] = []

  struct Values {
    var dtype: DType
    var shape: [Int]
    var numbers: [Double]
    /// The same of ints, of which doubles do not hold all.
    var ints: [Int] = []

    init(_ fields: [Substring]) {
      dtype = DType(name: fields[1]) ?? .f32
      shape = fields[2] == "-" ? [] : fields[2].split(separator: ",").compactMap { Int($0) }
      numbers = fields.dropFirst(3).compactMap { Double($0) }
      if dtype.isInt { ints = fields.dropFirst(3).compactMap { Int($0) } }
    }

    func tensor(_ engine: Engine) throws -> Tensor {
      try dtype.isInt
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
