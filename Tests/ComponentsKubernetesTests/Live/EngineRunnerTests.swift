import Components
import FakeKubernetes
import Kubernetes
import Synchronization
import Testing

@testable import ComponentsKubernetes

/// Who drives, and what: on a cluster.
struct EngineRunnerTests {
    private typealias Objects = WatchedObjects

    /// What was driven, in order.
    private final class Driven: Sendable {
        let deployments: AsyncStream<DeploymentIdentity>
        private let continuation: AsyncStream<DeploymentIdentity>.Continuation

        init() { (deployments, continuation) = AsyncStream.makeStream() }

        func note(_ deployment: DeploymentIdentity) { continuation.yield(deployment) }
    }

    /// A replica: its watch and its runner, until its task is cancelled.
    private struct Replica {
        let runner: EngineRunner
        let driven = Driven()
        let sweeps: AsyncStream<Void>
        let task: Task<Void, Never>

        init(
            _ live: LiveCluster, _ name: String, timing: EngineTiming = EngineTiming(),
            outcome: EngineOutcome = .done
        ) {
            let watch = DeploymentWatch(client: live.client, buildNamespace: "image-build", logger: LiveCluster.logger)
            let (sweeps, sweep) = AsyncStream.makeStream(of: Void.self)
            self.sweeps = sweeps
            let runner = EngineRunner(
                watch: watch,
                election: LeaderElection(
                    client: live.client, namespace: "default", name: EngineRunner.leaseName, candidate: name,
                    // Tries often, so that a test need not wait; the election's own tests hold the usual times.
                    timing: ElectionTiming(
                        leaseDuration: .seconds(60), renewDeadline: .seconds(40), retryPeriod: .milliseconds(20)),
                    logger: LiveCluster.logger),
                timing: timing, logger: LiveCluster.logger,
                drive: { [driven] deployment in
                    driven.note(deployment)
                    return outcome
                },
                sweep: { sweep.yield() })
            self.runner = runner
            task = Task {
                await withDiscardingTaskGroup { group in
                    group.addTask { await watch.run() }
                    group.addTask { await runner.run() }
                }
            }
        }

        /// The next deployments that it drives.
        func next(_ count: Int = 1) async -> Set<DeploymentIdentity> {
            var found: Set<DeploymentIdentity> = []
            for await deployment in driven.deployments {
                found.insert(deployment)
                if found.count == count { break }
            }
            return found
        }
    }

    private static func store(_ deployment: DeploymentIdentity, _ live: LiveCluster) async throws -> DeploymentRecord {
        try await live.deployments.create(Objects.record(deployment, version: 0).request)
    }

    @Test func theLeaderDrivesWhatIsThereAndWhatChanges() async throws {
        try await LiveCluster.with { live in
            _ = try await Self.store(Objects.identity, live)
            _ = try await Self.store(Objects.other, live)
            let replica = Replica(live, "a")
            defer { replica.task.cancel() }
            #expect(await replica.next(2) == [Objects.identity, Objects.other])
            #expect(replica.runner.figures.isLeading)
            _ = await live.builds.start(Objects.build(of: Objects.other), of: Objects.other)
            #expect(await replica.next() == [Objects.other])
            let third = Objects.deployment("demo-deploy-3")
            _ = try await Self.store(third, live)
            #expect(await replica.next() == [third])
        }
    }

    @Test func aStopGivesTheLeadToAnother() async throws {
        try await LiveCluster.with { live in
            _ = try await Self.store(Objects.identity, live)
            let first = Replica(live, "a")
            #expect(await first.next() == [Objects.identity])
            let second = Replica(live, "b")
            defer { second.task.cancel() }
            #expect(!second.runner.figures.isLeading)
            first.task.cancel()
            await first.task.value
            #expect(!first.runner.figures.isLeading)
            #expect(await second.next() == [Objects.identity])
        }
    }

    @Test func whatIsToComeAgainComesAgain() async throws {
        try await LiveCluster.with { live in
            _ = try await Self.store(Objects.identity, live)
            let replica = Replica(live, "a", outcome: .again(after: .milliseconds(20)))
            defer { replica.task.cancel() }
            for _ in 0..<3 { #expect(await replica.next() == [Objects.identity]) }
        }
    }

    @Test func afterASweepEverythingIsDrivenAgain() async throws {
        try await LiveCluster.with { live in
            _ = try await Self.store(Objects.identity, live)
            let timing = EngineTiming(firstSweep: .milliseconds(20), sweepInterval: .milliseconds(20))
            let replica = Replica(live, "a", timing: timing)
            defer { replica.task.cancel() }
            for _ in 0..<3 { #expect(await replica.next() == [Objects.identity]) }
            var sweeps = 0
            for await _ in replica.sweeps {
                sweeps += 1
                if sweeps == 2 { break }
            }
            #expect(sweeps == 2)
        }
    }
}
