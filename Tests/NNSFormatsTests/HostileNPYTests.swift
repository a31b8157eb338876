import NNSFormats
import Testing

@Suite struct HostileNPYTests {
  /// A file with a header and so many zero bytes behind it.
  static func file(_ header: String, _ count: Int = 8, version: [UInt8] = [1, 0]) -> [UInt8] {
    [0x93] + Array("NUMPY".utf8) + version + .little(UInt64(header.utf8.count), version[0] == 1 ? 2 : 4)
      + Array(header.utf8) + [UInt8](repeating: 0, count: count)
  }

  private static func array(
    descr: String = "'<f4'", order: String = "False", shape: String = "(2,)", _ count: Int = 8
  ) -> [UInt8] {
    file("{'descr': \(descr), 'fortran_order': \(order), 'shape': \(shape), }", count)
  }

  private static let good = array()

  private static let files = [
    HostileFile("nothing", [UInt8]()),
    HostileFile("the magic alone", Array(good.prefix(6))),
    HostileFile("no length", Array(good.prefix(8))),
    HostileFile("half a length", Array(good.prefix(9))),
    HostileFile("no header", Array(good.prefix(10))),
    HostileFile("a header cut off", Array(good.prefix(30))),
    HostileFile("another magic", good.with(0, [0x92])),
    HostileFile("the magic of a zip file", good.with(0, Array("PK\u{3}\u{4}".utf8))),
    HostileFile("version 0.0", good.with(6, [0, 0])),
    HostileFile("version 4.0", good.with(6, [4, 0])),
    HostileFile("version 1.1", good.with(6, [1, 1])),
    HostileFile("version 255.255", good.with(6, [255, 255])),
    HostileFile("a header of 65,535 bytes in a small file", good.with(8, 65_535, count: 2)),
    HostileFile("a header of 4 GB", file("{}", version: [2, 0]).with(8, 0xFFFF_FFFF, count: 4)),
    HostileFile("a header a byte larger than allowed", file("{}", version: [3, 0]).with(8, 65_537, count: 4)),
    HostileFile("a header of no bytes", good.with(8, 0, count: 2)),
    HostileFile("a header that takes the data too", good.with(8, UInt64(good.count - 10), count: 2)),
    HostileFile("no dictionary", file("descr")),
    HostileFile("a list", file("['<f4', False, (2,)]")),
    HostileFile("a dictionary without end", file("{'descr': '<f4'")),
    HostileFile("a string without end", file("{'descr': '<f4")),
    HostileFile("text after the dictionary", file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} + 1")),
    HostileFile("bytes that are no UTF-8", good.with(12, [0xFF, 0xFE])),
    HostileFile("an empty dictionary", file("{}")),
    HostileFile("no shape", file("{'descr': '<f4', 'fortran_order': False}")),
    HostileFile("no order", file("{'descr': '<f4', 'shape': (2,)}")),
    HostileFile("a key twice", file("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}")),
    HostileFile("an unknown key", file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'run': 'rm'}")),
    HostileFile("code in place of a value", file("{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,)}")),
    HostileFile("Python objects", array(descr: "'|O'")),
    HostileFile("big endian", array(descr: "'>f4'")),
    HostileFile("an unknown kind", array(descr: "'<x4'")),
    HostileFile("complex numbers", array(descr: "'<c8'")),
    HostileFile("unsigned 64 bits", array(descr: "'<u8'")),
    HostileFile("text", array(descr: "'<U2'")),
    HostileFile("a dtype without a name", array(descr: "''")),
    HostileFile("a dtype that is a number", array(descr: "4")),
    HostileFile("fields with names", array(descr: "[('x', '<f4'), ('y', '<f4')]")),
    HostileFile("an order that is a number", array(order: "1")),
    HostileFile("an order that is a string", array(order: "'False'")),
    HostileFile("a shape that is a number", array(shape: "2")),
    HostileFile("a shape without end", array(shape: "(2,")),
    HostileFile("a shape of strings", array(shape: "('2',)")),
    HostileFile("a size below zero", array(shape: "(-2,)")),
    HostileFile("a size that is a float", array(shape: "(2.0,)")),
    HostileFile("a size beyond 64 bits", array(shape: "(36893488147419103232,)")),
    HostileFile("a size of 60,000 digits", array(shape: "(\(String(repeating: "9", count: 60_000)),)")),
    HostileFile("sizes whose product is beyond 64 bits", array(shape: "(4294967296, 4294967296, 4294967296)")),
    HostileFile("sizes whose product wraps to two", array(shape: "(2, 9223372036854775807)")),
    HostileFile("a size whose bytes are beyond 64 bits", array(shape: "(4611686018427387904,)")),
    HostileFile("sizes beside a zero", array(shape: "(0, 9223372036854775807, 9223372036854775807)")),
    HostileFile("nine axes", array(shape: "(1, 1, 1, 1, 1, 1, 1, 1, 2)")),
    HostileFile("ten thousand axes", array(shape: "(\(String(repeating: "1,", count: 10_000)))")),
    HostileFile("brackets without end", array(shape: String(repeating: "(", count: 50_000))),
    HostileFile("a terabyte in eight bytes", array(shape: "(274877906944,)")),
    HostileFile("more than there is", array(shape: "(3,)")),
    HostileFile("less than there is", array(shape: "(1,)")),
    HostileFile("a byte too few", good.without(last: 1)),
    HostileFile("a byte too many", good + [0]),
    HostileFile("a bool that is 2", array(descr: "'|b1'", shape: "(8,)").without(last: 1) + [2]),
    HostileFile("a megabyte that is there", array(descr: "'|u1'", shape: "(1048577,)", (1 << 20) + 1)),
  ]

  @Test func everyFileIsRefused() throws {
    try HostileFile.expectRefusals(of: Self.files, "npy") { bytes, engine in
      try NPY.read(bytes.span.bytes, engine: engine)
    }
  }
}
