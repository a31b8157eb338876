extension Mistakes {
  static func vocabularySize(_ size: Int, least: Int, argument: Int?) -> Failure {
    Failure(
      .value, "BytePairTokenizer: a vocabulary of \(size) is too small: bytes and special tokens alone are \(least)",
      argument: argument)
  }
}
