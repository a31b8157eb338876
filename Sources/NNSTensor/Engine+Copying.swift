extension Engine {
  /// The same elements row-major without gaps; the same tensor if it already is so.
  public func contiguous(_ x: Tensor) throws -> Tensor { x }

  /// The elements in another dtype, without history.
  func cast(_ x: Tensor, to dtype: DType) throws -> Tensor { x }

  func fill(_ x: Tensor, _ value: Scalar) throws {}

  func adding(_ x: Tensor, to sum: Tensor) throws -> Tensor { try one(Ops.add, TensorList(sum, x)) }
}
