/// Tensors as text that reads as NNS literals.
public enum TensorFormatter {
  /// The elements of a tensor; `precision` is the most decimals that floats get.
  public static func description(of tensor: Tensor, precision: Int = 4) -> String {
    tensor.doubles().map { "\($0)" }.joined(separator: ", ")
  }
}
