import NNSTensor

extension Optional: ScriptConvertible where Wrapped: ScriptConvertible {
  /// `float or nil`.
  public static var scriptTypeName: String { "\(Wrapped.scriptTypeName) or nil" }
  /// `nil`, or what the type itself takes.
  public static func from(_ value: ScriptValue) throws -> Wrapped? {
    if value.isNil { return nil }
    do {
      return try Wrapped.from(value)
    } catch let error as ConversionError {
      throw error.place.isEmpty ? mismatch(value) : error
    }
  }
  /// `nil`, or the value.
  public func scriptValue(in interpreter: Interpreter) throws -> ScriptValue {
    try self?.scriptValue(in: interpreter) ?? ScriptValue(.nil, interpreter)
  }
}

/// What may be left out in a call.
protocol OptionalValue {}
extension Optional: OptionalValue {}

extension Array: ScriptConvertible where Element: ScriptConvertible {
  /// `list of floats`.
  public static var scriptTypeName: String { "list of \(Mistakes.plural(Element.scriptTypeName))" }

  /// A list, a range, or a tensor along its first axis.
  public static func from(_ value: ScriptValue) throws -> [Element] {
    let (c, interpreter) = (value.interpreter.context, value.interpreter)
    let items: ListBox
    switch value.value {
    case .list(let list): items = list
    case .range: items = try Iteration.items(of: value.value, c)
    case .tensor(let tensor) where tensor.rank > 0: items = try Iteration.items(of: value.value, c)
    default: throw mismatch(value)
    }
    var elements: [Element] = []
    elements.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      do {
        elements.append(try Element.from(ScriptValue(item, interpreter)))
      } catch let error as ConversionError {
        throw error.within(scriptTypeName, at: "item \(index)")
      }
    }
    return elements
  }

  /// A list.
  public func scriptValue(in interpreter: Interpreter) throws -> ScriptValue {
    try interpreter.context.charge(items: count)
    return ScriptValue(.list(try map { try interpreter.own($0) }), interpreter)
  }
}

extension Dictionary: ScriptConvertible where Key == String, Value: ScriptConvertible {
  /// `record of floats`.
  public static var scriptTypeName: String { "record of \(Mistakes.plural(Value.scriptTypeName))" }

  /// A record.
  public static func from(_ value: ScriptValue) throws -> [String: Value] {
    guard case .record(let record) = value.value else { throw mismatch(value) }
    var members: [String: Value] = [:]
    for (key, item) in record.entries {
      do {
        members[key.string] = try Value.from(ScriptValue(item, value.interpreter))
      } catch let error as ConversionError {
        throw error.within(scriptTypeName, at: Display.quoted(key.string))
      }
    }
    return members
  }

  /// A record with its keys in alphabetical order.
  public func scriptValue(in interpreter: Interpreter) throws -> ScriptValue {
    try interpreter.context.charge(items: 2 * count)
    let record = RecordBox(layout: Layout([]), values: [])
    for key in keys.sorted() { record[Text(key)] = try self[key].map { try interpreter.own($0) } }
    return ScriptValue(.record(record), interpreter)
  }
}

extension Interpreter {
  /// A Swift value as scripts see it.
  ///
  /// - Throws: ``NNSError`` where it belongs to another interpreter, or a limit does not allow so much memory.
  public func value(_ value: some ScriptConvertible) throws(NNSError) -> ScriptValue {
    try explained { ScriptValue(try self.own(value), self) }
  }

  /// A list of values of any types.
  public func list(_ items: [any ScriptConvertible]) throws(NNSError) -> ScriptValue {
    try explained {
      try self.context.charge(items: items.count)
      return ScriptValue(.list(try items.map { try self.own($0) }), self)
    }
  }

  /// A record of values of any types, in the order given.
  public func record(_ members: KeyValuePairs<String, any ScriptConvertible>) throws(NNSError) -> ScriptValue {
    try explained {
      let record = RecordBox(layout: Layout([]), values: [])
      for (key, value) in members { record[Text(key)] = try self.own(value) }
      return ScriptValue(.record(record), self)
    }
  }

  /// A tensor in this interpreter's memory, its elements copied from bytes in row-major order; zeros without bytes.
  ///
  /// - Throws: ``NNSError`` where sizes are negative or too many, or a limit does not allow so much memory.
  package func tensor(
    _ dtype: DType, _ shape: [Int], _ bytes: UnsafeRawPointer?
  ) throws(NNSError) -> ScriptValue {
    try inside {
      let type = TensorType(dtype, try Shape(shape))
      let engine = self.context.engine
      let count = type.shape.elementCount * dtype.byteSize
      let tensor =
        if let bytes {
          try engine.tensor(
            bytes: UnsafeRawBufferPointer(start: bytes, count: count), dtype: dtype, shape: type.shape)
        } else {
          try engine.zeros(type)
        }
      return ScriptValue(.tensor(tensor), self)
    }
  }

  /// A tensor whose elements lie in row-major order without gaps: itself or a copy.
  package func contiguous(_ tensor: Tensor) throws(NNSError) -> Tensor {
    try explained { try self.context.engine.contiguous(tensor) }
  }

  /// A Swift value as one of this interpreter's own.
  func own(_ value: any ScriptConvertible) throws -> Value {
    let value = try value.scriptValue(in: self)
    guard value.interpreter === self else { throw Mistakes.foreignValue(value.summary) }
    return value.value
  }

  /// Does something that needs no large stack, and makes every error an ``NNSError``.
  func explained<Result>(_ body: () throws -> Result) throws(NNSError) -> Result {
    do {
      return try body()
    } catch {
      throw NNSError(error, context)
    }
  }
}
