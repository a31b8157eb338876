/// Did-you-mean.
enum Suggestions {
  /// The name nearest to a misspelled one, where one is near enough.
  ///
  /// Most of the letters must be the same: two of five may differ, and three at most.
  ///
  /// - Parameter isStrict: for long tables, in which some name is near to anything: a third of the letters may differ.
  static func nearest(to name: String, among known: some Sequence<String>, isStrict: Bool = false) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars)
    let limit = isStrict ? max(1, min(3, wanted.count / 3)) : 3
    var best: (name: String, distance: Int)?
    for candidate in known where candidate != name && !candidate.hasPrefix("_") {
      let scalars = Array(candidate.lowercased().unicodeScalars)
      guard abs(scalars.count - wanted.count) <= limit else { continue }
      let distance = distance(wanted, scalars)
      guard distance <= limit, distance * 5 <= max(wanted.count, scalars.count) * 2 else { continue }
      if best == nil || distance < best?.distance ?? 0 || (distance == best?.distance && candidate < best?.name ?? "") {
        best = (candidate, distance)
      }
    }
    return best?.name
  }

  /// Edits between two words, a swap of neighbours counting as one.
  private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 1...a.count {
      var row = [i] + [Int](repeating: 0, count: b.count)
      for j in 1...b.count {
        let cost = a[i - 1] == b[j - 1] ? 0 : 1
        row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], beforeLast[j - 2] + 1) }
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
