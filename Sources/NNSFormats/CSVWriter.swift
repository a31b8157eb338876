/// Writes a table as text, cell by cell. Reading gives the same cells again: numbers are written with as many digits as
/// bring them back, and texts are quoted where they need it.
public struct CSVWriter: Sendable {
  /// What has been written.
  public private(set) var text = ""
  private let separator: UInt8
  private var cellsInRow = 0
  /// Whether the row is one empty cell, which alone would be an empty line.
  private var isBlank = true

  /// An empty table.
  public init(separator: UInt8 = CSV.comma) {
    self.separator = separator
  }

  /// Adds a text to the row.
  public mutating func append(_ cell: String) {
    let needsQuotes = cell.utf8.contains { byte in
      byte == separator || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
    guard needsQuotes else { return appendPlain(cell) }
    var quoted = "\""
    for scalar in cell.unicodeScalars {
      quoted.unicodeScalars.append(scalar)
      if scalar == "\"" { quoted += "\"" }
    }
    appendPlain(quoted + "\"")
  }

  /// Adds an int to the row.
  public mutating func append(_ cell: Int) { appendPlain(String(cell)) }

  /// Adds a float to the row.
  public mutating func append(_ cell: Double) { appendPlain(cell.description) }

  /// Adds a float of single precision to the row, with no more digits than that has.
  public mutating func append(_ cell: Float) { appendPlain(cell.description) }

  /// Ends the row.
  public mutating func endRow() {
    if cellsInRow == 1, isBlank { text += "\"\"" }
    text += "\n"
    cellsInRow = 0
    isBlank = true
  }

  private mutating func appendPlain(_ cell: String) {
    if cellsInRow > 0 { text.unicodeScalars.append(Unicode.Scalar(separator)) }
    text += cell
    cellsInRow += 1
    if !cell.isEmpty { isBlank = false }
  }
}
