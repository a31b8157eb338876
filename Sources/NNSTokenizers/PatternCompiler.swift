import NNSFormats

/// Pattern text → instructions.
struct PatternCompiler {
  private let source: String
  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var depth = 0
  private var foldsCase = false
  private var sets: [ScalarSet] = []

  /// Part of a pattern, not yet laid out.
  private indirect enum Part {
    case scalar(UInt32, folds: Bool)
    case set(Int)
    case sequence([Part])
    case alternatives([Part])
    case repeated(Part, Pattern.Repetition)
    case lookahead(Part, isNegative: Bool)
    case atomic(Part)
  }

  private static let maximumDepth = 50
  private static let maximumSize = 20_000

  init(_ source: String) {
    self.source = source
    scalars = Array(source.unicodeScalars)
  }

  mutating func compile() throws(FormatError) -> (instructions: [Pattern.Instruction], sets: [ScalarSet]) {
    let part = try alternatives()
    guard index == scalars.count else { throw mistake("a ) too many") }
    var instructions: [Pattern.Instruction] = []
    try emit(part, &instructions)
    instructions.append(.accept)
    // An empty set: what fails.
    sets.append(ScalarSet([]))
    instructions.append(.set(sets.count - 1))
    return (instructions, sets)
  }

  private func mistake(_ what: String) -> FormatError {
    let shown = source.unicodeScalars.count > 60 ? "\(String(source.unicodeScalars.prefix(60)))…" : source
    return FormatError("the pattern \(JSON.quote(shown)) is not understood: \(what)")
  }

  // MARK: Parsing

  private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  private mutating func accept(_ text: String) -> Bool {
    guard scalars[index...].starts(with: text.unicodeScalars) else { return false }
    index += text.unicodeScalars.count
    return true
  }

