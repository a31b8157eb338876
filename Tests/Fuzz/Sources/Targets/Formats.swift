import NNS
import NNSFormats
import NNSTensor

// Each file goes the way of a script: a function of the language, an interpreter with limits, a host with this one file.

/// Calls a function of a script with the name of a file, over and over in one interpreter.
final class Reader {
  private let files = Files()
  private let interpreter: Interpreter
  private let function: ScriptValue

  /// - Parameter source: a function of a path.
  init(_ source: String) {
    interpreter = Sandbox.interpreter(files)
    do {
      function = try interpreter.run(source, named: "reader.nns")
    } catch {
      fail(error.rendered)
    }
  }

  func read(_ bytes: [UInt8], as name: String = "a") {
    files.set(bytes)
    do { try function.call(name) } catch { Sandbox.look(at: error) }
  }
}

struct SafetensorsTarget: Target {
  private let reader = Reader(
    """
    fn(path) {
      let all = read_safetensors(path)
      write_safetensors("b", all)
      assert(read_safetensors("b").keys() == all.keys())
    }
    """)

  func run(_ bytes: [UInt8]) { reader.read(bytes) }
}

struct NPYTarget: Target {
  private let reader = Reader(
    """
    fn(path) {
      let x = read_npy(path)
      write_npy("b", x)
      assert(read_npy("b").shape == x.shape)
      x.sum()
    }
    """)

  func run(_ bytes: [UInt8]) { reader.read(bytes) }
}

struct NPZTarget: Target {
  private let reader = Reader(
    """
    fn(path) {
      let all = read_npz(path)
      write_npz("b", all, compressed: true)
      assert(read_npz("b").keys() == all.keys())
    }
    """)

  func run(_ bytes: [UInt8]) { reader.read(bytes) }
}

struct IDXTarget: Target {
  private let reader = Reader("fn(path) = read_idx(path).sum()")

  func run(_ bytes: [UInt8]) { reader.read(bytes) }
}

/// Packed data alone: what is in them is seldom a file of anything.
struct GzipTarget: Target {
  private let budget = Budget()

  init() { budget.byteLimit = 1 << 18 }

  func run(_ bytes: [UInt8]) {
    budget.begin(steps: 61 << 18, time: nil)
    let unpacked = try? Gzip.unpack(bytes.span.bytes, budget: budget)
    require(unpacked?.count ?? 0 <= 1 << 18, "it unpacks to more than there may be")
  }
}

struct CSVTarget: Target {
  private let reader = Reader(
    """
    fn(path) {
      let plain = try { read_csv(path, header: false) } catch err { () }
      let all = read_csv(path)
      write_csv("b", all)
      read_csv("b")
      read_csv(path, separator: ";")
    }
    """)

  func run(_ bytes: [UInt8]) { reader.read(bytes) }
}

struct PNGTarget: Target {
  private let reader = Reader(
    "fn(path) {\n let x = read_image(path)\n write_image(\"b.png\", x)\n read_image(path, channels: 4)\n}")

  func run(_ bytes: [UInt8]) { reader.read(PNGTarget.mended(bytes)) }

  /// The same with the magic and the checksums that it must have, or nothing behind them would ever be read.
  ///
  /// Where the first byte, whose place the magic takes, is even, the pixel data are rows as they are and get packed here: what
  /// comes behind unpacking is seldom reached by changing packed bytes.
  private static func mended(_ bytes: [UInt8]) -> [UInt8] {
    let isUnpacked = bytes.first.map { $0 % 2 == 0 } ?? false
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    var rest = bytes.dropFirst(8)
    while rest.count >= 12 {
      let size = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      guard size <= rest.count - 12 else { break }
      let kind = Array(rest.dropFirst(4).prefix(4))
      var content = Array(rest.dropFirst(8).prefix(size))
      if isUnpacked, kind.elementsEqual("IDAT".utf8) { content = packed(content) }
      var sum = Checksum()
      sum.add(kind + content)
      file += bigEndian(content.count) + kind + content + bigEndian(Int(sum.value))
      rest = rest.dropFirst(size + 12)
    }
    return file + rest
  }

  /// Bytes, with zeros behind them so that most images have all their rows, as a zlib stream of one stored block (RFC 1950, 1951).
  private static func packed(_ bytes: [UInt8]) -> [UInt8] {
    let content = bytes + [UInt8](repeating: 0, count: max(0, 2048 - bytes.count))
    var (a, b) = (1, 0)
    for byte in content {
      a = (a + Int(byte)) % 65521
      b = (b + a) % 65521
    }
    let (low, high) = (UInt8(content.count & 255), UInt8(content.count >> 8 & 255))
    return [0x78, 0x01, 1, low, high, ~low, ~high] + content + bigEndian(b << 16 | a)
  }

  private static func bigEndian(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}

struct JPEGTarget: Target {
  private let reader = Reader("fn(path) {\n let x = read_image(path)\n read_image(path, channels: 1)\n x.mean()\n}")

  func run(_ bytes: [UInt8]) { reader.read([0xFF, 0xD8, 0xFF] + bytes.dropFirst(3)) }
}

struct WAVTarget: Target {
  private let reader = Reader(
    "fn(path) {\n let (x, rate) = read_wav(path)\n write_wav(\"b\", clip(x, -1, 1), rate)\n x.sum()\n}")

  func run(_ bytes: [UInt8]) { reader.read(bytes) }
}

struct JSONTarget: Target {
  private let reader = Reader(
    """
    fn(path) {
      let x = read_json(path)
      write_json("b", x)
      write_json("c", read_json("b"), indent: 2)
      "{x}"
    }
    """)

  func run(_ bytes: [UInt8]) { reader.read(bytes) }
}

struct TokenizerTarget: Target {
  private let reader = Reader(
    """
    fn(path) {
      let t = load_tokenizer(path)
      let ids = t.encode("Hello  wörld, it's 2024!\\n <s> aaaa")
      t.decode(ids)
      t.decode(arange(20))
      (t.token(3), t.id("a"), t.vocabulary_size)
    }
    """)

  func run(_ bytes: [UInt8]) { reader.read(bytes) }
}
