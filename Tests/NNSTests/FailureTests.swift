import Foundation
import NNS
import Testing

/// Scripts that fail in all the ways of `Tests/Golden/errors`, changed at random, one after the other in one interpreter: after
/// each it computes what it must, and it comes to hold no more memory.
///
/// `NNS_FAILURES=10000` makes so many of them.
@Suite struct FailureTests {
  private static let count = ProcessInfo.processInfo.environment["NNS_FAILURES"].flatMap { Int($0) } ?? 500

  private static let scripts: [[UInt8]] = Repository.paths(under: "Tests/Golden/errors", ending: ".nns").compactMap {
    path in
    (try? Repository.text("Tests/Golden/errors/\(path)")).map { Array($0.utf8) }
  }

  /// In a process of its own, whose memory no other test takes.
  @Test func theNextScriptRunsAsIfNothingHadBeen() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      try FailureTests.run()
    }
    print(String(decoding: result?.standardOutputContent ?? [], as: UTF8.self))
  }

  private static func run() throws {
    var host = Host.sandboxed
    host.files = OverlaidFiles(folder: Repository.root)
    let limits = Limits(steps: 1_000_000, memory: 64 << 20, depth: 1000, sourceSize: 1 << 20)
    let interpreter = Interpreter(limits: limits, host: host)
    var draw = Draw(state: 7)
    var failed = 0
    var made = 0
    var before = 0
    while failed < count, made < 20 * count {
      made += 1
      // A tenth is what every interpreter comes to hold: its standard library, its pool.
      if failed == count / 10, before == 0 { before = residentBytes }
      do {
        try interpreter.run(utf8: draw.script(of: scripts), named: "failing.nns")
        continue
      } catch {
        failed += 1
        #expect(!error.rendered.isEmpty || error.exitCode != nil)
      }
      let canary = try interpreter.run(
        "let x = [1.0, 2.0]\nvar s = 0\nfor i in 0..4 { s += i }\nint(x @ x) + s", named: "c")
      #expect(try canary.as(Int.self) == 11)
    }
    #expect(failed == count)
    #expect(interpreter.memory.inUse < 1 << 20, "\(interpreter.memory.inUse) bytes of tensors are left")
    let growth = residentBytes - before
    print("\(failed) failures of \(made) scripts; \(growth / 1024) KB more resident than after a tenth of them")
    #expect(growth < 16 << 20 || isSanitized)
  }

  /// Sanitizers take notes of all memory, and keep what was freed for a while.
  private static let isSanitized = dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

  /// What the process holds in memory, by the kernel's count; 0 where it keeps none.
  private static var residentBytes: Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 4096 } ?? 0
  }
}

/// A small generator with a fixed sequence, so that a failure can be repeated.
private struct Draw {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(max(bound, 1)))
  }

  /// A script as it stands, or with pieces of it and of others taken out, doubled or exchanged.
  mutating func script(of scripts: [[UInt8]]) -> [UInt8] {
    var bytes = scripts[below(scripts.count)]
    for _ in 0..<below(4) where !bytes.isEmpty {
      let at = below(bytes.count)
      let other = scripts[below(scripts.count)]
      switch below(5) {
      case 0: bytes.remove(at: at)
      case 1: bytes[at] = UInt8(32 + below(95))
      case 2: bytes.removeSubrange(at..<min(bytes.count, at + below(20)))
      case 3: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + below(20))], at: below(bytes.count))
      default: bytes += other
      }
    }
    return bytes
  }
}
