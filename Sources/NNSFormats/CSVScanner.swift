/// Divides a text into rows and cells.
struct CSVScanner {
  /// The bytes of a cell, without its quotes.
  struct Cell {
    var start: Int
    var end: Int
    /// Whether a doubled quote stands for one.
    var hasEscapes = false

    var isEmpty: Bool { start == end }
  }

  private let bytes: [UInt8]
  private let separator: UInt8
  private var index = 0
  /// Cells of the first row, which all others must have.
  private var width: Int?

  init(_ bytes: [UInt8], separator: UInt8) throws(FormatError) {
    guard separator < 0x80, separator >= 0x20 || separator == 0x09, separator != UInt8(ascii: "\"") else {
      throw FormatError("a separator is one ASCII character other than a quote or a line end")
    }
    self.bytes = bytes
    self.separator = separator
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
  }

  /// Reads a row into `cells`.
  ///
  /// - Returns: `false` at the end of the text, where empty lines may stand.
  mutating func nextRow(into cells: inout [Cell]) throws(FormatError) -> Bool {
    cells.removeAll(keepingCapacity: true)
    let rowStart = index
    guard !onlyLineEndsFollow() else { return false }
    repeat {
      cells.append(try readCell())
    } while accept(separator)
    guard index == bytes.count || acceptLineEnd() else {
      throw error("a carriage return stands without a newline", at: index)
    }
    if let width, width != cells.count {
      if cells.count == 1, cells[0].isEmpty { throw error("the line is empty", at: rowStart) }
      // The first cell too many, or the end of the row.
      let place = cells.count > width ? cells[width].start : cells[cells.count - 1].end
      throw error("the row has \(cells.count) cells where the first row has \(width)", at: place)
    }
    width = cells.count
    return true
  }

  /// The number in a cell, spaces around it passed over; `nil` where there is none.
  func number(_ cell: Cell) -> Number? {
    var start = cell.start
    var end = cell.end
    while start < end, isBlank(bytes[start]) { start += 1 }
    while start < end, isBlank(bytes[end - 1]) { end -= 1 }
    var index = start
    if let number = Number(bytes, at: &index, before: end, relaxed: true) { return index == end ? number : nil }
    switch String(decoding: bytes[start..<min(end, start + 5)], as: UTF8.self) {
    case "nan": return .float(.nan)
    case "inf", "+inf": return .float(.infinity)
    case "-inf": return .float(-.infinity)
    default: return nil
    }
  }

  /// The text of a cell.
  func text(_ cell: Cell) throws(FormatError) -> String {
    var content = bytes[cell.start..<cell.end]
    if cell.hasEscapes {
      var unescaped: [UInt8] = []
      var previousWasQuote = false
      for byte in content {
        if byte == Self.quote, previousWasQuote {
          previousWasQuote = false
        } else {
          unescaped.append(byte)
          previousWasQuote = byte == Self.quote
        }
      }
      content = unescaped[...]
    }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw error("the cell is not UTF-8", at: cell.start)
    }
    return text
  }

  /// The bytes of a cell as they stand.
  func raw(_ cell: Cell) -> ArraySlice<UInt8> { bytes[cell.start..<cell.end] }

  /// A mistake at a byte of the text.
  func error(_ message: String, at offset: Int) -> FormatError { FormatError(message, at: offset, in: bytes) }

  // MARK: Text

  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private mutating func readCell() throws(FormatError) -> Cell {
    if index < bytes.count, bytes[index] == Self.quote { return try readQuotedCell() }
    let start = index
    while index < bytes.count {
      let byte = bytes[index]
      if byte == separator || byte == Self.newline || byte == Self.carriageReturn { break }
      if byte == Self.quote { throw error("a quote inside a cell that does not begin with one", at: index) }
      index += 1
    }
    return Cell(start: start, end: index)
  }

  private mutating func readQuotedCell() throws(FormatError) -> Cell {
    let quoteStart = index
    index += 1
    var cell = Cell(start: index, end: index)
    while index < bytes.count {
      guard bytes[index] == Self.quote else {
        index += 1
        continue
      }
      cell.end = index
      index += 1
      guard index < bytes.count, bytes[index] == Self.quote else {
        let ends = index == bytes.count || bytes[index] == separator || bytes[index] == Self.newline
        guard ends || bytes[index] == Self.carriageReturn else {
          throw error("text after the closing quote of a cell", at: index)
        }
        return cell
      }
      cell.hasEscapes = true
      index += 1
    }
    throw error("the quote is not closed", at: quoteStart)
  }

  private mutating func accept(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func acceptLineEnd() -> Bool {
    if accept(Self.newline) { return true }
    guard index + 1 < bytes.count, bytes[index] == Self.carriageReturn, bytes[index + 1] == Self.newline else {
      return false
    }
    index += 2
    return true
  }

  private func onlyLineEndsFollow() -> Bool {
    var index = index
    while index < bytes.count {
      guard bytes[index] == Self.newline || bytes[index] == Self.carriageReturn else { return false }
      index += 1
    }
    return true
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
