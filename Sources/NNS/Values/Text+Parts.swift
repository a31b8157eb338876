/// Characters, pieces, and what is put together from pieces.
extension Text {
  // MARK: Characters

  /// The character at a position from 0 on, which must be there.
  subscript(position: Int) -> Text {
    withUTF8 { bytes in
      bytes.character(at: count == bytes.count ? position : bytes.offset(ofScalar: position))
    }
  }

  /// The characters at some positions.
  func slice(_ bounds: Indexing.Slice, _ c: Context) throws -> Text {
    let (first, size) = bounds.step == 1 ? offsets(bounds) : (0, bounds.count &* 4)
    try c.charge(bytes: size)
    return withUTF8 { bytes in
      if bounds.step == 1 { return Text(utf8: UnsafeBufferPointer(rebasing: bytes[first..<(first + size)])) }
      let characters = CharacterOffsets(bytes, isASCII: count == bytes.count)
      let box = TextBox.make(capacity: size)
      for index in 0..<bounds.count {
        box.add(bytes.character(at: characters[bounds.start + index * bounds.step]))
      }
      return Text(box)
    }
  }

  /// The bytes of a slice without gaps.
  private func offsets(_ bounds: Indexing.Slice) -> (first: Int, size: Int) {
    withUTF8 { bytes in
      if count == bytes.count { return (bounds.start, bounds.count) }
      let first = bytes.offset(ofScalar: bounds.start)
      let rest = UnsafeBufferPointer(rebasing: bytes[first...])
      return (first, rest.offset(ofScalar: bounds.count))
    }
  }

  /// Where each character begins.
  private struct CharacterOffsets {
    private let offsets: [Int]

    init(_ bytes: UnsafeBufferPointer<UInt8>, isASCII: Bool) {
      guard !isASCII else {
        offsets = []
        return
      }
      offsets = bytes.indices.filter { bytes[$0] & 0xC0 != 0x80 }
    }

    subscript(position: Int) -> Int { offsets.isEmpty ? position : offsets[position] }
  }

  /// A list of all characters.
  func characters(_ c: Context) throws -> ListBox {
    let list = try ListBox(capacity: count, c)
    try withUTF8 { bytes in
      var offset = 0
      while offset < bytes.count {
        if offset & 0xffff == 0 { try c.engine.budget.check() }
        list.add(.string(bytes.character(at: offset)))
        offset += bytes.width(at: offset)
      }
    }
    return list
  }

  // MARK: Searching

  func contains(_ part: Text, _ c: Context) throws -> Bool {
    try withUTF8 { whole in try part.withUTF8 { try whole.find($0, c.engine.budget) != nil } }
  }

  /// The position of the first `part` at or after a position.
  func position(of part: Text, from start: Int, _ c: Context) throws -> Int? {
    guard start <= count else { return nil }
    return try withUTF8 { whole in
      let isASCII = count == whole.count
      let from = isASCII ? start : whole.offset(ofScalar: start)
      guard let found = try part.withUTF8({ try whole.find($0, from: from, c.engine.budget) }) else { return nil }
      return isASCII ? found : UnsafeBufferPointer(rebasing: whole[..<found]).scalarCount
    }
  }

  func starts(with part: Text) -> Bool { withUTF8 { whole in part.withUTF8 { whole.starts(with: $0) } } }

  func ends(with part: Text) -> Bool {
    withUTF8 { whole in
      part.withUTF8 { part in
        whole.count >= part.count && whole[(whole.count - part.count)...].elementsEqual(part)
      }
    }
  }

  /// Calls a function with the bytes between separators, which are not empty.
  private func forEachPiece(
    between separator: Text, _ c: Context, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
  ) throws {
    let budget = c.engine.budget
    try withUTF8 { bytes in
      try separator.withUTF8 { part in
        var start = 0
        while let found = try bytes.find(part, from: start, budget) {
          try budget.charge(work: 1 + (found - start) >> 4)
          try body(UnsafeBufferPointer(rebasing: bytes[start..<found]))
          start = found + part.count
        }
        try body(UnsafeBufferPointer(rebasing: bytes[start...]))
      }
    }
  }

  /// The pieces between separators, which are not empty.
  func split(_ separator: Text, _ c: Context) throws -> ListBox {
    let pieces = ListBox()
    try forEachPiece(between: separator, c) { try pieces.append(.string(Text(utf8: $0)), c) }
    return pieces
  }

  /// The pieces between white space.
  func words(_ c: Context) throws -> ListBox {
    let words = ListBox()
    try withUTF8 { bytes in
      var start: Int?
      var offset = 0
      while offset <= bytes.count {
        let isSpace = offset == bytes.count || bytes.scalar(at: offset).isSpace
        if let first = start, isSpace {
          try c.engine.budget.charge(work: 1 + (offset - first) >> 2)
          try words.append(.string(Text(utf8: UnsafeBufferPointer(rebasing: bytes[first..<offset]))), c)
          start = nil
        } else if start == nil, !isSpace {
          start = offset
        }
        offset += offset < bytes.count ? bytes.width(at: offset) : 1
      }
    }
    return words
  }

