import Glibc
import NNS
import Synchronization

/// Ctrl-C: the first one stops the script at its next step, a second one ends the process.
enum Interrupts {
  private static let count = Atomic<Int>(0)
  private static let cancel = Mutex<(@Sendable () -> Void)?>(nil)
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
  static var wakeUp: Int32 { pipeEnds.read }

  /// Lets Ctrl-C cancel this interpreter from now on, and a closed pipe be an error instead of the end.
  static func cancel(_ interpreter: Interpreter) {
    cancel.withLock { $0 = { interpreter.cancel() } }
    _ = installed
  }

  /// Passes Ctrl-C on to the interpreter.
  static func cancelNow() { cancel.withLock { $0 }?() }

  private static let installed: Void = {
    signal(SIGPIPE, SIG_IGN)
    // Made here, so that the handler does not.
    _ = pipeEnds
    _ = count.load(ordering: .relaxed)
    // Without SA_RESTART: a system call that waits gives up.
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      // Atomic operations and system calls only: anything else might meet itself half done.
      if Interrupts.count.add(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
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
        var wait = pollfd(fd: Interrupts.wakeUp, events: Int16(POLLIN), revents: 0)
        while poll(&wait, 1, -1) < 0, errno == EINTR {}
        Interrupts.cancelNow()
        return nil
      }, nil)
    if started == 0 { pthread_detach(watcher) }
  }()
}
