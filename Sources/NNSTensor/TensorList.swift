/// Tensors in order: up to four inline, the rest in an array. ``Tensor/absent`` stands where one is missing.
public struct TensorList: RandomAccessCollection, ExpressibleByArrayLiteral, Sendable {
  private var t0: Tensor?
  private var t1: Tensor?
  private var t2: Tensor?
  private var t3: Tensor?
  private var rest: [Tensor] = []
  /// How many there are.
  public private(set) var count = 0

  /// No tensors.
  public init() {}

  /// One tensor.
  public init(_ a: Tensor) {
    t0 = a
    count = 1
  }

  /// Two tensors.
  public init(_ a: Tensor, _ b: Tensor) {
    t0 = a
    t1 = b
    count = 2
  }

  /// Three tensors.
  public init(_ a: Tensor, _ b: Tensor, _ c: Tensor) {
    self.init(a, b)
    t2 = c
    count = 3
  }

  /// Four tensors.
  public init(_ a: Tensor, _ b: Tensor, _ c: Tensor, _ d: Tensor) {
    self.init(a, b, c)
    t3 = d
    count = 4
  }

  /// Any number of tensors.
  public init(_ tensors: some Sequence<Tensor>) {
    for tensor in tensors { append(tensor) }
  }

  /// Any number of tensors.
  public init(arrayLiteral elements: Tensor...) {
    for tensor in elements { append(tensor) }
  }

  /// Adds one at the end.
  public mutating func append(_ tensor: Tensor) {
    switch count {
    case 0: t0 = tensor
    case 1: t1 = tensor
    case 2: t2 = tensor
    case 3: t3 = tensor
    default: rest.append(tensor)
    }
    count += 1
  }

  /// The position of the first.
  public var startIndex: Int { 0 }
  /// The position after the last.
  public var endIndex: Int { count }

  /// The tensor at a position, or ``Tensor/absent`` beyond the end.
  public subscript(i: Int) -> Tensor {
    get {
      switch i {
      case 0: t0 ?? .absent
      case 1: t1 ?? .absent
      case 2: t2 ?? .absent
      case 3: t3 ?? .absent
      default: i - 4 < rest.count ? rest[i - 4] : .absent
      }
    }
    set {
      switch i {
      case 0: t0 = newValue
      case 1: t1 = newValue
      case 2: t2 = newValue
      case 3: t3 = newValue
      default: if i - 4 < rest.count { rest[i - 4] = newValue }
      }
    }
  }

  /// The first tensor, or ``Tensor/absent`` if there is none.
  public var first: Tensor { t0 ?? .absent }

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
