import Glibc
import NNS
import Synchronization

/// Ctrl-C: the first one stops the script at its next step, or ends the process where that is long in coming; a second one
/// ends the process. A REPL goes on instead.
public enum Interrupts {
  private static let count = Atomic<Int>(0)
  /// What Ctrl-C stops, and where is written what is left when the process ends.
  private static let running = Mutex<(interpreter: Interpreter, console: Console?)?>(nil)
  /// Whether somebody has begun to end the process.
  private static let isEnding = Atomic<Bool>(false)
  /// Whether the process outlives what is stopped.
  private static let isSession = Atomic<Bool>(false)
  private static let pipeEnds: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return (-1, -1) }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    return (ends[0], ends[1])
  }()

  /// A descriptor that can be read from once Ctrl-C was pressed.
  public static var wakeUp: Int32 { pipeEnds.read }

  /// Whether Ctrl-C was pressed since the start, or since ``rearm()``.
  public static var isPending: Bool { count.load(ordering: .relaxed) > 0 }

  /// For a REPL: Ctrl-C stops what is running and nothing else, however often it is pressed.
  static func beginSession() {
    isSession.store(true, ordering: .relaxed)
    _ = installed
  }

  /// Forgets what Ctrl-C was pressed for: from now on it stops nothing until ``cancel(_:)``.
  public static func rearm() {
    running.withLock { $0 = nil }
    isEnding.store(false, ordering: .relaxed)
    count.store(0, ordering: .relaxed)
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(pipeEnds.read, &bytes, bytes.count) > 0 {}
    if hasFired.exchange(false, ordering: .relaxed) {
      var byte: UInt8 = 0
      _ = write(againEnds.write, &byte, 1)
    }
  }

  /// Whether the watcher waits to be told that it may watch again.
  private static let hasFired = Atomic<Bool>(false)
  private static let againEnds: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return (-1, -1) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }()

  /// Lets Ctrl-C cancel this interpreter from now on, and a closed pipe be an error instead of the end.
  ///
  /// - Parameter console: where is written what is left when the process ends; a session goes on and needs none.
  static func cancel(_ interpreter: Interpreter, _ console: Console? = nil) {
    running.withLock { $0 = (interpreter, console) }
    _ = installed
  }

  /// To be called before a stopped script is reported; does not return where the process is ending already.
  static func beginEnding() {
    while isPending, isEnding.exchange(true, ordering: .relaxed) { pause() }
  }

  /// Ends the process from the watcher: what runs (LAPACK, the freeing of much memory) cannot be stopped half done.
  private static func endLate() {
    guard !isSession.load(ordering: .relaxed), let (interpreter, console) = running.withLock({ $0 }),
      !interpreter.isDeferringCancellation, !isEnding.exchange(true, ordering: .relaxed)
    else { return }
    console?.abandon("error: interrupted\n")
    _exit(130)
  }

  /// Milliseconds that a script has to stop in.
  private static let patience: Int32 = 50

  /// Passes Ctrl-C on to the interpreter.
  static func cancelNow() { running.withLock { $0 }?.interpreter.cancel() }

  private static let installed: Void = {
    signal(SIGPIPE, SIG_IGN)
    // Made here, so that the handler does not.
    _ = pipeEnds
    _ = againEnds
    _ = isSession.load(ordering: .relaxed)
    _ = count.load(ordering: .relaxed)
    // Without SA_RESTART: a system call that waits gives up.
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      // Atomic operations and system calls only: anything else might meet itself half done.
      if Interrupts.count.add(1, ordering: .relaxed).oldValue > 0, !Interrupts.isSession.load(ordering: .relaxed) {
        _exit(130)
      }
      let saved = errno
      var byte: UInt8 = 0
      _ = write(Interrupts.pipeEnds.write, &byte, 1)
      errno = saved
    }
    sigaction(SIGINT, &action, nil)
    // Whoever started this may have had it blocked.
    var interrupt = sigset_t()
    sigemptyset(&interrupt)
    sigaddset(&interrupt, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
    // The byte stays in the pipe, for whoever waits for input.
    var watcher = pthread_t()
    let started = pthread_create(
      &watcher, nil,
      { _ in
        while true {
          var wait = pollfd(fd: Interrupts.wakeUp, events: Int16(POLLIN), revents: 0)
          while poll(&wait, 1, -1) < 0, errno == EINTR {}
          Interrupts.hasFired.store(true, ordering: .relaxed)
          // Until it is to watch again: who insists gets what finishes its step stopped too.
          var passed = 0
          var waited = false
          var again = pollfd(fd: Interrupts.againEnds.read, events: Int16(POLLIN), revents: 0)
          repeat {
            while passed < count.load(ordering: .relaxed) {
              Interrupts.cancelNow()
              passed += 1
            }
            if passed > 0, waited { endLate() }
            waited = true
          } while poll(&again, 1, patience) <= 0
          var byte: UInt8 = 0
          while read(Interrupts.againEnds.read, &byte, 1) < 0, errno == EINTR {}
        }
      }, nil)
    if started == 0 { pthread_detach(watcher) }
  }()
}
