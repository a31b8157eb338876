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
