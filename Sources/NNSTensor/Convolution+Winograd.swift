import CKernels

extension Convolution {
  /// Whether minimal filtering pays: it takes 16 multiplications where the windows take 36, and more for what is around
  /// them, so the channels must be many.
  func isWinograd(_ dtype: DType) -> Bool {
    dtype == .f32 && groups == 1 && window.kernel == (1, 3, 3) && window.stride == (1, 1, 1)
      && window.dilation == (1, 1, 1) && window.padding.0 == 0 && window.padding.1 <= 2 && window.padding.2 <= 2
      && inputs >= 8 && outputs >= 8 && inputs * outputs >= 256 && Winograd.leastTiles <= tiles(of: window.out).tiles
      && Int(tiles(of: window.out).columns) * 16 * (inputs + outputs) <= Winograd.mostNumbers
  }

  fileprivate func tiles(
    of size: (Int64, Int64, Int64), top: Int64 = 0, left: Int64 = 0, in plane: (Int64, Int64, Int64)? = nil
  ) -> nns_tiles {
    nns_tiles(
      height: plane?.1 ?? size.1, width: plane?.2 ?? size.2, rows: (size.1 + 1) / 2, columns: (size.2 + 1) / 2,
      top: top, left: left)
  }
}

extension nns_tiles {
  fileprivate var tiles: Int { Int(rows * columns) }
}

/// Convolutions of 3x3 kernels by minimal filtering: `winograd.c` says how. 16 matrix products over the channels, for so
/// many tiles at once that their numbers stay in the cache.
private enum Winograd {
  /// Numbers of one part, those of its images and those of its results together.
  static let numbers = 3 << 16
  /// The most that one row of tiles may have.
  static let mostNumbers = 1 << 20
  /// Tiles of an image for which the detour pays.
  static let leastTiles = 4

  /// How the rows of tiles of all images are cut into parts.
  struct Parts {
    let rows: Int
    let rowsAtOnce: Int
    /// Tiles that there is room for in a part, with what is overwritten behind them.
    let lead: Int
    let columns: Int

    init(_ tiles: nns_tiles, images: Int, planes: Int) {
      columns = Int(tiles.columns)
      rows = images * Int(tiles.rows)
      let most = Swift.max(Swift.min(Winograd.numbers / 16 / planes / columns, rows), 1)
      let across = columns
      // A product is fastest where its width is a multiple of 16.
      func waste(_ rows: Int) -> Double { Double((rows * across + 15) / 16 * 16) / Double(rows * across) }
      var best = most
      for rows in stride(from: most, to: most * 2 / 3, by: -1) where waste(rows) < waste(best) { best = rows }
      rowsAtOnce = best
      lead = rowsAtOnce * columns + 16
    }

    var count: Int { (rows - 1) / rowsAtOnce + 1 }
    /// The width of a part's products: its tiles, and a few after them that count nothing.
    func width(_ range: Range<Int>) -> Int { (range.count * columns + 15) / 16 * 16 }
    func range(_ part: Int) -> Range<Int> { part * rowsAtOnce..<Swift.min((part + 1) * rowsAtOnce, rows) }
    /// Elements of 16 matrices with a row for each of so many planes.
    func elements(planes: Int) -> Int { 16 * Int(step(planes)) }
    func step(_ planes: Int) -> Int64 { nns_winograd_step(Int64(planes), Int64(lead)) }
  }
}

// The bounds of every access here: all tensors are contiguous and of the shapes that the convolution was made from; the
// matrices have room for `lead` tiles of each plane, and scratch for nine lines.

extension Engine {
  private typealias Floats = UnsafeMutablePointer<Float>

  private func floats(_ count: Int, _ tensors: inout [Tensor]) throws -> Floats {
    let tensor = try empty(TensorType(.f32, Shape([count])))
    guard let base = tensor.storage?.base else { throw Mistakes.productTooLarge() }
    tensors.append(tensor)
    return base.assumingMemoryBound(to: Float.self)
  }

  /// The kernels, transformed: 16 matrices [outputs, inputs].
  private func winogradWeights(_ kernels: UnsafeRawPointer, _ c: Convolution, _ tensors: inout [Tensor]) throws
    -> Floats
  {
    let count = c.outputs * c.inputs
    let u = try floats(16 * count, &tensors)
    nns_winograd_weights(u, kernels.assumingMemoryBound(to: Float.self), Int64(count))
    return u
  }

  /// y = weight · windows of x, plus a bias for each channel.
  func winograd(
    _ out: UnsafeMutableRawPointer, _ source: UnsafeRawPointer, _ kernels: UnsafeRawPointer, bias: UnsafeRawPointer?,
    _ c: Convolution
  ) throws {
    var tensors: [Tensor] = []
    let u = try winogradWeights(kernels, c, &tensors)
    try winograd(
      out.assumingMemoryBound(to: Float.self), c.tiles(of: c.window.out), planes: c.outputs,
      source.assumingMemoryBound(to: Float.self),
      c.tiles(of: c.window.out, top: c.window.padding.1, left: c.window.padding.2, in: c.window.in), planes: c.inputs,
      bias: bias?.assumingMemoryBound(to: Float.self), images: c.batch
    ) { Stored(u + $0 * c.outputs * c.inputs, lead: c.inputs) }
    withExtendedLifetime(tensors) {}
  }

