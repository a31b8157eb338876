extension Ops {
  static func stub(_ name: String) -> Op {
    Op(
      name, [], doc: "", gradient: .none(""), rule: { .one($0[0].type) }, kernel: { _, call, _ in call.inputs })
  }
  public static let add = stub("add")
  public static let subtract = stub("subtract")
  public static let multiply = stub("multiply")
  public static let divide = stub("divide")
  public static let negate = stub("negate")
  public static let identity = stub("identity")
  public static let asNumber = stub("as_number")
  public static let sumTo = stub("sum_to")
  public static let cast = stub("to")
}
