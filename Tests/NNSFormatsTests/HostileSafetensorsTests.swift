import NNSFormats
import Testing

@Suite struct HostileSafetensorsTests {
  /// A file with a header and so many zero bytes behind it.
  private static func file(_ header: String, _ count: Int = 8) -> [UInt8] {
    .little(UInt64(header.utf8.count), 8) + Array(header.utf8) + [UInt8](repeating: 0, count: count)
  }

  /// A file with one tensor `a`, and what its entry says.
  private static func entry(_ text: String, _ count: Int = 8) -> [UInt8] { file("{\"a\": \(text)}", count) }

  private static func tensor(dtype: String = "\"F32\"", shape: String = "[2]", offsets: String = "[0, 8]") -> [UInt8] {
    entry("{\"dtype\": \(dtype), \"shape\": \(shape), \"data_offsets\": \(offsets)}")
  }

  private static let good = tensor()

  private static func two(_ first: String, _ second: String, _ count: Int) -> [UInt8] {
    let entries = [("a", first), ("b", second)].map { name, range in
      "\"\(name)\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": \(range)}"
    }
    return file("{\(entries.joined(separator: ", "))}", count)
  }

  private static let files = [
    HostileFile("nothing", [UInt8]()),
    HostileFile("half a length", [2, 0, 0, 0]),
    HostileFile("a length alone", .little(2, 8)),
    HostileFile("a header of no bytes", .little(0, 8) + good.dropFirst(8)),
    HostileFile("a header of all that fits into 64 bits", good.with(0, .max, count: 8)),
    HostileFile("a header of 2 to the 63", good.with(0, 1 << 63, count: 8)),
    HostileFile("a header of 2 to the 56", good.with(0, 1 << 56, count: 8)),
    HostileFile("a header a byte larger than allowed", good.with(0, 100_000_001, count: 8)),
    HostileFile("a header of 100 MB in a file of 70 bytes", good.with(0, 100_000_000, count: 8)),
    HostileFile("a header to the end of the data and beyond", good.with(0, UInt64(good.count), count: 8)),
    HostileFile("a header that takes the data too", good.with(0, UInt64(good.count - 8), count: 8)),
    HostileFile("a header cut short", good.with(0, 20, count: 8)),
    HostileFile("a file cut in its header", good.without(last: 20)),
    HostileFile("a file cut in its data", good.without(last: 1)),
    HostileFile("data that go on", good + [0]),
    HostileFile("no JSON", file("weights!")),
    HostileFile("an array", file("[1, 2]")),
    HostileFile("a space before the header", file(" {}", 0)),
    HostileFile("a byte order mark", file("\u{FEFF}{}", 0)),
    HostileFile("a byte that is no UTF-8", .little(3, 8) + [0x7B, 0xFF, 0x7D]),
    HostileFile("zeros in the header", file("{\0\0}", 0)),
    HostileFile("a comma too many", entry("{},")),
    HostileFile("a second value", file("{}{}", 0)),
    HostileFile("brackets without end", file("{\"a\": " + String(repeating: "[", count: 100_000))),
    HostileFile("a name twice", file("{\"a\": {}, \"a\": {}}")),
    HostileFile("an entry that is a number", entry("1")),
    HostileFile("an entry that is null", entry("null")),
    HostileFile("an entry without anything", entry("{}")),
    HostileFile("a dtype that is a number", tensor(dtype: "32")),
    HostileFile("a dtype of another library", tensor(dtype: "\"F8_E4M3\"")),
    HostileFile("a dtype in small letters", tensor(dtype: "\"f32\"")),
    HostileFile("a shape that is a number", tensor(shape: "2")),
    HostileFile("a shape of strings", tensor(shape: "[\"2\"]")),
    HostileFile("a shape in a shape", tensor(shape: "[[2]]")),
    HostileFile("a size below zero", tensor(shape: "[-2]")),
    HostileFile("a size that is a float", tensor(shape: "[2.0]")),
    HostileFile("a size beyond 64 bits", tensor(shape: "[36893488147419103232]")),
    HostileFile("sizes whose product is beyond 64 bits", tensor(shape: "[4294967296, 4294967296, 4294967296]")),
    HostileFile("sizes whose product wraps to two", tensor(shape: "[2, 9223372036854775807]")),
    HostileFile("a size whose bytes are beyond 64 bits", tensor(shape: "[4611686018427387904]")),
    HostileFile("sizes beside a zero", tensor(shape: "[0, 9223372036854775807, 9223372036854775807]")),
    HostileFile("nine axes", tensor(shape: "[1, 1, 1, 1, 1, 1, 1, 1, 2]")),
    HostileFile("a thousand axes", tensor(shape: "[\(String(repeating: "1, ", count: 999))2]")),
    HostileFile("a terabyte in eight bytes", tensor(shape: "[274877906944]")),
    HostileFile("a terabyte with offsets to match", tensor(shape: "[274877906944]", offsets: "[0, 1099511627776]")),
    HostileFile("more than there is", tensor(shape: "[3]")),
    HostileFile("less than there is", tensor(shape: "[1]")),
    HostileFile("one offset", tensor(offsets: "[8]")),
    HostileFile("three offsets", tensor(offsets: "[0, 4, 8]")),
    HostileFile("offsets the other way round", tensor(offsets: "[8, 0]")),
    HostileFile("an offset below zero", tensor(offsets: "[-8, 0]")),
    HostileFile("an offset that is the largest int", tensor(offsets: "[9223372036854775799, 9223372036854775807]")),
    HostileFile("an offset beyond 64 bits", tensor(offsets: "[0, 18446744073709551616]")),
    HostileFile("offsets that are null", tensor(offsets: "null")),
    HostileFile("two tensors on the same bytes", two("[0, 4]", "[0, 4]", 4)),
    HostileFile("two tensors that overlap by a byte", two("[0, 4]", "[3, 7]", 7)),
    HostileFile("a hole between two tensors", two("[0, 4]", "[5, 9]", 9)),
    HostileFile("a hole before the first", two("[1, 5]", "[5, 9]", 9)),
    HostileFile("metadata that are a list", file("{\"__metadata__\": []}", 0)),
    HostileFile("metadata with a number", file("{\"__metadata__\": {\"format\": 1}}", 0)),
    HostileFile("metadata as a tensor", file("{\"__metadata__\": {\"shape\": [2]}}", 0)),
    HostileFile("a bool that is 2", tensor(dtype: "\"BOOL\"", shape: "[8]").without(last: 1) + [2]),
    HostileFile(
      "a megabyte that is there",
      file(
        "{\"a\": {\"dtype\": \"U8\", \"shape\": [1048577], \"data_offsets\": [0, 1048577]}}", (1 << 20) + 1)),
  ]

  @Test func everyFileIsRefused() throws {
    try HostileFile.expectRefusals(of: Self.files, "safetensors") { bytes, engine in
      try Safetensors.read(bytes.span.bytes, engine: engine)
    }
  }
}
