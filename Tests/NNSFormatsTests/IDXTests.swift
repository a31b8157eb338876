import NNSFormats
import NNSTensor
import Testing

@Suite struct IDXTests {
  private let engine = Engine()

  private func fixture(_ name: String) -> [UInt8] { Repository.read("Tests/Fixtures/formats/\(name)") }

  private func read(_ bytes: [UInt8]) throws -> Tensor { try IDX.read(bytes.span.bytes, engine: engine) }

  @Test(arguments: [
    ("u8.idx", DType.u8, 0), ("u8.idx.gz", .u8, 0), ("i8.idx", .i32, -12), ("i16.idx", .i32, -12),
    ("i32.idx", .i32, -12),
    ("f32.idx", .f32, -12), ("f64.idx", .f64, -12),
  ])
  func elementsCountUp(_ name: String, _ dtype: DType, _ first: Int) throws {
    let tensor = try read(fixture(name))
    #expect(tensor.type == TensorType(dtype, try Shape([2, 3, 4])))
    #expect(tensor.doubles() == (first..<first + 24).map(Double.init))
  }

  @Test func severalGzipMembersAreOneFile() throws {
    let packed = fixture("u8.idx.gz")
    let plain = fixture("u8.idx")
    let both = packed + packed
    let unpacked = try Gzip.unpack(both.span.bytes, budget: engine.budget)
    #expect(unpacked == plain + plain)
  }

  @Test func hostileFiles() {
    let plain = fixture("u8.idx")
    let packed = fixture("u8.idx.gz")
    for (file, message) in [
      ([], "not an IDX file: it does not begin with two zero bytes"),
      ([1, 0, 8, 1], "not an IDX file: it does not begin with two zero bytes"),
      ([0, 0, 7, 1, 0, 0, 0, 0], "IDX files have no elements of kind 7"),
      ([0, 0, 8, 3, 0, 0, 0, 2], "the file is cut off in its header"),
      (Array(plain.dropLast()), "u8[2, 3, 4] takes 24 bytes, the file has 23"),
      (plain + [0], "u8[2, 3, 4] takes 24 bytes, the file has 25"),
      ([0, 0, 8, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 9], "u8[4294967295, 9] takes 38654705655 bytes, the file has 0"),
      (Array(packed.dropLast(5)), "the gzip data are cut off"), (Array(packed.prefix(12)), "the gzip data are cut off"),
      (packed + [7, 7, 7], "the gzip data are damaged: incorrect header check"),
    ] as [([UInt8], String)] {
      #expect(throws: FormatError(message)) { try read(file) }
    }
    var wrong = packed
    wrong[wrong.count - 6] ^= 0xFF
    #expect(throws: FormatError("the gzip data are damaged: incorrect data check")) { try read(wrong) }
    // Sizes whose product does not fit into 64 bits.
    #expect(throws: FormatError.self) { try read([0, 0, 14, 3] + [UInt8](repeating: 0xFF, count: 12)) }
    #expect(throws: FormatError.self) { try read([0, 0, 8, 255] + [UInt8](repeating: 1, count: 1020)) }
  }

  @Test func changedFilesGiveErrors() {
    Hostile.tryChanges(of: fixture("i16.idx")) { try read($0) }
    Hostile.tryChanges(of: fixture("u8.idx.gz")) { try read($0) }
  }

  @Test func aBombIsStopped() throws {
    // Ten million zeros in ten thousand bytes.
    let bomb = fixture("bomb.gz")
    let engine = Engine()
    engine.budget.byteLimit = 1 << 20
    #expect(throws: FormatError("it unpacks to more than the 1048576 bytes that there may be")) {
      try IDX.read(bomb.span.bytes, engine: engine)
    }
  }
}
