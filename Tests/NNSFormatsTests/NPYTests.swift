import NNSFormats
import NNSTensor
import Testing

@Suite struct NPYTests {
  private func describe(_ bytes: [UInt8]) throws -> NPY { try NPY(describing: bytes.span.bytes) }

  private func fixture(_ name: String) -> [UInt8] { Repository.read("Tests/Fixtures/formats/\(name).npy") }

  /// A version 1.0 file with the given header and as many zero bytes behind it.
  private func file(_ header: String, _ count: Int = 0, version: [UInt8] = [1, 0]) -> [UInt8] {
    let size = [UInt8(truncatingIfNeeded: header.utf8.count), UInt8(truncatingIfNeeded: header.utf8.count >> 8)]
    return [0x93] + Array("NUMPY".utf8) + version + size + Array(header.utf8) + [UInt8](repeating: 0, count: count)
  }

  @Test(arguments: [DType.f32, .f64, .i64, .i32, .u8])
  func dtypes(_ dtype: DType) throws {
    let bytes = fixture(dtype.name)
    let npy = try describe(bytes)
    #expect(npy.entry.type == TensorType(dtype, try Shape([2, 3])))
    #expect(!npy.isFortranOrder)
    #expect(npy.entry.bytes == bytes.count - 6 * dtype.byteSize..<bytes.count)
    // What is written is what NumPy writes, to the byte.
    #expect(try NPY.header(for: npy.entry.type) + bytes[npy.entry.bytes] == bytes)
  }

  @Test func versions() throws {
    for name in ["version2", "version3"] {
      #expect(try describe(fixture(name)).entry.type == TensorType(.f32, try Shape([2, 3])))
    }
  }

  @Test func shapes() throws {
    let fortran = try describe(fixture("fortran"))
    #expect(fortran.isFortranOrder)
    #expect(fortran.entry.type == TensorType(.f32, try Shape([2, 3, 4])))
    #expect(try describe(fixture("scalar")).entry.type == TensorType(.f64, Shape()))
    #expect(try describe(fixture("empty")).entry.type == TensorType(.f32, try Shape([0, 3])))
    #expect(try describe(fixture("bool")).entry.type == TensorType(.bool, try Shape([3])))
  }

  @Test(arguments: [[], [3], [0], [2, 3], [1, 2, 3, 4, 5, 6, 7, 8]])
  func headersAreReadBack(_ sizes: [Int]) throws {
    for dtype in DType.allCases where dtype != .bf16 {
      let type = TensorType(dtype, try Shape(sizes))
      let header = try NPY.header(for: type)
      #expect(header.count % 64 == 0)
      let count = type.shape.elementCount * dtype.byteSize
      #expect(try describe(header + [UInt8](repeating: 0, count: count)).entry.type == type)
    }
  }

  @Test func dtypesThatAreNotOurs() {
    for (name, message) in [
      ("big_endian", "dtype \">f4\" is big endian; little endian is read"),
      ("half", "dtype \"<f2\" is not one that NNS has"),
      ("objects", "the array holds Python objects, which are never read"),
      ("structured", "the array has fields with names (a structured dtype), which NNS does not have"),
    ] {
      #expect(throws: FormatError(message)) { try describe(fixture(name)) }
    }
    #expect(throws: FormatError("npy files have no dtype bf16; convert the tensor to f32")) {
      try NPY.header(for: TensorType(.bf16, Shape()))
    }
  }

  @Test func boolsAreZeroOrOne() throws {
    var bytes = fixture("bool")
    try describe(bytes).entry.validate(in: bytes.span.bytes)
    bytes[bytes.count - 1] = 2
    let entry = try describe(bytes).entry
    #expect(throws: FormatError("element 2 of dtype bool is neither 0 nor 1")) {
      try entry.validate(in: bytes.span.bytes)
    }
  }

  @Test(arguments: [
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 24, nil),
    ("{\"shape\": (3,), 'descr': '<f8', 'fortran_order': True,}   \n", 24, nil),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 23, "f32[2, 3] takes 24 bytes, the file has 23"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 25, "f32[2, 3] takes 24 bytes, the file has 25"),
    ("{'descr': '<f4', 'fortran_order': False}", 0, "the header lacks descr, fortran_order or shape"),
    ("{'descr': '<f4', 'descr': '<f4'}", 0, "the header has an unknown or second key \"descr\""),
    ("{'other': 1}", 0, "the header has an unknown or second key \"other\""),
    ("{'shape': (-1,)}", 0, "the header's shape is not a tuple of sizes"),
    ("{'shape': (1.5,)}", 0, "the header's shape is not a tuple of sizes"),
    ("{'shape': (99999999999999999999,)}", 0, "the header's shape is not a tuple of sizes"),
    ("{'shape': 3}", 0, "the header is not the dictionary that it should be: \"{'shape': 3}\""),
    ("{'fortran_order': Maybe}", 0, "the header is not the dictionary that it should be: \"{'fortran_order': Maybe}\""),
    ("{'descr': '<f4", 0, "the header is not the dictionary that it should be: \"{'descr': '<f4\""),
    ("__import__('os')", 0, "the header is not the dictionary that it should be: \"__import__('os')\""),
    ("", 0, "the header is not the dictionary that it should be: \"\""),
  ])
  func headers(_ header: String, _ count: Int, _ message: String?) {
    let bytes = file(header, count)
    if let message {
      #expect(throws: FormatError(message)) { try describe(bytes) }
    } else {
      #expect(throws: Never.self) { try describe(bytes) }
    }
  }

  @Test func sizesThatOverflow() {
    for sizes in ["4611686018427387904, 4", "4611686018427387904,", "1,1,1,1,1,1,1,1,1"] {
      let bytes = file("{'descr': '<f8', 'fortran_order': False, 'shape': (\(sizes))}", 64)
      #expect(throws: FormatError.self) { try describe(bytes) }
    }
  }

  @Test func filesThatAreNone() {
    #expect(throws: FormatError("not an npy file: it does not begin with \\x93NUMPY")) { try describe([]) }
    #expect(throws: FormatError("npy version 4.0 is not known")) { try describe(file("{}", version: [4, 0])) }
    for count in 0..<128 {
      #expect(throws: FormatError.self) { try describe(Array(fixture("f32").prefix(count))) }
    }
    let huge = [0x93] + Array("NUMPY".utf8) + [2, 0, 0xFF, 0xFF, 0xFF, 0x7F]
    #expect(throws: FormatError("the header of 2147483647 bytes is larger than 65536")) { try describe(huge) }
  }

  @Test func changedBytesNeverTrap() {
    for name in ["f32", "fortran", "version2", "bool"] { Hostile.tryChanges(of: fixture(name)) { try describe($0) } }
  }
}
