import NNSTensor

/// A value of a script, in the interpreter that it belongs to: anything that a name or an expression gives.
///
/// Like its interpreter it is used from one thread at a time, and it keeps the interpreter alive.
public struct ScriptValue: @unchecked Sendable, CustomStringConvertible {
  let value: Value
  /// Whose value it is.
  public let interpreter: Interpreter
  /// Tells the interpreter that there is somebody who may use what its texts have defined.
  private let hold: Hold

  /// All values that a program has of one interpreter share one of these.
  final class Hold: Sendable {}

  init(_ value: Value, _ interpreter: Interpreter) {
    self.value = value
    self.interpreter = interpreter
    hold = interpreter.hold
  }

  /// Whether it is `nil`.
  public var isNil: Bool { value.isNil }

  /// What `type(x)` gives: `float`, `tensor`, the name of a model.
  public var typeName: String { value.typeName }

  /// What messages say of it: `string "cat"`, `f32[64, 784]`, `list of 3`.
  public var summary: String { value.summary }

  /// As `print` shows it.
  public var description: String { interpreter.describe(self) }

  /// The value as one of Swift's: `try value.as(Double.self)`, or `let k: Double = try value.as()`.
  ///
  /// - Throws: ``NNSError`` of kind `type` where it is none of that type.
  public func `as`<Converted: ScriptConvertible>(
    _ type: Converted.Type = Converted.self
  ) throws(NNSError) -> Converted {
    try interpreter.explained { try Converted.from(self) }
  }

  /// The elements of a tensor, row-major, or the numbers of a list.
  ///
  /// - Throws: ``NNSError`` where they are not of that type, a fraction for ints for example.
  public func array<Element: TensorElement>(of type: Element.Type = Element.self) throws(NNSError) -> [Element] {
    try interpreter.explained {
      switch value {
      case .tensor(let tensor):
        try interpreter.context.charge(bytes: tensor.elementCount * Element.dtype.byteSize)
        return try tensor.elements()
      case .list(let list):
        return try list.enumerated().map { index, item in
          guard let element = Operators.weak(item).flatMap({ try? $0.item() }).flatMap({ Element($0) }) else {
            throw ConversionError(
              expected: "list of \(Element.dtype.name)", found: item.summary, place: "item \(index)")
          }
          return element
        }
      default: throw ConversionError(expected: "tensor or list of numbers", found: self)
      }
    }
  }

  /// Calls a function, a model or one of its methods.
  ///
  /// - Parameters:
  ///   - arguments: by place.
  ///   - named: by name, after them.
  /// - Throws: ``NNSError``; the interpreter stays usable.
  @discardableResult
  public func call(
    _ arguments: any ScriptConvertible..., named: KeyValuePairs<String, any ScriptConvertible> = [:]
  ) throws(NNSError) -> ScriptValue {
    try call(with: arguments, named: named)
  }

  /// The same with the arguments by place in a list.
  @discardableResult
  public func call(
    with arguments: [any ScriptConvertible], named: KeyValuePairs<String, any ScriptConvertible> = [:]
  ) throws(NNSError) -> ScriptValue {
    try interpreter.inside {
      let arguments = Arguments(
        try arguments.map { try interpreter.own($0) },
        named: try named.map { (name: $0.key, value: try interpreter.own($0.value)) })
      return ScriptValue(try interpreter.context.call(value, arguments), interpreter)
    }
  }

  /// How many items a list, range, string, record or tensor has; `nil` for other values.
  public var count: Int? {
    // The limits of a run do not matter to a number that is there.
    (try? interpreter.explained { try Iteration.count(value, interpreter.context) }) ?? nil
  }

  /// An item of a list; `nil` where there is none.
  public func item(_ index: Int) -> ScriptValue? {
    guard case .list(let list) = value, list.indices.contains(index) else { return nil }
    return ScriptValue(list[index], interpreter)
  }

  /// What stands after a point: a field of a record, a field or method of a model, a name of a module.
  ///
  /// - Throws: ``NNSError`` where there is nothing of that name.
  public func member(_ name: String) throws(NNSError) -> ScriptValue {
    try interpreter.explained {
      let c = interpreter.context
      guard let member = try Members.member(name, of: value, c) else {
        throw Mistakes.noMember(name, of: value, known: Members.names(of: value, c), at: .none)
      }
      return ScriptValue(member, interpreter)
    }
  }
}

extension ScriptValue: ScriptConvertible {
  /// `value`.
  public static var scriptTypeName: String { "value" }
  /// Any value.
  public static func from(_ value: ScriptValue) -> ScriptValue { value }
  /// Itself.
  public func scriptValue(in interpreter: Interpreter) -> ScriptValue { self }
}

/// A function of a script, for Swift functions that call back: `{ (f: ScriptFunction, n: Int) in try f(n) }`.
public struct ScriptFunction: ScriptConvertible, Sendable {
  /// The function, or the model with a method `forward`.
  public let value: ScriptValue

  /// `function`.
  public static var scriptTypeName: String { "function" }

  /// A function, or a model that can be called.
  public static func from(_ value: ScriptValue) throws -> ScriptFunction {
    guard Builtin.Kind.function.admits(value.value) else { throw mismatch(value) }
    return ScriptFunction(value: value)
  }

  /// The function.
  public func scriptValue(in interpreter: Interpreter) -> ScriptValue { value }

  /// Calls it.
  ///
  /// - Throws: ``NNSError``; a host function passes it on, so that it goes on in the script around.
  @discardableResult
  public func callAsFunction(
    _ arguments: any ScriptConvertible..., named: KeyValuePairs<String, any ScriptConvertible> = [:]
  ) throws(NNSError) -> ScriptValue {
    try value.call(with: arguments, named: named)
  }
}
