/// Up to eight ints held inline: strides, lists of axes, sizes under construction.
public struct Axes: RandomAccessCollection, Hashable, Sendable {
  /// The most axes a tensor can have.
  public static let limit = 8

  private var items = InlineArray<8, Int>(repeating: 0)
  /// How many there are.
  public private(set) var count = 0

  /// An empty list.
  public init() {}

  /// `count` times the same value. `count` is at most ``limit``.
  init(repeating value: Int, count: Int) {
    self.count = count
    for i in 0..<count { items[i] = value }
  }

  /// The position of the first.
  public var startIndex: Int { 0 }
  /// The position after the last.
  public var endIndex: Int { count }
  /// The value at a position.
  public subscript(i: Int) -> Int {
    get { items[i] }
    set { items[i] = newValue }
  }

  /// Adds one. There must be room.
  mutating func append(_ value: Int) {
    items[count] = value
    count += 1
  }

  /// Inserts one before position `i`. There must be room.
  mutating func insert(_ value: Int, at i: Int) {
    var k = count
    while k > i {
      items[k] = items[k - 1]
      k -= 1
    }
    items[i] = value
    count += 1
  }

  /// Takes one out.
  mutating func remove(at i: Int) {
    for k in i..<count - 1 { items[k] = items[k + 1] }
    count -= 1
    items[count] = 0
  }

  /// Elementwise equality.
  public static func == (a: Axes, b: Axes) -> Bool {
    guard a.count == b.count else { return false }
    for i in 0..<a.count where a.items[i] != b.items[i] { return false }
    return true
  }

  /// Feeds count and values.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for i in 0..<count { hasher.combine(items[i]) }
  }
}

/// The size of a tensor along each axis: at most eight, none negative, their product at most ``elementLimit``.
public struct Shape: RandomAccessCollection, Hashable, Sendable, CustomStringConvertible {
  /// The sizes.
  let sizes: Axes
  /// The product of the sizes; 1 for rank 0.
  public let elementCount: Int
  /// The most elements of a shape: so few that sizes in bytes never overflow either.
  public static let elementLimit = Int.max / 64

  /// The shape of rank 0.
  public init() {
    sizes = Axes()
    elementCount = 1
  }

  /// Checks what a script says.
  ///
  /// - Throws: a shape error for more than eight axes or a negative size, a limit error if the element count overflows.
  public init(_ sizes: some Collection<Int>) throws {
    guard sizes.count <= Axes.limit else { throw Mistakes.tooManyAxes(sizes.count) }
    var axes = Axes()
    for size in sizes { axes.append(size) }
    try self.init(checking: axes)
  }

  init(checking axes: Axes) throws {
    var count = 1
    var overflow = false
    var isEmpty = false
    for size in axes {
      if size < 0 { throw Mistakes.negativeSize(size) }
      if size == 0 { isEmpty = true }
      let (product, carry) = count.multipliedReportingOverflow(by: Swift.max(size, 1))
      count = product
      overflow = overflow || carry
    }
    if overflow || count > Shape.elementLimit { throw Mistakes.tooManyElements(axes) }
    self.sizes = axes
    elementCount = isEmpty ? 0 : count
  }

  /// For sizes that are known to be valid because they come from valid shapes without growing their product.
  init(proven axes: Axes) {
    sizes = axes
    var count = 1
    for size in axes { count &*= size }
    elementCount = count
  }

  /// Number of axes.
  public var count: Int { sizes.count }
  /// Number of axes.
  public var rank: Int { sizes.count }
  /// The position of the first axis.
  public var startIndex: Int { 0 }
  /// The position after the last axis.
  public var endIndex: Int { sizes.count }
  /// The size along an axis.
  public subscript(axis: Int) -> Int { sizes[axis] }

  /// As a script writes it: `[64, 784]`.
  public var description: String { "[" + map(String.init).joined(separator: ", ") + "]" }

  /// Equal sizes.
  public static func == (a: Shape, b: Shape) -> Bool { a.elementCount == b.elementCount && a.sizes == b.sizes }
  /// Feeds the sizes.
  public func hash(into hasher: inout Hasher) { hasher.combine(sizes) }

  /// Row-major strides, in elements.
  var contiguousStrides: Axes {
    var strides = Axes(repeating: 1, count: rank)
    var step = 1
    var axis = rank - 1
    while axis >= 0 {
      strides[axis] = step
      step &*= Swift.max(sizes[axis], 1)
      axis -= 1
    }
    return strides
  }

  /// The shape both broadcast to as in NumPy, or nil where two sizes differ and neither is 1.
  static func broadcast(_ a: Shape, _ b: Shape) throws -> Shape? {
    if a == b { return a }
    let rank = Swift.max(a.rank, b.rank)
    var sizes = Axes(repeating: 1, count: rank)
    for i in 1...rank {
      let x = i <= a.rank ? a[a.rank - i] : 1
      let y = i <= b.rank ? b[b.rank - i] : 1
      guard x == y || x == 1 || y == 1 else { return nil }
      sizes[rank - i] = x == 1 ? y : x
    }
    return try Shape(checking: sizes)
  }

  /// This shape without one axis.
  func removing(_ axis: Int) -> Shape {
    var sizes = sizes
    sizes.remove(at: axis)
    return Shape(proven: sizes)
  }

  /// This shape with one axis of another size.
  ///
  /// - Throws: a limit error if the element count overflows.
  func replacing(_ axis: Int, with size: Int) throws -> Shape {
    var sizes = sizes
    sizes[axis] = size
    return try Shape(checking: sizes)
  }

  /// A possibly negative axis as a position.
  ///
  /// - Throws: an index error that names the axis and the rank.
  func axis(_ axis: Int) throws -> Int {
    guard axis >= -rank && axis < rank else { throw Mistakes.axisOutOfRange(axis, self) }
    return axis < 0 ? axis + rank : axis
  }
}
