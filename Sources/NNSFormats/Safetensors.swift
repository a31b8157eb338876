import NNSTensor

/// The safetensors format: a length, a JSON header, and the tensors' bytes without gaps.
///
/// Reading is as strict as the reference implementation: every byte behind the header belongs to exactly one tensor.
public struct Safetensors: Equatable, Sendable {
  /// The tensors in the order of the header.
  public var entries: [TensorEntry]
  /// What `__metadata__` holds, in its order.
  public var metadata: [(key: String, value: String)]

  /// The largest header that is read or written, in bytes, as in the reference implementation.
  public static let maximumHeader = 100_000_000

  /// The most memory that a file's header takes once it is parsed, by what its first bytes say.
  public static func memory(forHeaderOf file: RawSpan) -> Int {
    guard file.byteCount >= 8 else { return 0 }
    return 64 * min(file.littleEndian(at: 0, count: 7), file.byteCount, maximumHeader)
  }

  /// Reads and checks the header; the tensors' bytes are not touched.
  public init(describing file: RawSpan) throws(FormatError) {
    guard file.byteCount >= 8 else { throw FormatError("not a safetensors file: it has only \(file.byteCount) bytes") }
    guard file.byte(7) == 0, case let size = file.littleEndian(at: 0, count: 7), size <= Self.maximumHeader else {
      throw FormatError("not a safetensors file: the header would be larger than \(Self.maximumHeader) bytes")
    }
    guard size <= file.byteCount - 8 else {
      throw FormatError("the file is cut off: a header of \(size) bytes, \(file.byteCount - 8) are there")
    }
    guard size > 0, file.byte(8) == UInt8(ascii: "{") else {
      throw FormatError("not a safetensors file: the header does not begin with {")
    }
    let header: JSON
    do {
      header = try JSON(file.array(8..<8 + size))
    } catch {
      throw FormatError("header: \(error)")
    }
    guard case .object(let members) = header else { throw FormatError("the header is not an object") }

    entries = []
    metadata = []
    entries.reserveCapacity(members.count)
    for member in members {
      if member.key == Self.metadataKey {
        metadata = try Self.readMetadata(member.value)
      } else {
        entries.append(try Self.readEntry(member, dataStart: 8 + size, fileEnd: file.byteCount))
      }
    }
    try checkCoverage(of: 8 + size..<file.byteCount)
  }

  private static let metadataKey = "__metadata__"

  private static func readMetadata(_ value: JSON) throws(FormatError) -> [(key: String, value: String)] {
    guard case .object(let members) = value else { throw FormatError("\(metadataKey) is \(value.kind), not an object") }
    var metadata: [(key: String, value: String)] = []
    for member in members {
      guard case .string(let text) = member.value else {
        throw FormatError("\(metadataKey) holds \(member.value.kind) under \(quoted(member.key)), not a string")
      }
      metadata.append((member.key, text))
    }
    return metadata
  }

  private static func readEntry(
    _ member: JSON.Member, dataStart: Int, fileEnd: Int
  ) throws(FormatError) -> TensorEntry {
    let title = "tensor \(quoted(member.key)): "
    guard case .object = member.value else {
      throw FormatError("\(title)expected an object, found \(member.value.kind)")
    }
    guard case .string(let code)? = member.value["dtype"] else { throw FormatError("\(title)no dtype") }
    guard let dtype = DType(safetensors: code) else {
      throw FormatError("\(title)dtype \(quoted(code)) is not one that NNS has")
    }
    guard let sizes = sizes(member.value["shape"]) else {
      throw FormatError("\(title)the shape is not a list of sizes")
    }
    guard let offsets = self.sizes(member.value["data_offsets"]), offsets.count == 2 else {
      throw FormatError("\(title)data_offsets is not a list of two positions")
    }
    let type = try TensorType(dtype, stated: sizes, title: title)
    guard offsets[0] <= offsets[1], offsets[1] <= fileEnd - dataStart else {
      throw FormatError("\(title)bytes \(offsets[0]) to \(offsets[1]) are not in the file")
    }
    guard offsets[1] - offsets[0] == type.byteCount else {
      throw FormatError(
        "\(title)\(type) takes \(type.byteCount ?? 0) bytes, data_offsets give it \(offsets[1] - offsets[0])")
    }
    return TensorEntry(name: member.key, type: type, bytes: dataStart + offsets[0]..<dataStart + offsets[1])
  }

  /// A list of ints, none negative.
  private static func sizes(_ value: JSON?) -> [Int]? {
    guard case .array(let elements)? = value else { return nil }
    var sizes: [Int] = []
    for element in elements {
      guard case .int(let size) = element, size >= 0 else { return nil }
      sizes.append(size)
    }
    return sizes
  }

  /// Every byte belongs to exactly one tensor.
  private func checkCoverage(of data: Range<Int>) throws(FormatError) {
    var end = data.lowerBound
    let ordered = entries.sorted {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    for entry in ordered {
      if entry.bytes.lowerBound < end {
        throw FormatError("tensor \(quoted(entry.name)): its bytes overlap those of another tensor")
      }
      if entry.bytes.lowerBound > end {
        throw FormatError("\(entry.bytes.lowerBound - end) bytes before tensor \(quoted(entry.name)) belong to none")
      }
      end = entry.bytes.upperBound
    }
    if end < data.upperBound { throw FormatError("the last \(data.upperBound - end) bytes belong to no tensor") }
  }

  /// Equal entries and metadata.
  public static func == (a: Safetensors, b: Safetensors) -> Bool {
    a.entries == b.entries && a.metadata.elementsEqual(b.metadata) { $0 == $1 }
  }
}

extension DType {
  /// The dtype of a code such as `F32`.
  init?(safetensors code: String) {
    guard let dtype = DType.allCases.first(where: { $0.safetensorsCode == code }) else { return nil }
    self = dtype
  }

  /// The code in a header: `F32`.
  var safetensorsCode: String {
    switch self {
    case .f32: "F32"
    case .f64: "F64"
    case .bf16: "BF16"
    case .i64: "I64"
    case .i32: "I32"
    case .u8: "U8"
    case .bool: "BOOL"
    }
  }

  /// Its place in the reference implementation's order of dtypes: tensors are written from the highest to the lowest,
  /// so that each lies aligned.
  var safetensorsRank: Int {
    switch self {
    case .bool: 0
    case .u8: 1
    case .bf16: 2
    case .i32: 3
    case .f32: 4
    case .f64: 5
    case .i64: 6
    }
  }
}
