import Testing

@testable import NNSTensor

/// What single ops promise beyond values and gradients.
@Suite struct OpTests {
  let engine = Engine()

  func draw(_ shape: Int...) throws -> Tensor { try engine.apply(Ops.randn, [], [.ints(shape)]).first }

  func message(_ op: Op, _ inputs: TensorList, _ attributes: [Attribute] = []) -> String {
    do {
      _ = try engine.apply(op, inputs, attributes)
      return "no error"
    } catch let error as TensorError {
      return error.message
    } catch {
      return "\(error)"
    }
  }

  /// The loops for a few elements give what rule and kernel give, to the last bit.
  @Test func shortcutsLeadToTheSame() throws {
    let long = Engine()
    long.detectsNaN = true
    func same(_ op: Op, _ inputs: TensorList, _ attributes: [Attribute] = []) throws {
      let (short, way) = (try engine.apply(op, inputs, attributes).first, try long.apply(op, inputs, attributes).first)
      #expect(short.type == way.type, "\(op.name) \(attributes)")
      #expect(short.doubles() == way.doubles(), "\(op.name) \(attributes)")
    }
    let cube = try draw(3, 4, 5)
    let x = try engine.index(cube, [.int(1)])
    for x in [x, cube, try draw(7), try draw()] {
      for op in [Ops.sum, Ops.mean, Ops.max, Ops.min, Ops.prod] {
        for keeps in [false, true] {
          try same(op, [x], [.none, .bool(keeps)])
          for axis in -x.rank..<x.rank { try same(op, [x], [.int(axis), .bool(keeps)]) }
        }
        try same(op, [x])
      }
      for axis in -x.rank..<x.rank {
        try same(Ops.softmax, [x], [.int(axis)])
        try same(Ops.logSoftmax, [x], [.int(axis)])
      }
    }
    let isPositive = try engine.apply(Ops.greater, [x, .weak(0)]).first
    let y = try draw(4, 5)
    let one = try draw(1)
    for operands in [
      [x, y], [x, .weak(2)], [.weak(0.5), y], [x, try draw(5)], [x, try draw(4, 1)], [x, one], [try draw(), x],
      [one, one], [one, try draw(1, 1)], [try draw(1, 1, 1), x],
    ] {
      try same(Ops.choose, [isPositive, operands[0], operands[1]])
      for op in [Ops.add, Ops.subtract, Ops.maximum, Ops.equal, Ops.less, Ops.greaterEqual] {
        try same(op, [operands[0], operands[1]])
      }
    }
    try same(Ops.choose, [try engine.index(isPositive, [.int(2)]), x, y])
    try same(Ops.add, [try draw(0), one])
    for flags in [try draw(3), try draw(1, 1, 3)] {
      try same(Ops.choose, [try engine.apply(Ops.greater, [flags, .weak(0)]).first, one, .weak(1)])
    }
    for op in [Ops.leakyRelu, Ops.elu] {
      try same(op, [y])
      try same(op, [y], [.float(0.3)])
      try same(op, [y], [.int(2)])
    }
    for axis in -3..<3 { try same(Ops.stack, [x, y, x], [.int(axis)]) }
    let uniform = try engine.apply(Ops.broadcastTo, [one], [.ints([4, 5])]).first
    for op in [Ops.add, Ops.divide, Ops.maximum] {
      for operands in [[uniform, y], [y, uniform], [uniform, uniform]] { try same(op, TensorList(operands)) }
    }
    try same(Ops.exp, [uniform])
  }

  /// So do those for positions, which leave mistakes to the long way.
  @Test func shortcutsPickTheSame() throws {
    let long = Engine()
    long.detectsNaN = true
    let rows: Attribute = .ints([4])
    let (x, line) = (try draw(4, 5), try draw(4))
    let flags = try engine.tensor([true, false, true, true], [4])
    let places: [Tensor] = try [
      flags, engine.tensor([0, 3, -1, 0], [4]), engine.tensor([2, -4], [2, 1]), engine.tensor([Int](), [0]),
      engine.tensor([false, false, false, false], [4]), engine.tensor([2], []),
    ]
    for ids in places {
      for table in [x, line, try draw(4, 2, 3)] {
        let picked = try engine.apply(Ops.index, [table, ids], [rows]).first
        let way = try long.apply(Ops.index, [table, ids], [rows]).first
        #expect(picked.type == way.type && picked.doubles() == way.doubles())
        let code: [Attribute] = [rows, .ints(Array(table.shape))]
        let (placed, other) = (
          try engine.apply(Ops.unindex, [picked, ids], code).first,
          try long.apply(Ops.unindex, [picked, ids], code).first
        )
        #expect(placed.type == other.type && placed.doubles() == other.doubles())
      }
      guard ids.dtype == .i64 else { continue }
      func looked(_ engine: Engine) -> String {
        do {
          let rows = try engine.apply(Ops.embedding, [ids, x]).first
          return "\(rows.type) \(rows.doubles())"
        } catch { return "\(error)" }
      }
      #expect(looked(engine) == looked(long))
    }
    #expect(throws: TensorError.self) { try engine.apply(Ops.index, [x, engine.tensor([4], [1])], [rows]) }
    #expect(throws: TensorError.self) { try engine.apply(Ops.index, [x, engine.tensor([Int.min], [1])], [rows]) }
    #expect(throws: TensorError.self) { try engine.apply(Ops.index, [x, engine.tensor([true], [1])], [rows]) }
    #expect(throws: TensorError.self) { try engine.apply(Ops.embedding, [engine.tensor([-1], [1]), x]) }
  }

