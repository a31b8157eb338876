import NNSSyntax
import NNSTensor

/// Where a pattern puts a value's pieces.
indirect enum PatternBinding {
  case slot(Int)
  /// A variable that closures share: the cell is in the slot.
  case cell(Int)
  /// The unit keeps the cell alive.
  case global(UnsafeMutablePointer<Value>)
  case field(selfSlot: Int, index: Int, isParam: Bool, Span)
  case ignore
  /// Fresh cells for loop variables that closures share, then the pattern.
  case freshCells([Int], PatternBinding)
  case list([PatternBinding], Span)

  @inline(__always)
  func bind(_ value: Value, _ f: Frame, _ c: Context) throws {
    if case .slot(let slot) = self {
      store(f + slot, value)
    } else {
      try bindSlowly(value, f, c)
    }
  }

  private func bindSlowly(_ value: Value, _ f: Frame, _ c: Context) throws {
    switch self {
    case .slot(let slot): store(f + slot, value)
    case .cell(let slot):
      if case .cell(let cell) = f[slot] { cell.value = value }
    case .global(let pointer): pointer.pointee = value
    case .ignore: break
    case .freshCells(let slots, let inner):
      for slot in slots { store(f + slot, .cell(try Cell(in: c))) }
      try inner.bind(value, f, c)
    case .field(let selfSlot, let index, let isParam, let span):
      guard case .model(let instance) = f[selfSlot] else { return }
      instance.slots[index] = isParam ? try ModelFields.parameter(value, instance, index, at: span, c) : value
    case .list(let parts, let span):
      let items = try PatternBinding.items(of: value, count: parts.count, at: span, c)
      for (part, item) in zip(parts, items) { try part.bind(item, f, c) }
    }
  }

  /// Whether a value has as many pieces.
  static func fits(_ value: Value, count: Int) -> Bool {
    switch value {
    case .list(let list): list.count == count
    case .tensor(let tensor): tensor.rank > 0 && tensor.shape[0] == count
    default: false
    }
  }

  /// The pieces of a list, or of a tensor along its first axis.
  static func items(of value: Value, count: Int, at span: Span, _ c: Context) throws -> ListBox {
    switch value {
    case .list(let list):
      guard list.count == count else {
        throw Mistakes.patternCount(expected: count, found: list.count, at: span)
      }
      return list
    case .tensor(let tensor) where tensor.rank > 0:
      guard tensor.shape[0] == count else {
        throw Mistakes.patternCount(expected: count, found: tensor.shape[0], at: span)
      }
      do {
        return ListBox(try (0..<count).map { .tensor(try c.engine.index(tensor, [.int($0)])) })
      } catch {
        throw c.diagnose(error, at: span)
      }
    default: throw Mistakes.patternType(value, count: count, at: span)
    }
  }
}

/// `let pattern = value`, and `a = v` on a whole variable.
final class BindNode: Node {
  private let binding: PatternBinding
  /// The variable's slot, where the pattern is one plain name.
  private let slot: Int?
  private let value: Ref

  init(_ binding: PatternBinding, _ value: Node, _ span: Span) {
    self.binding = binding
    if case .slot(let slot) = binding { self.slot = slot } else { slot = nil }
    self.value = Ref(value)
    super.init(span)
  }

  override func run(_ f: Frame, _ c: Context) throws -> Flow {
    let new = try value.eval(f, c)
    if let slot {
      store(f + slot, new)
    } else {
      try binding.bind(new, f, c)
    }
    return .normal
  }
}
