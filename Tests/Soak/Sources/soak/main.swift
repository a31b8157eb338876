import Foundation
import Memory
import NNS

// Trains, runs lines as a session does, calls back and forth and makes interpreters, for so many minutes in one process:
//
//     soak [minutes]
//
// Exit status 1 where the most resident memory that was seen is more than 1 % above the least, or a file descriptor was lost.
// All that is resident counts: what the process has made itself (anonymous: heap and stacks), and the pages of its program and
// libraries. Both are printed, for only the former is its own doing.
//
// Before that it does the same for a number of lines to warm up. A session lets go of lines when there are twice as many as
// were left the last time, here about every 310 lines, and what malloc keeps resident rises to the most that any such turn
// needed. That took 1,650 lines, five turns, when it was last looked at; the warm-up is of ten. Work goes by count, so that it
// is the same in every run: so many rounds of training and calls for each line, and memory looked at after every seven lines,
// which comes to each of the twenty different lines in turn.

let minutes = CommandLine.arguments.dropFirst().first.flatMap { Double($0) } ?? 60
let roundsPerLine = 100
let linesPerLook = 7
let warmUpLines = 3200
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

/// What the process holds.
struct Holding {
  /// Bytes, by the page tables; what `statm` says is some hundred pages off.
  var resident = 0
  var anonymous = 0
  var files = 0

  /// As it is now.
  init() {
    let text = (try? String(contentsOfFile: "/proc/self/smaps_rollup", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, let kilobytes = Int(words[1]) else { continue }
      if words[0] == "Rss:" { resident = kilobytes << 10 }
      if words[0] == "Anonymous:" { anonymous = kilobytes << 10 }
    }
    files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
  }
}

/// The first, the last, the least and the most of what was seen.
struct Seen {
  var first: Holding
  var last: Holding
  var least: Int
  var most: Int
  var leastAnonymous: Int
  var mostAnonymous: Int

  init(_ holding: Holding) {
    (first, last) = (holding, holding)
    (least, most) = (holding.resident, holding.resident)
    (leastAnonymous, mostAnonymous) = (holding.anonymous, holding.anonymous)
  }

  mutating func add(_ holding: Holding) {
    last = holding
    (least, most) = (min(least, holding.resident), max(most, holding.resident))
    leastAnonymous = min(leastAnonymous, holding.anonymous)
    mostAnonymous = max(mostAnonymous, holding.anonymous)
  }
}

/// Lines that the session has run, and rounds.
var (lineCount, roundCount) = (0, 0)

/// Lines, each with its rounds, as long as a condition holds of the seconds gone; time in which the process was stopped does not
/// count. Says every minute how it stands.
@MainActor func run(_ name: String, while goesOn: (Double) -> Bool) throws -> Seen {
  var seen = Seen(Holding())
  var (seconds, minutesSaid) = (0.0, 0)
  var before = Date()
  while goesOn(seconds) {
    lineCount += 1
    for part in 0..<roundsPerLine {
      try round(part == 0 ? lineCount : roundCount, line: part == 0)
      roundCount += 1
      let now = Date()
      seconds += min(now.timeIntervalSince(before), 1)
      before = now
    }
    guard lineCount % linesPerLook == 0 else { continue }
    let now = Holding()
    seen.add(now)
    if Int(seconds / 60) >= minutesSaid {
      minutesSaid = Int(seconds / 60) + 1
      print(
        "\(name), \(Int(seconds)) s: \(megabytes(now.resident)) resident, \(megabytes(now.anonymous)) of it anonymous; "
          + "\(megabytes(Int(bytes_in_use()))) from malloc, \(now.files) files; \(lineCount) lines, \(roundCount) rounds"
      )
      fflush(nil)
    }
  }
  return seen
}

_ = try run("warming up") { _ in lineCount < warmUpLines }
let seen = try run("running") { $0 < minutes * 60 }
try FileManager.default.removeItem(at: folder)

print("resident: \(megabytes(seen.first.resident)) at the beginning, \(megabytes(seen.last.resident)) at the end,")
print("  between \(megabytes(seen.least)) and \(megabytes(seen.most)), of that anonymous between")
print("  \(megabytes(seen.leastAnonymous)) and \(megabytes(seen.mostAnonymous))")
print("file descriptors: \(seen.first.files), then \(seen.last.files)")
let span = Double(seen.most - seen.least) / Double(seen.least)
print("all within \((span * 10_000).rounded() / 100) %")
exit(span <= 0.01 && seen.last.files <= seen.first.files ? 0 : 1)
