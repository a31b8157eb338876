import NNSTensor

/// `checkpoint(f)`: of what a function computes only the value is kept; the backward pass runs it again.
///
/// It is run on the same arguments, variables, fields and random numbers as the first time, and leaves no trace in them.
enum Checkpoint {
  static func call(_ f: Value, _ arguments: Arguments, _ c: Context) throws -> Value {
    guard c.engine.isRecording else { return try c.call(f, arguments) }
    var reached = [f] + arguments.positional + arguments.named.map(\.value)
    if let block = arguments.block { reached.append(block) }
    let state = ScriptState(reachableFrom: reached)
    let moment = Moment(c)
    let first = First()
    let outputs = try c.engine.replaying { isWithin in
      let nest = try Nest(try c.call(f, arguments), .data("checkpoint"), c)
      if try state.hasStored(isWithin, c) { throw Mistakes.replayAssigns() }
      first.print = try fingerprint(nest.tensors, c)
      first.nest = nest
      return nest.tensors
    } again: { [unowned c] in
      try moment.again(c) {
        try state.restored {
          let tensors = try Nest(try c.call(f, arguments), .data("checkpoint"), c).tensors
          guard try fingerprint(tensors, c) == first.print else {
            throw c.diagnose(Mistakes.replayDiffers(), at: first.value.flatMap { c.place(of: $0) } ?? .none)
          }
          return tensors
        }
      }
    }
    defer { first.nest = nil }
    first.value = outputs.first
    return try first.nest?.rebuilt(outputs, c) ?? .nil
  }

  /// What the first run gave.
  private final class First {
    /// Its value, while that is being returned.
    var nest: Nest?
    /// A tensor of it, which knows where the call stood.
    weak var value: Tensor?
    var print: UInt64 = 0
  }

  /// What of the run's state is neither in variables nor in fields.
  private struct Moment {
    let random: RandomState
    let model: ModelInstance?
    let training: Bool?

    init(_ c: Context) { (random, model, training) = (c.engine.randomState, c.currentModel, c.trainingOverride) }

    func again<Result>(_ c: Context, _ body: () throws -> Result) rethrows -> Result {
      let now = Moment(c)
      enter(c)
      defer { now.enter(c) }
      return try body()
    }

    private func enter(_ c: Context) {
      c.engine.randomState = random
      c.currentModel = model
      c.trainingOverride = training
    }
  }

  /// A number that differs where a type or a bit of any element does, but for a chance of 2⁻⁶⁴.
  private static func fingerprint(_ tensors: [Tensor], _ c: Context) throws -> UInt64 {
    var print = FowlerNollVo()
    for tensor in tensors {
      print.add(UInt64(tensor.dtype.rawValue))
      for size in tensor.shape { print.add(UInt64(size)) }
      if tensor.isMeta { continue }
      try c.engine.contiguous(tensor).withBytes { bytes in
        try c.engine.budget.charge(work: bytes.count / 8)
        var offset = 0
        while offset + 8 <= bytes.count {
          print.add(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
          offset += 8
        }
        for byte in bytes[offset...] { print.add(UInt64(byte)) }
      }
    }
    return print.value
  }

  /// The hash of G. Fowler, L. C. Noll and K.-P. Vo, by words instead of bytes.
  private struct FowlerNollVo {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ word: UInt64) {
      value = (value ^ word) &* 0x100_0000_01b3
      // A word's high bits would reach no lower ones.
      value ^= value >> 32
    }
  }
}
