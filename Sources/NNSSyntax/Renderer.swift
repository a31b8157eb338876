/// Diagnostics as text for people: what happened, where, with which values, and what to do.
public struct Renderer: Sendable {
  /// Whether to write terminal colours.
  public var isColored: Bool
  /// Columns that an excerpt may take; longer lines are cut around the place at fault.
  public var width: Int

  /// A renderer, without colours unless asked for.
  public init(isColored: Bool = false, width: Int = 120) {
    self.isColored = isColored
    self.width = max(40, width)
  }

  /// All diagnostics, an empty line between two of them.
  public func render(_ diagnostics: [Diagnostic], sources: SourceMap) -> String {
    diagnostics.map { render($0, sources: sources) }.joined(separator: "\n")
  }

  /// One diagnostic; ends in a newline.
  public func render(_ diagnostic: Diagnostic, sources: SourceMap) -> String {
    let places = [Place(diagnostic.span, "", isPrimary: true)] + diagnostic.labels.map { Place($0.span, $0.text) }
    let files = excerpts(of: places, sources)
    let gutter = files.flatMap(\.lines).map { String($0.number).count }.max() ?? 1
    var page = Page(isColored: isColored, gutter: gutter)

    page.headline(diagnostic)
    for (index, file) in files.enumerated() {
      page.location(index == 0 ? "-->" : ":::", file.title)
      page.add(file.lines, width: width)
    }
    for line in notes(diagnostic.notes, sources) { page.note(line) }
    if let help = diagnostic.help { page.note(help, mark: "help: ") }
    for line in trace(diagnostic.trace, sources) { page.note(line) }
    return page.text
  }

  // MARK: Excerpts

  private struct File {
    var title: String
    var lines: [ExcerptLine]
  }

  /// The lines that the places begin on, by file: the first place's first.
  private func excerpts(of places: [Place], _ sources: SourceMap) -> [File] {
    var order: [UInt32] = []
    var files: [UInt32: File] = [:]
    for place in places {
      guard let source = sources.file(of: place.span) else { continue }
      let (number, column) = source.position(of: place.span.start)
      var file = files[place.span.file] ?? File(title: "\(source.name):\(number):\(column)", lines: [])
      if let index = file.lines.firstIndex(where: { $0.number == number }) {
        file.lines[index].places.append(place)
      } else {
        file.lines.append(ExcerptLine(source, number: number, places: [place]))
      }
      if files.updateValue(file, forKey: place.span.file) == nil { order.append(place.span.file) }
    }
    return order.compactMap { index in
      guard var file = files[index] else { return nil }
      file.lines.sort { $0.number < $1.number }
      return file
    }
  }

  // MARK: Notes

  /// Operands in columns, and sentences.
  private func notes(_ notes: [Diagnostic.Note], _ sources: SourceMap) -> [String] {
    let operands = notes.filter { !$0.label.isEmpty }
    let labelWidth = operands.map { displayWidth($0.label) }.max() ?? 0
    let textWidth = operands.filter { $0.origin != nil }.map { displayWidth($0.text) }.max() ?? 0
    return notes.map { note in
      guard !note.label.isEmpty else {
        let file = note.origin.flatMap { sources.file(of: $0) }
        return visible(note.text) + (note.origin.flatMap { span in file.map { " at \(place(span, $0))" } } ?? "")
      }
      let origin = note.origin.flatMap { self.origin($0, sources) }
      let line = "\(padded(note.label, to: labelWidth))  "
      return line + (origin.map { "\(padded(note.text, to: textWidth))  \($0)" } ?? visible(note.text))
    }
  }

  /// `from randn(512, 256) at train.nns:3:10`.
  private func origin(_ span: Span, _ sources: SourceMap) -> String? {
    guard let file = sources.file(of: span) else { return nil }
    let text = shortened(file.text(span))
    return (text.isEmpty ? "" : "from \(text) ") + "at \(place(span, file))"
  }

