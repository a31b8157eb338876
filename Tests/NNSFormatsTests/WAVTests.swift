import NNSFormats
import NNSTensor
import Testing

@Suite struct WAVTests {
  private let engine = Engine()

  private func fixture(_ name: String) -> [UInt8] { Repository.read("Tests/Fixtures/formats/\(name).wav") }

  private func read(_ bytes: [UInt8]) throws -> [Double] {
    try WAV.read(bytes.span.bytes, engine: engine).samples.doubles()
  }

  @Test func samples() throws {
    let file = fixture("s16")
    let (stereo, rate) = try WAV.read(file.span.bytes, engine: engine)
    #expect(rate == 8000)
    #expect(Array(stereo.shape) == [2, 3])
    let steps: [Float] = [0, -32_768, 100, 16_384, 32_767, -100]
    #expect(stereo.floats() == steps.map { $0 / 32_768 })
    #expect(try read(fixture("u8")) == [-1, 0, 0.9921875])
    let smallest = -1.0 / 8_388_608
    #expect(try read(fixture("s24")) == [-1, 0.5, smallest])
  }

  @Test func floatSamples() throws {
    // 0.25 and -2 as IEEE floats, little endian.
    let singles: [UInt8] = [0, 0, 0x80, 0x3E, 0, 0, 0, 0xC0]
    #expect(try read(file(kind: 3, bits: 32, data: singles)) == [0.25, -2])
    let doubles: [UInt8] = [0, 0, 0, 0, 0, 0, 0xD0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0]
    #expect(try read(file(kind: 3, bits: 64, data: doubles)) == [0.25, -2])
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let sound = try engine.tensor([Float(0), 0.5, -0.5, -1, 0.25, 3], [2, 3])
    let file = try WAV.write(sound, rate: 44_100)
    let (back, rate) = try WAV.read(file.span.bytes, engine: engine)
    #expect(rate == 44_100)
    let largest: Float = 32_767.0 / 32_768.0
    #expect(back.floats() == [0, 0.5, -0.5, -1, 0.25, largest])
    let original = fixture("s16")
    let samples = try WAV.read(original.span.bytes, engine: engine).samples
    let again = try WAV.write(samples, rate: 8000)
    #expect(again == original)
  }

  @Test func whatIsNoSoundIsNotWritten() throws {
    #expect(throws: FormatError.self) { try WAV.write(engine.zeros(TensorType(.f32, Shape([]))), rate: 1) }
    #expect(throws: FormatError.self) { try WAV.write(engine.zeros(TensorType(.i64, Shape([3]))), rate: 1) }
    #expect(throws: FormatError.self) { try WAV.write(engine.zeros(TensorType(.f32, Shape([3]))), rate: 0) }
    #expect(throws: FormatError.self) { try WAV.write(engine.zeros(TensorType(.f32, Shape([0, 3]))), rate: 8000) }
    #expect(throws: FormatError.self) { try WAV.write(engine.tensor([Float.nan], [1]), rate: 8000) }
  }

  @Test func hostileFiles() {
    for bytes in [
      [], Array("RIFF".utf8), Array("RIFFxxxxWAVE".utf8), Array("RIFFxxxxWAVEfmt ".utf8),
      file(kind: 2, bits: 16, data: []), file(kind: 1, bits: 7, data: []), file(kind: 1, bits: 0, data: []),
      file(kind: 1, bits: 16, channels: 0, data: []), file(kind: 1, bits: 16, channels: 65_535, data: [1, 2]),
      file(kind: 1, bits: 16, rate: 0, data: []), file(kind: 1, bits: 16, data: [1]), file(kind: 3, bits: 16, data: []),
      file(kind: 1, bits: 16, data: [1, 2], stated: 0xFFFF_FFFF), file(kind: 1, bits: 16, data: [1, 2], stated: 3),
    ] as [[UInt8]] {
      #expect(throws: FormatError.self) { try read(bytes) }
    }
    Hostile.tryChanges(of: fixture("s16")) { try read($0) }
  }

  private func file(
    kind: Int, bits: Int, channels: Int = 1, rate: Int = 8000, data: [UInt8], stated: Int? = nil
  ) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var file = Array("RIFF".utf8)
    file += number(0, 4)
    file += Array("WAVEfmt ".utf8)
    for (value, count) in [(16, 4), (kind, 2), (channels, 2), (rate, 4), (0, 4), (0, 2), (bits, 2)] {
      file += number(value, count)
    }
    file += Array("data".utf8)
    file += number(stated ?? data.count, 4)
    return file + data
  }
}