  /// The lines, without their ends `\n`, `\r\n` or `\r`; a last empty one does not count.
  func lines(_ c: Context) throws -> ListBox {
    let lines = ListBox()
    try withUTF8 { bytes in
      var start = 0
      while start < bytes.count {
        let end = bytes[start...].firstIndex { $0 == 10 || $0 == 13 } ?? bytes.count
        try c.engine.budget.charge(work: 1 + (end - start) >> 2)
        try lines.append(.string(Text(utf8: UnsafeBufferPointer(rebasing: bytes[start..<end]))), c)
        let isPair = end + 1 < bytes.count && bytes[end] == 13 && bytes[end + 1] == 10
        start = end + (isPair ? 2 : 1)
      }
    }
    return lines
  }

  /// Without white space at both ends.
  var trimmed: Text {
    withUTF8 { bytes in
      var start = 0
      while start < bytes.count, bytes.scalar(at: start).isSpace { start += bytes.width(at: start) }
      var end = bytes.count
      while end > start {
        var last = end - 1
        while last > start, bytes[last] & 0xC0 == 0x80 { last -= 1 }
        guard bytes.scalar(at: last).isSpace else { break }
        end = last
      }
      return Text(utf8: UnsafeBufferPointer(rebasing: bytes[start..<end]))
    }
  }

  // MARK: Putting together

  /// Both, one after the other.
  func joined(with other: Text, _ c: Context) throws -> Text {
    if case .short(let x) = self, case .short(let y) = other, let both = x.appending(y) { return .short(both) }
    let size = byteCount + other.byteCount
    try c.charge(bytes: size)
    return Text(byteCount: size) { start in
      var end = start
      write(to: &end)
      other.write(to: &end)
    }
  }

  /// Strings one after the other, with a separator between them.
  ///
  /// - Parameter mistake: the error for an item that is no string.
  static func join(
    _ items: ListBox, _ separator: Text, _ c: Context, orThrow mistake: (_ index: Int) -> any Error
  ) throws -> Text {
    var size = 0
    for index in 0..<items.count {
      if index & 0xffff == 0 { try c.engine.budget.charge(work: min(items.count - index, 0x10000)) }
      guard case .string(let text) = items.pointer(to: index).pointee else { throw mistake(index) }
      size += text.byteCount + (index > 0 ? separator.byteCount : 0)
    }
    try c.charge(bytes: size)
    return try Text(byteCount: size) { start in
      var end = start
      for index in 0..<items.count {
        if index & 0xffff == 0 { try c.engine.budget.check() }
        if index > 0 { separator.write(to: &end) }
        if case .string(let text) = items.pointer(to: index).pointee { text.write(to: &end) }
      }
    }
  }

  /// The text many times over.
  func repeated(_ count: Int, _ c: Context) throws -> Text {
    let (size, overflow) = byteCount.multipliedReportingOverflow(by: count)
    try c.charge(bytes: overflow ? .max : size)
    return try Text(byteCount: size) { start in
      var end = start
      for index in 0..<(size > 0 ? count : 0) {
        if index & 0xffff == 0 { try c.engine.budget.check() }
        write(to: &end)
      }
    }
  }

  /// With every `old`, which is not empty, replaced by `new`.
  func replacing(_ old: Text, with new: Text, _ c: Context) throws -> Text {
    var pieces = 0
    var size = 0
    try forEachPiece(between: old, c) { piece in
      size += piece.count
      pieces += 1
    }
    let (added, overflow) = (pieces - 1).multipliedReportingOverflow(by: new.byteCount)
    try c.charge(bytes: overflow ? .max : size + added)
    return try Text(byteCount: size + added) { start in
      var end = start
      var isFirst = true
      try forEachPiece(between: old, c) { piece in
        if !isFirst { new.write(to: &end) }
        isFirst = false
        if let bytes = piece.baseAddress { end.update(from: bytes, count: piece.count) }
        end += piece.count
      }
    }
  }

  // MARK: Case

  /// Every character as a function has it: in capitals, say.
  func mapped(_ c: Context, _ transform: (String) -> String) throws -> Text {
    guard case .long(let box) = self else { return Text(transform(string)) }
    // A character of two bytes becomes three of two or more at most.
    try c.charge(bytes: 3 * box.byteCount)
    return try withUTF8 { bytes in
      var result = TextBox.make(capacity: bytes.count)
      for piece in bytes.pieces() {
        try c.engine.budget.charge(work: piece.count * 8)
        try TextBox.append(Text(transform(String(decoding: piece, as: UTF8.self))), to: &result, c)
      }
      return Text(result)
    }
  }
}
