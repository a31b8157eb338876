/// The items of a list. They are changed in place only where one value alone holds the box.
public final class ListBox {
  // One thread at a time uses an interpreter's values, and nobody reads a box while it is being changed, so the check
  // for that at run time is left out; the other boxes do the same.
  @exclusivity(unchecked) private var start: UnsafeMutablePointer<Value>?
  /// How many items there is room for.
  @exclusivity(unchecked) private var capacity: Int
  /// How many items there are.
  @exclusivity(unchecked) public private(set) var count = 0

  /// A list without items, with room for a few of them.
  init(capacity: Int = 0) {
    start = capacity > 0 ? Memory.resized(nil, from: 0, to: capacity) : nil
    precondition(capacity == 0 || start != nil, "out of memory")
    self.capacity = capacity
  }

  /// A list without items, with room for `capacity` of them, which are charged.
  ///
  /// - Throws: a limit error where a limit or the machine does not have the memory.
  init(capacity: Int, _ c: Context) throws {
    try c.charge(items: capacity)
    start = capacity > 0 ? Memory.resized(nil, from: 0, to: capacity) : nil
    guard capacity == 0 || start != nil else {
      throw c.engine.budget.outOfMemory(asked: capacity &* MemoryLayout<Value>.stride)
    }
    self.capacity = capacity
  }

  /// A list of `items`, which are few, or have been charged.
  convenience init(_ items: some Collection<Value>) {
    self.init(capacity: items.count)
    for item in items { add(item) }
  }

  /// A list of `items`, which are charged.
  convenience init(_ items: some Collection<Value>, _ c: Context) throws {
    try self.init(capacity: items.count, c)
    for item in items { add(item) }
  }

  deinit {
    guard let start, !Reaper.take(start, count: count, capacity: capacity) else { return }
    Teardown.release(start, count: count)
    Memory.release(start, count: capacity)
  }

  /// A list of the same items.
  func copy(_ c: Context) throws -> ListBox { try ListBox(self, c) }

  /// A list of the items of both.
  func joined(with other: ListBox, _ c: Context) throws -> ListBox {
    let list = try ListBox(capacity: count + other.count, c)
    for item in self { list.add(item) }
    for item in other { list.add(item) }
    return list
  }

  /// A list of the items at some positions.
  func slice(_ bounds: Indexing.Slice, _ c: Context) throws -> ListBox {
    try ListBox((0..<bounds.count).lazy.map { self[bounds.start + $0 * bounds.step] }, c)
  }

  /// A list of so many ints from one on, `step` apart.
  static func ints(from start: Int, step: Int, count: Int, _ c: Context) throws -> ListBox {
    try ListBox((0..<count).lazy.map { .int(start + $0 * step) }, c)
  }

  /// Makes a box one that nobody else holds: itself, or a copy.
  @inline(__always)
  static func own(_ box: inout ListBox, _ c: Context) throws {
    if !isKnownUniquelyReferenced(&box) { box = try box.copy(c) }
  }

  /// Where an item stands. Only who holds the box alone may write there.
  @inline(__always)
  func pointer(to position: Int) -> UnsafeMutablePointer<Value> {
    precondition(UInt(bitPattern: position) < UInt(bitPattern: count))
    return start.unsafelyUnwrapped + position
  }

  // MARK: Changes, for who holds the box alone

  /// Adds an item at the end.
  @inline(__always)
  func append(_ item: consuming Value, _ c: Context) throws {
    if count == capacity { try grow(to: count + 1, c) }
    add(item)
  }

  /// Room for so many items and some more.
  ///
  /// - Throws: a limit error where a limit or the machine does not have the memory.
  @inline(never)
  private func grow(to count: Int, _ c: Context) throws {
    let roomy = Swift.max(count, capacity + capacity / 2, 4)
    let (bytes, overflow) = roomy.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
    try c.charge(bytes: overflow ? .max : bytes)
    guard let larger = Memory.resized(start, from: capacity, to: roomy) else {
      throw c.engine.budget.outOfMemory(asked: bytes)
    }
    start = larger
    capacity = roomy
  }

  /// Adds an item where there is room for it.
  @inline(__always)
  func add(_ item: consuming Value) {
    precondition(count < capacity)
    (start.unsafelyUnwrapped + count).initialize(to: item)
    count &+= 1
  }

  /// Adds all items of another list.
  func append(contentsOf other: ListBox, _ c: Context) throws { try replace(count..<count, with: other, c) }

  /// Takes the last item out.
  func popLast() -> Value? {
    guard count > 0, let start else { return nil }
    count &-= 1
    return (start + count).move()
  }

  /// Takes an item out.
  func remove(at position: Int) -> Value {
    let item = pointer(to: position).move()
    count &-= 1
    if let start {
      (start + position).moveInitialize(from: start + position + 1, count: count - position)
    }
    return item
  }

  /// Puts an item before the one at `position`, or at the end.
  func insert(_ item: Value, at position: Int, _ c: Context) throws {
    try replace(position..<position, with: CollectionOfOne(item), c)
  }

  /// Puts items in the place of others.
  func replace(_ range: Range<Int>, with items: some Collection<Value>, _ c: Context) throws {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    let (size, overflow) = (count - range.count).addingReportingOverflow(items.count)
    if size > capacity || overflow { try grow(to: overflow ? .max : size, c) }
    guard let start else { return }
    (start + range.lowerBound).deinitialize(count: range.count)
    (start + range.lowerBound + items.count)
      .moveInitialize(from: start + range.upperBound, count: count - range.upperBound)
    var next = start + range.lowerBound
    for item in items {
      next.initialize(to: item)
      next += 1
    }
    count = size
  }
}

extension ListBox: RandomAccessCollection {
  /// The position of the first item.
  public var startIndex: Int { 0 }
  /// One past the position of the last item.
  public var endIndex: Int { count }

  /// The item at a position, which must be one of the list.
  public subscript(position: Int) -> Value {
    @inline(__always) get { pointer(to: position).pointee }
    set { pointer(to: position).pointee = newValue }
  }
}
