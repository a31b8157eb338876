/// A set of Unicode scalars as a pattern writes it: `\p{L}`, `[^\s\p{N}]`, `.`.
struct ScalarSet: Sendable {
  /// Something that a set is the union of.
  enum Item: Sendable {
    case range(ClosedRange<UInt32>)
    case property(Property, isNegated: Bool)
  }

  /// What `\p{…}` and the escapes name.
  enum Property: Sendable {
    case categories(UInt32)
    case space
    case word
  }

  private let items: [Item]
  private let isNegated: Bool
  private let foldsCase: Bool
  /// The first 128 scalars, one bit each.
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  init(_ items: [Item], isNegated: Bool = false, foldsCase: Bool = false) {
    self.items = items
    self.isNegated = isNegated
    self.foldsCase = foldsCase
    for value in UInt32(0)..<128 where decides(value) {
      if value < 64 { low |= 1 << UInt64(value) } else { high |= 1 << UInt64(value - 64) }
    }
  }

  @inline(__always)
  func contains(_ value: UInt32) -> Bool {
    if value < 64 { return low >> UInt64(value) & 1 != 0 }
    if value < 128 { return high >> UInt64(value - 64) & 1 != 0 }
    return decides(value)
  }

  private func decides(_ value: UInt32) -> Bool {
    if has(value) { return !isNegated }
    if foldsCase {
      for other in [CaseFolding.lower(value), CaseFolding.upper(value)] where other != value && has(other) {
        return !isNegated
      }
    }
    return isNegated
  }

  private func has(_ value: UInt32) -> Bool {
    for item in items {
      switch item {
      case .range(let range): if range.contains(value) { return true }
      case .property(let property, let isNegated): if property.has(value) != isNegated { return true }
      }
    }
    return false
  }
}

extension ScalarSet.Property {
  func has(_ value: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(value) else { return false }
    switch self {
    case .categories(let mask): return mask >> scalar.properties.generalCategory.bit & 1 != 0
    case .space: return scalar.properties.isWhitespace
    case .word:
      let properties = scalar.properties
      return properties.isAlphabetic || properties.isJoinControl
        || Self.wordCategories >> properties.generalCategory.bit & 1 != 0
    }
  }

  /// A general category or a group of them by its short name: `L`, `Lu`.
  init?(named name: Substring) {
    if name == "White_Space" || name == "space" {
      self = .space
      return
    }
    var mask: UInt32 = 0
    for (category, short) in Unicode.GeneralCategory.shortNames where short.hasPrefix(name) {
      mask |= 1 << category.bit
    }
    guard mask != 0, 1...2 ~= name.count else { return nil }
    self = .categories(mask)
  }

  /// What `\w` has beside alphabetic scalars (Unicode Technical Standard 18): marks, decimal numbers and connectors.
  private static let wordCategories = ["M", "Nd", "Pc"].reduce(UInt32(0)) { mask, name in
    if case .categories(let more)? = ScalarSet.Property(named: name[...]) { mask | more } else { mask }
  }
}

extension Unicode.GeneralCategory {
  /// Every category with its short name.
  fileprivate static let shortNames: [(category: Self, name: String)] = [
    (.uppercaseLetter, "Lu"), (.lowercaseLetter, "Ll"), (.titlecaseLetter, "Lt"), (.modifierLetter, "Lm"),
    (.otherLetter, "Lo"), (.nonspacingMark, "Mn"), (.spacingMark, "Mc"), (.enclosingMark, "Me"),
    (.decimalNumber, "Nd"), (.letterNumber, "Nl"), (.otherNumber, "No"), (.connectorPunctuation, "Pc"),
    (.dashPunctuation, "Pd"), (.openPunctuation, "Ps"), (.closePunctuation, "Pe"), (.initialPunctuation, "Pi"),
    (.finalPunctuation, "Pf"), (.otherPunctuation, "Po"), (.mathSymbol, "Sm"), (.currencySymbol, "Sc"),
    (.modifierSymbol, "Sk"), (.otherSymbol, "So"), (.spaceSeparator, "Zs"), (.lineSeparator, "Zl"),
    (.paragraphSeparator, "Zp"), (.control, "Cc"), (.format, "Cf"), (.surrogate, "Cs"), (.privateUse, "Co"),
    (.unassigned, "Cn"),
  ]

  /// A bit of its own.
  fileprivate var bit: UInt32 {
    switch self {
    case .uppercaseLetter: 0
    case .lowercaseLetter: 1
    case .titlecaseLetter: 2
    case .modifierLetter: 3
    case .otherLetter: 4
    case .nonspacingMark: 5
    case .spacingMark: 6
    case .enclosingMark: 7
    case .decimalNumber: 8
    case .letterNumber: 9
    case .otherNumber: 10
    case .connectorPunctuation: 11
    case .dashPunctuation: 12
    case .openPunctuation: 13
    case .closePunctuation: 14
    case .initialPunctuation: 15
    case .finalPunctuation: 16
    case .otherPunctuation: 17
    case .mathSymbol: 18
    case .currencySymbol: 19
    case .modifierSymbol: 20
    case .otherSymbol: 21
    case .spaceSeparator: 22
    case .lineSeparator: 23
    case .paragraphSeparator: 24
    case .control: 25
    case .format: 26
    case .surrogate: 27
    case .privateUse: 28
    case .unassigned: 29
    @unknown default: 29
    }
  }
}

/// Upper and lower case of single scalars; one whose other case is several scalars has none.
enum CaseFolding {
  static func lower(_ value: UInt32) -> UInt32 { single(value) { $0.lowercaseMapping } }
  static func upper(_ value: UInt32) -> UInt32 { single(value) { $0.uppercaseMapping } }

  /// The same for scalars that differ in case only.
  static func folded(_ value: UInt32) -> UInt32 { lower(upper(value)) }

  private static func single(_ value: UInt32, _ map: (Unicode.Scalar.Properties) -> String) -> UInt32 {
    guard let scalar = Unicode.Scalar(value) else { return value }
    let mapped = map(scalar.properties).unicodeScalars
    guard let first = mapped.first, mapped.count == 1 else { return value }
    return first.value
  }
}
