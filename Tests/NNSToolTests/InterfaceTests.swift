import Foundation
import Testing

/// The library for C, used by a program in C and one in Python.
@Suite(.serialized) struct InterfaceTests {
  /// The folder that the library lies in, built together with the tests.
  private let built = URL(filePath: Program.path).deletingLastPathComponent().path
  private let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized.path

  /// Runs a program and gives its status and what it wrote.
  private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  @Test func fromC() throws {
    let program = FileManager.default.temporaryDirectory.appending(path: "nns-interface-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: program) }
    let compiled = try run(
      [
        "clang", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-I\(root)/Sources/CNNS/include",
        "\(root)/Tests/Interface/interface.c", "-L\(built)", "-lnns-c", "-lpthread", "-Wl,-rpath,\(built)", "-o",
        program,
      ] + (Sanitizer.current?.flags ?? []))
    // The linker remarks on names of the sanitizer.
    #expect(compiled.status == 0 && (compiled.output == "" || Sanitizer.current != nil), "\(compiled.output)")
    let result = try run([program])
    #expect(result.status == 0 && result.output == "", "\(result)")
  }

  @Test func fromPython() throws {
    let preloaded = try Sanitizer.current.map { sanitizer in
      let found = try run(["clang", "-print-file-name=\(sanitizer.library)"]).output
      return found.split(separator: "\n").prefix(1).map { String($0) } + sanitizer.needed
    }
    let result = try run([
      "LD_PRELOAD=\((preloaded ?? []).joined(separator: ":"))", "python3",
      "\(root)/Tests/Interface/interface.py", "\(built)/libnns-c.so",
    ])
    #expect(result.status == 0 && result.output == "", "\(result)")
  }
}
