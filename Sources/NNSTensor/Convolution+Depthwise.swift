import CKernels

extension Convolution {
  /// How a channel slides under a kernel of its own, where each has one and the kernel is not too large for it.
  var depthwise: nns_depthwise? {
    guard inputs == 1, outputs == 1, windowSize > 0 else { return nil }
    var depthwise = nns_depthwise(window: window, spread: (1, 1, 1), turned: 0)
    var back = depthwise.back
    return nns_depthwise_room(&depthwise) > 0 && nns_depthwise_room(&back) > 0 ? depthwise : nil
  }
}

extension nns_depthwise {
  /// The gradient by the input: the kernel turned around slides over dy, whose elements stand as far apart as the stride says.
  var back: nns_depthwise {
    func reach(_ kernel: Int64, _ dilation: Int64, _ padding: Int64) -> Int64 { (kernel - 1) * dilation - padding }
    let (kernel, dilation, padding) = (window.kernel, window.dilation, window.padding)
    var turned = window
    swap(&turned.in, &turned.out)
    turned.stride = (1, 1, 1)
    turned.padding = (
      reach(kernel.0, dilation.0, padding.0), reach(kernel.1, dilation.1, padding.1),
      reach(kernel.2, dilation.2, padding.2)
    )
    return nns_depthwise(window: turned, spread: window.stride, turned: 1)
  }

  fileprivate var rows: Int { Int(window.out.0 * window.out.1) }
  fileprivate var width: Int { Int(window.out.2) }
}

extension nns_planes {
  fileprivate init(_ planes: Range<Int>, kernels: Int) {
    self.init(from: Int64(planes.lowerBound), to: Int64(planes.upperBound), kernels: Int64(kernels))
  }
}

// The bounds of every access here: all tensors are contiguous and of the shapes that the convolution was made from; the room
// is as large as the kernels ask.

extension Engine {
  /// For each channel of each image the sums over its windows, plus a bias.
  func slide(
    _ d: nns_depthwise, _ out: UnsafeMutableRawPointer, _ source: UnsafeRawPointer, _ kernels: UnsafeRawPointer,
    bias: UnsafeRawPointer?, _ c: Convolution, _ dtype: DType
  ) throws {
    try shareParts(planes: c.planes, rows: d.rows, width: d.width, cost: c.windowSize) { planes, part in
      var d = d
      let room = try empty(TensorType(dtype, Shape([Int(nns_depthwise_room(&d))])))
      nns_depthwise_sums(
        Int64(dtype.byteSize), out, source, kernels, bias, &d, nns_planes(planes, kernels: c.groups), part,
        room.storage?.base)
      withExtendedLifetime(room) {}
    }
  }

  /// For each channel the gradient by its kernel, over all images.
  func slideWeight(
    _ d: nns_depthwise, _ out: UnsafeMutableRawPointer, _ source: UnsafeRawPointer, _ upstream: UnsafeRawPointer,
    _ c: Convolution, _ dtype: DType
  ) throws {
    for image in 0..<c.batch {
      try shareParts(planes: c.groups, rows: d.rows, width: d.width, cost: c.windowSize, isWhole: true) {
        channels, part in
        var d = d
        let room = try empty(TensorType(dtype, Shape([Int(nns_depthwise_room(&d))])))
        let planes = image * c.groups + channels.lowerBound..<image * c.groups + channels.upperBound
        nns_depthwise_weight(
          Int64(dtype.byteSize), out, source, upstream, &d, nns_planes(planes, kernels: c.groups), part,
          room.storage?.base)
        withExtendedLifetime(room) {}
      }
    }
  }
}
