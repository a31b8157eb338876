/// How to walk over the elements of up to three operands in the row-major order of a shape they all broadcast to.
///
/// Axes of size 1 are dropped and axes that follow each other without gaps in every operand are merged, so that the innermost
/// run is as long as can be.
struct Loops {
  private(set) var sizes = Axes()
  private var a = Axes()
  private var b = Axes()
  private var c = Axes()

  /// Operands that are not there are given empty strides.
  init(_ shape: Shape, _ a: Axes, _ b: Axes = Axes(), _ c: Axes = Axes()) {
    for axis in 0..<shape.rank where shape[axis] != 1 {
      let size = shape[axis]
      let (x, y, z) = (a.at(axis), b.at(axis), c.at(axis))
      let last = sizes.count - 1
      if last >= 0, self.a[last] == x * size, self.b[last] == y * size, self.c[last] == z * size {
        sizes[last] *= size
        (self.a[last], self.b[last], self.c[last]) = (x, y, z)
      } else {
        sizes.append(size)
        self.a.append(x)
        self.b.append(y)
        self.c.append(z)
      }
    }
  }

  /// One run: where the output and each operand begin and how each operand advances, all in elements.
  struct Run {
    var count: Int
    var out: Int
    var a: (start: Int, step: Int)
    var b: (start: Int, step: Int)
    var c: (start: Int, step: Int)
  }

  /// What a run costs besides its elements.
  private static let runWork = 8
  /// Work that is told to the budget together.
  private static let workAtOnce = 1 << 14

  /// Calls `body` for each innermost run, in row-major order, and asks the budget on the way. Work is charged before.
  ///
  /// - Throws: a limit error when the time is up, ``Interrupted`` when cancelled, what `body` throws.
  @inline(__always)
  func forEachRun(_ budget: Budget, _ body: (Run) throws -> Void) throws {
    for size in sizes where size == 0 { return }
    let inner = sizes.count - 1
    let count = inner < 0 ? 1 : sizes[inner]
    let steps = (a: a.at(inner), b: b.at(inner), c: c.at(inner))
    var position = Axes(repeating: 0, count: Swift.max(inner, 0))
    var out = 0
    var start = (a: 0, b: 0, c: 0)
    var work = 0
    let longest = budget.grain.block
    while true {
      var done = 0
      while done < count {
        work += Swift.min(count - done, longest) + Loops.runWork
        if work > Loops.workAtOnce {
          try budget.tick(work)
          work = 0
        }
        try body(
          Run(
            count: Swift.min(count - done, longest), out: out + done,
            a: (start.a + done * steps.a, steps.a), b: (start.b + done * steps.b, steps.b),
            c: (start.c + done * steps.c, steps.c)))
        done += longest
      }
      out += count
      var axis = inner - 1
      while axis >= 0 {
        position[axis] += 1
        start = (start.a + a[axis], start.b + b[axis], start.c + c[axis])
        if position[axis] < sizes[axis] { break }
        let size = sizes[axis]
        start = (start.a - size * a[axis], start.b - size * b[axis], start.c - size * c[axis])
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

extension Axes {
  /// The value at a position, 0 outside.
  func at(_ i: Int) -> Int { i >= 0 && i < count ? self[i] : 0 }
}

extension Tensor {
  /// Strides for walking this tensor as if it had a shape that it broadcasts to.
  func strides(broadcastTo target: Shape) -> Axes {
    var result = Axes(repeating: 0, count: target.rank)
    let lead = target.rank - rank
    for axis in 0..<rank where shape[axis] != 1 { result[lead + axis] = strides[axis] }
    return result
  }
}
