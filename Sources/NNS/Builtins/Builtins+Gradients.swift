import NNSTensor

extension Builtins {
  /// Differentiation.
  static let gradients: [Builtin] = derivatives + functionsOfFunctions + gradientTools

  private static let derivatives: [Builtin] = [
    Builtin(
      "grad", [.init("f", .function)],
      "A function that gives the gradient of `f` by its first argument: a float, float tensor, model, or any nest of lists and records of these; the gradient has the same form. What `f` does not depend on has zeros.",
      examples: [
        ("print(grad(fn(x) = x * x)(3.0))", "6.0"),
        ("print(grad(fn(p) = p.a * p.b)({a: 2.0, b: 3.0}))", "{a: 3.0, b: 2.0}"),
        ("print(grad(grad(fn(x) = x ** 3))(2.0))", "12.0"),
      ], isMethod: false
    ) { a, _ in
      .callable(
        NativeFunction("grad", captured: [a[0]]) { captured, arguments, c in
          try gradient(captured[0], arguments, "grad", c).gradient
        })
    },
    Builtin(
      "value_and_grad", [.init("f", .function)],
      "A function that gives a list of the value of `f` and its gradient by its first argument.",
      examples: [("print(value_and_grad(fn(x) = x * x)(3.0))", "(9.0, 6.0)")], isMethod: false
    ) { a, _ in
      .callable(
        NativeFunction("value_and_grad", captured: [a[0]]) { captured, arguments, c in
          let result = try gradient(captured[0], arguments, "value_and_grad", c)
          return .list([result.value, result.gradient])
        })
    },
    Builtin(
      "differentiate", [.init("target"), .init("body", .function)],
      "Runs a block and gives a list of its value and the gradient by the parameters of `target`: a model, or a list or record of models. The value is a number, or a list that begins with it.",
      examples: [
        (
          "let net = Linear(1, 1)\nlet (loss, g) = differentiate(net) { mean(net([[1.0]])) }\nprint(g.bias)",
          "[1.0]"
        )
      ], isMethod: false
    ) { a, c in
      guard try ParameterTree.holdsModel(a[0], c) else { throw a.wrong(0, "model, or list or record of models") }
      let body = a[1]
      let result = try Differentiation.valueAndGradient(of: a[0], what: "differentiate", onlyModels: true, c) { _ in
        try c.call(body, [])
      }
      return .list([
        try Differentiation.plain(result.value, c), try result.unknowns.nest.rebuilt(result.gradients, c),
      ])
    },
    Builtin(
      "vjp", [.init("f", .function), .init("x")],
      "A list of `f(x)` and its pullback: a function that takes the gradient of something by that value and gives its gradient by `x`. It may be called any number of times.",
      examples: [
        (
          "let (y, pullback) = vjp(fn(x) = x * x, [1.0, 2.0])\nprint(y, pullback([1.0, 0.0]), pullback([0.0, 1.0]))",
          "[1.0, 4.0] [2.0, 0.0] [0.0, 4.0]"
        )
      ], isMethod: false
    ) { a, c in
      let (value, pullback) = try Differentiation.pullback(of: a[0], a[1], c)
      return .list([value, .callable(pullback)])
    },
    Builtin(
      "jvp", [.init("f", .function), .init("x"), .init("v")],
      "A list of `f(x)` and its derivative along `v`, which has the form of `x`. `jvp(grad(f), x, v)` is the Hessian of `f` times `v`.",
      examples: [
        ("print(jvp(fn(x) = x * x, [1.0, 2.0], [1.0, 0.5]))", "([1.0, 4.0], [2.0, 2.0])"),
        ("print(jvp(grad(fn(x) = sum(x ** 3)), [1.0, 2.0], [1.0, 0.0])[1])", "[6.0, 0.0]"),
      ], isMethod: false
    ) { a, c in
      let (value, tangent) = try Differentiation.pushforward(of: a[0], a[1], a[2], c)
      return .list([try Differentiation.plain(value, c), try Differentiation.plain(tangent, c)])
    },
    Builtin(
      "jacobian", [.init("f", .function)],
      "A function that gives the derivatives of every element of what `f` gives by every element of its first argument: for shapes S and T a tensor of shape S, T.",
      examples: [
        ("print(jacobian(fn(x) = [x[0] * x[1], x[1]])([2.0, 3.0]))", "[[3.0, 2.0],\n [0.0, 1.0]]")
      ], isMethod: false
    ) { a, _ in
      .callable(
        NativeFunction("jacobian", captured: [a[0]]) { captured, arguments, c in
          try Differentiation.jacobian(of: captured[0], arguments, "jacobian", c)
        })
    },
    Builtin(
      "hessian", [.init("f", .function)],
      "A function that gives the second derivatives of `f`, which gives a number, by every two elements of its first argument.",
      examples: [
        ("print(hessian(fn(x) = x[0] ** 2 * x[1])([1.0, 2.0]))", "[[4.0, 2.0],\n [2.0, 0.0]]")
      ], isMethod: false
    ) { a, _ in
      .callable(
        NativeFunction("hessian", captured: [a[0]]) { captured, arguments, c in
          let inner = NativeFunction("grad", captured: captured) { captured, arguments, c in
            try gradient(captured[0], arguments, "hessian", c).gradient
          }
          return try Differentiation.jacobian(of: .callable(inner), arguments, "hessian", c)
        })
    },
  ]

