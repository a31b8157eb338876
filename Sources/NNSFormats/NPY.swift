import NNSTensor

/// NumPy's format for one array, versions 1.0 to 3.0.
public struct NPY: Equatable, Sendable {
  /// dtype and shape of the array, and where its bytes lie.
  public var entry: TensorEntry
  /// Whether the first axis runs fastest (Fortran order). Then the bytes are those of the transposed array in row-major
  /// order.
  public var isFortranOrder: Bool

  /// The largest header that is read, in bytes.
  public static let maximumHeader = 65_536

  /// Reads and checks the header; the elements are not touched.
  public init(describing file: RawSpan) throws(FormatError) {
    try self.init(describing: file, fileSize: file.byteCount)
  }

  /// Reads and checks the header of a file of which only the beginning is at hand, up to ``dataStart(_:)`` at least.
  init(describing file: RawSpan, fileSize: Int) throws(FormatError) {
    let dataStart = try Self.dataStart(file)
    guard dataStart <= file.byteCount else { throw FormatError("the file is cut off in its header") }
    var parser = NPYHeaderParser(file.array((file.byte(6) == 1 ? 10 : 12)..<dataStart))
    let header = try parser.parse()
    let type = try TensorType(try DType(npy: header.descr), stated: header.shape, title: "")
    let found = fileSize - dataStart
    guard let needed = type.byteCount, needed == found else {
      throw FormatError("\(type) takes \(type.byteCount ?? 0) bytes, the file has \(found)")
    }
    entry = TensorEntry(name: "", type: type, bytes: dataStart..<fileSize)
    isFortranOrder = header.isFortranOrder && type.shape.rank > 1
  }

  /// So many bytes tell where the elements begin.
  static let preludeSize = 12

  /// Where the elements begin, told by the first ``preludeSize`` bytes.
  static func dataStart(_ file: RawSpan) throws(FormatError) -> Int {
    guard file.byteCount >= 10, file.array(0..<6) == Self.magic else {
      throw FormatError("not an npy file: it does not begin with \\x93NUMPY")
    }
    let version = (major: file.byte(6), minor: file.byte(7))
    guard 1...3 ~= version.major, version.minor == 0 else {
      throw FormatError("npy version \(version.major).\(version.minor) is not known")
    }
    let headerStart = version.major == 1 ? 10 : 12
    guard file.byteCount >= headerStart else { throw FormatError("the file is cut off in its header") }
    let size = file.littleEndian(at: 8, count: headerStart - 8)
    guard size <= Self.maximumHeader else {
      throw FormatError("the header of \(size) bytes is larger than \(Self.maximumHeader)")
    }
    return headerStart + size
  }

  /// The beginning of a file; the elements in row-major order, little endian, follow it.
  ///
  /// - Throws: ``FormatError`` for a dtype that NumPy does not have.
  public static func header(for type: TensorType) throws(FormatError) -> [UInt8] {
    guard let descr = type.dtype.npyDescr else {
      throw FormatError("npy files have no dtype \(type.dtype.name); convert the tensor to f32")
    }
    let sizes = type.shape.map(String.init).joined(separator: ", ") + (type.shape.rank == 1 ? "," : "")
    var text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(sizes)), }"
    // The elements begin at a multiple of 64.
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    let size = text.utf8.count
    return magic + [1, 0, UInt8(truncatingIfNeeded: size), UInt8(truncatingIfNeeded: size >> 8)] + Array(text.utf8)
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
}

extension DType {
  /// How NumPy writes it; `nil` for `bf16`, which it does not have.
  var npyDescr: String? {
    switch self {
    case .f32: "<f4"
    case .f64: "<f8"
    case .bf16: nil
    case .i64: "<i8"
    case .i32: "<i4"
    case .u8: "|u1"
    case .bool: "|b1"
    }
  }

  /// The dtype that NumPy writes so.
  init(npy descr: String) throws(FormatError) {
    if let dtype = DType.allCases.first(where: { $0.npyDescr == descr }) {
      self = dtype
      return
    }
    switch descr.first {
    case ">": throw FormatError("dtype \(quoted(descr)) is big endian; little endian is read")
    case "|" where descr.hasPrefix("|O"): throw FormatError("the array holds Python objects, which are never read")
    default: throw FormatError("dtype \(quoted(descr)) is not one that NNS has")
    }
  }
}

/// Reads the header: a Python dictionary of exactly `descr`, `fortran_order` and `shape`.
private struct NPYHeaderParser {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func parse() throws(FormatError) -> (descr: String, isFortranOrder: Bool, shape: [Int]) {
    var descr: String?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !accept("}") {
      let key = try readString()
      try expect(":")
      switch key {
      case "descr" where descr == nil: descr = try readDescr()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try readBool()
      case "shape" where shape == nil: shape = try readShape()
      default: throw FormatError("the header has an unknown or second key \(quoted(key))")
      }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard index == bytes.count else { throw malformed }
    guard let descr, let isFortranOrder, let shape else {
      throw FormatError("the header lacks descr, fortran_order or shape")
    }
    return (descr, isFortranOrder, shape)
  }

  private mutating func readDescr() throws(FormatError) -> String {
    skipSpace()
    if index < bytes.count, bytes[index] == UInt8(ascii: "[") {
      throw FormatError("the array has fields with names (a structured dtype), which NNS does not have")
    }
    return try readString()
  }

  private mutating func readString() throws(FormatError) -> String {
    skipSpace()
    guard index < bytes.count, bytes[index] == UInt8(ascii: "'") || bytes[index] == UInt8(ascii: "\"") else {
      throw malformed
    }
    let quote = bytes[index]
    let start = index + 1
    guard let end = bytes[start...].firstIndex(of: quote), !bytes[start..<end].contains(UInt8(ascii: "\\")) else {
      throw malformed
    }
    index = end + 1
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private mutating func readBool() throws(FormatError) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)] where bytes[index...].starts(with: word.utf8) {
      index += word.utf8.count
      return value
    }
    throw malformed
  }

  private mutating func readShape() throws(FormatError) -> [Int] {
    try expect("(")
    var sizes: [Int] = []
    while !accept(")") {
      skipSpace()
      guard case .int(let size)? = Number(bytes, at: &index, before: bytes.count), size >= 0 else {
        throw FormatError("the header's shape is not a tuple of sizes")
      }
      sizes.append(size)
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return sizes
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(FormatError) {
    guard accept(character) else { throw malformed }
  }

  private mutating func skipSpace() {
    while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x0A { index += 1 }
  }

  private var malformed: FormatError {
    FormatError("the header is not the dictionary that it should be: \(quoted(bytes[...]))")
  }
}
