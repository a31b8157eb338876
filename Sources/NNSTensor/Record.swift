/// One entry of the tape: a tensor that depends on something differentiated, and how.
struct Record: Sendable {
  /// Gives the gradients of the inputs.
  var op: Op
  /// Unique over the life of the process, and growing along the tape.
  let serial: UInt64
  /// The levels of differentiation it depends on, one bit each.
  var mask: UInt64
  /// Where the inputs stand on the tape, -1 for constants: three inline, the rest beside.
  private var inputs: InlineArray<3, Int32>
  let inputCount: Int32
  /// How many outputs the op has; the others follow as records of their own, for which this is 0.
  let outputCount: Int32
  private let output: SmallType
  /// What the gradient rule needs: inputs, then outputs; ``Tensor/absent`` for those that it does not.
  var saved: TensorList
  let attributes: [Attribute]
  private var more: More?

  /// What few records have.
  private final class More: Sendable {
    let inputs: [Int32]
    let type: TensorType?

    init(inputs: [Int32], type: TensorType?) {
      self.inputs = inputs
      self.type = type
    }
  }

  /// The record of an op's first output.
  ///
  /// - Parameter inputs: where the first three inputs stand.
  /// - Parameter others: where those after them do.
  init(
    _ op: Op, serial: UInt64, mask: UInt64, inputs: InlineArray<3, Int32>, others: [Int32], inputCount: Int,
    outputCount: Int, saved: TensorList, attributes: [Attribute], type: TensorType
  ) {
    self.op = op
    self.serial = serial
    self.mask = mask
    self.inputs = inputs
    self.inputCount = Int32(truncatingIfNeeded: inputCount)
    self.outputCount = Int32(truncatingIfNeeded: outputCount)
    self.saved = saved
    self.attributes = attributes
    let small = SmallType(type)
    output = small ?? SmallType()
    more = small == nil || !others.isEmpty ? More(inputs: others, type: small == nil ? type : nil) : nil
  }

  /// The record of a further output.
  init(_ op: Op, serial: UInt64, mask: UInt64, type: TensorType) {
    self.init(
      op, serial: serial, mask: mask, inputs: InlineArray(repeating: -1), others: [], inputCount: 0, outputCount: 0,
      saved: TensorList(), attributes: [], type: type)
  }

  /// Where an input stands on the tape, -1 for a constant.
  func input(_ i: Int) -> Int { Int(i < 3 ? inputs[i] : more?.inputs[i - 3] ?? -1) }

  /// The output's type.
  var type: TensorType { more?.type ?? output.type }

  /// Whether a tensor has the output's shape.
  func hasShape(of x: Tensor) -> Bool { more?.type.map { $0.shape == x.shape } ?? output.hasShape(x.shape) }

  /// The output's dtype.
  var dtype: DType { more?.type?.dtype ?? output.dtype }

  /// The same entry where everything from a position on has moved.
  func moved(by distance: Int, from start: Int) -> Record {
    func place(_ input: Int32) -> Int32 { input >= start ? Int32(truncatingIfNeeded: Int(input) + distance) : input }
    var record = self
    for i in 0..<3 { record.inputs[i] = place(inputs[i]) }
    if let more { record.more = More(inputs: more.inputs.map(place), type: more.type) }
    return record
  }
}

/// A type of at most four axes and small sizes, in a fifth of the room.
private struct SmallType: Sendable {
  let dtype: DType
  private let rank: UInt8
  private let isWeak: Bool
  private var sizes = InlineArray<4, UInt32>(repeating: 0)

  init() { (dtype, rank, isWeak) = (.f32, 0, false) }

  init?(_ type: TensorType) {
    guard type.shape.rank <= 4 else { return nil }
    (dtype, rank, isWeak) = (type.dtype, UInt8(type.shape.rank), type.isWeak)
    for axis in 0..<type.shape.rank {
      guard let size = UInt32(exactly: type.shape[axis]) else { return nil }
      sizes[axis] = size
    }
  }

  func hasShape(_ shape: Shape) -> Bool {
    guard shape.rank == rank else { return false }
    for axis in 0..<Int(rank) where shape[axis] != sizes[axis] { return false }
    return true
  }

  var type: TensorType {
    var axes = Axes()
    for axis in 0..<Int(rank) { axes.append(Int(sizes[axis])) }
    return TensorType(dtype, Shape(proven: axes), isWeak: isWeak)
  }
}

/// Records by position, in blocks that stay where they are: a tape grows without being copied.
struct RecordList {
  private static let shift = 10
  private static let blockSize = 1 << shift
  private var blocks: ContiguousArray<ContiguousArray<Record>> = []
  private(set) var count = 0

  subscript(i: Int) -> Record {
    _read { yield blocks[i >> RecordList.shift][i & (RecordList.blockSize - 1)] }
    _modify { yield &blocks[i >> RecordList.shift][i & (RecordList.blockSize - 1)] }
  }

  var isEmpty: Bool { count == 0 }
  var indices: Range<Int> { 0..<count }

  mutating func append(_ record: consuming Record) {
    let block = count >> RecordList.shift
    if block == blocks.count {
      blocks.append([])
      // Most tapes are short.
      if block > 0 { blocks[block].reserveCapacity(RecordList.blockSize) }
    }
    blocks[block].append(record)
    count += 1
  }

  /// Takes all records from a position on away, last first.
  mutating func truncate(to newCount: Int) {
    guard newCount < count else { return }
    let last = newCount >> RecordList.shift
    while blocks.count > last + 1 { blocks.removeLast() }
    blocks[last].removeSubrange((newCount & (RecordList.blockSize - 1))...)
    count = newCount
  }
}
