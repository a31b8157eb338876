/// A stretch of source that is underlined.
struct Place {
  var span: Span
  /// What stands beside the underline.
  var text: String
  var isPrimary: Bool

  init(_ span: Span, _ text: String, isPrimary: Bool = false) {
    self.span = span
    self.text = text
    self.isPrimary = isPrimary
  }
}

/// A line of source with the places that begin on it.
struct ExcerptLine {
  /// Counted from 1.
  let number: Int
  var places: [Place]
  private let source: SourceFile
  /// Its bytes, without the line end.
  private let bytes: Range<Int>

  init(_ source: SourceFile, number: Int, places: [Place]) {
    self.source = source
    self.number = number
    self.places = places
    let newline = UInt8(ascii: "\n")
    let offset = min(Int(places.first?.span.start ?? 0), source.bytes.count)
    let start = source.bytes[..<offset].lastIndex(of: newline).map { $0 + 1 } ?? 0
    var end = source.bytes[offset...].firstIndex(of: newline) ?? source.bytes.count
    if end > start, source.bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    bytes = start..<end
  }

  /// An underline in columns of the shown line, counted from 0.
  struct Underline {
    var start: Int
    var length: Int
    var text: String
    var isPrimary: Bool
  }

  /// The line as it is shown in at most `width` columns, and what stands below it.
  func rendered(width: Int) -> (text: String, underlines: [Underline]) {
    let window = window(width: width)
    var text = window.lowerBound > bytes.lowerBound ? "…" : ""
    var column = displayWidth(text)
    /// Columns at which the bytes of the window begin; one more for its end.
    var columns: [Int] = []
    columns.reserveCapacity(window.count + 1)
    var shownEnd = window.upperBound
    var offset = window.lowerBound
    for character in String(decoding: source.bytes[window], as: UTF8.self) {
      let shown = character == "\t" ? String(repeating: " ", count: tabWidth - column % tabWidth) : visible(character)
      if column + displayWidth(shown) > width - 1 {
        shownEnd = offset
        break
      }
      text += shown
      columns += Array(repeating: column, count: character.utf8.count)
      offset += character.utf8.count
      column += displayWidth(shown)
    }
    columns.append(column)
    if shownEnd < bytes.upperBound { text += "…" }

    func columnOf(_ position: Int) -> Int {
      columns[min(max(position - window.lowerBound, 0), columns.count - 1)]
    }
    let underlines = places.sorted { $0.isPrimary && !$1.isPrimary }.map { place in
      let start = columnOf(Int(place.span.start))
      let end = columnOf(min(Int(place.span.end), bytes.upperBound))
      return Underline(start: start, length: max(1, end - start), text: place.text, isPrimary: place.isPrimary)
    }
    // Spaces at the end of a line are no news.
    while text.last == " " { text.removeLast() }
    return (text, underlines)
  }

  private let tabWidth = 4

  /// The bytes to show: the whole line, or a part around the first place if that would be too wide.
  private func window(width: Int) -> Range<Int> {
    if bytes.count <= width * 4, displayWidth(String(decoding: source.bytes[bytes], as: UTF8.self)) <= width - 1 {
      return bytes
    }
    let place = min(max(Int(places.first?.span.start ?? 0), bytes.lowerBound), bytes.upperBound)
    // As far to the left as a third of the width; to the right enough bytes for the rest, whatever the scalars' widths.
    var start = place
    var columns = 0
    while start > bytes.lowerBound, columns < width / 3 {
      start -= 1
      if source.bytes[start] & 0xC0 != 0x80 { columns += 1 }
    }
    if place - bytes.lowerBound <= width / 2 { start = bytes.lowerBound }
    var end = min(place + width * 4, bytes.upperBound)
    while end < bytes.upperBound, source.bytes[end] & 0xC0 == 0x80 { end += 1 }
    return start..<end
  }
}
