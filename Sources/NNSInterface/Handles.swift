import CNNS
import NNS

/// What a `nns_interpreter *` leads to.
final class InterpreterHandle {
  let interpreter: Interpreter
  /// Kept until the next failure, for C to read.
  private(set) var kind = CText("")
  private(set) var message = CText("")
  private(set) var rendered = CText("")
  private(set) var line: Int64 = 0

  init(_ options: nns_options) throws {
    var limits = Limits()
    if options.steps > 0 { limits.steps = Int(options.steps) }
    if options.memory > 0 { limits.memory = Int(options.memory) }
    if options.depth > 0 { limits.depth = Int(options.depth) }
    if options.seconds > 0, options.seconds < 1e9 { limits.time = .seconds(options.seconds) }
    if options.threads > 0 { limits.threads = Int(options.threads) }
    var host = Host.sandboxed
    host.seed = options.seed
    if let print = options.print {
      let context = Foreign(options.context)
      host.output = { text in text.withCString { print(context.pointer, $0) } }
    }
    let grants =
      texts(options.readable).map { Folders.Grant.reading($0) }
      + texts(options.writable).map { Folders.Grant.writing($0) }
    if !grants.isEmpty { host.files = try Folders(grants) }
    interpreter = Interpreter(limits: limits, host: host)
  }

  /// Does something; keeps the error, and gives `nil`, where it fails.
  func attempt(_ body: () throws -> ScriptValue) -> OpaquePointer? {
    do {
      return ValueHandle(try body()).pointer
    } catch {
      keep(error)
      return nil
    }
  }

  func keep(_ error: any Error) {
    let failure = error as? NNSError
    kind = CText(failure?.kind.rawValue ?? (error as? TensorError)?.kind.rawValue ?? "value")
    message = CText(failure?.message ?? (error as? TensorError)?.message ?? "\(error)")
    rendered = CText(failure?.rendered ?? "error: \(error)\n")
    line = Int64(failure?.place?.line ?? 0)
  }

  static func at(_ pointer: OpaquePointer) -> InterpreterHandle {
    Unmanaged<InterpreterHandle>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }
}

/// What a `nns_value *` leads to.
final class ValueHandle {
  let value: ScriptValue
  // Made when C first asks, and kept as long as the value.
  private(set) lazy var text = CText((try? value.as(String.self)) ?? value.description)
  private(set) lazy var shape = CMemory(tensor?.shape.map { Int64($0) } ?? [])

  init(_ value: ScriptValue) { self.value = value }

  /// A reference that C releases.
  var pointer: OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

  static func at(_ pointer: OpaquePointer) -> ValueHandle {
    Unmanaged<ValueHandle>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }

  /// The tensor; a number is none here.
  private(set) lazy var tensor: Tensor? = value.typeName == "tensor" ? try? value.as(Tensor.self) : nil

  /// One whose elements lie row-major without gaps.
  private lazy var contiguous: Tensor? = tensor.flatMap { try? value.interpreter.contiguous($0) }

  /// The elements, which lie there as long as the value is kept.
  var elements: UnsafeRawPointer? { try? contiguous?.withBytes { $0.baseAddress } }
}

/// A text in memory that C may read.
typealias CText = CMemory<CChar>

extension CMemory<CChar> {
  convenience init(_ text: String) { self.init(Array(text.utf8CString)) }
}

/// What stands in memory that C may read.
final class CMemory<Element> {
  let start: UnsafePointer<Element>?
  private let memory: UnsafeMutableBufferPointer<Element>

  init(_ elements: [Element]) {
    memory = .allocate(capacity: elements.count)
    _ = memory.initialize(fromContentsOf: elements)
    start = memory.baseAddress.map { UnsafePointer($0) }
  }

  deinit { memory.deallocate() }
}

/// A pointer of C's own, handed back to it. C says that its function may be called where the script runs.
private struct Foreign: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer?
  init(_ pointer: UnsafeMutableRawPointer?) { self.pointer = pointer }
}

/// The texts of a list that ends in a null.
private func texts(_ list: UnsafePointer<UnsafePointer<CChar>?>?) -> [String] {
  var texts: [String] = []
  guard var next = list else { return [] }
  while let text = next.pointee {
    texts.append(String(cString: text))
    next += 1
  }
  return texts
}
