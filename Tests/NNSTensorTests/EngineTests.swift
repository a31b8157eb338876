import Testing

@testable import NNSTensor

@Suite struct EngineTests {
  let engine = Engine()

  func floats(_ values: [Float]) throws -> Tensor { try engine.tensor(values, [values.count]) }

  func message(_ op: Op, _ inputs: TensorList, _ attributes: [Attribute] = []) -> String {
    do {
      _ = try engine.apply(op, inputs, attributes)
      return "no error"
    } catch let error as TensorError {
      return error.help.map { "\(error.message) / \($0)" } ?? error.message
    } catch {
      return "\(error)"
    }
  }

  func zeros(_ shape: Int..., dtype: DType = .f32) throws -> Tensor {
    try engine.zeros(TensorType(dtype, Shape(shape)))
  }

  // MARK: Promotion

  @Test func numbersNeverWidenATensor() throws {
    let x = try floats([1, 2])
    #expect(try engine.apply(Ops.multiply, [x, .weak(2.0)]).first.dtype == .f32)
    let half = try engine.cast(x, to: .bf16)
    #expect(try engine.apply(Ops.multiply, [half, .weak(2.0)]).first.dtype == .bf16)
    #expect(try engine.apply(Ops.add, [half, x]).first.dtype == .f32)
    let ints = try engine.tensor([1, 2], [2], dtype: .i32)
    #expect(try engine.apply(Ops.add, [ints, .weak(1)]).first.dtype == .i32)
    #expect(try engine.apply(Ops.add, [ints, .weak(1.5)]).first.doubles() == [2.5, 3.5])
    #expect(try engine.apply(Ops.divide, [ints, ints]).first.dtype == .f32)
    let flags = try engine.tensor([true, false], [2])
    #expect(try engine.apply(Ops.add, [flags, .weak(1)]).first.type.description == "i64[2]")
    let number = try engine.apply(Ops.divide, [.weak(1), .weak(2)]).first
    #expect(number.isWeak && number.doubles() == [0.5])
  }

  // MARK: Messages

