/// One entry of the tape: a tensor that depends on something differentiated, and how.
struct Record {
  /// Gives gradients of the inputs; nil for a leaf's beginning and for the later outputs of an op with several.
  var op: Op?
  /// Unique over the life of the process.
  var serial: UInt64
  /// The levels of differentiation it depends on, one bit each.
  var mask: UInt64
  /// Where the inputs stand on the tape, -1 for constants: four inline, the rest beside.
  var inputs: InlineArray<4, Int32>
  var moreInputs: [Int32]
  var inputCount: Int32
  /// How many outputs there are; the others follow as records of their own.
  var outputCount: Int32
  /// What the gradient rule needs.
  var savedInputs: TensorList
  var savedOutputs: TensorList
  var attributes: [Attribute]
  /// The output's type.
  var type: TensorType

  func input(_ i: Int) -> Int { Int(i < 4 ? inputs[i] : moreInputs[i - 4]) }
}

/// What happened, in execution order, for all differentiations under way together.
///
/// Flat: records refer to each other by position, so that no chain of objects is ever freed by recursion.
struct Tape {
  /// The most differentiations that can be nested.
  static let levelLimit = 60

  var records: ContiguousArray<Record> = []
  /// The levels for which operations are recorded now.
  var activeMask: UInt64 = 0
  /// How many levels are under way.
  var depth = 0
  private var nextSerial: UInt64

  init(engine: UInt64) { nextSerial = engine << 40 + 1 }

  /// Where a tensor stands, if it is (still) on the tape.
  @inline(__always)
  func index(of tensor: Tensor) -> Int? {
    let trace = tensor.trace
    guard trace.index >= 0, trace.index < records.count, records[trace.index].serial == trace.serial else { return nil }
    return trace.index
  }

  /// The levels a tensor depends on.
  @inline(__always)
  func mask(of tensor: Tensor) -> UInt64 {
    guard tensor.trace.index >= 0, let index = index(of: tensor) else { return 0 }
    return records[index].mask
  }

  /// The active levels that any of the tensors depends on.
  func mask(of tensors: borrowing TensorList) -> UInt64 {
    var mask: UInt64 = 0
    for i in 0..<tensors.count { mask |= self.mask(of: tensors[i]) }
    return mask & activeMask
  }

  /// Adds a record for each output and ties the outputs to them. Outputs that are not floats get none.
  mutating func append(
    _ op: Op?, mask: UInt64, inputs: TensorList, outputs: TensorList, saves: Saves, attributes: [Attribute]
  ) throws {
    guard records.count < Int(Int32.max) - outputs.count else { throw Mistakes.tapeFull() }
    var record = Record(
      op: op, serial: 0, mask: mask, inputs: InlineArray(repeating: -1), moreInputs: [],
      inputCount: Int32(inputs.count), outputCount: Int32(outputs.count), savedInputs: TensorList(),
      savedOutputs: TensorList(), attributes: attributes, type: outputs.first.type)
    for i in 0..<inputs.count {
      let position = Int32(index(of: inputs[i]) ?? -1)
      if i < 4 { record.inputs[i] = position } else { record.moreInputs.append(position) }
      if saves.rawValue != 0 {
        record.savedInputs.append(
          saves.hasInput(i) ? inputs[i] : saves.contains(.types) ? .meta(inputs[i].type) : .absent)
      }
    }
    for i in 0..<outputs.count where saves.hasOutput(i) { record.savedOutputs[orAppend: i] = outputs[i] }
    for i in 0..<outputs.count {
      let output = outputs[i]
      record.serial = nextSerial
      nextSerial += 1
      record.type = output.type
      if i > 0 { record = Record(continuing: record) }
      if output.dtype.isFloat { output.trace = Trace(index: records.count, serial: record.serial) }
      records.append(record)
    }
  }

  /// Forgets all records from a position on, last first.
  mutating func truncate(to count: Int) {
    guard count < records.count else { return }
    records.removeSubrange(count...)
  }
}

extension Record {
  /// A record for a later output of the same op.
  fileprivate init(continuing first: Record) {
    self = first
    op = nil
    moreInputs = []
    inputs = InlineArray(repeating: -1)
    inputCount = 0
    savedInputs = TensorList()
    savedOutputs = TensorList()
    attributes = []
  }
}

extension TensorList {
  /// Sets a position, filling what lies before with ``Tensor/absent``.
  subscript(orAppend i: Int) -> Tensor {
    get { self[i] }
    set {
      while count <= i { append(.absent) }
      self[i] = newValue
    }
  }
}
