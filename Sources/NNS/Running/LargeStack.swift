import CThread

/// Scripts nest as deeply as their authors like, so they run on a thread with a stack of a known, large size.
enum LargeStack {
  private static let size = Int(nns_stack_size())
  /// Kept free below the limit for the code that reports it.
  private static let reserve: UInt = 256 << 10

  /// The lowest address that scripts may reach on this thread.
  static func limit() -> UInt { UInt(nns_stack_limit(UInt(reserve))) }

  /// Runs `body` on a large stack, and waits for it.
  static func run<Result>(_ body: () -> Result) -> Result {
    // Already on one, called back by a script.
    if isLarge() { return body() }
    return withoutActuallyEscaping(body) { body in
      var result: Result?
      SystemThread(stack: size) { result = body() }?.join()
      return result ?? body()
    }
  }

  private static func isLarge() -> Bool {
    let limit = limit()
    return limit != 0 && UInt(nns_frame_address()) > limit && UInt(nns_frame_address()) - limit > UInt(size / 2)
  }
}
