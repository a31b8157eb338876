@_spi(_Unicode) import Swift

/// What changes a text before it is cut.
indirect enum Normalizer {
  case sequence([Normalizer])
  case composed
  case decomposed
  case lowercase
  case strip(left: Bool, right: Bool)
  case replace(Finder, with: [UInt8])
  case prepend([UInt8])

  func apply(_ text: [UInt8], check: @escaping () throws -> Void) throws -> [UInt8] {
    switch self {
    case .sequence(let steps): return try steps.reduce(text) { try $1.apply($0, check: check) }
    case .composed: return Self.isASCII(text) ? text : Self.normalized(text, composes: true)
    case .decomposed: return Self.isASCII(text) ? text : Self.normalized(text, composes: false)
    case .lowercase:
      // Scalar by scalar: what a final sigma becomes does not hang on its neighbours.
      var out = ""
      for scalar in String(decoding: text, as: UTF8.self).unicodeScalars { out += scalar.properties.lowercaseMapping }
      return Array(out.utf8)
    case .strip(let left, let right):
      var scalars = String(decoding: text, as: UTF8.self).unicodeScalars[...]
      while left, let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
      while right, let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
      return Array(String(scalars).utf8)
    case .replace(let finder, let replacement):
      var out: [UInt8] = []
      var end = 0
      for match in try finder.matches(in: text.span, check: check) {
        out += text[end..<match.lowerBound] + replacement
        end = match.upperBound
      }
      return end == 0 ? text : out + text[end...]
    case .prepend(let beginning): return text.isEmpty ? text : beginning + text
    }
  }

  private static func isASCII(_ text: [UInt8]) -> Bool { text.allSatisfy { $0 < 0x80 } }

  private static func normalized(_ text: [UInt8], composes: Bool) -> [UInt8] {
    let string = String(decoding: text, as: UTF8.self)
    var out = ""
    if composes {
      out.unicodeScalars.append(contentsOf: string._nfc)
    } else {
      out.unicodeScalars.append(contentsOf: string._nfd)
    }
    return Array(out.utf8)
  }
}

/// What cuts a text into the words that are encoded one by one.
indirect enum PreTokenizer {
  case sequence([PreTokenizer])
  /// Pieces are bytes from here on; the model's symbols are.
  case bytes(addsSpace: Bool, pattern: Finder?)
  case split(Finder, Pieces.Behavior, isInverted: Bool)
  case metaspace(replacement: [UInt8], Prepending, splits: Bool)

  /// Where ``metaspace(replacement:_:splits:)`` puts a space that is not there.
  enum Prepending: String {
    case always
    case first
    case never
  }

  /// Whether it leaves bytes rather than characters.
  var givesBytes: Bool {
    switch self {
    case .sequence(let steps): steps.contains(where: \.givesBytes)
    case .bytes: true
    case .split, .metaspace: false
    }
  }

  func apply(_ pieces: inout Pieces, check: @escaping () throws -> Void) throws {
    switch self {
    case .sequence(let steps): for step in steps { try step.apply(&pieces, check: check) }
    case .bytes(let addsSpace, let pattern):
      if addsSpace {
        pieces.rewrite { piece, _, out in
          if let first = piece.first, first != UInt8(ascii: " ") { out.append(UInt8(ascii: " ")) }
          out += piece
        }
      }
      if let pattern { try pieces.split(pattern, .isolated, isInverted: false, check: check) }
    case .split(let finder, let behavior, let isInverted):
      try pieces.split(finder, behavior, isInverted: isInverted, check: check)
    case .metaspace(let replacement, let prepending, let splits):
      pieces.rewrite { piece, isFirst, out in
        let isMarked = piece.starts(with: replacement) || piece.first == UInt8(ascii: " ")
        if prepending == .always || prepending == .first && isFirst, !isMarked { out += replacement }
        for byte in piece { if byte == UInt8(ascii: " ") { out += replacement } else { out.append(byte) } }
      }
      if splits { try pieces.split(.text(replacement), .mergedWithNext, isInverted: false, check: check) }
    }
  }
}

/// What makes a text of tokens again.
indirect enum Decoder {
  case sequence([Decoder])
  case bytes
  case fallback
  case fuse
  case replace(Finder, with: [UInt8])
  case strip(character: [UInt8], start: Int, stop: Int)
  case metaspace(replacement: [UInt8], dropsFirst: Bool)
  case suffix([UInt8])

  func apply(_ tokens: [[UInt8]], check: @escaping () throws -> Void) throws -> [[UInt8]] {
    switch self {
    case .sequence(let steps): return try steps.reduce(tokens) { try $1.apply($0, check: check) }
    case .bytes:
      let bytes = tokens.flatMap { ByteAlphabet.decoded(String(decoding: $0, as: UTF8.self)) }
      return [Array(String(decoding: bytes, as: UTF8.self).utf8)]
    case .fallback: return Self.joinBytes(tokens)
    case .fuse: return [tokens.flatMap { $0 }]
    case .replace(let finder, let replacement):
      let step = Normalizer.replace(finder, with: replacement)
      return try tokens.map { try step.apply($0, check: check) }
    case .strip(let character, let start, let stop):
      return tokens.map { token in
        var rest = token[...]
        for _ in 0..<start where rest.starts(with: character) { rest = rest.dropFirst(character.count) }
        for _ in 0..<stop where rest.reversed().starts(with: character.reversed()) {
          rest = rest.dropLast(character.count)
        }
        return Array(rest)
      }
    case .metaspace(let replacement, let dropsFirst):
      return try tokens.enumerated().map { index, token in
        let space: [UInt8] = index == 0 && dropsFirst ? [] : [UInt8(ascii: " ")]
        return try Normalizer.replace(.text(replacement), with: space).apply(token, check: check)
      }
    case .suffix(let suffix):
      return try tokens.enumerated().map { index, token in
        let space: [UInt8] = index == tokens.count - 1 ? [] : [UInt8(ascii: " ")]
        return try Normalizer.replace(.text(suffix), with: space).apply(token, check: check)
      }
    }
  }

  /// Runs of `<0x41>` become the text of their bytes, each a replacement character where that is none.
  private static func joinBytes(_ tokens: [[UInt8]]) -> [[UInt8]] {
    var joined: [[UInt8]] = []
    var run: [UInt8] = []
    func end(_ run: inout [UInt8], _ joined: inout [[UInt8]]) {
      guard !run.isEmpty else { return }
      if String(validating: run, as: UTF8.self) != nil {
        joined.append(run)
      } else {
        joined += repeatElement(Array("\u{FFFD}".utf8), count: run.count)
      }
      run = []
    }
    for token in tokens {
      if token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">"),
        let byte = UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
      {
        run.append(byte)
      } else {
        end(&run, &joined)
        joined.append(token)
      }
    }
    end(&run, &joined)
    return joined
  }
}