  private static let functionsOfFunctions: [Builtin] = [
    Builtin(
      "vmap", [.init("f", .function)],
      "A function that calls `f` on each slice along axis 0 of every tensor argument, also of those in lists and records, and stacks what it gives. Other arguments are the same for all slices; each slice draws random numbers of its own. The slices run one after the other.",
      examples: [
        ("print(vmap(fn(x, y) = sum(x * y))([[1.0, 2.0], [3.0, 4.0]], [[1.0, 1.0], [0.0, 2.0]]))", "[3.0, 8.0]"),
        ("print(vmap(grad(fn(x) = x ** 3))([1.0, 2.0]))", "[3.0, 12.0]"),
      ], isMethod: false
    ) { a, _ in
      .callable(
        NativeFunction("vmap", captured: [a[0]]) { captured, arguments, c in
          try Mapping.call(captured[0], arguments, c)
        })
    },
    Builtin(
      "checkpoint", [.init("f", .function)],
      "The function `f`, of which differentiation keeps only the value: the backward pass runs it again, on the same arguments, variables, fields and random numbers. That costs time and saves memory.",
      examples: [("print(grad(checkpoint(fn(x) = exp(x) * x))(0.0))", "1.0")], isMethod: false
    ) { a, _ in
      .callable(
        NativeFunction("checkpoint", captured: [a[0]]) { captured, arguments, c in
          try Checkpoint.call(captured[0], arguments, c)
        })
    },
    Builtin(
      "custom_gradient", [.init("f", .function), .init("rule", .function)],
      "The function `f` with a gradient of one's own: `rule(inputs, output, upstream)` takes the list of arguments, the value, and the gradient that came back to it, and gives the gradient by the argument, or a list of one for each; nil is none. What `f` reads besides is a constant.",
      examples: [
        (
          "let clipped = custom_gradient(fn(x) = x * 2, fn(inputs, output, upstream) = clip(upstream, -1, 1))\nprint(grad(fn(x) = sum(clipped(x) * 5))([3.0]))",
          "[1.0]"
        )
      ], isMethod: false
    ) { a, _ in
      .callable(
        NativeFunction("custom_gradient", captured: [a[0], a[1]]) { captured, arguments, c in
          try CustomGradient.call(captured[0], captured[1], arguments, c)
        })
    },
  ]

