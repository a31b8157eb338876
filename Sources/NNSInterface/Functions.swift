import CNNS
import NNS

// The functions of nns.h, where it is said what they do.

// MARK: Interpreters

/// `nns_create` of nns.h.
@c(nns_create)
public func nnsCreate(_ options: UnsafePointer<nns_options>?) -> OpaquePointer? {
  guard let handle = try? InterpreterHandle(options?.pointee ?? nns_options()) else { return nil }
  return OpaquePointer(Unmanaged.passRetained(handle).toOpaque())
}

/// `nns_destroy` of nns.h.
@c(nns_destroy)
public func nnsDestroy(_ interpreter: OpaquePointer?) {
  if let interpreter { Unmanaged<InterpreterHandle>.fromOpaque(UnsafeRawPointer(interpreter)).release() }
}

/// `nns_run` of nns.h.
@c(nns_run)
public func nnsRun(
  _ interpreter: OpaquePointer, _ source: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>
) -> OpaquePointer? {
  let handle = InterpreterHandle.at(interpreter)
  return handle.attempt { try handle.interpreter.run(String(cString: source), named: String(cString: name)) }
}

/// `nns_global` of nns.h.
@c(nns_global)
public func nnsGlobal(_ interpreter: OpaquePointer, _ name: UnsafePointer<CChar>) -> OpaquePointer? {
  let handle = InterpreterHandle.at(interpreter)
  return handle.attempt { try handle.interpreter.global(String(cString: name)) }
}

/// `nns_call` of nns.h.
@c(nns_call)
public func nnsCall(
  _ interpreter: OpaquePointer, _ function: OpaquePointer, _ arguments: UnsafePointer<OpaquePointer?>?, _ count: Int
) -> OpaquePointer? {
  let values = UnsafeBufferPointer(start: arguments, count: arguments == nil ? 0 : count)
    .compactMap { $0.map { ValueHandle.at($0).value } }
  return InterpreterHandle.at(interpreter).attempt { try ValueHandle.at(function).value.call(with: values) }
}

/// `nns_member` of nns.h.
@c(nns_member)
public func nnsMember(
  _ interpreter: OpaquePointer, _ value: OpaquePointer, _ name: UnsafePointer<CChar>
) -> OpaquePointer? {
  InterpreterHandle.at(interpreter).attempt { try ValueHandle.at(value).value.member(String(cString: name)) }
}

/// `nns_cancel` of nns.h.
@c(nns_cancel)
public func nnsCancel(_ interpreter: OpaquePointer) { InterpreterHandle.at(interpreter).interpreter.cancel() }

// MARK: Errors

/// `nns_error_kind` of nns.h.
@c(nns_error_kind)
public func nnsErrorKind(_ interpreter: OpaquePointer) -> UnsafePointer<CChar>? {
  InterpreterHandle.at(interpreter).kind.start
}

/// `nns_error_message` of nns.h.
@c(nns_error_message)
public func nnsErrorMessage(_ interpreter: OpaquePointer) -> UnsafePointer<CChar>? {
  InterpreterHandle.at(interpreter).message.start
}

/// `nns_error_rendered` of nns.h.
@c(nns_error_rendered)
public func nnsErrorRendered(_ interpreter: OpaquePointer) -> UnsafePointer<CChar>? {
  InterpreterHandle.at(interpreter).rendered.start
}

/// `nns_error_line` of nns.h.
@c(nns_error_line)
public func nnsErrorLine(_ interpreter: OpaquePointer) -> Int64 { InterpreterHandle.at(interpreter).line }

// MARK: Values for scripts

private func made(_ interpreter: OpaquePointer, _ value: some ScriptConvertible) -> OpaquePointer? {
  let handle = InterpreterHandle.at(interpreter)
  return handle.attempt { try handle.interpreter.value(value) }
}

/// `nns_nil` of nns.h.
@c(nns_nil)
public func nnsNil(_ interpreter: OpaquePointer) -> OpaquePointer? { made(interpreter, Int?.none) }

/// `nns_bool` of nns.h.
@c(nns_bool)
public func nnsBool(_ interpreter: OpaquePointer, _ value: Bool) -> OpaquePointer? { made(interpreter, value) }

/// `nns_int` of nns.h.
@c(nns_int)
public func nnsInt(_ interpreter: OpaquePointer, _ value: Int64) -> OpaquePointer? { made(interpreter, Int(value)) }

/// `nns_float` of nns.h.
@c(nns_float)
public func nnsFloat(_ interpreter: OpaquePointer, _ value: Double) -> OpaquePointer? { made(interpreter, value) }

/// `nns_string` of nns.h.
@c(nns_string)
public func nnsString(_ interpreter: OpaquePointer, _ text: UnsafePointer<CChar>) -> OpaquePointer? {
  made(interpreter, String(cString: text))
}

