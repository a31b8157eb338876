import NNSFormats
import Testing

@Suite struct HostileWAVTests {
  private static func part(_ name: String, _ bytes: [UInt8], size: UInt64? = nil) -> [UInt8] {
    Array(name.utf8) + .little(size ?? UInt64(bytes.count), 4) + bytes
  }

  private static func format(
    kind: UInt64 = 1, channels: UInt64 = 1, rate: UInt64 = 8000, bits: UInt64 = 16, extra: [UInt8] = []
  ) -> [UInt8] {
    let fields: [[UInt8]] = [
      .little(kind, 2), .little(channels, 2), .little(rate, 4), .little(rate * 2, 4), .little(2, 2), .little(bits, 2),
    ]
    return part("fmt ", fields.flatMap(\.self) + extra)
  }

  private static func file(_ parts: [UInt8]...) -> [UInt8] {
    let parts = parts.flatMap(\.self)
    return Array("RIFF".utf8) + .little(UInt64(parts.count + 4), 4) + Array("WAVE".utf8) + parts
  }

  private static let samples = part("data", [UInt8](repeating: 0, count: 8))
  private static let good = file(format(), samples)

  private static let files = [
    HostileFile("nothing", [UInt8]()),
    HostileFile("four letters", "RIFF"),
    HostileFile("no kind", Array(good.prefix(8))),
    HostileFile("no parts", Array(good.prefix(12))),
    HostileFile("half a part's header", Array(good.prefix(16))),
    HostileFile("big endian", good.with(0, Array("RIFX".utf8))),
    HostileFile("64 bits", good.with(0, Array("RF64".utf8))),
    HostileFile("another kind of file", good.with(8, Array("AVI ".utf8))),
    HostileFile("a text", "This is no sound, however it sounds."),
    HostileFile("no samples", file(format())),
    HostileFile("samples that nothing describes", file(samples)),
    HostileFile("a description behind the samples", file(samples, format())),
    HostileFile("a description of no bytes", file(part("fmt ", []), samples)),
    HostileFile("a description of 15 bytes", file(part("fmt ", [UInt8](repeating: 1, count: 15)), samples)),
    HostileFile("a description of 4 GB", file(part("fmt ", [1, 0], size: 0xFFFF_FFFF))),
    HostileFile("a description beyond the file", file(part("fmt ", [1, 0, 1, 0], size: 16))),
    HostileFile("samples of 4 GB", file(format(), part("data", [0, 0], size: 0xFFFF_FFFF))),
    HostileFile("a sample more than there is", file(format(), part("data", [0, 0], size: 4))),
    HostileFile("an odd part at the end", file(format(), part("LIST", [1, 2, 3]))),
    HostileFile("an unknown part of 4 GB", file(part("LIST", [], size: 0xFFFF_FFFE), format(), samples)),
    HostileFile("a part of 2 GB", file(part("LIST", [], size: 0x7FFF_FFFF), format(), samples)),
    HostileFile("100,000 parts of nothing", file([UInt8]((0..<100_000).flatMap { _ in part("junk", []) }))),
    HostileFile("no channels", file(format(channels: 0), samples)),
    HostileFile("no rate", file(format(rate: 0), samples)),
    HostileFile("65,535 channels of 16 bits", file(format(channels: 65_535), samples)),
    HostileFile("65,535 channels of 64 bits", file(format(kind: 3, channels: 65_535, bits: 64), samples)),
    HostileFile("three channels in eight bytes", file(format(channels: 3), samples)),
    HostileFile("half a frame", file(format(channels: 2), part("data", [0, 0, 0, 0, 0, 0]))),
    HostileFile("half a sample", file(format(), part("data", [0, 0, 0]))),
    HostileFile("a byte of 24 bits", file(format(bits: 24), part("data", [0, 0, 0, 0]))),
    HostileFile("kind 0", file(format(kind: 0), samples)),
    HostileFile("a-law", file(format(kind: 6, bits: 8), samples)),
    HostileFile("adaptive samples", file(format(kind: 2, bits: 4), samples)),
    HostileFile("MP3", file(format(kind: 0x55), samples)),
    HostileFile("kind 65,535", file(format(kind: 65_535), samples)),
    HostileFile("no bits", file(format(bits: 0), samples)),
    HostileFile("1 bit", file(format(bits: 1), samples)),
    HostileFile("12 bits", file(format(bits: 12), samples)),
    HostileFile("64 bits of ints", file(format(bits: 64), samples)),
    HostileFile("65,535 bits", file(format(bits: 65_535), samples)),
    HostileFile("floats of 16 bits", file(format(kind: 3), samples)),
    HostileFile("an extension that is not there", file(format(kind: 0xFFFE), samples)),
    HostileFile(
      "an extension of an unknown kind",
      file(format(kind: 0xFFFE, extra: [UInt8](repeating: 0xEE, count: 24)), samples)),
    HostileFile("a second description that is wrong", file(format(), format(channels: 0), samples)),
    HostileFile("cut in the samples", good.without(last: 3)),
    HostileFile(
      "600,000 samples that are there", file(format(bits: 8), part("data", [UInt8](repeating: 128, count: 600_000)))),
  ]

  @Test func everyFileIsRefused() throws {
    try HostileFile.expectRefusals(of: Self.files, "wav") { bytes, engine in
      try WAV.read(bytes.span.bytes, engine: engine)
    }
  }
}
