import NNSFormats
import NNSSyntax

/// Diagnostics as JSON for tools, one object a line.
public enum DiagnosticJSON {
  /// Renders diagnostics; each line ends in a newline.
  ///
  /// `line`, `column`, `endLine` and `endColumn` count from 1 (columns in Unicode scalars) and are missing where there is
  /// no place; the end is exclusive.
  public static func render(_ diagnostics: [Diagnostic], sources: SourceMap) -> String {
    diagnostics.map { diagnostic in
      var members: [JSON.Member] = [
        .init("severity", .string(diagnostic.severity.rawValue)),
        .init("kind", .string(diagnostic.kind.rawValue)),
        .init("message", .string(diagnostic.message)),
      ]
      members += place(diagnostic.span, sources)
      members.append(
        .init("labels", .array(diagnostic.labels.map { object([("text", $0.text)], $0.span, sources) })))
      members.append(
        .init(
          "notes",
          .array(
            diagnostic.notes.map { object([("label", $0.label), ("text", $0.text)], $0.origin ?? .none, sources) })))
      if let help = diagnostic.help { members.append(.init("help", .string(help))) }
      members.append(
        .init("trace", .array(diagnostic.trace.map { object([("function", $0.function)], $0.span, sources) })))
      // Neither floats nor deep nesting occur, the only reasons to throw.
      return ((try? JSON.object(members).text()) ?? "{}") + "\n"
    }.joined()
  }

  private static func object(_ texts: [(String, String)], _ span: Span, _ sources: SourceMap) -> JSON {
    .object(texts.map { .init($0.0, .string($0.1)) } + place(span, sources))
  }

  private static func place(_ span: Span, _ sources: SourceMap) -> [JSON.Member] {
    guard let file = sources.file(of: span) else { return [] }
    let start = file.position(of: span.start)
    let end = file.position(of: span.end)
    return [
      .init("file", .string(file.name)), .init("line", .int(start.line)), .init("column", .int(start.column)),
      .init("endLine", .int(end.line)), .init("endColumn", .int(end.column)),
    ]
  }
}
