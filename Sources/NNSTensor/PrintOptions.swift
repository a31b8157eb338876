/// How tensors are shown as text.
public struct PrintOptions: Equatable, Sendable {
  /// The most decimals that floats get.
  public var precision = 4
  /// Beyond this many elements only the edges of each axis are shown.
  public var threshold = 1000
  /// How many elements are shown at each edge.
  public var edgeItems = 3
  /// Characters after which a row goes on in the next line.
  public var lineWidth = 80
  /// Whether floats are in scientific form; nil where their range decides.
  public var isScientific: Bool?

  /// The usual ones.
  public init() {}

  /// What ``precision`` can be.
  public static let precisions = 1...20
}
