import FakeKubernetes
import Testing

/// The fake answers as a real Kubernetes did: every recorded exchange is sent to it, in order.
@Suite struct RecordedExchangesTests {
    /// What the fake does not serve, and why.
    static let notServed: [String: String] = [
        "objects[21]": "server-side apply: the service never uses it, it leaves other managers' keys",
        "objects[22]": "server-side apply",
        "objects[23]": "server-side apply",
        "pipelineruns[26]": "the builder makes no TaskRuns",
    ]

    @Test func answersEveryRecordedExchangeAsTheRealServerDid() async throws {
        // No builder: the test plays Tekton from the recording, so that no answer depends on time.
        try await withFakeCluster(.init(runsBuilds: false)) { cluster in
            var player = RecordingPlayer(cluster: cluster)
            var served = 0
            for file in [
                "crd", "objects", "refusals", "status", "lists", "events", "leases", "watch", "pipelineruns",
                "discovery",
            ] {
                for exchange in try NumberedExchange.read(file) {
                    try await player.prepare(for: exchange)
                    guard Self.notServed[exchange.id] == nil else { continue }
                    try await player.play(exchange)
                    served += 1
                }
            }
            #expect(served == 133 - Self.notServed.count)
        }
    }
}
