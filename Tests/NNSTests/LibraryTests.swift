import NNSStdlib
import NNSSyntax
import NNSTool
import Testing

@testable import NNS

/// The modules of the standard library load, their tests pass, and what they say of themselves is true.
@Suite struct LibraryTests {
  @Test(arguments: StandardLibrary.moduleNames) func testsPass(_ name: String) throws {
    var host = NNS.Host.sandboxed
    host.files = OverlaidFiles(folder: Repository.file("stdlib"))
    let interpreter = Interpreter(host: host)
    try interpreter.runTests(name + ".nns") { result in
      if let failure = result.failure {
        Issue.record("\(result.name)\n\(Renderer().render(failure, sources: interpreter.sources))")
      }
    }
  }

  @Test func theFolderIsEmbedded() {
    let names = Repository.paths(under: "stdlib", ending: ".nns").map { String($0.dropLast(4)) }
    #expect(Set(names) == Set(StandardLibrary.moduleNames))
  }

  /// The names found without parsing are those that a file declares, and each is there when it is used alone.
  @Test(arguments: StandardLibrary.moduleNames.filter { $0.hasPrefix("prelude/") })
  func preludeNamesAreThoseDeclared(_ file: String) throws {
    let names = StandardLibrary.preludeNames.filter { StandardLibrary.preludeFile(of: $0) == file }
    for name in names {
      let interpreter = Interpreter()
      #expect(throws: Never.self, "\(name)") { try interpreter.run(name, named: "name.nns") }
      #expect(try interpreter.context.modules.loadStandard(file, at: .none).exports == names)
    }
    #expect(!names.isEmpty)
  }

  /// Every function of a module has an example that runs, and prints what stands behind `#`.
  @Test(arguments: StandardLibrary.importNames) func examplesOfModulesAreTrue(_ module: String) throws {
    let interpreter = Interpreter()
    let names = try interpreter.context.modules.loadStandard(module, at: .none).exports
    for name in names {
      let doc: String?
      switch try interpreter.run("import \(module)\n\(module).\(name)", named: "name.nns").value {
      case .closure(let closure): doc = closure.code.literal.doc
      case .callable(let callable): doc = callable.doc
      default: continue
      }
      let example = Example(doc)
      let run = RunningScript(example.source, named: "example.nns", folder: Repository.root)
      #expect(
        run.error == nil && !example.source.isEmpty && run.lines.starts(with: example.output), "\(module).\(name)")
    }
  }

  /// Each name is used in a `test` block of its file.
  @Test(arguments: StandardLibrary.preludeNames) func nameIsTested(_ name: String) throws {
    let source = try #require(StandardLibrary.preludeFile(of: name).flatMap { StandardLibrary.source(named: $0) })
    let tests = try #require(source.firstRange(of: "\ntest \"")).lowerBound
    #expect(source[tests...].contains(name))
  }

  /// What a name's documentation shows runs, and prints what stands behind `#`.
  @Test(arguments: StandardLibrary.preludeNames) func exampleIsTrue(_ name: String) throws {
    let interpreter = Interpreter()
    let doc: String? =
      switch try interpreter.run(name, named: "name.nns").value {
      case .callable(let callable): callable.doc
      case .closure(let closure): closure.code.literal.doc
      default: nil
      }
    let example = Example(doc)
    let run = RunningScript(example.source, named: "example.nns", folder: Repository.root)
    #expect(run.error == nil && !example.output.isEmpty && run.lines == example.output, "\(name)")
  }
}

/// The indented lines of a documentation, with what they print behind `#`, or in lines that begin with it.
private struct Example {
  let source: String
  let output: [String]

  init(_ doc: String?) {
    let lines = (doc ?? "").split(separator: "\n").filter { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }
    source = lines.joined(separator: "\n")
    output = lines.filter { $0.hasPrefix("print(") || $0.hasPrefix("# ") }.compactMap {
      $0.hasPrefix("# ") ? String($0.dropFirst(2)) : $0.split(separator: "   # ").last.map(String.init)
    }
  }
}
