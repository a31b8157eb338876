import CKernels

/// Tensors as text that reads as NNS literals.
public enum TensorFormatter {
  /// Beyond this many elements only the edges of each axis are shown.
  public static let fullLimit = 1000
  /// How many are shown at each edge.
  public static let edge = 3

  /// The elements of a tensor: a number for rank 0, otherwise nested brackets, one row per line.
  ///
  /// - Parameter precision: the most decimals that floats get. All floats of one tensor get as many as the one that needs
  ///   most, or all are in scientific form where these would not show them.
  public static func description(of tensor: Tensor, precision: Int = 4) -> String {
    if tensor.isMeta { return tensor.typeDescription }
    if tensor.rank == 0 { return number(tensor.element(at: 0), tensor.dtype) }
    if tensor.elementCount == 0 { return tensor.rank == 1 ? "[]" : "[] of shape \(tensor.shape)" }
    let isShortened = tensor.elementCount > fullLimit
    let columns = tensor.shape.map { Columns(size: $0, isShortened: isShortened) }
    var positions: [Int] = [0]
    for (axis, column) in columns.enumerated() {
      positions = positions.flatMap { start in column.shown.map { start * tensor.shape[axis] + $0 } }
    }
    let items = texts(positions.map(tensor.element(at:)), precision: Swift.max(precision, 1))
    let width = tensor.rank > 1 ? items.lazy.map(\.count).max() ?? 0 : 0
    var writer = Writer(
      columns: columns, items: items.map { String(repeating: " ", count: Swift.max(width - $0.count, 0)) + $0 })
    writer.write(axis: 0)
    return writer.text
  }

  /// One number in the shortest digits that read back as the same value of its dtype.
  public static func number(_ value: Scalar, _ dtype: DType) -> String {
    switch value {
    case .int(let value): "\(value)"
    case .bool(let value): value ? "true" : "false"
    case .float(let value): dtype == .f64 ? "\(value)" : "\(Float(value))"
    }
  }

  /// Which places of an axis are shown.
  private struct Columns {
    let shown: [Int]
    /// Before which of the shown ones dots stand.
    let gap: Int?

    init(size: Int, isShortened: Bool) {
      if isShortened && size > 2 * edge {
        shown = Array(0..<edge) + Array(size - edge..<size)
        gap = edge
      } else {
        shown = Array(0..<size)
        gap = nil
      }
    }
  }

  /// Puts texts into brackets.
  private struct Writer {
    let columns: [Columns]
    let items: [String]
    var text = ""
    var next = 0

    /// Writes one bracket of an axis; goes at most eight deep.
    mutating func write(axis: Int) {
      let isRow = axis == columns.count - 1
      let breaks = String(repeating: "\n", count: Swift.max(columns.count - 1 - axis, 1))
      let separator =
        isRow ? ", " : "," + (breaks.count > 2 ? "\n\n" : breaks) + String(repeating: " ", count: axis + 1)
      text += "["
      for i in columns[axis].shown.indices {
        if i > 0 { text += separator }
        if i == columns[axis].gap { text += "..." + separator }
        if isRow {
          text += items[next]
          next += 1
        } else {
          write(axis: axis + 1)
        }
      }
      text += "]"
    }
  }

  /// Texts of one form for all elements.
  private static func texts(_ values: [Scalar], precision: Int) -> [String] {
    let floats = values.map(\.double)
    guard case .float? = values.first else { return values.map { number($0, .i64) } }
    let largest = floats.lazy.filter(\.isFinite).map { Swift.abs($0) }.max() ?? 0
    let isScientific = largest >= 1e7 || (largest > 0 && largest < 1e-3)
    let form = isScientific ? scientific : fixed
    let digits = floats.lazy.filter(\.isFinite).map { needed(form($0, precision), atMost: precision) }.max() ?? 1
    return floats.map { $0.isFinite ? form($0, digits) : $0.isNaN ? "nan" : $0 > 0 ? "inf" : "-inf" }
  }

  /// How many of the decimals of a text are not trailing zeros; at least one.
  private static func needed(_ text: String, atMost precision: Int) -> Int {
    let decimals = text.prefix { $0 != "e" }.drop { $0 != "." }.dropFirst()
    return Swift.max(decimals.reversed().drop { $0 == "0" }.count, 1)
  }

  /// Decimal form with so many decimals: `0.50`.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    formatted { nns_format_fixed(value, Int32(clamping: decimals), $0, $1) }
  }

  /// Scientific form with so many decimals: `1.5e-05`.
  public static func scientific(_ value: Double, _ decimals: Int) -> String {
    formatted { nns_format_scientific(value, Int32(clamping: decimals), $0, $1) }
  }

  private static func formatted(_ write: (UnsafeMutablePointer<CChar>, Int32) -> Int32) -> String {
    let capacity = 512
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      let length = Swift.min(Int(write(base, Int32(capacity))), capacity - 1)
      return String(decoding: UnsafeRawBufferPointer(start: base, count: Swift.max(length, 0)), as: UTF8.self)
    }
  }
}
