import NNSTensor

/// When it is time to look for what nothing can reach any more: when there are twice as many texts, or bytes of tensors, as were
/// left the last time, so that it costs each of them little.
struct Reckoning {
  static let leastTexts = 100
  private static let leastBytes = 64 << 20
  private var texts = 2 * Reckoning.leastTexts
  private var bytes = Reckoning.leastBytes

  func isDue(texts: Int, _ budget: Budget) -> Bool { texts >= self.texts || budget.bytesInUse >= bytes }

  mutating func isDone(texts: Int, _ budget: Budget) {
    self.texts = 2 * (texts + Reckoning.leastTexts)
    bytes = max(Reckoning.leastBytes, 2 * budget.bytesInUse)
  }
}

/// What texts leave behind is let go of between two runs, when nothing can reach it any more.
extension ModuleTable {
  /// Lets go of a text's module and all that it has defined.
  func forget(_ module: Module) {
    module.clear()
    for text in module.texts { context.forget(text: text) }
    anonymous.removeAll { $0 === module }
  }

  /// Lets go of what texts have defined, but for what something may still refer to.
  ///
  /// - Parameters:
  ///   - main: whose names stay.
  ///   - isInUse: whether the program has values of this interpreter.
  func forgetTexts(but main: Module? = nil, isInUse: Bool) {
    let modules = anonymous.filter { $0 !== main }
    if !isInUse, !areTextsKept {
      for module in modules { forget(module) }
      return
    }
    let budget = context.engine.budget
    guard reckoning.isDue(texts: modules.count, budget) else { return }
    context.cycles.collect(
      code: modules.flatMap { $0.units.map { .passUnretained($0) } },
      names: modules.flatMap { $0.all.map { .passUnretained($0) } }, room: context.memoryForCollecting)
    for module in modules {
      module.dropUnits()
      if module.units.isEmpty { forget(module) }
    }
    reckoning.isDone(texts: anonymous.count, budget)
  }

  /// Lets go of the lines of a session whose code nothing can call any more. Their texts stay while a name was declared
  /// there, and those of the latest lines in any case: messages show where the values that they made come from.
  func forgetLines(of module: Module) {
    let budget = context.engine.budget
    guard module.reckoning.isDue(texts: module.texts.count, budget) else { return }
    context.cycles.collect(
      code: module.units.map { .passUnretained($0) }, names: [], room: context.memoryForCollecting)
    module.dropUnits()
    var kept = Set(module.texts.suffix(Reckoning.leastTexts))
    for unit in module.units { kept.insert(unit.text) }
    for name in module.all { kept.insert(name.span.file) }
    for text in module.texts where !kept.contains(text) { context.forget(text: text) }
    module.texts.removeAll { !kept.contains($0) }
    module.reckoning.isDone(texts: module.texts.count, budget)
  }
}
