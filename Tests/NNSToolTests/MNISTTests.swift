import Glibc
import Testing

/// `scripts/mnist.nns` on a folder of IDX files.
@Suite struct MNISTTests {
  private static let script =
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/scripts/mnist.nns"

  /// The bytes of an IDX file: u8 elements of the given sizes.
  private static func idx(_ sizes: [Int], _ elements: [UInt8]) -> [UInt8] {
    [0, 0, 8, UInt8(sizes.count)] + sizes.flatMap { [UInt8(0), 0, UInt8($0 / 256), UInt8($0 % 256)] } + elements
  }

  /// Dark and light pictures: class 0 and 1.
  private static func set(_ count: Int, _ side: Int) -> (images: [UInt8], labels: [UInt8]) {
    let labels = (0..<count).map { UInt8($0 % 2) }
    let pixels = labels.flatMap { [UInt8](repeating: 40 + 150 * $0, count: side * side) }
    return (idx([count, side, side], pixels), idx([count], labels))
  }

  @Test(arguments: [8, 10]) func learnsFromAFolder(side: Int) {
    let folder = "/tmp/nns-mnist-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    mkdir(folder, 0o777)
    var written: [String] = []
    for (name, count) in [("train", 40), ("t10k", 10)] {
      let (images, labels) = Self.set(count, side)
      for (kind, bytes) in [("images-idx3-ubyte", images), ("labels-idx1-ubyte", labels)] {
        let path = "\(folder)/\(name)-\(kind)"
        written.append(path)
        guard let file = fopen(path, "w") else { continue }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
      }
    }
    defer { for path in written + [folder] { remove(path) } }
    let result = Program.run([Self.script, folder, "--epochs=1"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("40 pictures to learn from, 10 to test on, \(side) by \(side) pixels, 2 classes"))
    #expect(result.output.contains("epoch 1: test accuracy "))
  }

  @Test func saysWhichFileIsMissing() {
    let result = Program.run([Self.script, "/tmp/nns-no-such-folder"])
    #expect(result.status == 1)
    #expect(result.errors.contains("no train-images-idx3-ubyte in /tmp/nns-no-such-folder, with or without .gz"))
  }
}
