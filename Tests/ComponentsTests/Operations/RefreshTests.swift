import Foundation
import JSON
import Logging
import Testing

@testable import Components

struct RefreshTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func deployed(_ fixture: ServiceFixture) async throws -> Deployment {
        let started = try await fixture.service().deploy(fixture.tool).deployment
        await fixture.world.configure { $0.journal = [] }
        return started
    }

    private func setPhase(_ phase: BuildPhase, of builds: [Build], in fixture: ServiceFixture) async {
        await fixture.world.configure { world in
            for build in builds {
                world.runs[build.id]?.phase = phase
                world.runs[build.id]?.message = "now \(phase.rawValue)"
            }
        }
    }

    private func calls(_ fixture: ServiceFixture) async -> [String: Int] {
        await Dictionary(grouping: fixture.world.journal, by: \.description).mapValues(\.count)
    }

    @Test func storesAndReturnsWhatTheBuildsAreNow() async throws {
        let fixture = try await ServiceFixture()
        let started = try await deployed(fixture)
        await setPhase(.running, of: started.builds, in: fixture)
        let current = try await fixture.service().deployment(started.id, of: fixture.tool)
        #expect(current.phase == .running)
        #expect(current.builds.map(\.message) == ["now running", "now running"])
        #expect(await fixture.world.records[started.id]?.deployment == current)
        #expect(await calls(fixture) == ["read": 1, "observe": 2, "update": 1])
    }

    @Test func storesNothingIfNothingChanged() async throws {
        let fixture = try await ServiceFixture()
        let started = try await deployed(fixture)
        await setPhase(.running, of: started.builds, in: fixture)
        _ = try await fixture.service().deployment(started.id, of: fixture.tool)
        await fixture.world.configure { $0.journal = [] }
        _ = try await fixture.service().deployment(started.id, of: fixture.tool)
        #expect(await calls(fixture) == ["read": 1, "observe": 2])
    }

    @Test func asksNobodyAboutAnEndedDeployment() async throws {
        let fixture = try await ServiceFixture()
        let started = try await deployed(fixture)
        await setPhase(.succeeded, of: started.builds, in: fixture)
        let ended = try await fixture.service().deployment(started.id, of: fixture.tool)
        #expect(ended.phase == .succeeded)
        await fixture.world.configure {
            $0.journal = []
            $0.runs = [:]
        }
        #expect(try await fixture.service().deployment(started.id, of: fixture.tool) == ended)
        #expect(await calls(fixture) == ["read": 1])
    }

    @Test func aVanishedBuildIsAnErrorThatSaysSo() async throws {
        let fixture = try await ServiceFixture()
        let started = try await deployed(fixture)
        await fixture.world.configure { $0.runs = [:] }
        let current = try await fixture.service().deployment(started.id, of: fixture.tool)
        #expect(current.phase == .failed)
        #expect(current.builds.allSatisfy { $0.message.contains("vanished") })
        #expect(await fixture.world.creations.values.allSatisfy { $0 == 1 })
    }

    @Test func aConflictIsComputedAgainFromWhatIsThere() async throws {
        let fixture = try await ServiceFixture()
        let started = try await deployed(fixture)
        await setPhase(.succeeded, of: started.builds, in: fixture)
        let results = await withTaskGroup { group in
            for process in 0..<16 {
                group.addTask { try? await fixture.service(process: process).deployment(started.id, of: fixture.tool) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.allSatisfy { $0?.phase == .succeeded })
        #expect(await fixture.world.records[started.id]?.deployment.phase == .succeeded)
    }

    @Test func tellsAMissingDeploymentFromAMissingTool() async throws {
        let fixture = try await ServiceFixture()
        await #expect(throws: ComponentsError.deploymentMissing(fixture.tool, id: "demo-deploy-x")) {
            try await fixture.service().deployment("demo-deploy-x", of: fixture.tool)
        }
        await #expect(throws: ComponentsError.deploymentMissing(fixture.tool, id: "../x")) {
            try await fixture.service().deployment("../x", of: fixture.tool)
        }
        await fixture.world.configure { $0.tools = [] }
        await #expect(throws: ComponentsError.cluster(.toolMissing, about: .tool(fixture.tool))) {
            try await fixture.service().deployment("demo-deploy-x", of: fixture.tool)
        }
    }

    @Test(arguments: [false, true])
    func nothingIsStartedForARecordThatItsRequestTakesBack(isTakenBack: Bool) async throws {
        let fixture = try await ServiceFixture()
        let order = DeploymentOrder(options: DeploymentOptions(overlap: .reject))
        let id = try await fixture.service().deploy(fixture.tool, order).deployment.id
        // As a request leaves it that is held up before it starts anything.
        let isDue = Atomic1()
        await fixture.world.configure { world in
            world.runs = [:]
            world.records[id]?.status = DeploymentStatus()
            world.journal = []
            world.fault = { call, _ in
                guard isTakenBack, case .update = call, isDue.isFirst() else { return nil }
                return .meanwhile({ $0.records[id] = nil }, then: .absent)
            }
        }
        fixture.clock.advance(by: 16)
        let found = try? await fixture.service(process: 1).deployment(id, of: fixture.tool)
        #expect((found == nil) == isTakenBack)
        #expect(await fixture.world.runs.count == (isTakenBack ? 0 : 2))
        let changes = await fixture.world.journal.map(\.description).filter { ["update", "start"].contains($0) }
        #expect(changes == (isTakenBack ? ["update"] : ["update", "start", "start", "update"]))
    }

    /// Whatever else was stored meanwhile: nothing, the decision to stop, or that and then the cluster is away.
    @Test(arguments: [(false, false), (true, false), (true, true)])
    func aBuildRefusedByPostButStartedByGetDoesNotRunOn(isStopped: Bool, isAway: Bool) async throws {
        let fixture = try await ServiceFixture(components: ["web", "worker"])
        let started = try await deployed(fixture)
        let build = try #require(started.builds.first)
        let worker = try #require(started.builds.last)
        // The record as a GET had read it before POST noted the refusal: no note yet, and the build absent.
        await fixture.world.configure { world in
            world.runs[build.id] = nil
            world.records[started.id]?.status = DeploymentStatus()
        }
        let ports = Ports(world: fixture.world)
        let record = try #require(try await ports.read(started.id, of: fixture.tool))
        await fixture.world.configure { [clock = fixture.clock] world in
            world.fault = { call, _ in
                if isAway, case .cancel = call { return .before(.unavailable(reason: "away", retryAfter: nil)) }
                return nil
            }
            world.records[started.id]?.status = DeploymentStatus(
                builds: [
                    "web": BuildStatus(start: .refused, phase: .failed, message: "quota"),
                    "worker": BuildStatus(start: .created, phase: .running, message: ""),
                ], stop: isStopped ? DeploymentStop(reason: .cancelled, at: clock.now()) : nil)
            world.records[started.id]?.version = "moved"
        }
        let driver = DeploymentDriver(
            store: ports, builds: ports, keeper: GoodBuildKeeper(store: ports, logger: Self.logger),
            clock: fixture.clock, logger: Self.logger)
        let settled = await result(of: try await driver.bringUpToDate(record))
        #expect(((try? settled.get()) == nil) == isAway)
        #expect(await fixture.world.records[started.id]?.status.builds["web"]?.start == .refused)
        #expect(await fixture.world.runs[build.id]?.isCancelled == true)
        #expect(await fixture.world.runs[worker.id]?.isCancelled == (isStopped && !isAway))
    }
}
