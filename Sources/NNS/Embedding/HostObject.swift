import NNSTensor

/// A Swift object that scripts refer to, with members:
/// ```swift
/// final class Counter: HostObject {
///   private(set) var count = 0
///
///   static let scriptTypeName = "counter"
///   static let members: [HostMember<Counter>] = [
///     .property("count", doc: "how often it was counted") { $0.count },
///     .method("add(n)", doc: "counts n more") { (counter, n: Int) in counter.count += n },
///   ]
/// }
/// ```
/// Scripts do not copy it: whoever has it has the same one, which equals only itself.
public protocol HostObject: AnyObject, ScriptConvertible {
  /// What scripts may read and call.
  static var members: [HostMember<Self>] { get }
}

extension HostObject {
  /// The object itself.
  public static func from(_ value: ScriptValue) throws -> Self {
    guard case .object(let box as HostObjectBox) = value.value, let object = box.object as? Self else {
      throw mismatch(value)
    }
    return object
  }

  /// The object itself.
  public func scriptValue(in interpreter: Interpreter) -> ScriptValue {
    ScriptValue(.object(HostObjectBox(self)), interpreter)
  }
}

/// A member of a ``HostObject``: a property or a method.
public struct HostMember<Object: AnyObject>: Sendable {
  let name: String
  /// The member as a value; what is called, for a method.
  let value: @Sendable (Object, Interpreter) throws -> Value

  /// What `object.name` gives.
  public static func property<Result: ScriptConvertible>(
    _ name: String, doc: String = "", _ body: @escaping @Sendable (Object) throws -> Result
  ) -> HostMember {
    HostMember(name: name) { object, interpreter in
      do {
        return try interpreter.own(try body(object))
      } catch {
        throw HostFunction.passed(error, from: name, interpreter.context)
      }
    }
  }

  /// What `object.name(…)` calls.
  ///
  /// - Parameter signature: the name, or the name with those of the parameters after the object: `add(n)`.
  public static func method<each Argument: ScriptConvertible, Result: ScriptConvertible>(
    _ signature: String, doc: String = "",
    _ body: @escaping @Sendable (Object, repeat each Argument) throws -> Result
  ) -> HostMember {
    let types = HostFunction.types(repeat (each Argument).self)
    return HostMember(name: HostFunction.name(signature)) { object, _ in
      .callable(
        HostFunction(signature, types, doc: doc) { reader in
          let result = try body(object, repeat try reader.next((each Argument).self))
          return try reader.interpreter.own(result)
        })
    }
  }

  /// What `object.name(…)` calls, and gives `nil`.
  public static func method<each Argument: ScriptConvertible>(
    _ signature: String, doc: String = "",
    _ body: @escaping @Sendable (Object, repeat each Argument) throws -> Void
  ) -> HostMember {
    let types = HostFunction.types(repeat (each Argument).self)
    return HostMember(name: HostFunction.name(signature)) { object, _ in
      .callable(
        HostFunction(signature, types, doc: doc) { reader in
          try body(object, repeat try reader.next((each Argument).self))
          return .nil
        })
    }
  }
}

/// A Swift object as a value of a script.
final class HostObjectBox: Object {
  let object: AnyObject
  private let name: String
  private let names: [String]
  private let find: (String, Interpreter) throws -> Value?

  init<T: HostObject>(_ object: T) {
    self.object = object
    name = T.scriptTypeName
    names = T.members.map(\.name)
    find = { name, interpreter in
      try T.members.first { $0.name == name }?.value(object, interpreter)
    }
  }

  override var typeName: String { name }
  override var memberNames: [String] { names }

  override func member(_ name: String, _ context: Context) throws -> Value? {
    guard let interpreter = context.interpreter else { return nil }
    return try find(name, interpreter)
  }
}
