import CImages
import NNSTensor

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Pictures as tensors `[channels, height, width]` of f32 from 0 to 1.
public enum Picture {
  /// The file formats.
  public enum Format: Sendable {
    case png, jpeg

    /// The format that a file's name stands for: `.png`, `.jpg`, `.jpeg`.
    public init?(path: String) {
      let name = path.lowercased()
      if name.hasSuffix(".png") {
        self = .png
      } else if name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") {
        self = .jpeg
      } else {
        return nil
      }
    }

    /// The format of a file, by its first bytes.
    init?(_ file: RawSpan) {
      if file.byteCount >= 4, file.array(0..<4) == [0x89, 0x50, 0x4E, 0x47] {
        self = .png
      } else if file.byteCount >= 3, file.array(0..<3) == [0xFF, 0xD8, 0xFF] {
        self = .jpeg
      } else {
        return nil
      }
    }
  }

  /// More pixels are refused, whatever memory there is.
  public static let maximumPixels = 1 << 28

  /// Reads a PNG or JPEG file.
  ///
  /// - Parameter channels: 1 for grey, 3 for colours, 4 with transparency; `nil` for what the file has.
  /// - Throws: ``FormatError``, and limit errors of the engine.
  public static func read(_ file: RawSpan, channels: Int? = nil, engine: Engine) throws -> Tensor {
    guard let format = Format(file) else { throw FormatError("neither a PNG nor a JPEG file") }
    var size = nns_image_size()
    try call(file, engine.budget) { file, message in
      format == .png ? nns_png_describe(file, &size, message) : nns_jpeg_describe(file, &size, message)
    }
    if let channels { size.channels = UInt32(channels) }
    let (pixels, overflow) = Int(size.width).multipliedReportingOverflow(by: Int(size.height))
    guard !overflow, pixels <= maximumPixels else {
      throw FormatError("a picture of \(size.width) x \(size.height) pixels is larger than \(maximumPixels) in all")
    }
    // Deflate packs to a thousandth at best, and a pixel takes at least a bit.
    if format == .png, pixels / 8 / 1100 > file.byteCount {
      throw FormatError("\(size.width) x \(size.height) pixels cannot be in \(file.byteCount) bytes")
    }
    let shape = try Shape([Int(size.channels), Int(size.height), Int(size.width)])
    guard !engine.computesShapesOnly else { return .meta(.f32, shape) }
    let rows = try Shape([Int(size.height), Int(size.width), Int(size.channels)])
    let bytes = try engine.filled(TensorType(.u8, rows)) { pixels in
      let target = pixels.baseAddress?.assumingMemoryBound(to: UInt8.self)
      try Picture.call(file, engine.budget) { file, message in
        format == .png
          ? nns_png_read(file, size, target, message)
          : nns_jpeg_read(file, size, engine.budget.bytesLeft, target, message)
      }
    }
    return try engine.filled(TensorType(.f32, shape)) { values in
      try bytes.withBytes { bytes in
        let channels = Int(size.channels)
        for pixel in 0..<pixels {
          if pixel & 0xffff == 0 { try engine.budget.check() }
          for channel in 0..<channels {
            let value = Float(bytes[pixel * channels + channel]) / 255
            values.storeBytes(of: value, toByteOffset: 4 * (channel * pixels + pixel), as: Float.self)
          }
        }
      }
    }
  }

  /// The file of a picture: `[h, w]` or `[channels, h, w]`, floats from 0 to 1 (others are cut to that) or u8.
  ///
  /// - Parameter quality: of JPEG, 1 to 100.
  /// - Throws: ``FormatError`` for another shape or dtype and for NaN.
  public static func write(_ x: Tensor, as format: Format, quality: Int = 90) throws -> [UInt8] {
    let channels = x.rank == 3 ? x.shape[0] : 1
    guard x.rank == 2 || x.rank == 3, 1...4 ~= channels, x.elementCount > 0 else {
      throw FormatError("a picture is [height, width] or [1 to 4 channels, height, width], found \(x.typeDescription)")
    }
    guard x.dtype.isFloat || x.dtype == .u8 else {
      throw FormatError("a picture is of floats from 0 to 1 or of u8, found \(x.typeDescription)")
    }
    guard format == .png || channels == 1 || channels == 3 else {
      throw FormatError("JPEG has 1 or 3 channels, found \(x.typeDescription); PNG has up to 4")
    }
    let pixels = x.elementCount / channels
    guard pixels <= maximumPixels else { throw FormatError("a picture of \(pixels) pixels is too large") }
    let scale = x.dtype == .u8 ? 1.0 : 255.0
    var bytes = [UInt8](repeating: 0, count: x.elementCount)
    for (position, value) in x.doubles().enumerated() {
      guard !value.isNaN else { throw FormatError("element \(position) of the picture is NaN") }
      let (channel, pixel) = position.quotientAndRemainder(dividingBy: pixels)
      bytes[pixel * channels + channel] = UInt8(min(max(value * scale, 0), 255).rounded())
    }
    let size = nns_image_size(
      width: UInt32(x.shape[x.rank - 1]), height: UInt32(x.shape[x.rank - 2]), channels: UInt32(channels))
    var file: UnsafeMutablePointer<UInt8>?
    var count = 0
    defer { free(file) }
    try call { message in
      format == .png
        ? nns_png_write(bytes, size, &file, &count, message)
        : nns_jpeg_write(bytes, size, Int32(min(max(quality, 1), 100)), &file, &count, message)
    }
    return Array(UnsafeBufferPointer(start: file, count: file == nil ? 0 : count))
  }

  /// Has a file read by one of the libraries, until the budget says no.
  private static func call(
    _ file: RawSpan, _ budget: Budget, _ body: (nns_image_file, UnsafeMutablePointer<CChar>) -> Int32
  ) throws {
    do {
      try file.withUnsafeBytes { bytes in
        let file = nns_image_file(
          bytes: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count,
          stops: { context in
            guard let context else { return 0 }
            let budget = Unmanaged<Budget>.fromOpaque(context).takeUnretainedValue()
            return (try? budget.check()) == nil ? 1 : 0
          }, context: Unmanaged.passUnretained(budget).toOpaque())
        try call(budget) { body(file, $0) }
      }
    } catch {
      try budget.check()
      throw error
    }
  }

  /// - Parameter budget: whose memory was too little where the body gives 2.
  private static func call(_ budget: Budget? = nil, _ body: (UnsafeMutablePointer<CChar>) -> Int32) throws {
    var message = [CChar](repeating: 0, count: Int(nns_image_message_size))
    let status = message.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.map(body) ?? 1 }
    guard status != 0 else { return }
    if status == 2, let budget { throw budget.outOfMemory(asked: 0) }
    let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw FormatError("the picture is damaged: \(reason)")
  }
}
