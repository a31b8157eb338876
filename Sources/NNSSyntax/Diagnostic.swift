/// What went wrong, as data. Renderers turn it into text (terminal) or JSON (tools).
public struct Diagnostic: Error, Sendable {
  /// The class of a mistake: what `err.kind` gives in a script.
  public enum Kind: String, Sendable, CaseIterable {
    case syntax, name, type, shape, dtype, index, key, value, arithmetic, io, assert, raise, limit
    /// Ctrl-C or a host's `cancel()`; scripts cannot catch it.
    case interrupt
  }

  /// Whether the script stops.
  public enum Severity: String, Sendable { case error, warning }

  /// A line such as `= w1  f32[512, 256]  from randn(512, 256) at train.nns:3:10`.
  public struct Note: Sendable {
    /// The operand's name in the script, or empty for a sentence.
    public var label: String
    /// What is said of it.
    public var text: String
    /// Where the value was made.
    public var origin: Span?

    /// A note about an operand, or a sentence when `label` is empty.
    public init(label: String = "", text: String, origin: Span? = nil) {
      self.label = label
      self.text = text
      self.origin = origin
    }
  }

  /// A second place that belongs to the mistake, such as the bracket that was never closed.
  public struct Label: Sendable {
    /// Where.
    public var span: Span
    /// What is there.
    public var text: String

    /// A labelled place.
    public init(span: Span, text: String) {
      self.span = span
      self.text = text
    }
  }

  /// One call on the way to the mistake, innermost first.
  public struct Frame: Sendable {
    /// Where the call stands.
    public var span: Span
    /// The function or model method that was running there; empty at the top level.
    public var function: String

    /// A call site and the function it stands in.
    public init(span: Span, function: String) {
      self.span = span
      self.function = function
    }
  }

  /// The class of the mistake.
  public var kind: Kind
  /// Error or warning.
  public var severity = Severity.error
  /// One line that says what happened.
  public var message: String
  /// The smallest expression at fault.
  public var span: Span
  /// Other places that belong to it.
  public var labels: [Label] = []
  /// Operands and rules.
  public var notes: [Note] = []
  /// What to do; always true.
  public var help: String?
  /// The calls that led here, innermost first.
  public var trace: [Frame] = []

  /// A mistake at a place.
  public init(_ kind: Kind, _ message: String, at span: Span, help: String? = nil) {
    self.kind = kind
    self.message = message
    self.span = span
    self.help = help
  }
}