  @Test func einsumNamesTheLetter() throws {
    let (x, y) = (try draw(2, 3), try draw(4, 5))
    func einsum(_ equation: String) -> String { message(Ops.einsum, [x, y], [.string(equation)]) }
    #expect(einsum("ij,jk->ik") == "einsum: letter \"j\" stands for 3 and, in operand 1, for 4")
    #expect(einsum("ij,kl->im") == "einsum: letter \"m\" of the result is in no operand")
    #expect(einsum("ij,kl->ii") == "einsum: letter \"i\" comes twice in the result")
    #expect(einsum("ijk,kl->i") == "einsum: \"ijk\" does not name each axis of f32[2, 3]")
    #expect(einsum("ij->i") == "einsum: \"ij->i\" is for 1 operands, but 2 are given")
    #expect(einsum("i1,kl") == "einsum: \"1\" is neither a letter nor part of `,`, `->` or `...`")
  }

  @Test func convolutionsSayWhatDoesNotFit() throws {
    #expect(
      message(Ops.conv2d, [try draw(2, 3, 8, 8), try draw(4, 5, 3, 3)])
        == "conv2d of f32[2, 3, 8, 8] and weight f32[4, 5, 3, 3]: x has 3 channels, but weight takes 5")
    #expect(
      message(Ops.conv2d, [try draw(2, 3, 2, 8), try draw(4, 3, 3, 3)])
        == "conv2d of f32[2, 3, 2, 8] and weight f32[4, 3, 3, 3]: no result is left along axis 0 of the image")
    #expect(
      message(Ops.conv2d, [try draw(1, 1, 2, 2), try draw(1, 1, 1, 1)], [.int(.max), .int(0)])
        == "conv2d: [9223372036854775807] must be one int, or 2 ints, of at least 1")
    #expect(
      message(Ops.maxPool2d, [try draw(1, 2, 2)], [.int(3)])
        == "max_pool2d of f32[1, 2, 2]: no window of 3 fits axis 1")
  }

  @Test func convolutionsCanBeCancelled() throws {
    let (x, w) = (try draw(1, 4, 64, 64), try draw(4, 4, 3, 3))
    engine.budget.cancel()
    #expect(throws: Interrupted.self) { try engine.apply(Ops.conv2d, [x, w]) }
    engine.budget.resume()
    engine.budget.stepsLeft = 1000
    #expect(throws: TensorError.self) { try engine.apply(Ops.conv2d, [x, w]) }
  }

  /// The gradient uses the very elements that were dropped.
  @Test func attentionDropsOnce() throws {
    engine.seed(3)
    let (q, k) = (try draw(6, 4), try draw(5, 4))
    let v = try engine.apply(Ops.eye, [], [.int(5)]).first
    let level = try engine.beginDifferentiation()
    let leaf = try engine.leaf(v, level)
    // With v the identity the result is the probabilities, times what dropout left.
    let kept = try engine.apply(Ops.attention, [q, k, leaf, .absent], [.bool(false), .float(0.5)]).first
    let back = try engine.gradients(of: engine.apply(Ops.sum, [kept]).first, at: [leaf], level)[0]
    engine.endDifferentiation(level)
    let columns = try engine.apply(Ops.sum, [kept], [.int(0)]).first.doubles()
    for (row, column) in columns.enumerated() {
      #expect(abs(back.element(at: row * 5).double - column) < 1e-6)
    }
    #expect(kept.doubles().contains(0))
  }

  @Test func batchStatisticsAreAsRunningOnesFollowThem() throws {
    let x = try engine.tensor([1, 2, 3, 6] as [Float], [4, 1])
    let outputs = try engine.apply(Ops.batchNorm, [x, .absent, .absent, .absent, .absent], [.bool(true)])
    #expect(outputs[1].doubles() == [3])
    #expect(abs(outputs[2].doubles()[0] - 14.0 / 3) < 1e-6)
    #expect(message(Ops.batchNorm, [x, .absent, .absent, .absent, .absent]).hasPrefix("batch_norm needs running_mean"))
  }
}
