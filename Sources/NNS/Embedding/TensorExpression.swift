import NNSSyntax
import NNSTensor

/// Arithmetic on tensors that waits for an interpreter to do it.
///
/// A host function that returns `x * k` has its caller's interpreter compute the product: within its limits, with its errors
/// at the call, and with gradients through it. ``Interpreter/evaluate(_:)`` does the same anywhere else.
public struct TensorExpression: ScriptConvertible, TensorOperand {
  fileprivate let compute: @Sendable (Interpreter) throws -> Value

  /// `tensor`.
  public static var scriptTypeName: String { Tensor.scriptTypeName }

  /// A tensor, as it is.
  public static func from(_ value: ScriptValue) throws -> TensorExpression {
    let tensor = try Tensor.from(value)
    return TensorExpression { try $0.own(tensor) }
  }

  /// Computes it.
  public func scriptValue(in interpreter: Interpreter) throws -> ScriptValue {
    ScriptValue(try compute(interpreter), interpreter)
  }
}

/// What arithmetic goes on with: a ``Tensor`` or a ``TensorExpression``.
public protocol TensorOperand: ScriptConvertible, Sendable {}

extension Tensor: TensorOperand {}

extension TensorOperand {
  /// A built-in or other global function of this and further arguments: `x.applying("softmax", -1)`.
  public func applying(_ function: String, _ arguments: any ScriptConvertible & Sendable...) -> TensorExpression {
    TensorExpression { interpreter in
      let target = try interpreter.global(function)
      let values = try ([self] + arguments).map { try interpreter.own($0) }
      return try interpreter.context.call(target.value, Arguments(values))
    }
  }

  /// The matrix product, as `@` in scripts.
  public func matmul(_ other: some TensorOperand) -> TensorExpression { binary(.matmul, self, other) }

  /// The sum, element by element, broadcast as in scripts; so are the others.
  public static func + (a: Self, b: some TensorOperand) -> TensorExpression { binary(.add, a, b) }
  /// The sum with a number.
  public static func + (a: Self, b: Double) -> TensorExpression { binary(.add, a, b) }
  /// The sum with a number.
  public static func + (a: Double, b: Self) -> TensorExpression { binary(.add, a, b) }
  /// The difference.
  public static func - (a: Self, b: some TensorOperand) -> TensorExpression { binary(.subtract, a, b) }
  /// The difference to a number.
  public static func - (a: Self, b: Double) -> TensorExpression { binary(.subtract, a, b) }
  /// The difference of a number.
  public static func - (a: Double, b: Self) -> TensorExpression { binary(.subtract, a, b) }
  /// The product, element by element.
  public static func * (a: Self, b: some TensorOperand) -> TensorExpression { binary(.multiply, a, b) }
  /// The product with a number.
  public static func * (a: Self, b: Double) -> TensorExpression { binary(.multiply, a, b) }
  /// The product with a number.
  public static func * (a: Double, b: Self) -> TensorExpression { binary(.multiply, a, b) }
  /// The quotient.
  public static func / (a: Self, b: some TensorOperand) -> TensorExpression { binary(.divide, a, b) }
  /// The quotient by a number.
  public static func / (a: Self, b: Double) -> TensorExpression { binary(.divide, a, b) }
  /// The quotient of a number.
  public static func / (a: Double, b: Self) -> TensorExpression { binary(.divide, a, b) }
  /// The negative.
  public static prefix func - (a: Self) -> TensorExpression { binary(.multiply, a, -1.0) }
}

private func binary(
  _ op: BinaryOperator, _ a: any ScriptConvertible & Sendable, _ b: any ScriptConvertible & Sendable
) -> TensorExpression {
  TensorExpression { interpreter in
    try Operators.binary(op, try interpreter.own(a), try interpreter.own(b), interpreter.context)
  }
}

extension Interpreter {
  /// The tensor that an expression gives.
  ///
  /// - Throws: ``NNSError`` where shapes do not fit, or a limit is reached.
  public func evaluate(_ expression: TensorExpression) throws(NNSError) -> Tensor {
    try inside { try Tensor.from(try expression.scriptValue(in: self)) }
  }
}
