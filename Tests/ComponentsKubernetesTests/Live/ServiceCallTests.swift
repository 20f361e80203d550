import Components
import ComponentsKubernetes
import FakeKubernetes
import JSON
import Testing

/// What each request costs: the table of `Tests/Benchmarks/README.md`, row by row.
struct ServiceCallTests {
    private static func config(_ count: Int) -> JSONValue {
        let entries = (0..<count).map { index -> (String, JSONValue) in
            ("c\(index)", ["build": ["repository": .string("https://example.org/\(index)")]])
        }
        return ["components": .object(JSONObject(entries))]
    }

    static func deployed(_ live: LiveCluster, _ count: Int, retained: Int = 10) async throws -> Deployment {
        _ = try await live.service().store(config: config(count), for: live.tool)
        let deployment = try await live.service(retained: retained).deploy(live.tool).deployment
        live.cluster.clearJournal()
        return deployment
    }

    @Test func readingAConfigIsOneCall() async throws {
        try await LiveCluster.with { live in
            _ = try await live.service().store(config: Self.config(1), for: live.tool)
            live.cluster.clearJournal()
            _ = try await live.service().config(of: live.tool)
            #expect(live.calls() == ["get toolconfigs"])
        }
    }

    @Test(arguments: [1, 7, 50])
    func aDeploymentOfNBuildsIsNPlusFiveCalls(_ count: Int) async throws {
        try await LiveCluster.with { live in
            _ = try await live.service().store(config: Self.config(count), for: live.tool)
            live.cluster.clearJournal()
            _ = try await live.service().deploy(live.tool)
            let order = live.calls()
            #expect(
                Dictionary(grouping: order, by: \.self).mapValues(\.count) == [
                    "get toolconfigs": 1, "list tooldeployments": 2, "create tooldeployments": 1,
                    "create pipelineruns": count, "patch tooldeployments/status": 1,
                ])
            // The chain of four: what stands between two of these waits for nothing but the one before.
            #expect(Set(order.prefix(2)) == ["get toolconfigs", "list tooldeployments"])
            #expect(order.dropFirst(2).first == "create tooldeployments")
            #expect(Set(order.dropFirst(3).prefix(count)) == ["create pipelineruns"])
        }
    }

    @Test func eachDeploymentThatMustGoIsTwoCallsAndOneForEachOfItsUnfinishedBuilds() async throws {
        try await LiveCluster.with { live in
            let old = try await Self.deployed(live, 3)
            let done = try #require(old.builds.first)
            try await live.setCondition(of: done.id, "True", reason: "Succeeded")
            _ = try await live.service().deployment(old.id, of: live.tool)
            live.cluster.clearJournal()
            _ = try await live.service(retained: 1).deploy(live.tool)
            #expect(
                live.callCounts() == [
                    "get toolconfigs": 1, "list tooldeployments": 2, "create tooldeployments": 1,
                    "create pipelineruns": 3, "patch tooldeployments/status": 1,
                    "get tooldeployments": 1, "delete tooldeployments": 1, "patch pipelineruns": 2,
                ])
            #expect(live.records.count == 1)
        }
    }

    @Test func aBuildThatWasNeverCreatedCostsItsDeploymentsRemovalOneCallMore() async throws {
        try await LiveCluster.with { live in
            _ = try await live.service().store(config: Self.config(2), for: live.tool)
            try live.cluster.setFaults([
                LiveCluster.fault("create", "pipelineruns", LiveCluster.refusal(503, "ServiceUnavailable", "no")),
                LiveCluster.fault("create", "pipelineruns", LiveCluster.refusal(422, "Invalid", "no")),
            ])
            let old = try await live.service().deploy(live.tool).deployment
            #expect(live.runs.isEmpty)
            live.cluster.clearJournal()
            _ = try await live.service(retained: 1).deploy(live.tool)
            #expect(
                live.callCounts() == [
                    "get toolconfigs": 1, "list tooldeployments": 2, "create tooldeployments": 1,
                    "create pipelineruns": 4, "patch tooldeployments/status": 1,
                    "get tooldeployments": 1, "delete tooldeployments": 1, "patch pipelineruns": 2,
                ])
            // Whoever was about to create one of them finds its name taken.
            let taken = live.runs.filter { $0.at("spec", "status") == "Cancelled" }.compactMap {
                $0.at("metadata", "name")?.string
            }
            #expect(Set(taken) == Set(old.builds.map(\.id)))
        }
    }

    @Test func aLookIsOneCallForTheRecordAndOneForEachUnfinishedBuildAndOneIfSomethingChanged() async throws {
        try await LiveCluster.with { live in
            let deployment = try await Self.deployed(live, 3)
            _ = try await live.service().deployment(deployment.id, of: live.tool)
            #expect(live.callCounts() == ["get tooldeployments": 1, "get pipelineruns": 3])
            for build in deployment.builds.prefix(2) {
                try await live.setCondition(of: build.id, "True", reason: "Succeeded")
            }
            live.cluster.clearJournal()
            _ = try await live.service().deployment(deployment.id, of: live.tool)
            // The newest good builds are read and written once, however many end.
            #expect(
                live.callCounts() == [
                    "get tooldeployments": 1, "get pipelineruns": 3, "get toolbuilds": 1, "create toolbuilds": 1,
                    "patch tooldeployments/status": 1,
                ])
            let last = try #require(deployment.builds.last)
            try await live.setCondition(of: last.id, "False", reason: "Failed", message: "no such ref")
            live.cluster.clearJournal()
            let ended = try await live.service().deployment(deployment.id, of: live.tool)
            #expect(ended.phase == .failed)
            #expect(ended.builds.last?.message.contains("no such ref") == true)
            #expect(
                live.callCounts() == [
                    "get tooldeployments": 1, "get pipelineruns": 1, "patch tooldeployments/status": 1,
                ])
            #expect(try await live.service().deployment(deployment.id, of: live.tool) == ended)
            #expect(live.calls() == ["get tooldeployments"])
        }
    }

    @Test func aReadCreatesWhatIsStillToBeCreatedByOneCallEachAndOneList() async throws {
        try await LiveCluster.with { live in
            _ = try await live.service().store(config: Self.config(3), for: live.tool)
            try live.cluster.setFaults([
                LiveCluster.fault(
                    "create", "pipelineruns", LiveCluster.refusal(503, "ServiceUnavailable", "no"), times: 2)
            ])
            let started = try await live.service().deploy(live.tool).deployment
            #expect(started.builds.count { $0.message.contains("not confirmed") } == 2)
            #expect(live.runs.count == 1)
            live.cluster.clearJournal()
            _ = try await live.service().deployment(started.id, of: live.tool)
            #expect(live.runs.count == 3)
            #expect(
                live.callCounts() == [
                    "get tooldeployments": 1, "get pipelineruns": 3, "list tooldeployments": 1,
                    "create pipelineruns": 2, "patch tooldeployments/status": 1,
                ])
        }
    }

    @Test func whatWasNotFoundIsOneCallMore() async throws {
        try await LiveCluster.with { live in
            await #expect(throws: ComponentsError.self) { try await live.service().config(of: live.tool) }
            #expect(live.calls() == ["get toolconfigs", "get namespaces"])
            await #expect(throws: ComponentsError.self) {
                try await live.service().deployment("demo-deploy-1", of: live.tool)
            }
            #expect(live.calls() == ["get tooldeployments", "get namespaces"])
            await #expect(throws: ComponentsError.self) { try await live.service().deploy(live.tool) }
            #expect(Set(live.calls()) == ["get toolconfigs", "list tooldeployments", "get namespaces"])
        }
    }
}
