import Glibc
import Synchronization

/// The program `nns` that was built together with the tests.
struct Program {
  /// What a finished run left.
  struct Result: Equatable {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Where it lies: beside the tests.
  static let path: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let bytes = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
    let tests = String(decoding: bytes, as: UTF8.self)
    return tests.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/nns"
  }()

  /// Runs it to its end.
  static func run(_ arguments: [String], input: String = "", environment: [String] = []) -> Result {
    let process = start(arguments, environment: environment)
    process.write(input)
    return process.finish()
  }

  /// Runs it to its end with so many bytes of addresses at most, as `ulimit -v` sets it.
  static func run(_ arguments: [String], addresses: Int) -> Result {
    let limited = ["-c", "ulimit -v \(addresses >> 10); exec \"$0\" \"$@\"", path] + arguments
    return starting.withLock { _ in spawn("/bin/sh", limited, []) }.finish()
  }

  /// Starts it; standard input stays open until ``finish()``.
  static func start(_ arguments: [String], environment: [String] = []) -> Program {
    // One at a time: a program that another test starts must not inherit pipes that are not closed on exec yet.
    starting.withLock { _ in spawn(path, arguments, environment) }
  }

  private static let starting = Mutex(())

  private static func spawn(_ program: String, _ arguments: [String], _ variables: [String]) -> Program {
    let pipes = (0..<3).map { _ in
      var ends: [Int32] = [-1, -1]
      _ = pipe(&ends)
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      return ends
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, pipes[0][0], 0)
    posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 1)
    posix_spawn_file_actions_adddup2(&actions, pipes[2][1], 2)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The threads that tests run on block signals; a program from a shell begins with none blocked.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var strings = ([program] + arguments).map { strdup($0) } + [nil]
    defer { strings.forEach { free($0) } }
    // Nothing else of the environment of the tests, so that they mean the same everywhere.
    var environment = (variables + Sanitizer.options).map { strdup($0) } + [nil]
    defer { environment.forEach { free($0) } }
    var process = pid_t()
    if posix_spawn(&process, program, &actions, &attributes, &strings, &environment) != 0 { process = -1 }
    for end in [pipes[0][0], pipes[1][1], pipes[2][1]] { close(end) }
    return Program(process: process, input: pipes[0][1], output: pipes[1][0], errors: pipes[2][0])
  }

  let process: pid_t
  private let input: Int32
  private let output: Int32
  private let errors: Int32

  /// Writes to its standard input.
  func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(input, bytes, bytes.count)
  }

  /// Stops reading its standard output.
  func closeOutput() { close(output) }

  /// Ends its input, reads what it writes, and waits for it; one that is silent for ``patience`` is killed.
  func finish() -> Result {
    close(input)
    let texts = readAll()
    var status: Int32 = 0
    guard process > 0, waitpid(process, &status, 0) == process else {
      return Result(status: -1, output: "", errors: "")
    }
    // As a shell says it: a signal is 128 and its number.
    let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    return Result(status: code, output: texts.0, errors: texts.1)
  }

  /// Milliseconds. What fills 300 MB before it says anything takes more than a minute under the thread sanitizer.
  private static let patience: Int32 = 10 * 60_000

  /// Both outputs to their ends.
  private func readAll() -> (String, String) {
    var texts: [[UInt8]] = [[], []]
    var waits = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while waits.contains(where: { $0.fd >= 0 }) {
      if poll(&waits, nfds_t(waits.count), Self.patience) == 0 { kill(process, SIGKILL) }
      for index in waits.indices where waits[index].fd >= 0 && waits[index].revents != 0 {
        let count = Glibc.read(waits[index].fd, &buffer, buffer.count)
        if count > 0 {
          texts[index] += buffer[..<count]
        } else {
          // A negative descriptor is passed over.
          close(waits[index].fd)
          waits[index].fd = -1
        }
      }
    }
    return (String(decoding: texts[0], as: UTF8.self), String(decoding: texts[1], as: UTF8.self))
  }
}
