import Components
import FakeKubernetes
import Foundation
import JSON
import Kubernetes
import Synchronization
import Testing

@testable import ComponentsKubernetes

/// What a crash, a removal or the end of a tool left behind is found and removed: on a cluster.
struct SweeperTests {
    private typealias Objects = WatchedObjects

    /// A clock that is ahead of the cluster's, so that what was just made is old enough.
    private struct LaterClock: ClusterClock {
        var seconds = 300.0
        func now() -> Date { Date().addingTimeInterval(seconds) }
    }

    /// A feed that knows these deployments not to have ended.
    private struct Feed: DeploymentFeed {
        var records: [DeploymentIdentity: DeploymentRecord] = [:]
        func record(of deployment: DeploymentIdentity) -> DeploymentRecord? { records[deployment] }
        func observation(of build: PlannedBuild, of deployment: DeploymentIdentity) -> BuildObservation? { nil }
        func stored(_ record: DeploymentRecord) {}
    }

    private static func sweep(
        _ live: LiveCluster, retained: Int = 0, clock: any ClusterClock = LaterClock(), feed: Feed = Feed()
    ) async -> Int {
        let removed = Mutex(0)
        await Sweeper(
            store: live.deployments, builds: live.builds, feed: feed, retained: retained, clock: clock,
            logger: LiveCluster.logger
        ) { removed.withLock { $0 += 1 } }.sweep()
        return removed.withLock { $0 }
    }

    private static func store(_ deployment: DeploymentIdentity, _ live: LiveCluster) async throws -> DeploymentRecord {
        let record = try await live.deployments.create(Objects.record(deployment, version: 0).request)
        #expect(await live.builds.start(Objects.build(of: deployment), of: deployment) == .started)
        return record
    }

    private static func end(_ record: DeploymentRecord, _ phase: BuildPhase, _ live: LiveCluster) async throws {
        _ = try await live.deployments.update(
            record, to: DeploymentStatus(builds: ["web": BuildStatus(start: .created, phase: phase, message: "m")]))
    }

