import NNSFormats
import NNSTokenizers
import Testing

/// Against Hugging Face's `tokenizers`; `scripts/check/tokenizers --fixtures` makes the files.
@Suite struct TokenizerTests {
  private func file(_ name: String) -> [UInt8] { Repository.read("Tests/Fixtures/tokenizers/\(name).json") }

  private func strings(_ json: JSON?) -> [String] {
    guard case .array(let items)? = json else { return [] }
    return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }

  private func ids(_ json: JSON?) -> [[Int]] {
    guard case .array(let rows)? = json else { return [] }
    return rows.map { row in
      guard case .array(let items) = row else { return [] }
      return items.compactMap { if case .int(let id) = $0 { id } else { nil } }
    }
  }

  @Test(arguments: [
    "gpt2", "roberta", "llama3", "qwen", "o200k", "llama2", "metaspace", "metaspace_first", "clip", "words", "added",
  ])
  func agreesWithTheReference(_ kind: String) throws {
    let tokenizer = try Tokenizer(file(kind))
    let expected = try JSON(file(kind + ".expected"))
    let texts = strings(expected["strings"])
    #expect(texts.count > 30)
    #expect(try texts.map { try tokenizer.encode($0) { _ in } } == ids(expected["framed"]))
    #expect(try texts.map { try tokenizer.encode($0, isFramed: false) { _ in } } == ids(expected["plain"]))
    let framed = ids(expected["framed"])
    // Compared as bytes: two texts may be canonically equivalent and yet different.
    let decoded = try framed.map { Array(try tokenizer.decode($0) { _ in }.utf8) }
    #expect(decoded == strings(expected["decoded"]).map { Array($0.utf8) })
    let all = try framed.map { Array(try tokenizer.decode($0, skipsSpecial: false) { _ in }.utf8) }
    #expect(all == strings(expected["all"]).map { Array($0.utf8) })
  }

  private func learned(_ text: String, _ size: Int, specials: [String] = [], minimum: Int = 2) throws -> Tokenizer {
    var trainer = BytePairTrainer(vocabularySize: size, specials: specials, minimumCount: minimum)
    try trainer.add(text) { _ in }
    return try trainer.train { _ in }
  }

  @Test func theMostFrequentPairComesFirst() throws {
    // "low" occurs most: "l" and "o" first (of equal pairs that of the earlier tokens), then "lo" and "w".
    let tokenizer = try learned("low low low lower newest", 258, minimum: 1)
    #expect(tokenizer.token(256) == "lo")
    #expect(tokenizer.token(257) == "low")
    #expect(tokenizer.vocabularySize == 258)
  }

  @Test func anyTextComesBack() throws {
    let tokenizer = try learned("the cat and the hat", 270, specials: ["<end>"])
    for text in ["", "the", "\0\n\t", "naïve 日本 😀", "x<end>y", String(repeating: "the cat ", count: 300)] {
      let ids = try tokenizer.encode(text) { _ in }
      #expect(try tokenizer.decode(ids, skipsSpecial: false) { _ in } == text)
    }
    #expect(try tokenizer.encode("<end>") { _ in } == [0])
    #expect(tokenizer.id(of: "<end>") == 0)
    #expect(try tokenizer.decode([0, 1_000_000, -1]) { _ in } == "")
  }

  @Test func aLearnedOneReadsItsOwnFile() throws {
    let tokenizer = try learned("the cat and the hat", 262)
    let again = try Tokenizer(tokenizer.file)
    #expect(try again.encode("that hat") { _ in } == tokenizer.encode("that hat") { _ in })
  }

  @Test func workIsAskedFor() throws {
    struct Stopped: Error {}
    let tokenizer = try learned("the cat and the hat", 262)
    #expect(throws: Stopped.self) { try tokenizer.encode("unseen words here") { _ in throw Stopped() } }
    var trainer = BytePairTrainer(vocabularySize: 300, specials: [], minimumCount: 1)
    try trainer.add("the cat and the hat") { _ in }
    let counted = trainer
    #expect(throws: Stopped.self) { try counted.train { _ in throw Stopped() } }
  }

  @Test(arguments: [
    (#"{}"#, "tokenizer.model is missing"),
    (
      #"{"model": {"type": "WordPiece", "vocab": {}}}"#,
      "tokenizer.model is \"WordPiece\"; byte-pair models (BPE) are read"
    ),
    (#"{"model": {"vocab": {"a": -1}, "merges": []}}"#, "tokenizer.model.vocab must be an id"),
    (#"{"model": {"vocab": {"a": 4294967296}, "merges": []}}"#, "tokenizer.model.vocab must be an id"),
    (
      #"{"model": {"vocab": {"a": 0, "b": 1}, "merges": ["a b"]}}"#,
      "merge 0: \"a\" and \"b\" are no tokens, or join to none"
    ),
    (
      #"{"model": {"vocab": {}, "merges": ["a"]}}"#,
      "tokenizer.model.merges[0] must be two tokens with a space between them"
    ),
    (
      #"{"normalizer": {"type": "NFKC"}, "model": {"vocab": {}, "merges": []}}"#,
      "tokenizer.normalizer: \"NFKC\" is not known"
    ),
    (
      #"{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(?<=a)b"}, "behavior": "Isolated"}, "model": {"vocab": {}, "merges": []}}"#,
      "the pattern \"(?<=a)b\" is not understood: a group that begins with (?<"
    ),
    (#"{"model": {"vocab": {"a": 0, "a": 1}, "merges": []}}"#, "line 1, column 30: the key \"a\" occurs twice"),
  ])
  func mistakesAreNamed(_ text: String, _ message: String) {
    let error = #expect(throws: FormatError.self) { _ = try Tokenizer(Array(text.utf8)) }
    #expect(error?.description == message)
  }

  /// `é` in one scalar and in two are different tokens.
  @Test func equivalentTokensAreDifferent() throws {
    let tokenizer = try Tokenizer(
      Array(
        "{\"model\": {\"vocab\": {\"é\": 0, \"e\": 1, \"\u{301}\": 2, \"e\u{301}\": 3}, \"merges\": [\"e \u{301}\"]}}"
          .utf8))
    #expect(try tokenizer.encode("é") { _ in } == [0])
    #expect(try tokenizer.encode("e\u{301}") { _ in } == [3])
  }
}
