/// Strings scalar by scalar: unlike Swift's own comparison, `é` in one scalar and in two are different texts.
enum Text {
  static func equal(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

  /// The order of UTF-8 is the order of the scalars.
  static func order(_ a: String, _ b: String) -> Int {
    if a.utf8.elementsEqual(b.utf8) { return 0 }
    return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
  }

  static func contains(_ whole: String, _ part: String) -> Bool {
    find(Array(whole.utf8), Array(part.utf8), from: 0) != nil
  }

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

  /// Number of scalars: of bytes that do not continue one.
  static func count(_ text: String) -> Int {
    text.utf8.withContiguousStorageIfAvailable { bytes in
      var count = 0
      for byte in bytes { count &+= byte & 0xC0 == 0x80 ? 0 : 1 }
      return count
    } ?? text.unicodeScalars.count
  }

  /// Strings one after the other, with a separator between them, in `size` bytes.
  static func join(_ pieces: ListBox, _ separator: String, size: Int) -> String {
    let between = Array(separator.utf8)
    return String(unsafeUninitializedCapacity: size) { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      var end = 0
      for (index, piece) in pieces.enumerated() {
        if index > 0 {
          for byte in between {
            base[end] = byte
            end += 1
          }
        }
        guard case .string(let box) = piece else { continue }
        let count = box.text.utf8.count
        guard count <= size - end else { return end }
        let isCopied: Void? = box.text.utf8.withContiguousStorageIfAvailable { bytes in
          if let source = bytes.baseAddress { (base + end).update(from: source, count: count) }
        }
        if isCopied == nil {
          for (offset, byte) in box.text.utf8.enumerated() { base[end + offset] = byte }
        }
        end += count
      }
      return end
    }
  }

  /// The scalar at a position.
  static func scalar(_ text: String, _ position: Int) -> String {
    let scalars = text.unicodeScalars
    return String(scalars[scalars.index(scalars.startIndex, offsetBy: position)])
  }
}
