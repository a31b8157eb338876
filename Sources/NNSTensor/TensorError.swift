/// A mistake found by the tensor engine, in the script's words. The embedding language adds the place.
public struct TensorError: Error, Equatable, Sendable {
  /// What kind of mistake; the script reads it as `err.kind`.
  public enum Kind: String, Sendable {
    case shape, dtype, index, key, value, arithmetic, limit, type
  }

  /// What kind of mistake it is.
  public var kind: Kind
  /// One line: what was asked and why it cannot be.
  public var message: String
  /// What would put it right, where that is known. `$0`, `$1` stand for the operands as the caller writes them.
  public var help: String?
  /// Which inputs of the op are at fault, by position.
  public var operands: [Int]
  /// Where it happened, as ``Tensor/origin`` of what was made there and of what was made of that, where that is not the op
  /// that runs: in a backward pass.
  public var origins: [UInt32] = []

  /// An error; no operands unless named.
  public init(_ kind: Kind, _ message: String, help: String? = nil, operands: [Int] = []) {
    self.kind = kind
    self.message = message
    self.help = help
    self.operands = operands
  }
}

/// The run was stopped from outside (Ctrl-C, a host). A script cannot catch it.
public struct Interrupted: Error, Equatable, Sendable {
  /// Nothing more to say.
  public init() {}
}
