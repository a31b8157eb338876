import NNSTensor

/// Sound in RIFF files: PCM of 8 to 32 bits and IEEE floats.
///
/// Source: "Multimedia Programming Interface and Data Specifications 1.0", IBM and Microsoft (1991), and the
/// WAVE_FORMAT_EXTENSIBLE of 1999.
public struct WAV: Equatable, Sendable {
  /// How the samples are stored.
  public enum Encoding: Equatable, Sendable { case pcm, float }

  /// How the samples of this file are stored.
  public let encoding: Encoding
  /// Bits of a sample.
  public let bits: Int
  /// How many voices there are side by side.
  public let channels: Int
  /// Samples a second.
  public let rate: Int
  /// Where the samples lie in the file: frame by frame, the channels of a frame side by side.
  public let data: Range<Int>
  /// Samples of each channel.
  public var frameCount: Int { data.count / (channels * bits / 8) }

  /// Reads and checks the parts of a file; the samples are not touched.
  public init(describing file: RawSpan) throws(FormatError) {
    guard file.byteCount >= 12, file.array(0..<4) == Array("RIFF".utf8), file.array(8..<12) == Array("WAVE".utf8) else {
      throw FormatError("not a WAV file: it does not begin with RIFF … WAVE")
    }
    var format: (encoding: Encoding, bits: Int, channels: Int, rate: Int)?
    var data: Range<Int>?
    var offset = 12
    while offset < file.byteCount, data == nil {
      guard file.byteCount - offset >= 8 else { throw FormatError("the file is cut off in the header of a part") }
      let name = file.array(offset..<offset + 4)
      let size = file.littleEndian(at: offset + 4, count: 4)
      offset += 8
      guard size <= file.byteCount - offset else {
        throw FormatError("a part of \(size) bytes does not fit into the \(file.byteCount - offset) that are left")
      }
      if name == Array("fmt ".utf8) { format = try Self.format(file, offset..<offset + size) }
      if name == Array("data".utf8) { data = offset..<offset + size }
      // Parts begin at even places.
      offset += size + size % 2
    }
    guard let format else { throw FormatError("the file does not say what its samples are") }
    guard let data else { throw FormatError("the file has no samples") }
    (encoding, bits, channels, rate) = format
    self.data = data
    guard data.count % (channels * bits / 8) == 0 else {
      throw FormatError("\(data.count) bytes are no whole number of frames of \(channels * bits / 8)")
    }
  }

  private static func format(
    _ file: RawSpan, _ part: Range<Int>
  ) throws(FormatError) -> (encoding: Encoding, bits: Int, channels: Int, rate: Int) {
    guard part.count >= 16 else {
      throw FormatError("the part that describes the samples has only \(part.count) bytes")
    }
    let start = part.lowerBound
    var kind = file.littleEndian(at: start, count: 2)
    // The extensible form has the kind in the first bytes of a longer number.
    if kind == 0xFFFE, part.count >= 26 { kind = file.littleEndian(at: start + 24, count: 2) }
    let channels = file.littleEndian(at: start + 2, count: 2)
    let rate = file.littleEndian(at: start + 4, count: 4)
    let bits = file.littleEndian(at: start + 14, count: 2)
    guard channels > 0, rate > 0 else { throw FormatError("\(channels) channels at \(rate) samples a second") }
    switch (kind, bits) {
    case (1, 8), (1, 16), (1, 24), (1, 32): return (.pcm, bits, channels, rate)
    case (3, 32), (3, 64): return (.float, bits, channels, rate)
    default: throw FormatError("samples of kind \(kind) with \(bits) bits; PCM of 8 to 32 bits and floats are read")
    }
  }

  /// The samples as f32 `[channels, frames]`, PCM as -1 to 1.
  ///
  /// - Throws: ``FormatError``, and limit errors of the engine.
  public static func read(_ file: RawSpan, engine: Engine) throws -> (samples: Tensor, rate: Int) {
    let wav = try WAV(describing: file)
    let type = TensorType(.f32, try Shape([wav.channels, wav.frameCount]))
    let samples = try engine.filled(type) { values in
      let width = wav.bits / 8
      let block = max(1, (1 << 16) / wav.channels)
      for frame in 0..<wav.frameCount {
        if frame % block == 0 { try engine.budget.check() }
        for channel in 0..<wav.channels {
          let value = wav.sample(file, at: wav.data.lowerBound + (frame * wav.channels + channel) * width)
          values.storeBytes(of: value, toByteOffset: 4 * (channel * wav.frameCount + frame), as: Float.self)
        }
      }
    }
    return (samples, wav.rate)
  }

  private func sample(_ file: RawSpan, at index: Int) -> Float {
    switch (encoding, bits) {
    // 8 bits are without a sign.
    case (.pcm, 8): (Float(file.byte(index)) - 128) / 128
    case (.pcm, 16): Float(Int16(truncatingIfNeeded: file.littleEndian(at: index, count: 2))) / 32_768
    case (.pcm, _):
      Float(Int32(truncatingIfNeeded: file.littleEndian(at: index, count: bits / 8) << (32 - bits))) / 2_147_483_648
    case (.float, 32): Float(bitPattern: UInt32(truncatingIfNeeded: file.littleEndian(at: index, count: 4)))
    case (.float, _): Float(file.unsafeLoadUnaligned(fromByteOffset: index, as: Double.self))
    }
  }

  /// The file of `[frames]` or `[channels, frames]` from -1 to 1 (others are cut to that) as PCM of 16 bits.
  ///
  /// - Throws: ``FormatError`` for another shape, dtype or rate, and for NaN.
  public static func write(_ x: Tensor, rate: Int) throws(FormatError) -> [UInt8] {
    let channels = x.rank == 2 ? x.shape[0] : 1
    guard x.rank == 1 || x.rank == 2, 1...65_535 ~= channels, x.dtype.isFloat else {
      throw FormatError("sound is floats [samples] or [channels, samples], found \(x.typeDescription)")
    }
    guard 1...Int(UInt32.max) ~= rate else { throw FormatError("a rate of \(rate) samples a second") }
    let frames = x.elementCount / channels
    guard x.elementCount <= (Int(UInt32.max) - 36) / 2 else { throw FormatError("more samples than a WAV file holds") }
    let values = x.doubles()
    var file: [UInt8] = []
    func add(_ number: Int, _ count: Int) {
      for byte in 0..<count { file.append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
    }
    let size = values.count * 2
    file += Array("RIFF".utf8)
    add(36 + size, 4)
    file += Array("WAVEfmt ".utf8)
    add(16, 4)
    add(1, 2)
    add(channels, 2)
    add(rate, 4)
    add(rate &* channels &* 2, 4)
    add(channels * 2, 2)
    add(16, 2)
    file += Array("data".utf8)
    add(size, 4)
    for frame in 0..<frames {
      for channel in 0..<channels {
        let value = values[channel * frames + frame]
        guard !value.isNaN else { throw FormatError("sample \(frame) of the sound is NaN") }
        // As the reader divides: 32,768 steps to each side.
        add(Int(min(max(value * 32_768, -32_768), 32_767).rounded()), 2)
      }
    }
    return file
  }
}
