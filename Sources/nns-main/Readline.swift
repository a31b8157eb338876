import CReadline
import Glibc
import NNS
import NNSTool
import Synchronization

/// Lines from a terminal, edited with GNU readline. There is one terminal, and readline has one state.
final class Readline: LineReader {
  // Readline's callbacks know nothing of objects.
  private static let completion = Mutex<(@Sendable (String) -> Completion)?>(nil)

  init() {
    nns_readline_begin(Interrupts.wakeUp) { before in
      let text = before.map { String(cString: $0) } ?? ""
      guard let found = Readline.completion.withLock({ $0 })?(text) else { return nns_candidates() }
      let words = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>(
        OpaquePointer(malloc(max(1, found.candidates.count) * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride)))
      guard let words else { return nns_candidates() }
      for (index, word) in found.candidates.enumerated() { words[index] = strdup(word) }
      return nns_candidates(
        start: Int32(found.start), count: Int32(found.candidates.count), words: words,
        signature: found.signature.flatMap { strdup($0) })
    }
  }

  var completion: (@Sendable (String) -> Completion)? {
    get { Self.completion.withLock { $0 } }
    set { Self.completion.withLock { $0 = newValue } }
  }

  func read(prompt: String, beginning: String) -> LineInput {
    var line: UnsafeMutablePointer<CChar>?
    let outcome = nns_readline_read(prompt, beginning, &line)
    defer { free(line) }
    guard outcome == nns_line_read, let line else { return outcome == nns_line_end ? .end : .interrupted }
    return .line(String(cString: line))
  }

  func remember(_ entry: String) { nns_readline_remember(entry) }
}
