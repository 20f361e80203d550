import FakeKubernetes
import Testing

/// The fake answers as a real Kubernetes did: every recorded exchange is sent to it, in order.
@Suite struct RecordedExchangesTests {
    /// What the fake does not serve, and why.
    static let notServed: [String: String] = [
        "objects[21]": "server-side apply: the service never uses it, it leaves other managers' keys",
        "objects[22]": "server-side apply",
        "objects[23]": "server-side apply",
        "pipelineruns[14]": "recorded without Tekton's webhook, which refuses a name of 74 characters",
        "pipelineruns[24]": "recorded without Tekton's webhook, which refuses changes of an ended run",
        "pipelineruns[26]": "the garbage collector has deleted the TaskRun before the next request",
        "gc[21]": "server-side apply",
        "taskruns[79]": "the garbage collector has orphaned the TaskRun before the next request",
        "pods[41]": "a log that is followed meanwhile: see PodLogTests",
        "pods[42]": "there is no kubelet that could be killed; a fault cuts a log",
        "pods[43]": "there is no kubelet that could be away; a fault answers the same",
        "pods[44]": "there are no Node objects; a fault answers the same",
        "pods[45]": "the kubelet knows every pod; a fault answers the same",
        "watch2[22]": "takes 100 seconds; the order of a build's events is tested in TektonTests",
        "watch2[28]": "the end of the API server; a fault hangs a watch",
        "watch2[29]": "the end of the API server; a fault cuts a watch",
        "watch2[30]": "an API server that has just started; a fault answers the same",
        "watch2[31]": "an API server that has just started; a fault answers the same",
        "watch2[32]": "an API server that has just started; a fault answers the same",
        "watch2[33]": "an API server that has just started",
        "watch2[34]": "an API server that has just started; a fault answers the same",
        "watch2[35]": "a version from before a restart: the fake forgets everything then",
        "watch2[36]": "a version from before a restart: the fake forgets everything then",
    ]

    @Test func answersEveryRecordedExchangeAsTheRealServerDid() async throws {
        // No builds: the test plays Tekton from the recording, so that no response depends on time.
        try await withFakeCluster(.init(runsBuilds: false)) { cluster in
            var player = RecordingPlayer(cluster: cluster)
            var served = 0
            var all = 0
            for file in [
                "crd", "objects", "refusals", "status", "lists", "events", "leases", "watch", "pipelineruns",
                "discovery",
            ] {
                for exchange in try NumberedExchange.read(file) {
                    all += 1
                    try await player.prepare(for: exchange)
                    guard Self.notServed[exchange.id] == nil else { continue }
                    try await player.play(exchange)
                    served += 1
                }
            }
            #expect(all == 133)
            #expect(served == 127)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["watch2", "leases2", "taskruns", "pods", "gc", "admission"])
    func answersTheSecondSetAsTheRealServerDid(file: String) async throws {
        try await withFakeCluster(.init(runsBuilds: false, namespaces: ["rec-builds", "tool-rec"])) { cluster in
            var player = RecordingPlayer(cluster: cluster)
            for exchange in try NumberedExchange.read(file) {
                try await player.prepareSecondSet(for: exchange)
                guard Self.notServed[exchange.id] == nil else { continue }
                try await player.play(exchange)
            }
        }
    }
}
