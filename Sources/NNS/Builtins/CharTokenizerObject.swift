import NNSTensor
import NNSTokenizers

/// A tokenizer of single characters as a value of a script.
final class CharTokenizerObject: Object {
  let vocabulary: CharacterVocabulary

  init(_ vocabulary: CharacterVocabulary) { self.vocabulary = vocabulary }

  private var size: Int { vocabulary.characters.count }

  override var typeName: String { "tokenizer" }
  override func describe(_ context: Context) -> String { "<tokenizer of \(size) characters>" }
  override func count(_ context: Context) throws -> Int? { size }
  override var memberNames: [String] { ["vocabulary_size"] + Self.rows.map(\.name) }

  private static let rows = [encodeRow, decodeRow, tokenRow, idRow]
  private static let encodeRow = ObjectMethod.row(
    "encode", [.init("text", .string)], "The ids of a text, i64[T]; a character that has none is an error.")
  private static let decodeRow = ObjectMethod.row(
    "decode", [.init("ids")], "The text of ids: a one-axis tensor or a list.")
  private static let tokenRow = ObjectMethod.row(
    "token", [.init("id", .int)], "The character of an id; nil where there is none.")
  private static let idRow = ObjectMethod.row(
    "id", [.init("token", .string)], "The id of a character; nil where there is none.")

  override func member(_ name: String, _ context: Context) throws -> Value? {
    switch name {
    case "vocabulary_size": .int(size)
    case "encode": .callable(ObjectMethod(Self.encodeRow) { [self] a, c in try encode(a, c) })
    case "decode": .callable(ObjectMethod(Self.decodeRow) { [self] a, c in try decode(a, c) })
    case "token":
      .callable(
        ObjectMethod(Self.tokenRow) { [self] a, _ in
          let id = try a.int(0)
          return vocabulary.characters.indices.contains(id)
            ? .string(String(Character(vocabulary.characters[id]))) : .nil
        })
    case "id":
      .callable(
        ObjectMethod(Self.idRow) { [self] a, _ in
          let scalars = try a.string(0).unicodeScalars
          guard let scalar = scalars.first, scalars.count == 1 else { return .nil }
          return vocabulary.id(of: scalar).map { .int($0) } ?? .nil
        })
    default: nil
    }
  }

  private func encode(_ a: BoundArguments, _ c: Context) throws -> Value {
    let text = try a.string(0)
    try c.engine.budget.charge(work: text.utf8.count)
    try c.charge(bytes: 16 * min(text.utf8.count, .max / 16))
    let ids: [Int]
    do throws(CharacterVocabulary.UnknownCharacter) {
      ids = try vocabulary.encode(text)
    } catch {
      throw Mistakes.unknownCharacter(error, known: size)
    }
    return .tensor(try c.engine.tensor(ids, [ids.count]))
  }

  private func decode(_ a: BoundArguments, _ c: Context) throws -> Value {
    guard let ids = Conversions.ints(a[0]) else { throw a.wrong(0, "list of ints or tensor of one axis") }
    try c.charge(bytes: 8 * min(ids.count, .max / 8))
    var text = String.UnicodeScalarView()
    for id in ids {
      guard vocabulary.characters.indices.contains(id) else { throw Mistakes.unknownCharacterID(id, known: size) }
      text.append(vocabulary.characters[id])
    }
    return .string(String(text))
  }
}
