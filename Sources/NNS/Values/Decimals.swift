#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Floats in decimal, rounded as C does: exactly, halves to even.
enum Decimals {
  /// `%.nf`.
  static func fixed(_ number: Double, _ digits: Int) -> String { print("%.*f", number, digits) }

  /// `%.ne`, with at least two digits of exponent.
  static func exponential(_ number: Double, _ digits: Int) -> String { print("%.*e", number, digits) }

  /// `%.ng`.
  static func general(_ number: Double, _ digits: Int) -> String { print("%.*g", number, max(1, digits)) }

  /// So many digits, and at least one after the point: what Python gives for a precision without a type.
  static func significant(_ number: Double, _ digits: Int) -> String {
    let text = general(number, digits)
    if text.contains(".") || text.contains("e") { return text }
    if text.count < digits { return text + ".0" }
    let parts = exponential(number, max(1, digits) - 1).split(separator: "e")
    guard parts.count == 2, parts[0].contains(".") else { return parts.joined(separator: "e") }
    let trimmed = parts[0].reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed()
    return String(trimmed) + "e" + parts[1]
  }

  private static func print(_ format: String, _ number: Double, _ digits: Int) -> String {
    // 309 digits before the point, the sign, the point and the digits after it.
    let capacity = 330 + digits
    return String(unsafeUninitializedCapacity: capacity) { buffer in
      buffer.withMemoryRebound(to: CChar.self) { chars in
        withVaList([Int32(truncatingIfNeeded: digits), number]) { arguments in
          max(0, min(capacity - 1, Int(vsnprintf(chars.baseAddress, capacity, format, arguments))))
        }
      }
    }
  }
}
