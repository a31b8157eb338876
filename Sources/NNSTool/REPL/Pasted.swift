/// Text copied from a session or a document: prompts are taken away, and with them what the session had answered.
enum Pasted {
  static let prompt = "nns> "
  static let continuation = "...> "

  /// The code in a text.
  static func cleaned(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.contains(where: { isPrompt($0, prompt) }) else { return text }
    var code: [Substring] = []
    for line in lines {
      if isPrompt(line, prompt) {
        code.append(line.dropFirst(prompt.count))
      } else if isPrompt(line, continuation) {
        code.append(line.dropFirst(continuation.count))
      }
    }
    return code.joined(separator: "\n")
  }

  /// A prompt whose line is empty may have lost its blank.
  private static func isPrompt(_ line: Substring, _ prompt: String) -> Bool {
    line.hasPrefix(prompt) || line == prompt.dropLast()
  }
}
