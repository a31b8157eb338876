/// Everything there is to know about one operation, in one value. Compared by identity.
///
/// From it come the script function and method, messages, help, the shape-only run, gradients and tests.
public final class Op: Sendable {
  /// Inputs and attributes to output types. Throws the shape and dtype errors; reads no data.
  public typealias Rule = @Sendable (borrowing Call) throws -> OutputTypes
  /// Computes fresh outputs of the types that the rule gave.
  public typealias Kernel = @Sendable (Engine, inout Call, OutputTypes) throws -> TensorList

  /// Inputs and output types to an amount of work.
  typealias Work = @Sendable (borrowing Call, OutputTypes) throws -> Int

  /// Its name in scripts.
  public let name: String
  /// How messages write it where it is an operator: `"+"`.
  public let symbol: String?
  /// What it takes.
  public let parameters: [OpParameter]
  /// One line.
  public let doc: String
  /// NNS source and what it prints.
  public let examples: [(source: String, output: String)]
  /// Whether `x.name(…)` is the same as `name(x, …)`.
  public let isMethod: Bool
  /// Whether scripts have no function of this name: operators, updates, steps of gradient rules.
  public let isHidden: Bool
  /// The rule of shapes and dtypes.
  public let rule: Rule
  /// The computation.
  public let kernel: Kernel
  /// How gradients go back through it.
  public let gradient: Gradient
  /// Which arguments gradient checks draw.
  public let domain: Domain
  /// What documentation says of an op on tensors that has no derivative.
  public var derivativeNote: String? {
    guard parameters.contains(where: { $0.kind.isTensor }) else { return nil }
    return switch gradient {
    case .none(let reason): "Not differentiable, for \(reason): its gradient is 0."
    case .refused(let reason): "Not differentiable, for \(reason): an error where x is differentiated."
    default: nil
    }
  }
  /// The same function of a number, for elementwise functions of one argument.
  public let scalar: (@Sendable (Double) -> Double)?
  /// Whether that function gives an int for an int, which ``scalar`` cannot.
  public let keepsInts: Bool
  /// Whether it goes element by element through one or two tensors, so that several such ops can run together.
  public var isElementwise: Bool {
    if case .unary = quick { true } else if case .binary = quick { true } else { false }
  }
  /// How many numbers it multiplies and adds up, where that is most of its work.
  let multiplyAdds: Work?
  /// How many of the last outputs are only there for the gradient rule; callers never see them.
  public let extraOutputs: Int
  /// Whether scripts get a list even of a single output, because the arguments decide how many there are.
  public let givesList: Bool
  /// The loop for plain f32 tensors, where the op is elementwise.
  let quick: Quick
  /// What stands for attributes not given, by position.
  let attributeDefaults: [Attribute]
  /// Whether kernel computes in bf16 itself; otherwise the engine goes through f32.
  let handlesHalf: Bool

  /// One row of the table.
  init(
    _ name: String, symbol: String? = nil, _ parameters: [OpParameter], doc: String,
    examples: [(source: String, output: String)] = [], isMethod: Bool? = nil, isHidden: Bool = false,
    extraOutputs: Int = 0, givesList: Bool = false, handlesHalf: Bool = false, quick: Quick = .none,
    scalar: (@Sendable (Double) -> Double)? = nil, keepsInts: Bool = false, domain: Domain = .none,
    multiplyAdds: Work? = nil, gradient: Gradient, rule: @escaping Rule, kernel: @escaping Kernel
  ) {
    self.name = name
    self.symbol = symbol
    self.parameters = parameters
    self.doc = doc
    self.examples = examples
    self.isMethod = isMethod ?? (parameters.first.map { $0.kind == .tensor } ?? false)
    self.isHidden = isHidden
    self.extraOutputs = extraOutputs
    self.givesList = givesList
    self.handlesHalf = handlesHalf
    self.quick = quick
    self.scalar = scalar
    self.keepsInts = keepsInts
    self.multiplyAdds = multiplyAdds
    self.domain = domain
    self.gradient = gradient
    self.rule = rule
    self.kernel = kernel
    attributeDefaults = parameters.filter { !$0.kind.isTensor }.map { $0.defaultValue ?? .none }
  }
}

/// The types of an op's outputs; one for most.
public enum OutputTypes: Sendable {
  /// One output.
  case one(TensorType)
  /// Several, or none.
  case many([TensorType])
  /// Known only with the outputs themselves, because it depends on data.
  case byData

