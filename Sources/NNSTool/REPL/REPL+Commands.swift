import Glibc
import NNS
import NNSSyntax

extension REPL {
  // MARK: Help

  func help(_ name: String) {
    guard !name.isEmpty else { return say(Self.overview) }
    if let text = interpreter.help(name) { return say(text + "\n") }
    let found = interpreter.search(name)
    guard !found.isEmpty else { return say("nothing has to do with \"\(visible(name))\"; :help lists the commands\n") }
    let column = min(24, found.map { displayWidth($0.name) }.max() ?? 0)
    for (name, summary) in found { say(fitted("\(padded(name, to: column))  \(summary)") + "\n") }
  }

  private static let overview: String = {
    let lines = Command.rows.map { row in
      (":" + row.name + (row.argument.isEmpty ? "" : " " + row.argument), row.doc)
    }
    let column = lines.map(\.0.count).max() ?? 0
    let commands = lines.map { padded($0.0, to: column) + "  " + $0.1 }.joined(separator: "\n")
    return """
      Type an expression to see its value; `ans` is the last one, a `;` at the end shows nothing.
      Tab completes, twice inside a call shows what it takes. Ctrl-R searches the history, Ctrl-C stops what runs.

      \(commands)

      """
  }()

  /// A line cut to the terminal's width.
  private func fitted(_ line: String) -> String {
    displayWidth(line) <= width() ? line : String(line.prefix(max(1, width() - 1))) + "…"
  }

  /// A paragraph in lines of the terminal's width.
  private func wrapped(_ paragraph: String) -> String {
    var lines: [String] = []
    for word in paragraph.split(whereSeparator: \.isWhitespace) {
      if let last = lines.last, displayWidth(last) + 1 + displayWidth(word) <= min(width(), 100) {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines.joined(separator: "\n")
  }

  // MARK: Looking

  func listVariables() {
    let variables = interpreter.variables
    let name = variables.map { displayWidth($0.name) }.max() ?? 0
    let type = variables.map { displayWidth($0.summary) }.max() ?? 0
    for variable in variables {
      let size = variable.bytes > 0 ? Self.bytes(variable.bytes) : ""
      let line = "\(padded(variable.name, to: name))  \(padded(variable.summary, to: min(type, 40)))  \(size)"
      say(fitted(String(line.reversed().drop { $0 == " " }.reversed())) + "\n")
    }
  }

  /// The long form of the last error: all of its trace, and what its kind means.
  func explain() {
    guard let error = lastError else { return say("there was no error yet\n") }
    session.console.printError(session.console.renderer.render(error.diagnostics, sources: error.sources))
    for kind in Set(error.diagnostics.map(\.kind)).sorted(by: { $0.rawValue < $1.rawValue }) {
      say("\n\(wrapped(Explanation.text(of: kind)))\n")
    }
  }

  // MARK: Measuring

  func time(_ code: String) throws(NNSError) {
    let start = monotonicSeconds()
    let value = try evaluate(code)
    let seconds = monotonicSeconds() - start
    if !value.isNil { show(value) }
    say("\(Self.duration(seconds))\n")
  }

  /// Repeats an expression for about a second.
  func bench(_ code: String) throws(NNSError) {
    var times: [Double] = []
    interpreter.resetPeakMemory()
    let before = interpreter.memory.inUse
    let end = monotonicSeconds() + 1
    repeat {
      let start = monotonicSeconds()
      _ = try evaluate(code)
      times.append(monotonicSeconds() - start)
    } while times.count < 5 || (monotonicSeconds() < end && times.count < 100_000)
    times.sort()
    let quarters = (times[times.count / 4], times[times.count / 2], times[times.count * 3 / 4])
    say(
      """
      median \(Self.duration(quarters.1)), half of \(times.count) runs within \
      \(Self.duration(quarters.0)) to \(Self.duration(quarters.2)); memory \
      \(Self.bytes(interpreter.memory.peak - before))

      """)
  }

  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<1e-6: "\(rounded(seconds * 1e9)) ns"
    case ..<1e-3: "\(rounded(seconds * 1e6)) us"
    case ..<1: "\(rounded(seconds * 1e3)) ms"
    default: "\(rounded(seconds)) s"
    }
  }

  static func bytes(_ count: Int) -> String {
    switch count {
    case ..<1024: "\(count) B"
    case ..<(1 << 20): "\(rounded(Double(count) / 1024)) KiB"
    case ..<(1 << 30): "\(rounded(Double(count) / 1_048_576)) MiB"
    default: "\(rounded(Double(count) / 1_073_741_824)) GiB"
    }
  }

  /// Three digits.
  private static func rounded(_ number: Double) -> String {
    let scale = number < 10 ? 100.0 : number < 100 ? 10.0 : 1.0
    let value = (number * scale).rounded() / scale
    return value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  // MARK: Drawing

  /// A value as a picture, by the standard library's `plot`.
  func draw(_ function: String, _ code: String) throws(NNSError) {
    interpreter.assign("_drawn", try evaluate(code))
    defer { interpreter.assign("_drawn", nil) }
    _ = try evaluate("import plot as _plot\n_plot.\(function)(_drawn)")
  }

  // MARK: Files

  func load(_ path: String) throws(NNSError) {
    let path = Self.unquoted(path)
    do {
      try Files.checkReadable(path)
      let bytes = try Files().read(path)
      let code = String(decoding: bytes, as: UTF8.self)
      _ = try evaluate(code, relativeTo: path)
      accepted.append(.init(code: code, isShown: false))
    } catch let error as NNSError {
      throw error
    } catch {
      say("\(error)\n")
    }
  }

  func save(_ path: String) {
    let path = Self.unquoted(path)
    do {
      try Files().write(Array(Transcript.script(of: accepted).utf8), to: path)
      say("\(accepted.count) lines in \(visible(path))\n")
    } catch {
      say("cannot write \"\(visible(path))\": \((error as? FileAccessError)?.reason ?? "\(error)")\n")
    }
  }

  func changeFolder(_ path: String) {
    if !path.isEmpty, chdir(Self.unquoted(path)) != 0 {
      return say("cannot change to \"\(visible(path))\": \(errorText(errno))\n")
    }
    var buffer = [CChar](repeating: 0, count: 4096)
    if let folder = getcwd(&buffer, buffer.count) { say(String(cString: folder) + "\n") }
  }

  /// Paths may be quoted, as code would have them, and begin with `~`.
  private static func unquoted(_ path: String) -> String {
    var path = path
    if path.count >= 2, path.hasPrefix("\""), path.hasSuffix("\"") { path = String(path.dropFirst().dropLast()) }
    if path == "~" || path.hasPrefix("~/"), let home = environment("HOME") { path = home + path.dropFirst() }
    return path
  }
}
