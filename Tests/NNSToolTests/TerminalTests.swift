import Foundation
import Testing

/// A session as people see it: keys in, screen out.
@Suite(.serialized) struct TerminalTests {
  /// A session that has shown its first prompt.
  private func begin(_ environment: [String: String] = [:]) throws -> Terminal {
    let terminal = try #require(Terminal(environment: environment))
    #expect(terminal.wait(for: "nns> ")?.contains("? for help, Ctrl-D to leave") == true)
    return terminal
  }

  @Test func valuesAreShownAndCtrlDLeaves() throws {
    let terminal = try begin()
    terminal.type("let x = zeros(2, 3)\nx\n")
    #expect(terminal.wait(for: "[0, 0, 0]]") != nil || terminal.wait(for: "0.0") != nil)
    terminal.type("1 + 1;\nans + 40\n")
    #expect(terminal.wait(for: "\n42\n") != nil)
    _ = terminal.wait(for: "nns> ")
    terminal.type("\u{4}")
    #expect(terminal.finish() == 0)
  }

  @Test func unfinishedLinesGoOn() throws {
    let terminal = try begin()
    terminal.type("fn double(x) {\n")
    #expect(terminal.wait(for: "...> ") != nil)
    terminal.type("x * 2\n}\n")
    _ = terminal.wait(for: "nns> ")
    terminal.type("double(21)\n")
    #expect(terminal.wait(for: "\n42\n") != nil)
  }

  @Test func aPastedBlockRunsAsOne() throws {
    let terminal = try begin()
    terminal.type("\u{1B}[200~nns> fn three() {\n...>   3\n...> }\nnns> three() + 4\n7\u{1B}[201~\n")
    #expect(terminal.wait(for: "\n7\n") != nil)
    terminal.type("ans * 100\n")
    #expect(terminal.wait(for: "\n700\n") != nil)
  }

  @Test func tabCompletes() throws {
    let terminal = try begin()
    terminal.type("let temperature = 21\ntemper\t + 2\n")
    #expect(terminal.wait(for: "\n23\n") != nil)
    terminal.type("let r = {alpha: 5}\nr[\"al\t\"] + 1\n")
    #expect(terminal.wait(for: "\n6\n") != nil)
    terminal.type("Linear(\t\t")
    #expect(terminal.wait(for: "model Linear(inputs, outputs") != nil)
  }

  @Test func ctrlCGivesUpTheLine() throws {
    let terminal = try begin()
    terminal.type("var kept = 7\n")
    _ = terminal.wait(for: "nns> ")
    terminal.type("kept = 8")
    _ = terminal.wait(for: "kept = 8")
    terminal.type("\u{3}")
    _ = terminal.wait(for: "nns> ")
    terminal.type("kept\n")
    #expect(terminal.wait(for: "\n7\n") != nil)
  }

  @Test func ctrlCStopsAProductAndKeepsTheNames() throws {
    let terminal = try begin()
    terminal.type("let a = ones(4096, 4096)\nwhile true { a @ a }\n")
    _ = terminal.wait(for: "while true")
    usleep(300_000)
    for _ in 0..<2 {
      terminal.type("\u{3}")
      usleep(50_000)
    }
    #expect(terminal.wait(for: "interrupted") != nil)
    terminal.type("a.shape\n")
    #expect(terminal.wait(for: "(4096, 4096)") != nil)
  }

  @Test func ctrlCStopsFitAndTheModelKeepsWhatItLearnt() throws {
    let terminal = try begin()
    terminal.type("let x = randn(1000, 20)\nlet net = Linear(20, 1)\nlet before = net.weight\n")
    terminal.type("fit(net, (x, x[:, :1]), loss: mse_loss, epochs: 10_000_000)\n")
    #expect(terminal.wait(for: "loss ") != nil)
    usleep(300_000)
    terminal.type("\u{3}")
    #expect(terminal.wait(for: "the model keeps what it has learnt") != nil)
    _ = terminal.wait(for: "nns> ")
    terminal.type("any(net.weight != before)\n")
    #expect(terminal.wait(for: "true") != nil)
    terminal.type("x.shape\n")
    #expect(terminal.wait(for: "(1000, 20)") != nil)
  }

  @Test func anErrorIsFollowedByAGoodLine() throws {
    let terminal = try begin()
    terminal.type("let a = 1; undefined_thing\n")
    #expect(terminal.wait(for: "unknown name")?.contains("error:") == true)
    terminal.type("6 * 7\n")
    #expect(terminal.wait(for: "\n42\n") != nil)
    terminal.type(":explain\n")
    #expect(terminal.wait(for: "looked up") != nil)
  }

  @Test func historyOutlivesTheRun() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("history-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let first = try begin(["NNS_HISTORY": file])
    first.type("40 + 2\n")
    _ = first.wait(for: "\n42\n")
    first.type("fn f() {\n  1 }\n")
    _ = first.wait(for: "nns> ")
    _ = first.wait(for: "nns> ")
    first.type("\u{4}")
    #expect(first.finish() == 0)
    let second = try begin(["NNS_HISTORY": file])
    // Up to the function, up to the sum, Enter.
    second.type("\u{1B}[A\u{1B}[A\n")
    #expect(second.wait(for: "\n42\n") != nil)
    // A code given on the command line is not history.
    _ = Program.run(["-e", "77"])
    let kept = try String(contentsOfFile: file, encoding: .utf8)
    #expect(kept == "40 + 2\nfn f() {\\n  1 }\n40 + 2\n")
  }

  @Test func pictures() throws {
    let terminal = try begin()
    terminal.type(":plot (1, 4, 9)\n")
    #expect(terminal.wait(for: "8 ┤") != nil)
    #expect(terminal.wait(for: "2 ┤") != nil)
    terminal.type(":show [[0, 1], [1, 0]]\n")
    #expect(terminal.wait(for: "  @@\n@@  \n") != nil)
    terminal.type(":vars\n:plot \"text\"\n")
    #expect(terminal.wait(for: "error:") != nil)
  }

  @Test func aNarrowerWindowIsNoticed() throws {
    let terminal = try begin()
    terminal.resize(columns: 44)
    terminal.type("(\"aaaaaaaaaaaaaaaa\", \"bbbbbbbbbbbbbbbb\", \"cccccccccccccc\")\n")
    // Too wide for one line now.
    #expect(terminal.wait(for: "list of 3\n(\n  \"aaaa") != nil)
  }
}
