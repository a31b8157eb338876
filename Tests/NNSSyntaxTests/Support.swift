import NNSSyntax

/// The tree of a text without mistakes, or its first message.
func tree(_ text: String) -> String {
  let result = parse(SourceFile(name: "test", text: text), index: 0)
  return result.diagnostics.first.map { "error: \($0.message)" } ?? TreePrinter.print(result.program)
}

/// Each mistake as `line:column message`.
func mistakes(_ text: String) -> [String] {
  let file = SourceFile(name: "test", text: text)
  return parse(file, index: 0).diagnostics.map { mistake in
    let place = file.position(of: mistake.span.start)
    return "\(place.line):\(place.column) \(mistake.message)"
  }
}

/// The help of the first mistake.
func help(_ text: String) -> String? {
  parse(SourceFile(name: "test", text: text), index: 0).diagnostics.first?.help
}
