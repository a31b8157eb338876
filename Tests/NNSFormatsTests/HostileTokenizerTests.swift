import NNSFormats
import NNSTokenizers
import Testing

@Suite struct HostileTokenizerTests {
  private static let model = #"{"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}"#

  /// A file with a model and one more member.
  private static func file(_ member: String, model: String = model) -> String { "{\"model\": \(model), \(member)}" }

  /// A file with another member in the model.
  private static func model(_ member: String, vocab: String = #"{"a": 0, "b": 1, "ab": 2}"#, merges: String = "[]")
    -> String
  {
    "{\"model\": {\"type\": \"BPE\", \"vocab\": \(vocab), \"merges\": \(merges), \(member)}}"
  }

  private static func splitting(at pattern: String) -> String {
    file(#""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\#(pattern)"}, "behavior": "Isolated"}"#)
  }

  private static let files = [
    HostileFile("nothing", ""),
    HostileFile("no JSON", "tokenizer"),
    HostileFile("an array", "[]"),
    HostileFile("a number", "1"),
    HostileFile("an empty object", "{}"),
    HostileFile("100,000 brackets", String(repeating: "{\"model\":", count: 100_000)),
    HostileFile("a model that is null", #"{"model": null}"#),
    HostileFile("a model that is a list", #"{"model": []}"#),
    HostileFile("a model of another kind", #"{"model": {"type": "Unigram", "vocab": []}}"#),
    HostileFile("a model whose kind is a number", #"{"model": {"type": 3}}"#),
    HostileFile("no vocabulary", #"{"model": {"type": "BPE", "merges": []}}"#),
    HostileFile("no merges", #"{"model": {"type": "BPE", "vocab": {}}}"#),
    HostileFile("a vocabulary that is a list", model(#""x": 1"#, vocab: "[]")),
    HostileFile("an id below zero", model(#""x": 1"#, vocab: #"{"a": -1}"#)),
    HostileFile("an id that is a string", model(#""x": 1"#, vocab: #"{"a": "0"}"#)),
    HostileFile("an id that is a float", model(#""x": 1"#, vocab: #"{"a": 0.5}"#)),
    HostileFile("an id of 2 to the 31", model(#""x": 1"#, vocab: #"{"a": 2147483648}"#)),
    HostileFile("an id of 2 to the 63", model(#""x": 1"#, vocab: #"{"a": 9223372036854775807}"#)),
    HostileFile("an id beyond 64 bits", model(#""x": 1"#, vocab: #"{"a": 18446744073709551616}"#)),
    HostileFile("a token twice", model(#""x": 1"#, vocab: #"{"a": 0, "a": 1}"#)),
    HostileFile("merges that are an object", model(#""x": 1"#, merges: "{}")),
    HostileFile("a merge that is a number", model(#""x": 1"#, merges: "[1]")),
    HostileFile("a merge of one", model(#""x": 1"#, merges: #"["a"]"#)),
    HostileFile("a merge of three", model(#""x": 1"#, merges: #"["a b ab"]"#)),
    HostileFile("a merge in a list of one", model(#""x": 1"#, merges: #"[["a"]]"#)),
    HostileFile("a merge of numbers", model(#""x": 1"#, merges: "[[1, 2]]")),
    HostileFile("a merge of what is no token", model(#""x": 1"#, merges: #"["a c"]"#)),
    HostileFile("a merge that gives no token", model(#""x": 1"#, merges: #"["b a"]"#)),
    HostileFile("encoding at random", model(#""dropout": 0.1"#)),
    HostileFile("an unknown token that is unknown", model(#""unk_token": "<unk>""#)),
    HostileFile("an unknown token that is a list", model(#""unk_token": []"#)),
    HostileFile("a flag that is a number", model(#""byte_fallback": 1"#)),
    HostileFile("an ending that is a number", model(#""end_of_word_suffix": 1"#)),
    HostileFile("added tokens that are an object", file(#""added_tokens": {}"#)),
    HostileFile("an added token without an id", file(#""added_tokens": [{"content": "<s>"}]"#)),
    HostileFile("an added token without a text", file(#""added_tokens": [{"id": 3}]"#)),
    HostileFile("an added token with an id below zero", file(#""added_tokens": [{"id": -3, "content": "<s>"}]"#)),
    HostileFile("a normaliser that nobody knows", file(#""normalizer": {"type": "Precompiled", "charsmap": "AAAA"}"#)),
    HostileFile("a normaliser without a kind", file(#""normalizer": {}"#)),
    HostileFile("a replacement without a pattern", file(#""normalizer": {"type": "Replace", "content": "x"}"#)),
    HostileFile(
      "a pattern that is a string", file(#""normalizer": {"type": "Replace", "pattern": "x", "content": "x"}"#)),
    HostileFile("a sequence that is an object", file(#""normalizer": {"type": "Sequence", "normalizers": {}}"#)),
    HostileFile("a splitter that nobody knows", file(#""pre_tokenizer": {"type": "BertPreTokenizer"}"#)),
    HostileFile(
      "a split of unknown behaviour",
      file(#""pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "Explode"}"#)),
    HostileFile(
      "bytes before another step",
      file(
        #""pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}, {"type": "Whitespace"}]}"#)),
    HostileFile("a frame that nobody knows", file(#""post_processor": {"type": "Magic"}"#)),
    HostileFile("a frame without a text", file(#""post_processor": {"type": "TemplateProcessing", "single": []}"#)),
    HostileFile(
      "a frame of two texts",
      file(
        #""post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {}}, {"Sequence": {}}]}"#)),
    HostileFile(
      "a frame with a token that is not there",
      file(
        #""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}], "special_tokens": {}}"#
      )),
    HostileFile("a joiner that nobody knows", file(#""decoder": {"type": "Magic"}"#)),
    HostileFile(
      "a joiner that strips less than nothing",
      file(
        #""decoder": {"type": "Strip", "content": " ", "start": -1, "stop": 0}"#)),
    HostileFile("a pattern without its end", splitting(at: "(a")),
    HostileFile("a pattern with an end too many", splitting(at: "a)")),
    HostileFile("a set without its end", splitting(at: "[a-z")),
    HostileFile("a range the wrong way round", splitting(at: "[z-a]")),
    HostileFile("nothing repeated", splitting(at: "*")),
    HostileFile("a repetition the wrong way round", splitting(at: "a{5,2}")),
    HostileFile("a billion repetitions", splitting(at: "a{1000000000}")),
    HostileFile("repetitions of repetitions", splitting(at: "((((a{99}){99}){99}){99}){99}")),
    HostileFile("repetitions beyond 64 bits", splitting(at: "a{99999999999999999999}")),
    HostileFile("10,000 brackets in a pattern", splitting(at: String(repeating: "(", count: 10_000))),
    HostileFile("100,000 letters in a pattern", splitting(at: String(repeating: "a", count: 100_000))),
    HostileFile("a backreference", splitting(at: #"(a)\\1"#)),
    HostileFile("a lookbehind", splitting(at: "(?<=a)b")),
    HostileFile("a script of letters that nobody has", splitting(at: #"\\p{Klingon}"#)),
    HostileFile("an escape at the end", splitting(at: #"\\"#)),
  ]

  @Test func everyFileIsRefused() throws {
    try HostileFile.expectRefusals(of: Self.files, "tokenizer") { bytes, _ in try Tokenizer(bytes) }
  }
}
