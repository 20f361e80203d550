import FakeKubernetes
import Testing

/// The builder at work in a whole cluster.
@Suite struct BuildsInAClusterTests {
    private static let path = "/apis/tekton.dev/v1/namespaces/image-build/pipelineruns"

    private static func run(_ name: String) throws -> Value {
        var run = try RecordedExchange.named("create", in: "pipelineruns").sent
        run.set(.string(name), at: "metadata", "name")
        run.set(
            .array(
                (run.at("spec", "params")?.array ?? []).map { parameter in
                    var parameter = parameter
                    // Nobody listens there.
                    if parameter["name"] == "SOURCE_URL" { parameter["value"] = "http://127.0.0.1:1/r.git" }
                    return parameter
                }), at: "spec", "params")
        return run
    }

    /// Waits for the run's condition to be of one of those states.
    private static func condition(_ name: String, in cluster: FakeCluster, _ statuses: Set<String>) async throws
        -> Value
    {
        while true {
            try Task.checkCancellation()
            let run = cluster.object(
                group: "tekton.dev", resource: "pipelineruns", namespace: "image-build", name: name)
            if let condition = run?.at("status", "conditions")?[0], let status = condition["status"]?.string,
                statuses.contains(status)
            {
                return condition
            }
            await Task.yield()
        }
    }

    @Test(.timeLimit(.minutes(1))) func theLogOfAFailedBuildSaysWhatGitSaid() async throws {
        try await withFakeCluster(.init(buildDuration: .zero)) { cluster in
            let client = TestClient(cluster: cluster)
            #expect(try await client.send("POST", Self.path, try Self.run("a"))?.status == 201)
            let condition = try await Self.condition("a", in: cluster, ["True", "False"])
            #expect(condition["message"] == "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0")
            let pod = "/api/v1/namespaces/image-build/pods/a-build-from-git-pod"
            let log = try #require(try await client.send("GET", "\(pod)/log?container=step-clone&follow=true"))
            #expect(log.headers["content-type"] == "text/plain")
            #expect(String(decoding: log.body, as: UTF8.self).contains("fatal: unable to access"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func aRunWhoseNameIsNoLabelIsRefused() async throws {
        try await withFakeCluster(.init(buildDuration: .zero)) { cluster in
            let name = String(repeating: "x", count: 64)
            let client = TestClient(cluster: cluster)
            let refused = try await client.send("POST", Self.path, try Self.run(name))
            #expect(refused?.status == 400)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aTestDecidesHowABuildEnds() async throws {
        try await withFakeCluster(.init(buildDuration: .zero)) { cluster in
            let client = TestClient(cluster: cluster)
            let plan: Value = ["run": "a", "end": "unschedulable"]
            let answer = try await client.send("PUT", "/_fake/builder", ["plans": [plan]])
            #expect(answer?.value == ["paused": false, "plans": [plan]])
            #expect(throws: (any Error).self) { try cluster.setBuildPlans([["end": "explode"]]) }
        }
    }

    @Test(.timeLimit(.minutes(1))) func cancelsWhilePausedAndGoesOnAfterwards() async throws {
        try await withFakeCluster(.init(buildDuration: .zero)) { cluster in
            let client = TestClient(cluster: cluster)
            #expect(try await client.send("PUT", "/_fake/builder", ["paused": true])?.status == 200)
            for name in ["a", "b"] {
                #expect(try await client.send("POST", Self.path, try Self.run(name))?.status == 201)
            }
            _ = try await client.send(
                "PATCH", Self.path + "/a", ["spec": ["status": "CancelledRunFinally"]],
                type: "application/merge-patch+json")
            #expect(try await Self.condition("a", in: cluster, ["False"])["reason"] == "Cancelled")
            let waiting = cluster.object(
                group: "tekton.dev", resource: "pipelineruns", namespace: "image-build", name: "b")
            #expect(waiting?.at("status", "completionTime") == nil)
            #expect(try await client.send("PUT", "/_fake/builder", ["paused": false])?.status == 200)
            #expect(try await Self.condition("b", in: cluster, ["False"])["reason"] == "Failed")
        }
    }
}
