import NNSTensor

extension Builtins {
  /// Checkpoints.
  static let checkpoints: [Builtin] = [
    Builtin(
      "save_checkpoint", [.init("path", .string), .init("state", .record)],
      "Writes a record of models, optimizers and plain values, with the state of the random numbers, as one safetensors file that outlasts a loss of power; the file before it is kept as `path.previous`.",
      examples: [
        (
          "let net = Linear(1, 1)\nsave_checkpoint(\"run.ckpt\", {net: net, opt: Adam(net), epoch: 3})\nprint(load_checkpoint(\"run.ckpt\", {net: net, opt: Adam(net)}))",
          "{epoch: 3}"
        )
      ], isMethod: false
    ) { a, c in
      try CheckpointFile.write(try a.record(1), to: try a.string(0), c)
      return .nil
    },
    Builtin(
      "load_checkpoint", [.init("path", .string), .init("state", .record)],
      "Puts the state of the models and optimizers in a record back to what `save_checkpoint` wrote, and the random numbers where they stood; gives a record of the plain values. Where the file is missing or damaged, `path.previous` is used.",
      examples: [
        (
          "save_checkpoint(\"run.ckpt\", {losses: (0.5, 0.25)})\nprint(load_checkpoint(\"run.ckpt\", {}).losses)",
          "(0.5, 0.25)"
        )
      ], isMethod: false
    ) { a, c in .record(try CheckpointFile.read(try a.string(0), into: try a.record(1), c)) },
  ]
}
