/// Tensors in order: up to four inline, more in an array. ``Tensor/absent`` stands where one is missing.
public struct TensorList: RandomAccessCollection, ExpressibleByArrayLiteral, Sendable {
  private enum Items {
    case none
    case one(Tensor)
    case two(Tensor, Tensor)
    case three(Tensor, Tensor, Tensor)
    case four(Tensor, Tensor, Tensor, Tensor)
    case many([Tensor])
  }

  private var items: Items

  /// No tensors.
  public init() { items = .none }
  /// One tensor.
  public init(_ a: Tensor) { items = .one(a) }
  /// Two tensors.
  public init(_ a: Tensor, _ b: Tensor) { items = .two(a, b) }
  /// Three tensors.
  public init(_ a: Tensor, _ b: Tensor, _ c: Tensor) { items = .three(a, b, c) }
  /// Four tensors.
  public init(_ a: Tensor, _ b: Tensor, _ c: Tensor, _ d: Tensor) { items = .four(a, b, c, d) }

  /// Any number of tensors.
  public init(_ tensors: some Sequence<Tensor>) {
    self.init()
    for tensor in tensors { append(tensor) }
  }

  /// Any number of tensors.
  public init(arrayLiteral elements: Tensor...) { self.init(elements) }

  /// How many there are.
  public var count: Int {
    switch items {
    case .none: 0
    case .one: 1
    case .two: 2
    case .three: 3
    case .four: 4
    case .many(let tensors): tensors.count
    }
  }

  /// The position of the first.
  public var startIndex: Int { 0 }
  /// The position after the last.
  public var endIndex: Int { count }

  /// Adds one at the end.
  public mutating func append(_ tensor: Tensor) {
    switch items {
    case .none: items = .one(tensor)
    case .one(let a): items = .two(a, tensor)
    case .two(let a, let b): items = .three(a, b, tensor)
    case .three(let a, let b, let c): items = .four(a, b, c, tensor)
    case .four(let a, let b, let c, let d): items = .many([a, b, c, d, tensor])
    case .many(var tensors):
      items = .none
      tensors.append(tensor)
      items = .many(tensors)
    }
  }

  /// The tensor at a position, or ``Tensor/absent`` beyond the end.
  public subscript(i: Int) -> Tensor {
    get {
      switch (items, i) {
      case (.one(let a), 0), (.two(let a, _), 0), (.three(let a, _, _), 0), (.four(let a, _, _, _), 0): a
      case (.two(_, let b), 1), (.three(_, let b, _), 1), (.four(_, let b, _, _), 1): b
      case (.three(_, _, let c), 2), (.four(_, _, let c, _), 2): c
      case (.four(_, _, _, let d), 3): d
      case (.many(let tensors), _): tensors.indices.contains(i) ? tensors[i] : .absent
      default: .absent
      }
    }
    set {
      switch (items, i) {
      case (.one, 0): items = .one(newValue)
      case (.two(_, let b), 0): items = .two(newValue, b)
      case (.two(let a, _), 1): items = .two(a, newValue)
      case (.three(_, let b, let c), 0): items = .three(newValue, b, c)
      case (.three(let a, _, let c), 1): items = .three(a, newValue, c)
      case (.three(let a, let b, _), 2): items = .three(a, b, newValue)
      case (.four(_, let b, let c, let d), 0): items = .four(newValue, b, c, d)
      case (.four(let a, _, let c, let d), 1): items = .four(a, newValue, c, d)
      case (.four(let a, let b, _, let d), 2): items = .four(a, b, newValue, d)
      case (.four(let a, let b, let c, _), 3): items = .four(a, b, c, newValue)
      case (.many(var tensors), _) where tensors.indices.contains(i):
        items = .none
        tensors[i] = newValue
        items = .many(tensors)
      default: break
      }
    }
  }

  /// The first tensor, or ``Tensor/absent`` if there is none.
  public var first: Tensor {
    switch items {
    case .one(let a), .two(let a, _), .three(let a, _, _), .four(let a, _, _, _): a
    case .none: .absent
    case .many(let tensors): tensors[0]
    }
  }

  /// The tensor at a position, unless it was not given.
  public func optional(_ i: Int) -> Tensor? {
    let tensor = self[i]
    return tensor.isAbsent ? nil : tensor
  }

  /// Without some at the end.
  @inline(__always)
  consuming func dropping(last count: Int) -> TensorList {
    count == 0 ? self : TensorList(dropLast(count))
  }

  /// Takes a tensor out for changing it in place, leaving ``Tensor/absent``.
  mutating func take(_ i: Int) -> Tensor {
    let tensor = self[i]
    self[i] = .absent
    return tensor
  }
}
