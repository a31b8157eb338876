/// A sum of products of elements, in the notation of Einstein: which axis of which operand bears which letter.
struct Einsum {
  /// An axis: a letter, or the place of a broadcast axis under `...`, counted from its end.
  enum Label: Hashable {
    case letter(Character)
    case broadcast(Int)
  }

  /// The labels of each operand's axes, and of the result's.
  let operands: [[Label]]
  let result: [Label]
  /// The size that each label stands for.
  let sizes: [Label: Int]

  /// Reads an equation such as `"ij,jk->ik"` for operands of these types.
  ///
  /// Without an arrow the result has the broadcast axes, then the letters that come once, in alphabetical order.
  ///
  /// - Throws: a value or shape error that names the letter.
  init(_ equation: String, _ types: [TensorType]) throws {
    let text = equation.filter { $0 != " " }
    let sides = try Einsum.sides(text)
    let terms = sides.inputs.split(separator: ",", omittingEmptySubsequences: false)
    guard terms.count == types.count else { throw Mistakes.einsumOperands(equation, terms.count, types.count) }
    var (operands, sizes): ([[Label]], [Label: Int]) = ([], [:])
    var seen: [Label: Int] = [:]
    var broadcastRank = 0
    for (i, term) in terms.enumerated() {
      let letters = try Einsum.letters(term)
      let extra = types[i].shape.rank - letters.before.count - letters.after.count
      guard letters.hasEllipsis ? extra >= 0 : extra == 0 else {
        throw Mistakes.einsumRank(String(term), types[i], operand: i)
      }
      broadcastRank = Swift.max(broadcastRank, extra)
      let labels = letters.before + (0..<extra).map { .broadcast(extra - $0) } + letters.after
      for (axis, label) in labels.enumerated() {
        let size = types[i].shape[axis]
        seen[label, default: 0] += 1
        guard let known = sizes[label] else {
          sizes[label] = size
          continue
        }
        if case .broadcast = label, known == 1 || size == 1 {
          sizes[label] = known == 1 ? size : known
        } else if known != size {
          throw Mistakes.einsumSizes(label, known, size, operand: i)
        }
      }
      operands.append(labels)
    }
    self.operands = operands
    self.sizes = sizes
    let broadcast = (0..<broadcastRank).map { Label.broadcast(broadcastRank - $0) }
    guard let output = sides.output else {
      let single = seen.filter { $0.value == 1 }.compactMap { if case .letter(let c) = $0.key { c } else { nil } }
      result = broadcast + single.sorted().map(Label.letter)
      return
    }
    let letters = try Einsum.letters(output)
    for label in letters.before + letters.after where sizes[label] == nil { throw Mistakes.einsumUnknown(label) }
    result = letters.before + (letters.hasEllipsis ? broadcast : []) + letters.after
    for (i, label) in result.enumerated() where result[..<i].contains(label) { throw Mistakes.einsumTwice(label) }
  }

  /// What stands before and after the arrow.
  private static func sides(_ text: String) throws -> (inputs: Substring, output: Substring?) {
    guard let arrow = text.firstIndex(of: "-") else { return (text[...], nil) }
    let rest = text[text.index(after: arrow)...]
    guard rest.first == ">" else { throw Mistakes.einsumCharacter("-") }
    return (text[..<arrow], rest.dropFirst())
  }

  /// The letters before and after an ellipsis.
  private static func letters(
    _ term: Substring
  ) throws -> (before: [Label], hasEllipsis: Bool, after: [Label]) {
    var (before, after): ([Label], [Label]) = ([], [])
    var hasEllipsis = false
    var rest = term
    while let character = rest.first {
      if rest.hasPrefix("..."), !hasEllipsis {
        hasEllipsis = true
        rest = rest.dropFirst(3)
        continue
      }
      guard character.isASCII, character.isLetter else { throw Mistakes.einsumCharacter(character) }
      if hasEllipsis { after.append(.letter(character)) } else { before.append(.letter(character)) }
      rest = rest.dropFirst()
    }
    return (before, hasEllipsis, after)
  }

  /// The shape of the result.
  func shape() throws -> Shape { try Shape(result.map { sizes[$0] ?? 1 }) }

  // MARK: Computing

  /// An operand under way: its axes bear different labels.
  private typealias Labelled = (term: Term, labels: [Label])

  /// The sum, operands taken two at a time from the left; in ops, which are recorded.
  func compute(_ terms: [Term]) throws -> Term {
    var rest = try zip(terms, operands).map { try diagonal($0, $1) }[...]
    guard var whole = rest.popFirst() else { throw Mistakes.einsumCharacter(" ") }
    whole = try summed(whole, keeping: rest)
    while let next = rest.popFirst() {
      whole = try product(whole, summed(next, keeping: [whole] + rest), later: rest)
    }
    let missing = result.filter { !whole.labels.contains($0) }
    if !missing.isEmpty { throw Mistakes.einsumUnknown(missing[0]) }
    let order = result.map { label in whole.labels.firstIndex(of: label) ?? 0 }
    let turned = order == Array(order.indices) ? whole.term : try whole.term.apply(Ops.permute, with: [.ints(order)])
    return try turned.broadcast(to: shape())
  }

