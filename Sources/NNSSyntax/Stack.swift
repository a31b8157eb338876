#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The stack of the calling thread, which grows downwards.
enum Stack {
  /// What is kept free for the calls between two checks.
  static let reserve: UInt = 128 << 10

  /// The address of the caller's frame, more or less.
  static var here: UInt {
    var mark: UInt8 = 0
    return withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) }
  }

  /// The lowest address of the stack; 0 where the system does not tell.
  static var end: UInt {
    #if canImport(Glibc) || canImport(Musl)
    // The function is an extension that the headers hide.
    typealias Inquiry = @convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>) -> CInt
    guard let symbol = dlsym(nil, "pthread_getattr_np") else { return 0 }
    let inquire = unsafeBitCast(symbol, to: Inquiry.self)
    var attributes = pthread_attr_t()
    guard inquire(pthread_self(), &attributes) == 0 else { return 0 }
    defer { pthread_attr_destroy(&attributes) }
    var base: UnsafeMutableRawPointer?
    var size = 0
    guard pthread_attr_getstack(&attributes, &base, &size) == 0 else { return 0 }
    return UInt(bitPattern: base)
    #elseif canImport(Darwin)
    let top = UInt(bitPattern: pthread_get_stackaddr_np(pthread_self()))
    let size = UInt(pthread_get_stacksize_np(pthread_self()))
    return top > size ? top - size : 0
    #else
    return 0
    #endif
  }
}
