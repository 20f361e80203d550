import Testing

@testable import JSON

/// Where the values of a text stand.
struct JSONPlacesTests {
    private func place(_ text: String, _ path: String...) throws -> [Int] {
        let place = try JSONPlaces(parsing: Array(text.utf8)).place(of: path)
        return [place.line, place.column]
    }

    @Test func membersAreWhereTheirNamesAreAndElementsWhereTheyAre() throws {
        let text = """
              {"é": {"a": 1, "b" :[true,
             null, {"c": "x"}]},
            "d\\u0041": 2}
            """
        #expect(try place(text) == [1, 3])
        #expect(try place(text, "é") == [1, 4])
        #expect(try place(text, "é", "a") == [1, 10])
        #expect(try place(text, "é", "b") == [1, 18])
        #expect(try place(text, "é", "b", "0") == [1, 24])
        #expect(try place(text, "é", "b", "1") == [2, 2])
        #expect(try place(text, "é", "b", "2", "c") == [2, 9])
        #expect(try place(text, "dA") == [3, 1])
    }

    @Test func whatIsNotThereIsAtTheInnermostThatIs() throws {
        let text = #"{"a": {"b": [1]}}"#
        #expect(try place(text, "a", "x", "y") == [1, 2])
        #expect(try place(text, "a", "b", "7") == [1, 8])
        #expect(try place("1", "a") == [1, 1])
    }

    @Test func whatIsNotReadHasNoPlaces() throws {
        #expect(throws: JSONError.self) { try JSONPlaces(parsing: Array("{".utf8)) }
        #expect(throws: JSONError.self) { try JSONPlaces(parsing: [0xFF]) }
    }
}