    @Test func aRunWithoutARecordIsEndedAndRemoved() async throws {
        try await LiveCluster.with { live in
            let build = Objects.build()
            #expect(await live.builds.start(build, of: Objects.identity) == .started)
            _ = live.calls()
            #expect(await Self.sweep(live) == 1)
            #expect(live.runs.isEmpty)
            let calls = live.calls()
            #expect(
                calls == [
                    "list pipelineruns", "list tooldeployments", "get tooldeployments", "patch pipelineruns",
                    "delete pipelineruns",
                ])
        }
    }

    @Test func aRunThatIsTooYoungIsLeftAlone() async throws {
        try await LiveCluster.with { live in
            #expect(await live.builds.start(Objects.build(), of: Objects.identity) == .started)
            #expect(await Self.sweep(live, clock: SystemClock()) == 0)
            #expect(live.runs.count == 1)
            #expect(live.runs.first?.at("spec", "status") == nil)
        }
    }

    @Test func aRunWithItsRecordStays() async throws {
        try await LiveCluster.with { live in
            let record = try await Self.store(Objects.identity, live)
            #expect(await Self.sweep(live) == 0)
            #expect(await Self.sweep(live, feed: Feed(records: [Objects.identity: record])) == 0)
            #expect(live.runs.first?.at("spec", "status") == nil)
            try await live.setCondition(of: Objects.build().id, "True", reason: "Succeeded")
            try await Self.end(record, .succeeded, live)
            #expect(await Self.sweep(live) == 0)
            #expect(live.runs.count == 1)
        }
    }

    @Test func aRunThatOutlastsItsDeploymentIsEnded() async throws {
        try await LiveCluster.with { live in
            let record = try await Self.store(Objects.identity, live)
            try await Self.end(record, .cancelled, live)
            #expect(await Self.sweep(live) == 0)
            #expect(live.runs.count == 1)
            #expect(live.runs.first?.at("spec", "status") == "CancelledRunFinally")
        }
    }

    @Test func otherRunsAreNotTouched() async throws {
        try await LiveCluster.with { live in
            let runs = live.client.resources(AnyRun.self, namespace: "image-build")
            for (name, label) in [("demo-buildpacks-pipelinerun-1", "builds-api"), ("other", "another-installation")] {
                _ = try await runs.create(
                    AnyRun(json: [
                        "metadata": [
                            "name": .string(name),
                            "labels": ["user": "demo", "app.kubernetes.io/managed-by": .string(label)],
                        ],
                        "spec": ["pipelineRef": ["name": "buildpacks"]],
                    ]))
            }
            #expect(await Self.sweep(live) == 0)
            #expect(live.runs.count == 2)
        }
    }

    @Test func onlyTheNewestEndedRunsOfAToolStayWhereAsked() async throws {
        try await LiveCluster.with { live in
            for deployment in [Objects.identity, Objects.other] {
                let record = try await Self.store(deployment, live)
                try await live.setCondition(of: Objects.build(of: deployment).id, "True", reason: "Succeeded")
                try await Self.end(record, .succeeded, live)
            }
            #expect(await Self.sweep(live, retained: 2) == 0)
            #expect(await Self.sweep(live, retained: 1) == 1)
            #expect(live.runs.count == 1)
            #expect(live.records.count == 2)
        }
    }

    @Test func aListThatFailsRemovesNothing() async throws {
        try await LiveCluster.with { live in
            #expect(await live.builds.start(Objects.build(), of: Objects.identity) == .started)
            for (verb, resource) in [("list", "tooldeployments"), ("get", "tooldeployments")] {
                try live.cluster.setFaults([
                    LiveCluster.fault(verb, resource, LiveCluster.refusal(503, "ServiceUnavailable", "away"))
                ])
                #expect(await Self.sweep(live) == 0)
                #expect(live.runs.count == 1)
            }
        }
    }

    /// A call that has no answer leaves a sweep where a kill does.
    @Test(arguments: ["patch", "delete"], ["before", "after"])
    func aSweepThatEndsAtAWriteIsDoneByTheNext(_ verb: String, _ moment: String) async throws {
        try await LiveCluster.with { live in
            #expect(await live.builds.start(Objects.build(), of: Objects.identity) == .started)
            try live.cluster.setFaults([
                LiveCluster.fault(verb, "pipelineruns", ["drop": .string(moment)], times: nil)
            ])
            _ = await Self.sweep(live)
            live.cluster.clearFaults()
            _ = await Self.sweep(live)
            #expect(live.runs.isEmpty)
        }
    }

    @Test(arguments: [nil, "get", "delete"])
    func theBuildsOfARemovedDeploymentGoInTheBackground(_ failing: String?) async throws {
        try await LiveCluster.with { live in
            #expect(await live.builds.start(Objects.build(), of: Objects.identity) == .started)
            if let failing {
                let away = LiveCluster.refusal(503, "ServiceUnavailable", "away")
                try live.cluster.setFaults([LiveCluster.fault(failing, "pipelineruns", away)])
            }
            let (removals, removal) = AsyncStream.makeStream(of: Void.self)
            let disposal = RunDisposal(
                builds: live.builds, clock: LaterClock(), logger: LiveCluster.logger, removed: { removal.yield() })
            let running = Task { await disposal.run() }
            defer { running.cancel() }
            disposal.dispose(of: Objects.record(version: 1))
            for await _ in removals { break }
            #expect(live.runs.isEmpty)
        }
    }

    @Test func aBuildThatIsTooYoungWaitsWithoutACall() async throws {
        try await LiveCluster.with { live in
            let record = try await Self.store(Objects.identity, live)
            _ = live.calls()
            let disposal = RunDisposal(builds: live.builds, clock: SystemClock(), logger: LiveCluster.logger)
            disposal.dispose(of: record)
            let running = Task { await disposal.run() }
            await Task.yield()
            running.cancel()
            await running.value
            #expect(disposal.count == 1)
            #expect(live.calls() == [])
        }
    }
}