/// `nns_tensor` of nns.h.
@c(nns_tensor)
public func nnsTensor(
  _ interpreter: OpaquePointer, _ element: nns_element, _ shape: UnsafePointer<Int64>?, _ rank: Int,
  _ elements: UnsafeRawPointer?
) -> OpaquePointer? {
  let handle = InterpreterHandle.at(interpreter)
  let sizes = UnsafeBufferPointer(start: shape, count: shape == nil ? 0 : rank).map { Int($0) }
  return handle.attempt {
    guard let dtype = DType(element) else {
      throw TensorError(.dtype, "there is no kind of elements \(element.rawValue)")
    }
    return try handle.interpreter.tensor(dtype, sizes, elements)
  }
}

/// `nns_value_retain` of nns.h.
@c(nns_value_retain)
public func nnsRetain(_ value: OpaquePointer) -> OpaquePointer? { ValueHandle.at(value).pointer }

/// `nns_value_release` of nns.h.
@c(nns_value_release)
public func nnsRelease(_ value: OpaquePointer?) {
  if let value { Unmanaged<ValueHandle>.fromOpaque(UnsafeRawPointer(value)).release() }
}

// MARK: What values are

/// `nns_kind_of` of nns.h.
@c(nns_kind_of)
public func nnsKindOf(_ value: OpaquePointer) -> nns_kind {
  switch ValueHandle.at(value).value.typeName {
  case "nil": NNS_KIND_NIL
  case "bool": NNS_KIND_BOOL
  case "int": NNS_KIND_INT
  case "float": NNS_KIND_FLOAT
  case "string": NNS_KIND_STRING
  case "tensor": NNS_KIND_TENSOR
  case "list", "range": NNS_KIND_LIST
  case "record": NNS_KIND_RECORD
  default: (try? ScriptFunction.from(ValueHandle.at(value).value)) == nil ? NNS_KIND_OTHER : NNS_KIND_FUNCTION
  }
}

/// `nns_to_float` of nns.h.
@c(nns_to_float)
public func nnsToFloat(_ value: OpaquePointer, _ number: UnsafeMutablePointer<Double>) -> Bool {
  let value = ValueHandle.at(value).value
  if let found = try? value.as(Double.self) {
    number.pointee = found
  } else if let flag = try? value.as(Bool.self) {
    number.pointee = flag ? 1 : 0
  } else {
    return false
  }
  return true
}

/// `nns_to_int` of nns.h.
@c(nns_to_int)
public func nnsToInt(_ value: OpaquePointer, _ number: UnsafeMutablePointer<Int64>) -> Bool {
  guard let found = try? ValueHandle.at(value).value.as(Int.self) else { return false }
  number.pointee = Int64(found)
  return true
}

/// `nns_text` of nns.h.
@c(nns_text)
public func nnsText(_ value: OpaquePointer) -> UnsafePointer<CChar>? { ValueHandle.at(value).text.start }

/// `nns_length` of nns.h.
@c(nns_length)
public func nnsLength(_ value: OpaquePointer) -> Int { ValueHandle.at(value).value.count ?? 0 }

/// `nns_item` of nns.h.
@c(nns_item)
public func nnsItem(_ value: OpaquePointer, _ index: Int) -> OpaquePointer? {
  ValueHandle.at(value).value.item(index).map { ValueHandle($0).pointer }
}

// MARK: Tensors

/// `nns_tensor_type` of nns.h.
@c(nns_tensor_type)
public func nnsTensorType(_ value: OpaquePointer) -> nns_element {
  ValueHandle.at(value).tensor?.dtype.element ?? NNS_ELEMENT_F32
}

/// `nns_tensor_rank` of nns.h.
@c(nns_tensor_rank)
public func nnsTensorRank(_ value: OpaquePointer) -> Int { ValueHandle.at(value).tensor?.rank ?? 0 }

/// `nns_tensor_shape` of nns.h.
@c(nns_tensor_shape)
public func nnsTensorShape(_ value: OpaquePointer) -> UnsafePointer<Int64>? { ValueHandle.at(value).shape.start }

/// `nns_tensor_size` of nns.h.
@c(nns_tensor_size)
public func nnsTensorSize(_ value: OpaquePointer) -> Int { ValueHandle.at(value).tensor?.elementCount ?? 0 }

/// `nns_tensor_elements` of nns.h.
@c(nns_tensor_elements)
public func nnsTensorElements(_ value: OpaquePointer) -> UnsafeRawPointer? { ValueHandle.at(value).elements }

extension DType {
  fileprivate static let elements: [(dtype: DType, element: nns_element)] = [
    (.f32, NNS_ELEMENT_F32), (.f64, NNS_ELEMENT_F64), (.bf16, NNS_ELEMENT_BF16), (.i64, NNS_ELEMENT_I64),
    (.i32, NNS_ELEMENT_I32), (.u8, NNS_ELEMENT_U8), (.bool, NNS_ELEMENT_BOOL),
  ]

  fileprivate init?(_ element: nns_element) {
    guard let found = DType.elements.first(where: { $0.element == element }) else { return nil }
    self = found.dtype
  }

  fileprivate var element: nns_element { DType.elements.first { $0.dtype == self }?.element ?? NNS_ELEMENT_F32 }
}