  @Test func productsSayWhichSizesDiffer() throws {
    #expect(
      message(Ops.matmul, [try zeros(64, 784), try zeros(512, 256)])
        == "matrix product of f32[64, 784] and f32[512, 256]: inner sizes 784 and 512 differ"
        + " / $1 needs 784 rows")
    #expect(
      message(Ops.linear, [try zeros(64, 3), try zeros(5, 4)])
        == "linear of f32[64, 3] and weight f32[5, 4]: the last axis of x has size 3, but weight takes 4 inputs")
  }

  @Test func broadcastsSayWhichSizesDiffer() throws {
    #expect(
      message(Ops.add, [try zeros(64, 10), try zeros(12)])
        == "f32[64, 10] + f32[12]: sizes 10 and 12 of the last axis differ and neither is 1")
    #expect(
      message(Ops.minimum, [try zeros(3, 10), try zeros(2, 10)])
        == "minimum of f32[3, 10] and f32[2, 10]: sizes 3 and 2 of axis -2 differ and neither is 1")
  }

  @Test func lossesDoNotBroadcast() throws {
    #expect(
      message(Ops.mseLoss, [try zeros(64, 1), try zeros(64)])
        == "mse_loss of f32[64, 1] and f32[64]: the shapes must agree, nothing broadcasts in a loss"
        + " / $0.reshape(-1) has the shape of $1")
    #expect(
      message(Ops.mseLoss, [try zeros(64), try zeros(1, 64)]).hasSuffix(
        "$1.reshape(-1) has the shape of $0"))
    #expect(
      message(Ops.crossEntropy, [try zeros(4, 10), try zeros(4, 1, dtype: .i64)])
        == "cross_entropy of f32[4, 10] and i64[4, 1]: with classes on the last axis the ids must have shape [4]"
        + " / $1.reshape(-1) has that shape")
    let labels = try engine.tensor([0, 1, 10, 2], [4])
    #expect(
      message(Ops.crossEntropy, [try zeros(4, 10), labels])
        == "cross_entropy: label 10 at [2] is out of range: there are 10 classes, 0 to 9")
  }

  @Test func numbersThatDoNotFitAreErrors() throws {
    let big = try engine.tensor([Int.max, 1], [2])
    #expect(message(Ops.add, [big, .weak(1)]).hasPrefix("int overflow"))
    #expect(message(Ops.multiply, [big, .weak(2)]).hasPrefix("int overflow"))
    #expect(message(Ops.sum, [big]).hasPrefix("int overflow"))
    #expect(message(Ops.negate, [try engine.tensor([Int.min], [1])]).hasPrefix("int overflow"))
    #expect(message(Ops.floorDivide, [big, .weak(0)]) == "int division by zero")
    #expect(message(Ops.modulo, [big, .weak(0)]) == "int division by zero")
    let least = try engine.tensor([Int.min], [1])
    #expect(message(Ops.floorDivide, [least, .weak(-1)]).hasPrefix("int overflow"))
    #expect(try engine.apply(Ops.modulo, [least, .weak(-1)]).first.ints() == [0])
    #expect(message(Ops.power, [big, .weak(-1)]).contains("negative power"))
    #expect(
      message(Ops.cast, [try floats([300])], [.dtype(.u8)]) == "an element of this f32 tensor does not fit into u8")
    #expect(message(Ops.cast, [try floats([.nan])], [.dtype(.i64)]).contains("does not fit"))
    #expect(message(Ops.cast, [big], [.dtype(.i32)]).contains("does not fit"))
    let small = try engine.tensor([200], [1], dtype: .u8)
    #expect(message(Ops.add, [small, small]).hasPrefix("int overflow"))
    #expect(message(Ops.add, [small, .weak(1000)]) == "1000 does not fit into u8")
  }

  @Test func indicesOutOfRangeAreNamed() throws {
    let x = try zeros(3, 4)
    #expect(throws: Mistakes.indexOutOfRange(5, 1, x.shape)) { try engine.index(x, [.int(0), .int(5)]) }
    #expect(throws: TensorError.self) { try engine.index(x, [.int(0), .int(0), .int(0)]) }
    #expect(throws: TensorError.self) { try engine.index(x, [.slice(start: nil, stop: nil, step: 0)]) }
    #expect(throws: TensorError.self) { try engine.index(x, [.tensor(engine.tensor([3], [1]))]) }
    #expect(throws: TensorError.self) { try engine.index(x, [.tensor(engine.tensor([true], [1]))]) }
    #expect(throws: TensorError.self) { try engine.index(x, [.tensor(floats([1]))]) }
    #expect(throws: UnknownShape.self) { try engine.index(x, [.tensor(.meta(.bool, Shape([3])))]) }
    #expect(throws: TensorError.self) { try engine.index(x, [IndexItem](repeating: .newAxis, count: 9)) }
  }

  // MARK: Values

  @Test func assignmentLeavesOthersAlone() throws {
    var a = try floats([1, 2, 3])
    let b = a
    try engine.assign(&a, [.int(0)], .weak(9.0))
    #expect(a.doubles() == [9, 2, 3] && b.doubles() == [1, 2, 3])
    let before = a.storage?.base
    try engine.assign(&a, [.slice(start: 1, stop: nil, step: nil)], .weak(0))
    #expect(a.doubles() == [9, 0, 0])
    #expect(a.storage?.base == before)
    let view = try engine.index(a, [.slice(start: 0, stop: 2, step: nil)])
    try engine.assign(&a, [.int(1)], .weak(5.0))
    #expect(view.doubles() == [9, 0] && a.doubles() == [9, 5, 0])
    // A value that is a view of the place itself.
    let mirror = try engine.index(a, [.slice(start: nil, stop: nil, step: -1)])
    try engine.assign(&a, [.ellipsis], mirror)
    #expect(a.doubles() == [0, 5, 9])
    #expect(throws: TensorError.self) { try engine.assign(&a, [.int(7)], .weak(5.0)) }
    var ints = try engine.tensor([1, 2], [2])
    #expect(throws: TensorError.self) { try engine.assign(&ints, [.int(0)], .weak(0.5)) }
  }

  @Test func updatesHappenInPlaceWhereNobodyElseHolds() throws {
    var p = try floats([1, 2])
    let place = p.storage?.base
    let g = try floats([1, 1])
    func step() throws {
      var given = Tensor.absent
      swap(&given, &p)
      p = try engine.apply(Ops.sgdStep, TensorList(consume given, g), [.float(0.5)]).first
    }
    try step()
    #expect(p.doubles() == [0.5, 1.5])
    #expect(p.storage?.base == place)
    let kept = p
    try step()
    #expect(p.doubles() == [0, 1] && kept.doubles() == [0.5, 1.5])
  }

  // MARK: Limits

  @Test func memoryIsLimitedAndGivenBack() throws {
    let budget = Budget()
    budget.byteLimit = 1_000_000
    let engine = Engine(budget: budget)
    #expect(throws: TensorError.self) { try engine.zeros(TensorType(.f32, Shape([1_000_000]))) }
    #expect(throws: TensorError.self) { try engine.zeros(TensorType(.f64, Shape([Int.max / 2]))) }
    for _ in 0..<100 { _ = try engine.zeros(TensorType(.f32, Shape([100_000]))) }
    #expect(budget.bytesInUse == 0)
    #expect(budget.peakBytes >= 400_000)
  }

  @Test func stepsAreLimitedAndRunsCancelled() throws {
    let budget = Budget()
    let engine = Engine(budget: budget)
    let x = try engine.zeros(TensorType(.f32, Shape([1000])))
    budget.stepsLeft = 1500
    _ = try engine.apply(Ops.exp, [x])
    #expect(throws: TensorError.self) { try engine.apply(Ops.exp, [x]) }
    budget.stepsLeft = .max
    budget.cancel()
    let long = try engine.empty(TensorType(.f32, Shape([1 << 21])))
    #expect(throws: Interrupted.self) { try engine.apply(Ops.exp, [long]) }
    budget.resume()
    budget.isOverdue = { true }
    #expect(throws: TensorError.self) { try engine.apply(Ops.exp, [long]) }
  }

  @Test func longRowsAreTakenInBlocks() throws {
    let count = engine.budget.grain.block + 100
    var x = try engine.full(TensorType(.f32, Shape([count])), 1)
    try engine.assign(&x, [.int(count - 3)], .weak(5))
    let wide = try engine.apply(Ops.reshape, [x], [.ints([-1, 2])]).first
    #expect(try engine.apply(Ops.sum, [x]).first.item().double == Double(count + 4))
    #expect(try engine.apply(Ops.sum, [wide], [.int(0)]).first.doubles() == [Double(count / 2), Double(count / 2 + 4)])
    #expect(try engine.apply(Ops.max, [x]).first.item().double == 5)
    #expect(try engine.apply(Ops.argmax, [x]).first.ints() == [count - 3])
    #expect(try engine.apply(Ops.argmax, [wide], [.int(0)]).first.ints() == [0, count / 2 - 2])
    #expect(try engine.apply(Ops.argmin, [x]).first.ints() == [0])
    #expect(try engine.apply(Ops.cumsum, [x]).first.element(at: count - 1).double == Double(count + 4))
    #expect(abs(try engine.apply(Ops.variance, [x]).first.item().double - 16 / Double(count)) < 1e-9)
    try engine.assign(&x, [.int(7)], .weak(.nan))
    #expect(try engine.apply(Ops.argmax, [x]).first.ints() == [7])
    #expect(try engine.apply(Ops.argmin, [x]).first.ints() == [7])
    engine.budget.cancel()
    #expect(throws: Interrupted.self) { try engine.apply(Ops.argmax, [x]) }
    engine.budget.resume()
  }

  @Test func sizeClassesFitAndGrow() throws {
    var last = 0
    for bytes in 1..<5000 {
      let (index, size) = try #require(Pool.sizeClass(bytes))
      #expect(size >= bytes && size <= Swift.max(64, bytes + bytes / 3 + 64))
      #expect(index >= last && index <= last + 1 && size % 64 == 0)
      last = index
    }
    #expect(Pool.sizeClass(Int.max) == nil)
    let largest = try #require(Pool.sizeClass(1 << 59))
    #expect(largest.index < 256)
  }

  // MARK: Half precision

  @Test func halfRoundsToNearestEven() throws {
    let x = try floats([1, 1 + 0x1p-8, 1 + 0x1.8p-7, 3.3895314e38, .infinity, .nan, 0, -2.5])
    let half = try engine.cast(x, to: .bf16)
    let back = half.doubles()
    #expect(
      back[0] == 1 && back[1] == 1 && back[2] == 1.015625 && back[4] == .infinity && back[5].isNaN && back[7] == -2.5)
    let sum = try engine.apply(Ops.add, [half, half]).first
    #expect(sum.dtype == .bf16 && sum.doubles()[7] == -5)
    let product = try engine.apply(Ops.matmul, [half, half]).first
    #expect(product.dtype == .bf16)
  }
}
