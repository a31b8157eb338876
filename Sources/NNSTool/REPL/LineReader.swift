import NNS

/// Where a REPL's lines come from: a terminal with editing, or a test.
public protocol LineReader: AnyObject {
  /// Reads a line, which may hold line ends where several were pasted at once.
  ///
  /// - Parameters:
  ///   - prompt: what stands before it.
  ///   - beginning: what the line begins with, to be edited.
  func read(prompt: String, beginning: String) -> LineInput

  /// Adds an entry to what the arrow keys and Ctrl-R go through.
  func remember(_ entry: String)

  /// What Tab asks: the text before the cursor in, what could stand there out.
  var completion: (@Sendable (String) -> Completion)? { get set }
}

/// What came from a terminal.
public enum LineInput: Sendable, Equatable {
  case line(String)
  /// Ctrl-C: the line is given up.
  case interrupted
  /// Ctrl-D, or the input is over.
  case end
}
