import Glibc
import NNSTool
import Testing

/// One at a time: the pipes of one run must not be inherited by another.
@Suite(.serialized) struct CommandTests {
  /// Writes a script that is removed when the closure ends.
  private func withScript<T>(_ text: String, _ body: (String) throws -> T) rethrows -> T {
    let path = "/tmp/nns-test-\(getpid())-\(UInt32.random(in: 0 ... .max)).nns"
    if let file = fopen(path, "w") {
      fputs(text, file)
      fclose(file)
    }
    defer { unlink(path) }
    return try body(path)
  }

  @Test func argumentsAfterTheScriptAreItsOwn() {
    withScript("for argument in args { print(argument) }\n") { script in
      let result = Program.run([script, "a", "--help", "-e", "--", "check"])
      #expect(result == .init(status: 0, output: "a\n--help\n-e\n--\ncheck\n", errors: ""))
    }
  }

  @Test func foldersAreMadeForWhatIsWritten() {
    let folder = "/tmp/nns-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let path = folder + "/pictures/first.txt"
    defer { for place in [path, folder + "/pictures", folder] { remove(place) } }
    let written = Program.run(["-e", "write_text(\"\(path)\", \"a\"); print(read_text(\"\(path)\"))"])
    #expect(written == .init(status: 0, output: "a\n", errors: ""))
    let inAFile = Program.run(["-e", "write_text(\"\(path)/second.txt\", \"a\")"])
    #expect(inAFile.errors.contains("Not a directory"))
  }

  @Test func aLineShowsItsLastValue() {
    #expect(Program.run(["-e", "1 + 2"]) == .init(status: 0, output: "3\n", errors: ""))
    #expect(Program.run(["-e", "print(1)"]) == .init(status: 0, output: "1\n", errors: ""))
    #expect(Program.run(["-e", "len(args)", "--x", "y"]) == .init(status: 0, output: "2\n", errors: ""))
  }

