import NNSFormats
import Testing

@Suite struct HostileCSVTests {
  private static func file(_ text: [UInt8], after beginning: String = "a,b\n", before end: String = "\n") -> [UInt8] {
    Array(beginning.utf8) + text + Array(end.utf8)
  }

  private static let digits = String(repeating: "9", count: 100_000)

  private static let files = [
    HostileFile("a quote without end", "a,b\n1,\"2\n3,4\n"),
    HostileFile("a quote without end in the header", "\"a,b\n1,2\n"),
    HostileFile("a quote alone", "\""),
    HostileFile("three quotes", "a\n\"\"\""),
    HostileFile("a quote without end over 100,000 lines", "a,b\n\"" + String(repeating: "1,2\n", count: 100_000)),
    HostileFile("a quote in the middle", "a,b\n1,2\"3\n"),
    HostileFile("text behind a quote", "a,b\n1,\"2\"3\n"),
    HostileFile("a quote behind a quote", "a,b\n1,\"2\" \"3\"\n"),
    HostileFile("a row too short", "a,b\n1,2\n3\n"),
    HostileFile("a row too long", "a,b\n1,2\n3,4,5\n"),
    HostileFile("a row too short at the end", "a,b\n1,2\n3"),
    HostileFile("a row of 100,000 cells", "a,b\n1,2\n" + String(repeating: "1,", count: 100_000) + "\n"),
    HostileFile("100,000 columns and a row of one", String(repeating: "1,", count: 100_000) + "1\n1\n"),
    HostileFile("an empty line between", "a,b\n1,2\n\n3,4\n"),
    HostileFile("an empty first line", "\na,b\n1,2\n"),
    HostileFile("a carriage return alone", "a,b\r1,2\r"),
    HostileFile("a carriage return in a row", "a,b\n1\r,2\n"),
    HostileFile("two carriage returns", "a,b\r\r\n1,2\n"),
    HostileFile("two columns of one name", "a,a\n1,2\n"),
    HostileFile("two columns without a name", "x,,\n1,2,3\n"),
    HostileFile("two columns that quotes make one", "a,\"a\"\n1,2\n"),
    HostileFile("a text among ints", "a,b\n1,2\n3,x\n"),
    HostileFile("a text among floats", "a,b\n1.5,2\nx,3\n"),
    HostileFile("a long text among ints", "a\n1\n" + String(repeating: "x", count: 100_000) + "\n"),
    HostileFile("an int among nothing", "a,b\n1,\n2,3\n"),
    HostileFile("nothing among ints", "a,b\n1,2\n3,\n"),
    HostileFile("spaces among ints", "a,b\n1,2\n3, \n"),
    HostileFile("an int beyond 64 bits", "a\n18446744073709551616\n"),
    HostileFile("an int a little beyond 64 bits", "a\n9223372036854775808\n"),
    HostileFile("an int far below zero", "a\n-9223372036854775809\n"),
    HostileFile("an int of 100,000 digits", "a\n\(digits)\n"),
    HostileFile("a float beyond all", "a\n1e400\n"),
    HostileFile("a float with a huge exponent", "a\n1e\(digits)\n"),
    HostileFile("a float of 100,000 digits", "a\n\(digits).5\n"),
    HostileFile("hexadecimal among ints", "a\n1\n0x10\n"),
    HostileFile("two signs", "a\n1\n--1\n"),
    HostileFile("two points", "a\n1.5\n1.2.3\n"),
    HostileFile("a number with underscores", "a\n1\n1_000\n"),
    HostileFile("a formula among ints", "a\n1\n=1+1\n"),
    HostileFile("an infinity that is none", "a\n1.5\ninfinite\n"),
    HostileFile("a NaN that is none", "a\n1.5\nnano\n"),
    HostileFile("digits that are not ASCII", "a\n1\n\u{0661}\n"),
    HostileFile("a zero byte among ints", "a\n1\n\0\n"),
    HostileFile("a byte that is no UTF-8", file([0xFF, 0x2C, 0x31])),
    HostileFile("half a character", file([0xC3, 0x2C, 0x31])),
    HostileFile("a character in too many bytes", file([0xC0, 0x80, 0x2C, 0x31])),
    HostileFile("half a pair", file([0xED, 0xA0, 0x80, 0x2C, 0x31])),
    HostileFile("a header that is no UTF-8", file([], after: "a,", before: "") + [0xFE, 0x0A, 0x31, 0x2C, 0x32]),
    HostileFile("16 bits a character", [0xFF, 0xFE, 0x61, 0, 0x0A, 0, 0x31, 0]),
    HostileFile("an npy file", HostileNPYTests.file("{'descr': '|u1', 'fortran_order': False, 'shape': (8,)}")),
  ]

  @Test func everyFileIsRefused() throws {
    try HostileFile.expectRefusals(of: Self.files, "csv") { bytes, engine in
      try CSV.columns(bytes, hasHeader: true, budget: engine.budget)
    }
  }
}
