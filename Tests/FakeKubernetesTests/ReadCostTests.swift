import Testing

@testable import FakeKubernetes

/// What a read costs when the fake is told to be as slow as a real server.
///
/// The instants are given: no test waits.
@Suite struct ReadCostTests {
    private let start = ContinuousClock.now

    private static let unreadable: [Value] = [
        [:], ["latencyMicroseconds": -1, "readsPerSecond": 1], ["latencyMicroseconds": 1, "readsPerSecond": 0],
    ]

    private func answers(toReadsAt moments: [Duration]) -> [Duration] {
        var schedule = ReadSchedule(latency: .microseconds(2_400), readsPerSecond: 1_000)
        return moments.map { schedule.answer(toReadAt: start + $0) - start }
    }

    @Test func takesTheLatencyForAReadThatComesAlone() {
        // Each when the one before is answered, as one client asks.
        #expect(
            answers(toReadsAt: [.zero, .microseconds(2_400), .microseconds(4_800)])
                == [.microseconds(2_400), .microseconds(4_800), .microseconds(7_200)])
    }

    @Test func answersNoMoreThanItsRateAndInTheOrderOfComing() {
        let moments = Array(repeating: Duration.zero, count: 4)
        #expect(
            answers(toReadsAt: moments)
                == [.microseconds(2_400), .microseconds(3_400), .microseconds(4_400), .microseconds(5_400)])
    }

    @Test func servesSeveralAtOnceAsLongAsTheRateAllowsIt() {
        #expect(
            answers(toReadsAt: [.zero, .microseconds(1_000), .microseconds(1_500)])
                == [.microseconds(2_400), .microseconds(3_400), .microseconds(4_400)])
    }

    @Test func savesNoRateForLater() {
        let later = Duration.seconds(60)
        #expect(
            answers(toReadsAt: [.zero, later, later])
                == [.microseconds(2_400), later + .microseconds(2_400), later + .microseconds(3_400)])
    }

    @Test func isSetAndTakenBackByTheFakesOwnEndpoint() async throws {
        try await ToolDeployments.withCluster { _, client in
            let cost: Value = ["latencyMicroseconds": 1_000, "readsPerSecond": 1_370]
            let answer = try await client.send("PUT", "/_fake/read-cost", cost)
            #expect(answer?.value == cost)
            #expect(try await client.send("GET", "/_fake/read-cost")?.value == cost)
            // Reads are answered all the same.
            #expect(try await client.send("GET", ToolDeployments.path)?.status == 200)
            for wrong in Self.unreadable {
                #expect(try await client.send("PUT", "/_fake/read-cost", wrong)?.status == 400)
            }
            #expect(try await client.send("DELETE", "/_fake/read-cost")?.value == [:])
            #expect(try await client.send("GET", "/_fake/read-cost")?.value == [:])
        }
    }

    @Test func costsReadsOfObjectsOnly() throws {
        let cost = ReadCost()
        func call(_ verb: Verb) -> APICall {
            let path = ResourcePath(
                group: "", version: "v1", resource: "namespaces", namespace: nil, name: "a", subresource: nil)
            return APICall(
                verb: verb, path: path, query: QueryItems(""), contentType: "", userAgent: "", body: [], user: "")
        }
        #expect(cost.answer(to: call(.get)) == nil)
        try cost.replace(with: ["latencyMicroseconds": 2_400, "readsPerSecond": 1_370])
        #expect(cost.answer(to: call(.get)) != nil)
        #expect(cost.answer(to: call(.list)) != nil)
        #expect(cost.answer(to: call(.create)) == nil)
        #expect(cost.answer(to: call(.watch)) == nil)
        #expect(cost.answer(to: nil) == nil)
    }
}
