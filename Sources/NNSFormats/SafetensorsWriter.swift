import NNSTensor

extension Safetensors {
  /// The beginning of a file, and the order in which the tensors' bytes follow it.
  public struct Header: Equatable, Sendable {
    /// The length and the header itself, a multiple of eight.
    public var bytes: [UInt8]
    /// Positions of the tensors in the order of the file.
    public var order: [Int]
    /// Bytes of the whole file.
    public var fileSize: Int
  }

  /// Lays out a file of tensors as the reference implementation does: wide dtypes first, then by name.
  ///
  /// - Throws: ``FormatError`` where two tensors have one name, or the sizes are beyond 64 bits.
  public static func header(
    for tensors: [(name: String, type: TensorType)], metadata: [(key: String, value: String)] = []
  ) throws(FormatError) -> Header {
    let order = tensors.indices.sorted { first, second in
      let (a, b) = (tensors[first], tensors[second])
      let (rankA, rankB) = (a.type.dtype.safetensorsRank, b.type.dtype.safetensorsRank)
      return rankA == rankB ? a.name.utf8.lexicographicallyPrecedes(b.name.utf8) : rankA > rankB
    }
    var members: [JSON.Member] = []
    if !metadata.isEmpty {
      members.append(JSON.Member("__metadata__", .object(metadata.map { JSON.Member($0.key, .string($0.value)) })))
    }
    var names: Set<String> = ["__metadata__"]
    var end = 0
    for index in order {
      let (name, type) = tensors[index]
      guard names.insert(name).inserted else { throw FormatError("two tensors are named \(quoted(name))") }
      let start = end
      guard let size = type.byteCount, case let (sum, overflow) = start.addingReportingOverflow(size), !overflow else {
        throw FormatError("the size in bytes is beyond 64 bits")
      }
      end = sum
      let fields = [
        JSON.Member("dtype", .string(type.dtype.safetensorsCode)),
        JSON.Member("shape", .array(type.shape.map { .int($0) })),
        JSON.Member("data_offsets", .array([.int(start), .int(end)])),
      ]
      members.append(JSON.Member(name, .object(fields)))
    }
    var text = Array(try JSON.object(members).text().utf8)
    text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    guard text.count <= maximumHeader, case let (size, overflow) = end.addingReportingOverflow(8 + text.count),
      !overflow
    else { throw FormatError("the header is larger than \(maximumHeader) bytes") }
    let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
    return Header(bytes: length + text, order: order, fileSize: size)
  }
}
