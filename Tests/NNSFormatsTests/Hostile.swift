/// Files as an attacker changes them.
enum Hostile {
  /// Calls `read` with every truncation of `bytes` and with thousands of copies that differ in one to four bytes, the
  /// same ones at each run. Errors are what should happen; a trap ends the test.
  static func tryChanges(of bytes: [UInt8], read: ([UInt8]) throws -> some Any) {
    for count in 0..<bytes.count { _ = try? read(Array(bytes.prefix(count))) }
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func random(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    guard !bytes.isEmpty else { return }
    for _ in 0..<4_000 {
      var changed = bytes
      for _ in 0...random(below: 4) {
        // Digits and brackets come up often: they change sizes and structure.
        let alphabet = Array("0123456789[]{}(),:'\"-".utf8)
        let byte = random(below: 2) == 0 ? alphabet[random(below: alphabet.count)] : UInt8(random(below: 256))
        changed[random(below: changed.count)] = byte
      }
      _ = try? read(changed)
    }
  }
}
