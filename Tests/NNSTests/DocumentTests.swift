import Foundation
import NNS
import NNSTool
import Testing

/// Every `nns` block of the README and of `docs` runs. One whose first line is `# fails` must fail; a `text` block
/// as the next one is exactly what it prints, or what the failure looks like.
@Suite struct DocumentTests {
  static let pages = ["README.md"] + Repository.paths(under: "docs", ending: ".md").map { "docs/" + $0 }
  static let blocks = pages.flatMap { CodeBlock.all(in: $0) }

  @Test(arguments: blocks) func runs(_ block: CodeBlock) {
    let run = RunningScript(block.source, named: "example.nns", folder: Repository.root)
    let shown = run.error.map { Renderer().render($0.diagnostics, sources: $0.sources) } ?? ""
    #expect((run.error != nil) == block.mustFail, "\(shown)")
    if let output = block.output { #expect(run.output + shown == output) }
  }

  /// The scripts of the lesson keep what they promise of a quick run.
  @Test(arguments: Repository.paths(under: "scripts/lesson", ending: ".nns").filter { !$0.contains("/") })
  func lessonRuns(_ name: String) throws {
    let run = RunningScript(
      try Repository.text("scripts/lesson/" + name), named: name, folder: Repository.file("scripts/lesson"),
      arguments: ["--quick"])
    let shown = run.error.map { Renderer().render($0.diagnostics, sources: $0.sources) } ?? ""
    #expect(run.error == nil && !run.output.isEmpty, "\(shown)")
  }
}

/// A fenced `nns` block of a page.
struct CodeBlock: CustomTestStringConvertible, Sendable {
  let page: String
  let line: Int
  let source: String
  /// The `text` block that comes next, if one does.
  var output: String?

  var mustFail: Bool { source.hasPrefix("# fails") }
  var testDescription: String { "\(page):\(line)" }

  static func all(in page: String) -> [CodeBlock] {
    guard let text = try? Repository.text(page) else { return [] }
    var blocks: [CodeBlock] = []
    var fence: (language: Substring, line: Int)?
    var content = ""
    var followsCode = false
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let open = fence {
        guard line == "```" else {
          content += line + "\n"
          continue
        }
        if open.language == "nns" {
          blocks.append(CodeBlock(page: page, line: open.line, source: content))
        } else if open.language == "text", followsCode {
          blocks[blocks.count - 1].output = content
        }
        followsCode = open.language == "nns"
        fence = nil
      } else if line.hasPrefix("```") {
        fence = (line.dropFirst(3), index + 1)
        content = ""
      }
    }
    return blocks
  }
}
