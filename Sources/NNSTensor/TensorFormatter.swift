/// Tensors as text that reads as NNS literals.
public enum TensorFormatter {
  /// The elements of a tensor: a number for rank 0, otherwise nested brackets, in columns.
  ///
  /// All floats of one tensor get as many decimals as the one that needs most, up to the precision. Where that would not
  /// show them well, and their range is as NumPy and PyTorch ask, all are in scientific form.
  public static func description(of tensor: Tensor, _ options: PrintOptions = PrintOptions()) -> String {
    if tensor.rank == 0, !tensor.isMeta { return number(tensor.element(at: 0), tensor.dtype) }
    return lines(tensor, options) { texts($0, tensor.dtype, options) }
  }

  /// The same with texts of the elements that a function gives.
  public static func description(
    of tensor: Tensor, _ options: PrintOptions, each text: (Scalar) throws -> String
  ) rethrows -> String {
    if tensor.rank == 0, !tensor.isMeta { return try text(tensor.element(at: 0)) }
    return try lines(tensor, options) { try $0.map(text) }
  }

  private static func lines(
    _ tensor: Tensor, _ options: PrintOptions, _ texts: ([Scalar]) throws -> [String]
  ) rethrows -> String {
    if tensor.isMeta { return tensor.typeDescription }
    if tensor.elementCount == 0 { return tensor.rank == 1 ? "[]" : "[] of shape \(tensor.shape)" }
    let isShortened = tensor.elementCount > options.threshold
    let axes = tensor.shape.map { Axis(size: $0, edge: isShortened ? options.edgeItems : nil) }
    var positions: [Int] = [0]
    for (axis, shown) in axes.enumerated() {
      positions = positions.flatMap { start in shown.places.map { start * tensor.shape[axis] + $0 } }
    }
    let items = try texts(positions.map(tensor.element(at:)))
    var writer = Writer(axes: axes, items: items, lineWidth: options.lineWidth)
    writer.write(axis: 0)
    return writer.text
  }

  /// One number in the shortest digits that read back as the same value of its dtype.
  public static func number(_ value: Scalar, _ dtype: DType) -> String {
    switch value {
    case .int(let value): "\(value)"
    case .bool(let value): value ? "true" : "false"
    case .float(let value): Digits.shortest(value, dtype)
    }
  }

  /// What is shown of an axis.
  private struct Axis {
    let places: [Int]
    /// Before which of the places dots stand.
    let gap: Int?

    /// All of it, or the edges.
    init(size: Int, edge: Int?) {
      if let edge, size > 2 * edge {
        places = Array(0..<edge) + Array(size - edge..<size)
        gap = edge
      } else {
        places = Array(0..<size)
        gap = nil
      }
    }
  }

  /// Puts texts into brackets.
  private struct Writer {
    let axes: [Axis]
    let items: [String]
    /// What each text is filled up to.
    let width: Int
    /// How many stand in a line.
    let share: Int
    var text = ""
    private var next = 0

    init(axes: [Axis], items: [String], lineWidth: Int) {
      self.axes = axes
      self.items = items
      let row = axes[axes.count - 1]
      let count = row.places.count + (row.gap == nil ? 0 : 1)
      let isOneLine =
        axes.count == 1 && items.lazy.map { $0.count + 2 }.reduce(row.gap == nil ? 0 : 5, +) <= lineWidth
      width = isOneLine ? 0 : items.lazy.map(\.count).max() ?? 0
      share = isOneLine ? count : Swift.max((lineWidth - axes.count + 1) / (width + 2), 1)
    }

    /// Writes one bracket of an axis; goes at most eight deep.
    mutating func write(axis: Int) {
      text += "["
      if axis == axes.count - 1 {
        writeRow()
      } else {
        let separator = "," + String(repeating: "\n", count: axes.count - 1 - axis) + indent(axis)
        for i in axes[axis].places.indices {
          if i > 0 { text += separator }
          if i == axes[axis].gap { text += "..." + separator }
          write(axis: axis + 1)
        }
      }
      text += "]"
    }

    private mutating func writeRow() {
      let row = axes[axes.count - 1]
      var count = 0
      func separator() -> String {
        count == 0 ? "" : count % share == 0 ? ",\n" + indent(axes.count - 1) : ", "
      }
      for i in row.places.indices {
        if i == row.gap {
          text += separator() + "..."
          count += 1
        }
        text += separator() + String(repeating: " ", count: Swift.max(width - items[next].count, 0)) + items[next]
        count += 1
        next += 1
      }
    }

    private func indent(_ axis: Int) -> String { String(repeating: " ", count: axis + 1) }
  }

  /// Texts of one form for all elements.
  private static func texts(_ values: [Scalar], _ dtype: DType, _ options: PrintOptions) -> [String] {
    guard dtype.isFloat else { return values.map { number($0, dtype) } }
    let floats = values.map { $0.double.isFinite ? Digits($0.double, dtype) : nil }
    let precision = options.precision
    // Numbers of few decimals are easy to read in decimal form, however different they are.
    let isScientific =
      options.isScientific ?? isWide(floats.lazy.compactMap(\.self), Swift.min(precision, PrintOptions().precision))
    let form = isScientific ? Digits.scientific : Digits.fixed
    let decimals = floats.lazy.compactMap { $0.map { needed(form($0)(precision)) } }.max() ?? 1
    return zip(floats, values).map { digits, value in
      digits.map { form($0)(decimals) } ?? (value.double.isNaN ? "nan" : value.double > 0 ? "inf" : "-inf")
    }
  }

  /// Whether decimal form would hide digits of some of very different, very large or very small numbers.
  private static func isWide(_ floats: some Sequence<Digits>, _ precision: Int) -> Bool {
    var (largest, smallest, hidesDigits) = (0.0, Double.infinity, false)
    for digits in floats where digits.value != 0 {
      let size = Swift.abs(digits.value)
      largest = Swift.max(largest, size)
      smallest = Swift.min(smallest, size)
      hidesDigits = hidesDigits || digits.decimals > precision
    }
    // NumPy's and PyTorch's bounds.
    return largest >= 1e8 || hidesDigits && (smallest < 1e-4 || largest > 1000 * smallest)
  }

  /// How many of the decimals of a text are not trailing zeros; at least one.
  private static func needed(_ text: String) -> Int {
    let decimals = text.prefix { $0 != "e" }.drop { $0 != "." }.dropFirst()
    return Swift.max(decimals.reversed().drop { $0 == "0" }.count, 1)
  }
}
