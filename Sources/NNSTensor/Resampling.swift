import CKernels

/// A weighted mean of neighbours along one axis for each place of a result: pooling and interpolation, an axis at a time.
struct Resampling {
  /// Where each window begins, how many elements it has, and what they count for: `most` weights for each.
  private let starts: Tensor
  private let counts: Tensor
  private let weights: Tensor
  fileprivate let most: Int

  /// The windows of an axis by the attributes of `resample`, from an axis of so many elements to one of so many.
  init(_ call: borrowing Call, from size: Int, to count: Int, _ engine: Engine) throws {
    let settings = try call.ints(2)
    // So few that products of places stay within an int, and that windows are no burden.
    guard size <= Int(Int32.max), count <= 1 << 26 else { throw Mistakes.productTooLarge() }
    switch try call.string(1) {
    case "mean":
      let (window, step, padding, countsPadding) = (settings[0], settings[1], settings[2], settings[3] == 1)
      try self.init(count, Swift.min(window, size), engine) { i in
        let start = i * step - padding
        let range = Swift.max(start, 0)..<Swift.min(start + window, size)
        let divisor = countsPadding ? Swift.min(start + window, size + padding) - start : range.count
        return (range, 1 / Double(divisor), 1 / Double(divisor))
      }
    case "adaptive":
      try self.init(count, Swift.min(size / Swift.max(count, 1) + 2, size), engine) { i in
        let range = i * size / count..<((i + 1) * size - 1) / count + 1
        return (range, 1 / Double(range.count), 1 / Double(range.count))
      }
    case "nearest":
      // In single precision, as PyTorch does it.
      let scale = Float(try call.number(3))
      try self.init(count, 1, engine) { i in
        let place = Swift.min(Int((Float(i) * scale).rounded(.down)), size - 1)
        return (place..<place + 1, 1, 1)
      }
    default:
      let scale = try call.number(3)
      try self.init(count, Swift.min(2, size), engine) { i in
        let place = Swift.min(Swift.max((Double(i) + 0.5) * scale - 0.5, 0), Double(size - 1))
        let first = Int(place.rounded(.down))
        let share = place - Double(first)
        return first == size - 1 ? (first..<size, 1, 1) : (first..<first + 2, 1 - share, share)
      }
    }
  }

  /// So many windows of `most` elements at most, each by where it lies and the weights of its first and its other elements.
  private init(
    _ count: Int, _ most: Int, _ engine: Engine, window: (Int) -> (range: Range<Int>, first: Double, others: Double)
  ) throws {
    guard Engine.product(most, count) <= 1 << 27 else { throw Mistakes.productTooLarge() }
    self.most = most
    try engine.budget.charge(work: most * count)
    starts = try engine.empty(TensorType(.i64, Shape([count])))
    counts = try engine.empty(TensorType(.i64, Shape([count])))
    weights = try engine.empty(TensorType(.f64, Shape([count, most])))
    try withPlaces { starts, counts, weights in
      try engine.inBlocks(count, of: most) { block in
        for i in block {
          let (range, first, others) = window(i)
          (starts[i], counts[i]) = (Int64(range.lowerBound), Int64(range.count))
          // No range is longer than `most`.
          for k in 0..<range.count { weights[i * most + k] = k == 0 ? first : others }
        }
      }
    }
  }

  /// As a loop takes them.
  fileprivate func withPointers(_ body: (nns_weights) throws -> Void) throws {
    try withPlaces { starts, counts, weights in
      try body(nns_weights(starts: starts, counts: counts, weights: weights, most: Int64(most)))
    }
  }

  private func withPlaces(
    _ body: (UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Double>) throws -> Void
  ) throws {
    guard let starts = starts.storage?.base, let counts = counts.storage?.base, let weights = weights.storage?.base
    else { return }
    try body(
      starts.assumingMemoryBound(to: Int64.self), counts.assumingMemoryBound(to: Int64.self),
      weights.assumingMemoryBound(to: Double.self))
    withExtendedLifetime(self) {}
  }
}

extension Ops {
  private static let parameters = [
    OpParameter("axis", .axis), OpParameter("window", .string), OpParameter("settings", .ints),
    OpParameter("scale", .number), OpParameter("size", .int),
  ]