  /// Axes of one label taken together: their diagonal.
  private func diagonal(_ term: Term, _ labels: [Label]) throws -> Labelled {
    var (term, labels) = (term, labels)
    while let second = labels.indices.last(where: { labels[..<$0].contains(labels[$0]) }) {
      let first = labels.firstIndex(of: labels[second]) ?? second
      let size = term.shape[first]
      let others = labels.indices.filter { $0 != first && $0 != second }
      let outer = others.map { term.shape[$0] }
      let flat = try term.apply(Ops.permute, with: [.ints(others + [first, second])])
        .reshaped(to: Shape(outer + [size * size]))
      let whole = [IndexItem](repeating: .slice(start: nil, stop: nil, step: nil), count: outer.count)
      let picked = try term.engine.index(flat.tensor, whole + [.slice(start: nil, stop: nil, step: size + 1)])
      term = Term(tensor: picked, engine: term.engine)
      labels = others.map { labels[$0] } + [labels[second]]
    }
    return (term, labels)
  }

  /// Summed over the axes whose labels nobody else needs.
  private func summed(_ operand: Labelled, keeping others: ArraySlice<Labelled>) throws -> Labelled {
    let axes = operand.labels.indices.filter { axis in
      !result.contains(operand.labels[axis]) && !others.contains { $0.labels.contains(operand.labels[axis]) }
    }
    if axes.isEmpty { return operand }
    let labels = operand.labels.indices.filter { !axes.contains($0) }.map { operand.labels[$0] }
    return (try operand.term.apply(Ops.sum, with: [.ints(axes)]), labels)
  }

  /// Two operands multiplied and summed over what only they have: as one batched matrix product.
  private func product(_ a: Labelled, _ b: Labelled, later: ArraySlice<Labelled>) throws -> Labelled {
    func isKept(_ label: Label) -> Bool { result.contains(label) || later.contains { $0.labels.contains(label) } }
    let shared = a.labels.filter(b.labels.contains)
    let (batch, inner) = (shared.filter(isKept), shared.filter { !isKept($0) })
    let (left, right) = (a.labels.filter { !shared.contains($0) }, b.labels.filter { !shared.contains($0) })
    let x = try matrices(a, batch, left, inner)
    let y = try matrices(b, batch, inner, right)
    let labels = batch + left + right
    let sizes = try Shape(labels.map { size(of: $0, a, b) })
    return (try x.apply(Ops.matmul, y).reshaped(to: sizes), labels)
  }

  /// How large an axis of two operands is together; broadcast axes may be 1 in one of them.
  private func size(of label: Label, _ operands: Labelled...) -> Int {
    operands.compactMap { operand in operand.labels.firstIndex(of: label).map { operand.term.shape[$0] } }
      .first { $0 != 1 } ?? 1
  }

  /// An operand as [batch, rows, columns], each put together from axes of these labels.
  private func matrices(_ operand: Labelled, _ batch: [Label], _ rows: [Label], _ columns: [Label]) throws -> Term {
    let labels = batch + rows + columns
    let order = labels.map { label in operand.labels.firstIndex(of: label) ?? 0 }
    var term = try operand.term.apply(Ops.permute, with: [.ints(order)])
    let whole = try Shape(labels.map { label in sizes[label] ?? 1 })
    term = try term.broadcast(to: whole)
    func count(_ labels: [Label]) -> Int { labels.reduce(1) { $0 * (sizes[$1] ?? 1) } }
    return try term.reshaped(to: Shape([count(batch), count(rows), count(columns)]))
  }
}

extension Ops {
  /// Sums of products by letters.
  public static let einsum: Op = Op(
    "einsum", [OpParameter("equation", .string), OpParameter("list", .tensors)],
    doc:
      "The sum of products that an equation of letters describes: one letter for each axis, operands parted by commas, "
      + "summed over the letters that the result, after `->`, does not have. `...` stands for axes that broadcast.",
    examples: [
      ("einsum(\"ij,jk->ik\", ([[1.0, 2.0]], [[3.0], [4.0]]))", "[[11.0]]"),
      ("einsum(\"ii\", ([[1, 2], [3, 4]],))", "5"),
    ], handlesHalf: true,
    domain: .cases([
      ([.floats([2, 3]), .floats([3, 4])], [.string("ij,jk->ik")]), ([.floats([3, 3])], [.string("ii->i")]),
      ([.floats([2, 3]), .floats([3, 4]), .floats([4])], [.string("ij,jk,k->i")]),
      ([.floats([2, 2, 3]), .floats([2, 3, 2])], [.string("bij,bjk->bki")]),
      ([.floats([2, 1, 3]), .floats([2, 3])], [.string("...i,...i->...")]),
      ([.floats([2, 3]), .floats([4])], [.string("ij,k")]), ([.floats([2, 3, 2])], [.string("iji->j")]),
    ]),
    multiplyAdds: { call, _ in
      call.inputs.count < 2
        ? 0 : try Einsum(call.string(0), call.inputs.map(\.type)).sizes.values.reduce(1) { Engine.product($0, $1) }
    },
    gradient: .composed,
    rule: { call in
      let types = call.inputs.map(\.type)
      guard !types.isEmpty else { throw Mistakes.nothingToJoin(call.op) }
      let sum = try Einsum(call.string(0), types)
      return .one(dtype(of: types), try sum.shape())
    },
    kernel: { engine, call, types in
      let sum = try Einsum(call.string(0), call.inputs.map(\.type))
      let terms = try call.inputs.map { Term(tensor: try engine.withStorage($0), engine: engine) }
      let y = try sum.compute(terms).tensor
      let result = try y.dtype == types.first.dtype ? y : engine.one(cast, TensorList(y), [.dtype(types.first.dtype)])
      return TensorList(result)
    })

  /// As products of them all have it.
  private static func dtype(of types: [TensorType]) -> DType {
    joint(types.map(\.counted))
  }
}