  private static let gradientTools: [Builtin] = [
    Builtin(
      "stop_gradient", [.init("x")],
      "The value of `x` as a constant: no gradient flows through it. Of a model a copy with constant parameters.",
      examples: [("print(grad(fn(x) = x * stop_gradient(x))(3.0))", "3.0")]
    ) { a, c in
      var copier = ModelCopier()
      let nest = try Nest(try copier.copy(a[0], c), .arguments, c)
      let constants = nest.tensors.map { c.engine.detached($0) }
      for (ref, constant) in zip(nest.refs, constants) { ref.set(constant) }
      return try nest.argument(constants, c)
    },
    Builtin(
      "norm", [.init("g", .gradient)], "The Euclidean norm over all tensors and numbers of a gradient.",
      examples: [("print(norm((3.0, [4.0])))", "5.0")]
    ) { a, c in c.wrap(try Gradients.norm(try tensors(a, c), c)) },
    Builtin(
      "clip_norm", [.init("g"), .init("limit", .number)],
      "A gradient scaled down so that its norm is at most `limit`; as it is where it is smaller.",
      examples: [("print(clip_norm([3.0, 4.0], 1.0))", "[0.6, 0.8]")]
    ) { a, c in
      let nest = try Nest(a[0], .arguments, c)
      return try nest.argument(try Gradients.clipped(try tensors(a, c), try a.double(1), c), c)
    },
    Builtin(
      "check_gradient",
      [
        .init("f", .function), .init("x"), .init("step", .number, .float(1e-6)),
        .init("relative", .number, .float(1e-3)), .init("absolute", .number, .float(1e-5)),
      ],
      "Fails where the gradient of `f` by `x` differs from (f(x + step) - f(x - step)) / (2 * step) in any element. All is computed in f64; what `f` gives may have any shape.",
      examples: [("check_gradient(fn(x) = sin(x) * x, [1.0, 2.0])\nprint(\"fine\")", "fine")], isMethod: false
    ) { a, c in
      let step = try a.double(2)
      guard step > 0 else { throw a.fault(2, .value, "step must be positive, found \(Display.float(step))") }
      try GradientCheck(f: a[0], step: step, relative: try a.double(3), absolute: try a.double(4)).run(a[1], c)
      return .nil
    },
    Builtin(
      "detect_nan", [.init("body", .function)],
      "Runs a block and gives its value. The first op in it that makes a NaN, or an infinity of finite numbers, is an error that names the op, its place and the ranges of its inputs; so is the first gradient of an op that does. Slow: each result is looked at.",
      examples: [
        ("print(detect_nan { sqrt([4.0]) })", "[2.0]"),
        (
          "let err = assert_raises { detect_nan { log([1.0, 0.0]) } }\nprint(err.message)",
          "log gave infinity in 1 of 2 elements: x f32[2] is 0.0 to 1.0"
        ),
      ], isMethod: false
    ) { a, c in
      let outer = c.engine.detectsNaN
      c.engine.detectsNaN = true
      defer { c.engine.detectsNaN = outer }
      return try c.call(a[0], [])
    },
    Builtin(
      "trace", [.init("body", .function)],
      "Runs a block and gives its value; prints each op on tensors and numbers in it, in the order in which they ran: its text, what it took and gave, and its local derivatives. Numbers are followed from where the block reads them.",
      examples: [
        (
          "let w = 3.0\nlet x = 2.0\nlet y = trace { w * x + 1.0 }\nprint(y)",
          "  1  w * x = 6\n       w = 3, x = 2    d/dw = 2, d/dx = 3\n  2  w * x + 1.0 = 7\n       w * x = 6    d/d(w * x) = 1\n7.0"
        )
      ], isMethod: false
    ) { a, c in try Tracer.run(a[0], c) },
  ]

  /// The tensors of an argument that is a gradient.
  private static func tensors(_ a: BoundArguments, _ c: Context) throws -> [Tensor] {
    let nest = try Nest(a[0], .arguments, c)
    guard nest.instances.isEmpty, !nest.tensors.isEmpty else { throw Mistakes.notGradient(a.row.name, a[0]) }
    return nest.tensors
  }

  private static func gradient(
    _ f: Value, _ arguments: Arguments, _ what: String, _ c: Context
  ) throws -> (value: Value, gradient: Value) {
    guard let first = arguments.positional.first else { throw Mistakes.gradientArgument(what) }
    let result = try Differentiation.valueAndGradient(of: first, what: what, c) { unknown in
      var inner = arguments
      inner.positional[0] = unknown
      return try c.call(f, inner)
    }
    return (try Differentiation.plain(result.value, c), try result.unknowns.nest.rebuilt(result.gradients, c))
  }
}
