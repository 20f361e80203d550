import Components
import FakeKubernetes
import JSON
import Kubernetes
import Testing

@testable import ComponentsKubernetes

/// The watches of deployments and runs, on a cluster.
struct DeploymentWatchTests {
    private typealias Objects = WatchedObjects
    private static let identity = WatchedObjects.identity
    private static let build = WatchedObjects.build()

    /// Runs `body` beside a watch that knows everything.
    private static func with(
        _ live: LiveCluster, _ body: (DeploymentWatch) async throws -> Void
    ) async throws {
        let watch = DeploymentWatch(client: live.client, buildNamespace: "image-build", logger: LiveCluster.logger)
        let changes = watch.changes()
        let running = Task { await watch.run() }
        defer { running.cancel() }
        for await _ in changes where watch.isLive { break }
        try await body(watch)
    }

    /// Waits until the condition holds, looking after each change.
    private static func wait(_ watch: DeploymentWatch, until condition: () -> Bool) async {
        let changes = watch.changes()
        if condition() { return }
        for await _ in changes where condition() { break }
    }

    private static func store(_ live: LiveCluster) async throws -> DeploymentRecord {
        try await live.deployments.create(Objects.record(version: 0).request)
    }

    private static func status(_ phase: BuildPhase) -> DeploymentStatus {
        DeploymentStatus(builds: ["web": BuildStatus(start: .created, phase: phase, message: "m")])
    }

    @Test func aDeploymentAndItsBuildAreKnownUntilItsEndIsStored() async throws {
        try await LiveCluster.with { live in
            try await Self.with(live) { watch in
                var record = try await Self.store(live)
                await Self.wait(watch) { watch.record(of: Self.identity) != nil }
                #expect(watch.unfinished == [Self.identity])
                #expect(watch.record(of: Self.identity)?.version == record.version)
                _ = await live.builds.start(Self.build, of: Self.identity)
                await Self.wait(watch) { watch.observation(of: Self.build, of: Self.identity)?.phase == .pending }
                try await live.setCondition(of: Self.build.id, "True", reason: "Succeeded")
                await Self.wait(watch) { watch.observation(of: Self.build, of: Self.identity)?.phase == .succeeded }
                try await live.delete(run: Self.build.id)
                record = try await live.deployments.update(record, to: Self.status(.running))
                await Self.wait(watch) { watch.record(of: Self.identity)?.version == record.version }
                #expect(watch.observation(of: Self.build, of: Self.identity)?.phase == .succeeded)
                _ = try await live.deployments.update(record, to: Self.status(.succeeded))
                // The watch says that it left; what is known of its build goes with it.
                await Self.wait(watch) { watch.record(of: Self.identity) == nil }
                #expect(watch.observation(of: Self.build, of: Self.identity) == nil)
                #expect(watch.unfinished.isEmpty)
            }
        }
    }

    @Test func whatHasEndedBeforeIsNotWatched() async throws {
        try await LiveCluster.with { live in
            let record = try await Self.store(live)
            _ = try await live.deployments.update(record, to: Self.status(.failed))
            _ = await live.builds.start(Self.build, of: Self.identity)
            try await live.setCondition(of: Self.build.id, "False", reason: "Failed")
            try await Self.with(live) { watch in
                #expect(watch.unfinished.isEmpty)
                #expect(watch.observation(of: Self.build, of: Self.identity) == nil)
            }
        }
    }

    @Test func whatIsStoredHereIsKnownBeforeTheWatchTellsIt() async throws {
        try await LiveCluster.with { live in
            try await Self.with(live) { watch in
                let record = try await Self.store(live)
                await Self.wait(watch) { watch.record(of: Self.identity) != nil }
                let updated = try await live.deployments.update(record, to: Self.status(.running))
                watch.stored(updated)
                #expect(watch.record(of: Self.identity)?.version == updated.version)
            }
        }
    }

    @Test func whoFollowsIsSignalledByEachChangeThatIsStoredAndByTheEnd() async throws {
        try await LiveCluster.with { live in
            try await Self.with(live) { watch in
                var signals = watch.changes(of: Self.identity).makeAsyncIterator()
                var record = try await Self.store(live)
                #expect(await signals.next() != nil)
                // What this process stores is a change for whoever waits.
                record = try await live.deployments.update(record, to: Self.status(.running))
                watch.stored(record)
                #expect(await signals.next() != nil)
                // It leaves the watch.
                record = try await live.deployments.update(record, to: Self.status(.succeeded))
                #expect(await signals.next() != nil)
                #expect(try await live.deployments.read(Self.identity.id, of: Self.identity.tool) == record)
            }
        }
    }

    @Test func whoFollowsIsSignalledByARemovalAndByAReset() async throws {
        try await LiveCluster.with { live in
            let watch = DeploymentWatch(client: live.client, buildNamespace: "image-build", logger: LiveCluster.logger)
            #expect(!watch.isLive)
            let record = try await Self.store(live)
            var signals = watch.changes(of: Self.identity).makeAsyncIterator()
            let running = Task { await watch.run() }
            defer { running.cancel() }
            // Whatever happened before the first list is not told one by one.
            #expect(await signals.next() != nil)
            try await live.deployments.remove(record.entry, of: Self.identity.tool, at: nil)
            #expect(await signals.next() != nil)
        }
    }

    @Test func aWatchThatIsRefusedIsNotLiveAndSaysWhy() async throws {
        try await LiveCluster.with { live in
            try live.cluster.setFaults([
                LiveCluster.fault(
                    "list", "tooldeployments", LiveCluster.refusal(403, "Forbidden", "no"), times: nil)
            ])
            let watch = DeploymentWatch(client: live.client, buildNamespace: "image-build", logger: LiveCluster.logger)
            let changes = watch.changes()
            let running = Task { await watch.run() }
            defer { running.cancel() }
            for await _ in changes where watch.figures(of: .deployments).failure != nil { break }
            #expect(!watch.isLive)
            #expect(watch.figures(of: .deployments).age > .zero)
            try live.cluster.setFaults([])
            for await _ in changes where watch.isLive { break }
            #expect(watch.figures(of: .deployments) == WatchFigures(age: .zero, restarts: 0, failure: nil))
        }
    }
}
