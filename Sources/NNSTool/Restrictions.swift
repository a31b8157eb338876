import ArgumentParser
import Glibc
import NNS

/// What a script on the command line may reach and use up.
struct Restrictions: ParsableArguments {
  @Flag(help: "Let the script reach no files but those in the folders of --read and --write.")
  var sandbox = false

  @Option(
    name: .customLong("read"), help: ArgumentHelp("A folder that a script in the sandbox may read.", valueName: "dir"))
  var readable: [String] = []

  @Option(
    name: .customLong("write"),
    help: ArgumentHelp("A folder that a script in the sandbox may write to.", valueName: "dir"))
  var writable: [String] = []

  @Option(help: ArgumentHelp("The most memory the script may hold: 512M, 2G.", valueName: "bytes"))
  var maxMemory: ByteCount?

  @Option(help: ArgumentHelp("The most steps: loop passes, calls, elements of tensor work.", valueName: "count"))
  var maxSteps: Int?

  @Option(help: ArgumentHelp("The most seconds.", valueName: "seconds"))
  var timeout: Double?

  func validate() throws {
    if !sandbox, let option = readable.isEmpty ? writable.isEmpty ? nil : "--write" : "--read" {
      throw ValidationError("\(option) says what a script in the sandbox may reach; add --sandbox.")
    }
    if let maxSteps, maxSteps < 1 { throw ValidationError("--max-steps takes a count of 1 or more.") }
    if let timeout, !(timeout > 0 && timeout <= 1e9) {
      throw ValidationError("--timeout takes seconds, more than 0 and at most a billion.")
    }
  }

  /// The limits of a run, within those of the machine.
  func limits(_ memory: MachineMemory, threads: Int) -> Limits {
    Limits(
      steps: maxSteps ?? .max, memory: min(maxMemory?.count ?? .max, memory.limit),
      time: timeout.map { .seconds($0) }, threads: threads)
  }

  /// The files that a script may reach.
  func files(_ memory: MachineMemory) throws -> any FileAccess {
    guard sandbox else { return Files(memory: memory) }
    var buffer = [CChar](repeating: 0, count: 4096)
    let folder = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? ""
    do {
      return try Folders(
        readable.map { .reading($0) } + writable.map { .writing($0) }, relativeTo: folder)
    } catch {
      throw ValidationError(error.reason)
    }
  }
}

/// A number of bytes as people write it: `65536`, `512M`, `2G`.
struct ByteCount: ExpressibleByArgument {
  let count: Int

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    let units = ["": 0, "K": 10, "M": 20, "G": 30, "T": 40]
    guard let number = Int(digits), number > 0, let shift = units[argument.dropFirst(digits.count).uppercased()] else {
      return nil
    }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
    guard !overflow else { return nil }
    count = bytes
  }
}
