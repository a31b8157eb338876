import NNSSyntax

/// A script with its expectations, which are comments in it:
///
///     print(1 + 1)     # expect: 2
///     print("a\nb")    # expect: a
///     # expect: b
///     [1, 2] + "x"     # expect error: cannot add
///
/// `# expect: text` is a line of output, in the order of output. `# expect error: text` stands on the line at fault: the
/// error's first line contains the text. `# expect exit: 3` is what the script gives `exit`. `# input: text` is a line
/// that `input()` reads, `# arguments: a b` is what `args()` gives.
struct GoldenScript {
  struct ExpectedError: Equatable {
    var line: Int
    var text: String
  }

  let source: String
  private(set) var output: [String] = []
  private(set) var errors: [ExpectedError] = []
  private(set) var exitCode: Int32?
  private(set) var inputs: [String] = []
  private(set) var arguments: [String] = []

  init(_ source: String) {
    self.source = source
    for (index, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let text = Self.text(after: "# expect:", in: line) { output.append(text) }
      if let text = Self.text(after: "# expect error:", in: line) { errors.append(.init(line: index + 1, text: text)) }
      if let text = Self.text(after: "# expect exit:", in: line) { exitCode = Int32(text) }
      if let text = Self.text(after: "# input:", in: line) { inputs.append(text) }
      if let text = Self.text(after: "# arguments:", in: line) {
        arguments = text.split(separator: " ").map(String.init)
      }
    }
  }

  var expectsSomething: Bool { !output.isEmpty || !errors.isEmpty || exitCode != nil }

  private static func text(after mark: String, in line: Substring) -> String? {
    guard let range = line.firstRange(of: mark) else { return nil }
    let text = line[range.upperBound...]
    return String(text.hasPrefix(" ") ? text.dropFirst() : text)
  }
}

extension RunningScript {
  /// The lines printed; a last one without an end counts.
  var lines: [String] {
    var lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  /// Where an error is in the script itself: its own line, or that of the import or call that led elsewhere.
  func line(of diagnostic: Diagnostic, inFileNamed name: String) -> Int? {
    for span in [diagnostic.span] + diagnostic.trace.map(\.span) {
      if let file = sources.file(of: span), file.name == name { return file.position(of: span.start).line }
    }
    return nil
  }
}
