import CKernels

extension Op {
  /// A row for an elementwise function of one tensor.
  ///
  /// - Parameter result: the output's dtype, in which it is computed too unless that is bool.
  static func unary(
    _ name: String, symbol: String? = nil, doc: String, examples: [(String, String)] = [], _ code: nns_unary_op,
    _ result: Rules.Result = .fractional, scalar: (@Sendable (Double) -> Double)? = nil,
    isHidden: Bool = false, domain: Domain = .elementwise(), gradient: Gradient
  ) -> Op {
    Op(
      name, symbol: symbol, [OpParameter("x", .tensor)], doc: doc, examples: examples, isHidden: isHidden,
      quick: result == .truth ? .none : Quick(code), scalar: scalar,
      keepsInts: result == .arithmetic || result == .same, domain: domain, gradient: gradient,
      rule: { .one(Rules.unary($0, result)) },
      kernel: { engine, call, types in
        let type = types.first
        let dtype = result == .truth ? call[0].dtype : type.dtype
        return TensorList(try engine.unary(code, call[0], computing: dtype, type))
      })
  }

  /// A row for a function to whole numbers. Ints and bools are such already.
  ///
  /// - Parameter digits: the parameter that says how many decimals stay, if there is one.
  static func rounding(
    _ name: String, _ digits: [OpParameter] = [], doc: String, example: (String, String), _ code: nns_unary_op,
    scalar: @escaping @Sendable (Double) -> Double
  ) -> Op {
    Op(
      name, [OpParameter("x", .tensor)] + digits, doc: doc, examples: [example],
      quick: Quick(code), scalar: scalar, keepsInts: true,
      domain: .elementwise(), gradient: .none("it is constant between its jumps"),
      rule: { call in
        if !digits.isEmpty { _ = try call.optionalInt(0) }
        return .one(Rules.unary(call, .same))
      },
      kernel: { engine, call, types in
        let type = types.first
        let places = digits.isEmpty ? 0 : try call.optionalInt(0) ?? 0
        return TensorList(
          type.dtype.isFloat
            ? try engine.rounded(call[0], code, type, places: places)
            : try engine.rounded(call[0], type, places: places))
      })
  }

  /// A row for an elementwise function of two tensors, which broadcast.
  static func binary(
    _ name: String, symbol: String? = nil, doc: String, examples: [(String, String)] = [], _ code: nns_binary_op,
    _ result: Rules.Result = .arithmetic, names: (String, String) = ("a", "b"), isHidden: Bool? = nil,
    domain: Domain = .elementwise(), gradient: Gradient
  ) -> Op {
    Op(
      name, symbol: symbol, [OpParameter(names.0, .tensor), OpParameter(names.1, .tensor)], doc: doc,
      examples: examples, isHidden: isHidden ?? (symbol != nil),
      quick: result == .truth ? Quick(comparing: code) : Quick(code), domain: domain, gradient: gradient,
      rule: { .one(try Rules.binary($0, result)) },
      kernel: { engine, call, types in
        let dtype = result == .truth ? Rules.comparing(call) : types.first.dtype
        return TensorList(try engine.binary(code, call[0], call[1], computing: dtype, types.first))
      })
  }
}
