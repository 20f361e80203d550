import JSON
import Testing

/// RFC 8259, case by case, with the limits of request bodies.
struct JSONCaseTests {
    @Test func thereAreManyCasesWithUniqueNames() {
        let all = JSONCase.accepted + JSONCase.refusedStructure + JSONCase.refusedScalars + JSONCase.optional
        #expect(Set(all.map(\.name)).count == all.count)
        #expect(all.count { $0.name.hasPrefix("y_") } >= 90)
        #expect(all.count { $0.name.hasPrefix("n_") } >= 180)
        #expect(all.allSatisfy { !$0.name.hasPrefix("n_") || $0.rule == nil })
        print(
            "JSON cases: \(["y_", "n_", "i_"].map { prefix in "\(all.count { $0.name.hasPrefix(prefix) }) \(prefix)" })"
        )
    }

    @Test(arguments: JSONCase.accepted + JSONCase.optional)
    func isAcceptedOrRefusedByTheNamedRule(_ json: JSONCase) throws {
        guard let rule = json.rule else {
            let value = try JSONValue(parsing: json.text)
            #expect(try JSONValue(parsing: value.serialized()) == value)
            #expect(try JSONValue(parsing: value.serialized(.indented)) == value)
            return
        }
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: json.text) }
        #expect(error.rule == rule)
        #expect((0...json.text.count).contains(error.offset))
    }

    /// Trusted input has the same grammar, without the limits of a request.
    @Test(arguments: JSONCase.accepted.filter { $0.rule == .number || $0.rule == .limit })
    func whatOnlyALimitRefusesIsStillValid(_ json: JSONCase) throws {
        let limits = JSONLimits(depth: 1_000, values: 1_000_000, refusesInexactNumbers: false)
        let value = try JSONValue(parsing: json.text, limits: limits)
        #expect(value.serialized() == json.text)
    }

    @Test(arguments: JSONCase.refusedStructure + JSONCase.refusedScalars)
    func isRefusedWithItsPosition(_ json: JSONCase) throws {
        for limits in [JSONLimits.request, .trusted] {
            let error = try #require(throws: JSONError.self) { try JSONValue(parsing: json.text, limits: limits) }
            #expect((0...json.text.count).contains(error.offset))
            // The depth limit refuses the deeply nested ones before their syntax error is reached.
            #expect(error.rule == .syntax || error.rule == .encoding || json.name.hasSuffix("_thousand_times"))
        }
    }
}
