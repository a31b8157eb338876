/// What happened, in execution order, for all differentiations under way together.
///
/// Flat: records refer to each other by position, so that no chain of objects is ever freed by recursion.
struct Tape {
  /// The most differentiations that can be nested.
  static let levelLimit = 60

  var records = RecordList()
  /// The levels for which operations are recorded now.
  var activeMask: UInt64 = 0
  /// The levels among them whose gradient rules will be asked; what they need is kept. For the others only who depends on
  /// whom is recorded.
  var savingMask: UInt64 = 0
  /// How many levels are under way.
  var depth = 0
  /// Histories that stand on the tape again, elsewhere than where their tensors say.
  var resumed: [Resumed] = []
  private var nextSerial: UInt64

  init(engine: UInt64) { nextSerial = engine << 40 + 1 }

  /// Where a tensor stands, if it is (still) on the tape.
  @inline(__always)
  func index(of tensor: Tensor) -> Int? {
    let trace = tensor.trace
    guard trace.index >= 0 else { return nil }
    if !resumed.isEmpty, let index = resumedIndex(of: trace) { return index }
    guard trace.index < records.count, records[trace.index].serial == trace.serial else { return nil }
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
    var places = InlineArray<3, Int32>(repeating: -1)
    var others: [Int32] = []
    var saved = TensorList()
    let savesInputs = mask & savingMask != 0 && saves.rawValue != 0
    for i in 0..<count {
      let place = Int32(truncatingIfNeeded: index(of: inputs[i]) ?? -1)
      if i < 3 { places[i] = place } else { others.append(place) }
      guard savesInputs else { continue }
      // The types of those on the tape stand there.
      saved.append(
        saves.hasInput(i) ? inputs[i] : place < 0 && saves.contains(.types) ? .meta(inputs[i].type) : .absent)
    }
    if savesInputs, saves.hasOutput(0) || saves.hasOutput(1) || saves.hasOutput(2) {
      for i in 0..<outputs.count { saved.append(saves.hasOutput(i) ? outputs[i] : .absent) }
    }
    for i in 0..<outputs.count {
      let output = outputs[i]
      if output.dtype.isFloat { output.trace = Trace(index: records.count, serial: nextSerial) }
      records.append(
        i == 0
          ? Record(
            op, serial: nextSerial, mask: mask, inputs: places, others: others, inputCount: count,
            outputCount: outputs.count, saved: saved, attributes: attributes, type: output.type)
          : Record(op, serial: nextSerial, mask: mask, type: output.type))
      nextSerial += 1
    }
  }

  /// Forgets all records from a position on, last first.
  mutating func truncate(to count: Int) { records.truncate(to: count) }
}