  @Test func theEnvironmentSaysHowManyThreads() {
    let code = "let x = exp(linspace(-1.0, 1.0, 2000000)); sum(x)"
    let one = Program.run(["-e", code], environment: ["NNS_THREADS=1"])
    #expect(one.status == 0)
    #expect(Program.run(["-e", code], environment: ["NNS_THREADS=3"]) == one)
    for value in ["0", "257", "many", ""] {
      let result = Program.run(["-e", "1"], environment: ["NNS_THREADS=\(value)"])
      #expect(result.status == 2)
      #expect(
        result.errors.contains("NNS_THREADS is \"\(value)\"; it takes a number of threads from 1 to 256."))
    }
  }

  @Test func aScriptOnStandardInput() {
    #expect(Program.run([], input: "print(1 + 1)\n") == .init(status: 0, output: "2\n", errors: ""))
    #expect(Program.run(["-", "a"], input: "print(args[0])\n") == .init(status: 0, output: "a\n", errors: ""))
  }

  @Test func linesOfStandardInput() {
    let result = Program.run(["-e", "print(input(\"? \"), input(\"\"))"], input: "one\ntwo")
    #expect(result == .init(status: 0, output: "? one two\n", errors: ""))
  }

  @Test func mistakesGoToStandardErrorWithTheirPlace() {
    withScript("let total = 1\nprint(totl)\n") { script in
      let result = Program.run([script])
      #expect(result.status == 1)
      #expect(result.output == "")
      #expect(result.errors.contains("--> \(script):2:7"))
    }
    withScript("print(1)\nraise \"no\"\n") { script in
      let result = Program.run([script])
      #expect(result.status == 1)
      #expect(result.output == "1\n")
      #expect(result.errors.contains("--> \(script):2:1"))
    }
    #expect(Program.run(["-e", "f("]).status == 1)
  }

  @Test func theSandboxHasOnlyItsFolders() {
    withScript("print(read_text(args[0]))") { script in
      #expect(Program.run([script, script]).output == "print(read_text(args[0]))\n")
      let closed = Program.run(["--sandbox", script, script])
      #expect(closed.status == 1 && closed.errors.contains("it is in no folder that scripts may read"))
      #expect(Program.run(["--sandbox", "--read", "/tmp", script, script]).status == 0)
      #expect(Program.run(["--sandbox", "--read", "/tmp", script, "/tmp/../etc/passwd"]).status == 1)
      #expect(Program.run(["--sandbox", "--write", "/tmp", script, script]).status == 1)
    }
    #expect(Program.run(["--sandbox", "-e", "write_text(\"/tmp/x\", \"\")"]).status == 1)
    #expect(Program.run(["--sandbox", "--read", "/no/such/folder", "-e", "1"]).status == 2)
    #expect(Program.run(["--read", "/tmp", "-e", "1"]).status == 2)
  }

  @Test func limitsEndARun() {
    let endless = "while true { ones(10) }"
    #expect(Program.run(["--max-steps", "10000", "-e", endless]).errors.contains("the limit of steps is reached"))
    #expect(Program.run(["--timeout", "0.05", "-e", endless]).errors.contains("the time limit is reached"))
    let large = Program.run(["--max-memory", "16M", "-e", "ones(100_000_000)"])
    #expect(large.status == 1 && large.errors.contains("out of memory"))
    for arguments in [["--max-steps", "0"], ["--timeout", "-1"], ["--timeout", "nan"], ["--max-memory", "many"]] {
      #expect(Program.run(arguments + ["-e", "1"]).status == 2, "\(arguments)")
    }
  }

  @Test func exitGivesTheStatus() {
    #expect(Program.run(["-e", "print(1)\nexit(7)"]) == .init(status: 7, output: "1\n", errors: ""))
    #expect(Program.run(["-e", "exit(0)"]).status == 0)
  }

  @Test(arguments: [["--nothing"], ["-e"], ["no-such-file.nns"], ["/tmp"], ["check"], ["check", "no-such-file.nns"]])
  func wrongUsage(_ arguments: [String]) {
    let result = Program.run(arguments)
    #expect(result.status == 2)
    #expect(result.output == "")
    #expect(!result.errors.isEmpty)
  }

  @Test func helpAndVersion() {
    let help = Program.run(["--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("nns script.nns [args…] "))
    let version = Program.run(["--version"])
    #expect(version.status == 0)
    #expect(version.output.hasPrefix("nns \(Version.current) (OpenBLAS "))
  }

  @Test func checkFindsMistakesWithoutRunning() {
    withScript("print(1)\nprint(totl)\n") { script in
      let result = Program.run(["check", script])
      #expect(result.status == 1)
      #expect(result.output == "")
      #expect(result.errors.contains("--> \(script):2:7"))
      #expect(Program.run(["check", "--json", script]).output.hasPrefix("{\"severity\":\"error\",\"kind\":\"name\""))
    }
    withScript("print(1)\n") { script in
      #expect(Program.run(["check", script]) == .init(status: 0, output: "", errors: ""))
    }
  }

  @Test func checkLooksIntoImportedFiles() {
    withScript("let x = 1\nlet y = x +\n") { broken in
      withScript("import \"\(broken)\" as broken\nimport \"no-such-file.nns\" as missing\nprint(broken.y)\n") {
        script in
        let result = Program.run(["check", script])
        #expect(result.status == 1)
        #expect(result.errors.contains("--> \(broken):"))
        #expect(result.errors.contains("--> \(script):2:8"))
        #expect(result.errors.contains("no-such-file.nns"))
      }
    }
  }

  @Test func checkFindsWrongUsesOfModules() {
    let script = """
      import plot
      print(plot.lin([1.0]))
      print(plot.line([1.0], heigth: 4))
      print(plot._dots)
      """
    withScript(script) { script in
      let errors = Program.run(["check", script]).errors
      #expect(errors.contains("module plot has no name \"lin\"\n --> \(script):2:7"))
      #expect(errors.contains("line has no parameter \"heigth\"\n --> \(script):3:24"))
      #expect(errors.contains("module plot has no name \"_dots\"\n --> \(script):4:7"))
    }
  }

  @Test func testsAreReported() {
    withScript("test \"good\" { assert(true) }\ntest \"bad\" { assert(1 == 2) }\n") { script in
      let result = Program.run(["test", script])
      #expect(result.status == 1)
      let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").prefix(4).joined(separator: " ") }
      #expect(lines.count == 4)
      #expect(lines.first == script)
      #expect(lines.dropFirst().first?.hasPrefix("ok good") == true)
      #expect(lines.dropFirst(2).first?.hasPrefix("FAILED bad") == true)
      #expect(lines.last == "1 passed, 1 failed")
      #expect(result.errors.contains("--> \(script):2:14"))
    }
    withScript("test \"good\" { assert(true) }\n") { script in
      #expect(Program.run(["test", script]).status == 0)
    }
  }

  @Test(arguments: [
    "while true { }", "print(input(\"\"))",
    // What is one call of LAPACK, and what shares its parts so often that it has 2 to the power of 60 of them.
    "svd(randn(4000, 4000))", "var l = (1,)\nrepeat(60) { l = (l, l) }\nstr(l)",
  ])
  func controlCEndsWith130(_ code: String) {
    let program = Program.start(["-e", code])
    // Long enough for it to start, in a debug build too.
    usleep(500_000)
    kill(program.process, SIGINT)
    let start = ContinuousClock.now
    // Ending the input at the same moment would be a second event, and either may come first.
    usleep(300_000)
    #expect(program.finish().status == 130)
    #expect(ContinuousClock.now - start < .seconds(1))
  }

  @Test func controlCEndsTheWaitForAPipe() {
    withScript("") { pipe in
      unlink(pipe)
      mkfifo(pipe, 0o600)
      let program = Program.start(["-e", "read_text(\"\(pipe)\")"])
      usleep(500_000)
      kill(program.process, SIGINT)
      #expect(program.finish().status == 130)
    }
  }

  @Test func aPipeIsReadToItsEnd() {
    withScript("") { pipe in
      unlink(pipe)
      mkfifo(pipe, 0o600)
      let program = Program.start(["-e", "print(read_text(\"\(pipe)\").trim())"])
      let file = open(pipe, O_WRONLY)
      for text in ["some ", "text\n"] {
        _ = write(file, text, text.utf8.count)
        usleep(50_000)
      }
      close(file)
      #expect(program.finish().output == "some text\n")
    }
  }

  @Test(arguments: [
    "var r = {}\nfor i in 0..100_000_000 { r[\"key {i}\"] = i }",
    "var l = ()\nfor i in 0..100_000_000 { l.push(\"a text {i}\") }",
    "var l = ()\nmodel M() { fn forward(x) { x } }\nfor i in 0..100_000_000 { l.push(M()) }",
    "var l = ()\nfor i in 0..100_000_000 { l = (l, {at: i}) }",
  ])
  func allMemoryUsedUpIsAnError(_ code: String) {
    // Sanitizers take terabytes of addresses for themselves, so that these cannot be limited.
    let result =
      Sanitizer.current == nil
      ? Program.run(["-e", code], addresses: 300 << 20) : Program.run(["--max-memory", "300M", "-e", code])
    #expect(result.status == 1)
    #expect(result.errors.contains("out of memory"))
  }

  @Test func aClosedPipeEndsQuietly() {
    let program = Program.start(["-e", "for i in 0..1_000_000 { print(i) }"])
    program.closeOutput()
    let result = program.finish()
    #expect(result.status == 0)
    #expect(result.errors == "")
  }
}
