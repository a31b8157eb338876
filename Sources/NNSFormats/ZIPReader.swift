import CZlib
import NNSTensor

/// Reads a member of a zip file from its beginning to its end, into memory of the caller's: it cannot unpack to more than
/// was asked for.
final class ZIPReader {
  private let member: ZIP.Member
  /// Position in the archive.
  private var next: Int
  private var left: Int
  private var checksum = Checksum()
  private var hasEnded = false
  /// On the heap: zlib notes where it stands.
  private let stream: UnsafeMutablePointer<z_stream>?

  init(_ member: ZIP.Member) throws(FormatError) {
    self.member = member
    next = member.bytes.lowerBound
    left = member.size
    guard member.isDeflated else {
      stream = nil
      return
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // A negative window: nothing stands around the deflated bytes.
    guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      stream.deallocate()
      throw FormatError("zlib has no memory")
    }
    self.stream = stream
  }

  deinit {
    guard let stream else { return }
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Fills the buffer.
  func read(_ file: RawSpan, into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) {
    guard buffer.count <= left else { throw cutOff }
    left -= buffer.count
    guard let start = buffer.baseAddress else { return }
    if stream == nil {
      file.extracting(next..<next + buffer.count).withUnsafeBytes { buffer.copyMemory(from: $0) }
      next += buffer.count
    } else {
      var written = 0
      while written < buffer.count {
        let count = try inflate(file, start + written, buffer.count - written)
        guard count > 0 else { throw cutOff }
        written += count
      }
    }
    checksum.add(UnsafeRawBufferPointer(buffer))
  }

  /// So many bytes.
  func read(_ file: RawSpan, count: Int) throws(FormatError) -> [UInt8] {
    // Before memory is taken.
    guard count <= left else { throw cutOff }
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: FormatError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(FormatError) { try read(file, into: buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Checks that nothing is left and that the checksum is right.
  func finish(_ file: RawSpan) throws(FormatError) {
    if stream != nil, !hasEnded {
      var extra: UInt8 = 0
      let count = try withUnsafeMutablePointer(to: &extra) { extra throws(FormatError) in
        try inflate(file, extra, 1)
      }
      guard count == 0, hasEnded else {
        throw FormatError("\(title)it holds more than the \(member.size) bytes it says")
      }
    }
    guard left == 0, next == member.bytes.upperBound else { throw FormatError("\(title)bytes are left over") }
    guard checksum.value == member.crc else { throw FormatError("\(title)the checksum is wrong: it is damaged") }
  }

  /// Unpacks up to `count` bytes and gives how many.
  private func inflate(_ file: RawSpan, _ output: UnsafeMutableRawPointer, _ count: Int) throws(FormatError) -> Int {
    guard let stream, !hasEnded else { return 0 }
    let available = min(member.bytes.upperBound - next, Int(UInt32.max))
    let room = min(count, Int(UInt32.max))
    let status = file.withUnsafeBytes { input in
      // zlib only reads what it is given.
      let start = input.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + next) }
      stream.pointee.next_in = start?.assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_in = UInt32(available)
      stream.pointee.next_out = output.assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_out = UInt32(room)
      return CZlib.inflate(stream, Z_NO_FLUSH)
    }
    next += available - Int(stream.pointee.avail_in)
    hasEnded = status == Z_STREAM_END
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      throw FormatError("\(title)its deflated bytes are damaged")
    }
    return room - Int(stream.pointee.avail_out)
  }

  private var title: String { "member \(quoted(member.name)): " }
  private var cutOff: FormatError { FormatError("\(title)it is cut off") }
}
