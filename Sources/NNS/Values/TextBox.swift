/// The bytes of a text, changed in place only where one value alone holds the box.
public final class TextBox: ManagedBuffer<TextBox.Header, UInt8> {
  /// What stands before the bytes.
  public struct Header {
    /// Bytes that it has room for, not counting ``spare``.
    let capacity: Int
    var byteCount = 0
    /// How many scalars it has; negative before they are counted.
    var count = 0
  }

  // A short text is written as a whole word.
  private static let spare = 8

  /// A box without bytes, with room for `capacity` of them.
  static func make(capacity: Int) -> TextBox {
    unsafeDowncast(
      create(minimumCapacity: capacity + spare) { _ in Header(capacity: capacity) }, to: TextBox.self)
  }

  @inline(__always)
  var byteCount: Int { withUnsafeMutablePointerToHeader { $0.pointee.byteCount } }

  /// How many bytes it can have.
  @inline(__always)
  private var room: Int { withUnsafeMutablePointerToHeader { $0.pointee.capacity } }

  /// How many scalars it has.
  var count: Int {
    withUnsafeMutablePointers { header, bytes in
      if header.pointee.count < 0 {
        header.pointee.count = UnsafeBufferPointer(start: bytes, count: header.pointee.byteCount).scalarCount
      }
      return header.pointee.count
    }
  }

  @inline(__always)
  func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    try withUnsafeMutablePointers { try body(UnsafeBufferPointer(start: $1, count: $0.pointee.byteCount)) }
  }

  static func equal(_ a: TextBox, _ b: TextBox) -> Bool {
    if a === b { return true }
    return a.withUTF8 { x in b.withUTF8 { y in x.count == y.count && x.elementsEqual(y) } }
  }

  // MARK: Changes, for who holds the box alone

  /// Adds a text at the end. A box that somebody else holds too, or that has no room, is replaced.
  @inline(__always)
  static func append(_ text: Text, to box: inout TextBox, _ c: Context) throws {
    let size = box.byteCount &+ text.byteCount
    if size > box.room || !isKnownUniquelyReferenced(&box) { box = try box.copy(for: size, c) }
    box.add(text)
  }

  /// A box with the same bytes, and room for `size` bytes and some more.
  @inline(never)
  private func copy(for size: Int, _ c: Context) throws -> TextBox {
    let capacity = Swift.max(size, byteCount + byteCount / 2, 32)
    try c.charge(bytes: capacity)
    let box = TextBox.make(capacity: capacity)
    withUTF8 { box.add($0) }
    box.withUnsafeMutablePointerToHeader { $0.pointee.count = withUnsafeMutablePointerToHeader { $0.pointee.count } }
    return box
  }

  /// Adds a text where there is room for it.
  @inline(__always)
  func add(_ text: Text) {
    withUnsafeMutablePointers { header, bytes in
      precondition(text.byteCount <= header.pointee.capacity - header.pointee.byteCount)
      if header.pointee.count >= 0 { header.pointee.count &+= text.count }
      var end = bytes + header.pointee.byteCount
      text.write(to: &end)
      header.pointee.byteCount &+= text.byteCount
    }
  }

  /// Adds valid UTF-8 where there is room for it.
  func add(_ utf8: UnsafeBufferPointer<UInt8>) {
    withUnsafeMutablePointers { header, bytes in
      precondition(utf8.count <= header.pointee.capacity - header.pointee.byteCount)
      if let start = utf8.baseAddress { (bytes + header.pointee.byteCount).update(from: start, count: utf8.count) }
      header.pointee.byteCount += utf8.count
      header.pointee.count = -1
    }
  }

  /// Has all bytes written by a function, exactly so many.
  func fill(_ byteCount: Int, _ body: (UnsafeMutablePointer<UInt8>) throws -> Void) rethrows {
    try withUnsafeMutablePointers { header, bytes in
      precondition(byteCount <= header.pointee.capacity)
      try body(bytes)
      header.pointee.byteCount = byteCount
      header.pointee.count = -1
    }
  }
}
