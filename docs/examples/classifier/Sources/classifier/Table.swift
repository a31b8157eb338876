import NNS

/// Rows of numbers with a label each: what a script learns from.
final class Table: HostObject {
  private let rows: [[Float]]
  private let labels: [String]
  /// The different labels, in alphabetical order.
  let classes: [String]
  /// How many numbers a row has.
  let width: Int

  static let scriptTypeName = "table"
  static let members: [HostMember<Table>] = [
    .property("x", doc: "the rows, f32[N, width]") { try Tensor($0.rows) },
    .property("y", doc: "the class of each row, i64[N]") { try $0.numbers },
    .property("width", doc: "how many numbers a row has") { $0.width },
    .property("classes", doc: "the names of the classes") { $0.classes },
  ]

  private var numbers: Tensor {
    get throws { try Tensor(labels.map { classes.firstIndex(of: $0) ?? 0 }, shape: [labels.count]) }
  }

  /// Lines of numbers, separated by commas, with the label last.
  init(_ text: String) throws {
    var rows: [[Float]] = []
    var labels: [String] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let cells = line.split(separator: ",")
      let numbers = cells.dropLast().compactMap { Float($0) }
      guard let label = cells.last, !numbers.isEmpty, numbers.count == cells.count - 1,
        numbers.count == rows.first?.count ?? numbers.count
      else { throw Mistake("not a row of numbers and a label: \(line)") }
      rows.append(numbers)
      labels.append(String(label))
    }
    guard let width = rows.first?.count else { throw Mistake("the table is empty") }
    self.rows = rows
    self.labels = labels
    self.width = width
    classes = Set(labels).sorted()
  }
}

/// What the user did wrong.
struct Mistake: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
