/// A number as it stands in a text: with neither point nor exponent it is an int.
enum Number: Equatable {
  case int(Int)
  case float(Double)
  /// An int beyond 64 bits, or a float beyond the largest double.
  case tooLarge

  /// Reads the longest number that starts at `index` and moves `index` behind it.
  ///
  /// The form is JSON's, `-?digits[.digits][e[+-]digits]`; `relaxed` also admits a leading `+`, leading zeros and a
  /// point without digits on one of its sides.
  ///
  /// - Returns: `nil`, with `index` where the form breaks, if no number stands there.
  init?(_ bytes: [UInt8], at index: inout Int, before end: Int, relaxed: Bool = false) {
    let start = index
    var isNegative = false
    if index < end, bytes[index] == UInt8(ascii: "-") || (relaxed && bytes[index] == UInt8(ascii: "+")) {
      isNegative = bytes[index] == UInt8(ascii: "-")
      index += 1
    }
    var digits = Digits()
    let whole = digits.read(bytes, at: &index, before: end)
    if !relaxed {
      guard whole > 0 else { return nil }
      if whole > 1, bytes[index - whole] == UInt8(ascii: "0") {
        index -= whole - 1
        return nil
      }
    }
    var isFloat = false
    if index < end, bytes[index] == UInt8(ascii: ".") {
      isFloat = true
      index += 1
      let fraction = digits.read(bytes, at: &index, before: end)
      guard relaxed ? whole + fraction > 0 : fraction > 0 else { return nil }
      digits.exponent -= fraction
    } else if whole == 0 {
      return nil
    }
    if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
      isFloat = true
      index += 1
      guard let exponent = readExponent(bytes, at: &index, before: end) else { return nil }
      digits.exponent += exponent
    }
    if !isFloat {
      guard digits.isExact, let value = isNegative ? Int(negating: digits.value) : Int(exactly: digits.value) else {
        self = .tooLarge
        return
      }
      self = .int(value)
    } else if digits.isExact, digits.value <= 1 << 53, abs(digits.exponent) <= 22 {
      // Both factors are exact doubles, so one rounding gives the nearest (Clinger 1990).
      let power = powersOfTen[abs(digits.exponent)]
      let value = digits.exponent < 0 ? Double(digits.value) / power : Double(digits.value) * power
      self = .float(isNegative ? -value : value)
    } else {
      let value = Double(String(decoding: bytes[start..<index], as: UTF8.self)) ?? .infinity
      self = value.isFinite ? .float(value) : .tooLarge
    }
  }
}

/// The digits of a number without its point.
private struct Digits {
  /// Their value, as long as ``isExact``.
  var value: UInt64 = 0
  /// Power of ten that ``value`` is to be multiplied by.
  var exponent = 0
  var isExact = true

  /// Reads a run of digits and gives their count.
  mutating func read(_ bytes: [UInt8], at index: inout Int, before end: Int) -> Int {
    let start = index
    while index < end, case let digit = bytes[index] &- UInt8(ascii: "0"), digit < 10 {
      let (product, productOverflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, sumOverflow) = product.addingReportingOverflow(UInt64(digit))
      if productOverflow || sumOverflow { isExact = false }
      value = sum
      index += 1
    }
    return index - start
  }
}

/// Reads `[+-]digits`; beyond a million it stays there, which is far outside of any double.
private func readExponent(_ bytes: [UInt8], at index: inout Int, before end: Int) -> Int? {
  var isNegative = false
  if index < end, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
    isNegative = bytes[index] == UInt8(ascii: "-")
    index += 1
  }
  let start = index
  var value = 0
  while index < end, case let digit = bytes[index] &- UInt8(ascii: "0"), digit < 10 {
    value = min(value * 10 + Int(digit), 1_000_000)
    index += 1
  }
  return index == start ? nil : (isNegative ? -value : value)
}

private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]

extension Int {
  /// `-magnitude`, where it fits.
  fileprivate init?(negating magnitude: UInt64) {
    guard magnitude <= Int.min.magnitude else { return nil }
    self = magnitude == Int.min.magnitude ? .min : -Int(magnitude)
  }
}
