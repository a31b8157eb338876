import NNSSyntax
import NNSTensor

/// The ops that the language itself calls.
struct Operations {
  let stack = Ops.stack
  let cast = Ops.cast
  let transpose = Ops.transpose
  let square = Ops.square
  let sqrt = Ops.sqrt
  let sum = Ops.sum

  @inline(__always)
  func binary(_ op: BinaryOperator) -> Op {
    switch op {
    case .add: Ops.add
    case .subtract: Ops.subtract
    case .multiply: Ops.multiply
    case .divide: Ops.divide
    case .floorDivide: Ops.floorDivide
    case .modulo: Ops.modulo
    case .matmul: Ops.matmul
    case .power: Ops.power
    case .equal: Ops.equal
    case .notEqual: Ops.notEqual
    case .less: Ops.less
    case .lessEqual: Ops.lessEqual
    case .greater: Ops.greater
    case .greaterEqual: Ops.greaterEqual
    case .bitOr: Ops.or
    case .bitAnd: Ops.and
    // `in` never comes here.
    case .contains, .notContains: Ops.equal
    }
  }

  func unary(_ op: UnaryOperator) -> Op {
    switch op {
    case .negate: Ops.negate
    case .invert: Ops.not
    }
  }
}
