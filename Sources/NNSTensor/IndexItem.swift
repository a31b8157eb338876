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

/// The output's shape depends on data, and there is none: only shapes are being computed.
public struct UnknownShape: Error, Equatable, Sendable {
  /// Nothing more to say.
  public init() {}
}

/// Index entries laid out as ints, so that they fit into an op's attributes. Tensors go to its inputs.
enum IndexCode {
  static let int = 0
  static let slice = 1
  static let ellipsis = 2
  static let newAxis = 3
  static let tensor = 4

  static func encode(_ items: [IndexItem]) -> (code: [Int], tensors: [Tensor]) {
    var code: [Int] = []
    var tensors: [Tensor] = []
    for item in items {
      switch item {
      case .int(let i): code += [int, i]
      case .slice(let start, let stop, let step):
        code += [slice, start == nil ? 0 : 1, start ?? 0, stop == nil ? 0 : 1, stop ?? 0, step ?? 1]
      case .ellipsis: code.append(ellipsis)
      case .newAxis: code.append(newAxis)
      case .tensor(let indices):
        code.append(tensor)
        tensors.append(indices)
      }
    }
    return (code, tensors)
  }

  static func decode(_ code: [Int], _ tensors: some Sequence<Tensor>) -> [IndexItem] {
    var items: [IndexItem] = []
    var rest = tensors.makeIterator()
    var i = 0
    while i < code.count {
      switch code[i] {
      case int where i + 1 < code.count:
        items.append(.int(code[i + 1]))
        i += 2
      case slice where i + 5 < code.count:
        items.append(
          .slice(
            start: code[i + 1] == 0 ? nil : code[i + 2], stop: code[i + 3] == 0 ? nil : code[i + 4], step: code[i + 5]))
        i += 6
      case newAxis:
        items.append(.newAxis)
        i += 1
      case tensor:
        if let indices = rest.next() { items.append(.tensor(indices)) }
        i += 1
      default:
        items.append(.ellipsis)
        i += 1
      }
    }
    return items
  }
}
