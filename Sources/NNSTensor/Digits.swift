import CKernels

/// The shortest decimal digits that read back as the same float of its dtype: ±0.d₁d₂d₃… · 10^exponent.
struct Digits {
  let value: Double
  /// Without zeros at either end; empty for 0.
  let digits: [UInt8]
  let exponent: Int

  /// The digits of a finite value.
  init(_ value: Double, _ dtype: DType) {
    self.value = value
    let text = Digits.shortest(value, dtype)
    let mantissa = text.prefix { $0 != "e" }
    var exponent = Int(text[mantissa.endIndex...].dropFirst()) ?? 0
    var digits: [UInt8] = []
    var hasPoint = false
    for character in mantissa.utf8 {
      if character == UInt8(ascii: ".") { hasPoint = true }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) else { continue }
      if digits.isEmpty && character == UInt8(ascii: "0") {
        if hasPoint { exponent -= 1 }
        continue
      }
      digits.append(character)
      if !hasPoint { exponent += 1 }
    }
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    self.digits = digits
    self.exponent = digits.isEmpty ? 0 : exponent
  }

  /// As a number is written in a script.
  static func shortest(_ value: Double, _ dtype: DType) -> String {
    // The sign of nan means nothing.
    if value.isNaN { return "nan" }
    switch dtype {
    case .f64: return "\(value)"
    case .bf16:
      // Eight bits need no more than four digits.
      for decimals in 0..<4 where value.isFinite {
        let text = scientific(value, decimals)
        if let near = Float(text), near.roundedToHalf == Float(value).roundedToHalf { return "\(near)" }
      }
      return "\(Float(value))"
    default: return "\(Float(value))"
    }
  }

  /// How many decimals show all digits.
  var decimals: Int { Swift.max(digits.count - exponent, 0) }

  /// In decimal form with so many decimals: `0.50`. Digits beyond the shortest ones are 0.
  func fixed(_ decimals: Int) -> String {
    guard self.decimals <= decimals else { return Digits.fixed(value, decimals) }
    var text = value.sign == .minus ? "-" : ""
    for place in (1 - decimals...Swift.max(exponent, 1)).reversed() {
      if place == 0 { text += "." }
      text += digit(exponent - place)
    }
    return text
  }

  /// In scientific form with so many decimals: `1.5e-05`.
  func scientific(_ decimals: Int) -> String {
    guard digits.count <= decimals + 1 else { return Digits.scientific(value, decimals) }
    let power = digits.isEmpty ? 0 : exponent - 1
    var text = (value.sign == .minus ? "-" : "") + digit(0) + "."
    for place in 1...Swift.max(decimals, 1) { text += digit(place) }
    let size = Swift.abs(power)
    return text + "e" + (power < 0 ? "-" : "+") + (size < 10 ? "0" : "") + "\(size)"
  }

  /// The digit at a place from the front, 0 outside.
  private func digit(_ place: Int) -> String {
    digits.indices.contains(place) ? String(UnicodeScalar(digits[place])) : "0"
  }

  private static func fixed(_ value: Double, _ decimals: Int) -> String {
    formatted { nns_format_fixed(value, Int32(clamping: decimals), $0, $1) }
  }

  private static func scientific(_ value: Double, _ decimals: Int) -> String {
    formatted { nns_format_scientific(value, Int32(clamping: decimals), $0, $1) }
  }

  private static func formatted(_ write: (UnsafeMutablePointer<CChar>, Int32) -> Int32) -> String {
    let capacity = 512
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      let length = Swift.min(Int(write(base, Int32(capacity))), capacity - 1)
      return String(decoding: UnsafeRawBufferPointer(start: base, count: Swift.max(length, 0)), as: UTF8.self)
    }
  }
}
