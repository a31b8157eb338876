import NNSSyntax
import NNSTensor

/// `x.name`.
final class MemberNode: Node {
  private let base: Ref
  let name: String
  @exclusivity(unchecked) private var cache: KeyCache

  init(_ base: Node, _ name: String, _ span: Span) {
    self.base = Ref(base)
    self.name = name
    cache = KeyCache(Text(name))
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let value = try base.eval(f, c)
    if case .record(let record) = value {
      if let position = cache.position(in: record) { return record.values[position] }
    }
    do {
      if let member = try Members.member(name, of: value, c) { return member }
    } catch {
      throw c.diagnose(error, at: span)
    }
    throw Mistakes.noMember(name, of: value, known: Members.names(of: value, c), at: span)
  }
}

/// `x[…]` with one expression: an element of a list, tensor, string or record.
final class IndexNode: Node {
  private let base: Ref
  private let index: Ref
  private let site: UInt32

  init(_ base: Node, _ index: Node, site: UInt32, _ span: Span) {
    self.base = Ref(base)
    self.index = Ref(index)
    self.site = site
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let value = try base.eval(f, c)
    let key = try index.eval(f, c)
    if case .list(let list) = value, case .int(let number) = key, number >= 0, number < list.count {
      return list[number]
    }
    do {
      return Calling.made(try Indexing.get(value, [.value(key)], c), site)
    } catch {
      throw c.diagnose(
        error, at: span, operands: [Operand(value: value, span: base.span), Operand(value: key, span: index.span)])
    }
  }
}

/// `xs[i]` on two variables.
final class IndexLeavesNode: Node {
  private let base: Leaf
  private let index: Leaf
  private let general: Ref

  /// - Parameter general: the node for everything but an item of a list.
  init(_ base: Leaf, _ index: Leaf, general: Node, _ span: Span) {
    self.base = base
    self.index = index
    self.general = Ref(general)
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    if case .int(let position) = index.pointer(f).pointee, case .list(let list) = base.pointer(f).pointee,
      position >= 0, position < list.count
    {
      return list[position]
    }
    return try general.eval(f, c)
  }

  override func test(_ f: Frame, _ c: Context) throws -> Bool {
    if case .int(let position) = index.pointer(f).pointee, case .list(let list) = base.pointer(f).pointee,
      position >= 0, position < list.count, case .bool(let flag) = list.pointer(to: position).pointee
    {
      return flag
    }
    return try super.test(f, c)
  }
}

/// An item of an index, compiled.
enum IndexPart {
  case value(Ref)
  case slice(Ref?, Ref?, Ref?)
  case ellipsis

  func eval(_ f: Frame, _ c: Context) throws -> Indexing.Key {
    switch self {
    case .value(let ref): .value(try ref.eval(f, c))
    case .slice(let start, let stop, let step):
      .slice(try bound(start, f, c), try bound(stop, f, c), try bound(step, f, c))
    case .ellipsis: .ellipsis
    }
  }

  private func bound(_ ref: Ref?, _ f: Frame, _ c: Context) throws -> Int? {
    guard let ref else { return nil }
    let value = try ref.eval(f, c)
    if value.isNil { return nil }
    guard let number = Conversions.int(value) else { throw Mistakes.sliceBound(value, at: ref.span) }
    return number
  }
}

/// `x[1:3, :, 0]`.
final class MultiIndexNode: Node {
  private let base: Ref
  private let parts: [IndexPart]
  private let site: UInt32

  init(_ base: Node, _ parts: [IndexPart], site: UInt32, _ span: Span) {
    self.base = Ref(base)
    self.parts = parts
    self.site = site
    super.init(span)
  }

  override func eval(_ f: Frame, _ c: Context) throws -> Value {
    let value = try base.eval(f, c)
    let keys = try parts.map { try $0.eval(f, c) }
    do {
      return Calling.made(try Indexing.get(value, keys, c), site)
    } catch {
      throw c.diagnose(error, at: span, operands: [Operand(value: value, span: base.span)])
    }
  }
}
