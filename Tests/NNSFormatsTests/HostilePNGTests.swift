import NNSFormats
import NNSTensor
import Testing

@Suite struct HostilePNGTests {
  private static let magic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// A chunk; with a checksum of its own where it is to be wrong.
  private static func chunk(_ name: String, _ bytes: [UInt8], size: UInt64? = nil, crc: UInt64? = nil) -> [UInt8] {
    let content = Array(name.utf8) + bytes
    return .big(size ?? UInt64(bytes.count), 4) + content + .big(crc ?? UInt64(checksum(content)), 4)
  }

  /// CRC-32 as PNG has it.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
  }

  private static func header(
    _ width: UInt64 = 2, _ height: UInt64 = 2, bits: UInt8 = 8, color: UInt8 = 0, method: UInt8 = 0, filter: UInt8 = 0,
    interlace: UInt8 = 0
  ) -> [UInt8] {
    chunk("IHDR", .big(width, 4) + .big(height, 4) + [bits, color, method, filter, interlace])
  }

  /// Deflated without packing: bytes, as zlib wraps them.
  private static func packed(_ bytes: [UInt8]) -> [UInt8] {
    var (low, high): (UInt64, UInt64) = (1, 0)
    for byte in bytes {
      low = (low + UInt64(byte)) % 65_521
      high = (high + low) % 65_521
    }
    let count = UInt64(bytes.count)
    return [0x78, 0x01, 0x01] + .little(count, 2) + .little(~count, 2) + bytes + .big(high << 16 | low, 4)
  }

  private static let rows: [UInt8] = [0, 10, 20, 0, 30, 40]
  private static let data = chunk("IDAT", packed(rows))
  private static let end = chunk("IEND", [])

  private static func file(_ chunks: [UInt8]...) -> [UInt8] { magic + chunks.flatMap(\.self) }

  private static let good = file(header(), data, end)

  private static let files = [
    HostileFile("nothing", [UInt8]()),
    HostileFile("half the magic", Array(magic.prefix(4))),
    HostileFile("the magic alone", magic),
    HostileFile("a magic that a line end changed", good.with(4, [0x0A])),
    HostileFile("another kind of picture", "GIF89a......................"),
    HostileFile("no header", file(data, end)),
    HostileFile("a header cut off", Array(good.prefix(20))),
    HostileFile("a header of 12 bytes", file(chunk("IHDR", [UInt8](repeating: 1, count: 12)), data, end)),
    HostileFile("a header of 2 GB", file(chunk("IHDR", [], size: 0x7FFF_FFFF))),
    HostileFile("a header of 4 GB", file(chunk("IHDR", [], size: 0xFFFF_FFFF))),
    HostileFile("a header with a wrong checksum", good.with(29, [1, 2, 3, 4])),
    HostileFile("two headers", file(header(), header(), data, end)),
    HostileFile("no width", file(header(0), data, end)),
    HostileFile("no height", file(header(2, 0), data, end)),
    HostileFile("a width of 2 to the 31", file(header(1 << 31), data, end)),
    HostileFile("a width of 4 billion", file(header(0xFFFF_FFFF), data, end)),
    HostileFile("a width of a million", file(header(1_000_000, 1_000_000), data, end)),
    HostileFile("30,000 by 30,000", file(header(30_000, 30_000), data, end)),
    HostileFile("10,000 by 10,000 in a few bytes", file(header(10_000, 10_000), data, end)),
    HostileFile(
      "2,000 by 2,000 within what deflate could hold",
      file(
        header(2_000, 2_000), data, chunk("tEXt", [UInt8](repeating: 65, count: 1_000)), end)),
    HostileFile("a row more than there is", file(header(2, 3), data, end)),
    HostileFile("a column more than there is", file(header(3, 2), data, end)),
    HostileFile("0 bits", file(header(bits: 0), data, end)),
    HostileFile("3 bits", file(header(bits: 3), data, end)),
    HostileFile("32 bits", file(header(bits: 32), data, end)),
    HostileFile("4 bits of colour", file(header(bits: 4, color: 2), data, end)),
    HostileFile("kind of colour 1", file(header(color: 1), data, end)),
    HostileFile("kind of colour 5", file(header(color: 5), data, end)),
    HostileFile("kind of colour 255", file(header(color: 255), data, end)),
    HostileFile("colours in the bytes of grey", file(header(color: 2), data, end)),
    HostileFile("a palette that is not there", file(header(color: 3), data, end)),
    HostileFile("a palette of no colours", file(header(color: 3), chunk("PLTE", []), data, end)),
    HostileFile("a palette of half a colour", file(header(color: 3), chunk("PLTE", [1, 2]), data, end)),
    HostileFile(
      "a palette of 300 colours",
      file(
        header(color: 3), chunk("PLTE", [UInt8](repeating: 1, count: 900)), data, end)),
    HostileFile("another method of packing", file(header(method: 1), data, end)),
    HostileFile("another method of filtering", file(header(filter: 1), data, end)),
    HostileFile("another way of interlacing", file(header(interlace: 2), data, end)),
    HostileFile("no data", file(header(), end)),
    HostileFile("data of no bytes", file(header(), chunk("IDAT", []), end)),
    HostileFile("data that are not packed", file(header(), chunk("IDAT", rows), end)),
    HostileFile("data with a wrong checksum", file(header(), chunk("IDAT", packed(rows), crc: 1), end)),
    HostileFile("data cut off", good.without(last: 20)),
    HostileFile("data of 2 GB", file(header(), chunk("IDAT", packed(rows), size: 0x7FFF_FFFE))),
    HostileFile("a filter that there is none of", file(header(), chunk("IDAT", packed([9, 10, 20, 0, 30, 40])), end)),
    HostileFile("a window that is too large", file(header(), chunk("IDAT", packed(rows).with(0, [0xF8])), end)),
    HostileFile("a chunk that nobody knows and all must", file(header(), chunk("QRST", [1]), data, end)),
    HostileFile("a chunk whose name is no letters", file(header(), chunk("\u{1}\u{2}\u{3}\u{4}", [1]), data, end)),
  ]

  @Test func everyFileIsRefused() throws {
    try HostileFile.expectRefusals(of: Self.files, "png") { bytes, engine in
      try Picture.read(bytes.span.bytes, engine: engine)
    }
  }
}
