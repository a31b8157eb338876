import Foundation
import NNS
import NNSTensor
import Testing

/// A script in a folder stays in it.
@Suite struct FolderTests {
  /// A folder for scripts, `inside`, with a way out of every kind, and what lies beside it.
  final class Place {
    let root = FileManager.default.temporaryDirectory.appending(path: "nns-folders-\(UUID().uuidString)").path
    static let secret = "SECRET-\(UUID().uuidString)"

    var inside: String { root + "/inside" }
    var outside: String { root + "/outside" }

    init() throws {
      for folder in ["inside/sub/deep", "inside/empty", "outside/folder"] {
        try FileManager.default.createDirectory(atPath: root + "/" + folder, withIntermediateDirectories: true)
      }
      for file in ["outside/secret.txt", "outside/folder/secret.txt", "outside/secret.nns"] {
        try Place.secret.write(toFile: root + "/" + file, atomically: false, encoding: .utf8)
      }
      for file in ["inside/plain.txt", "inside/sub/plain.txt", "inside/sub/deep/plain.txt"] {
        try "plain".write(toFile: root + "/" + file, atomically: false, encoding: .utf8)
      }
      for (name, target) in Place.links(root) { symlink(target, inside + "/" + name) }
      mkfifo(inside + "/pipe", 0o666)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    static func links(_ root: String) -> [(String, String)] {
      [
        ("out", "../outside"), ("out_absolute", root + "/outside"), ("secret", "../outside/secret.txt"),
        ("secret_absolute", root + "/outside/secret.txt"), ("top", "/"), ("up", ".."), ("proc", "/proc"),
        ("fd", "/proc/self/fd"), ("self", "/proc/self/root"), ("null", "/dev/null"), ("chain", "out"),
        ("chain2", "chain"), ("loop", "loop"), ("new", "../outside/new.txt"), ("sub/up", ".."), ("sub/up2", "../.."),
        ("sub/deep/out", "../../../outside"), ("self_link", "sub/../../outside"),
        ("secret.nns", "../outside/secret.nns"),
      ]
    }

    /// Paths as a script might try them, none of which leads to a file that it may have.
    var attempts: [String] {
      let depth = root.split(separator: "/").count + 2
      var paths: [String] = []
      let targets = ["outside/secret.txt", "outside/folder/secret.txt", "outside/new.txt", "outside"]
      for target in targets {
        for prefix in ["in/..", "in/../", "in/sub/../..", "in/./..", "in//..", "in/sub/deep/../../..", "in/none/../.."]
        {
          paths.append("\(prefix)/\(target)")
        }
        paths += ["../\(target)", "./../\(target)", "\(root)/\(target)", "/\(root)/\(target)", target]
        paths += ["\(inside)/../\(target)", "in/\(root)/\(target)", "in\u{0}/../\(target)", "in/..\u{0}/\(target)"]
      }
      for (link, _) in Place.links(root) {
        for rest in [
          "", "/", "/.", "/secret.txt", "/folder/secret.txt", "/outside/secret.txt", "/../outside/secret.txt",
          root + "/outside/secret.txt", "/etc/passwd", "/new.txt",
        ] {
          paths.append("in/\(link)\(rest)")
        }
      }
      for up in 1...depth { paths.append("in/" + String(repeating: "../", count: up) + "etc/passwd") }
      paths += [
        "/etc/passwd", "/proc/self/environ", "/proc/self/root\(root)/outside/secret.txt", "/proc/self/cwd/x",
        "/dev/zero",
        "/dev/null", "/dev/stdin", "/dev/fd/0", "in/pipe", "in/pipe/x", "~/x", "$HOME/x", "file:///etc/passwd", "", ".",
        "..", "/", "//", "in/plain.txt/..", "in/plain.txt/x", "inside/plain.txt", "IN/plain.txt", "in ",
        " in/plain.txt",
        "in\\..\\outside\\secret.txt", "in/%2e%2e/outside/secret.txt", "in/..%2foutside/secret.txt", "in/．．/outside",
        String(repeating: "in/", count: 50), "in/" + String(repeating: "x", count: 5000),
      ]
      return paths
    }

    /// What lies outside, with its contents.
    func state() throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: outside).sorted().map { name in
        "\(name) \((try? String(contentsOfFile: outside + "/" + name, encoding: .utf8)) ?? "folder")"
      }
    }
  }

  private func interpreter(_ files: any FileAccess) -> Interpreter {
    var host = Host.sandboxed
    host.files = files
    return Interpreter(host: host)
  }

  @Test func noPathLeadsOut() throws {
    let place = try Place()
    let before = try place.state()
    let interpreter = interpreter(try Folders(.readingAndWriting(place.inside, as: "in")))
    let read = try interpreter.run("fn(path) = try { read_text(path) } catch err { nil }", named: "read.nns")
    let write = try interpreter.run(
      "fn(path) = try { write_text(path, \"x\"); true } catch err { false }", named: "write.nns")
    let look = try interpreter.run(
      "fn(path) = (try { list_files(path) } catch err { () }, try { exists(path) } catch err { false })",
      named: "look.nns")
    let attempts = place.attempts
    #expect(attempts.count >= 200)
    for path in attempts {
      #expect(try read.call(path).as(String?.self)?.contains(Place.secret) != true, "\(path)")
      #expect(try !look.call(path).description.contains("secret.txt"), "\(path)")
      let source = "import \"\(path.filter { $0 != "\0" && $0 != "\\" })\" as found"
      do {
        try interpreter.run(source, named: "import.nns")
        Issue.record("\(path) was imported")
      } catch {
        #expect(error.kind == .io && !error.rendered.contains(Place.secret), "\(path): \(error.message)")
      }
    }
    // Some of the paths are harmless: names of new files in the folder itself.
    for path in attempts {
      _ = try write.call(path)
      #expect(try place.state() == before, "\(path)")
    }
  }

  @Test func whatIsAllowedWorks() throws {
    let place = try Place()
    let interpreter = interpreter(
      try Folders(
        .reading(place.inside, as: "in"), .writing(place.inside + "/empty", as: "out"),
        .reading(place.inside + "/sub", as: "")))
    func run(_ source: String) throws -> String { try interpreter.run(source, named: "allowed.nns").description }
    #expect(try run("read_text(\"in/plain.txt\")") == "plain")
    #expect(try run("read_text(\"in/./sub//deep/../plain.txt\")") == "plain")
    #expect(try run("read_text(\"deep/plain.txt\")") == "plain")
    #expect(try run("(exists(\"in/sub\"), exists(\"in/none/x\"), exists(\"in/secret\"))") == "(true, false, false)")
    #expect(try run("list_files(\"in/sub/deep\")") == "(\"out\", \"plain.txt\")")
    #expect(try run("write_text(\"out/new/er/a.txt\", \"a\"); read_text(\"in/empty/new/er/a.txt\")") == "a")
    for source in ["write_text(\"in/a.txt\", \"a\")", "read_text(\"out/new/er/a.txt\")", "list_files(\"out\")"] {
      #expect(throws: NNSError.self) { try interpreter.run(source, named: "forbidden.nns") }
    }
    #expect(throws: FileAccessError.self) { try Folders(.reading(place.root + "/none")) }
    let absolute = try Folders([.reading(place.inside)], relativeTo: place.root)
    #expect(try absolute.read("inside/plain.txt") == absolute.read(place.inside + "/plain.txt"))
    #expect(throws: FileAccessError.self) { try absolute.read("outside/secret.txt") }
  }

  @Test(arguments: [
    "/dev/zero", "/dev/null", "/dev/random", "/dev/tty", "/dev/stdin", "/dev/fd/0", "/proc/self/environ",
    "/proc/self/mem",
    "/proc/self/maps", "/proc/self/fd/0", "/proc/version", "/proc/1/environ", "/sys/kernel/uevent_helper",
    "/sys/class/net", "/proc/sys/kernel/hostname", "/proc/self/cwd",
  ])
  func devicesAndTheKernelsViewsAreNoFiles(_ path: String) throws {
    let files = try Folders(.readingAndWriting("/"))
    #expect(throws: FileAccessError.self) { try files.read(path) }
    #expect(throws: FileAccessError.self) { try files.write([1], to: path) }
    #expect((try? files.list(path)) == nil)
  }

  /// Somebody swaps a folder for a link to another one, again and again.
  @Test func renamesInBetween() async throws {
    let place = try Place()
    let manager = FileManager.default
    for (folder, text) in [("inside/swap", "plain"), ("outside/swap", Place.secret)] {
      try manager.createDirectory(atPath: place.root + "/" + folder, withIntermediateDirectories: true)
      try text.write(toFile: place.root + "/\(folder)/file.txt", atomically: false, encoding: .utf8)
    }
    symlink(place.outside + "/swap", place.inside + "/link")
    let files = try Folders(.readingAndWriting(place.inside, as: "in"))
    let (inside, outside) = (place.inside, place.outside)
    let swaps = Task.detached {
      for _ in 0..<4000 {
        rename(inside + "/swap", inside + "/away")
        rename(inside + "/link", inside + "/swap")
        rename(inside + "/swap", inside + "/link")
        rename(inside + "/away", inside + "/swap")
      }
    }
    var seen = 0
    for _ in 0..<4000 {
      if let bytes = try? files.read("in/swap/file.txt") {
        seen += 1
        #expect(bytes == Array("plain".utf8))
      }
      try? files.write([0x78], to: "in/swap/new.txt")
    }
    await swaps.value
    #expect(seen > 0)
    #expect(try manager.contentsOfDirectory(atPath: outside + "/swap") == ["file.txt"])
    #expect(try String(contentsOfFile: outside + "/swap/file.txt", encoding: .utf8) == Place.secret)
  }

  @Test func alteredFilesKeepTheirModeAndLeaveNothingBehind() throws {
    let place = try Place()
    let files = try Folders(.readingAndWriting(place.inside, as: "in"))
    chmod(place.inside + "/plain.txt", 0o640)
    try files.write(Array("new".utf8), to: "in/plain.txt")
    var status = stat()
    #expect(stat(place.inside + "/plain.txt", &status) == 0 && status.st_mode & 0o777 == 0o640)
    #expect(try files.list("in").filter { $0.hasSuffix(".tmp") } == [])
    #expect(throws: FileAccessError.self) { try files.write([], to: "in/sub") }
  }

  @Test func whatIsNotWrittenToItsEndChangesNothing() throws {
    let place = try Place()
    let files = try Folders(.readingAndWriting(place.inside, as: "in"))
    try files.write(Array("old".utf8), to: "in/plain.txt")
    var checks = 0
    #expect(throws: Interrupted.self) {
      try files.write([UInt8](repeating: 1, count: 5 << 20), to: "in/plain.txt") {
        checks += 1
        if checks == 3 { throw Interrupted() }
      }
    }
    #expect(try String(decoding: files.read("in/plain.txt"), as: UTF8.self) == "old")
    #expect(try files.list("in").filter { $0.hasSuffix(".tmp") } == [])
  }

  @Test func aRunThatOnlyWritesIsCancelled() throws {
    let place = try Place()
    var host = Host.sandboxed
    host.files = try Folders(.readingAndWriting(place.inside, as: "in"))
    let interpreter = Interpreter(host: host)
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.05)
      interpreter.cancel()
    }
    let source = "let text = \"some text\".repeat(1_000_000)\nwhile true { write_text(\"in/plain.txt\", text) }"
    do {
      try interpreter.run(source, named: "writing.nns")
    } catch {
      #expect(error.isInterrupt)
    }
  }

  @Test func largeFilesAreChargedBeforeTheyAreRead() throws {
    let place = try Place()
    #expect(truncate(place.inside + "/plain.txt", 1 << 33) == 0)
    var host = Host.sandboxed
    host.files = try Folders(.reading(place.inside, as: "in"))
    let interpreter = Interpreter(limits: Limits(memory: 64 << 20), host: host)
    let source = "try { read_text(\"in/plain.txt\") } catch err { err.kind }"
    #expect(try interpreter.run(source, named: "large.nns").as(String.self) == "limit")
  }
}
