import NNSFormats
import Testing

@Suite struct HostileIDXTests {
  /// A file with the kind of its elements, sizes and so many zero bytes.
  private static func file(_ kind: UInt8, _ sizes: [UInt64], _ count: Int) -> [UInt8] {
    [0, 0, kind, UInt8(truncatingIfNeeded: sizes.count)] + sizes.flatMap { [UInt8].big($0, 4) }
      + [UInt8](repeating: 0, count: count)
  }

  private static let good = file(8, [2, 3], 6)
  private static let packed = Repository.read("Tests/Fixtures/formats/u8.idx.gz")
  private static let most: UInt64 = 0xFFFF_FFFF

  private static let files =
    [
      HostileFile("nothing", [UInt8]()),
      HostileFile("one byte", [0]),
      HostileFile("three bytes", [0, 0, 8]),
      HostileFile("no sizes", Array(good.prefix(4))),
      HostileFile("half a size", Array(good.prefix(6))),
      HostileFile("a size too few", Array(good.prefix(8))),
      HostileFile("no elements", Array(good.prefix(12))),
      HostileFile("an element too few", good.without(last: 1)),
      HostileFile("an element too many", good + [0]),
      HostileFile("a first byte that is not zero", good.with(0, [1])),
      HostileFile("a second byte that is not zero", good.with(1, [1])),
      HostileFile("a text", "1,2,3\n4,5,6\n"),
      HostileFile("an npy file", HostileNPYTests.file("{'descr': '|u1', 'fortran_order': False, 'shape': (8,)}")),
      HostileFile("kind 0", good.with(2, [0])),
      HostileFile("kind 7", good.with(2, [7])),
      HostileFile("kind 10", good.with(2, [10])),
      HostileFile("kind 15", good.with(2, [15])),
      HostileFile("kind 255", good.with(2, [255])),
      HostileFile("255 axes", good.with(3, [255])),
      HostileFile("255 axes of one", file(8, [UInt64](repeating: 1, count: 255), 1)),
      HostileFile("nine axes", file(8, [UInt64](repeating: 1, count: 9), 1)),
      HostileFile("no axes and two elements", file(8, [], 2)),
      HostileFile("no axes and no element", file(8, [], 0)),
      HostileFile("4 GB in six bytes", file(8, [most], 6)),
      HostileFile("2 to the 64 elements", file(8, [most, most], 6)),
      HostileFile("2 to the 128 elements", file(8, [most, most, most, most], 6)),
      HostileFile("2 to the 256 elements", file(8, [UInt64](repeating: most, count: 8), 6)),
      HostileFile("a product that wraps to zero", file(8, [1 << 31, 1 << 31, 4], 6)),
      HostileFile("a product that wraps to one", file(8, [1 << 31, 1 << 31, 1 << 2, 1], 1)),
      HostileFile("bytes that wrap", file(14, [1 << 31, 1 << 30], 6)),
      HostileFile("sizes beside a zero", file(8, [0, most, most, most, most], 0)),
      HostileFile("a zero and an element", file(8, [0], 1)),
      HostileFile("i16 with half the bytes", file(11, [4], 4)),
      HostileFile("i32 with half the bytes", file(12, [4], 8)),
      HostileFile("f32 with half the bytes", file(13, [4], 8)),
      HostileFile("f64 with half the bytes", file(14, [4], 16)),
      HostileFile("f64 with a byte too many", file(14, [4], 33)),
      HostileFile("i8 with twice the bytes", file(9, [4], 8)),
      HostileFile("little endian sizes", [0, 0, 8, 1, 6, 0, 0, 0] + [UInt8](repeating: 0, count: 6)),
      HostileFile("a megabyte that is there", file(8, [(1 << 20) + 1], (1 << 20) + 1)),
      HostileFile("four megabytes as i32 of bytes", file(9, [(1 << 18) + 1], (1 << 18) + 1)),
      HostileFile("packed and cut off", packed.without(last: 9)),
      HostileFile("packed, with another checksum", packed.with(packed.count - 8, [1, 2, 3, 4])),
      HostileFile("packed, of another kind", packed.with(2, [7])),
      HostileFile("two bytes that promise gzip", [0x1F, 0x8B]),
      HostileFile("packed zeros", Repository.read("Tests/Fixtures/formats/bomb.gz")),
    ]

  @Test func everyFileIsRefused() throws {
    try HostileFile.expectRefusals(of: Self.files, "idx") { bytes, engine in
      try IDX.read(bytes.span.bytes, engine: engine)
    }
  }
}
