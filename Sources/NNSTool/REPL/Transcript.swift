import NNSSyntax

/// The lines of a session as one script that runs.
///
/// A REPL lets names be declared again, shows values and keeps the last one as `ans`; a script does nothing of it. So the first `let` of a name that comes
/// again becomes a `var` and the later ones assign, of several functions or models of one name the last stays, and a
/// value that was shown is printed, and kept in `ans` where a line asks for that.
enum Transcript {
  /// A line that ran without an error.
  struct Line: Sendable {
    var code: String
    /// Whether its value was shown.
    var isShown: Bool
    /// Whether its value became `ans`.
    var isAnswer = false
  }

  static func script(of lines: [Line]) -> String {
    let asksForAnswer = lines.contains { line in
      let file = SourceFile(name: "", text: line.code)
      return tokenize(file).contains { $0.kind == .identifier && file.text($0.span) == "ans" }
    }
    let parsed = lines.map { Entry($0, keepsAnswer: asksForAnswer) }
    var seen: [String: Int] = [:]
    for entry in parsed {
      for name in entry.declared { seen[name, default: 0] += 1 }
    }
    let repeated = Set(seen.filter { $0.value > 1 }.keys)
    let last = Dictionary(
      parsed.enumerated().flatMap { index, entry in entry.defined.map { ($0, index) } }, uniquingKeysWith: { $1 })
    var declared: Set<String> = []
    let texts = parsed.enumerated().map { index, entry in
      entry.text(repeated: repeated, declared: &declared) { last[$0] == index }
    }
    return (asksForAnswer ? "var ans = nil\n" : "") + texts.filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
  }

  /// One accepted entry.
  private struct Entry {
    let source: SourceFile
    let program: Program
    private let line: Line
    private let keepsAnswer: Bool

    init(_ line: Line, keepsAnswer: Bool) {
      source = SourceFile(name: "", text: line.code)
      program = parse(source, index: 0).program
      self.line = line
      self.keepsAnswer = keepsAnswer
    }

    /// The names of its `let`s and `var`s.
    var declared: [String] {
      program.statements.flatMap { statement -> [String] in
        if case .declare(_, let pattern, _) = statement.kind { names(of: pattern) } else { [] }
      }
    }

    /// The names of its functions, models and imports.
    var defined: [String] { program.statements.compactMap { definedName($0) } }

    private func definedName(_ statement: Statement) -> String? {
      switch statement.kind {
      case .function(let function): function.name?.text
      case .model(let model): model.name.text
      case .importing(let item): item.name.text
      default: nil
      }
    }

    private func names(of pattern: Pattern) -> [String] {
      switch pattern {
      case .name(let identifier): [identifier.text]
      case .wildcard: []
      case .list(let items, _): items.flatMap { names(of: $0) }
      }
    }

    func text(repeated: Set<String>, declared: inout Set<String>, isLast: (String) -> Bool) -> String {
      var text = ""
      var end = 0
      for statement in program.statements {
        let range = Int(statement.span.start)..<Int(statement.span.end)
        guard range.lowerBound >= end else { continue }
        let between = slice(end..<range.lowerBound)
        end = range.upperBound
        if let name = definedName(statement), !isLast(name) { continue }
        text += between + self.text(of: statement, range, repeated: repeated, declared: &declared)
      }
      text += slice(end..<source.bytes.count)
      return text
    }

    private func text(
      of statement: Statement, _ range: Range<Int>, repeated: Set<String>, declared: inout Set<String>
    ) -> String {
      let whole = slice(range)
      switch statement.kind {
      case .declare(_, let pattern, _):
        let names = names(of: pattern)
        guard names.contains(where: { repeated.contains($0) }) else { return whole }
        // `let` and `var` are three letters.
        let rest = whole.dropFirst(3)
        if names.allSatisfy({ !declared.contains($0) }) {
          declared.formUnion(names)
          return "var" + rest
        }
        let missing = names.filter { !declared.contains($0) }
        declared.formUnion(missing)
        return missing.map { "var \($0) = nil\n" }.joined() + rest.drop { $0 == " " }
      case .expression where range.upperBound == program.statements.last.map({ Int($0.span.end) }) && line.isAnswer:
        if keepsAnswer { return "ans = \(whole)" + (line.isShown ? "\nprint(ans)" : "") }
        return line.isShown ? "print(\(whole))" : "let _ = \(whole)"
      default: return whole
      }
    }

    private func slice(_ range: Range<Int>) -> String { String(decoding: source.bytes[range], as: UTF8.self) }
  }
}
