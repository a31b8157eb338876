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

  @Test func coversTheTable() {
    let random = ["rand", "randn", "uniform", "normal", "randint", "randperm", "bernoulli", "multinomial", "dropout"]
    let weights = ["kaiming_uniform", "kaiming_normal", "xavier_uniform", "xavier_normal"]
    let steps = Ops.all.filter { $0.isHidden && $0.name.hasSuffix("_grad") }.map(\.name)
    let inner = [
      "identity", "as_number", "sum_to", "safe_log", "reverse_cumsum", "resample", "lstm_gates", "gru_gates",
    ]
    let expected = Set(Ops.all.map(\.name)).subtracting(random + weights + steps + inner)
    #expect(expected.subtracting(Self.cases.keys) == [])
  }
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

    init(_ fields: [Substring]) {
      dtype = DType(name: fields[1]) ?? .f32
      shape = fields[2] == "-" ? [] : fields[2].split(separator: ",").compactMap { Int($0) }
      numbers = fields.dropFirst(3).compactMap { Double($0) }
    }

    func tensor(_ engine: Engine) throws -> Tensor {
      try engine.tensor(numbers, shape, dtype: dtype)
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
