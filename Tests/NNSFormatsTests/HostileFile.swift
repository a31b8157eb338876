import Foundation
import NNSFormats
import NNSTensor
import Testing

/// A file that was made to do harm: what is wrong with it, and its bytes.
struct HostileFile {
  let name: String
  let bytes: [UInt8]

  init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }

  /// What one reading may take: far less than most of the files claim to hold.
  static let memory = 1 << 20

  /// Reads every file with little memory and few steps. Each must be refused, with the sentence that stands beside its name in
  /// `Tests/Fixtures/hostile`; nothing may be taken beyond the limit, and nothing kept.
  ///
  /// `NNS_RECORD=1` writes the sentences, and fails; `NNS_TIMES=1` prints which file took longest, of three times the best.
  static func expectRefusals(
    of files: [HostileFile], _ format: String, at location: SourceLocation = #_sourceLocation,
    read: ([UInt8], Engine) throws -> some Any
  ) throws {
    #expect(files.count >= 40, sourceLocation: location)
    #expect(Set(files.map(\.name)).count == files.count, "two cases have one name", sourceLocation: location)
    var found = ""
    for file in files {
      let budget = Budget()
      budget.byteLimit = memory
      budget.begin(steps: 1 << 24, time: nil)
      do {
        _ = try read(file.bytes, Engine(budget: budget))
        Issue.record("\(file.name): it was read", sourceLocation: location)
      } catch let error as FormatError {
        found += "\(file.name): \(error)\n"
      } catch let error as TensorError {
        #expect(error.kind == .limit, "\(file.name)", sourceLocation: location)
        found += "\(file.name): \(error.message)\n"
      }
      #expect(budget.peakBytes <= memory && budget.bytesInUse == 0, "\(file.name)", sourceLocation: location)
    }
    if ProcessInfo.processInfo.environment["NNS_TIMES"] != nil { printSlowest(of: files, format, read) }
    let path = Repository.path("Tests/Fixtures/hostile/\(format).txt")
    if ProcessInfo.processInfo.environment["NNS_RECORD"] != nil {
      try found.write(toFile: path, atomically: true, encoding: .utf8)
      Issue.record("recorded \(path); look at it and run again", sourceLocation: location)
      return
    }
    let expected = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    for (one, other) in zip(found.split(separator: "\n"), expected) where one != other {
      Issue.record("\(one)\ninstead of\n\(other)", sourceLocation: location)
    }
    #expect(found.split(separator: "\n").count == expected.count, sourceLocation: location)
  }

  private static func printSlowest(
    of files: [HostileFile], _ format: String, _ read: ([UInt8], Engine) throws -> some Any
  ) {
    let times = files.map { file in
      let best = (0..<3).map { _ in
        let budget = Budget()
        budget.byteLimit = memory
        budget.begin(steps: 1 << 24, time: nil)
        return ContinuousClock().measure { _ = try? read(file.bytes, Engine(budget: budget)) }
      }.min()
      return (name: file.name, time: best ?? .zero)
    }
    guard let slowest = times.max(by: { $0.time < $1.time }) else { return }
    print("\(format): \(files.count) files, at most \(slowest.time): \(slowest.name)")
  }
}

extension [UInt8] {
  /// The same with other bytes at a place.
  func with(_ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
    var changed = self
    changed.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    return changed
  }

  /// The same with another number at a place, little endian.
  func with(_ offset: Int, _ number: UInt64, count: Int) -> [UInt8] {
    with(offset, .little(number, count))
  }

  /// The same without its last bytes.
  func without(last count: Int) -> [UInt8] { Array(dropLast(count)) }

  /// A number in so many bytes.
  static func little(_ number: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
  }

  static func big(_ number: UInt64, _ count: Int) -> [UInt8] { little(number, count).reversed() }
}
