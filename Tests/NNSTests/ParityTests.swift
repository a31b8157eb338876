import NNS
import NNSTool
import Testing

/// What the scripts of `Tests/Parity` compare with PyTorch agrees. `make.py` beside them writes what they compare with.
@Suite struct ParityTests {
  static let scripts = Repository.paths(under: "Tests/Parity", ending: ".nns").filter { !$0.hasPrefix("_") }

  @Test(arguments: scripts) func agrees(_ script: String) throws {
    let run = RunningScript(
      try Repository.text("Tests/Parity/" + script), named: script, folder: Repository.file("Tests/Parity"))
    if let error = run.error { Issue.record("\(Renderer().render(error.diagnostics, sources: error.sources))") }
  }
}
