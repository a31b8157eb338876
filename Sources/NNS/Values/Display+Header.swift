import NNSTensor

extension Display {
  /// One line about a tensor: dtype and shape, range and mean of what is a number, and how many elements are NaN; of bools
  /// how many are true. `f32[3, 4]  0.1 … 0.9  mean 0.5  2 NaN`
  static func header(_ tensor: Tensor, _ c: Context) throws -> String {
    guard !tensor.isMeta, tensor.elementCount > 0 else { return tensor.typeDescription }
    var summary = Summary()
    for position in 0..<tensor.elementCount {
      if position & 0xffff == 0 { try c.engine.budget.charge(work: min(tensor.elementCount - position, 0x10000)) }
      summary.add(tensor.element(at: position).double)
    }
    var parts = [tensor.typeDescription]
    if tensor.dtype == .bool {
      parts.append("\(Int(summary.sum)) true")
    } else if summary.count == 1 {
      parts.append(number(summary.least, tensor.dtype))
    } else if summary.count > 1 {
      parts.append("\(number(summary.least, tensor.dtype)) … \(number(summary.largest, tensor.dtype))")
      parts.append("mean \(number(summary.sum / Double(summary.count), .f32))")
    }
    if summary.missing > 0 { parts.append("\(summary.missing) NaN") }
    return parts.joined(separator: "  ")
  }

  private struct Summary {
    var count = 0
    var missing = 0
    var sum = 0.0
    var least = Double.infinity
    var largest = -Double.infinity

    mutating func add(_ value: Double) {
      if value.isNaN {
        missing += 1
        return
      }
      count += 1
      sum += value
      least = min(least, value)
      largest = max(largest, value)
    }
  }

  /// Four digits of a float; ints whole.
  private static func number(_ value: Double, _ dtype: DType) -> String {
    if !value.isFinite { return float(value) }
    if dtype.isInt, let int = Int(exactly: value) { return "\(int)" }
    return Decimals.general(value, 4)
  }
}
