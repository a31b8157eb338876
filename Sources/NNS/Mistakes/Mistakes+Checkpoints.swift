extension Mistakes {
  // MARK: Writing

  static func checkpointContent(_ name: String, _ value: Value) -> Failure {
    Failure(
      .type, "save_checkpoint: \(Display.quoted(name)) is \(value.summary), which a checkpoint cannot hold",
      help: "it holds models, optimizers, tensors, numbers, strings, bools, nil, and lists and records of them",
      argument: 1)
  }

  static func checkpointKey(_ key: String) -> Failure {
    Failure(
      .key, "save_checkpoint: a key that stands alone must not begin with $, found \(Display.quoted(key))", argument: 1)
  }

  // MARK: Reading

  static func damagedCheckpoint(_ path: String) -> Failure {
    Failure(.io, "\(path): the checkpoint is damaged: its checksum is wrong", argument: 0)
  }

  static func noCheckpoint(_ path: String) -> Failure {
    Failure(
      .io, "\(path): a safetensors file, but no checkpoint",
      help: "what save(net, path) wrote is read by load(net, path)",
      argument: 0)
  }

  static func checkpointVersion(_ path: String) -> Failure {
    Failure(.value, "\(path): the checkpoint is of a later version of NNS", argument: 0)
  }

  static func notInCheckpoint(_ path: String, _ key: String) -> Failure {
    Failure(.key, "load_checkpoint: \(path) holds no state of \(Display.quoted(key))", argument: 1)
  }

  static func checkpointEntry(_ path: String, _ key: String, isModel: Bool) -> Failure {
    Failure(
      .key,
      "load_checkpoint: \(path) holds the state of \(isModel ? "a model" : "an optimizer") named \(Display.quoted(key)), which the record does not have",
      argument: 1)
  }

  static func otherOptimizer(_ path: String, _ key: String, found: String, given: String) -> Failure {
    Failure(
      .value, "load_checkpoint: \(Display.quoted(key)) is the state of \(found) in \(path), not of \(given)",
      argument: 1)
  }

  static func checkpointTarget(_ key: String, _ value: Value) -> Failure {
    Failure(
      .type, "load_checkpoint: \(Display.quoted(key)) must be a model or optimizer, found \(value.summary)",
      help: "plain values are in the record that load_checkpoint gives", argument: 1)
  }
}
