import NNSSyntax

/// What the kinds of errors mean, at the length of a paragraph.
enum Explanation {
  static func text(of kind: Diagnostic.Kind) -> String {
    switch kind {
    case .syntax:
      """
      syntax: the text is no program, so nothing of it has run. The place is where the parser could not go on; what is
      missing may stand a little before it. Statements end at the end of their line, except inside ( ), [ ] and record
      braces, after an operator, and before a line that begins with |> or a dot.
      """
    case .name:
      """
      name: a name, a member of a module or an argument's name is not known where it stands. Names are looked up in the
      blocks around them, then in the file, then among the built-in ones. Everything is looked up before the first
      line runs.
      """
    case .type:
      """
      type: a value is of another kind than what is asked for: a string where a number belongs, a list where a tensor
      belongs. [ ] makes tensors, ( , ) lists, { } records. type(x) tells the kind of a value.
      """
    case .shape:
      """
      shape: sizes do not fit. Shapes are compared from the last axis backwards; an axis of size 1 is repeated as often
      as the other operand needs (never in a loss). A product a @ b needs as many columns in a as b has rows. x.shape
      tells the sizes, x.reshape(…) arranges the same elements anew, x[:, nil] adds an axis.
      """
    case .dtype:
      """
      dtype: the elements are of a type that the operation does not take. x.to("f32") converts and checks that nothing
      is lost.
      """
    case .index:
      """
      index: a position lies outside. Counting begins at 0; negative positions count from the end; slices are cut to
      what is there.
      """
    case .key:
      """
      key: a record, model or module has nothing of that name. keys(r) lists the names, r.get(name, default) asks
      without an error, has(r, name) tells.
      """
    case .value:
      """
      value: the kind of the value is right, but not the value itself: a negative size, a label outside the classes, a
      text that is no number.
      """
    case .arithmetic:
      """
      arithmetic: ints do not wrap around and cannot be divided by zero. Floats can: they give inf or nan.
      """
    case .io: "io: a file could not be read or written; the reason is the system's own."
    case .assert: "assert: the script itself demanded something that does not hold."
    case .raise: "raise: the script itself raised this."
    case .limit:
      """
      limit: the run needs more memory, steps, time or nesting than it may have. Nothing is broken: names keep the
      values they had before the line.
      """
    case .interrupt: "interrupt: Ctrl-C stopped the line. Names keep the values they had before it."
    }
  }
}
