import NNSTensor

/// A tensor that a file holds: what it is, and where its bytes lie.
public struct TensorEntry: Equatable, Sendable {
  /// Its name; empty where the file holds one tensor without a name.
  public var name: String
  /// dtype and shape.
  public var type: TensorType
  /// Its elements in row-major order, little endian, as bytes of the file; as many as ``type`` needs.
  public var bytes: Range<Int>

  /// A tensor at a place of a file.
  public init(name: String, type: TensorType, bytes: Range<Int>) {
    self.name = name
    self.type = type
    self.bytes = bytes
  }

  /// Checks what only the elements show: that bools are 0 or 1.
  public func validate(in file: RawSpan) throws(FormatError) { try validate(elements: file.extracting(bytes)) }

  /// The same for the elements themselves.
  func validate(elements: RawSpan) throws(FormatError) {
    guard type.dtype == .bool else { return }
    for index in 0..<elements.byteCount where elements.byte(index) > 1 {
      throw FormatError("\(title)element \(index) of dtype bool is neither 0 nor 1")
    }
  }

  private var title: String { name.isEmpty ? "" : "tensor \(quoted(name)): " }
}

extension TensorType {
  /// A type whose shape a file states. `title` begins the error's sentence.
  init(_ dtype: DType, stated sizes: [Int], title: String) throws(FormatError) {
    do {
      self.init(dtype, try Shape(sizes))
    } catch let error as TensorError {
      throw FormatError("\(title)\(error.message)")
    } catch {
      throw FormatError("\(title)the shape cannot be held")
    }
    guard byteCount != nil else { throw FormatError("\(title)the size in bytes is beyond 64 bits") }
  }

  /// Bytes of all elements, unless that is beyond 64 bits.
  var byteCount: Int? {
    let (count, overflow) = shape.elementCount.multipliedReportingOverflow(by: dtype.byteSize)
    return overflow ? nil : count
  }
}

extension RawSpan {
  /// A byte; the caller has checked the index.
  func byte(_ index: Int) -> UInt8 { unsafeLoad(fromByteOffset: index, as: UInt8.self) }

  /// The bytes of a range, which the caller has checked.
  func array(_ range: Range<Int>) -> [UInt8] {
    Array(unsafeUninitializedCapacity: range.count) { buffer, count in
      extracting(range).withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      count = range.count
    }
  }

  /// An unsigned little-endian number of `count` bytes, at most seven; the caller has checked the range.
  func littleEndian(at index: Int, count: Int) -> Int {
    (0..<count).reversed().reduce(0) { $0 << 8 | Int(byte(index + $1)) }
  }
}
