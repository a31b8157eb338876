import NNSFormats
import NNSTensor

extension Builtins {
  /// Pictures, sound, and the files of MNIST.
  static let media: [Builtin] = [
    Builtin(
      "read_idx", [.init("path", .string)], "The tensor of an IDX file, as MNIST has them, packed with gzip or not."
    ) {
      a, c in
      let path = try a.string(0)
      let bytes = try FileOperations.read(path, c)
      return .tensor(try FileOperations.parsing(path) { try IDX.read(bytes.span.bytes, engine: c.engine) })
    },
    Builtin(
      "read_image", [.init("path", .string), .init("channels", .int, .nil)],
      "A PNG or JPEG file as f32[channels, height, width] from 0 to 1; channels: 1 gives grey, 3 colours, 4 transparency too."
    ) { a, c in
      let path = try a.string(0)
      let channels = try a.optionalInt(1)
      if let channels, ![1, 3, 4].contains(channels) {
        throw a.fault(1, .value, "channels must be 1, 3 or 4, found \(channels)")
      }
      let bytes = try FileOperations.read(path, c)
      return .tensor(
        try FileOperations.parsing(path) { try Picture.read(bytes.span.bytes, channels: channels, engine: c.engine) })
    },
    Builtin(
      "write_image", [.init("path", .string), .init("x", .tensor), .init("quality", .int, .int(90))],
      "Writes a picture [height, width] or [channels, height, width], floats from 0 to 1 or u8, as .png or .jpg.",
      isMethod: false
    ) { a, c in
      let path = try a.string(0)
      guard let format = Picture.Format(path: path) else {
        throw a.fault(0, .value, "a picture's name ends in .png, .jpg or .jpeg, found \(Display.quoted(path))")
      }
      let x = try a.tensor(1)
      let quality = try a.int(2)
      try c.engine.budget.charge(work: x.elementCount)
      let bytes = try FileOperations.parsing(path) { try Picture.write(x, as: format, quality: quality) }
      try FileOperations.write(bytes, to: path, c)
      return .nil
    },
    Builtin(
      "_picture_address", [.init("x", .tensor)], "A picture as the address of a PNG file that holds it, for a page."
    ) { a, c in
      let x = try a.tensor(0)
      try c.engine.budget.charge(work: x.elementCount)
      let bytes = try FileOperations.parsing("picture") { try Picture.write(x, as: .png) }
      return .string("data:image/png;base64," + base64(bytes))
    },
    Builtin("_shows_colors", [], "Whether the output is a terminal with colours.") { _, c in
      .bool(c.host.showsColors)
    },
    Builtin(
      "read_wav", [.init("path", .string)],
      "The sound of a WAV file: a list of its samples, f32[channels, samples] from -1 to 1, and how many there are in a second."
    ) { a, c in
      let path = try a.string(0)
      let bytes = try FileOperations.read(path, c)
      let (samples, rate) = try FileOperations.parsing(path) { try WAV.read(bytes.span.bytes, engine: c.engine) }
      return .list([.tensor(samples), .int(rate)])
    },
    Builtin(
      "write_wav", [.init("path", .string), .init("x", .tensor), .init("rate", .int)],
      "Writes samples, [samples] or [channels, samples] from -1 to 1, as a WAV file of 16 bits.", isMethod: false
    ) { a, c in
      let path = try a.string(0)
      let x = try a.tensor(1)
      let rate = try a.int(2)
      try c.engine.budget.charge(work: x.elementCount)
      let bytes = try FileOperations.parsing(path) { try WAV.write(x, rate: rate) }
      try FileOperations.write(bytes, to: path, c)
      return .nil
    },
  ]

  /// Bytes as text (RFC 4648).
  private static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
