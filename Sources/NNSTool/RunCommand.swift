import ArgumentParser
import Glibc
import NNS
import NNSTensor

/// `nns script.nns [args…]`, `nns -e 'code' [args…]`, `nns < script`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a script.", usage: "nns [options] [-e <code>] [script.nns] [args…]",
    shouldDisplay: false)

  @Option(name: .customShort("e"), help: ArgumentHelp("Run a line.", valueName: "code"))
  var code: String?

  @Flag(help: "Show the version.")
  var version = false

  @OptionGroup
  var restrictions: Restrictions

  @Argument(parsing: .captureForPassthrough, help: "A script and what is handed to it.")
  var arguments: [String] = []

  func run() throws {
    if version {
      print("nns \(Version.current) (OpenBLAS \(BLAS.coreName))")
    } else if let code {
      let session = try Session(arguments: arguments, restrictions: restrictions)
      try session.finish { interpreter throws(NNSError) in
        let value = try interpreter.run(code, named: "<command>")
        if value.isNil { return }
        session.console.print(interpreter.describe(value) + "\n")
      }
    } else if let script = arguments.first, script != "-" {
      guard !script.hasPrefix("-") else { throw ValidationError("Unknown option '\(script)'") }
      try Files.checkReadable(script)
      // Whoever names the script lets it be read.
      let bytes = restrictions.sandbox ? try Files().read(script) : nil
      let session = try Session(arguments: Array(arguments.dropFirst()), restrictions: restrictions)
      try session.finish { interpreter throws(NNSError) in
        if let bytes { try interpreter.run(utf8: bytes, named: script) } else { try interpreter.runFile(script) }
      }
    } else {
      guard !arguments.isEmpty || isatty(STDIN_FILENO) == 0 else {
        throw ValidationError("Name a script, or give a line with -e.")
      }
      let session = try Session(arguments: Array(arguments.dropFirst()), restrictions: restrictions)
      try session.finish { interpreter throws(NNSError) in
        try interpreter.run(utf8: session.input.readAll(), named: "<input>")
      }
    }
  }
}

/// The release.
public enum Version {
  /// As `nns --version` shows it.
  public static let current = "0.1.0"
}
