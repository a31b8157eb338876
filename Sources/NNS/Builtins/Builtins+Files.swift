import NNSFormats
import NNSStdlib
import NNSTensor

extension Builtins {
  /// Files, as far as the host allows.
  static let files: [Builtin] = [
    Builtin("read_text", [.init("path", .string)], "The text of a UTF-8 file.") { a, c in
      .string(try FileOperations.text(a, c))
    },
    Builtin(
      "write_text", [.init("path", .string), .init("text", .string)],
      "Writes a text to a file, which is either the old or the new one, never half.", isMethod: false
    ) { a, c in
      try FileOperations.write(try FileOperations.bytes(of: a.text(1), c), to: try a.string(0), c)
      return .nil
    },
    Builtin("read_lines", [.init("path", .string)], "A list of the lines of a UTF-8 file, without their ends.") {
      a, c in .list(try FileOperations.text(a, c).lines(c))
    },
    Builtin(
      "read_csv",
      [.init("path", .string), .init("header", .bool, .bool(true)), .init("separator", .string, .string(","))],
      "The columns of a table as a record of tensors (numbers: i64 or f32) and lists of strings; without a header a list of columns. A ragged row, a bad number or a missing value is an error."
    ) { a, c in
      let path = try a.string(0)
      let separator = Array(try a.string(2).utf8)
      guard separator.count == 1 else { throw a.fault(2, .value, "the separator must be one ASCII character") }
      let bytes = try FileOperations.read(path, c)
      let hasHeader = try a.bool(1)
      let columns = try FileOperations.parsing(path, c) {
        try CSV.columns(bytes, separator: separator[0], hasHeader: hasHeader, budget: c.engine.budget)
      }
      let values: [Value] = try columns.map { column in
        switch column.values {
        case .ints(let numbers): .tensor(try c.engine.tensor(numbers, [numbers.count]))
        case .floats(let numbers): .tensor(try c.engine.tensor(numbers, [numbers.count], dtype: .f32))
        case .texts(let texts):
          .list(
            try texts.map { text in
              try c.engine.budget.charge(work: 8)
              return .string(text)
            })
        }
      }
      guard hasHeader else { return .list(values) }
      return .record(RecordBox(entries: zip(columns, values).map { (Text($0.name), $1) }))
    },
    Builtin(
      "write_csv", [.init("path", .string), .init("columns", .record)],
      "Writes a record of columns (one-axis tensors or lists) as a table with a header.", isMethod: false
    ) { a, c in
      let record = try a.record(1)
      let columns = try record.values.map { try Iteration.items(of: $0, c) }
      if let first = columns.first, let index = columns.firstIndex(where: { $0.count != first.count }) {
        throw a.fault(
          1, .shape,
          "column \(Display.quoted(record.names[index])) has \(columns[index].count) rows, the first has \(first.count)"
        )
      }
      var writer = CSVWriter()
      for name in record.names { writer.append(name) }
      writer.endRow()
      for row in 0..<(columns.first?.count ?? 0) {
        for column in columns {
          switch column[row] {
          case .int(let number): writer.append(number)
          case .float(let number): writer.append(number)
          default: writer.append(try Display.text(column[row], c))
          }
        }
        writer.endRow()
      }
      try FileOperations.write(Array(writer.text.utf8), to: try a.string(0), c)
      return .nil
    },
    Builtin(
      "read_json", [.init("path", .string)],
      "The value of a JSON file: records, lists, strings, numbers, bools and nil."
    ) { a, c in
      let path = try a.string(0)
      let bytes = try FileOperations.read(path, c)
      let json = try FileOperations.parsing(path, c) { try JSON(bytes, budget: c.engine.budget) }
      return try FileOperations.value(json, c)
    },
    Builtin(
      "write_json", [.init("path", .string), .init("value"), .init("indent", .int, .nil)],
      "Writes a value as JSON; tensors as nested arrays.", isMethod: false
    ) { a, c in
      let path = try a.string(0)
      let json = try FileOperations.json(a[1], c)
      let indent = try a.optionalInt(2)
      let text = try FileOperations.parsing(path) { try json.text(indent: indent) }
      try FileOperations.write(Array((text + "\n").utf8), to: path, c)
      return .nil
    },
    Builtin("read_npy", [.init("path", .string)], "The tensor of a NumPy .npy file.") { a, c in
      let path = try a.string(0)
      let bytes = try FileOperations.read(path, c)
      return .tensor(try FileOperations.parsing(path) { try NPY.read(bytes.span.bytes, engine: c.engine) })
    },
    Builtin(
      "write_npy", [.init("path", .string), .init("x", .tensor)], "Writes a tensor as a NumPy .npy file.",
      isMethod: false
    ) { a, c in
      let path = try a.string(0)
      let tensor = try a.tensor(1)
      try FileOperations.write(
        try FileOperations.parsing(path) { try NPY.write(tensor, engine: c.engine) }, to: path, c)
      return .nil
    },
    Builtin("read_npz", [.init("path", .string)], "The tensors of a NumPy .npz file as a record.") { a, c in
      let path = try a.string(0)
      let bytes = try FileOperations.read(path, c)
      let tensors = try FileOperations.parsing(path) { try NPZ.read(bytes.span.bytes, engine: c.engine) }
      return .record(RecordBox(entries: tensors.map { (Text($0.name), .tensor($0.tensor)) }))
    },
    Builtin(
      "write_npz",
      [.init("path", .string), .init("tensors", .record), .init("compressed", .bool, .bool(false))],
      "Writes a record of tensors as a NumPy .npz file.", isMethod: false
    ) { a, c in
      let (path, isCompressed) = (try a.string(0), try a.bool(2))
      let tensors = try FileOperations.tensors(of: a, 1)
      let bytes = try FileOperations.parsing(path) {
        try NPZ.write(tensors, isCompressed: isCompressed, engine: c.engine)
      }
      try FileOperations.write(bytes, to: path, c)
      return .nil
    },
    Builtin("read_safetensors", [.init("path", .string)], "The tensors of a safetensors file as a record.") { a, c in
      let tensors = try FileOperations.tensors(try a.string(0), c)
      return .record(RecordBox(entries: tensors.map { (Text($0.name), .tensor($0.tensor)) }))
    },
    Builtin(
      "write_safetensors", [.init("path", .string), .init("tensors", .record)],
      "Writes a record of tensors as a safetensors file.", isMethod: false
    ) { a, c in
      try FileOperations.save(try FileOperations.tensors(of: a, 1), to: try a.string(0), c)
      return .nil
    },
    Builtin("exists", [.init("path", .string)], "Whether there is such a file or folder.") { a, c in
      .bool(try FileOperations.reaching(try a.string(0)) { try c.host.files.exists($0) })
    },
    Builtin("list_files", [.init("path", .string, .string("."))], "The names in a folder, sorted.") { a, c in
      .list(try FileOperations.reaching(try a.string(0)) { try c.host.files.list($0) }.map { .string($0) })
    },
  ]

