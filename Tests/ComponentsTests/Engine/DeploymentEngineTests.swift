import Foundation
import JSON
import Logging
import Synchronization
import Testing

@testable import Components

struct DeploymentEngineTests {
    /// A feed that knows what it was last told.
    private final class Feed: DeploymentFeed {
        private let known = Mutex<
            (records: [DeploymentIdentity: DeploymentRecord], builds: [String: BuildObservation])
        >(
            ([:], [:]))

        func record(of deployment: DeploymentIdentity) -> DeploymentRecord? {
            known.withLock { $0.records[deployment] }
        }

        func observation(of build: PlannedBuild, of deployment: DeploymentIdentity) -> BuildObservation? {
            known.withLock { $0.builds[build.id] }
        }

        func stored(_ record: DeploymentRecord) {
            known.withLock { $0.records[record.request.identity] = record.phase.isTerminal ? nil : record }
        }

        /// Sees the world as it is now; of a config nothing is kept.
        func look(at world: World) async {
            let (records, runs) = await world.look { ($0.records, $0.runs) }
            known.withLock { known in
                known.builds = runs.mapValues(\.observation)
                known.records = [:]
                for var record in records.values where !record.phase.isTerminal {
                    record.request.config = .null
                    known.records[record.request.identity] = record
                }
            }
        }
    }

    private let feed = Feed()

    private func engine(_ fixture: ServiceFixture, process: Int = 50) -> DeploymentEngine {
        let ports = Ports(world: fixture.world, process: process)
        return DeploymentEngine(
            deployments: ports, builds: ports, goodBuilds: ports, feed: feed, clock: fixture.clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func deployed(_ fixture: ServiceFixture) async throws -> DeploymentIdentity {
        let id = try await fixture.service().deploy(fixture.tool).deployment.id
        let deployment = DeploymentIdentity(id: id, tool: fixture.tool)
        await feed.look(at: fixture.world)
        // What the cluster says of the builds is noted once.
        _ = await engine(fixture).drive(deployment)
        await fixture.world.configure { $0.journal = [] }
        await feed.look(at: fixture.world)
        return deployment
    }

    @Test func whatIsWatchedCostsNoCallUntilSomethingIsToBeStored() async throws {
        let fixture = try await ServiceFixture()
        let deployment = try await deployed(fixture)
        guard case .again(let delay) = await engine(fixture).drive(deployment) else {
            Issue.record("it goes on")
            return
        }
        #expect(delay > .seconds(3_500) && delay < .seconds(3_602))
        #expect(await fixture.world.journal.isEmpty)
        await fixture.world.configure { world in
            for id in world.runs.keys { world.runs[id]?.phase = .succeeded }
        }
        await feed.look(at: fixture.world)
        #expect(await engine(fixture).drive(deployment) == .done)
        #expect(await fixture.world.journal == [.readBuilds, .writeBuilds, .update(deployment.id)])
        #expect(await fixture.world.records[deployment.id]?.phase == .succeeded)
        #expect(await engine(fixture).drive(deployment) == .done)
    }

    @Test func noSecretIsNotedThoughTheConfigIsNotKnown() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        await fixture.world.configure { world in
            world.config = [
                "components": [
                    "web": [
                        "build": [
                            "repository": "https://example.org/web.git", "envvars": ["PASSWORD": "correct-horse"],
                        ]
                    ]
                ]
            ]
        }
        let deployment = try await deployed(fixture)
        await fixture.world.configure { world in
            for id in world.runs.keys {
                world.runs[id]?.phase = .failed
                world.logs[id] = ["ERROR: No buildpack groups passed detection: correct-horse"]
            }
        }
        await feed.look(at: fixture.world)
        #expect(await engine(fixture).drive(deployment) == .done)
        let noted = try #require(await fixture.world.records[deployment.id]?.status.builds["web"])
        #expect(noted.reason == .buildpackNotDetected)
        #expect(!noted.message.contains("correct-horse"))
        #expect(noted.logTail?.lines == ["ERROR: No buildpack groups passed detection: ***"])
    }

    @Test func aRunThatTheWatchDoesNotKnowYetHasNotVanished() async throws {
        let fixture = try await ServiceFixture()
        let deployment = try await deployed(fixture)
        let runs = await fixture.world.runs
        await fixture.world.configure { $0.runs = [:] }
        await feed.look(at: fixture.world)
        await fixture.world.configure { $0.runs = runs }
        guard case .again = await engine(fixture).drive(deployment) else {
            Issue.record("it goes on")
            return
        }
        #expect(await fixture.world.journal.map(\.description) == ["observe", "observe"])
    }

    @Test func aNewRecordIsLeftToItsRequest() async throws {
        let fixture = try await ServiceFixture()
        let deployment = try await deployed(fixture)
        await fixture.world.configure { world in
            world.records[deployment.id]?.status = DeploymentStatus()
            world.runs = [:]
        }
        await feed.look(at: fixture.world)
        guard case .again(let delay) = await engine(fixture).drive(deployment) else {
            Issue.record("its request is at work")
            return
        }
        #expect(delay < .seconds(16))
        #expect(await fixture.world.journal.isEmpty)
        // Its process has died: what it has not started is started.
        fixture.clock.advance(by: 16)
        guard case .again = await engine(fixture).drive(deployment) else {
            Issue.record("its builds run")
            return
        }
        #expect(await fixture.world.runs.count == 2)
        #expect(await fixture.world.journal.map(\.description).count { $0 == "records" } == 1)
    }

    @Test func whatCouldNotStartIsTriedAgainUntilItsDeadline() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        await fixture.world.configure { world in
            world.fault = { call, _ in
                if case .start = call { return .before(.failed(reason: "the cluster does not allow it")) }
                return nil
            }
        }
        let deployment = try await deployed(fixture)
        #expect(await engine(fixture).drive(deployment) == .failed)
        #expect(await fixture.world.records[deployment.id]?.status.builds["web"]?.reason == .clusterRefused)
        fixture.clock.advance(by: 700)
        #expect(await engine(fixture).drive(deployment) == .done)
        let end = await fixture.world.records[deployment.id]?.status.builds["web"]
        #expect(end?.reason == .notStarted)
        #expect(end?.message.contains("does not allow it") == true)
    }

    @Test func aDeploymentAtWhichNobodyLooksEndsAtItsDeadline() async throws {
        let fixture = try await ServiceFixture()
        let deployment = try await deployed(fixture)
        fixture.clock.advance(by: 3_601)
        #expect(await engine(fixture).drive(deployment) == .done)
        #expect(await fixture.world.records[deployment.id]?.phase == .timedOut)
        #expect(await fixture.world.runs.values.allSatisfy { $0.isCancelled })
    }

    @Test func anOldViewDoesNoHarm() async throws {
        let fixture = try await ServiceFixture()
        let deployment = try await deployed(fixture)
        let cancelled = try await fixture.service().cancelDeployment(deployment.id, of: fixture.tool)
        // The feed still knows it as running.
        _ = await engine(fixture).drive(deployment)
        #expect(try await fixture.service().deployment(deployment.id, of: fixture.tool) == cancelled)
    }
}
