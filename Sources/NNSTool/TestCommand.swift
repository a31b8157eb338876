import ArgumentParser
import NNS

/// `nns test [paths…]`.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run the test blocks of scripts and report each.")

  @Argument(help: "Scripts, or folders to look for them in.")
  var paths: [String] = ["."]

  func run() throws {
    let console = Console()
    let start = monotonicSeconds()
    var passed = 0
    var failed = 0
    for script in try paths.flatMap(scripts) {
      let session = try Session(arguments: [], console: console)
      console.print("\(script)\n")
      do throws(NNSError) {
        try session.interpreter.runTests(script) { result in
          let seconds = seconds(result.seconds)
          if let failure = result.failure {
            failed += 1
            console.print("  FAILED  \(result.name)  \(seconds)\n")
            console.printError(console.renderer.render(failure, sources: session.interpreter.sources))
          } else {
            passed += 1
            console.print("  ok      \(result.name)  \(seconds)\n")
          }
        }
      } catch {
        // The file itself does not run: one failure that no test bears the name of.
        let status = session.report(error)
        if error.isInterrupt { throw ExitCode(status) }
        failed += 1
        if let code = error.exitCode { console.print("  FAILED  the script called exit(\(code))\n") }
      }
    }
    let time = seconds(monotonicSeconds() - start)
    console.print(failed == 0 ? "\(passed) passed  \(time)\n" : "\(passed) passed, \(failed) failed  \(time)\n")
    console.flush()
    if failed > 0 { throw ExitCode(ExitStatus.failure) }
  }

  /// A script, or the scripts in a folder in which a line begins a test.
  private func scripts(at path: String) throws -> [String] {
    guard Files.isFolder(path) else {
      try Files.checkReadable(path)
      return [path]
    }
    return try Files.scripts(under: path).filter { script in
      let lines = try Files().read(script).split(separator: UInt8(ascii: "\n"))
      return lines.contains { $0.starts(with: "test \"".utf8) }
    }
  }

  /// `12 ms`, `3.4 s`.
  private func seconds(_ seconds: Double) -> String {
    seconds < 1 ? "\(Int((seconds * 1000).rounded())) ms" : "\((seconds * 10).rounded() / 10) s"
  }
}
