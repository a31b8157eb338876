import Foundation
import Memory
import NNS

// Trains, runs lines as a session does, calls back and forth and makes interpreters, for so many minutes in one process:
//
//     soak [minutes [lines a second]]
//
// Each second it begins with the lines that a user would type in that time; the rest of it is training and calls. Memory and
// files are looked at every ten seconds. Exit status 1 where the most resident memory is more than 1 % above the least, or a
// file descriptor was lost.
//
// Before that it does the same for ten minutes to warm up: what a session holds goes up and down, for it lets go of lines when
// there are twice as many as were left the last time, here first after 200 lines, then after about 310 more, and so on. What
// malloc has given out is printed beside what is resident, which also has what lies between the pieces in use.

let minutes = CommandLine.arguments.dropFirst().first.flatMap { Double($0) } ?? 60
let linesPerSecond = CommandLine.arguments.dropFirst(2).first.flatMap { Double($0) } ?? 5
let folder = FileManager.default.temporaryDirectory.appending(path: "nns-soak-\(getpid())")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)

var host = Host.sandboxed
host.seed = 1
host.files = try Folders(.readingAndWriting(folder.path, as: "files"))
let limits = Limits(steps: 100_000_000, memory: 256 << 20)

// Training, with host functions in its loop.
let trainer = Interpreter(limits: limits, host: host)
trainer.define("rate(step)") { (step: Int) in 0.01 / (1 + Double(step % 100) / 100) }
trainer.define("seen(x)") { (x: Tensor) in x * 1.0 }
try trainer.run(
  """
  import datasets
  let (train, _) = datasets.iris()
  let net = Sequential(Linear(4, 16), tanh, Dropout(0.1), Linear(16, 3))
  let opt = Adam(net, lr: 1e-2)
  var steps = 0
  fn epoch(each) {
    var total = 0.0
    for (x, y) in batches(train, 32, shuffle: true) {
      let loss = opt.step { cross_entropy(net(seen(x)), y) }
      steps += 1
      total += float(loss) * rate(steps)
      each(steps)
    }
    save(net, "files/net.safetensors")
    load(net, "files/net.safetensors")
    total
  }
  fn predict(x) = softmax(net(x))
  """, named: "trainer.nns")
let epoch = try trainer.global("epoch")
let predict = try trainer.global("predict")
trainer.define("counted(step)") { (step: Int) in step % 2 == 0 }
let counted = try trainer.global("counted")

// A session.
let session = Interpreter(limits: limits, host: host)
let lines = [
  "x = randn(100, 100)", "y = x @ x.T", "y.mean()", "xs = list(0..1000)", "xs.map(fn(v) = v * 2).sum()",
  "undefined_name + 1", "x @ ones(3)", "fn f(n) = if n < 2 { n } else { f(n - 1) + f(n - 2) }", "f(12)",
  "write_text(\"files/a.txt\", \"text\".repeat(1000))", "len(read_text(\"files/a.txt\"))",
  "read_text(\"files/none.txt\")",
  "g = grad(fn(w) = sum(tanh(w) ** 2))(randn(50))", "raise \"stop\"", "while true { }", "text = \"a\".repeat(10_000)",
  "net = Linear(10, 10)", "net(ones(5, 10)).shape", "zeros(100_000, 100_000)", "(1, 2",
]
for name in ["x", "y", "xs", "g", "text", "net"] { _ = try session.runLine("var \(name) = nil", named: "line") }

/// Everything once.
@MainActor func round(_ number: Int, line: Bool) throws {
  if line { _ = try? session.runLine(lines[number % lines.count], named: "line") }
  _ = try epoch.call(counted)
  let input = try Tensor((0..<40).map { Float($0 % 7) }, shape: [10, 4])
  let rows: [Float] = try predict.call(input).array()
  guard rows.count == 30, abs(rows.prefix(3).reduce(0, +) - 1) < 1e-4 else { throw Wrong() }
  do {
    try predict.call("no tensor")
    throw Wrong()
  } catch is NNSError {}
  if number % 10 == 0 {
    let short = Interpreter(limits: limits, host: host)
    let sum = try short.run("let t = ones(50, 50)\nfn f(v) = v + t.sum()\nf(1.0).item()", named: "short.nns")
    guard try sum.as(Double.self) == 2501 else { throw Wrong() }
  }
}

struct Wrong: Error {}

func megabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1e6 * 100).rounded() / 100) MB" }

/// Resident bytes, and open file descriptors.
func look() -> (resident: Int, files: Int) {
  let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
  let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
  return (pages * Int(getpagesize()), files)
}

typealias Sample = (seconds: Double, resident: Int, files: Int)

/// Everything for so many seconds; time in which the process was stopped does not count. Gives what was seen.
@MainActor func run(_ name: String, seconds whole: Double) throws -> [Sample] {
  var samples: [Sample] = []
  var (number, lineCount, seconds) = (0, 0, 0.0)
  var before = Date()
  while seconds < whole {
    let isLine = Double(lineCount) <= seconds * linesPerSecond
    if isLine { lineCount += 1 }
    try round(isLine ? lineCount : number, line: isLine)
    number += 1
    let now = Date()
    seconds += min(now.timeIntervalSince(before), 1)
    before = now
    if seconds >= Double(samples.count) * min(10, whole / 60) {
      let (resident, files) = look()
      samples.append((seconds, resident, files))
      if samples.count % 6 == 1 {
        let used = megabytes(Int(bytes_in_use()))
        print(
          "\(name), \(Int(seconds)) s: \(megabytes(resident)) resident, \(used) from malloc, \(files) files, "
            + "\(number) rounds, \(lineCount) lines")
        fflush(nil)
      }
    }
  }
  print("\(name): \(number) rounds, \(lineCount) lines in \(whole / 60) minutes")
  return samples
}

_ = try run("warming up", seconds: 600)
let samples = try run("running", seconds: minutes * 60)
try FileManager.default.removeItem(at: folder)

guard let first = samples.first, let last = samples.last else { fatalError("it ran for too short a time") }
let most = samples.map(\.resident).max() ?? 0
let least = samples.map(\.resident).min() ?? 0
print("resident: \(megabytes(first.resident)) at the beginning, \(megabytes(last.resident)) at the end,")
print("  between \(megabytes(least)) and \(megabytes(most)); file descriptors: \(first.files), then \(last.files)")
let span = Double(most - least) / Double(least)
print("all within \((span * 10_000).rounded() / 100) %")
exit(span > 0.01 || last.files > first.files ? 1 : 0)
