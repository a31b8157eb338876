import CThread
import NNSTensor

/// Valid UTF-8, scalar by scalar.
extension UnsafeBufferPointer<UInt8> {
  /// How many scalars there are: bytes that do not continue one.
  var scalarCount: Int {
    var continuing = 0
    var index = 0
    // Sums of blocks that fit into a byte are made many at a time.
    while index < count {
      let end = Swift.min(count, index + 240)
      var sum: UInt8 = 0
      while index < end {
        sum &+= self[index] & 0xC0 == 0x80 ? 1 : 0
        index &+= 1
      }
      continuing += Int(sum)
    }
    return count - continuing
  }

  /// Where the scalar after `position` others begins; the end where there are no more.
  func offset(ofScalar position: Int) -> Int {
    var offset = 0
    var left = position
    while offset < count, left > 0 {
      offset += width(at: offset)
      left -= 1
    }
    return Swift.min(offset, count)
  }

  /// How many bytes the scalar at an offset has.
  @inline(__always)
  func width(at offset: Int) -> Int {
    let first = self[offset]
    return first < 0x80 ? 1 : Swift.max(1, (~first).leadingZeroBitCount)
  }

  /// The scalar at an offset.
  func scalar(at offset: Int) -> Unicode.Scalar {
    let first = self[offset]
    if first < 0x80 { return Unicode.Scalar(first) }
    let end = Swift.min(count, offset + width(at: offset))
    var value = UInt32(first) & (0x7F >> UInt32(end - offset))
    for byte in self[(offset + 1)..<end] { value = value << 6 | UInt32(byte & 0x3F) }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  /// The character of a scalar that begins at an offset.
  func character(at offset: Int) -> Text {
    Text(utf8: UnsafeBufferPointer(rebasing: self[offset..<Swift.min(count, offset + width(at: offset))]))
  }

  /// The first place at or after `start` where other bytes stand.
  func find(_ part: UnsafeBufferPointer<UInt8>, from start: Int = 0, _ budget: Budget) throws -> Int? {
    guard start <= count else { return nil }
    guard let base = baseAddress, let wanted = part.baseAddress, !part.isEmpty else {
      return part.isEmpty ? start : nil
    }
    var start = start
    while true {
      // So much takes some milliseconds.
      let size = Swift.min(count - start, 1 << 24 + part.count)
      if let found = nns_find(base + start, size, wanted, part.count) {
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
      }
      guard start + size < count else { return nil }
      // The next look begins with what could be the beginning of the part.
      start += size - part.count + 1
      try budget.check()
    }
  }

  /// All of it in pieces of some megabytes, cut between scalars; bytes that are not UTF-8 may be cut anywhere.
  func pieces() -> some Sequence<UnsafeBufferPointer<UInt8>> {
    sequence(state: 0) { (start: inout Int) -> UnsafeBufferPointer<UInt8>? in
      guard start < count else { return nil }
      var end = Swift.min(count, start + 1 << 22)
      for _ in 0..<3 where end < count && self[end] & 0xC0 == 0x80 { end -= 1 }
      defer { start = end }
      return UnsafeBufferPointer(rebasing: self[start..<end])
    }
  }
}

extension Unicode.Scalar {
  /// Whether it is white space.
  var isSpace: Bool { isASCII ? value == 32 || (9...13).contains(value) : properties.isWhitespace }
}