  /// Files of the standard library.
  static let datasets: [Builtin] = [
    Builtin("_embedded_npy", [.init("name", .string)], "A tensor that is part of the standard library.") { a, c in
      guard let data = StandardLibrary.data(named: try a.string(0)) else {
        throw a.fault(0, .io, "there is no such file in the standard library")
      }
      return .tensor(try NPY.read(data.bytes, engine: c.engine))
    },
    Builtin("_embedded_text", [.init("name", .string)], "A packed text that is part of the standard library.") { a, c in
      let name = try a.string(0)
      guard let data = StandardLibrary.data(named: name) else {
        throw a.fault(0, .io, "there is no such file in the standard library")
      }
      let bytes = try FileOperations.parsing(name) { try Gzip.unpack(data.bytes, budget: c.engine.budget) }
      return .string(String(decoding: bytes, as: UTF8.self))
    },
  ]
}

/// Reading and writing through the host.
enum FileOperations {
  static func reaching<Result>(_ path: String, _ body: (String) throws -> Result) throws -> Result {
    do {
      return try body(path)
    } catch let error as TensorError {
      throw error
    } catch let error as Interrupted {
      throw error
    } catch {
      throw Mistakes.file(error, path)
    }
  }

  static func read(_ path: String, _ c: Context) throws -> [UInt8] {
    var charged = 0
    return try reaching(path) {
      try c.host.files.read($0) { bytes in
        if bytes > charged {
          try c.charge(bytes: bytes - charged)
          charged = bytes
        }
        try c.engine.budget.check()
      }
    }
  }

