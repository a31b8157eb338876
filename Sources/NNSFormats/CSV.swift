import NNSTensor

/// Tables as text (RFC 4180), read strictly: rows of one length, quotes where they belong, numbers in number columns.
public enum CSV {
  /// A column: its name and its values.
  public struct Column: Equatable, Sendable {
    /// The values of a column. Its first cell that is not empty decides which they are.
    public enum Values: Equatable, Sendable {
      /// Every number is written without point and exponent.
      case ints([Int])
      case floats([Double])
      case texts([String])

      /// How many there are.
      public var count: Int {
        switch self {
        case .ints(let values): values.count
        case .floats(let values): values.count
        case .texts(let values): values.count
        }
      }
    }

    /// The cell of the header; empty without one.
    public var name: String
    /// The values from top to bottom.
    public var values: Values

    /// A named column.
    public init(name: String, values: Values) {
      self.name = name
      self.values = values
    }
  }

  /// Reads a table as rows of text, all of one length.
  ///
  /// A byte order mark is passed over. The rows take at most 40 bytes of memory for each byte of text.
  public static func rows(_ bytes: [UInt8], separator: UInt8 = comma) throws(FormatError) -> [[String]] {
    var scanner = try CSVScanner(bytes, separator: separator)
    var rows: [[String]] = []
    var cells: [CSVScanner.Cell] = []
    while try scanner.nextRow(into: &cells) {
      var row: [String] = []
      row.reserveCapacity(cells.count)
      for cell in cells { row.append(try scanner.text(cell)) }
      rows.append(row)
    }
    return rows
  }

  /// Reads a table as columns of numbers or text.
  ///
  /// A column whose first cell with content is a number (`1`, `-2.5e3`, `nan`, `inf`) holds numbers only; an empty cell
  /// or another text in it is an error. Quotes do not change what a cell is.
  ///
  /// - Parameters:
  ///   - hasHeader: Whether the first row names the columns; names must differ.
  ///   - budget: asked now and then; where it says no, the reading ends with an error that means nothing.
  public static func columns(
    _ bytes: [UInt8], separator: UInt8 = comma, hasHeader: Bool, budget: Budget? = nil
  ) throws(FormatError) -> [Column] {
    var pause = Pause(budget)
    var scanner = try CSVScanner(bytes, separator: separator)
    var cells: [CSVScanner.Cell] = []
    guard try scanner.nextRow(into: &cells) else { return [] }
    var builders: [CSVColumnBuilder] = []
    var names: Set<String> = []
    for (index, cell) in cells.enumerated() {
      let name = hasHeader ? try scanner.text(cell) : ""
      if hasHeader, !names.insert(name).inserted {
        throw scanner.error("two columns are named \(quoted(name))", at: cell.start)
      }
      builders.append(CSVColumnBuilder(name: name, number: index + 1))
    }
    if hasHeader, try !scanner.nextRow(into: &cells) { return builders.map { $0.column } }
    repeat {
      for index in cells.indices {
        try pause.check()
        try builders[index].append(cells[index], of: scanner)
      }
    } while try scanner.nextRow(into: &cells)
    for index in builders.indices { builders[index].finish() }
    return builders.map { $0.column }
  }

  /// `,`.
  public static let comma = UInt8(ascii: ",")
}

/// Collects one column.
private struct CSVColumnBuilder {
  private(set) var column: CSV.Column
  private let number: Int
  private var isUndecided = true
  /// Empty cells above the first one with content.
  private var leadingEmpty = 0
  private var firstEmpty = 0

  init(name: String, number: Int) {
    column = CSV.Column(name: name, values: .texts([]))
    self.number = number
  }

  mutating func append(_ cell: CSVScanner.Cell, of scanner: CSVScanner) throws(FormatError) {
    if isUndecided {
      guard !cell.isEmpty else {
        if leadingEmpty == 0 { firstEmpty = cell.start }
        leadingEmpty += 1
        return
      }
      try decide(cell, scanner)
    }
    // Taken out of the enum while it grows, so that it is not copied.
    switch column.values {
    case .ints(var values):
      column.values = .ints([])
      switch try number(in: cell, of: scanner) {
      case .int(let value):
        values.append(value)
        column.values = .ints(values)
      case .float(let value):
        column.values = .floats(values.map(Double.init) + [value])
      case .tooLarge:
        throw tooLarge(cell, scanner)
      }
    case .floats(var values):
      column.values = .floats([])
      switch try number(in: cell, of: scanner) {
      case .int(let value): values.append(Double(value))
      case .float(let value): values.append(value)
      case .tooLarge: throw tooLarge(cell, scanner)
      }
      column.values = .floats(values)
    case .texts(var values):
      column.values = .texts([])
      values.append(try scanner.text(cell))
      column.values = .texts(values)
    }
  }

  /// A column without content holds empty texts.
  mutating func finish() {
    if isUndecided { column.values = .texts(Array(repeating: "", count: leadingEmpty)) }
  }

  private mutating func decide(_ cell: CSVScanner.Cell, _ scanner: CSVScanner) throws(FormatError) {
    isUndecided = false
    if scanner.number(cell) == nil {
      column.values = .texts(Array(repeating: "", count: leadingEmpty))
    } else if leadingEmpty > 0 {
      throw scanner.error("\(title): the number is missing", at: firstEmpty)
    } else {
      column.values = .ints([])
    }
  }

  private func number(in cell: CSVScanner.Cell, of scanner: CSVScanner) throws(FormatError) -> Number {
    if let number = scanner.number(cell) { return number }
    if cell.isEmpty { throw scanner.error("\(title): the number is missing", at: cell.start) }
    throw scanner.error("\(title): expected a number, found \(quoted(try scanner.text(cell)))", at: cell.start)
  }

  private func tooLarge(_ cell: CSVScanner.Cell, _ scanner: CSVScanner) -> FormatError {
    scanner.error("\(title): the number \(quoted(scanner.raw(cell))) is too large", at: cell.start)
  }

  private var title: String {
    column.name.isEmpty ? "column \(number)" : "column \(number) (\(quoted(column.name)))"
  }
}
