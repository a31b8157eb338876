import NNSFormats
import NNSTensor
import Testing

@Suite struct NPZTests {
  private let engine = Engine()

  private func fixture(_ name: String) -> [UInt8] { Repository.read("Tests/Fixtures/formats/\(name).npz") }

  private func read(_ bytes: [UInt8], _ engine: Engine = Engine()) throws -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: try NPZ.read(bytes.span.bytes, engine: engine).map { ($0.name, $0.tensor) })
  }

  private func write(_ arrays: [(name: String, tensor: Tensor)], isCompressed: Bool = false) throws -> [UInt8] {
    try NPZ.write(arrays, isCompressed: isCompressed, engine: engine)
  }

  /// Stored, deflated, and deflated with sizes behind the data, as NumPy writes them.
  @Test(arguments: ["stored", "deflated", "streamed"]) func arraysOfNumPy(_ name: String) throws {
    let arrays = try read(fixture(name))
    #expect(arrays.count == 3)
    #expect(arrays["x"]?.typeDescription == "f32[2, 3]")
    #expect(arrays["x"]?.doubles() == [0, 1, 2, 3, 4, 5])
    #expect(arrays["fortran"]?.doubles() == [0, 1, 2, 3, 4, 5])
    #expect(try arrays["größe"]?.item() == .float(2.5))
  }

  @Test(arguments: [true, false]) func tensorsComeBack(_ isCompressed: Bool) throws {
    let arrays = try NPZ.read(fixture("stored").span.bytes, engine: engine)
    let back = try read(write(arrays, isCompressed: isCompressed))
    #expect(back.count == arrays.count)
    for (name, tensor) in arrays { #expect(back[name]?.doubles() == tensor.doubles()) }
    #expect(try read(write([])).isEmpty)
    #expect(throws: FormatError("two tensors are named \"größe\"")) { try write(arrays + [arrays[2]]) }
  }

  /// 8 KB that unpack to 8 MB are refused before the memory is taken.
  @Test func memoryIsChargedBeforeUnpacking() throws {
    let bomb = fixture("bomb")
    #expect(try read(bomb)["zeros"]?.elementCount == 1 << 20)
    let budget = Budget()
    budget.byteLimit = 1 << 20
    let error = #expect(throws: TensorError.self) { try read(bomb, Engine(budget: budget)) }
    #expect(error?.kind == .limit)
    #expect(budget.peakBytes <= 1 << 20)
  }

  /// Changes of single fields of a well-formed file, and the sentence for each.
  @Test(arguments: [
    ("PK\u{5}\u{6}", 10, 2, "the zip file is spread over several disks"),
    ("PK\u{5}\u{6}", 16, 1, "the zip file's directory is not where its end says"),
    ("PK\u{1}\u{2}", 8, 1, "member \"x.npy\": it is encrypted, or packed in a way that is not known"),
    ("PK\u{1}\u{2}", 10, 9, "member \"x.npy\": compression method 9 is not known"),
    ("PK\u{1}\u{2}", 42, 1, "member \"x.npy\": it is not where the directory says"),
    ("PK\u{1}\u{2}", 46, 0x79, "member \"y.npy\": its own header says otherwise than the directory"),
    ("PK\u{1}\u{2}", 50, 0x7A, "member \"x.npz\": its own header says otherwise than the directory"),
    ("PK\u{1}\u{2}", 16, 0, "member \"x.npy\": the checksum is wrong: it is damaged"),
    ("PK\u{1}\u{2}", 24, 0x99, "member \"x.npy\": f32[2, 3] takes 24 bytes, the file has 25"),
    ("PK\u{1}\u{2}", 27, 1, "member \"x.npy\": 85 bytes cannot hold the 16777368 that it should have"),
  ])
  func mistakesAreNamed(_ signature: String, _ offset: Int, _ value: UInt8, _ message: String) throws {
    var file = fixture("deflated")
    let start = try #require(file.indices.first { file[$0...].starts(with: signature.utf8) })
    file[start + offset] = value
    let error = #expect(throws: FormatError.self) { try read(file) }
    #expect(error?.message == message)
  }

  @Test func membersAreNotShared() throws {
    // The second entry of the directory leads to the first member.
    var file = fixture("stored")
    let entries = file.indices.filter { file[$0...].starts(with: "PK\u{1}\u{2}".utf8) }
    for offset in 42..<46 { file[entries[1] + offset] = file[entries[0] + offset] }
    #expect(throws: FormatError.self) { try read(file) }
    let one = try engine.tensor([1], [])
    let twice = try write([("a", one), ("b", one)])
    let same = twice.map { $0 == UInt8(ascii: "b") ? UInt8(ascii: "a") : $0 }
    #expect(throws: FormatError("two members of the zip file are named \"a.npy\"")) { try read(same) }
  }

  @Test func filesThatAreNone() {
    #expect(throws: FormatError("not a zip file: its end is missing")) { try read([]) }
    #expect(throws: FormatError("not a zip file: its end is missing")) { try read(fixture("stored") + [0]) }
  }

  @Test func changedBytesNeverTrap() {
    for name in ["stored", "deflated", "streamed"] { Hostile.tryChanges(of: fixture(name)) { try read($0) } }
  }
}
