extension Engine {
  /// `x[items]`: a view where only ints, slices and new axes are used.
  ///
  /// - Throws: an index error that names index, axis and size.
  public func index(_ x: Tensor, _ items: [IndexItem]) throws -> Tensor {
    throw TensorError(.value, "indexing is not there yet")
  }

  /// `x[items] = value`: in place where `x` is uniquely held and has no history, otherwise on a copy.
  ///
  /// - Throws: an index error, or a shape error where the value does not broadcast to the place.
  public func assign(_ x: inout Tensor, _ items: [IndexItem], _ value: Tensor) throws {
    throw TensorError(.value, "assignment is not there yet")
  }
}
