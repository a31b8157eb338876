/// A tensor in a gradient rule: operators work on it as on paper, and run as ops of the engine.
public struct Term {
  /// The tensor.
  public let tensor: Tensor
  /// What computes.
  let engine: Engine

  /// The size along each axis.
  public var shape: Shape { tensor.shape }

  /// Another op on this and further tensors.
  func apply(_ op: Op, with attributes: [Attribute]) throws -> Term {
    Term(tensor: try engine.one(op, TensorList(tensor), attributes), engine: engine)
  }

  /// Another op on this alone.
  func apply(_ op: Op) throws -> Term { Term(tensor: try engine.apply(op, tensor), engine: engine) }

  /// Another op on this and a second.
  func apply(_ op: Op, _ other: Term) throws -> Term {
    Term(tensor: try engine.apply(op, tensor, other.tensor), engine: engine)
  }

  /// Another op on this and a second.
  func apply(_ op: Op, _ other: Term, with attributes: [Attribute]) throws -> Term {
    Term(tensor: try engine.one(op, TensorList(tensor, other.tensor), attributes), engine: engine)
  }

  /// Another op on this and two more.
  func apply(_ op: Op, _ second: Term, _ third: Term, with attributes: [Attribute] = []) throws -> Term {
    Term(tensor: try engine.one(op, TensorList(tensor, second.tensor, third.tensor), attributes), engine: engine)
  }

  static func + (a: Term, b: Term) throws -> Term { try a.apply(Ops.add, b) }
  static func - (a: Term, b: Term) throws -> Term { try a.apply(Ops.subtract, b) }
  static func * (a: Term, b: Term) throws -> Term { try a.apply(Ops.multiply, b) }
  static func / (a: Term, b: Term) throws -> Term { try a.apply(Ops.divide, b) }
  static prefix func - (a: Term) throws -> Term { try a.apply(Ops.negate) }

  static func + (a: Term, b: Double) throws -> Term { try a + a.number(b) }
  static func - (a: Term, b: Double) throws -> Term { try a - a.number(b) }
  static func * (a: Term, b: Double) throws -> Term { try a * a.number(b) }
  static func / (a: Term, b: Double) throws -> Term { try a / a.number(b) }
  static func + (a: Double, b: Term) throws -> Term { try b.number(a) + b }
  static func - (a: Double, b: Term) throws -> Term { try b.number(a) - b }
  static func * (a: Double, b: Term) throws -> Term { try b.number(a) * b }
  static func / (a: Double, b: Term) throws -> Term { try b.number(a) / b }

  /// A number beside this.
  func number(_ value: Double) -> Term { Term(tensor: .weak(value), engine: engine) }
}

/// What a gradient rule is given.
public struct Backward {
  let engine: Engine
  /// The record's place on the tape.
  let index: Int
  let inputCount: Int
  let upstream: TensorList
  let needed: UInt64
  /// The call's attributes, read as in a rule, and what was saved in place of its inputs.
  let call: Call

  var saved: TensorList { call.inputs }

  /// Whether the gradient of an input is wanted.
  public func needs(_ i: Int) -> Bool { needed & (1 << UInt64(Swift.min(i, 63))) != 0 }
  /// Whether a gradient came back to an output.
  public func hasUpstream(_ i: Int) -> Bool { !upstream[i].isAbsent }

  /// The gradient of the first output.
  public var dy: Term { get throws { try dy(0) } }
  /// The gradient of an output; zeros if none came back.
  public func dy(_ i: Int) throws -> Term {
    if let gradient = upstream.optional(i) { return Term(tensor: gradient, engine: engine) }
    return Term(tensor: try engine.zeros(outputType(i)), engine: engine)
  }
  /// How many outputs the op has.
  var outputCount: Int { upstream.count }
  /// The type of an output.
  func outputType(_ i: Int) -> TensorType { engine.tape.records[index + i].type }
  /// The inputs, as far as they were saved.
  var inputs: TensorList { TensorList((0..<inputCount).map { input($0).tensor }) }

  /// The type of an input that is needed, or whose rule saves types.
  func type(_ i: Int) -> TensorType {
    let place = engine.tape.records[index].input(i)
    return place < 0 ? saved[i].type : engine.tape.records[place].type
  }

  /// The shape of the first input.
  var shape: Shape { type(0).shape }

  /// The first input.
  public var a: Term { input(0) }
  /// The second input.
  public var b: Term { input(1) }
  /// The third input.
  public var c: Term { input(2) }
  /// The fourth input.
  public var d: Term { input(3) }
  /// The first output.
  public var y: Term { output(0) }
  /// The second output.
  public var y1: Term { output(1) }
  /// The third output.
  public var y2: Term { output(2) }

  /// An input that was saved, or what has its type alone.
  public func input(_ i: Int) -> Term {
    let x = saved[i]
    guard x.isAbsent, engine.tape.records[index].input(i) >= 0 else { return Term(tensor: x, engine: engine) }
    return Term(tensor: .meta(type(i)), engine: engine)
  }
  /// An output that was saved.
  public func output(_ i: Int) -> Term { Term(tensor: saved[inputCount + i], engine: engine) }
  /// An input that may not have been given.
  public func optional(_ i: Int) -> Term? { saved.optional(i).map { Term(tensor: $0, engine: engine) } }

  /// The gradients of the inputs, each computed only if it is needed.
  public func give(
    _ a: @autoclosure () throws -> Term?, _ b: @autoclosure () throws -> Term? = nil,
    _ c: @autoclosure () throws -> Term? = nil, _ d: @autoclosure () throws -> Term? = nil
  ) throws -> TensorList {
    let da = needs(0) ? try a() : nil
    let db = needs(1) ? try b() : nil
    let dc = needs(2) ? try c() : nil
    let dd = needs(3) ? try d() : nil
    return TensorList(
      da?.tensor ?? .absent, db?.tensor ?? .absent, dc?.tensor ?? .absent, dd?.tensor ?? .absent)
  }
}
