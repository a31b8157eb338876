import Glibc

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
  static func run(_ arguments: [String], input: String = "") -> Result {
    let process = start(arguments)
    process.write(input)
    return process.finish()
  }

  /// Starts it; standard input stays open until ``finish()``.
  static func start(_ arguments: [String]) -> Program {
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
    var strings = ([path] + arguments).map { strdup($0) } + [nil]
    defer { strings.forEach { free($0) } }
    // Nothing of the environment of the tests, so that they mean the same everywhere.
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    var process = pid_t()
    if posix_spawn(&process, path, &actions, nil, &strings, &environment) != 0 { process = -1 }
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

  /// Ends its input, reads what it writes, and waits for it.
  func finish() -> Result {
    close(input)
    let texts = (read(output), read(errors))
    var status: Int32 = 0
    guard process > 0, waitpid(process, &status, 0) == process else {
      return Result(status: -1, output: "", errors: "")
    }
    // As a shell says it: a signal is 128 and its number.
    let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    return Result(status: code, output: texts.0, errors: texts.1)
  }

  private func read(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    close(descriptor)
    return String(decoding: bytes, as: UTF8.self)
  }
}
