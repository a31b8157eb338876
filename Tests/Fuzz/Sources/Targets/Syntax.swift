import NNS
import NNSSyntax

/// Bytes as a source text: tokens, tree, highlighting, and every mistake shown.
struct SyntaxTarget: Target {
  func run(_ bytes: [UInt8]) {
    Reading.check(SourceFile(name: "fuzz.nns", bytes: bytes))
  }
}

/// Programs drawn from the grammar: the same, and what can be told of them without a run.
struct GrammarTarget: Target {
  private let names = Names()

  func run(_ bytes: [UInt8]) {
    var grammar = Grammar(Choices(bytes), names)
    Reading.check(SourceFile(name: "fuzz.nns", text: grammar.program()))
  }
}

private enum Reading {
  /// Reads a text and checks what every reading promises: few mistakes, and places that lie in the text.
  static func check(_ file: SourceFile) {
    if isShown { say(String(decoding: file.bytes, as: UTF8.self)) }
    let result = parse(file, index: 0)
    require(result.diagnostics.count <= Parser.maximumErrors, "\(result.diagnostics.count) mistakes")
    let end = UInt32(file.bytes.count)
    var last: UInt32 = 0
    for token in tokenize(file) {
      require(token.span.start >= last && token.span.start <= token.span.end && token.span.end <= end, "\(token)")
      last = token.span.end
    }
    for mistake in result.diagnostics {
      require(mistake.span.start <= mistake.span.end && mistake.span.end <= end, "\(mistake)")
    }
    // To show a mistake takes longer than to find it.
    guard let mistake = result.diagnostics.first, mistake.message.utf8.count % 8 == 0 else { return }
    var sources = SourceMap()
    _ = sources.add(file)
    let shown = Renderer().render([mistake], sources: sources)
    require(!shown.isEmpty, "nothing is shown")
  }
}
