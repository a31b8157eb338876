import CZlib
import NNSTensor

/// Writes a zip file member by member. The same members give the same bytes: no times are stored.
struct ZIPWriter {
  private var file: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// Adds a member; a deflated one is stored plainly where that is no longer.
  ///
  /// - Throws: ``FormatError``, and what the budget says, which is asked now and then.
  mutating func add(_ name: String, _ bytes: [UInt8], isDeflated: Bool, budget: Budget? = nil) throws {
    let packed = isDeflated ? try Self.deflated(bytes, budget) : nil
    let isPacked = (packed?.count ?? .max) < bytes.count
    let data = isPacked ? packed ?? bytes : bytes
    let offset = file.count
    var checksum = Checksum()
    try bytes.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: Self.checkedTogether) {
        try budget?.check()
        let end = min(start + Self.checkedTogether, bytes.count)
        checksum.add(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      }
    }
    let isWide = max(bytes.count, data.count, offset) >= ZIP.wideMark
    let nameBytes = Array(name.utf8)
    guard nameBytes.count <= 0xFFFF else { throw FormatError("the name \(quoted(name)) is too long for a zip file") }

    // What the member's own header and the directory's entry have in common.
    var common: [UInt8] = []
    // Version 4.5 reads sizes of 64 bits, 2.0 deflate.
    common.append(isWide ? 45 : 20, count: 2)
    // The name is UTF-8.
    common.append(1 << 11, count: 2)
    common.append(isPacked ? 8 : 0, count: 2)
    // The first moment that the format has: midnight of 1 January 1980.
    common.append(0x0021_0000, count: 4)
    common.append(Int(checksum.value), count: 4)
    common.append(isWide ? ZIP.wideMark : data.count, count: 4)
    common.append(isWide ? ZIP.wideMark : bytes.count, count: 4)
    common.append(nameBytes.count, count: 2)

    var extra: [UInt8] = []
    if isWide {
      extra.append(ZIP.wideTag, count: 2)
      extra.append(16, count: 2)
      extra.append(bytes.count, count: 8)
      extra.append(data.count, count: 8)
    }
    file.append(ZIP.memberSignature, count: 4)
    file += common
    file.append(extra.count, count: 2)
    file += nameBytes + extra
    file += data

    if isWide {
      extra.append(offset, count: 8)
      extra[2] = 24
    }
    directory.append(ZIP.entrySignature, count: 4)
    directory.append(45, count: 2)
    directory += common
    directory.append(extra.count, count: 2)
    // No comment, disk 0, no attributes.
    directory += [UInt8](repeating: 0, count: 10)
    directory.append(isWide ? ZIP.wideMark : offset, count: 4)
    directory += nameBytes + extra
    count += 1
  }

  /// The whole file.
  consuming func finish() -> [UInt8] {
    let start = file.count
    var end = directory
    let isWide = max(start, directory.count) >= ZIP.wideMark || count >= 0xFFFF
    if isWide {
      end.append(ZIP.wideEndSignature, count: 4)
      end.append(44, count: 8)
      end.append(45, count: 2)
      end.append(45, count: 2)
      end.append(0, count: 8)
      end.append(count, count: 8)
      end.append(count, count: 8)
      end.append(directory.count, count: 8)
      end.append(start, count: 8)
      end.append(ZIP.wideLocatorSignature, count: 4)
      end.append(0, count: 4)
      end.append(start + directory.count, count: 8)
      end.append(1, count: 4)
    }
    end.append(ZIP.endSignature, count: 4)
    end.append(0, count: 4)
    for _ in 0..<2 { end.append(isWide ? 0xFFFF : count, count: 2) }
    end.append(isWide ? ZIP.wideMark : directory.count, count: 4)
    end.append(isWide ? ZIP.wideMark : start, count: 4)
    end.append(0, count: 2)
    file += end
    return file
  }

  // Bytes between two looks at the budget, that take some milliseconds.
  private static let packedTogether = 1 << 16
  private static let checkedTogether = 1 << 22

  private static func deflated(_ bytes: [UInt8], _ budget: Budget?) throws -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard deflateInit2_(&stream, -1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK else {
      throw FormatError("zlib has no memory")
    }
    defer { deflateEnd(&stream) }
    let bound = Int(deflateBound(&stream, UInt(bytes.count)))
    let packed = try [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      try bytes.withUnsafeBufferPointer { input in
        var (read, status) = (0, Z_OK)
        while status == Z_OK {
          try budget?.check()
          let (available, room) = (min(input.count - read, Self.packedTogether), min(bound - count, 1 << 30))
          // zlib only reads what it is given.
          stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + read) }
          stream.avail_in = UInt32(available)
          stream.next_out = buffer.baseAddress.map { $0 + count }
          stream.avail_out = UInt32(room)
          status = deflate(&stream, input.count - read == available ? Z_FINISH : Z_NO_FLUSH)
          read += available - Int(stream.avail_in)
          count += room - Int(stream.avail_out)
        }
        if status != Z_STREAM_END { count = 0 }
      }
    }
    guard !packed.isEmpty else { throw FormatError("zlib could not pack the bytes") }
    return packed
  }
}

extension [UInt8] {
  /// Appends the lowest bytes of a number, little endian.
  fileprivate mutating func append(_ number: Int, count: Int) {
    for index in 0..<count { append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
  }
}
