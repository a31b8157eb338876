import Foundation
import NNSStdlib
import NNSTool
import Testing

@testable import NNS
@testable import NNSTensor

/// What the tables of built-ins and ops say of themselves is true.
@Suite struct TableTests {
  private static let rows = Builtins.rows.filter { !$0.name.hasPrefix("_") }
  private static let examples =
    rows.flatMap { row in row.examples.map { Example(row.name, $0) } }
    + Ops.all.filter { !$0.isHidden }.flatMap { op in op.examples.map { Example(op.name, $0) } }

  struct Example: CustomTestStringConvertible, Sendable {
    let name: String
    let source: String
    let output: String

    init(_ name: String, _ example: (source: String, output: String)) {
      self.name = name
      source = example.source
      output = example.output
    }

    var testDescription: String { "\(name): \(source)" }
  }

  /// An example prints what stands beside it; one that is a lone expression has that value.
  @Test(arguments: examples) func examplePrintsAsStated(_ example: Example) {
    let run = RunningScript(example.source, named: "example.nns", folder: Repository.root)
    if let error = run.error { Issue.record("\(Renderer().render(error.diagnostics, sources: error.sources))") }
    let shown = run.output.isEmpty ? run.value : run.output
    #expect(shown.trimmed == example.output.trimmed)
  }

  /// What has no example: what acts on the world outside, or what only a place of a script can do.
  private static let withoutExamples: Set<String> = [
    "help", "source", "clock", "input", "exit", "is_main", "save", "load", "is_training", "dropout",
    "push", "load_tokenizer",
  ]

  @Test func rowsAreComplete() {
    for row in Self.rows {
      #expect(row.doc.hasSuffix("."), "\(row.name) needs a sentence")
      let isFile = (Builtins.files + Builtins.media).contains { $0.name == row.name }
      #expect(
        !row.examples.isEmpty || isFile || Self.withoutExamples.contains(row.name), "\(row.name) needs an example")
      #expect(Set(row.parameters.map(\.name)).count == row.parameters.count, "\(row.name) names a parameter twice")
    }
  }

  /// Every name has a help that begins with how it is called.
  @Test func everyNameHasHelp() {
    for name in Builtins.names where !name.hasPrefix("_") {
      guard let function = Builtins.function(named: name) else { continue }
      #expect(Help.text(.callable(function)).hasPrefix("\(name)("), "\(name)")
    }
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
