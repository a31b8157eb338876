import Foundation
import Testing

/// `fit` in a process of its own: what outlives a kill, an interrupt, and what a terminal shows.
@Suite(.serialized) struct TrainingTests {
  private func withFolder<T>(_ body: (URL) throws -> T) throws -> T {
    let folder = FileManager.default.temporaryDirectory.appending(path: "nns-fit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  /// What a training leaves.
  private func results(_ folder: URL) throws -> [Data] {
    try ["net.safetensors", "history.txt"].map { try Data(contentsOf: folder.appending(path: $0)) }
  }

  private static let resumed =
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/training/resumed.nns").path

  /// The short form of `scripts/check/kill`.
  @Test func killedTrainingsEndTheSame() throws {
    try withFolder { whole in
      #expect(Program.run([Self.resumed, whole.path]).status == 0)
      try withFolder { folder in
        var kills = 0
        while true {
          let program = Program.start([Self.resumed, folder.path])
          if kills < 5 {
            usleep(useconds_t.random(in: 50_000...400_000))
            kill(program.process, SIGKILL)
          }
          let result = program.finish()
          #expect(!result.errors.contains("damaged") && !result.errors.contains("note:"))
          if result.status == 0 { break }
          try #require(result.status == 128 + SIGKILL, "\(result.errors)")
          kills += 1
        }
        #expect(try results(folder) == results(whole))
      }
    }
  }

  @Test func ctrlCSavesAndEndsTheScript() throws {
    try withFolder { folder in
      let script = folder.appending(path: "run.nns")
      try """
      let x = randn(100, 2)
      fit(Linear(2, 1), (x, x[:, :1]), loss: mse_loss, epochs: 10_000_000, checkpoint: "\(folder.path)/run.ckpt")
      print("never")
      """.write(to: script, atomically: true, encoding: .utf8)
      let program = Program.start([script.path])
      for _ in 0..<600 where !FileManager.default.fileExists(atPath: folder.path + "/run.ckpt.previous") {
        usleep(50_000)
      }
      kill(program.process, SIGINT)
      let result = program.finish()
      #expect(result.status == 130 && result.output == "")
      #expect(result.errors.contains("epoch        1/10000000  loss "))
      #expect(result.errors.contains("the model keeps what it has learnt; resume: true goes on from"))
      #expect(!result.errors.contains("\u{1B}"))
    }
  }

  @Test func aTerminalShowsOneLiveLine() throws {
    try withFolder { folder in
      let script = folder.appending(path: "run.nns")
      try """
      let x = randn(4_000, 50)
      fn rest(e) {
        let end = clock() + 0.004
        while clock() < end { }
      }
      fit(Linear(50, 1), (x, x[:, :1]), loss: mse_loss, epochs: 3, callbacks: ({step: rest},))
      print("done")
      """.write(to: script, atomically: true, encoding: .utf8)
      let terminal = try #require(Terminal([script.path]))
      #expect(terminal.wait(for: "epoch 1/3 ━") != nil)
      #expect(terminal.wait(for: "left") != nil)
      #expect(terminal.wait(for: "epoch 3/3  loss ") != nil)
      #expect(terminal.wait(for: "done\n") != nil)
      #expect(terminal.finish() == 0)
    }
  }
}