  /// The gradient by x: a convolution of dy with the kernels turned around, whose transform has its first and last rows and
  /// columns exchanged.
  func winogradBack(
    _ out: UnsafeMutableRawPointer, _ upstream: UnsafeRawPointer, _ kernels: UnsafeRawPointer, _ c: Convolution
  ) throws {
    var tensors: [Tensor] = []
    let u = try winogradWeights(kernels, c, &tensors)
    let turned = [3, 1, 2, 0]
    try winograd(
      out.assumingMemoryBound(to: Float.self), c.tiles(of: c.window.in), planes: c.inputs,
      upstream.assumingMemoryBound(to: Float.self),
      c.tiles(of: c.window.in, top: 2 - c.window.padding.1, left: 2 - c.window.padding.2, in: c.window.out),
      planes: c.outputs, bias: nil, images: c.batch
    ) { index in
      let place = turned[index / 4] * 4 + turned[index % 4]
      return Stored(u + place * c.outputs * c.inputs, lead: c.inputs, isTransposed: true)
    }
    withExtendedLifetime(tensors) {}
  }

  private func winograd(
    _ y: Floats, _ results: nns_tiles, planes outputs: Int, _ x: UnsafePointer<Float>, _ tiles: nns_tiles,
    planes inputs: Int, bias: UnsafePointer<Float>?, images: Int, weights: (Int) -> Stored
  ) throws {
    let parts = Winograd.Parts(tiles, images: images, planes: inputs + outputs)
    let line = Int(Swift.max(nns_winograd_line(tiles), nns_winograd_line(results)))
    try share(parts: parts.count) { part in
      var tensors: [Tensor] = []
      let v = try floats(parts.elements(planes: inputs), &tensors)
      let m = try floats(parts.elements(planes: outputs), &tensors)
      let scratch = try floats(9 * line, &tensors)
      let range = parts.range(part)
      let (from, to, lead) = (Int64(range.lowerBound), Int64(range.upperBound), Int64(parts.lead))
      nns_winograd_tiles(v, lead, x, tiles, Int64(inputs), from, to, scratch)
      for index in 0..<16 {
        try multiply(
          .f32, weights(index), Stored(v + index * Int(parts.step(inputs)), lead: parts.lead),
          into: (UnsafeMutableRawPointer(m + index * Int(parts.step(outputs))), parts.lead), m: outputs,
          n: parts.width(range), k: inputs, adding: false)
      }
      nns_winograd_results(y, m, lead, bias, results, Int64(outputs), from, to, scratch)
      withExtendedLifetime(tensors) {}
    }
  }

  /// The gradient by the weight, over all images.
  func winogradWeight(
    _ out: UnsafeMutableRawPointer, _ source: UnsafeRawPointer, _ upstream: UnsafeRawPointer, _ c: Convolution
  ) throws {
    let tiles = c.tiles(of: c.window.out, top: c.window.padding.1, left: c.window.padding.2, in: c.window.in)
    let results = c.tiles(of: c.window.out)
    let parts = Winograd.Parts(tiles, images: c.batch, planes: c.inputs + c.outputs)
    let count = c.outputs * c.inputs
    let line = Int(Swift.max(nns_winograd_line(tiles), nns_winograd_line(results)))
    let sums = c.sums(of: parts.count, weights: 16 * count)
    let total = try gathered(TensorType(.f32, Shape([16 * count])), sums: sums, of: parts.count) { range, out in
      var tensors: [Tensor] = []
      let du = out.assumingMemoryBound(to: Float.self)
      let v = try floats(parts.elements(planes: c.inputs), &tensors)
      let m = try floats(parts.elements(planes: c.outputs), &tensors)
      let scratch = try floats(9 * line, &tensors)
      for part in range {
        try budget.check()
        let range = parts.range(part)
        let (from, to, lead) = (Int64(range.lowerBound), Int64(range.upperBound), Int64(parts.lead))
        nns_winograd_tiles(
          v, lead, source.assumingMemoryBound(to: Float.self), tiles, Int64(c.inputs), from, to, scratch)
        nns_winograd_upstream(
          m, lead, upstream.assumingMemoryBound(to: Float.self), results, Int64(c.outputs), from, to, scratch)
        for index in 0..<16 {
          try multiply(
            .f32, Stored(m + index * Int(parts.step(c.outputs)), lead: parts.lead),
            Stored(v + index * Int(parts.step(c.inputs)), lead: parts.lead, isTransposed: true),
            into: (UnsafeMutableRawPointer(du + index * count), c.inputs), m: c.outputs, n: c.inputs,
            k: range.count * parts.columns, adding: true)
        }
      }
      withExtendedLifetime(tensors) {}
    }
    guard let du = total.pointer?.assumingMemoryBound(to: Float.self) else { return }
    nns_winograd_weights_back(out.assumingMemoryBound(to: Float.self), du, Int64(count))
    withExtendedLifetime(total) {}
  }
}
