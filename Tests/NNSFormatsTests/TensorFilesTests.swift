import NNSFormats
import NNSTensor
import Testing

@Suite struct TensorFilesTests {
  private let engine = Engine()

  private func fixture(_ name: String) -> [UInt8] { Repository.read("Tests/Fixtures/formats/\(name)") }

  @Test(arguments: ["f32", "f64", "i64", "i32", "u8", "fortran", "version3"])
  func elementsCountUp(_ name: String) throws {
    let tensor = try NPY.read(fixture("\(name).npy").span.bytes, engine: engine)
    #expect(tensor.doubles() == (0..<tensor.elementCount).map(Double.init))
  }

  @Test func boolsAndNumbers() throws {
    #expect(try NPY.read(fixture("bool.npy").span.bytes, engine: engine).bools() == [true, false, true])
    #expect(try NPY.read(fixture("scalar.npy").span.bytes, engine: engine).item() == .float(2.5))
    #expect(try NPY.read(fixture("empty.npy").span.bytes, engine: engine).doubles() == [])
  }

  @Test func tensorsComeBack() throws {
    let file = fixture("all.safetensors")
    let tensors = try Safetensors.read(file.span.bytes, engine: engine)
    #expect(tensors.first { $0.name == "weight" }?.tensor.doubles() == [0, 1, 2, 3, 4, 5])
    #expect(tensors.first { $0.name == "half.weight" }?.tensor.doubles() == [0, 1, 2, 3])
    #expect(try Safetensors.write(tensors, metadata: [("format", "pt")], engine: engine) == file)

    let npy = fixture("i32.npy")
    #expect(try NPY.write(NPY.read(npy.span.bytes, engine: engine), engine: engine) == npy)
  }

  @Test func shapesAlone() throws {
    engine.computesShapesOnly = true
    defer { engine.computesShapesOnly = false }
    let tensor = try NPY.read(fixture("fortran.npy").span.bytes, engine: engine)
    #expect(tensor.isMeta && tensor.typeDescription == "f32[2, 3, 4]")
  }
}
