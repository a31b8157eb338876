import NNSFormats

extension Tokenizer {
  /// Reads a `tokenizer.json`.
  ///
  /// - Throws: ``FormatError`` for what is malformed, and for steps that are not known, rather than other ids.
  public convenience init(_ file: [UInt8]) throws { try self.init(file, JSON(file)) }

  /// Reads a `tokenizer.json` that is parsed already.
  public convenience init(_ file: [UInt8], _ parsed: JSON) throws {
    let json = JSONField(parsed, "tokenizer")
    let preTokenizer = try json.optional("pre_tokenizer").map { try PreTokenizer($0) }
    let model = try BytePairModel(
      try json.member("model"), symbols: preTokenizer?.givesBytes ?? false ? .bytes : .scalars)
    let decoder = try json.optional("decoder").map { try Decoder($0) }
    try self.init(
      file: file, normalizer: try json.optional("normalizer").flatMap { try Normalizer($0) },
      preTokenizer: preTokenizer, model: model,
      template: try json.optional("post_processor").map { try Template($0) } ?? Template(), decoder: decoder,
      added: try json.optional("added_tokens")?.elements().map { try AddedToken($0) } ?? [])
  }
}

/// A value in a file with the way to it, for messages.
struct JSONField {
  let value: JSON
  let path: String

  init(_ value: JSON, _ path: String) {
    self.value = value
    self.path = path
  }

  func error(_ expected: String) -> FormatError { FormatError("\(path) must be \(expected)") }

  /// A member; `nil` where it is missing or null.
  func optional(_ key: String) throws(FormatError) -> JSONField? {
    guard case .object = value else { throw error("an object") }
    guard let member = value[key], member != .null else { return nil }
    return JSONField(member, "\(path).\(key)")
  }

  func member(_ key: String) throws(FormatError) -> JSONField {
    guard let member = try optional(key) else { throw FormatError("\(path).\(key) is missing") }
    return member
  }

  func elements() throws(FormatError) -> [JSONField] {
    guard case .array(let items) = value else { throw error("an array") }
    return items.enumerated().map { JSONField($1, "\(path)[\($0)]") }
  }

  func string() throws(FormatError) -> String {
    guard case .string(let text) = value else { throw error("a string") }
    return text
  }

  func bytes() throws(FormatError) -> [UInt8] { Array(try string().utf8) }

  /// An id: not negative, and less than 2³¹.
  func id() throws(FormatError) -> Int32 {
    guard case .int(let number) = value, number >= 0, let id = Int32(exactly: number) else { throw error("an id") }
    return id
  }

  func count() throws(FormatError) -> Int {
    guard case .int(let number) = value, number >= 0 else { throw error("a count") }
    return number
  }

  func bool(_ key: String, default: Bool = false) throws(FormatError) -> Bool {
    guard let field = try optional(key) else { return `default` }
    guard case .bool(let flag) = field.value else { throw field.error("true or false") }
    return flag
  }

  /// The name of the step that it describes.
  func type() throws(FormatError) -> String { try member("type").string() }

  func unknownType(_ type: String) -> FormatError { FormatError("\(path): \(JSON.quote(type)) is not known") }

  /// A string or pattern: `{"String": …}` or `{"Regex": …}`.
  func finder() throws(FormatError) -> Finder {
    if let text = try optional("String") { return .text(try text.bytes()) }
    if let pattern = try optional("Regex") { return .pattern(try Pattern(try pattern.string())) }
    throw error("{\"String\": …} or {\"Regex\": …}")
  }
}

extension Tokenizer.AddedToken {
  init(_ json: JSONField) throws(FormatError) {
    token = AddedTokens.Token(
      id: try json.member("id").id(), content: try json.member("content").bytes(),
      isSingleWord: try json.bool("single_word"), stripsLeft: try json.bool("lstrip"),
      stripsRight: try json.bool("rstrip"))
    isSpecial = try json.bool("special")
    isNormalized = try json.bool("normalized")
  }
}

extension Tokenizer.Template {
  /// From a post-processor.
  init(_ json: JSONField) throws(FormatError) {
    switch try json.type() {
    case "ByteLevel": self.init()
    case "Sequence":
      self.init()
      for step in try json.member("processors").elements() {
        let inner = try Tokenizer.Template(step)
        before = inner.before + before
        after += inner.after
      }
    case "RobertaProcessing", "BertProcessing":
      func id(_ key: String) throws(FormatError) -> Int32 {
        guard let id = try json.member(key).elements().last else { throw json.error("a token and its id") }
        return try id.id()
      }
      self.init(before: [try id("cls")], after: [try id("sep")])
    case "TemplateProcessing":
      self.init()
      var isBehind = false
      for item in try json.member("single").elements() {
        if let special = try item.optional("SpecialToken") {
          let name = try special.member("id").string()
          let ids = try json.member("special_tokens").member(name).member("ids").elements()
          for id in ids { if isBehind { after.append(try id.id()) } else { before.append(try id.id()) } }
        } else if try item.optional("Sequence") != nil, !isBehind {
          isBehind = true
        } else {
          throw item.error("a SpecialToken or the only Sequence")
        }
      }
      if !isBehind { throw json.error("a template with a Sequence") }
    case let type: throw json.unknownType(type)
    }
  }
}

