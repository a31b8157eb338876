import Foundation
import NNS
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What `import plot` writes is what programs that read it expect.
@Suite struct PlotTests {
  @Test(arguments: [
    "plot.line({train: (3, 2, 1), \"a < b & \\\"c\\\"\": (3, nan, 2)}, title: \"<loss>\", x_label: \"x\", y_label: \"y\", file: \"f.svg\")",
    "plot.scatter(randn(20, 2), title: \"cloud\", file: \"f.svg\")",
    "plot.histogram(randn(50), title: \"weights\", file: \"f.svg\")",
    "plot.bars({a: 1, b: -2}, title: \"bars\", file: \"f.svg\")",
    "plot.heatmap(rand(3, 4), numbers: \".1f\", title: \"map\", file: \"f.svg\")",
    "plot.images(rand(2, 3, 4, 4), boxes: ([[0, 0, 2, 2]], zeros(0, 4)), title: \"two\", file: \"f.svg\")",
    "plot.confusion_matrix([[1, 0], [0, 1]], title: \"classes\", file: \"f.svg\")",
  ])
  func svgIsXML(_ call: String) throws {
    let script = "import plot\n\(call)\nprint(read_text(\"f.svg\"), end: \"\")"
    let run = RunningScript(script, named: "plot.nns", folder: Repository.root)
    #expect(run.error == nil)
    let parser = XMLParser(data: Data(run.output.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(run.output.contains("<text"))
  }

  @Test func coloursAreUsedWhereTheHostShowsThem() throws {
    for isColored in [false, true] {
      let printed = Printed()
      var host = Host.sandboxed
      host.output = { printed.append($0) }
      host.showsColors = isColored
      let script = "import plot\nplot.line((1, 2))\nplot.image([[0, 1]])\nplot.heatmap([[0, 1]])"
      _ = try Interpreter(host: host).run(script, named: "plot.nns")
      #expect(printed.text.contains("\u{1B}[38;5;") == isColored)
      // The last colour is taken back.
      #expect(printed.text.contains("\u{1B}[0m") == isColored)
    }
  }
}

private final class Printed: @unchecked Sendable {
  private(set) var text = ""
  func append(_ piece: String) { text += piece }
}