  private mutating func alternatives() throws(FormatError) -> Part {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw mistake("it is nested too deeply") }
    var found = [try sequence()]
    while accept("|") { found.append(try sequence()) }
    return found.count == 1 ? found[0] : .alternatives(found)
  }

  private mutating func sequence() throws(FormatError) -> Part {
    var parts: [Part] = []
    while let scalar = next, scalar != "|", scalar != ")" { parts.append(try repeated(try single())) }
    return .sequence(parts)
  }

  private mutating func repeated(_ part: Part) throws(FormatError) -> Part {
    guard var repetition = try repetition() else { return part }
    if accept("?") { repetition.mode = .lazy } else if accept("+") { repetition.mode = .possessive }
    if case .repeated = part { throw mistake("something is repeated twice") }
    if Self.canBeEmpty(part), repetition.most == .max { throw mistake("something empty is repeated") }
    guard case .scalar(let value, let folds) = part else { return .repeated(part, repetition) }
    sets.append(ScalarSet([.range(value...value)], foldsCase: folds))
    return .repeated(.set(sets.count - 1), repetition)
  }

  private mutating func repetition() throws(FormatError) -> Pattern.Repetition? {
    if accept("*") { return .init(least: 0, most: .max, mode: .greedy) }
    if accept("+") { return .init(least: 1, most: .max, mode: .greedy) }
    if accept("?") { return .init(least: 0, most: 1, mode: .greedy) }
    guard next == "{" else { return nil }
    index += 1
    let least = number()
    var most = least
    if accept(",") { most = number() ?? .max }
    guard accept("}"), let most, let least = least ?? (most < .max ? 0 : nil), least <= most else {
      throw mistake("a repetition is not {n}, {n,} or {n,m}")
    }
    return .init(least: least, most: most, mode: .greedy)
  }

  /// At most 1,000: a greater number reads as none.
  private mutating func number() -> Int? {
    var value: Int?
    while let digit = next?.properties.numericType == .decimal ? next.flatMap({ Int(String($0)) }) : nil {
      guard (value ?? 0) <= 100 else { return nil }
      value = (value ?? 0) * 10 + digit
      index += 1
    }
    return value
  }

  private mutating func single() throws(FormatError) -> Part {
    if accept("(") { return try group() }
    if accept("[") { return try bracketed() }
    if accept(".") { return set([.range(0x0A...0x0A)], isNegated: true) }
    if next == "\\" {
      switch try escape() {
      case .set(let item): return set([item])
      case .scalar(let value): return .scalar(value, folds: foldsCase)
      }
    }
    guard let scalar = next, !"^$*+?{}])".unicodeScalars.contains(scalar) else {
      throw mistake("\(JSON.quote(next.map(String.init) ?? "")) at position \(index)")
    }
    index += 1
    return .scalar(scalar.value, folds: foldsCase)
  }

  private mutating func group() throws(FormatError) -> Part {
    let outer = foldsCase
    defer { foldsCase = outer }
    var wrap: (Part) -> Part = { $0 }
    if accept("?:") {
    } else if accept("?i:") {
      foldsCase = true
    } else if accept("?=") {
      wrap = { .lookahead($0, isNegative: false) }
    } else if accept("?!") {
      wrap = { .lookahead($0, isNegative: true) }
    } else if accept("?>") {
      wrap = { .atomic($0) }
    } else if next == "?" {
      throw mistake("a group that begins with (?\(index + 1 < scalars.count ? String(scalars[index + 1]) : "")")
    }
    let part = try alternatives()
    guard accept(")") else { throw mistake("a ) is missing") }
    return wrap(part)
  }

  private enum Escape {
    case scalar(UInt32)
    case set(ScalarSet.Item)
  }

  private mutating func escape() throws(FormatError) -> Escape {
    index += 1
    guard let scalar = next else { throw mistake("it ends in \\") }
    index += 1
    switch scalar {
    case "n": return .scalar(0x0A)
    case "r": return .scalar(0x0D)
    case "t": return .scalar(0x09)
    case "f": return .scalar(0x0C)
    case "v": return .scalar(0x0B)
    case "s", "S": return .set(.property(.space, isNegated: scalar == "S"))
    case "w", "W": return .set(.property(.word, isNegated: scalar == "W"))
    case "d", "D":
      guard let digits = ScalarSet.Property(named: "Nd") else { break }
      return .set(.property(digits, isNegated: scalar == "D"))
    case "p", "P": return .set(try property(isNegated: scalar == "P"))
    case "x", "u": return .scalar(try hexadecimal())
    default: if !scalar.properties.isAlphabetic, scalar.properties.numericType == nil { return .scalar(scalar.value) }
    }
    throw mistake("\\\(scalar)")
  }

  private mutating func property(isNegated: Bool) throws(FormatError) -> ScalarSet.Item {
    var name = ""
    if accept("{") {
      while let scalar = next, scalar != "}" {
        name.unicodeScalars.append(scalar)
        index += 1
      }
      guard accept("}") else { throw mistake("a } is missing") }
    } else if let scalar = next {
      name = String(scalar)
      index += 1
    }
    let isInverse = name.hasPrefix("^")
    guard let property = ScalarSet.Property(named: isInverse ? name.dropFirst() : name[...]) else {
      throw mistake("\\p{\(name)}")
    }
    return .property(property, isNegated: isNegated != isInverse)
  }

  /// `41`, `0041` or `{1F600}`.
  private mutating func hexadecimal() throws(FormatError) -> UInt32 {
    let isBraced = accept("{")
    let count = isBraced ? 6 : scalars[index - 1] == "u" ? 4 : 2
    var digits = ""
    while digits.utf8.count < count, let scalar = next, scalar.isASCII, Character(scalar).isHexDigit {
      digits.unicodeScalars.append(scalar)
      index += 1
    }
    guard !isBraced || accept("}"), let value = UInt32(digits, radix: 16), Unicode.Scalar(value) != nil else {
      throw mistake("a character by its number")
    }
    return value
  }

  private mutating func bracketed() throws(FormatError) -> Part {
    let isNegated = accept("^")
    var items: [ScalarSet.Item] = []
    while !accept("]") {
      guard let item = try bracketItem() else { throw mistake("a ] is missing") }
      items.append(item)
    }
    guard !items.isEmpty else { throw mistake("an empty []") }
    return set(items, isNegated: isNegated)
  }

  private mutating func bracketItem() throws(FormatError) -> ScalarSet.Item? {
    guard let first = try bracketScalar() else { return nil }
    guard case .scalar(let low) = first else {
      if case .set(let item) = first { return item }
      return nil
    }
    guard next == "-", index + 1 < scalars.count, scalars[index + 1] != "]" else { return .range(low...low) }
    index += 1
    guard case .scalar(let high)? = try bracketScalar(), low <= high else { throw mistake("a range in []") }
    return .range(low...high)
  }

  private mutating func bracketScalar() throws(FormatError) -> Escape? {
    guard let scalar = next else { return nil }
    if scalar == "\\" { return try escape() }
    guard scalar != "[", !(scalar == "&" && scalars[index...].starts(with: "&&".unicodeScalars)) else {
      throw mistake("sets within sets")
    }
    index += 1
    return .scalar(scalar.value)
  }

  private mutating func set(_ items: [ScalarSet.Item], isNegated: Bool = false) -> Part {
    sets.append(ScalarSet(items, isNegated: isNegated, foldsCase: foldsCase))
    return .set(sets.count - 1)
  }

  private static func canBeEmpty(_ part: Part) -> Bool {
    switch part {
    case .scalar, .set: false
    case .sequence(let parts): parts.allSatisfy(canBeEmpty)
    case .alternatives(let parts): parts.contains(where: canBeEmpty)
    case .repeated(let part, let repetition): repetition.least == 0 || canBeEmpty(part)
    case .lookahead: true
    case .atomic(let part): canBeEmpty(part)
    }
  }

  // MARK: Instructions

  private mutating func emit(_ part: Part, _ out: inout [Pattern.Instruction]) throws(FormatError) {
    guard out.count < Self.maximumSize else { throw mistake("it is too long") }
    switch part {
    case .scalar(let value, let folds):
      let folded = CaseFolding.folded(value)
      let hasCases = CaseFolding.upper(value) != CaseFolding.lower(value)
      out.append(folds && hasCases ? .folded(folded) : .scalar(value))
    case .set(let set): out.append(.set(set))
    case .sequence(let parts): for part in parts { try emit(part, &out) }
    case .alternatives(let parts):
      var jumps: [Int] = []
      for part in parts.dropLast() {
        let split = out.count
        out.append(.accept)
        try emit(part, &out)
        jumps.append(out.count)
        out.append(.accept)
        out[split] = .split(split + 1, out.count)
      }
      if let last = parts.last { try emit(last, &out) }
      for jump in jumps { out[jump] = .jump(out.count) }
    case .repeated(let part, let repetition): try emit(part, repetition, &out)
    case .lookahead(let part, let isNegative):
      let start = try emitEnclosed(part, &out)
      out[start] = .lookahead(end: out.count, isNegative: isNegative)
    case .atomic(let part):
      let start = try emitEnclosed(part, &out)
      out[start] = .atomic(end: out.count)
    }
  }

  /// Room for an instruction, the part, and its end; gives where the room is.
  private mutating func emitEnclosed(_ part: Part, _ out: inout [Pattern.Instruction]) throws(FormatError) -> Int {
    let start = out.count
    out.append(.accept)
    try emit(part, &out)
    out.append(.accept)
    return start
  }

  private mutating func emit(
    _ part: Part, _ repetition: Pattern.Repetition, _ out: inout [Pattern.Instruction]
  ) throws(FormatError) {
    if case .set(let set) = part {
      out.append(.repeatedSet(set, repetition))
      return
    }
    if repetition.mode == .possessive {
      var greedy = repetition
      greedy.mode = .greedy
      let start = try emitEnclosed(.repeated(part, greedy), &out)
      out[start] = .atomic(end: out.count)
      return
    }
    let isLazy = repetition.mode == .lazy
    for _ in 0..<repetition.least { try emit(part, &out) }
    if repetition.most == .max {
      let split = out.count
      out.append(.accept)
      try emit(part, &out)
      out.append(.jump(split))
      out[split] = isLazy ? .split(out.count, split + 1) : .split(split + 1, out.count)
      return
    }
    var splits: [Int] = []
    for _ in repetition.least..<repetition.most {
      splits.append(out.count)
      out.append(.accept)
      try emit(part, &out)
    }
    for split in splits { out[split] = isLazy ? .split(out.count, split + 1) : .split(split + 1, out.count) }
  }
}
