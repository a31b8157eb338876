import Glibc
import NNSStdlib
import Testing

@Suite struct StandardLibraryTests {
  /// The files of a folder of `stdlib/` that belong into the program.
  private func filesOnDisk(_ prefix: String) -> Set<String> {
    guard let folder = opendir(Repository.path("stdlib/" + prefix)) else { return [] }
    defer { closedir(folder) }
    var names: Set<String> = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if [".nns", ".npy", ".gz"].contains(where: { name.hasSuffix($0) }) { names.insert(prefix + name) }
    }
    return names
  }

  @Test func everyFileIsEmbedded() {
    #expect(
      Set(StandardLibrary.fileNames) == filesOnDisk("").union(filesOnDisk("prelude/")).union(filesOnDisk("plot/")))
    #expect(StandardLibrary.importNames.contains("datasets"))
  }

  @Test func namesOfThePreludeHaveTheirFile() {
    #expect(StandardLibrary.preludeFile(of: "Linear") == "prelude/layers")
    #expect(StandardLibrary.preludeNames.contains("Adam"))
    #expect(StandardLibrary.preludeFile(of: "digits") == nil)
    #expect(!StandardLibrary.preludeNames.contains { $0.hasPrefix("_") })
  }

  @Test func bytesAreThoseOnDisk() throws {
    for name in StandardLibrary.fileNames {
      let embedded = try #require(StandardLibrary.data(named: name))
      #expect(Array(embedded) == Repository.read("stdlib/\(name)"), "\(name)")
    }
    #expect(StandardLibrary.source(named: "datasets")?.contains("fn digits()") == true)
    #expect(StandardLibrary.source(named: "nothing") == nil)
    #expect(StandardLibrary.data(named: "digits") == nil)
  }
}
