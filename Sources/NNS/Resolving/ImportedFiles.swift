import NNSSyntax

/// The files that a check finds imported: each is read and parsed once, however many import it.
final class ImportedFiles {
  private let context: Context
  private var files: [String: Result<ParseResult, any Error>] = [:]

  init(_ context: Context) { self.context = context }

  /// The tree of a file.
  ///
  /// - Throws: where it cannot be read, the same each time; mistakes in it are in the result.
  func parsed(_ path: String) throws -> ParseResult {
    let result = files[path] ?? Result { Loading.parsed(try context.modules.importedFile(path), context) }
    files[path] = result
    return try result.get()
  }
}
