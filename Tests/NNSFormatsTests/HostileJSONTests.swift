import NNSFormats
import Testing

@Suite struct HostileJSONTests {
  private static func quoted(_ bytes: [UInt8]) -> [UInt8] { [0x22] + bytes + [0x22] }

  private static let digits = String(repeating: "9", count: 100_000)

  private static let files = [
    HostileFile("nothing", ""),
    HostileFile("a space", " "),
    HostileFile("a zero byte", "\0"),
    HostileFile("a byte order mark", "\u{FEFF}1"),
    HostileFile("16 bits a character", [0x5B, 0, 0x5D, 0]),
    HostileFile("two values", "1 2"),
    HostileFile("a bracket that closes", "]"),
    HostileFile("an array without end", "[1, 2"),
    HostileFile("an array that ends as an object", "[1, 2}"),
    HostileFile("a comma at the end of an array", "[1, 2,]"),
    HostileFile("a comma at the beginning", "[, 1]"),
    HostileFile("two commas", "[1,, 2]"),
    HostileFile("no comma", "[1 2]"),
    HostileFile("100,000 brackets", String(repeating: "[", count: 100_000)),
    HostileFile("100,000 objects", String(repeating: "{\"a\":", count: 100_000)),
    HostileFile("201 arrays", String(repeating: "[", count: 201) + String(repeating: "]", count: 201)),
    HostileFile("an object without end", "{\"a\": 1"),
    HostileFile("an object of keys alone", "{\"a\"}"),
    HostileFile("a key without a value", "{\"a\":}"),
    HostileFile("a key without quotes", "{a: 1}"),
    HostileFile("a key in single quotes", "{'a': 1}"),
    HostileFile("a key that is a number", "{1: 2}"),
    HostileFile("a comma at the end of an object", "{\"a\": 1,}"),
    HostileFile("a key twice", "{\"a\": 1, \"a\": 2}"),
    HostileFile("a key twice, once escaped", "{\"a\": 1, \"\\u0061\": 2}"),
    HostileFile(
      "10,000 keys and one again",
      "{" + (0..<10_000).map { "\"k\($0)\": 1, " }.joined() + "\"k0\": 2}"),
    HostileFile("a comment", "[1, /* two */ 2]"),
    HostileFile("a line comment", "// 1\n1"),
    HostileFile("NaN", "NaN"),
    HostileFile("infinity", "[-Infinity]"),
    HostileFile("a word", "yes"),
    HostileFile("half a word", "tru"),
    HostileFile("a word in capitals", "TRUE"),
    HostileFile("a word and more", "nullnull"),
    HostileFile("a plus", "+1"),
    HostileFile("a minus alone", "-"),
    HostileFile("a zero in front", "01"),
    HostileFile("a point without digits", "1."),
    HostileFile("a point in front", ".5"),
    HostileFile("an exponent without digits", "1e"),
    HostileFile("an exponent with a sign alone", "1e+"),
    HostileFile("hexadecimal", "0x10"),
    HostileFile("an int beyond 64 bits", "18446744073709551616"),
    HostileFile("an int of 100,000 digits", digits),
    HostileFile("a float beyond all", "1e400"),
    HostileFile("an exponent of 100,000 digits", "1e\(digits)"),
    HostileFile("a string without end", "\"text"),
    HostileFile("a string that a newline ends", "\"te\nxt\""),
    HostileFile("a zero byte in a string", "\"te\0xt\""),
    HostileFile("an escape at the end", "\"\\"),
    HostileFile("an unknown escape", "\"\\x41\""),
    HostileFile("a short number of a character", "\"\\u12\""),
    HostileFile("a number of a character that is none", "\"\\u12G4\""),
    HostileFile("the first half of a pair", "\"\\ud83d\""),
    HostileFile("the second half of a pair", "\"\\ude00\""),
    HostileFile("two first halves", "\"\\ud83d\\ud83d\""),
    HostileFile("a string that is no UTF-8", quoted([0xFF])),
    HostileFile("half a character", quoted([0xC3])),
    HostileFile("a character in too many bytes", quoted([0xC0, 0x80])),
    HostileFile("half a pair in bytes", quoted([0xED, 0xA0, 0x80])),
    HostileFile("a character beyond Unicode", quoted([0xF4, 0x90, 0x80, 0x80])),
  ]

  @Test func everyFileIsRefused() throws {
    try HostileFile.expectRefusals(of: Self.files, "json") { bytes, engine in try JSON(bytes, budget: engine.budget) }
  }
}
