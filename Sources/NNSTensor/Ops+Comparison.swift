import CKernels

extension Ops {
  static let comparison: [Op] = [
    equal, notEqual, less, lessEqual, greater, greaterEqual, and, or, xor, not, isnan, isinf, isfinite,
  ]

  private static let isStep = Gradient.none("it gives bools")

  /// `a == b`
  public static let equal: Op = .binary(
    "equal", symbol: "==", doc: "Whether elements are equal: `a == b`.",
    examples: [("[1, 2] == [1, 3]", "[true, false]")], NNS_EQ, .truth, gradient: isStep)
  /// `a != b`
  public static let notEqual: Op = .binary(
    "not_equal", symbol: "!=", doc: "Whether elements differ: `a != b`.",
    examples: [("[1, 2] != [1, 3]", "[false, true]")], NNS_NE, .truth, gradient: isStep)
  /// `a < b`
  public static let less: Op = .binary(
    "less", symbol: "<", doc: "Whether elements are less: `a < b`.",
    examples: [("[1, 2] < 2", "[true, false]")], NNS_LT, .truth, gradient: isStep)
  /// `a <= b`
  public static let lessEqual: Op = .binary(
    "less_equal", symbol: "<=", doc: "Whether elements are less or equal: `a <= b`.",
    examples: [("[1, 2] <= 1", "[true, false]")], NNS_LE, .truth, gradient: isStep)
  /// `a > b`
  public static let greater: Op = .binary(
    "greater", symbol: ">", doc: "Whether elements are greater: `a > b`.",
    examples: [("[1, 2] > 1", "[false, true]")], NNS_GT, .truth, gradient: isStep)
  /// `a >= b`
  public static let greaterEqual: Op = .binary(
    "greater_equal", symbol: ">=", doc: "Whether elements are greater or equal: `a >= b`.",
    examples: [("[1, 2] >= 2", "[false, true]")], NNS_GE, .truth, gradient: isStep)

  /// `a & b`
  public static let and: Op = logical(
    "and", "&", doc: "Both, for bools; the bits of both, for ints: `a & b`.",
    examples: [("[true, true] & [true, false]", "[true, false]")], NNS_AND)
  /// `a | b`
  public static let or: Op = logical(
    "or", "|", doc: "Either, for bools; the bits of either, for ints: `a | b`.",
    examples: [("[5, 2] | 1", "[5, 3]")], NNS_OR)
  /// One but not the other.
  public static let xor: Op = logical(
    "xor", nil, doc: "One but not the other, for bools; bits that differ, for ints.",
    examples: [("xor([true, true], [true, false])", "[false, true]")], NNS_XOR)
  /// `~x`
  public static let not: Op = Op(
    "not", symbol: "~", [OpParameter("x", .tensor)], doc: "The opposite, for bools; all bits turned, for ints: `~x`.",
    examples: [("~[true, false]", "[false, true]")], isHidden: true, gradient: isStep,
    rule: { call in
      guard !call[0].dtype.isFloat else { throw Mistakes.operandDType(call.op, call[0].type, "bools or ints") }
      return .one(call[0].type)
    },
    kernel: { engine, call, types in
      TensorList(try engine.unary(NNS_NOT, call[0], computing: types.first.dtype, types.first))
    })

  /// Whether elements are not a number.
  public static let isnan: Op = test("isnan", doc: "Whether elements are NaN.", "[false, true, false]", NNS_ISNAN)
  /// Whether elements are infinite.
  public static let isinf: Op = test("isinf", doc: "Whether elements are infinite.", "[false, false, true]", NNS_ISINF)
  /// Whether elements are finite.
  public static let isfinite: Op = test(
    "isfinite", doc: "Whether elements are neither infinite nor NaN.", "[true, false, false]", NNS_ISFINITE)

  private static func logical(
    _ name: String, _ symbol: String?, doc: String, examples: [(String, String)], _ code: nns_binary_op
  ) -> Op {
    Op(
      name, symbol: symbol, [OpParameter("a", .tensor), OpParameter("b", .tensor)], doc: doc, examples: examples,
      isHidden: symbol != nil, gradient: isStep,
      rule: { call in
        for i in 0..<2 where call[i].dtype.isFloat {
          throw Mistakes.operandDType(call.op, call[i].type, "bools or ints", operand: i)
        }
        return .one(try Rules.binary(call, .same))
      },
      kernel: { engine, call, types in
        TensorList(try engine.binary(code, call[0], call[1], computing: types.first.dtype, types.first))
      })
  }

  private static func test(_ name: String, doc: String, _ output: String, _ code: nns_unary_op) -> Op {
    Op(
      name, [OpParameter("x", .tensor)], doc: doc, examples: [("\(name)([1.0, nan, inf])", output)], gradient: isStep,
      rule: { .one(TensorType(.bool, $0[0].shape, isWeak: $0[0].isWeak)) },
      kernel: { engine, call, types in
        let dtype = call[0].dtype.fractional
        return TensorList(try engine.unary(code, call[0], computing: dtype, types.first))
      })
  }
}
