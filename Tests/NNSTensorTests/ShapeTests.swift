import Testing

@testable import NNSTensor

@Suite struct ShapeTests {
  @Test func describesItself() throws {
    #expect(try Shape([64, 784]).description == "[64, 784]")
    #expect(Shape().description == "[]")
  }

  @Test func refusesWhatCannotBe() {
    #expect(throws: TensorError.self) { try Shape([Int](repeating: 1, count: 9)) }
    #expect(throws: TensorError.self) { try Shape([-1]) }
    #expect(throws: TensorError.self) { try Shape([Int.max, 2]) }
  }

  @Test func broadcasts() throws {
    #expect(try Shape.broadcast(Shape([3, 1]), Shape([4])) == Shape([3, 4]))
    #expect(try Shape.broadcast(Shape([3]), Shape([4])) == nil)
    #expect(try Shape.broadcast(Shape(), Shape([0, 2])) == Shape([0, 2]))
  }
}
