import NNSFormats
import NNSTensor
import NNSTokenizers

extension Builtins {
  /// Tokenizers.
  static let tokenizers: [Builtin] = [
    Builtin(
      "BytePairTokenizer",
      [
        .init("texts"), .init("vocabulary", .int), .init("special", .list, .nil), .init("min_count", .int, .int(2)),
      ],
      "A tokenizer that learns pieces of words from a string or a list of strings: the 256 bytes, the `special` strings, which stand for themselves, and the most frequent pairs up to `vocabulary` tokens. Its members: `encode(text)` gives an i64 tensor, `decode(ids)` a string; `vocabulary_size`, `token(id)`, `id(token)`. `save(tokenizer, path)` writes Hugging Face's tokenizer.json, `load_tokenizer(path)` reads one.",
      examples: [
        (
          "let tokenizer = BytePairTokenizer(\"the cat and the hat\", 300)\nprint(tokenizer.encode(\"the\").shape, tokenizer.decode(tokenizer.encode(\"a hat\")))",
          "(1,) a hat"
        )
      ], isMethod: false
    ) { a, c in .object(TokenizerObject(try TokenizerTraining.run(a, c))) },
    Builtin(
      "load_tokenizer", [.init("path", .string)],
      "The tokenizer of a Hugging Face tokenizer.json with a byte-pair model. A step that is not known is an error; truncation and padding are left out.",
      isMethod: false
    ) { a, c in
      let path = try a.string(0)
      let bytes = try FileOperations.read(path, c)
      // What the parsed file takes at most.
      try c.charge(bytes: 64 * min(bytes.count, .max / 64))
      return .object(
        try FileOperations.parsing(path) {
          let json = try JSON(bytes)
          if let vocabulary = CharacterVocabulary(json) { return CharTokenizerObject(vocabulary) }
          return TokenizerObject(try Tokenizer(bytes, json))
        })
    },
    Builtin(
      "CharTokenizer", [.init("texts")],
      "A tokenizer of single characters: those of a string or a list of strings, in the order of Unicode. Its members: `encode(text)` gives an i64 tensor, `decode(ids)` a string; `vocabulary_size`, `token(id)`, `id(token)`. `save(tokenizer, path)` writes a tokenizer.json, `load_tokenizer(path)` reads one.",
      examples: [
        (
          "let tokenizer = CharTokenizer(\"hello\")\nprint(tokenizer.vocabulary_size, tokenizer.encode(\"hole\"), tokenizer.decode([1, 0]))",
          "4 [1, 3, 2, 0] he"
        )
      ], isMethod: false
    ) { a, c in
      let texts = try TokenizerTraining.texts(a)
      return .object(CharTokenizerObject(try CharacterVocabulary(of: texts) { try c.engine.budget.charge(work: $0) }))
    },
  ]
}

/// Learning a vocabulary within the limits of a run.
private enum TokenizerTraining {
  static func run(_ a: BoundArguments, _ c: Context) throws -> Tokenizer {
    let texts = try texts(a)
    let specials = try specials(a)
    let size = try a.int(1)
    let least = BytePairTrainer.leastSize(specials: specials)
    guard size >= least else {
      throw Mistakes.vocabularySize(size, least: least, argument: a.given.position(of: 1, "vocabulary"))
    }
    guard size < 1 << 24 else { throw a.fault(1, .limit, "a vocabulary has at most \(1 << 24) tokens, found \(size)") }
    var trainer = BytePairTrainer(vocabularySize: size, specials: specials, minimumCount: try a.int(3))
    let check: Tokenizer.Check = { try c.engine.budget.charge(work: $0) }
    for text in texts {
      try trainer.add(text, check: check)
      // Learning takes several times what counting does.
      try c.charge(bytes: trainer.memory * 8)
    }
    return try trainer.train(check: check)
  }

  static func texts(_ a: BoundArguments) throws -> [String] {
    switch a[0] {
    case .string(let text): return [text.string]
    case .list(let list):
      return try list.map { item in
        guard case .string(let text) = item else {
          throw a.fault(0, .type, "the texts must be strings, found \(item.summary)")
        }
        return text.string
      }
    default: throw a.wrong(0, "string or list of strings")
    }
  }

  private static func specials(_ a: BoundArguments) throws -> [String] {
    guard !a[2].isNil else { return [] }
    var specials: [Text] = []
    for item in try a.list(2) {
      guard case .string(let text) = item, text.count > 1, !specials.contains(text) else {
        throw a.fault(
          2, .value, "special tokens are different strings of two characters or more, found \(item.summary)")
      }
      specials.append(text)
    }
    return specials.map(\.string)
  }
}

/// A tokenizer as a value of a script.
final class TokenizerObject: Object {
  let tokenizer: Tokenizer

  init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  override var typeName: String { "tokenizer" }
  override func describe(_ context: Context) -> String { "<tokenizer of \(tokenizer.vocabularySize) tokens>" }
  override func count(_ context: Context) throws -> Int? { tokenizer.vocabularySize }
  override var memberNames: [String] { ["vocabulary_size"] + Self.rows.map(\.name) }

  private static let rows = [encodeRow, decodeRow, tokenRow, idRow]
  private static let encodeRow = ObjectMethod.row(
    "encode", [.init("text", .string), .init("special", .bool, .bool(true))],
    "The ids of a text, i64[T]; with those that the tokenizer puts before and after it, unless `special` is false.")
  private static let decodeRow = ObjectMethod.row(
    "decode", [.init("ids"), .init("skip_special", .bool, .bool(true))],
    "The text of ids: a one-axis tensor or a list; special ones are left out unless `skip_special` is false.")
  private static let tokenRow = ObjectMethod.row(
    "token", [.init("id", .int)], "A token as the vocabulary has it; nil where there is none.")
  private static let idRow = ObjectMethod.row(
    "id", [.init("token", .string)], "The id of a token; nil where there is none.")

  override func member(_ name: String, _ context: Context) throws -> Value? {
    switch name {
    case "vocabulary_size": .int(tokenizer.vocabularySize)
    case "encode": .callable(ObjectMethod(Self.encodeRow) { [self] a, c in try encode(a, c) })
    case "decode": .callable(ObjectMethod(Self.decodeRow) { [self] a, c in try decode(a, c) })
    case "token":
      .callable(
        ObjectMethod(Self.tokenRow) { [self] a, _ in try tokenizer.token(a.int(0)).map { .string($0) } ?? .nil })
    case "id":
      .callable(ObjectMethod(Self.idRow) { [self] a, _ in try tokenizer.id(of: a.string(0)).map { .int($0) } ?? .nil })
    default: nil
    }
  }

  private func encode(_ a: BoundArguments, _ c: Context) throws -> Value {
    let text = try a.string(0)
    try c.charge(bytes: 16 * min(text.utf8.count, .max / 16))
    let ids = try tokenizer.encode(text, isFramed: try a.bool(1)) { try c.engine.budget.charge(work: $0) }
    return .tensor(try c.engine.tensor(ids, [ids.count]))
  }

  private func decode(_ a: BoundArguments, _ c: Context) throws -> Value {
    guard let ids = Conversions.ints(a[0]) else { throw a.wrong(0, "list of ints or tensor of one axis") }
    let longest = 64
    try c.charge(bytes: longest * min(ids.count, .max / longest))
    return .string(
      try tokenizer.decode(ids, skipsSpecial: try a.bool(1)) { try c.engine.budget.charge(work: $0) })
  }
}
