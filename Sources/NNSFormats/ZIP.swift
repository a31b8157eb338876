import NNSTensor

/// The members of a zip file (PKWARE's APPNOTE 6.3), as its central directory lists them.
///
/// Strict: names are unique, no two members share bytes, and what the format allows beyond plain and deflated members
/// (encryption, several disks, patches) is an error.
struct ZIP {
  /// One file in the archive.
  struct Member {
    /// Its name, with slashes between folders.
    var name: String
    /// Where its stored or deflated bytes lie in the archive.
    var bytes: Range<Int>
    var isDeflated: Bool
    /// Bytes of the member itself.
    var size: Int
    var crc: UInt32
  }

  /// In the order of the directory.
  private(set) var members: [Member] = []

  /// Reads and checks the directory; the members themselves are not touched.
  init(describing file: RawSpan) throws(FormatError) {
    let directory = try Self.findDirectory(file)
    var offset = directory.start
    var headers: [Range<Int>] = []
    var names: Set<String> = []
    for _ in 0..<directory.count {
      let (member, header) = try Self.readMember(file, at: &offset, before: directory.end, directory.start)
      guard names.insert(member.name).inserted else {
        throw FormatError("two members of the zip file are named \(quoted(member.name))")
      }
      members.append(member)
      headers.append(header..<member.bytes.upperBound)
    }
    guard offset == directory.end else { throw FormatError("the zip file's directory is not as long as it says") }
    headers.sort { $0.lowerBound < $1.lowerBound }
    for (one, next) in zip(headers, headers.dropFirst()) where one.upperBound > next.lowerBound {
      throw FormatError("members of the zip file overlap")
    }
  }

  // MARK: Directory

  static let memberSignature = 0x0403_4B50
  static let entrySignature = 0x0201_4B50
  static let endSignature = 0x0605_4B50
  static let wideEndSignature = 0x0606_4B50
  static let wideLocatorSignature = 0x0706_4B50
  /// Stands for a size that is given in 64 bits elsewhere.
  static let wideMark = 0xFFFF_FFFF
  /// The tag of the extra field with sizes in 64 bits.
  static let wideTag = 1

  private static func findDirectory(_ file: RawSpan) throws(FormatError) -> (start: Int, end: Int, count: Int) {
    // A comment of up to 65,535 bytes may follow the end record's 22.
    let last = file.byteCount - 22
    var found: Int?
    for offset in stride(from: last, through: max(0, last - 0xFFFF), by: -1)
    where offset >= 0 && file.littleEndian(at: offset, count: 4) == endSignature {
      if file.littleEndian(at: offset + 20, count: 2) == last - offset { found = offset }
      break
    }
    guard let end = found else { throw FormatError("not a zip file: its end is missing") }
    let disks = file.littleEndian(at: end + 4, count: 4)
    var count = file.littleEndian(at: end + 10, count: 2)
    var size = file.littleEndian(at: end + 12, count: 4)
    var start = file.littleEndian(at: end + 16, count: 4)
    guard disks == 0, file.littleEndian(at: end + 8, count: 2) == count else {
      throw FormatError("the zip file is spread over several disks")
    }
    var directoryEnd = end
    if end >= 20, file.littleEndian(at: end - 20, count: 4) == wideLocatorSignature {
      let wide = try file.wideNumber(at: end - 12)
      guard wide <= end - 76, wide >= 0, file.littleEndian(at: wide, count: 4) == wideEndSignature else {
        throw FormatError("the zip file's end is damaged")
      }
      count = try file.wideNumber(at: wide + 32)
      size = try file.wideNumber(at: wide + 40)
      start = try file.wideNumber(at: wide + 48)
      directoryEnd = wide
    }
    guard start <= directoryEnd, size == directoryEnd - start, count <= size / 46 else {
      throw FormatError("the zip file's directory is not where its end says")
    }
    return (start, directoryEnd, count)
  }

