import NNSTensor

/// What a script may use up. Steps and time are counted anew for each run, and for each call from outside.
public struct Limits: Sendable {
  /// Loop passes, calls and elements of tensor work; an operation is charged as a whole before it begins.
  public var steps = Int.max
  /// Bytes held at one time: by all tensors, by any one large value, and by everything together where
  /// ``Host/memoryInUse`` tells.
  public var memory = Int.max
  /// Nested calls.
  public var depth = 200_000
  /// Bytes of one source text.
  public var sourceSize = 64 << 20
  /// How long a run may take by the system's clock, time spent in functions of the host included.
  public var time: Duration?
  /// Threads that a large kernel may use, the caller's included. Results do not depend on it.
  public var threads = Engine.processorCount

  /// No limits but those that keep the host safe.
  public init(
    steps: Int = .max, memory: Int = .max, depth: Int = 200_000, sourceSize: Int = 64 << 20, time: Duration? = nil,
    threads: Int = Engine.processorCount
  ) {
    self.steps = steps
    self.memory = memory
    self.depth = depth
    self.sourceSize = sourceSize
    self.time = time
    self.threads = threads
  }
}
