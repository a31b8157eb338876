import NNSFormats
import NNSTensor
import Testing

@Suite struct HostileJPEGTests {
  private static let grey = Repository.read("Tests/Fixtures/formats/grey.jpg")
  private static let colour = Repository.read("Tests/Fixtures/formats/colour.jpg")

  /// Where the segment with a marker begins, at its marker.
  private static func place(_ marker: UInt8, in file: [UInt8]) -> Int {
    var offset = 2
    while offset + 4 <= file.count, file[offset] == 0xFF, file[offset + 1] != marker {
      offset += 2 + Int(file[offset + 2]) << 8 + Int(file[offset + 3])
    }
    return offset + 4 <= file.count ? offset : 0
  }

  /// The frame: size at 2, bits at 4, height at 5, width at 7, components at 9, and three bytes for each.
  private static let frame: UInt8 = 0xC0
  private static let quantisation: UInt8 = 0xDB
  private static let codes: UInt8 = 0xC4
  private static let scan: UInt8 = 0xDA

  /// A file with other bytes in a segment.
  private static func changed(_ marker: UInt8, _ offset: Int, _ bytes: [UInt8], of file: [UInt8] = grey) -> [UInt8] {
    file.with(place(marker, in: file) + offset, bytes)
  }

  /// A file without a segment.
  private static func without(_ marker: UInt8) -> [UInt8] {
    let start = place(marker, in: grey)
    let size = 2 + Int(grey[start + 2]) << 8 + Int(grey[start + 3])
    return Array(grey[..<start] + grey[(start + size)...])
  }

  /// What comes behind the header of the scan.
  private static let data = place(scan, in: grey) + 10

  private static let files = [
    HostileFile("three bytes", [0xFF, 0xD8, 0xFF]),
    HostileFile("a marker", [0xFF, 0xD8, 0xFF, 0xE0]),
    HostileFile("the end at once", [0xFF, 0xD8, 0xFF, 0xD9]),
    HostileFile("a segment of no bytes", [0xFF, 0xD8, 0xFF, 0xE0, 0, 0]),
    HostileFile("a segment of one byte", [0xFF, 0xD8, 0xFF, 0xE0, 0, 1]),
    HostileFile("a segment of 65,535 bytes", [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 1, 2, 3]),
    HostileFile("fill bytes without end", [0xFF, 0xD8] + [UInt8](repeating: 0xFF, count: 10_000)),
    HostileFile("zeros behind the magic", [0xFF, 0xD8, 0xFF] + [UInt8](repeating: 0, count: 1_000)),
    HostileFile("two beginnings", [0xFF, 0xD8] + grey),
    HostileFile("cut in the tables", Array(grey.prefix(60))),
    HostileFile("cut in the frame", Array(grey.prefix(place(frame, in: grey) + 6))),
    HostileFile("cut before the data", Array(grey.prefix(data))),
    HostileFile("cut in the data", Array(grey.prefix(data + 5))),
    HostileFile("no end", grey.without(last: 2)),
    HostileFile("no frame", without(frame)),
    HostileFile("no quantisation", without(quantisation)),
    HostileFile("no scan", without(scan)),
    HostileFile("no width", changed(frame, 7, [0, 0])),
    HostileFile("no height", changed(frame, 5, [0, 0])),
    HostileFile("65,535 wide", changed(frame, 7, [0xFF, 0xFF])),
    HostileFile("65,535 by 65,535", changed(frame, 5, [0xFF, 0xFF, 0xFF, 0xFF])),
    HostileFile("65,500 by 65,500", changed(frame, 5, [0xFF, 0xDC, 0xFF, 0xDC])),
    HostileFile("16,384 by 16,384 in 427 bytes", changed(frame, 5, [0x40, 0, 0x40, 0])),
    HostileFile(
      "4,000 by 4,000, progressive",
      changed(frame, 5, [0x0F, 0xA0, 0x0F, 0xA0]).with(place(frame, in: grey) + 1, [0xC2])),
    HostileFile("1,000 by 1,000 in 427 bytes", changed(frame, 5, [0x03, 0xE8, 0x03, 0xE8])),
    HostileFile("12 bits", changed(frame, 4, [12])),
    HostileFile("0 bits", changed(frame, 4, [0])),
    HostileFile("no components", changed(frame, 9, [0])),
    HostileFile("255 components", changed(frame, 9, [255])),
    HostileFile("three components in the bytes of one", changed(frame, 9, [3])),
    HostileFile("sampled zero times", changed(frame, 11, [0x00])),
    HostileFile("sampled fifteen times", changed(frame, 11, [0xFF])),
    HostileFile("a table that is not there", changed(frame, 12, [3])),
    HostileFile("table 255", changed(frame, 12, [255])),
    HostileFile("arithmetic codes for Huffman's", changed(frame, 1, [0xC9])),
    HostileFile("lossless", changed(frame, 1, [0xC3])),
    HostileFile("hierarchical", changed(frame, 1, [0xC5])),
    HostileFile(
      "two frames",
      Array(grey[..<place(frame, in: grey)]) + grey[place(frame, in: grey)...].prefix(13)
        + grey[place(frame, in: grey)...]),
    HostileFile("quantisation of 16 bits in the bytes of 8", changed(quantisation, 4, [0x10])),
    HostileFile("quantisation table 9", changed(quantisation, 4, [0x09])),
    HostileFile("quantisation of one byte", changed(quantisation, 2, [0, 3])),
    HostileFile("code table 9", changed(codes, 4, [0x09])),
    HostileFile("255 codes of every length", changed(codes, 5, [UInt8](repeating: 255, count: 16))),
    HostileFile("more codes than there can be", changed(codes, 5, [3, 3, 3])),
    HostileFile("codes of one byte", changed(codes, 2, [0, 3])),
    HostileFile("a scan of no components", changed(scan, 4, [0])),
    HostileFile("a scan of 255 components", changed(scan, 4, [255])),
    HostileFile("a scan of a component that is not there", changed(scan, 5, [77])),
    HostileFile("a scan with codes that are not there", changed(scan, 6, [0x33])),
    HostileFile("data of ones", Array(grey.prefix(data)) + [0xFE, 0xFE, 0xFE, 0xFE, 0xFF, 0xD9]),
    HostileFile("a restart out of turn", Array(grey.prefix(data + 3)) + [0xFF, 0xD5] + grey[(data + 3)...]),
    HostileFile("several passes, held as a whole", Repository.read("Tests/Fixtures/hostile/progressive.jpg")),
    HostileFile("colours, cut in the data", Array(colour.prefix(colour.count - 40))),
    HostileFile("colours that no number stands for", changed(frame, 9, [2], of: colour)),
  ]

  @Test func everyFileIsRefused() throws {
    try HostileFile.expectRefusals(of: Self.files, "jpeg") { bytes, engine in
      try Picture.read(bytes.span.bytes, engine: engine)
    }
  }
}