  /// Reads one entry of the directory, and the member's own header.
  private static func readMember(
    _ file: RawSpan, at offset: inout Int, before end: Int, _ dataEnd: Int
  ) throws(FormatError) -> (member: Member, header: Int) {
    guard end - offset >= 46, file.littleEndian(at: offset, count: 4) == entrySignature else {
      throw FormatError("the zip file's directory is damaged")
    }
    let flags = file.littleEndian(at: offset + 8, count: 2)
    let method = file.littleEndian(at: offset + 10, count: 2)
    let nameSize = file.littleEndian(at: offset + 28, count: 2)
    let extraSize = file.littleEndian(at: offset + 30, count: 2)
    let commentSize = file.littleEndian(at: offset + 32, count: 2)
    let nameStart = offset + 46
    guard nameSize + extraSize + commentSize <= end - nameStart else {
      throw FormatError("the zip file's directory is damaged")
    }
    guard let name = String(validating: file.array(nameStart..<nameStart + nameSize), as: UTF8.self) else {
      throw FormatError("a name in the zip file is not UTF-8")
    }
    var sizes = [
      file.littleEndian(at: offset + 24, count: 4), file.littleEndian(at: offset + 20, count: 4),
      file.littleEndian(at: offset + 42, count: 4),
    ]
    try readWide(file, nameStart + nameSize..<nameStart + nameSize + extraSize, &sizes)
    let crc = UInt32(truncatingIfNeeded: file.littleEndian(at: offset + 16, count: 4))
    offset = nameStart + nameSize + extraSize + commentSize

    let title = "member \(quoted(name)): "
    // Bits 1 and 2 tell how hard the packer tried, bit 3 that sizes follow the data, bit 11 that the name is UTF-8.
    guard flags & ~0b1000_0000_1110 == 0 else {
      throw FormatError("\(title)it is encrypted, or packed in a way that is not known")
    }
    guard method == 0 || method == 8 else { throw FormatError("\(title)compression method \(method) is not known") }
    let (size, packed, header) = (sizes[0], sizes[1], sizes[2])
    guard header <= dataEnd - 30, file.littleEndian(at: header, count: 4) == memberSignature else {
      throw FormatError("\(title)it is not where the directory says")
    }
    let ownNameSize = file.littleEndian(at: header + 26, count: 2)
    let start = header + 30 + ownNameSize + file.littleEndian(at: header + 28, count: 2)
    guard start <= dataEnd, packed <= dataEnd - start else {
      throw FormatError("\(title)its bytes are not in the file")
    }
    guard file.array(header + 30..<header + 30 + ownNameSize) == Array(name.utf8),
      file.littleEndian(at: header + 8, count: 2) == method
    else { throw FormatError("\(title)its own header says otherwise than the directory") }
    // Deflate packs at most 1,032 bytes into one.
    guard method == 0 ? size == packed : size / 1032 <= packed else {
      throw FormatError("\(title)\(packed) bytes cannot hold the \(size) that it should have")
    }
    let member = Member(name: name, bytes: start..<start + packed, isDeflated: method == 8, size: size, crc: crc)
    return (member, header)
  }

  /// Replaces sizes that stand as ``wideMark`` by those of the extra field.
  private static func readWide(_ file: RawSpan, _ extra: Range<Int>, _ sizes: inout [Int]) throws(FormatError) {
    guard sizes.contains(wideMark) else { return }
    var offset = extra.lowerBound
    while extra.upperBound - offset >= 4 {
      let size = file.littleEndian(at: offset + 2, count: 2)
      guard size <= extra.upperBound - offset - 4 else { break }
      if file.littleEndian(at: offset, count: 2) == wideTag {
        var next = offset + 4
        for index in sizes.indices where sizes[index] == wideMark {
          guard next + 8 <= offset + 4 + size else { break }
          sizes[index] = try file.wideNumber(at: next)
          next += 8
        }
        break
      }
      offset += 4 + size
    }
  }
}

extension RawSpan {
  /// An unsigned little-endian number of eight bytes, whose range the caller has checked.
  fileprivate func wideNumber(at index: Int) throws(FormatError) -> Int {
    guard byte(index + 7) == 0 else { throw FormatError("a size in the zip file is beyond all files") }
    return littleEndian(at: index, count: 7)
  }
}
