import NNSTensor

/// A Swift type whose values go to scripts and come back.
///
/// `Bool`, `Int`, `Double`, `Float`, `String`, `Tensor`, arrays, dictionaries with string keys and optionals of these are; a
/// type of one's own becomes one by saying what it is in a script, most simply a record:
/// ```swift
/// struct Point: ScriptConvertible {
///   var x, y: Double
///
///   static let scriptTypeName = "point"
///
///   static func from(_ value: ScriptValue) throws -> Point {
///     Point(x: try value.member("x").as(), y: try value.member("y").as())
///   }
///
///   func scriptValue(in interpreter: Interpreter) throws -> ScriptValue {
///     try interpreter.record(["x": x, "y": y])
///   }
/// }
/// ```
/// Objects that scripts refer to instead of copying conform to ``HostObject``.
public protocol ScriptConvertible: SendableMetatype {
  /// What messages call it, without an article: `float`, `list of strings`.
  static var scriptTypeName: String { get }

  /// The value of this type that a script's value stands for.
  ///
  /// - Throws: ``ConversionError`` where it stands for none.
  static func from(_ value: ScriptValue) throws -> Self

  /// What a script sees of it.
  ///
  /// - Throws: ``NNSError`` where a limit does not allow so much memory.
  func scriptValue(in interpreter: Interpreter) throws -> ScriptValue
}

/// A script's value is not of the type that is asked for.
public struct ConversionError: Error, CustomStringConvertible, Sendable {
  /// What was asked for: `list of floats`.
  public var expected: String
  /// What there is: `string "cat"`.
  public var found: String
  /// Where in the value it is: `item 3`, `"name"`; empty for the value itself.
  public var place = ""

  /// What was asked for, and what there is instead.
  public init(expected: String, found: ScriptValue) {
    self.expected = expected
    self.found = found.summary
  }

  init(expected: String, found: String, place: String = "") {
    self.expected = expected
    self.found = found
    self.place = place
  }

  /// `expected a float, found string "cat"`.
  public var description: String {
    "expected \(Mistakes.article(expected)), found \(found)\(place.isEmpty ? "" : " (\(place))")"
  }

  /// The same, of the whole that the value is a part of.
  func within(_ whole: String, at place: String) -> ConversionError {
    ConversionError(expected: whole, found: found, place: self.place.isEmpty ? place : "\(place), \(self.place)")
  }
}

extension ScriptConvertible {
  /// The error for a value that is none of this type.
  static func mismatch(_ value: ScriptValue) -> ConversionError {
    ConversionError(expected: scriptTypeName, found: value)
  }
}

extension Bool: ScriptConvertible {
  /// `bool`.
  public static var scriptTypeName: String { "bool" }
  /// A bool, or a tensor of one.
  public static func from(_ value: ScriptValue) throws -> Bool {
    switch value.value {
    case .bool(let flag): return flag
    case .tensor(let tensor):
      if tensor.dtype == .bool, case .bool(let flag)? = try? tensor.item() { return flag }
    default: break
    }
    throw mismatch(value)
  }
  /// A bool.
  public func scriptValue(in interpreter: Interpreter) -> ScriptValue { ScriptValue(.bool(self), interpreter) }
}

extension Int: ScriptConvertible {
  /// `int`.
  public static var scriptTypeName: String { "int" }
  /// An int, or an int tensor of rank 0.
  public static func from(_ value: ScriptValue) throws -> Int {
    guard let number = Conversions.int(value.value) else { throw mismatch(value) }
    return number
  }
  /// An int.
  public func scriptValue(in interpreter: Interpreter) -> ScriptValue { ScriptValue(.int(self), interpreter) }
}

extension Double: ScriptConvertible {
  /// `float`.
  public static var scriptTypeName: String { "float" }
  /// A number, or a tensor of one.
  public static func from(_ value: ScriptValue) throws -> Double {
    guard let number = Conversions.double(value.value) else { throw mismatch(value) }
    return number
  }
  /// A float.
  public func scriptValue(in interpreter: Interpreter) -> ScriptValue { ScriptValue(.float(self), interpreter) }
}

extension Float: ScriptConvertible {
  /// `float`.
  public static var scriptTypeName: String { "float" }
  /// A number, rounded to 32 bits.
  public static func from(_ value: ScriptValue) throws -> Float { Float(try Double.from(value)) }
  /// A float.
  public func scriptValue(in interpreter: Interpreter) -> ScriptValue {
    ScriptValue(.float(Double(self)), interpreter)
  }
}

extension String: ScriptConvertible {
  /// `string`.
  public static var scriptTypeName: String { "string" }
  /// A string.
  public static func from(_ value: ScriptValue) throws -> String {
    guard case .string(let text) = value.value else { throw mismatch(value) }
    return text.string
  }
  /// A string.
  public func scriptValue(in interpreter: Interpreter) throws -> ScriptValue {
    try interpreter.context.charge(bytes: utf8.count)
    return ScriptValue(.string(self), interpreter)
  }
}

extension Tensor: ScriptConvertible {
  /// `tensor`.
  public static var scriptTypeName: String { "tensor" }
  /// A tensor, or a number as one of rank 0. Its elements are shared, not copied.
  public static func from(_ value: ScriptValue) throws -> Self {
    guard let tensor = Conversions.tensorOrNumber(value.value) as? Self else { throw mismatch(value) }
    return tensor
  }
  /// The same tensor: elements are shared, and neither side changes them under the other.
  public func scriptValue(in interpreter: Interpreter) -> ScriptValue {
    ScriptValue(interpreter.context.wrap(self), interpreter)
  }
}
