import Testing

@testable import ComponentsHTTP

struct QueryTests {
    private func pairs(_ target: String) throws -> [[String]] {
        try Query(target: target).parameters.map { [$0.name, $0.value] }
    }

    @Test(
        arguments: [
            ("/a", []), ("/a?", []), ("/a?&&", []), ("/a?b", [["b", ""]]), ("/a?b=", [["b", ""]]),
            ("/a?b=c=d&e=f", [["b", "c=d"], ["e", "f"]]), ("/a?b+c=d%20e%2B", [["b c", "d e+"]]),
            ("/a?%C3%A9=%c3%a9", [["é", "é"]]), ("/a?b=/x?y", [["b", "/x?y"]]), ("/a??", [["?", ""]]),
            ("/a?=b", [["", "b"]]),
        ] as [(String, [[String]])])
    func parametersAreReadAsFormsWriteThem(_ target: String, _ expected: [[String]]) throws {
        #expect(try pairs(target) == expected)
    }

    @Test(arguments: [
        ("/a?%", "%"), ("/a?b=%4", "%"), ("/a?b=%zz", "%"), ("/a?b=%FF", "UTF-8"), ("/a?b=1&%62=2", "twice"),
    ])
    func whatCannotBeReadIsRefused(_ target: String, _ words: String) {
        do throws(RequestFault) {
            _ = try Query(target: target)
            Issue.record("read")
        } catch {
            guard case .invalidQuery(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains(words))
        }
    }

    @Test func valuesHaveNames() throws {
        let query = try Query(target: "/a?b=1&c")
        #expect(query["b"] == "1")
        #expect(query["c"] == "")
        #expect(query["d"] == nil)
        #expect(Query.empty == (try Query(target: "/")))
    }
}
