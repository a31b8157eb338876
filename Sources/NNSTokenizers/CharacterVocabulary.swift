import NNSFormats

/// Characters and their ids: text ↔ ids, one for each Unicode scalar.
public struct CharacterVocabulary {
  /// In the order of their ids.
  public let characters: [Unicode.Scalar]
  private let ids: [Unicode.Scalar: Int]

  /// A character that has no id.
  public struct UnknownCharacter: Error {
    /// The character.
    public let scalar: Unicode.Scalar
    /// Its place in the text, counted in characters.
    public let position: Int
  }

  /// Characters in the order of their ids, each once.
  private init(characters: [Unicode.Scalar]) {
    self.characters = characters
    ids = Dictionary(zip(characters, 0...), uniquingKeysWith: { first, _ in first })
  }

  /// All characters of some texts, in the order of their numbers.
  ///
  /// - Parameter check: asked now and then.
  public init(of texts: [String], check: Tokenizer.Check) throws {
    var found: Set<Unicode.Scalar> = []
    for text in texts {
      try check(text.utf8.count)
      found.formUnion(text.unicodeScalars)
    }
    self.init(characters: found.sorted())
  }

  /// What ``file`` wrote; `nil` for any other tokenizer.
  public init?(_ json: JSON) {
    guard let model = json["model"], model["type"] == .string("BPE"), model["merges"] == .array([]),
      json["normalizer"] == .null, json["pre_tokenizer"] == .null, json["post_processor"] == .null,
      json["decoder"]?["type"] == .string("Fuse"), json["added_tokens"] == .array([]),
      case .object(let members)? = model["vocab"]
    else { return nil }
    var characters = [Unicode.Scalar?](repeating: nil, count: members.count)
    for member in members {
      let scalars = member.key.unicodeScalars
      guard let scalar = scalars.first, scalars.count == 1, case .int(let id) = member.value,
        characters.indices.contains(id), characters[id] == nil
      else { return nil }
      characters[id] = scalar
    }
    self.init(characters: characters.compactMap(\.self))
  }

  /// A Hugging Face `tokenizer.json`: a byte-pair model that merges nothing.
  public var file: [UInt8] {
    get throws(FormatError) {
      let vocabulary = characters.enumerated().map { JSON.Member(String(Character($1)), .int($0)) }
      let none = ["truncation", "padding", "normalizer", "pre_tokenizer", "post_processor"]
      let json = JSON.object(
        [.init("version", .string("1.0")), .init("added_tokens", .array([]))] + none.map { .init($0, .null) } + [
          .init("decoder", .object([.init("type", .string("Fuse"))])),
          .init(
            "model",
            .object([
              .init("type", .string("BPE")), .init("dropout", .null), .init("unk_token", .null),
              .init("continuing_subword_prefix", .null), .init("end_of_word_suffix", .null),
              .init("fuse_unk", .bool(false)), .init("byte_fallback", .bool(false)),
              .init("vocab", .object(vocabulary)), .init("merges", .array([])),
            ])),
        ])
      return Array(try json.text(indent: 2).utf8)
    }
  }

  /// The id of a character; `nil` where it has none.
  public func id(of character: Unicode.Scalar) -> Int? { ids[character] }

  /// The ids of a text.
  ///
  /// - Throws: ``UnknownCharacter`` for the first one without an id.
  public func encode(_ text: String) throws(UnknownCharacter) -> [Int] {
    var found: [Int] = []
    found.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard let id = ids[scalar] else { throw UnknownCharacter(scalar: scalar, position: found.count) }
      found.append(id)
    }
    return found
  }
}
