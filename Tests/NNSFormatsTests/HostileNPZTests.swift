import NNSFormats
import Testing

@Suite struct HostileNPZTests {
  private static func fixture(_ name: String) -> [UInt8] { Repository.read("Tests/Fixtures/formats/\(name).npz") }

  private static let stored = fixture("stored")
  private static let deflated = fixture("deflated")

  private enum Part: String {
    case member = "PK\u{3}\u{4}"
    case entry = "PK\u{1}\u{2}"
    case end = "PK\u{5}\u{6}"
  }

  /// Where the n-th part of a kind begins.
  private static func place(_ part: Part, _ number: Int = 0, in file: [UInt8]) -> Int {
    let found = file.indices.filter { file[$0...].starts(with: part.rawValue.utf8) }
    return found.indices.contains(number) ? found[number] : 0
  }

  /// A file with another number somewhere in one of its parts.
  private static func changed(
    _ part: Part, _ offset: Int, _ value: UInt64, _ count: Int, number: Int = 0, of file: [UInt8]? = nil
  ) -> [UInt8] {
    let file = file ?? deflated
    return file.with(place(part, number, in: file) + offset, value, count: count)
  }

  /// The first member's bytes begin behind its header and its name.
  private static func data(_ file: [UInt8]) -> Int {
    let start = place(.member, in: file)
    return start + 30 + Int(file[start + 26]) + Int(file[start + 28])
  }

  private static let files =
    [
      HostileFile("nothing", [UInt8]()),
      HostileFile("two letters", "PK"),
      HostileFile("a text", String(repeating: "no zip file ", count: 10)),
      HostileFile("cut in the middle", Array(deflated.prefix(deflated.count / 2))),
      HostileFile("cut by a byte", deflated.without(last: 1)),
      HostileFile("a byte too many", deflated + [0]),
      HostileFile("a comment of 70,000 bytes", deflated + [UInt8](repeating: 0, count: 70_000)),
      HostileFile("the end alone", Array(deflated.suffix(22))),
      HostileFile("a comment that is not there", changed(.end, 20, 100, 2)),
      HostileFile("a second disk", changed(.end, 4, 1, 2)),
      HostileFile("a directory on another disk", changed(.end, 6, 1, 2)),
      HostileFile("two counts that differ", changed(.end, 8, 9, 2)),
      HostileFile("65,535 members", changed(.end, 8, 0xFFFF_FFFF, 4)),
      HostileFile("one member less than there are", changed(.end, 8, 0x0002_0002, 4)),
      HostileFile("one member more than there are", changed(.end, 8, 0x0004_0004, 4)),
      HostileFile("a directory of no bytes", changed(.end, 12, 0, 4)),
      HostileFile("a directory of 4 GB", changed(.end, 12, 0xFFFF_FFFF, 4)),
      HostileFile("a directory behind the end", changed(.end, 16, 0xFFFF_FFFF, 4)),
      HostileFile("a directory at the beginning", changed(.end, 16, 0, 4)),
      HostileFile("an entry with another signature", changed(.entry, 0, 0, 4)),
      HostileFile("an encrypted member", changed(.entry, 8, 1, 2)),
      HostileFile("a patch", changed(.entry, 8, 32, 2)),
      HostileFile("method 1", changed(.entry, 10, 1, 2)),
      HostileFile("method 99", changed(.entry, 10, 99, 2)),
      HostileFile("method 0 of what is deflated", changed(.entry, 10, 0, 2)),
      HostileFile("a wrong checksum", changed(.entry, 16, 0xDEAD_BEEF, 4)),
      HostileFile("no packed bytes", changed(.entry, 20, 0, 4)),
      HostileFile("packed bytes beyond the file", changed(.entry, 20, 0x7FFF_FFFF, 4)),
      HostileFile(
        "a packed byte too few", changed(.entry, 20, UInt64(deflated[place(.entry, in: deflated) + 20]) - 1, 4)),
      HostileFile("no unpacked bytes", changed(.entry, 24, 0, 4)),
      HostileFile("2 GB unpacked", changed(.entry, 24, 0x7FFF_FFFF, 4)),
      HostileFile("4 GB unpacked", changed(.entry, 24, 0xFFFF_FFFF, 4)),
      HostileFile(
        "an unpacked byte too many", changed(.entry, 24, UInt64(deflated[place(.entry, in: deflated) + 24]) + 1, 4)),
      HostileFile(
        "an unpacked byte too few", changed(.entry, 24, UInt64(deflated[place(.entry, in: deflated) + 24]) - 1, 4)),
      HostileFile("a name of 65,535 bytes", changed(.entry, 28, 0xFFFF, 2)),
      HostileFile("extra fields of 65,535 bytes", changed(.entry, 30, 0xFFFF, 2)),
      HostileFile("an entry's comment of 65,535 bytes", changed(.entry, 32, 0xFFFF, 2)),
      HostileFile("a member at the end of the file", changed(.entry, 42, UInt64(deflated.count), 4)),
      HostileFile("a member 4 GB into the file", changed(.entry, 42, 0xFFFF_FFFF, 4)),
      HostileFile("a member a byte off", changed(.entry, 42, 1, 4)),
      HostileFile("a name that is no UTF-8", changed(.entry, 46, 0xFF, 1)),
      HostileFile("another name in the directory", changed(.entry, 46, 0x7A, 1)),
      HostileFile("a name that is no array's", changed(.entry, 50, 0x7A, 1, of: changed(.member, 34, 0x7A, 1))),
      HostileFile("a member with another signature", changed(.member, 0, 0, 4)),
      HostileFile("a member with another method", changed(.member, 8, 0, 2)),
      HostileFile("a member with a name of 65,535 bytes", changed(.member, 26, 0xFFFF, 2)),
      HostileFile("a member with extra fields of 65,535 bytes", changed(.member, 28, 0xFFFF, 2)),
      HostileFile(
        "two entries for one member",
        changed(.entry, 42, 0, 4, number: 1, of: stored).with(place(.entry, 1, in: stored) + 46, Array("x.npy".utf8))),
      HostileFile("data of another kind", deflated.with(data(deflated), [0xFF, 0xFF, 0xFF])),
      HostileFile("data of zeros", deflated.with(data(deflated), [0, 0, 0, 0, 0])),
      HostileFile("an array that says otherwise", stored.with(data(stored), [0x92])),
      HostileFile("an array with a header beyond the member", stored.with(data(stored) + 8, 0xFFFF, count: 2)),
      HostileFile("8 KB that unpack to 8 MB", fixture("bomb")),
    ]

  @Test func everyFileIsRefused() throws {
    try HostileFile.expectRefusals(of: Self.files, "npz") { bytes, engine in
      try NPZ.read(bytes.span.bytes, engine: engine)
    }
  }
}
