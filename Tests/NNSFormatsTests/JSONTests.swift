import NNSFormats
import Testing

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSON { try JSON(Array(text.utf8)) }

  private func message(_ text: String) -> String? {
    do {
      _ = try parse(text)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func valuesOfEveryKind() throws {
    let value = try parse(#" { "a" : [ 1 , -2.5 , 1e3, true, false, null ], "b": {}, "c": [], "d": "x" } "#)
    let numbers: [JSON] = [.int(1), .float(-2.5), .float(1000), .bool(true), .bool(false), .null]
    #expect(
      value
        == .object([
          .init("a", .array(numbers)), .init("b", .object([])), .init("c", .array([])), .init("d", .string("x")),
        ]))
    #expect(value["d"] == .string("x"))
    #expect(value["e"] == nil)
  }

  @Test func intsAndFloatsAreKeptApart() throws {
    #expect(try parse("1") == .int(1))
    #expect(try parse("1.0") == .float(1))
    #expect(try parse("1e0") == .float(1))
    #expect(try parse("-0") == .int(0))
    #expect(try parse("9223372036854775807") == .int(.max))
    #expect(try parse("-9223372036854775808") == .int(.min))
  }

  @Test(arguments: [
    "0.1", "123456789012345678901234567890.0", "1.7976931348623157e308", "5e-324", "2.2250738585072011e-308",
    "9007199254740993.0", "1e22", "1e23", "0.30000000000000004", "8.41e21", "1e-400", "179769313486231570000000e285",
  ])
  func floatsAreTheNearestDouble(_ text: String) throws {
    #expect(try parse(text) == .float(try #require(Double(text))))
  }

  @Test func escapes() throws {
    #expect(try parse(#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#) == .string("\"\\/\u{8}\u{C}\n\r\té😀"))
  }

  @Test(arguments: [
    ("", "line 1, column 1: expected a value, found the end of the text"),
    ("[1,\n  2,]", "line 2, column 5: expected a value, found \"]\""),
    ("[1 2]", "line 1, column 4: expected ',' or ']', found \"2\""),
    (#"{"a": 1, "a": 2}"#, #"line 1, column 10: the key "a" occurs twice"#),
    ("{a: 1}", #"line 1, column 2: expected a key in double quotes, found "a""#),
    (#"{"a" 1}"#, #"line 1, column 6: expected ':' after the key, found "1""#),
    (#"{"é": nul}"#, #"line 1, column 7: expected a value, found "nul""#),
    ("01", #"line 1, column 2: expected no digit after a leading 0, found "1""#),
    ("-", "line 1, column 2: expected a digit, found the end of the text"),
    ("1.", "line 1, column 3: expected a digit, found the end of the text"),
    ("1e", "line 1, column 3: expected a digit, found the end of the text"),
    ("+1", #"line 1, column 1: expected a value, found "+1""#),
    ("NaN", #"line 1, column 1: expected a value, found "NaN""#),
    ("9223372036854775808", #"line 1, column 1: the number "9223372036854775808" is too large"#),
    ("1e400", #"line 1, column 1: the number "1e400" is too large"#),
    ("1 1", #"line 1, column 3: expected the end, found "1""#),
    ("\"a\nb\"", #"line 1, column 3: a control character in a string is written as \n, \t or \u00XX"#),
    (#""abc"#, "line 1, column 1: the string is not closed"),
    (#""\x41""#, #"line 1, column 2: \x is no escape"#),
    (#""\uD83D""#, "line 1, column 2: a surrogate without its other half"),
    (#""\uDE00""#, "line 1, column 2: a surrogate without its other half"),
    (#""\uD83Dx""#, "line 1, column 2: a surrogate without its other half"),
    (#""\u00g0""#, #"line 1, column 6: expected four hexadecimal digits after \u, found "g0""#),
    ("// no", #"line 1, column 1: expected a value, found "/""#),
  ])
  func mistakesAreNamed(_ text: String, _ expected: String) {
    #expect(message(text) == expected)
  }

  @Test func bytesThatAreNoUTF8() {
    #expect(throws: FormatError("the string is not UTF-8", line: 1, column: 1)) {
      try JSON([0x22, 0xFF, 0x22])
    }
  }

  @Test func depthIsLimited() throws {
    let deepest = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    _ = try parse(deepest)
    #expect(message("[" + deepest + "]") == "line 1, column 201: nested more than 200 deep")
    #expect(message(String(repeating: "[{\"a\":", count: 1_000_000))?.contains("nested") == true)
  }

  @Test func textGivesTheValueBack() throws {
    let value = JSON.object([
      .init("a", .array([.int(-1), .float(1), .float(1e-7), .bool(true), .null, .array([]), .object([])])),
      .init("q\"\\\n\u{1}é", .string("😀")),
    ])
    #expect(
      try value.text() == #"{"a":[-1,1.0,1e-07,true,null,[],{}],"q\"\\\n\u0001é":"😀"}"#)
    #expect(
      try JSON.array([.int(1), .object([.init("b", .int(2))])]).text(indent: 2) == "[\n  1,\n  {\n    \"b\": 2\n  }\n]")
    #expect(try parse(value.text()) == value)
    #expect(try parse(value.text(indent: 2)) == value)
    #expect(throws: FormatError("JSON has no nan")) { try JSON.float(.nan).text() }
  }

  @Test func changedBytesNeverTrap() {
    let text = #"{"a": [1, -2.5e3, true, null, "x\u00e9\uD83D\uDE00\n"], "b": {"c": {}, "d": [[], [0.1]]}}"#
    Hostile.tryChanges(of: Array(text.utf8)) { try JSON($0) }
  }
}
