import ArgumentParser

/// The command `nns`.
public struct NNSCommand: ParsableCommand {
  /// What it is called, and its parts.
  public static let configuration = CommandConfiguration(
    commandName: "nns",
    abstract: "A small language whose values are tensors and models.",
    usage: """
      nns                         begin a session on a terminal
      nns script.nns [args…]      run a script; all that follows its name is handed to it
      nns -e 'code' [args…]       run a line; a last value that is not nil is printed
      nns [-] [args…] < script    run a script from standard input
      nns check script.nns…       find mistakes without running
      nns test [paths…]           run test blocks
      nns --version

      Before a script, its name or -e: --sandbox [--read dir]… [--write dir]…, --max-memory 512M, --max-steps n,
      --timeout seconds.
      """,
    discussion: "Exit status: 0 done, 1 the script failed, 2 wrong usage, 130 interrupted.",
    subcommands: [RunCommand.self, CheckCommand.self, TestCommand.self],
    defaultSubcommand: RunCommand.self)

  /// The command without options.
  public init() {}

  /// Does what the arguments (without the program's name) say and gives the exit status.
  ///
  /// - Parameter terminal: makes what reads the lines of a session; nothing is read without it.
  public static func execute(_ arguments: [String], terminal: (() -> any LineReader)? = nil) -> Int32 {
    do {
      if let terminal, REPL.isMeant(by: arguments) { return try REPL.begin(terminal(), arguments) }
      var command = try parseAsRoot(arguments)
      try command.run()
      return 0
    } catch let code as ExitCode {
      return code.rawValue
    } catch let error as FileError {
      Console().printError("nns: \(error)\n")
      return ExitStatus.usage
    } catch {
      let console = Console()
      let message = fullMessage(for: error) + "\n"
      if exitCode(for: error).isSuccess {
        console.print(message)
        console.flush()
        return 0
      }
      console.printError(message)
      return ExitStatus.usage
    }
  }
}

/// What the process ends with.
enum ExitStatus {
  static let failure: Int32 = 1
  static let usage: Int32 = 2
  static let interrupted: Int32 = 130
}
