import NNSSyntax

/// What a call may pass: the names of the parameters and which of them must be given.
struct Signature: Sendable {
  struct Parameter: Sendable {
    /// `nil` for a pattern, which cannot be passed by name.
    let name: String?
    let isOptional: Bool
    let isRest: Bool
    /// Whether it is given by name only.
    var isNamedOnly = false
    /// Whether it may be given by name though it takes what is left.
    var isNamableRest = false
  }

  let name: String
  let parameters: [Parameter]

  init(name: String, parameters: [Parameter]) {
    self.name = name
    self.parameters = parameters
  }

  init(name: String, _ parameters: [NNSSyntax.Parameter]) {
    self.name = name
    self.parameters = parameters.map { parameter in
      var name: String?
      if case .name(let identifier) = parameter.pattern { name = identifier.text }
      return Parameter(name: name, isOptional: parameter.defaultValue != nil, isRest: parameter.isRest)
    }
  }

  var hasRest: Bool { parameters.contains(where: \.isRest) }

  /// The names that a call may give.
  var labels: [String] { parameters.compactMap { $0.isRest && !$0.isNamableRest ? nil : $0.name } }

  func takes(_ label: String) -> Bool { labels.contains(label) }

  /// What is wrong with a call, as far as the text tells.
  ///
  /// - Parameters:
  ///   - positional: how many arguments come by place.
  ///   - labels: those that come by name.
  ///   - hasBlock: whether a block follows, which is passed for the last parameter.
  func mistake(positional: Int, labels: [Identifier], hasBlock: Bool, hasSpread: Bool, at callee: Span) -> Diagnostic? {
    // What follows the rest goes by name.
    let ordinary = parameters.indices.prefix { !parameters[$0].isRest }.filter { !parameters[$0].isNamedOnly }
    let places = hasBlock ? max(0, ordinary.count - (hasRest ? 0 : 1)) : ordinary.count
    for label in labels where !takes(label.text) {
      return Mistakes.unknownLabel(label.text, function: name, known: self.labels, at: label.span)
    }
    if hasBlock, parameters.isEmpty { return Mistakes.noBlock(name, at: callee) }
    if hasSpread { return nil }
    if positional > places, !hasRest {
      return Mistakes.argumentCount(self, given: positional + (hasBlock ? 1 : 0), at: callee)
    }
    var missing: [Int] = []
    for (place, index) in ordinary.enumerated() {
      let parameter = parameters[index]
      if place < positional {
        if let label = labels.first(where: { $0.text == parameter.name }) {
          return Mistakes.givenTwice(label.text, function: name, at: label.span)
        }
        continue
      }
      if parameter.isOptional || (hasBlock && place == ordinary.count - 1) { continue }
      if !labels.contains(where: { $0.text == parameter.name }) {
        missing.append(index)
      }
    }
    guard !missing.isEmpty else { return nil }
    return Mistakes.missingArguments(
      missing, self, given: positional + labels.count + (hasBlock ? 1 : 0), at: callee)
  }

  /// `area(w, h = …)`, as messages show it.
  var description: String {
    let list = parameters.map { parameter in
      (parameter.isRest ? "..." : "") + (parameter.name ?? "(…)") + (parameter.isOptional ? " = …" : "")
    }
    return "\(name)(\(list.joined(separator: ", ")))"
  }
}
