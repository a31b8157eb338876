/// One entry of `x[…]`.
public enum IndexItem: Sendable {
  /// `x[3]`, `x[-1]`: takes one and drops the axis.
  case int(Int)
  /// `x[1:9:2]`; a range too. Clamped to the axis.
  case slice(start: Int?, stop: Int?, step: Int?)
  /// `x[...]`: as many whole axes as are left over.
  case ellipsis
  /// `x[nil]`: a new axis of size 1.
  case newAxis
  /// `x[mask]`, `x[indices]`.
  case tensor(Tensor)
}
