import NNSTensor

/// The format of the MNIST files: a few bytes of header, then elements in row-major order, big endian.
///
/// Source: "THE MNIST DATABASE of handwritten digits", Y. LeCun, C. Cortes, C. J. C. Burges.
public enum IDX {
  /// Reads a file, packed with gzip or not. Bytes give u8, signed bytes and 16- and 32-bit ints i32, floats f32 and f64.
  ///
  /// - Throws: ``FormatError``, and limit errors of the engine.
  public static func read(_ file: RawSpan, engine: Engine) throws -> Tensor {
    if Gzip.isMeant(file) {
      let unpacked = try Gzip.unpack(file, budget: engine.budget)
      return try read(unpacked: unpacked.span.bytes, engine: engine)
    }
    return try read(unpacked: file, engine: engine)
  }

  private static func read(unpacked file: RawSpan, engine: Engine) throws -> Tensor {
    guard file.byteCount >= 4, file.byte(0) == 0, file.byte(1) == 0 else {
      throw FormatError("not an IDX file: it does not begin with two zero bytes")
    }
    guard let kind = Kind(rawValue: file.byte(2)) else {
      throw FormatError("IDX files have no elements of kind \(file.byte(2))")
    }
    let rank = Int(file.byte(3))
    let start = 4 + 4 * rank
    guard file.byteCount >= start else { throw FormatError("the file is cut off in its header") }
    let sizes = (0..<rank).map { Int(bigEndian(file, 4 + 4 * $0, count: 4)) }
    let type = try TensorType(kind.dtype, stated: sizes, title: "")
    let (needed, overflow) = type.shape.elementCount.multipliedReportingOverflow(by: kind.width)
    guard !overflow, needed == file.byteCount - start else {
      throw FormatError(
        "\(type) takes \(overflow ? "too many" : "\(needed)") bytes, the file has \(file.byteCount - start)")
    }
    guard !engine.computesShapesOnly else { return .meta(type) }
    if kind == .u8 {
      return try TensorEntry(name: "", type: type, bytes: start..<file.byteCount).tensor(in: file, engine: engine)
    }
    return try engine.filled(type) { elements in
      for index in 0..<type.shape.elementCount {
        if index & 0xffff == 0 { try engine.budget.check() }
        kind.store(bigEndian(file, start + index * kind.width, count: kind.width), in: elements, at: index)
      }
    }
  }

  /// The caller has checked the range.
  private static func bigEndian(_ file: RawSpan, _ index: Int, count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 << 8 | UInt64(file.byte(index + $1)) }
  }

  /// What the third byte says of the elements.
  private enum Kind: UInt8 {
    case u8 = 0x08, i8 = 0x09, i16 = 0x0B, i32 = 0x0C, f32 = 0x0D, f64 = 0x0E

    var width: Int {
      switch self {
      case .u8, .i8: 1
      case .i16: 2
      case .i32, .f32: 4
      case .f64: 8
      }
    }

    var dtype: DType {
      switch self {
      case .u8: .u8
      case .i8, .i16, .i32: .i32
      case .f32: .f32
      case .f64: .f64
      }
    }

    /// Writes an element, little endian.
    func store(_ bits: UInt64, in elements: UnsafeMutableRawBufferPointer, at index: Int) {
      var bits = bits
      if self == .i8 || self == .i16 {
        // The sign goes into the bits above.
        let shift = UInt64(64 - width * 8)
        bits = UInt64(bitPattern: Int64(bitPattern: bits << shift) >> Int64(shift))
      }
      for byte in 0..<dtype.byteSize {
        elements[index * dtype.byteSize + byte] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte))
      }
    }
  }
}
