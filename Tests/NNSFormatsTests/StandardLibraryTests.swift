import Glibc
import NNSStdlib
import Testing

@Suite struct StandardLibraryTests {
  /// The files of `stdlib/` that belong into the program.
  private func filesOnDisk() -> Set<String> {
    guard let folder = opendir(Repository.path("stdlib")) else { return [] }
    defer { closedir(folder) }
    var names: Set<String> = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(".nns") || name.hasSuffix(".npy") { names.insert(name) }
    }
    return names
  }

  @Test func everyFileIsEmbedded() {
    #expect(Set(StandardLibrary.fileNames) == filesOnDisk())
    #expect(StandardLibrary.moduleNames.contains("datasets"))
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
