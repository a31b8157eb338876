import CZlib
import NNSTensor

/// Files packed with gzip (RFC 1952).
public enum Gzip {
  /// Whether a file begins as one.
  public static func isMeant(_ file: RawSpan) -> Bool {
    file.byteCount >= 2 && file.byte(0) == 0x1F && file.byte(1) == 0x8B
  }

  /// Unpacks all members of a file, checksums included.
  ///
  /// - Parameter budget: charged piece by piece, before each is taken: a small file may unpack to a thousand times its size.
  /// - Throws: ``FormatError``, and limit errors of the budget.
  public static func unpack(_ file: RawSpan, budget: Budget) throws -> [UInt8] {
    var stream = z_stream()
    // 16 asks for gzip's header and trailer, 15 is the largest window.
    guard inflateInit2_(&stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw FormatError("zlib has no memory")
    }
    defer { inflateEnd(&stream) }
    var unpacked: [UInt8] = []
    var offset = 0
    while true {
      let room = min(max(unpacked.count, 1 << 16), 1 << 22)
      try budget.charge(work: room)
      guard unpacked.count + room <= budget.byteLimit else {
        throw FormatError("it unpacks to more than the \(budget.byteLimit) bytes that there may be")
      }
      let status = unpackSome(&stream, file, &offset, &unpacked, room)
      switch status {
      case Z_STREAM_END:
        guard offset < file.byteCount else { return unpacked }
        // Another member follows.
        guard inflateReset(&stream) == Z_OK else { throw FormatError("the gzip data cannot be unpacked") }
      case Z_OK: if offset == file.byteCount, stream.avail_out > 0 { throw FormatError("the gzip data are cut off") }
      case Z_BUF_ERROR: throw FormatError("the gzip data are cut off")
      default: throw FormatError("the gzip data are damaged\(reason(stream))")
      }
    }
  }

  /// Unpacks at most `room` bytes.
  private static func unpackSome(
    _ stream: inout z_stream, _ file: RawSpan, _ offset: inout Int, _ unpacked: inout [UInt8], _ room: Int
  ) -> Int32 {
    let start = unpacked.count
    unpacked += repeatElement(0, count: room)
    let available = min(file.byteCount - offset, Int(UInt32.max))
    let status: Int32 = file.withUnsafeBytes { input in
      unpacked.withUnsafeMutableBytes { output in
        // zlib only reads what it is given.
        let next = input.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + offset) }
        stream.next_in = next?.assumingMemoryBound(to: Bytef.self)
        stream.avail_in = UInt32(available)
        stream.next_out = output.baseAddress.map { ($0 + start).assumingMemoryBound(to: Bytef.self) }
        stream.avail_out = UInt32(room)
        return inflate(&stream, Z_NO_FLUSH)
      }
    }
    offset += available - Int(stream.avail_in)
    unpacked.removeLast(Int(stream.avail_out))
    return status
  }

  private static func reason(_ stream: z_stream) -> String { stream.msg.map { ": \(String(cString: $0))" } ?? "" }
}
