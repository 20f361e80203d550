import JSON
import Testing

@testable import YAML

/// Where the values of a YAML document stand.
struct YAMLPlacesTests {
    private func place(_ text: String, _ path: String...) throws -> [Int] {
        let place = try JSONPlaces(parsingYAML: Array(text.utf8)).place(of: path)
        return [place.line, place.column]
    }

    @Test func membersAreWhereTheirNamesAreAndElementsWhereTheyAre() throws {
        let text = """
            # a comment
            components:
              web:
                build:
                  repository: >
                    https://example.org
              'é': {a: 1, b: [x,
                y]}
            list:
              - 1
              - k: v
            """
        #expect(try place(text) == [2, 1])
        #expect(try place(text, "components", "web", "build", "repository") == [5, 7])
        #expect(try place(text, "components", "é") == [7, 3])
        #expect(try place(text, "components", "é", "b") == [7, 15])
        #expect(try place(text, "components", "é", "b", "1") == [8, 5])
        #expect(try place(text, "list", "1", "k") == [11, 5])
        #expect(try place(text, "components", "web", "run") == [3, 3])
    }

    @Test func whatIsNotReadHasNoPlaces() throws {
        #expect(throws: YAMLError.self) { try JSONPlaces(parsingYAML: Array("[".utf8)) }
        #expect(throws: YAMLError.self) { try JSONPlaces(parsingYAML: [0xFF]) }
    }
}
