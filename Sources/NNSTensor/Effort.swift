/// What ops would cost that run with shapes only.
public struct Effort: Hashable, Sendable {
  /// How many numbers are multiplied and added up in products, convolutions and attention.
  public var multiplyAdds = 0
  /// Bytes of the results, views left out.
  public var bytes = 0

  /// None.
  public init() {}

  /// Both together.
  public static func += (a: inout Effort, b: Effort) {
    a.multiplyAdds = saturating(a.multiplyAdds, b.multiplyAdds)
    a.bytes = saturating(a.bytes, b.bytes)
  }

  /// What came since.
  public static func - (a: Effort, b: Effort) -> Effort {
    var rest = a
    rest.multiplyAdds &-= b.multiplyAdds
    rest.bytes &-= b.bytes
    return rest
  }

  private static func saturating(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }

  /// That of a call with these results.
  init(_ call: borrowing Call, _ types: OutputTypes) throws {
    multiplyAdds = try call.op.multiplyAdds?(call, types) ?? 0
    guard !Ops.shapes.contains(where: { [op = call.op] in $0 === op }) else { return }
    for type in types.all.dropLast(call.op.extraOutputs) {
      bytes = Effort.saturating(bytes, Engine.product(type.shape.elementCount, type.dtype.byteSize))
    }
  }
}
