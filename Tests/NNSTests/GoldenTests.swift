import Foundation
import NNS
import NNSSyntax
import NNSTool
import Testing

/// Every script of `Tests/Golden` does what its comments say, and fails as its snapshot beside it shows; one with a
/// snapshot needs no comments. Names that begin with `_` are files that scripts import.
@Suite struct GoldenTests {
  static let scripts = Repository.paths(under: "Tests/Golden", ending: ".nns")
    .filter { !$0.split(separator: "/").contains { $0.hasPrefix("_") } }

  private static let isRecording = ProcessInfo.processInfo.environment["NNS_RECORD"] == "1"

  @Test func thereAreScripts() { #expect(!Self.scripts.isEmpty) }

  @Test(arguments: scripts) func script(_ path: String) throws {
    let file = Repository.file("Tests/Golden/" + path)
    let golden = GoldenScript(try String(contentsOf: file, encoding: .utf8))
    let hasSnapshot = FileManager.default.fileExists(atPath: snapshot(of: file).path)
    try #require(golden.expectsSomething || hasSnapshot || Self.isRecording, "\(path) expects nothing")
    let name = file.lastPathComponent
    let run = RunningScript(
      golden.source, named: name, folder: file.deletingLastPathComponent(), inputs: golden.inputs,
      arguments: golden.arguments)
    compareOutput(run.lines, golden.output, path)
    #expect(run.error?.exitCode == golden.exitCode)
    if !hasSnapshot || !golden.errors.isEmpty { compareErrors(run, golden, name) }
    if hasSnapshot || golden.errors.isEmpty { try compareSnapshot(run, file) }
  }

  private func compareOutput(_ found: [String], _ expected: [String], _ path: String) {
    guard found != expected else { return }
    let index = zip(found, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? min(found.count, expected.count)
    let line = { (lines: [String]) in index < lines.count ? lines[index] : "(nothing)" }
    Issue.record("\(path): line \(index + 1) of the output\n  expected: \(line(expected))\n  found:    \(line(found))")
  }

  private func compareErrors(_ run: RunningScript, _ golden: GoldenScript, _ name: String) {
    let found = run.error?.diagnostics ?? []
    let isAsExpected =
      found.count == golden.errors.count
      && zip(found, golden.errors).allSatisfy { found, expected in
        let headline = found.message.split(separator: "\n", maxSplits: 1).first ?? ""
        return run.line(of: found, inFileNamed: name) == expected.line && headline.contains(expected.text)
      }
    if isAsExpected { return }
    let expected = golden.errors.map { "line \($0.line): \($0.text)" }.joined(separator: "\n")
    let rendered = Renderer().render(found, sources: run.sources)
    Issue.record("errors expected:\n\(expected.isEmpty ? "none" : expected)\nfound:\n\(rendered)")
  }

  private func snapshot(of script: URL) -> URL { script.deletingPathExtension().appendingPathExtension("err") }

  /// The whole text of the errors, beside the script. `NNS_RECORD=1` writes it, and fails so that it is looked at.
  private func compareSnapshot(_ run: RunningScript, _ script: URL) throws {
    let snapshot = snapshot(of: script)
    let recorded = try? String(contentsOf: snapshot, encoding: .utf8)
    let diagnostics = run.error?.diagnostics ?? []
    let rendered = diagnostics.isEmpty ? nil : Renderer().render(diagnostics, sources: run.sources)
    guard rendered != recorded else { return }
    guard Self.isRecording else {
      Issue.record(
        "\(snapshot.lastPathComponent) is not what is shown now (NNS_RECORD=1 records it):\n\(rendered ?? "no error")")
      return
    }
    if let rendered {
      try rendered.write(to: snapshot, atomically: true, encoding: .utf8)
    } else {
      try FileManager.default.removeItem(at: snapshot)
    }
    Issue.record("recorded \(snapshot.lastPathComponent): look at it and run again")
  }
}
