import NNSSyntax

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What reads the fuzzer's bytes. A trap, a wrong answer, a hang or too much memory ends the process, which the fuzzer
/// reports with the bytes that did it.
protocol Target {
  init()
  /// Does something with bytes that may be anything.
  func run(_ bytes: [UInt8])
}

/// All targets by name.
private nonisolated(unsafe) let targets: [String: any Target.Type] = [
  "parser": SyntaxTarget.self, "grammar": GrammarTarget.self, "evaluator": EvaluatorTarget.self,
  "script": ScriptTarget.self, "ops": OpTarget.self, "safetensors": SafetensorsTarget.self, "npy": NPYTarget.self,
  "npz": NPZTarget.self, "idx": IDXTarget.self, "gzip": GzipTarget.self, "csv": CSVTarget.self,
  "png": PNGTarget.self, "jpeg": JPEGTarget.self, "wav": WAVTarget.self, "json": JSONTarget.self,
  "tokenizer": TokenizerTarget.self,
]

/// The one that runs; libFuzzer calls it from one thread.
private nonisolated(unsafe) let target: any Target = {
  let name = getenv("NNS_FUZZ").map { String(cString: $0) } ?? ""
  guard let type = targets[name] else { fail("NNS_FUZZ is one of \(targets.keys.sorted().joined(separator: " "))") }
  return type.init()
}()

/// Hands one input to the target that NNS_FUZZ names.
@_cdecl("nns_fuzz")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
  target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
}

/// Says what is wrong and ends the process, as a trap would.
func fail(_ message: String) -> Never {
  say(message)
  abort()
}

/// Writes a line to standard error.
func say(_ message: String) {
  _ = Array("\(message)\n".utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

/// Ends the process where something is not as it must be.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fail(message()) }
}
