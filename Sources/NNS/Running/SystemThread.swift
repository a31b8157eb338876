#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A thread of the system's. It is either joined or detached, once.
struct SystemThread {
  private let handle: pthread_t

  private final class Job {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Begins to run `body`, which is let go of before the thread ends; `nil` where there could be no thread.
  ///
  /// - Parameter stack: bytes of address space for its stack.
  init?(stack: Int, _ body: @escaping () -> Void) {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return nil }
    defer { pthread_attr_destroy(&attributes) }
    guard pthread_attr_setstacksize(&attributes, stack) == 0 else { return nil }
    let job = Unmanaged.passRetained(Job(body))
    #if canImport(Darwin)
    var thread: pthread_t?
    #else
    var thread = pthread_t()
    #endif
    let failed = pthread_create(
      &thread, &attributes,
      { raw in
        #if canImport(Darwin)
        Unmanaged<Job>.fromOpaque(raw).takeRetainedValue().body()
        #else
        if let raw { Unmanaged<Job>.fromOpaque(raw).takeRetainedValue().body() }
        #endif
        return nil
      }, job.toOpaque())
    guard failed == 0 else {
      job.release()
      return nil
    }
    #if canImport(Darwin)
    guard let thread else { return nil }
    #endif
    handle = thread
  }

  /// Waits until it has ended.
  func join() { pthread_join(handle, nil) }

  /// Lets it end by itself.
  func detach() { pthread_detach(handle) }
}
