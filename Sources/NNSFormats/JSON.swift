import NNSTensor

/// A JSON value (RFC 8259). Ints and floats are kept apart: `1` is an int, `1.0` and `1e0` are floats.
public enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case array([JSON])
  /// Members in the order of the text.
  case object([Member])

  /// A name and its value.
  public struct Member: Equatable, Sendable {
    /// The name.
    public var key: String
    /// The value.
    public var value: JSON

    /// A name and its value.
    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// How deep arrays and objects may be nested.
  public static let maximumDepth = 200

  /// Reads one value, strictly: no comments, trailing commas, duplicate keys, lone surrogates, or numbers that neither
  /// 64 bits nor a double can hold.
  ///
  /// The value takes at most 64 bytes of memory for each byte of text.
  ///
  /// - Parameter budget: asked now and then; where it says no, the reading ends with an error that means nothing.
  public init(_ bytes: [UInt8], budget: Budget? = nil) throws(FormatError) {
    var parser = JSONParser(bytes, budget)
    self = try parser.parse()
  }

  /// The member of an object; `nil` where there is none.
  public subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  /// What it is, in an error's words.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a bool"
    case .int: "an int"
    case .float: "a float"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
