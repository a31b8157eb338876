import CKernels

extension Ops {
  static let recurrent: [Op] = [lstmCell, gruCell]

  private static let cellWeights = [
    OpParameter("weight_ih", .tensor), OpParameter("weight_hh", .tensor), OpParameter("bias_ih", .optionalTensor),
    OpParameter("bias_hh", .optionalTensor),
  ]

  /// Hochreiter and Schmidhuber, "Long short-term memory", 1997.
  public static let lstmCell: Op = Op(
    "lstm_cell", [OpParameter("x", .tensor), OpParameter("h", .tensor), OpParameter("c", .tensor)] + cellWeights,
    doc:
      "One step of a long short-term memory: (h, c) from x [..., inputs] and the state before, with weights [4 * units, "
      + "inputs] and [4 * units, units] for input, forget, cell and output gate.",
    examples: [
      ("lstm_cell(zeros(1, 1), zeros(1, 1), ones(1, 1), zeros(4, 1), zeros(4, 1))[1]", "[[0.5]]")
    ], handlesHalf: true,
    domain: .cases([
      (
        [
          .floats([2, 3]), .floats([2, 2]), .floats([2, 2]), .floats([8, 3]), .floats([8, 2]), .floats([8]),
          .floats([8]),
        ], []
      ), ([.floats([3]), .floats([2]), .floats([2]), .floats([8, 3]), .floats([8, 2]), .absent, .absent], []),
    ]),
    multiplyAdds: { call, _ in cellWork(call, weights: 3) },
    gradient: .composed,
    rule: { call in
      let gates = try cellGates(call, x: 0, h: 1, weights: 3, count: 4)
      guard call[2].shape == call[1].shape else {
        throw Mistakes.sameShape(call.op, call[1].type, call[2].type, [1, 2])
      }
      return try lstmGates.rule(
        Call(op: lstmGates, inputs: [.meta(gates), call[2]], attributes: []))
    },
    kernel: { engine, call, types in
      let gates = try call.term(0, engine).mapped(by: call, 3) + call.term(1, engine).mapped(by: call, 4)
      return try engine.apply(lstmGates, TensorList(gates.tensor, call[2]))
    })

  /// Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014.
  public static let gruCell: Op = Op(
    "gru_cell", [OpParameter("x", .tensor), OpParameter("h", .tensor)] + cellWeights,
    doc:
      "One step of a gated recurrent unit: h from x [..., inputs] and the state before, with weights [3 * units, inputs] "
      + "and [3 * units, units] for reset, update and new gate.",
    examples: [("gru_cell(zeros(1, 1), ones(1, 1), zeros(3, 1), zeros(3, 1))", "[[0.5]]")], handlesHalf: true,
    domain: .cases([
      ([.floats([2, 3]), .floats([2, 2]), .floats([6, 3]), .floats([6, 2]), .floats([6]), .floats([6])], []),
      ([.floats([3]), .floats([2]), .floats([6, 3]), .floats([6, 2]), .absent, .absent], []),
    ]),
    multiplyAdds: { call, _ in cellWork(call, weights: 2) },
    gradient: .composed,
    rule: { call in
      let gates = try cellGates(call, x: 0, h: 1, weights: 2, count: 3)
      return try gruGates.rule(Call(op: gruGates, inputs: [.meta(gates), .meta(gates), call[1]], attributes: []))
    },
    kernel: { engine, call, types in
      let (gi, gh) = (try call.term(0, engine).mapped(by: call, 2), try call.term(1, engine).mapped(by: call, 3))
      return try engine.apply(gruGates, TensorList(gi.tensor, gh.tensor, call[1]))
    })

  /// Both linear maps of a cell, for each row of its state.
  private static func cellWork(_ call: borrowing Call, weights: Int) -> Int {
    Engine.product(
      call[1].elementCount / Swift.max(call[1].shape.last ?? 1, 1),
      call[weights].elementCount + call[weights + 1].elementCount)
  }

  /// The type of a cell's gates, from its two linear maps.
  private static func cellGates(
    _ call: borrowing Call, x: Int, h: Int, weights: Int, count: Int
  ) throws -> TensorType {
    let maps = try [(x, weights), (h, weights + 1)].map { input, weight in
      try linear.rule(Call(op: linear, inputs: [call[input], call[weight], call[weight + 2]], attributes: [])).first
    }
    guard maps[0].shape == maps[1].shape, let units = call[h].shape.last, maps[0].shape.last == count * units else {
      throw Mistakes.cellWeights(call.op, call[h].type, maps[0], maps[1], count)
    }
    return TensorType(DType.wider(maps[0].dtype, maps[1].dtype), maps[0].shape)
  }

