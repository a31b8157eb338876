/// The table of all ops, by family; each row is one value in one `Ops+Family.swift`.
public enum Ops {
  /// Every op, in the order of the reference.
  public static let all: [Op] = [add, subtract, multiply, divide, negate, identity, asNumber, sumTo, cast]

  private static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// The op of that name.
  public static func named(_ name: String) -> Op? { byName[name] }
}
