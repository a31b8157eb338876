import NNSFormats
import Testing

@Suite struct HostileGzipTests {
  private static let good = Repository.read("Tests/Fixtures/formats/u8.idx.gz")
  private static let bomb = Repository.read("Tests/Fixtures/formats/bomb.gz")

  /// A header with flags and what follows it.
  private static func header(_ flags: UInt8, _ rest: [UInt8]) -> [UInt8] {
    [0x1F, 0x8B, 8, flags, 0, 0, 0, 0, 0, 3] + rest
  }

  /// The deflated bytes of a file that begins and ends as it should.
  private static func member(_ deflated: [UInt8], crc: UInt64 = 0, size: UInt64 = 0) -> [UInt8] {
    header(0, deflated + .little(crc, 4) + .little(size, 4))
  }

  private static let files =
    [
      HostileFile("nothing", [UInt8]()),
      HostileFile("one byte", [0x1F]),
      HostileFile("the magic alone", [0x1F, 0x8B]),
      HostileFile("half a header", Array(good.prefix(5))),
      HostileFile("a header alone", header(0, [])),
      HostileFile("another magic", good.with(0, [0x1E])),
      HostileFile("another second byte", good.with(1, [0x8C])),
      HostileFile("a text", "plain text, not packed"),
      HostileFile("zlib's own header", [0x78, 0x9C, 3, 0, 0, 0, 0, 1]),
      HostileFile("a zip file", "PK\u{3}\u{4}xxxxxxxxxxxxxxxxxxxxxxxxxx"),
      HostileFile("method 0", good.with(2, [0])),
      HostileFile("method 7", good.with(2, [7])),
      HostileFile("method 255", good.with(2, [255])),
      HostileFile("a flag that nobody knows", good.with(3, [0x20])),
      HostileFile("all flags", good.with(3, [0xFF])),
      HostileFile("extra fields beyond the file", header(4, [0xFF, 0xFF, 1, 2])),
      HostileFile("extra fields without a length", header(4, [])),
      HostileFile("a name without end", header(8, Array("name".utf8))),
      HostileFile("a comment without end", header(16, Array("comment".utf8))),
      HostileFile("a header checksum that is wrong", header(2, [1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0])),
      HostileFile("half a header checksum", header(2, [1])),
      HostileFile("cut in the data", Array(good.prefix(good.count / 2))),
      HostileFile("cut before the trailer", good.without(last: 8)),
      HostileFile("cut in the checksum", good.without(last: 5)),
      HostileFile("cut in the size", good.without(last: 1)),
      HostileFile("a checksum of zeros", good.with(good.count - 8, [0, 0, 0, 0])),
      HostileFile("a size of zero", good.with(good.count - 4, [0, 0, 0, 0])),
      HostileFile("a size of 4 GB", good.with(good.count - 4, [255, 255, 255, 255])),
      HostileFile("a byte behind the end", good + [0]),
      HostileFile("a text behind the end", good + Array("more".utf8)),
      HostileFile("half a second member", good + good.prefix(10)),
      HostileFile("a damaged second member", good + good.with(12, [0xFF, 0xFF])),
      HostileFile("a block of no known kind", member([0x07])),
      HostileFile("a stored block without a length", header(0, [0x01])),
      HostileFile("a stored block with two lengths", member([0x01, 5, 0, 5, 0, 1, 2, 3, 4, 5])),
      HostileFile("a stored block of 65,535 bytes that are not there", header(0, [0x01, 255, 255, 0, 0, 1, 2])),
      HostileFile("codes that are too many", member([0x05, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])),
      HostileFile("codes that are none", member([0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
      HostileFile("a distance before the beginning", member([0x4B, 0x04, 0xA2, 0x00])),
      HostileFile("a bit that differs", good.with(14, [good[14] ^ 0x10])),
      HostileFile("a block that is never the last", header(0, [0x00, 0, 0, 255, 255])),
      HostileFile("10 KB that unpack to 10 MB", bomb),
      HostileFile("a bomb behind a file", good + bomb),
      HostileFile("a bomb cut in the middle", Array(bomb.prefix(bomb.count / 2))),
      HostileFile("two bombs", bomb + bomb),
    ]

  @Test func everyFileIsRefused() throws {
    try HostileFile.expectRefusals(of: Self.files, "gzip") { bytes, engine in
      try Gzip.unpack(bytes.span.bytes, budget: engine.budget)
    }
  }
}