  /// Gates have the state's shape, with so many times its units on the last axis.
  private static func checkGates(_ call: borrowing Call, _ gates: Range<Int>, state: Int, count: Int) throws {
    let shape = call[state].shape
    guard let units = shape.last else { throw Mistakes.rankTooSmall(call.op, call[state].type, 1) }
    let expected = try shape.replacing(shape.rank - 1, with: Engine.product(count, units))
    for i in gates where call[i].shape != expected {
      throw Mistakes.cellGates(call.op, call[i].type, call[state].type, count, [i, state])
    }
  }

  /// What follows the linear maps of a long short-term memory.
  static let lstmGates: Op = Op(
    "lstm_gates", [OpParameter("gates", .tensor), OpParameter("c", .tensor)],
    doc: "(h, c) from the gates of a long short-term memory and the cells before.", isHidden: true,
    domain: .cases([([.floats([2, 12]), .floats([2, 3])], [])]),
    gradient: .rule(saves: [.a, .b]) { g in
      let (dh, dnext) = (try g.dy(0), try g.dy(1))
      if g.engine.tape.activeMask == 0 {
        return try g.engine.apply(lstmGatesGrad, TensorList(g.a.tensor, g.b.tensor, dh.tensor, dnext.tensor))
      }
      let n = g.b.shape.last ?? 1
      let (i, f) = (try g.a.gate(0, n).apply(sigmoid), try g.a.gate(1, n).apply(sigmoid))
      let (z, o) = (try g.a.gate(2, n).apply(tanh), try g.a.gate(3, n).apply(sigmoid))
      let t = try (f * g.b + i * z).apply(tanh)
      let cell = try dnext + dh * o * (1 - t * t)
      let parts = try [cell * z * i * (1 - i), cell * g.b * f * (1 - f), cell * i * (1 - z * z), dh * t * o * (1 - o)]
      return [try g.engine.one(concat, TensorList(parts.map(\.tensor)), [.int(-1)]), try (cell * f).tensor]
    },
    rule: { call in
      try checkGates(call, 0..<1, state: 1, count: 4)
      let dtype = TensorType.promoted(call[0].type, call[1].type).dtype.fractional
      return .many([TensorType(dtype, call[1].shape), TensorType(dtype, call[1].shape)])
    },
    kernel: { engine, call, types in
      try engine.cell(call.inputs, types.all, units: types.first.shape.last ?? 1) { out, inputs, rows, n, isDouble in
        if isDouble {
          nns_lstm_f64(out.double(0), out.double(1), inputs.double(0), inputs.double(1), rows, n)
        } else {
          nns_lstm_f32(out.single(0), out.single(1), inputs.single(0), inputs.single(1), rows, n)
        }
      }
    })

  /// The gradient of `lstm_gates`, where nobody differentiates it further.
  static let lstmGatesGrad: Op = Op(
    "lstm_gates_grad",
    [
      OpParameter("gates", .tensor), OpParameter("c", .tensor), OpParameter("dh", .tensor),
      OpParameter("dnext", .tensor),
    ],
    doc: "A step of a gradient rule.", isHidden: true, gradient: .none("it is used in innermost gradients only"),
    rule: { .many([TensorType($0[0].dtype, $0[0].shape), TensorType($0[0].dtype, $0[1].shape)]) },
    kernel: { engine, call, types in
      try engine.cell(call.inputs, types.all, units: call[1].shape.last ?? 1) { out, inputs, rows, n, isDouble in
        if isDouble {
          nns_lstm_grad_f64(
            out.double(0), out.double(1), inputs.double(0), inputs.double(1), inputs.double(2), inputs.double(3), rows,
            n)
        } else {
          nns_lstm_grad_f32(
            out.single(0), out.single(1), inputs.single(0), inputs.single(1), inputs.single(2), inputs.single(3), rows,
            n)
        }
      }
    })