  /// The text of the file that the first argument names.
  static func text(_ a: BoundArguments, _ c: Context) throws -> Text {
    let path = try a.string(0)
    guard let text = try Text(validating: try read(path, c), c) else {
      throw a.fault(0, .io, "\(Display.quoted(path)) is not UTF-8 text")
    }
    return text
  }

  static func write(_ bytes: [UInt8], to path: String, _ c: Context) throws {
    let budget = c.engine.budget
    try budget.check()
    // No file that is half written stays behind: the writing is told of a cancellation, and ends by itself.
    try budget.deferringCancellation {
      try reaching(path) {
        try c.host.files.write(bytes, to: $0) { if budget.isCancelled { throw Interrupted() } }
      }
    }
    try budget.check()
  }

  /// A text's bytes.
  static func bytes(of text: Text, _ c: Context) throws -> [UInt8] {
    try c.charge(bytes: text.byteCount)
    return try text.withUTF8 { text in
      try [UInt8](unsafeUninitializedCapacity: text.count) { buffer, count in
        for piece in text.pieces() {
          try c.engine.budget.check()
          guard let start = piece.baseAddress, let place = buffer.baseAddress else { continue }
          (place + count).initialize(from: start, count: piece.count)
          count += piece.count
        }
      }
    }
  }

  /// Does something with a file's bytes; what is wrong with them is said with the file's name.
  static func parsing<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as FormatError {
      throw Mistakes.fileContent(error, path)
    }
  }

  /// The same for what asks the budget meanwhile.
  static func parsing<Result>(_ path: String, _ c: Context, _ body: () throws -> Result) throws -> Result {
    try parsing(path) {
      do {
        return try body()
      } catch let error as FormatError {
        try c.engine.budget.check()
        throw error
      }
    }
  }

  static func tensors(_ path: String, _ c: Context) throws -> [(name: String, tensor: Tensor)] {
    let bytes = try read(path, c)
    try c.charge(bytes: Safetensors.memory(forHeaderOf: bytes.span.bytes))
    return try parsing(path) { try Safetensors.read(bytes.span.bytes, engine: c.engine) }
  }

  /// The tensors of an argument that is a record of them.
  static func tensors(of a: BoundArguments, _ index: Int) throws -> [(name: String, tensor: Tensor)] {
    try a.record(index).entries.map { key, value in
      guard case .tensor(let tensor) = value else {
        throw a.fault(index, .type, "\(Display.quoted(key.string)) must be a tensor, found \(value.summary)")
      }
      return (key.string, tensor)
    }
  }

  static func save(_ tensors: [(name: String, tensor: Tensor)], to path: String, _ c: Context) throws {
    let bytes = try parsing(path) { try Safetensors.write(tensors, engine: c.engine) }
    try write(bytes, to: path, c)
  }

  /// - Parameter c: what pays for it; one value alone needs nobody.
  static func value(_ json: JSON, _ c: Context? = nil) throws -> Value {
    switch json {
    case .null: return .nil
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .float(let number): return .float(number)
    case .string(let text): return .string(text)
    case .array(let items):
      try c?.engine.budget.charge(work: items.count)
      return .list(
        try items.map { item in
          try c?.engine.budget.charge(work: 8)
          return try value(item, c)
        })
    case .object(let members):
      try c?.engine.budget.charge(work: 64 * members.count)
      return .record(RecordBox(entries: try members.map { (Text($0.key), try value($0.value, c)) }))
    }
  }

  static func json(_ value: Value, _ c: Context, depth: Int = 0) throws -> JSON {
    guard depth < JSON.maximumDepth else { throw Failure(.limit, "write_json: the value is nested too deeply") }
    switch value {
    case .nil: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .float(let number): return .float(number)
    case .string(let text): return .string(text.string)
    case .list(let list): return .array(try list.map { try json($0, c, depth: depth + 1) })
    case .record(let record):
      return .object(try record.entries.map { JSON.Member($0.key.string, try json($0.value, c, depth: depth + 1)) })
    case .tensor(let tensor): return try json(try Numbers.nested(tensor, c), c, depth: depth + 1)
    default: throw Failure(.type, "write_json: \(value.summary) has no form in JSON", argument: 1)
    }
  }
}
