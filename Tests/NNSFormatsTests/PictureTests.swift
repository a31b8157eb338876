import NNSFormats
import NNSTensor
import Testing

@Suite struct PictureTests {
  private let engine = Engine()

  private func fixture(_ name: String) -> [UInt8] { Repository.read("Tests/Fixtures/formats/\(name)") }

  private func read(_ bytes: [UInt8], channels: Int? = nil) throws -> Tensor {
    try Picture.read(bytes.span.bytes, channels: channels, engine: engine)
  }

  @Test(arguments: ["rgb.png", "grey.png", "rgba.png", "palette.png", "grey.jpg", "colour.jpg"])
  func pixelsAreThoseThatPillowReads(_ name: String) throws {
    let picture = try read(fixture(name))
    let file = fixture("\(name).npy")
    let pixels = try NPY.read(file.span.bytes, engine: engine)
    let channels = pixels.rank == 3 ? pixels.shape[2] : 1
    #expect(Array(picture.shape) == [channels, pixels.shape[0], pixels.shape[1]])
    let values = picture.doubles()
    let size = pixels.shape[0] * pixels.shape[1]
    for (position, pixel) in pixels.doubles().enumerated() {
      #expect(abs(values[position % channels * size + position / channels] - pixel / 255) < 1e-6)
    }
  }

  @Test func channelsAreConverted() throws {
    #expect(try read(fixture("rgb.png"), channels: 1).shape[0] == 1)
    #expect(try read(fixture("grey.png"), channels: 3).shape[0] == 3)
    #expect(try read(fixture("colour.jpg"), channels: 1).shape[0] == 1)
    #expect(try read(fixture("grey.png"), channels: 4).doubles().suffix(24).allSatisfy { $0 == 1 })
    #expect(throws: (any Error).self) { try read(fixture("grey.jpg"), channels: 4) }
  }

  @Test(arguments: [[3, 4, 5], [1, 2, 3], [4, 6], [4, 3, 3]])
  func whatIsWrittenIsReadBack(_ sizes: [Int]) throws {
    let count = sizes.reduce(1, *)
    let picture = try engine.tensor((0..<count).map { Float($0) / Float(count) }, sizes)
    let back = try read(Picture.write(picture, as: .png))
    #expect(zip(picture.doubles(), back.doubles()).allSatisfy { abs($0 - $1) <= 0.5 / 255 + 1e-6 })
  }

  @Test func bytesAndBounds() throws {
    let bytes = try engine.tensor([0, 128, 255, 7], [2, 2], dtype: .u8)
    #expect(try read(Picture.write(bytes, as: .png)).doubles().map { ($0 * 255).rounded() } == [0, 128, 255, 7])
    let wide = try engine.tensor([-3, Float.infinity, 0.5, 1], [1, 4])
    #expect(try read(Picture.write(wide, as: .png)).doubles().map { ($0 * 255).rounded() } == [0, 255, 128, 255])
    let even = try engine.full(TensorType(.f32, Shape([3, 16, 16])), .float(0.5))
    #expect(try read(Picture.write(even, as: .jpeg)).doubles().allSatisfy { abs($0 - 0.5) < 0.02 })
  }

  @Test func whatIsNoPictureIsNotWritten() throws {
    for sizes in [[], [3], [5, 2, 2], [0, 2], [1, 1, 1, 1]] {
      #expect(throws: FormatError.self) { try Picture.write(engine.zeros(TensorType(.f32, Shape(sizes))), as: .png) }
    }
    #expect(throws: FormatError.self) { try Picture.write(engine.zeros(TensorType(.i64, Shape([2, 2]))), as: .png) }
    #expect(throws: FormatError.self) {
      try Picture.write(engine.zeros(TensorType(.f32, Shape([4, 2, 2]))), as: .jpeg)
    }
    #expect(throws: FormatError.self) { try Picture.write(engine.tensor([Float.nan], [1, 1]), as: .png) }
  }

  @Test(arguments: ["rgb.png", "palette.png", "grey.jpg", "colour.jpg"])
  func changedFilesGiveErrors(_ name: String) {
    Hostile.tryChanges(of: fixture(name)) { try read($0) }
  }

  @Test func damageIsAnError() throws {
    let png = fixture("rgb.png")
    let jpeg = fixture("colour.jpg")
    for file in [
      [], [0x89], Array("\u{89}PNG".utf8), Array(png.prefix(60)), Array(jpeg.prefix(jpeg.count / 2)),
      Array(png.prefix(8)),
      [0xFF, 0xD8, 0xFF], Array(png.dropLast(30)),
    ] as [[UInt8]] {
      #expect(throws: FormatError.self) { try read(file) }
    }
  }

  @Test func sizesThatTheFileCannotHoldAreRefusedBeforeMemoryIsTaken() throws {
    // The width and height stand at bytes 16 to 23; the checksum of the part follows.
    var png = fixture("grey.png")
    png.replaceSubrange(16..<24, with: [0, 0, 0x40, 0, 0, 0, 0x40, 0])
    let engine = Engine()
    engine.budget.byteLimit = 1 << 20
    #expect(throws: (any Error).self) { try Picture.read(png.span.bytes, engine: engine) }
    #expect(engine.budget.peakBytes == 0)
  }

  @Test(arguments: ["grey.jpg", "colour.jpg"]) func aJPEGThatClaimsToBeHugeIsRefused(_ name: String) throws {
    var jpeg = fixture(name)
    // A frame header: its marker, two bytes of length, the precision, then height and width.
    let header = try #require(
      (0..<jpeg.count - 9).first { jpeg[$0] == 0xFF && (jpeg[$0 + 1] == 0xC0 || jpeg[$0 + 1] == 0xC2) })
    jpeg.replaceSubrange(header + 5..<header + 9, with: [0xFF, 0x00, 0xFF, 0x00])
    let engine = Engine()
    #expect(throws: FormatError.self) { try Picture.read(jpeg.span.bytes, engine: engine) }
    #expect(engine.budget.peakBytes == 0)
    // Smaller than the most that is read: the limit says no before memory is taken.
    jpeg.replaceSubrange(header + 5..<header + 9, with: [0x05, 0xDC, 0x05, 0xDC])
    engine.budget.byteLimit = 1 << 20
    #expect(throws: TensorError.self) { try Picture.read(jpeg.span.bytes, engine: engine) }
    #expect(engine.budget.peakBytes == 0)
  }

  @Test func aLimitIsKept() throws {
    let engine = Engine()
    engine.budget.byteLimit = 100
    let file = fixture("colour.jpg")
    #expect(throws: TensorError.self) { try Picture.read(file.span.bytes, engine: engine) }
  }
}
