/// A method of an object, taken from it.
final class ObjectMethod: Callable {
  typealias Body = (BoundArguments, Context) throws -> Value

  private let row: Builtin
  private let body: Body

  /// - Parameter row: its name, parameters and documentation, as those of a built-in.
  init(_ row: Builtin, _ body: @escaping Body) {
    self.row = row
    self.body = body
    super.init(row.name)
  }

  override var signatures: [Signature]? { [row.signature] }
  override var doc: String? { row.doc }

  override func call(_ arguments: Arguments, _ c: Context) throws -> Value {
    try body(try row.bind(arguments), c)
  }

  /// A row for a method.
  static func row(_ name: String, _ parameters: [Builtin.Parameter], _ doc: String) -> Builtin {
    Builtin(name, parameters, doc, isMethod: false) { _, _ in .nil }
  }
}
