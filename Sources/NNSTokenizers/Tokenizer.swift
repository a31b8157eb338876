import NNSFormats

/// A byte-pair tokenizer as Hugging Face's `tokenizer.json` describes it: text ↔ ids.
///
/// The steps: tokens that stand in the text are found, the rest is normalised, cut into words and encoded, and the ids
/// are put into a template. Truncation and padding, which a file may ask for too, are left to the caller.
public final class Tokenizer {
  /// What long work asks now and then, with the amount done since: what it throws ends the work.
  public typealias Check = (_ work: Int) throws -> Void

  /// The file that it was read from.
  public let file: [UInt8]
  let normalizer: Normalizer?
  let preTokenizer: PreTokenizer?
  var model: BytePairModel
  let template: Template
  let decoder: Decoder?
  /// Found in the text as it is, and in the normalised one.
  let plainTokens: AddedTokens
  let normalizedTokens: AddedTokens
  /// Every token's text.
  private let texts: [Int32: [UInt8]]
  private let specials: Set<Int32>
  private let ids: ByteTable

  /// Ids around those of a text.
  struct Template {
    var before: [Int32] = []
    var after: [Int32] = []
  }

  /// A token that is no part of the model's vocabulary, or stands out in it.
  struct AddedToken {
    var token: AddedTokens.Token
    var isSpecial: Bool
    var isNormalized: Bool
  }

  init(
    file: [UInt8], normalizer: Normalizer?, preTokenizer: PreTokenizer?, model: BytePairModel, template: Template,
    decoder: Decoder?, added: [AddedToken]
  ) throws {
    self.file = file
    self.normalizer = normalizer
    self.preTokenizer = preTokenizer
    self.model = model
    self.template = template
    self.decoder = decoder
    var texts: [Int32: [UInt8]] = [:]
    var ids = ByteTable(capacity: model.vocabulary.count + added.count)
    texts.reserveCapacity(model.vocabulary.count)
    for entry in 0..<model.vocabulary.count {
      let id = model.vocabulary.values[entry]
      texts[id] = Array(model.vocabulary.key(entry))
      ids.insert(Array(model.vocabulary.key(entry)), id)
    }
    for token in added.map(\.token) {
      texts[token.id] = token.content
      ids.insert(token.content, token.id)
    }
    self.texts = texts
    self.ids = ids
    specials = Set(added.filter(\.isSpecial).map(\.token.id))
    plainTokens = AddedTokens(added.filter { !$0.isNormalized }.map(\.token))
    normalizedTokens = AddedTokens(
      try added.filter(\.isNormalized).map { added in
        var token = added.token
        if let normalizer { token.content = try normalizer.apply(token.content) {} }
        return token
      })
  }

  /// How many ids there are: one more than the largest.
  public var vocabularySize: Int { texts.keys.max().map { Int($0) + 1 } ?? 0 }

  /// The text of a token; `nil` where no token has the id.
  public func token(_ id: Int) -> String? {
    Int32(exactly: id).flatMap { texts[$0] }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The id of a token; `nil` where there is none of that text.
  public func id(of token: String) -> Int? { ids.value(of: Array(token.utf8)).map(Int.init) }

  /// The ids of a text.
  ///
  /// - Parameter isFramed: whether the template's tokens, such as those for beginning and end, are added.
  /// - Throws: what `check` throws.
  public func encode(_ text: String, isFramed: Bool = true, check: @escaping Check) throws -> [Int] {
    let bytes = Array(text.utf8)
    var ids = isFramed ? template.before : []
    for part in plainTokens.parts(of: bytes.span) {
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range):
        try encodeText(Array(bytes[range]), isBeginning: range.lowerBound == 0, into: &ids, check: check)
      }
    }
    if isFramed { ids += template.after }
    return ids.map(Int.init)
  }

  private func encodeText(
    _ text: [UInt8], isBeginning: Bool, into ids: inout [Int32], check: @escaping Check
  ) throws {
    let pause = { try check(1 << 16) }
    let normalized = try normalizer?.apply(text, check: pause) ?? text
    for part in normalizedTokens.parts(of: normalized.span) {
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range):
        var pieces = Pieces(
          text: range.count == normalized.count ? normalized : Array(normalized[range]), ranges: [0..<range.count],
          isBeginning: isBeginning && range.lowerBound == 0)
        try preTokenizer?.apply(&pieces, check: pause)
        for piece in pieces.ranges where !piece.isEmpty {
          try model.encode(pieces.text.span.extracting(piece), into: &ids, check: check)
        }
      }
    }
  }

  /// The text of ids; those that no token has are passed over.
  ///
  /// - Parameter skipsSpecial: whether tokens such as those for beginning and end are left out.
  public func decode(_ ids: [Int], skipsSpecial: Bool = true, check: @escaping Check) throws -> String {
    try check(8 * ids.count)
    let tokens = ids.compactMap { id -> [UInt8]? in
      guard let id = Int32(exactly: id), !(skipsSpecial && specials.contains(id)) else { return nil }
      return texts[id]
    }
    guard let decoder else { return tokens.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ") }
    let parts = try decoder.apply(tokens) { try check(1 << 16) }
    return String(decoding: parts.flatMap { $0 }, as: UTF8.self)
  }
}
