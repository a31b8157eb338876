import NNSFormats
import Testing

@testable import NNSTokenizers

@Suite struct PatternTests {
  /// All matches of a pattern, one after the other.
  private func matches(_ pattern: String, _ text: String) throws -> [String] {
    let bytes = Array(text.utf8)
    let finder = Finder.pattern(try Pattern(pattern))
    return try finder.matches(in: bytes.span) {}.map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  @Test(arguments: [
    ("a|ab", "ab", ["a"]), ("(?:a|ab)c", "abc", ["abc"]), ("a*", "aab", ["aa"]), ("a+?", "aa", ["a", "a"]),
    ("a+?b", "aab", ["aab"]), ("[ab]{2}", "abab", ["ab", "ab"]), ("[ab]{2,3}", "ababa", ["aba", "ba"]),
    (".a", "\na ba", ["ba"]), ("a++a", "aaa", []), ("(?>a+)b", "aab", ["aab"]),
    ("a(?=b)", "abac", ["a"]), ("a(?!b)", "abac", ["a"]), (#"\s+(?!\S)"#, "a   b ", ["  ", " "]),
    ("(?i:'s|'t)", "'S't'ſ", ["'S", "'t", "'ſ"]), (#"\p{L}+"#, "aß日1é", ["aß日", "é"]),
    (#"\p{Lu}\p{Ll}*"#, "AbCÄö", ["Ab", "C", "Äö"]),
    (#"[^\s\p{L}\p{N}]+"#, "a!? b—1", ["!?", "—"]), (#"\d+"#, "12a٣", ["12", "٣"]), (#"\w+"#, "a_1-é", ["a_1", "é"]),
    (#"[\x41-\u0043]"#, "ABCD", ["A", "B", "C"]), (#"\P{L}"#, "a1", ["1"]), (#"[a\-z]+"#, "a-zb", ["a-z"]),
    ("(ab)+", "ababa", ["abab"]), ("(ab|a)+?b", "abb", ["abb"]), ("(?:ab){2}", "ababab", ["abab"]),
    ("x?y", "yxy", ["y", "xy"]),
    ("[a-c]+c", "abcc", ["abcc"]), ("é+.", "ééx", ["ééx"]), ("[é]*é", "éé", ["éé"]), (".*?;", "a;b;", ["a;", "b;"]),
  ])
  func finds(_ pattern: String, _ text: String, _ expected: [String]) throws {
    #expect(try matches(pattern, text) == expected)
  }

  @Test(arguments: [
    "(", ")", "[", "[]", "a**", "*", "(?<!a)", "(?<name>a)", #"\q"#, #"\p{Xx}"#, #"\1"#, "^a", "a$", "{1}", "a{2,1}",
    "a{5000}", "[[a]]", "[a&&b]", "(a?)*", "(?#)", #"\"#, "[z-a]", #"\u{110000}"#, String(repeating: "(", count: 1000),
  ])
  func whatIsNotUnderstoodIsAnError(_ pattern: String) {
    #expect(throws: FormatError.self) { try Pattern(pattern) }
  }

  @Test func nestedRepetitionsAreBounded() {
    let pattern = String(repeating: "(?:", count: 5) + "a" + String(repeating: "){900}", count: 5)
    #expect(throws: FormatError.self) { try Pattern(pattern) }
  }

  @Test func endlessTryingIsStopped() throws {
    struct Stopped: Error {}
    let text = Array(String(repeating: "a", count: 200).utf8)
    let finder = Finder.pattern(try Pattern("(?:a|aa)+b"))
    var asked = 0
    #expect(throws: Stopped.self) {
      _ = try finder.matches(in: text.span) {
        asked += 1
        if asked > 10 { throw Stopped() }
      }
    }
  }
}