  /// The first output's type. There is one.
  var first: TensorType {
    switch self {
    case .one(let type): type
    case .many(let types): types.first ?? TensorType(.f32, Shape())
    case .byData: TensorType(.f32, Shape())
    }
  }

  /// All of them.
  var all: [TensorType] {
    switch self {
    case .one(let type): [type]
    case .many(let types): types
    case .byData: []
    }
  }

  static func one(_ dtype: DType, _ shape: Shape) -> OutputTypes { .one(TensorType(dtype, shape)) }
}

/// How gradients go back through an op.
public enum Gradient: Sendable {
  /// Gives the gradients of the inputs that need one, from the outputs' gradients and what was saved. Written in ops.
  public typealias Body = @Sendable (borrowing Backward) throws -> TensorList
  /// A rule, and which inputs and outputs it needs kept.
  case rule(saves: Saves, Body)
  /// Nothing is kept: on the way back the outputs are computed again, and recorded.
  case replay(@Sendable () throws -> [Tensor])
  /// The kernel runs other ops on its inputs as they are, and these are recorded.
  case composed
  /// Not differentiable, and why. Outputs have no history: gradients end there, as zeros.
  case none(String)
  /// Not differentiable, and why. On what is being differentiated it is an error.
  case refused(String)
}

/// Which inputs (`a` to `d`) and outputs (`y` to `y2`) a gradient rule needs kept.
public struct Saves: OptionSet, Sendable {
  /// One bit each.
  public let rawValue: UInt16
  /// From bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }
  /// The first input.
  public static let a = Saves(rawValue: 1)
  /// The second input.
  public static let b = Saves(rawValue: 2)
  /// The third input.
  public static let c = Saves(rawValue: 4)
  /// The fourth input.
  public static let d = Saves(rawValue: 8)
  /// The inputs after the fourth.
  public static let rest = Saves(rawValue: 16)
  /// All inputs.
  public static let inputs = Saves(rawValue: 0x1f)
  /// The first output.
  public static let y = Saves(rawValue: 32)
  /// The second output.
  public static let y1 = Saves(rawValue: 64)
  /// The third output.
  public static let y2 = Saves(rawValue: 256)
  /// dtype and shape of the inputs whose data is not kept.
  public static let types = Saves(rawValue: 128)

  /// All inputs and outputs.
  static let everything = Saves(rawValue: .max)

  func hasInput(_ i: Int) -> Bool { rawValue & (1 << UInt16(Swift.min(i, 4))) != 0 }
  func hasOutput(_ i: Int) -> Bool { i < 3 && rawValue & (i == 2 ? 256 : 32 << UInt16(i)) != 0 }
}

/// Which arguments a gradient check draws for an op.
public struct Domain: Sendable {
  /// What one tensor argument is made of.
  public enum Argument: Sendable {
    /// Floats from the domain's range.
    case floats([Int])
    /// The same, in square matrices on the last two axes, with three times their size added to the diagonal: far from
    /// singular, and with their transposes positive definite.
    case dominant([Int])
    /// Ints from 0 up to a bound.
    case ints([Int], below: Int)
    /// Labels of classes other than 0, the same twice now and then.
    case labels([Int], classes: Int)
    /// Bools.
    case bools([Int])
    /// Not given.
    case absent
  }

  /// One call: tensors and attributes.
  public struct Case: Sendable {
    /// The tensors.
    public var inputs: [Argument]
    /// The other arguments.
    public var attributes: [Attribute]
  }

  /// Where floats are drawn from.
  public var range: ClosedRange<Double>
  /// Points that floats keep away from: kinks and poles.
  public var avoiding: [Double]
  /// Calls to try; empty for elementwise ops, whose shapes are drawn with broadcasting.
  public var cases: [Case]

  /// Nothing to draw: the op takes no floats.
  public static let none = Domain(range: 0...0, avoiding: [], cases: [])

  /// Elementwise: random shapes with broadcasting.
  public static func elementwise(
    _ range: ClosedRange<Double> = -2...2, avoiding: [Double] = []
  ) -> Domain {
    Domain(range: range, avoiding: avoiding, cases: [])
  }

  /// The given calls.
  static func cases(
    _ cases: [([Argument], [Attribute])], range: ClosedRange<Double> = -2...2
  ) -> Domain {
    Domain(range: range, avoiding: [], cases: cases.map { Case(inputs: $0.0, attributes: $0.1) })
  }
}