  private static let between: [Attribute] = [.int(1), .string("linear"), .ints([]), .float(0.6), .int(5)]

  /// Means of neighbours along an axis.
  static let resample: Op = Op(
    "resample", [OpParameter("x", .tensor)] + parameters, doc: "Weighted means of neighbours along an axis.",
    isHidden: true,
    domain: .cases([
      ([.floats([2, 3])], between),
      ([.floats([5, 2])], [.int(0), .string("mean"), .ints([3, 2, 1, 0]), .float(1), .int(3)]),
    ]),
    gradient: .rule(saves: .types) { g in
      let attributes = (0..<4).map { g.call.attribute($0) }
      return try g.give(g.dy.apply(resampleBack, with: attributes + [.int(g.shape[g.shape.axis(g.call.int(0))])]))
    },
    rule: { call in
      .one(call[0].dtype.fractional, try call[0].shape.replacing(call[0].shape.axis(call.int(0)), with: call.int(4)))
    },
    kernel: { engine, call, types in
      let axis = try call[0].shape.axis(call.int(0))
      let windows = try Resampling(call, from: call[0].shape[axis], to: types.first.shape[axis], engine)
      return TensorList(try engine.resample(call[0], axis, windows, types.first, isBack: false))
    })

  /// The transposed map, back to an axis of so many elements.
  static let resampleBack: Op = Op(
    "resample_grad", [OpParameter("x", .tensor)] + parameters, doc: "A step of a gradient rule.", isHidden: true,
    domain: .cases([([.floats([2, 5])], between.dropLast() + [.int(3)])]),
    gradient: .rule(saves: .types) { g in
      let attributes = (0..<4).map { g.call.attribute($0) }
      return try g.give(g.dy.apply(resample, with: attributes + [.int(g.shape[g.shape.axis(g.call.int(0))])]))
    },
    rule: resample.rule,
    kernel: { engine, call, types in
      let axis = try call[0].shape.axis(call.int(0))
      let windows = try Resampling(call, from: types.first.shape[axis], to: call[0].shape[axis], engine)
      return TensorList(try engine.resample(call[0], axis, windows, types.first, isBack: true))
    })
}

extension Engine {
  // The bounds: each window lies within an axis of the longer side's size, x and result are contiguous and of their types.

  /// Weighted means along an axis, or the transposed map.
  fileprivate func resample(
    _ x: Tensor, _ axis: Int, _ windows: Resampling, _ type: TensorType, isBack: Bool
  ) throws -> Tensor {
    let x = try contiguous(cast(x, to: type.dtype))
    let result = try isBack ? zeros(type) : empty(type)
    let (source, target) = (x.shape.around(axis..<axis + 1), type.shape.around(axis..<axis + 1))
    let (outer, inner) = (source.outer, source.inner)
    let (long, short) = isBack ? (target.count, source.count) : (source.count, target.count)
    guard let out = result.storage?.base, let from = x.pointer, x.elementCount > 0, type.shape.elementCount > 0 else {
      return isBack ? result : try zeros(type)
    }
    try charge(product: Engine.product(outer, short, inner, windows.most))
    try windows.withPointers { pointers in
      try shareParts(planes: outer, rows: short, width: inner, cost: windows.most, isWhole: isBack) { block, part in
        var weights = pointers
        let (o, count) = (block.lowerBound, Int64(block.count))
        let (read, write) = (o * source.count * inner, o * target.count * inner)
        if type.dtype == .f64 {
          (isBack ? nns_resample_back_f64 : nns_resample_f64)(
            out.assumingMemoryBound(to: Double.self) + write, from.assumingMemoryBound(to: Double.self) + read, count,
            Int64(long), Int64(short), Int64(inner), &weights, part)
        } else {
          (isBack ? nns_resample_back_f32 : nns_resample_f32)(
            out.assumingMemoryBound(to: Float.self) + write, from.assumingMemoryBound(to: Float.self) + read, count,
            Int64(long), Int64(short), Int64(inner), &weights, part)
        }
      }
    }
    return withExtendedLifetime(x) { result }
  }
}
