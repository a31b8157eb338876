import NNSTensor

/// Any value of a script. One word and a tag: at most one class reference a case.
public enum Value {
  case `nil`
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(Text)
  case tensor(Tensor)
  case list(ListBox)
  case record(RecordBox)
  case range(RangeBox)
  /// A function written in a script.
  case closure(Closure)
  /// Anything else that can be called: built-ins, bound methods, models' constructors, `grad(f)`.
  case callable(Callable)
  case model(ModelInstance)
  /// Modules, iterables, gradients, optimizers, host objects.
  case object(Object)
  /// A variable whose line has not run. Scripts never see it.
  case unset
  /// A captured variable in a frame. Scripts never see it.
  case cell(Cell)
}

/// `0..10`, `1..=10`, held as half-open bounds.
public final class RangeBox {
  let lower: Int
  /// One past the last value.
  let upper: Int
  /// One past the last value as it was written, which may lie below ``lower``.
  private let end: Int
  /// Whether it was written with `..=`.
  private let isClosed: Bool

  init(lower: Int, upper: Int, isClosed: Bool = false) {
    self.lower = lower
    self.upper = max(lower, upper)
    end = upper
    self.isClosed = isClosed
  }

  var isEmpty: Bool { lower == upper }

  /// How many values it has.
  ///
  /// - Throws: an arithmetic error where that is no int.
  var count: Int {
    get throws {
      let (difference, overflow) = upper.subtractingReportingOverflow(lower)
      if overflow { throw Mistakes.rangeTooLong(description) }
      return difference
    }
  }

  /// As it was written.
  var description: String { isClosed ? "\(lower)..=\(end - 1)" : "\(lower)..\(end)" }
}

/// A variable that closures share.
public final class Cell: Shared {
  // Memory of its own: a stored property of a class would be checked for exclusive access on every use.
  let pointer: UnsafeMutablePointer<Value>

  init(_ value: Value = .unset) {
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: value)
    super.init()
  }

  /// A cell of a script's variable: the closure in it may capture it.
  ///
  /// - Throws: a limit error where there is no memory for it.
  convenience init(_ value: Value = .unset, in c: Context) throws {
    self.init(value)
    try c.cycles.watch(self, c)
  }

  override func visit(_ body: (Value) -> Void) { body(pointer.pointee) }

  override func takeContents() -> [Value] {
    let value = pointer.pointee
    pointer.pointee = .unset
    return [value]
  }

  deinit {
    Teardown.release(pointer)
    pointer.deallocate()
  }

  var value: Value {
    get { pointer.pointee }
    set { pointer.pointee = newValue }
  }
}

/// What is neither data nor callable: modules, iterables, gradients, optimizers, host objects.
public class Object {
  /// What `type(x)` gives.
  var typeName: String { "object" }

  /// How it prints.
  func describe(_ context: Context) -> String { "<\(typeName)>" }

  /// `x.name`; `nil` where there is no such member.
  func member(_ name: String, _ context: Context) throws -> Value? { nil }

  /// The members that suggestions and completion offer.
  var memberNames: [String] { [] }

  /// `x[key]`; `nil` where it has no elements.
  func element(_ key: Value, _ context: Context) throws -> Value? { nil }

  /// A fresh pass over it, where it can be iterated over.
  func makeIterator(_ context: Context) throws -> ValueIterator? { nil }

  /// What `len(x)` gives.
  func count(_ context: Context) throws -> Int? { nil }

  init() {}
}

/// One pass over something.
class ValueIterator {
  /// The next value, or `nil` at the end.
  func next(_ context: Context) throws -> Value? { nil }
}

extension Value {
  /// The name that `type(x)` gives and messages use.
  public var typeName: String {
    switch self {
    case .nil: "nil"
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .string: "string"
    // A float that is being differentiated is carried as a tensor.
    case .tensor(let tensor): tensor.isWeak ? "float" : "tensor"
    case .list: "list"
    case .record: "record"
    case .range: "range"
    case .closure, .callable: "function"
    case .model(let instance): instance.type.name
    case .object(let object): object.typeName
    case .unset, .cell: "nothing"
    }
  }

  /// What a message says of the value: `string "cat"`, `f32[64, 784]`, `list of 3`.
  var summary: String {
    switch self {
    case .nil: return "nil"
    case .bool(let value): return "bool \(value)"
    case .int(let value): return "int \(value)"
    case .float(let value): return "float \(Display.float(value))"
    case .string(let text):
      return text.count > 24
        ? "string \(Display.quoted(String(text.string.prefix(20))))…" : "string \(Display.quoted(text.string))"
    case .tensor(let tensor):
      if tensor.isWeak, case .float(let value)? = try? tensor.item() { return "float \(Display.float(value))" }
      return tensor.typeDescription
    case .list(let box): return box.isEmpty ? "the empty list" : "list of \(box.count)"
    case .record(let box): return box.entries.isEmpty ? "the empty record" : "record of \(box.entries.count)"
    case .closure(let closure): return closure.code.name.isEmpty ? "function" : "function \(closure.code.name)"
    case .callable(let callable): return "function \(callable.name)"
    case .model(let instance): return "model \(instance.type.name)"
    case .object(let object as ModuleObject): return "module \(object.module.name)"
    default: return typeName
    }
  }

  static func string(_ text: String) -> Value { .string(Text(text)) }
  static func list(_ items: some Collection<Value>) -> Value { .list(ListBox(items)) }

  var isTensor: Bool {
    if case .tensor = self { return true }
    return false
  }

  var isModelType: Bool {
    if case .callable(let callable) = self { return callable is ModelType }
    return false
  }

  var isNil: Bool {
    if case .nil = self { return true }
    return false
  }

  var isUnset: Bool {
    if case .unset = self { return true }
    return false
  }
}
