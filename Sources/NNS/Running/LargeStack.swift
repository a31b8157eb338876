import CThread

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Scripts nest as deeply as their authors like, so they run on a thread with a stack of a known, large size.
enum LargeStack {
  /// Bytes of address space; memory is used only as deep as calls go.
  private static let size = 512 << 20
  /// Kept free below the limit for the code that reports it.
  private static let reserve: UInt = 256 << 10

  /// The lowest address that scripts may reach on this thread.
  static func limit() -> UInt { UInt(nns_stack_limit(UInt(reserve))) }

  /// Runs `body` on a large stack, and waits for it.
  static func run<Result>(_ body: () -> Result) -> Result {
    // Already on one, called back by a script.
    if isLarge() { return body() }
    return withoutActuallyEscaping(body) { body in
      let job = Job(body)
      guard job.runOnThread(size) else { return body() }
      return job.result ?? body()
    }
  }

  private static func isLarge() -> Bool {
    let limit = limit()
    return limit != 0 && UInt(nns_frame_address()) > limit && UInt(nns_frame_address()) - limit > UInt(size / 4)
  }

  private final class Job<Result>: AnyJob {
    private let body: () -> Result
    private(set) var result: Result?

    init(_ body: @escaping () -> Result) { self.body = body }

    override func run() { result = body() }
  }

  private class AnyJob {
    func run() {}

    /// - Returns: whether there could be a thread.
    func runOnThread(_ size: Int) -> Bool {
      var attributes = pthread_attr_t()
      guard pthread_attr_init(&attributes) == 0 else { return false }
      defer { pthread_attr_destroy(&attributes) }
      guard pthread_attr_setstacksize(&attributes, size) == 0 else { return false }
      let job = Unmanaged.passRetained(self)
      #if canImport(Darwin)
      var thread: pthread_t?
      #else
      var thread = pthread_t()
      #endif
      let failed = pthread_create(
        &thread, &attributes,
        { raw in
          #if canImport(Darwin)
          Unmanaged<AnyJob>.fromOpaque(raw).takeRetainedValue().run()
          #else
          if let raw { Unmanaged<AnyJob>.fromOpaque(raw).takeRetainedValue().run() }
          #endif
          return nil
        }, job.toOpaque())
      guard failed == 0 else {
        job.release()
        return false
      }
      #if canImport(Darwin)
      if let thread { pthread_join(thread, nil) }
      #else
      pthread_join(thread, nil)
      #endif
      return true
    }
  }
}
