import CThread

/// The stack of the calling thread, which grows downwards.
enum Stack {
  /// What is kept free for the calls between two checks.
  static let reserve: UInt = 128 << 10

  /// The address of the caller's frame. That of a variable would not do: the address sanitizer keeps them elsewhere.
  @inline(__always)
  static var here: UInt { UInt(nns_frame_address()) }

  /// The lowest address of the stack; 0 where the system does not tell.
  static var end: UInt { UInt(nns_stack_limit(0)) }
}
