extension Ops {
  static let linearAlgebra: [Op] = [trace]

  /// Sum of a diagonal.
  public static let trace: Op = Op(
    "trace", [OpParameter("x", .tensor)], doc: "The sum of the diagonal of the last two axes.",
    examples: [("trace([[1, 2], [3, 4]])", "5")], handlesHalf: true,
    domain: .cases([([.floats([3, 3])], []), ([.floats([2, 3, 4])], []), ([.floats([4, 2])], [])]),
    gradient: .composed,
    rule: { call in
      let x = call[0].type
      if x.shape.rank < 2 { throw Mistakes.rankTooSmall(call.op, x, 2) }
      return .one(x.dtype.isFloat ? x.dtype : .i64, x.shape.removing(x.shape.rank - 1).removing(x.shape.rank - 2))
    },
    kernel: { engine, call, types in
      let rank = call[0].rank
      let size = Swift.min(call[0].shape[rank - 2], call[0].shape[rank - 1])
      let x = Term(tensor: call[0], engine: engine)
      let square = try x.slice(rank - 2, 0..<size).slice(rank - 1, 0..<size)
      let diagonal = try square.apply(einsum, with: [.string("...ii->...i")])
      return TensorList(try diagonal.apply(sum, with: [.int(-1)]).tensor)
    })
}
