import NNSTokenizers

extension Mistakes {
  static func vocabularySize(_ size: Int, least: Int, argument: Int?) -> Failure {
    Failure(
      .value, "BytePairTokenizer: a vocabulary of \(size) is too small: bytes and special tokens alone are \(least)",
      argument: argument)
  }

  static func unknownCharacter(_ unknown: CharacterVocabulary.UnknownCharacter, known: Int) -> Failure {
    let number = String(unknown.scalar.value, radix: 16, uppercase: true)
    let code = String(repeating: "0", count: max(4 - number.utf8.count, 0)) + number
    return Failure(
      .value,
      "encode: the character \(Display.quoted(String(Character(unknown.scalar)))) (U+\(code)) at position \(unknown.position) is none of the tokenizer's \(known)",
      help: "CharTokenizer(text) knows the characters of the text that it is made from", argument: 0)
  }

  static func unknownCharacterID(_ id: Int, known: Int) -> Failure {
    Failure(.index, "decode: the id \(id) is none of the tokenizer's \(known)", argument: 0)
  }
}
