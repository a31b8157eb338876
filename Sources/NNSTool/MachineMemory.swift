import Glibc

/// The memory that this process may use, as the machine, the group of processes that it belongs to, and `ulimit` have it.
struct MachineMemory: Sendable {
  /// Bytes that scripts may use, beside what the process used before they began: a part of what there is, so that a script
  /// that asks for more gets an error before the system ends the process.
  let limit: Int
  /// What the process used before.
  private let before: Int
  /// Whether addresses count, as `ulimit -v` does, rather than memory that has been touched.
  private let countsAddresses: Bool

  init() {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let (physical, overflow) = pages.multipliedReportingOverflow(by: MachineMemory.pageSize)
    let machine = min(overflow || physical <= 0 ? .max : physical, ControlGroup.memoryLimit ?? .max)
    let touched = machine == .max ? .max : machine / 10 * 8
    var addresses = rlimit()
    let isBound =
      getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &addresses) == 0 && addresses.rlim_cur != rlim_t.max
    let size = MachineMemory.statistics?.size ?? 0
    let left = isBound ? max(0, Int(clamping: addresses.rlim_cur) - size) : .max
    // Memory is taken from the system in large pieces, and what is not counted piece by piece needs some.
    let free = isBound ? max(0, left - max(left / 10, 24 << 20)) : .max
    countsAddresses = free < touched
    limit = min(free, touched)
    before = countsAddresses ? size : MachineMemory.statistics?.resident ?? 0
  }

  /// Bytes in use since then; `nil` where the system does not tell.
  var inUse: Int? {
    guard let now = MachineMemory.statistics else { return nil }
    return max(0, (countsAddresses ? now.size : now.resident) - before)
  }

  /// Bytes that are left.
  var left: Int { limit - (inUse ?? 0) }

  private static let pageSize = sysconf(Int32(_SC_PAGESIZE))

  /// Bytes of addresses, and of memory that has been touched.
  private static var statistics: (size: Int, resident: Int)? {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { buffer in
      let count = read(file, buffer.baseAddress, buffer.count)
      guard count > 0 else { return nil }
      let numbers = buffer.prefix(count).split(separator: UInt8(ascii: " ")).prefix(2).map { digits in
        digits.reduce(0) { $0 &* 10 &+ Int($1 & 15) }
      }
      return numbers.count == 2 ? (numbers[0] &* pageSize, numbers[1] &* pageSize) : nil
    }
  }
}

/// What a control group allows the processes in it, containers above all.
private enum ControlGroup {
  /// Bytes; `nil` where there is no limit.
  static var memoryLimit: Int? {
    guard let groups = text("/proc/self/cgroup") else { return nil }
    var limits: [Int] = []
    for line in groups.split(separator: "\n") {
      // `number:controllers:/path`; the second version of control groups names no controllers.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[1].isEmpty {
        limits += values(of: "memory.max", in: "/sys/fs/cgroup", below: parts[2])
      } else if parts[1].split(separator: ",").contains("memory") {
        limits += values(of: "memory.limit_in_bytes", in: "/sys/fs/cgroup/memory", below: parts[2])
      }
    }
    return limits.min()
  }

  /// What a file says in a folder and in all those above it.
  private static func values(of file: String, in root: String, below path: Substring) -> [Int] {
    var folders = path.split(separator: "/")
    var found: [Int] = []
    while true {
      let folder = ([Substring(root)] + folders).joined(separator: "/")
      if let text = text("\(folder)/\(file)"), let value = Int(text.prefix { !$0.isWhitespace }) { found.append(value) }
      if folders.popLast() == nil { return found }
    }
  }

  private static func text(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 1 << 20 {
      let count = read(file, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
