/// Strings scalar by scalar: unlike Swift's own comparison, `é` in one scalar and in two are different texts.
enum Text {
  static func equal(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

  /// The order of UTF-8 is the order of the scalars.
  static func order(_ a: String, _ b: String) -> Int {
    if a.utf8.elementsEqual(b.utf8) { return 0 }
    return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
  }

  static func contains(_ whole: String, _ part: String) -> Bool { find(Array(whole.utf8), Array(part.utf8), from: 0) != nil }

  /// The first place at or after `start` where the bytes of `part` stand.
  static func find(_ whole: [UInt8], _ part: [UInt8], from start: Int) -> Int? {
    if part.isEmpty { return start <= whole.count ? start : nil }
    guard whole.count >= part.count else { return nil }
    var index = start
    while index <= whole.count - part.count {
      if whole[index] == part[0] {
        var offset = 1
        while offset < part.count, whole[index + offset] == part[offset] { offset += 1 }
        if offset == part.count { return index }
      }
      index += 1
    }
    return nil
  }

  /// The scalar at a position, in constant time for ASCII.
  static func scalar(_ text: String, _ position: Int) -> String {
    if text.utf8.count == text.unicodeScalars.count {
      let index = text.utf8.index(text.utf8.startIndex, offsetBy: position)
      return String(text.unicodeScalars[index])
    }
    let scalars = text.unicodeScalars
    return String(scalars[scalars.index(scalars.startIndex, offsetBy: position)])
  }
}
