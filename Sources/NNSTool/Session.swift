import ArgumentParser
import Glibc
import NNS
import NNSSyntax
import NNSTensor

/// An interpreter with the process's files, clock, input and output.
struct Session {
  let console: Console
  let input: StandardInput
  let interpreter: Interpreter

  /// An interpreter that Ctrl-C stops.
  ///
  /// - Throws: a usage error where `NNS_THREADS` is no number of threads, or a folder cannot be opened.
  init(arguments: [String], restrictions: Restrictions? = nil, console: Console = Console()) throws {
    let memory = MachineMemory()
    let threads = try Session.threads
    let input = StandardInput()
    var host = Host.sandboxed
    host.output = { console.print($0) }
    host.showsColors = console.showsColors
    host.progress = { console.printProgress($0) }
    host.progressWidth = { console.progressWidth }
    host.input = { prompt in
      console.print(prompt)
      console.flush()
      return input.readLine()
    }
    host.arguments = arguments
    host.clock = monotonicSeconds
    host.files = try restrictions?.files(memory) ?? Files(memory: memory)
    host.memoryInUse = { memory.inUse }
    self.console = console
    self.input = input
    interpreter = Interpreter(
      limits: restrictions?.limits(memory, threads: threads) ?? Limits(memory: memory.limit, threads: threads),
      host: host)
    Interrupts.cancel(interpreter, console)
  }

  /// What `NNS_THREADS` says, otherwise as many threads as processors.
  private static var threads: Int {
    get throws {
      guard let value = getenv("NNS_THREADS") else { return Limits().threads }
      let text = String(cString: value)
      guard let count = Int(text), 1...Engine.threadLimit ~= count else {
        throw ValidationError(
          "NNS_THREADS is \"\(text)\"; it takes a number of threads from 1 to \(Engine.threadLimit).")
      }
      return count
    }
  }

  /// Does something, shows the error that ends it, and throws the exit status unless it is 0.
  func finish(_ body: (Interpreter) throws(NNSError) -> Void) throws {
    do throws(NNSError) {
      try body(interpreter)
    } catch {
      let status = report(error)
      if status != 0 { throw ExitCode(status) }
    }
    console.flush()
  }

  /// Shows an error and gives the exit status it means.
  func report(_ error: NNSError) -> Int32 {
    if error.isInterrupt { Interrupts.beginEnding() }
    if let code = error.exitCode {
      console.flush()
      return code
    }
    console.printError(console.renderer.render(error.diagnostics, sources: error.sources))
    return error.isInterrupt ? ExitStatus.interrupted : ExitStatus.failure
  }
}
