import NNSFormats
import NNSTensor
import Testing

@Suite struct SafetensorsTests {
  private func describe(_ bytes: [UInt8]) throws -> Safetensors { try Safetensors(describing: bytes.span.bytes) }

  private func fixture(_ name: String) -> [UInt8] { Repository.read("Tests/Fixtures/formats/\(name).safetensors") }

  /// A file with the given header and as many zero bytes behind it.
  private func file(_ header: String, _ count: Int = 0) -> [UInt8] {
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
    return length + Array(header.utf8) + [UInt8](repeating: 0, count: count)
  }

  private func type(_ dtype: DType, _ sizes: Int...) throws -> TensorType { TensorType(dtype, try Shape(sizes)) }

  @Test func everyDtypeOfTheReference() throws {
    let bytes = fixture("all")
    let file = try describe(bytes)
    #expect(file.metadata.map { [$0.key, $0.value] } == [["format", "pt"]])
    let types = Dictionary(uniqueKeysWithValues: file.entries.map { ($0.name, $0.type) })
    #expect(
      types == [
        "weight": try type(.f32, 2, 3), "bias": try type(.f64, 3), "half.weight": try type(.bf16, 4),
        "ids": try type(.i64, 2), "small_ids": try type(.i32, 3), "bytes": try type(.u8, 5),
        "mask": try type(.bool, 3), "none": try type(.f32, 0, 4), "number": try type(.f32), "später": try type(.f32, 1),
      ])
    let weight = try #require(file.entries.first { $0.name == "weight" })
    #expect(bytes[weight.bytes].elementsEqual([Float](arrayLiteral: 0, 1, 2, 3, 4, 5).flatMap(littleEndian)))
    for entry in file.entries { try entry.validate(in: bytes.span.bytes) }
  }

  private func littleEndian(_ value: Float) -> [UInt8] {
    withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
  }

  @Test func whatIsWrittenIsWhatTheReferenceWrites() throws {
    let bytes = fixture("all")
    let file = try describe(bytes)
    let shuffled = Array(file.entries.reversed())
    let header = try Safetensors.header(for: shuffled.map { ($0.name, $0.type) }, metadata: file.metadata)
    #expect(header.bytes + header.order.flatMap { bytes[shuffled[$0].bytes] } == bytes)
    #expect(header.fileSize == bytes.count)
    #expect(try Safetensors.header(for: []).bytes == fixture("empty"))
  }

  @Test func dtypesThatAreNotOurs() {
    #expect(throws: FormatError("tensor \"h\": dtype \"F16\" is not one that NNS has")) {
      try describe(fixture("half"))
    }
  }

  @Test(arguments: [
    ("", 0, "not a safetensors file: the header does not begin with {"),
    ("[]", 0, "not a safetensors file: the header does not begin with {"),
    ("{", 0, "header: line 1, column 2: expected a key in double quotes, found the end of the text"),
    (#"{"a": 1}"#, 0, #"tensor "a": expected an object, found an int"#),
    (#"{"a": {"shape": [], "data_offsets": [0, 0]}}"#, 0, #"tensor "a": no dtype"#),
    (#"{"a": {"dtype": "F32", "data_offsets": [0, 4]}}"#, 4, #"tensor "a": the shape is not a list of sizes"#),
    (
      #"{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}"#, 4,
      #"tensor "a": the shape is not a list of sizes"#
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}}"#, 4,
      #"tensor "a": the shape is not a list of sizes"#
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0]}}"#, 4,
      #"tensor "a": data_offsets is not a list of two positions"#
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}}"#, 4,
      #"tensor "a": bytes 0 to 8 are not in the file"#
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}"#, 4,
      #"tensor "a": bytes 4 to 0 are not in the file"#
    ),
    (
      #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}"#, 4,
      #"tensor "a": f32[2] takes 8 bytes, data_offsets give it 4"#
    ),
    (#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"#, 6, "the last 2 bytes belong to no tensor"),
    (
      #"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [2, 6]}}"#, 6, #"2 bytes before tensor "a" belong to none"#
    ),
    (
      #"{"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "b": {"dtype": "U8", "shape": [2], "data_offsets": [2, 4]}}"#,
      4, #"tensor "b": its bytes overlap those of another tensor"#
    ),
    (
      #"{"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}, "a": {"dtype": "U8", "shape": [1], "data_offsets": [1, 2]}}"#,
      2, #"header: line 1, column 62: the key "a" occurs twice"#
    ),
    (#"{"__metadata__": {"a": 1}}"#, 0, #"__metadata__ holds an int under "a", not a string"#),
    (#"{"__metadata__": []}"#, 0, "__metadata__ is an array, not an object"),
  ])
  func mistakesAreNamed(_ header: String, _ count: Int, _ expected: String) {
    #expect(throws: FormatError(expected)) { try describe(file(header, count)) }
  }

  @Test func sizesThatOverflow() {
    for shape in ["[4611686018427387904, 4]", "[4611686018427387904]", "[1,1,1,1,1,1,1,1,1]"] {
      #expect(throws: FormatError.self) {
        try describe(file(#"{"a": {"dtype": "F64", "shape": \#(shape), "data_offsets": [0, 8]}}"#, 8))
      }
    }
  }

  @Test func lengthsThatLie() {
    #expect(throws: FormatError("not a safetensors file: it has only 0 bytes")) { try describe([]) }
    #expect(throws: FormatError("the file is cut off: a header of 3 bytes, 2 are there")) {
      try describe([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D])
    }
    for length: [UInt8] in [
      [0, 0, 0, 0, 0, 0, 0, 0x80], [1, 0xE1, 0xF5, 5, 0, 0, 0, 0], [UInt8](repeating: 0xFF, count: 8),
    ] {
      #expect(throws: FormatError("not a safetensors file: the header would be larger than 100000000 bytes")) {
        try describe(length + Array("{}".utf8))
      }
    }
  }

  @Test func twoTensorsOfOneName() throws {
    let tensor = ("a", try type(.f32, 1))
    #expect(throws: FormatError("two tensors are named \"a\"")) { try Safetensors.header(for: [tensor, tensor]) }
  }

  @Test func boolsAreZeroOrOne() throws {
    let bytes = file(#"{"m": {"dtype": "BOOL", "shape": [2], "data_offsets": [0, 2]}}"#) + [1, 255]
    let entry = try #require(try describe(bytes).entries.first)
    #expect(throws: FormatError("tensor \"m\": element 1 of dtype bool is neither 0 nor 1")) {
      try entry.validate(in: bytes.span.bytes)
    }
  }

  @Test func changedBytesNeverTrap() {
    Hostile.tryChanges(of: fixture("all")) { try describe($0) }
  }
}
