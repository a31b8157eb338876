/// A stretch of source text: half-open UTF-8 byte offsets in one file of a ``SourceMap``.
public struct Span: Hashable, Sendable {
  /// Index of the file in its ``SourceMap``.
  public var file: UInt32
  /// First byte.
  public var start: UInt32
  /// One past the last byte.
  public var end: UInt32

  /// A stretch of the file with the given index.
  public init(file: UInt32, start: UInt32, end: UInt32) {
    self.file = file
    self.start = start
    self.end = end
  }

  /// A span that points nowhere: built-ins and host values have it.
  public static let none = Span(file: .max, start: 0, end: 0)

  /// The smallest span that covers both.
  public func union(_ other: Span) -> Span {
    Span(file: file, start: min(start, other.start), end: max(end, other.end))
  }
}

/// One named text, with the index of its lines.
public struct SourceFile: Sendable {
  /// The name that diagnostics show: a path as the user gave it, `<input>`, `<stdlib>/nn.nns`.
  public let name: String
  /// The whole text in UTF-8.
  public let bytes: [UInt8]
  private let lineStarts: [Int]

  /// Indexes the lines of `text`.
  public init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// Indexes the lines of UTF-8 bytes.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var starts = [0]
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(index + 1) }
    lineStarts = starts
  }

  /// Number of lines; a text that ends in a newline does not count an empty one after it.
  public var lineCount: Int {
    lineStarts.count - (bytes.last == UInt8(ascii: "\n") ? 1 : 0)
  }

  /// Line and column, counted from 1, of a byte offset; columns count Unicode scalars.
  public func position(of offset: UInt32) -> (line: Int, column: Int) {
    let offset = min(Int(offset), bytes.count)
    var low = 0
    var high = lineStarts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    // Continuation bytes do not start a scalar.
    let column = bytes[lineStarts[low]..<offset].reduce(0) { $0 + (($1 & 0xC0) == 0x80 ? 0 : 1) }
    return (low + 1, column + 1)
  }

  /// The text of a line counted from 1, without its newline; empty outside the file.
  public func line(_ number: Int) -> String {
    guard number >= 1, number <= lineStarts.count else { return "" }
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
  }

  /// The text a span covers.
  public func text(_ span: Span) -> String {
    let start = min(Int(span.start), bytes.count)
    let end = min(max(Int(span.end), start), bytes.count)
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }
}

/// The files that one interpreter has read; a ``Span`` names its file by index.
public struct SourceMap: Sendable {
  private var files: [UInt32: SourceFile] = [:]
  private var next: UInt32 = 0

  /// No files yet.
  public init() {}

  /// Adds a file and gives its index.
  public mutating func add(_ file: SourceFile) -> UInt32 {
    while next == Span.none.file || files[next] != nil { next &+= 1 }
    defer { next &+= 1 }
    files[next] = file
    return next
  }

  /// Lets go of a file; the indices of the others stay what they are.
  public mutating func forget(_ index: UInt32) { files[index] = nil }

  /// The file of a span; `nil` for ``Span/none``, and where it has been let go.
  public func file(of span: Span) -> SourceFile? { files[span.file] }
}