  /// What follows the linear maps of a gated recurrent unit.
  static let gruGates: Op = Op(
    "gru_gates", [OpParameter("gi", .tensor), OpParameter("gh", .tensor), OpParameter("h", .tensor)],
    doc: "h from the gates of a gated recurrent unit, of its input and of its state, and the state before.",
    isHidden: true,
    domain: .cases([([.floats([2, 9]), .floats([2, 9]), .floats([2, 3])], [])]),
    gradient: .rule(saves: [.a, .b, .c]) { g in
      let (gi, gh, h, dy) = (g.a, g.b, g.c, try g.dy)
      if g.engine.tape.activeMask == 0 {
        return try g.engine.apply(gruGatesGrad, TensorList(gi.tensor, gh.tensor, h.tensor, dy.tensor))
      }
      let n = h.shape.last ?? 1
      let r = try (gi.gate(0, n) + gh.gate(0, n)).apply(sigmoid)
      let z = try (gi.gate(1, n) + gh.gate(1, n)).apply(sigmoid)
      let fresh = try (gi.gate(2, n) + r * gh.gate(2, n)).apply(tanh)
      let dfresh = try dy * (1 - z) * (1 - fresh * fresh)
      let (dr, dz) = (try dfresh * gh.gate(2, n) * r * (1 - r), try dy * (h - fresh) * z * (1 - z))
      return [
        try g.engine.one(concat, [dr.tensor, dz.tensor, dfresh.tensor], [.int(-1)]),
        try g.engine.one(concat, [dr.tensor, dz.tensor, (dfresh * r).tensor], [.int(-1)]), try (dy * z).tensor,
      ]
    },
    rule: { call in
      try checkGates(call, 0..<2, state: 2, count: 3)
      let joint = DType.wider(call[0].dtype, DType.wider(call[1].dtype, call[2].dtype))
      return .one(joint.fractional, call[2].shape)
    },
    kernel: { engine, call, types in
      try engine.cell(call.inputs, types.all, units: types.first.shape.last ?? 1) { out, inputs, rows, n, isDouble in
        if isDouble {
          nns_gru_f64(out.double(0), inputs.double(0), inputs.double(1), inputs.double(2), rows, n)
        } else {
          nns_gru_f32(out.single(0), inputs.single(0), inputs.single(1), inputs.single(2), rows, n)
        }
      }
    })

  /// The gradient of `gru_gates`, where nobody differentiates it further.
  static let gruGatesGrad: Op = Op(
    "gru_gates_grad",
    [OpParameter("gi", .tensor), OpParameter("gh", .tensor), OpParameter("h", .tensor), OpParameter("dnext", .tensor)],
    doc: "A step of a gradient rule.", isHidden: true, gradient: .none("it is used in innermost gradients only"),
    rule: { call in
      let dtype = call[3].dtype
      return .many([call[0], call[1], call[2]].map { TensorType(dtype, $0.shape) })
    },
    kernel: { engine, call, types in
      try engine.cell(call.inputs, types.all, units: call[2].shape.last ?? 1) { out, inputs, rows, n, isDouble in
        if isDouble {
          nns_gru_grad_f64(
            out.double(0), out.double(1), out.double(2), inputs.double(0), inputs.double(1), inputs.double(2),
            inputs.double(3), rows, n)
        } else {
          nns_gru_grad_f32(
            out.single(0), out.single(1), out.single(2), inputs.single(0), inputs.single(1), inputs.single(2),
            inputs.single(3), rows, n)
        }
      }
    })
}

extension Call {
  /// An input as a term of the op's own composition.
  fileprivate func term(_ i: Int, _ engine: Engine) -> Term { Term(tensor: self[i], engine: engine) }
}

extension Term {
  /// Through a cell's linear map, whose bias is two places after its weight.
  fileprivate func mapped(by call: borrowing Call, _ weight: Int) throws -> Term {
    try apply(
      Ops.linear, Term(tensor: call[weight], engine: engine), Term(tensor: call[weight + 2], engine: engine))
  }

  /// The part of the last axis that one gate has.
  fileprivate func gate(_ i: Int, _ units: Int) throws -> Term {
    try slice(shape.rank - 1, i * units..<(i + 1) * units)
  }
}

/// Where the rows of several tensors begin that a loop goes through together.
private struct Rows {
  let places: [UnsafeMutableRawPointer]

  func single(_ i: Int) -> UnsafeMutablePointer<Float> { places[i].assumingMemoryBound(to: Float.self) }
  func double(_ i: Int) -> UnsafeMutablePointer<Double> { places[i].assumingMemoryBound(to: Double.self) }
}

extension Engine {
  // The bounds: all tensors are contiguous, of one dtype, and have the same rows, each as long as its last axis.

  /// Runs a cell's loop over all rows.
  fileprivate func cell(
    _ inputs: TensorList, _ types: [TensorType], units: Int, _ body: (Rows, Rows, Int64, Int64, Bool) -> Void
  ) throws -> TensorList {
    let dtype = types[0].dtype
    let inputs = try inputs.map { try contiguous(cast($0, to: dtype)) }
    let outputs = try types.map { try empty($0) }
    let rows = inputs[inputs.count - 1].elementCount / Swift.max(units, 1)
    try budget.charge(work: 24 * rows * units)
    let places = inputs.compactMap(\.storage)
    guard rows > 0, units > 0, places.count == inputs.count else { return TensorList(outputs) }
    try share(rows, of: 16 * units) { block in
      func at(_ tensors: [Tensor]) -> Rows {
        Rows(
          places: tensors.compactMap { x in
            x.storage.map { $0.base + (x.offset + block.lowerBound * (x.shape.last ?? 1)) * dtype.byteSize }
          })
      }
      body(at(outputs), at(inputs), Int64(block.count), Int64(units), dtype == .f64)
    }
    return withExtendedLifetime(inputs) { TensorList(outputs) }
  }
}