extension Normalizer {
  /// `nil` for one that does nothing.
  init?(_ json: JSONField) throws(FormatError) {
    switch try json.type() {
    case "Sequence":
      var steps: [Normalizer] = []
      for step in try json.member("normalizers").elements() {
        if let step = try Normalizer(step) { steps.append(step) }
      }
      self = .sequence(steps)
    case "NFC": self = .composed
    case "NFD": self = .decomposed
    case "Lowercase": self = .lowercase
    case "Strip":
      self = .strip(
        left: try json.bool("strip_left", default: true), right: try json.bool("strip_right", default: true))
    case "Replace": self = .replace(try json.member("pattern").finder(), with: try json.member("content").bytes())
    case "Prepend": self = .prepend(try json.member("prepend").bytes())
    case let type: throw json.unknownType(type)
    }
  }
}

extension PreTokenizer {
  init(_ json: JSONField) throws(FormatError) {
    switch try json.type() {
    case "Sequence":
      var steps: [PreTokenizer] = []
      for step in try json.member("pretokenizers").elements() {
        // What comes after would see the characters that stand for bytes.
        if steps.last?.givesBytes ?? false { throw step.error("before the step ByteLevel") }
        steps.append(try PreTokenizer(step))
      }
      self = .sequence(steps)
    case "ByteLevel":
      self = .bytes(
        addsSpace: try json.bool("add_prefix_space", default: true),
        pattern: try json.bool("use_regex", default: true) ? .pattern(try Pattern(Self.words)) : nil)
    case "Split":
      guard let behavior = Pieces.Behavior(rawValue: try json.member("behavior").string()) else {
        throw json.error("a Split with a known behavior")
      }
      self = .split(try json.member("pattern").finder(), behavior, isInverted: try json.bool("invert"))
    case "Metaspace":
      let scheme = try json.optional("prepend_scheme")?.string() ?? "always"
      guard let prepending = Prepending(rawValue: scheme) else { throw json.error("a Metaspace with a known scheme") }
      self = .metaspace(
        replacement: try json.member("replacement").bytes(), prepending, splits: try json.bool("split", default: true))
    case "Whitespace": self = .split(.pattern(try Pattern(#"\w+|[^\w\s]+"#)), .removed, isInverted: true)
    case "WhitespaceSplit": self = .split(.pattern(try Pattern(#"\s+"#)), .removed, isInverted: false)
    case "Digits":
      let behavior: Pieces.Behavior = try json.bool("individual_digits") ? .isolated : .contiguous
      self = .split(.pattern(try Pattern(#"\p{N}"#)), behavior, isInverted: false)
    case "Punctuation":
      guard let behavior = Pieces.Behavior(rawValue: try json.optional("behavior")?.string() ?? "Isolated") else {
        throw json.error("a Punctuation with a known behavior")
      }
      self = .split(.pattern(try Pattern(#"[!-/:-@\[-`{-~\p{P}]"#)), behavior, isInverted: false)
    case let type: throw json.unknownType(type)
    }
  }

  /// Words with the space before them, numbers, runs of signs, and what is left of white space (Radford et al., 2019).
  static let words = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
}

extension Decoder {
  init(_ json: JSONField) throws(FormatError) {
    switch try json.type() {
    case "Sequence":
      var steps: [Decoder] = []
      for step in try json.member("decoders").elements() { steps.append(try Decoder(step)) }
      self = .sequence(steps)
    case "ByteLevel": self = .bytes
    case "ByteFallback": self = .fallback
    case "Fuse": self = .fuse
    case "Replace": self = .replace(try json.member("pattern").finder(), with: try json.member("content").bytes())
    case "Strip":
      self = .strip(
        character: try json.member("content").bytes(), start: try json.member("start").count(),
        stop: try json.member("stop").count())
    case "Metaspace":
      self = .metaspace(
        replacement: try json.member("replacement").bytes(),
        dropsFirst: try json.optional("prepend_scheme")?.string() != "never")
    case "BPEDecoder": self = .suffix(try json.optional("suffix")?.bytes() ?? Array("</w>".utf8))
    case let type: throw json.unknownType(type)
    }
  }
}

extension BytePairModel {
  init(_ json: JSONField, symbols: Symbols) throws(FormatError) {
    if let type = try json.optional("type")?.string(), type != "BPE" {
      throw FormatError("\(json.path) is \(JSON.quote(type)); byte-pair models (BPE) are read")
    }
    if let dropout = try json.optional("dropout"), dropout.value != .int(0), dropout.value != .float(0) {
      throw FormatError("\(dropout.path): encoding at random is not supported")
    }
    guard case .object(let members) = try json.member("vocab").value else { throw json.error("a model with a vocab") }
    var vocabulary = ByteTable(capacity: members.count)
    for member in members {
      vocabulary.insert(Array(member.key.utf8), try JSONField(member.value, "\(json.path).vocab").id())
    }
    var merges: [(String, String)] = []
    for merge in try json.member("merges").elements() { merges.append(try Self.merge(merge)) }
    try self.init(
      vocabulary: vocabulary, merges: merges, symbols: symbols,
      options: Options(
        unknown: try json.optional("unk_token")?.string(), fusesUnknown: try json.bool("fuse_unk"),
        fallsBackToBytes: try json.bool("byte_fallback"), ignoresMerges: try json.bool("ignore_merges"),
        prefix: try json.optional("continuing_subword_prefix")?.string() ?? "",
        suffix: try json.optional("end_of_word_suffix")?.string() ?? ""))
  }

  /// `"a b"` or `["a", "b"]`.
  private static func merge(_ json: JSONField) throws(FormatError) -> (String, String) {
    if case .string(let text) = json.value {
      let parts = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw json.error("two tokens with a space between them") }
      return (String(Substring(parts[0])), String(Substring(parts[1])))
    }
    let parts = try json.elements()
    guard parts.count == 2 else { throw json.error("two tokens") }
    return (try parts[0].string(), try parts[1].string())
  }
}
