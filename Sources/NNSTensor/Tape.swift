/// One entry of the tape: a tensor that depends on something differentiated, and how.
struct Record {
  /// Gives the gradients of the inputs.
  let op: Op
  /// Unique over the life of the process.
  let serial: UInt64
  /// The levels of differentiation it depends on, one bit each.
  var mask: UInt64
  /// Where the inputs stand on the tape, -1 for constants: four inline, the rest beside.
  let inputs: InlineArray<4, Int32>
  let moreInputs: [Int32]
  let inputCount: Int32
  /// How many outputs the op has; the others follow as records of their own, for which this is 0.
  let outputCount: Int32
  /// What the gradient rule needs: inputs, then outputs; ``Tensor/absent`` for those that it does not.
  var saved: TensorList
  let attributes: [Attribute]
  /// The output's type.
  let type: TensorType

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

  /// Adds a record for each output and ties the outputs to them. Outputs that are not floats stay untied.
  mutating func append(
    _ op: Op, mask: UInt64, inputs: borrowing TensorList, outputs: borrowing TensorList, saves: Saves,
    attributes: [Attribute]
  ) throws {
    let count = inputs.count
    guard records.count < Int(Int32.max) - outputs.count else { throw Mistakes.tapeFull() }
    var places = InlineArray<4, Int32>(repeating: -1)
    var more: [Int32] = []
    var saved = TensorList()
    for i in 0..<count {
      let input = inputs[i]
      let place = Int32(truncatingIfNeeded: index(of: input) ?? -1)
      if i < 4 { places[i] = place } else { more.append(place) }
      if saves.rawValue != 0 {
        saved.append(saves.hasInput(i) ? input : saves.contains(.types) ? .meta(input.type) : .absent)
      }
    }
    if saves.hasOutput(0) || saves.hasOutput(1) || saves.hasOutput(2) {
      for i in 0..<outputs.count { saved.append(saves.hasOutput(i) ? outputs[i] : .absent) }
    }
    for i in 0..<outputs.count {
      let output = outputs[i]
      if output.dtype.isFloat { output.trace = Trace(index: records.count, serial: nextSerial) }
      let isFirst = i == 0
      records.append(
        Record(
          op: op, serial: nextSerial, mask: mask, inputs: places, moreInputs: isFirst ? more : [],
          inputCount: isFirst ? Int32(truncatingIfNeeded: count) : 0,
          outputCount: isFirst ? Int32(truncatingIfNeeded: outputs.count) : 0,
          saved: isFirst ? saved : TensorList(), attributes: isFirst ? attributes : [], type: output.type))
      nextSerial += 1
    }
  }

  /// Forgets all records from a position on, last first.
  mutating func truncate(to count: Int) {
    guard count < records.count else { return }
    records.removeSubrange(count...)
  }
}
