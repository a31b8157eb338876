/// The key order of a record. Records made by one literal share one layout, so that a member access can remember where
/// it found its key last time.
final class Layout {
  @exclusivity(unchecked) private(set) var keys: [Text]
  // Built when a search through the keys would cost more than hashing.
  private var index: [Text: Int]

  init(_ keys: [Text]) {
    self.keys = keys
    index = [:]
    if keys.count > Layout.searched { reindex() }
  }

  private init(_ keys: [Text], _ index: [Text: Int]) {
    self.keys = keys
    self.index = index
  }

  private static let searched = 8

  private func reindex() {
    index.removeAll(keepingCapacity: true)
    for (position, key) in keys.enumerated() { index[key] = position }
  }

  func position(of key: Text) -> Int? {
    keys.count > Layout.searched ? index[key] : keys.firstIndex(of: key)
  }

  func copy() -> Layout { Layout(keys, index) }

  /// Bytes that one more key takes, with what is copied for it; `isShared` as others hold the layout too.
  fileprivate func growth(isShared: Bool) -> Int {
    var bytes = 0
    if isShared || keys.count == keys.capacity { bytes += 2 * keys.count * MemoryLayout<Text>.stride }
    // Three quarters of a dictionary's places are in use at most.
    if isShared || index.count == index.capacity {
      bytes += 3 * index.count * (MemoryLayout<Text>.stride + MemoryLayout<Int>.stride)
    }
    return bytes
  }

  fileprivate func append(_ key: Text) {
    keys.append(key)
    if keys.count > Layout.searched + 1 {
      index[key] = keys.count - 1
    } else if keys.count > Layout.searched {
      reindex()
    }
  }

  fileprivate func remove(at position: Int) {
    keys.remove(at: position)
    if keys.count > Layout.searched { reindex() }
  }
}

/// A key, and where it was found last time.
struct KeyCache {
  private let key: Text
  private var layout: ObjectIdentifier?
  private var position = 0

  init(_ key: Text) { self.key = key }

  /// The position of the key in a record, or `nil`.
  @inline(__always)
  mutating func position(in record: RecordBox) -> Int? {
    // The key itself is compared too: a layout's memory may have been used again, or its keys have changed.
    if layout == ObjectIdentifier(record.layout), position < record.layout.keys.count,
      record.layout.keys[position] == key
    {
      return position
    }
    guard let found = record.layout.position(of: key) else { return nil }
    layout = ObjectIdentifier(record.layout)
    position = found
    return found
  }
}

/// The entries of a record, ordered by first insertion.
public class RecordBox {
  @exclusivity(unchecked) private(set) final var layout: Layout
  /// One value a key; changed in place only where this box is uniquely held.
  @exclusivity(unchecked) final var values: [Value]

  init(layout: Layout, values: [Value]) {
    self.layout = layout
    self.values = values
  }

  convenience init(entries: [(Text, Value)]) {
    self.init(layout: Layout([]), values: [])
    for (key, value) in entries { self[key] = value }
  }

  deinit { Teardown.release(&values) }

  final func copy() -> RecordBox { RecordBox(layout: layout, values: values) }

  /// Makes a box one that nobody else holds: itself, or a copy.
  ///
  /// - Throws: a limit error where there is no memory for the copy.
  @inline(__always)
  static func own(_ box: inout RecordBox, _ c: Context) throws {
    if isKnownUniquelyReferenced(&box) { return }
    try c.charge(items: box.values.count)
    box = box.copy()
  }

  final var keys: [Text] { layout.keys }

  /// The keys, for messages.
  final var names: [String] { keys.map(\.string) }

  final var entries: [(key: Text, value: Value)] {
    zip(layout.keys, values).map { (key: $0, value: $1) }
  }

  /// Reads a key, or adds or replaces it; setting `nil` (Swift's) removes it. Many keys must have been charged.
  final subscript(key: Text) -> Value? {
    get { layout.position(of: key).map { values[$0] } }
    set {
      if let newValue {
        if let position = layout.position(of: key) {
          values[position] = newValue
        } else {
          add(key, newValue)
        }
      } else if let position = layout.position(of: key) {
        if !isKnownUniquelyReferenced(&layout) { layout = layout.copy() }
        layout.remove(at: position)
        values.remove(at: position)
      }
    }
  }

  /// Adds or replaces a key.
  ///
  /// - Throws: a limit error where there is no memory for it.
  final func set(_ key: Text, to value: Value, _ c: Context) throws {
    if let position = layout.position(of: key) {
      values[position] = value
    } else {
      _ = try add(key, value, c)
    }
  }

  /// Adds a key that is not there yet, and gives its position.
  ///
  /// - Throws: a limit error where there is no memory for it.
  final func add(_ key: Text, _ value: Value, _ c: Context) throws -> Int {
    let isShared = !isKnownUniquelyReferenced(&layout)
    var bytes = layout.growth(isShared: isShared)
    if values.count == values.capacity { bytes += 2 * values.count * MemoryLayout<Value>.stride }
    if bytes > 0 { try c.charge(bytes: bytes) }
    add(key, value)
    return values.count - 1
  }

  private func add(_ key: Text, _ value: Value) {
    if !isKnownUniquelyReferenced(&layout) { layout = layout.copy() }
    layout.append(key)
    values.append(value)
  }
}
