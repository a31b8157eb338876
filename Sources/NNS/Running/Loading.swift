import NNSSyntax

/// Text → tree → names → code.
enum Loading {
  struct Loaded {
    var unit: MainUnit?
    var diagnostics: [Diagnostic]
    var warnings: [Diagnostic]
    var isIncomplete: Bool
  }

  /// Parses a text, which is kept for excerpts.
  static func parsed(_ file: SourceFile, _ context: Context) -> ParseResult {
    guard file.bytes.count <= context.limits.sourceSize else {
      let empty = SourceFile(name: file.name, text: "")
      let index = context.sources.add(empty)
      var result = parse(empty, index: index, stackLimit: context.stackLimit)
      result.diagnostics = [
        Mistakes.sourceTooLarge(file.bytes.count, limit: context.limits.sourceSize, file: index)
      ]
      return result
    }
    return parse(file, index: context.sources.add(file), stackLimit: context.stackLimit)
  }

  /// Parses and resolves a text, and makes its functions and models known in `module`.
  static func load(
    _ file: SourceFile, into module: Module, _ context: Context, isReplacing: Bool = false
  ) -> Loaded {
    load(
      parsed(file, context), NameTable(modules: context.modules, module: module), context, isReplacing: isReplacing)
  }

  /// Resolves a text, and makes its functions and models known in the names' module.
  private static func load(
    _ parsed: ParseResult, _ names: NameTable, _ context: Context, isReplacing: Bool = false
  ) -> Loaded {
    let module = names.module
    module.texts.append(parsed.program.span.file)
    guard parsed.diagnostics.isEmpty else {
      return Loaded(unit: nil, diagnostics: parsed.diagnostics, warnings: [], isIncomplete: parsed.isIncomplete)
    }
    let resolved = Resolver.resolve(parsed.program, in: module, names: names, isReplacing: isReplacing)
    guard resolved.diagnostics.isEmpty else {
      module.rollBack()
      let sorted = resolved.diagnostics.sorted { $0.span.start < $1.span.start }
      return Loaded(unit: nil, diagnostics: sorted, warnings: resolved.warnings, isIncomplete: false)
    }
    module.commit()
    module.doc = parsed.program.doc
    let unit = MainUnit(parsed.program, resolved.resolution, module, context, isReplacing: isReplacing)
    return Loaded(unit: unit, diagnostics: [], warnings: resolved.warnings, isIncomplete: false)
  }

  /// The mistakes of a text and of the files that it imports, and warnings for the text itself.
  static func check(_ file: SourceFile, _ context: Context) -> [Diagnostic] {
    var found: [Diagnostic] = []
    let imports = ImportedFiles(context)
    var files = [(name: file.name, parsed: parsed(file, context))]
    var seen: Set = [file.name]
    while let (name, parsed) = files.popLast() {
      let isMain = seen.count == 1
      let module = Module(name: isMain ? "main" : Paths.stem(name), path: name, isMain: isMain)
      context.modules.adopt(module)
      let names = NameTable(modules: context.modules, module: module, imports: imports)
      let loaded = load(parsed, names, context)
      found += loaded.diagnostics
      if isMain {
        found += loaded.warnings.map {
          var warning = $0
          warning.severity = .warning
          return warning
        }
      }
      for statement in parsed.program.statements {
        guard case .importing(let item) = statement.kind, let path = item.path else { continue }
        let resolved = Paths.resolve(path, relativeTo: name)
        guard seen.insert(resolved).inserted else { continue }
        do {
          files.append((resolved, try imports.parsed(resolved)))
        } catch {
          let mistake = context.diagnose(error, at: item.span)
          if let mistake = mistake as? Diagnostic { found.append(mistake) }
        }
      }
    }
    return found
  }
}
