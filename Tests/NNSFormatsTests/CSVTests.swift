import NNSFormats
import Testing

@Suite struct CSVTests {
  private func rows(_ text: String) throws -> [[String]] { try CSV.rows(Array(text.utf8)) }

  private func columns(_ text: String, hasHeader: Bool = true) throws -> [CSV.Column] {
    try CSV.columns(Array(text.utf8), hasHeader: hasHeader)
  }

  @Test func quotesLineEndsAndMark() throws {
    #expect(try rows("a,b\r\n\"c,\"\"d\"\"\",\"e\nf\"\n") == [["a", "b"], ["c,\"d\"", "e\nf"]])
    #expect(try rows("\u{FEFF}a,\n,b") == [["a", ""], ["", "b"]])
    #expect(try rows("") == [])
    #expect(try rows("a\n\n\r\n") == [["a"]])
    #expect(try rows(#""""""#) == [[#"""#]])
    #expect(try CSV.rows(Array("a;b,c\n".utf8), separator: UInt8(ascii: ";")) == [["a", "b,c"]])
  }

  @Test func columnsHaveTheTypeOfTheirFirstCell() throws {
    let table = try columns("n,x,name,note\n1, 2.5 ,ann,\n-2,+3,\"7\",ok\n")
    #expect(table.map(\.name) == ["n", "x", "name", "note"])
    #expect(table.map(\.values) == [.ints([1, -2]), .floats([2.5, 3]), .texts(["ann", "7"]), .texts(["", "ok"])])
  }

  @Test func intsBecomeFloatsWhereOneIsAFloat() throws {
    #expect(try columns("1\n.5\n3.\n-inf\n", hasHeader: false)[0].values == .floats([1, 0.5, 3, -.infinity]))
    let long = "12345678901234567890"
    let expected = [1.2345678901234567e19, -1.2345678901234567e19, 1.2345678901234567e19]
    #expect(try columns("\(long).\n-\(long).0\n+\(long)e0\n", hasHeader: false)[0].values == .floats(expected))
    guard case .floats(let values) = try columns("nan\n1e-3\n", hasHeader: false)[0].values else {
      Issue.record("not floats")
      return
    }
    #expect(values[0].isNaN && values[1] == 0.001)
  }

  @Test func tablesWithoutRows() throws {
    #expect(try columns("") == [])
    #expect(try columns("a,b\n") == [.init(name: "a", values: .texts([])), .init(name: "b", values: .texts([]))])
    #expect(try columns("a,b\n1,\n").map(\.values) == [.ints([1]), .texts([""])])
  }

  @Test(arguments: [
    ("a,b\n1,2\n3\n", "line 3, column 2: the row has 1 cells where the first row has 2"),
    ("a,b\n1,2,3\n", "line 2, column 5: the row has 3 cells where the first row has 2"),
    ("a,b\n1,2\n\n3,4\n", "line 3, column 1: the line is empty"),
    ("é,age\nx,1\ny,1o\n", #"line 3, column 3: column 2 ("age"): expected a number, found "1o""#),
    ("a,b\nx,1\ny,\n", #"line 3, column 3: column 2 ("b"): the number is missing"#),
    ("a,b\nx,\ny,2\n", #"line 2, column 3: column 2 ("b"): the number is missing"#),
    (
      "a\n1\n99999999999999999999\n",
      #"line 3, column 1: column 1 ("a"): the number "99999999999999999999" is too large"#
    ),
    ("a\n1\n1e999\n", #"line 3, column 1: column 1 ("a"): the number "1e999" is too large"#),
    ("a,a\n", #"line 1, column 3: two columns are named "a""#),
    ("\"a\nb", "line 1, column 1: the quote is not closed"),
    ("\"a\"b\n", "line 1, column 4: text after the closing quote of a cell"),
    ("a\"b\n", "line 1, column 2: a quote inside a cell that does not begin with one"),
    ("a\rb\n", "line 1, column 2: a carriage return stands without a newline"),
    ("a\n1\n0x10\n", #"line 3, column 1: column 1 ("a"): expected a number, found "0x10""#),
    ("a\n1\n1 2\n", #"line 3, column 1: column 1 ("a"): expected a number, found "1 2""#),
    ("a\n1\n-\n", #"line 3, column 1: column 1 ("a"): expected a number, found "-""#),
    ("a\n1\n.\n", #"line 3, column 1: column 1 ("a"): expected a number, found ".""#),
    ("a\n1\n1e\n", #"line 3, column 1: column 1 ("a"): expected a number, found "1e""#),
  ])
  func mistakesAreNamed(_ text: String, _ expected: String) {
    let error = #expect(throws: FormatError.self) { try columns(text) }
    #expect(error?.description == expected)
  }

  @Test func bytesThatAreNoUTF8() {
    #expect(throws: FormatError("the cell is not UTF-8", line: 1, column: 3)) { try CSV.rows([0x61, 0x2C, 0xFF]) }
  }

  @Test func writingGivesTheCellsBack() throws {
    var writer = CSVWriter()
    for row in [["a", "b,\"c\"", "d\ne"], ["", "", "é"]] {
      for cell in row { writer.append(cell) }
      writer.endRow()
    }
    #expect(writer.text == "a,\"b,\"\"c\"\"\",\"d\ne\"\n,,é\n")
    #expect(try rows(writer.text) == [["a", "b,\"c\"", "d\ne"], ["", "", "é"]])

    var single = CSVWriter()
    for cell in ["", "x", ""] {
      single.append(cell)
      single.endRow()
    }
    #expect(try rows(single.text) == [[""], ["x"], [""]])
  }

  @Test func numbersAreWrittenWithTheDigitsThatBringThemBack() throws {
    var writer = CSVWriter()
    writer.append(-3)
    writer.append(0.1 + 0.2)
    writer.append(Float(0.1))
    writer.append(Double.nan)
    writer.append(-Double.infinity)
    writer.endRow()
    #expect(writer.text == "-3,0.30000000000000004,0.1,nan,-inf\n")
    let table = try columns(writer.text, hasHeader: false)
    #expect(table[1].values == .floats([0.1 + 0.2]))
    #expect(table[4].values == .floats([-.infinity]))
  }

  @Test func changedBytesNeverTrap() {
    Hostile.tryChanges(of: Array("a,\"b \"\"c\"\"\",d\r\n1,x,-2.5e3\r\n2,\"y\nz\",nan\r\n".utf8)) {
      try CSV.columns($0, hasHeader: true)
    }
  }
}
