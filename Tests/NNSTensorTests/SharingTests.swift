import Testing

@testable import NNSTensor

/// Work that several threads do.
@Suite struct SharingTests {
  private func engine(threads: Int) -> Engine {
    let engine = Engine()
    engine.threadCount = threads
    engine.seed(7)
    return engine
  }

  private func bytes(_ x: Tensor, _ engine: Engine) throws -> [UInt8] {
    let x = try engine.contiguous(x)
    guard let base = x.pointer else { return [] }
    return Array(UnsafeRawBufferPointer(start: base, count: x.elementCount * x.dtype.byteSize))
  }

  /// What large ops give, as bytes.
  private func results(threads: Int) throws -> [String: [UInt8]] {
    let engine = engine(threads: threads)
    func draw(_ sizes: Int..., dtype: DType = .f32) throws -> Tensor {
      let x = try engine.empty(TensorType(dtype, Shape(sizes)))
      try engine.drawNormal(x, 0, 1)
      return x
    }
    func turned(_ x: Tensor) throws -> Tensor { try engine.one(Ops.transpose, TensorList(x)) }
    let (wide, other, row) = (try draw(1031, 1033), try draw(1031, 1033), try draw(1033))
    let (left, right, batch) = (try draw(700, 600), try draw(600, 900), try draw(9, 150, 200))
    let (images, kernels) = (try draw(6, 8, 40, 40), try draw(16, 8, 3, 3))
    let (planes, upstream, apart) = (try draw(3, 8, 90, 90), try draw(3, 8, 90, 90), try draw(8, 1, 3, 3))
    let slides: [Attribute] = [.ints([1, 1]), .ints([1, 1]), .ints([1, 1]), .int(8)]
    let flipped = (try turned(other), try turned(batch))
    let ints = try engine.one(Ops.cast, TensorList(engine.apply(Ops.multiply, wide, .weak(1000.0))), [.dtype(.i64)])
    let calls: [(Op, TensorList, [Attribute])] = [
      (Ops.exp, [wide], []), (Ops.add, [wide, other], []), (Ops.add, [wide, row], []),
      (Ops.multiply, [ints, ints], []),
      (Ops.sum, [wide], []), (Ops.sum, [wide], [.int(0)]), (Ops.sum, [wide], [.int(1)]), (Ops.max, [wide], [.int(0)]),
      (Ops.sum, [ints], [.int(0)]), (Ops.variance, [wide], [.int(0)]), (Ops.argmax, [wide], [.int(1)]),
      (Ops.cumsum, [wide], [.int(1)]), (Ops.softmax, [wide], [.int(-1)]), (Ops.logSoftmax, [wide], [.int(0)]),
      (Ops.layerNorm, [wide, row, row], []), (Ops.matmul, [left, right], []), (Ops.matmul, [row, flipped.0], []),
      (Ops.matmul, [batch, flipped.1], []), (Ops.conv2d, [images, kernels], [.int(1), .int(1)]),
      (Ops.conv2d, [planes, apart], slides), (Ops.convInput, [upstream, apart], slides + [.ints([90, 90])]),
      (Ops.convWeight, [planes, upstream], slides + [.ints([3, 3])]), (Ops.attention, [batch, batch, batch], []),
    ]
    var results: [String: [UInt8]] = [:]
    for (index, (op, inputs, attributes)) in calls.enumerated() {
      results["\(op.name) \(index)"] = try bytes(engine.apply(op, inputs, attributes).first, engine)
    }
    return results
  }

  @Test func resultsDoNotDependOnHowManyThreads() throws {
    let one = try results(threads: 1)
    for threads in [2, 3, 5] {
      for (name, bytes) in try results(threads: threads) {
        #expect(bytes == one[name], "\(name) on \(threads) threads")
      }
    }
  }

  @Test func everyPartIsCalledOnce() throws {
    let engine = engine(threads: 4)
    for parts in [1, 2, 3, 100] {
      var counts = [Int](repeating: 0, count: parts)
      try counts.withUnsafeMutableBufferPointer { counts in try engine.share(parts: parts) { counts[$0] += 1 } }
      #expect(counts.allSatisfy { $0 == 1 })
    }
  }

  @Test func theFirstFailingPartIsTheError() throws {
    let engine = engine(threads: 4)
    for _ in 0..<20 {
      #expect(throws: Interrupted.self) {
        try engine.share(parts: 50) { part in if part == 7 { throw Interrupted() } }
      }
    }
    let large = try engine.full(TensorType(.i64, Shape([1 << 20])), .int(Int.max / 2 + 1))
    #expect(throws: TensorError.self) { try engine.apply(Ops.add, large, large) }
  }

  @Test func cancellingReachesAllThreads() throws {
    let engine = engine(threads: 3)
    var begun = 0
    #expect(throws: Interrupted.self) {
      try engine.share(parts: 1000) { _ in engine.budget.cancel() }
      begun += 1
    }
    #expect(begun == 0)
    engine.budget.resume()
    #expect(try engine.apply(Ops.sum, engine.full(TensorType(.f32, Shape([1 << 20])), 1)).doubles() == [1_048_576])
  }

  @Test func enginesOnSeveralThreadsShareHelpers() async throws {
    let expected = try results(threads: 1)["exp 0"]
    await withTaskGroup(of: Bool.self) { group in
      for threads in 1...4 {
        group.addTask { (try? self.results(threads: threads)["exp 0"]) == expected }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}
