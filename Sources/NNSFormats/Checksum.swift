import CZlib

/// The CRC-32 of zip, gzip and PNG, over bytes that come in pieces.
public struct Checksum {
  /// Of the bytes so far.
  public private(set) var value: UInt32 = 0

  /// That of no bytes.
  public init() {}

  /// Goes on with more bytes.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    value = UInt32(truncatingIfNeeded: crc32_z(UInt(value), start.assumingMemoryBound(to: Bytef.self), bytes.count))
  }

  /// Goes on with more bytes.
  public mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }
}
