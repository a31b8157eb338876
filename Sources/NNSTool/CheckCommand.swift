import ArgumentParser
import NNS
import NNSSyntax

/// `nns check script.nns…`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find mistakes in syntax, names and arguments without running.")

  @Flag(help: "Write one JSON object a line, for tools.")
  var json = false

  @ArgumentParser.Argument(help: "Scripts.")
  var scripts: [String]

  func run() throws {
    let console = Console()
    var failed = false
    for script in scripts {
      try Files.checkReadable(script)
      let bytes = try Files().read(script)
      var host = Host.sandboxed
      host.files = Files()
      let interpreter = Interpreter(host: host)
      let diagnostics = interpreter.check(String(decoding: bytes, as: UTF8.self), named: script)
      failed = failed || diagnostics.contains { $0.severity == .error }
      if diagnostics.isEmpty { continue }
      if json {
        console.print(DiagnosticJSON.render(diagnostics, sources: interpreter.sources))
      } else {
        console.printError(console.renderer.render(diagnostics, sources: interpreter.sources))
      }
    }
    console.flush()
    if failed { throw ExitCode(ExitStatus.failure) }
  }
}
