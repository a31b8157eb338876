/// What hands write that know another language or library, and what is written here instead.
enum Habits {
  /// What to do where a name is unknown; nil if it is nobody's habit.
  static func help(name: String) -> String? { names[name] }

  /// What to do where a value has no such member: the member that is meant, if it has that, or a sentence.
  static func member(_ name: String, of value: Value, known: [String]) -> (meant: String?, help: String?) {
    if let meant = renamed[name], known.contains(meant) { return (meant, nil) }
    switch value {
    case .tensor: return (nil, ofTensors[name])
    case .model: return (nil, ofModels[name])
    case .object(let object) where object is Optimizer: return (nil, ofOptimizers[name])
    default: return (nil, nil)
    }
  }

  /// What to do where a member that can be read is to be assigned.
  static func help(assigned name: String, of value: Value) -> String? {
    guard case .object(let object) = value, object is Optimizer, name == "lr" else { return nil }
    return "give the optimizer a schedule: lr: cosine(1e-3, 1000), or a function of the step"
  }

  private static let names = table([
    (["null", "NULL", "undefined", "nullptr"], "write nil"),
    (["this"], "in a model, write self"),
    (["pass"], "an empty block is written { }"),
    (["println", "printf", "echo", "console", "puts"], "write print(…)"),
    (["append"], "write xs.push(item)"),
    (
      ["math", "Math", "np", "numpy", "torch", "jnp", "tf", "F", "functional"],
      "its functions are built in: sqrt(x), zeros(2, 3)"
    ),
    (["nn"], "its layers are built in: Linear(2, 3)"),
    (["optim"], "its optimizers are built in: Adam(net, lr: 1e-3)"),
    (
      ["float32", "float64", "int64", "int32", "uint8", "bfloat16"],
      "a dtype is a string such as \"f32\" or \"i64\""
    ),
    (["Module"], "a model is written model Name() { fn forward(x) = … }"),
    (["cat", "concatenate", "hstack", "vstack"], "write concat((a, b), axis: 0)"),
    (["CrossEntropyLoss"], lossIs("cross_entropy(scores, labels)")),
    (["MSELoss"], lossIs("mse_loss(x, y)")),
    (["L1Loss"], lossIs("l1_loss(x, y)")),
    (["HuberLoss", "SmoothL1Loss", "smooth_l1_loss"], lossIs("huber_loss(x, y)")),
    (["NLLLoss"], lossIs("nll_loss(log_probabilities, labels)")),
    (
      ["BCEWithLogitsLoss", "binary_cross_entropy_with_logits", "BCELoss", "binary_cross_entropy"],
      lossIs("bce_with_logits(scores, labels)")
    ),
    (["ReLU", "Sigmoid", "Tanh", "GELU", "SiLU", "Softmax"], "an activation is a function: relu, tanh, softmax"),
    (["no_grad", "inference_mode"], "leave it out: only what grad or step runs is differentiated"),
    (["manual_seed", "set_seed", "random_seed"], "write seed(1)"),
    (["DataLoader"], "write for (x, y) in batches((x, y), 64, shuffle: true) { … }"),
    (["requires_grad", "autograd"], "gradients are asked for: grad(f)(x)"),
  ])

  /// What other languages call a member.
  private static let renamed = [
    "length": "len", "count": "len", "append": "push", "add": "push", "view": "reshape", "astype": "to",
    "numpy": "list", "tolist": "list", "strip": "trim", "toUpperCase": "upper", "toLowerCase": "lower",
    "includes": "contains", "startswith": "starts_with", "endswith": "ends_with", "ndim": "rank", "dim": "rank",
    "numel": "size", "cat": "concat", "mm": "matmul", "bmm": "matmul", "expand": "broadcast_to", "var": "variance",
    "clamp": "clip",
  ]

  private static let ofTensors = table([
    (["backward"], "differentiate a function: grad(f)(x), or train with opt.step { … }, whose block gives the loss"),
    (["grad"], "a gradient is asked for: grad(f)(x), or differentiate(net) { … }"),
    (["requires_grad", "requires_grad_", "retain_grad"], "leave it out: grad(f)(x) differentiates by x"),
    (["detach"], "write stop_gradient(x)"),
    (["clone", "contiguous", "data"], "leave it out: a tensor is a value, which no other name can change"),
    (["cuda", "cpu", "device"], "leave it out: all runs on the processor"),
    (["long"], "write x.to(\"i64\")"),
    (["double"], "write x.to(\"f64\")"),
    (["half", "bfloat16"], "write x.to(\"bf16\")"),
  ])

  private static let ofModels = table([
    (["train"], "leave it out: what grad, step or fit runs is training; elsewhere write training(true) { … }"),
    (["eval"], "leave it out: only what grad, step or fit runs is training; there write training(false) { … }"),
    (["zero_grad"], "leave it out: gradients are values, and nothing adds them up"),
    (["cuda", "cpu", "device"], "leave it out: all runs on the processor"),
    (["state_dict"], "write save(net, \"net.safetensors\"), or net.parameters()"),
    (["load_state_dict"], "write load(net, \"net.safetensors\")"),
  ])

  private static let ofOptimizers = table([
    (["zero_grad"], "leave it out: opt.step { … } differentiates its block, whose value is the loss, and updates"),
    (["state_dict"], "write save(opt, \"opt.safetensors\")"),
    (["load_state_dict"], "write load(opt, \"opt.safetensors\")"),
  ])

  private static func lossIs(_ call: String) -> String { "a loss is a function: \(call)" }

  private static func table(_ rows: [([String], String)]) -> [String: String] {
    var table: [String: String] = [:]
    for (names, help) in rows { for name in names { table[name] = help } }
    return table
  }
}