  /// An expression in a few words: the arguments of a call, or the end, are left out.
  private func shortened(_ expression: String) -> String {
    let limit = 32
    let start = expression.prefix(400)
    if displayWidth(expression.prefix(100)) <= limit, !start.contains(where: \.isNewline) { return visible(expression) }
    let callee = start.prefix { $0 != "(" && !$0.isNewline }
    if start.contains("("), expression.hasSuffix(")"), displayWidth(callee) <= limit - 5 {
      return visible(callee) + "(...)"
    }
    return visible(start.prefix { !$0.isNewline }.prefix(limit - 3)) + "..."
  }

  // MARK: Trace

  /// Lines of the trace that are shown before and after the ones left out.
  private static let traceEnds = (first: 6, last: 4)

  private func trace(_ frames: [Diagnostic.Frame], _ sources: SourceMap) -> [String] {
    var lines: [(text: String, count: Int)] = []
    for frame in frames {
      guard let file = sources.file(of: frame.span) else { continue }
      let place = "called from \(place(frame.span, file))"
      let text = frame.function.isEmpty ? place : "\(place) in \(visible(frame.function))"
      if lines.last?.text == text { lines[lines.count - 1].count += 1 } else { lines.append((text, 1)) }
    }
    let (first, last) = Self.traceEnds
    let shown = lines.map { $0.count > 1 ? "\($0.text), again and again" : $0.text }
    guard lines.count > first + last + 1 else { return shown }
    return shown.prefix(first) + ["..."] + shown.suffix(last)
  }

  /// `train.nns:3:10`.
  private func place(_ span: Span, _ file: SourceFile) -> String {
    let (line, column) = file.position(of: span.start)
    return "\(visible(file.name)):\(line):\(column)"
  }
}

/// A page of text as it is written: headline, gutter, notes.
private struct Page {
  let isColored: Bool
  let gutter: Int
  private(set) var text = ""

  init(isColored: Bool, gutter: Int) {
    self.isColored = isColored
    self.gutter = gutter
  }

  private enum Style: String {
    case error = "1;31", warning = "1;33", bold = "1", gutter = "34", primary = "31", secondary = "36"
  }

  private func styled(_ text: String, _ style: Style) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  private var margin: String { String(repeating: " ", count: gutter) }

  mutating func headline(_ diagnostic: Diagnostic) {
    let style = diagnostic.severity == .error ? Style.error : .warning
    let message = diagnostic.message.split(separator: "\n", omittingEmptySubsequences: false).map { visible($0) }
    text +=
      styled("\(diagnostic.severity.rawValue):", style) + " "
      + styled(message.joined(separator: "\n"), .bold) + "\n"
  }

  mutating func location(_ arrow: String, _ title: String) {
    text += "\(margin)\(styled(arrow, .gutter)) \(visible(title))\n"
  }

  mutating func add(_ lines: [ExcerptLine], width: Int) {
    text += styled("\(margin) |", .gutter) + "\n"
    var previous: Int?
    for line in lines {
      if let previous, line.number > previous + 1 { text += styled("...", .gutter) + "\n" }
      previous = line.number
      let (excerpt, underlines) = line.rendered(width: width)
      let shown = isColored ? Highlighter.colored(excerpt) : excerpt
      let number = String(line.number)
      let padding = String(repeating: " ", count: gutter - number.count)
      text += styled("\(padding)\(number) |", .gutter) + (excerpt.isEmpty ? "" : " \(shown)") + "\n"
      for underline in underlines {
        let mark = String(repeating: underline.isPrimary ? "^" : "-", count: underline.length)
        let label = underline.text.isEmpty ? "" : " \(visible(underline.text))"
        text +=
          styled("\(margin) |", .gutter) + " " + String(repeating: " ", count: underline.start)
          + styled(mark + label, underline.isPrimary ? .primary : .secondary) + "\n"
      }
    }
  }

  /// `= text`; further lines of the text stand below its first.
  mutating func note(_ note: String, mark: String = "") {
    let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if index == 0 {
        text += "\(margin) \(styled("=", .gutter)) \(styled(mark, .bold))\(visible(line))\n"
      } else {
        text += "\(margin)   \(String(repeating: " ", count: mark.count))\(visible(line))\n"
      }
    }
  }
}
