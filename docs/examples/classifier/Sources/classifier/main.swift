// A classifier whose model and training its users write themselves, in NNS:
//
//     classifier script.nns table.csv < rows
//
// The script defines `fn train(table)`, which gives a model. It reaches no files, and may use up a minute and a gigabyte.
// Each row of numbers on standard input is then classified.

import Foundation
import NNS

func run() throws {
  let arguments = CommandLine.arguments
  guard arguments.count == 3 else { throw Mistake("usage: classifier script.nns table.csv < rows") }
  let source = try String(contentsOfFile: arguments[1], encoding: .utf8)
  let table = try Table(try String(contentsOfFile: arguments[2], encoding: .utf8))

  var host = Host.sandboxed
  host.output = { print($0, terminator: "") }
  let interpreter = Interpreter(limits: .init(memory: 1 << 30, time: .seconds(60)), host: host)
  interpreter.define("report(epoch, loss)", doc: "tells the user how training goes") { (epoch: Int, loss: Double) in
    print("epoch \(epoch): loss \((loss * 1000).rounded() / 1000)")
  }
  try interpreter.run(source, named: arguments[1])
  let model = try interpreter.global("train").call(table)

  while let line = readLine() {
    let row = line.split(separator: ",").compactMap { Float($0.trimmingCharacters(in: .whitespaces)) }
    guard row.count == table.width else { throw Mistake("a row has \(table.width) numbers: \(line)") }
    let scores: [Float] = try model.call(Tensor([row])).array()
    guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }), best < table.classes.count else { continue }
    print("\(line) → \(table.classes[best])")
  }
}

do {
  try run()
} catch let error as NNSError {
  FileHandle.standardError.write(Data(error.rendered.utf8))
  exit(1)
} catch {
  FileHandle.standardError.write(Data("classifier: \(error)\n".utf8))
  exit(1)
}
