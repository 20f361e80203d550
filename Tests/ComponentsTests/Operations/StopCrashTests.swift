import Foundation
import JSON
import Testing

@testable import Components

/// A cancellation, a deploy that takes the place of another, and a removal, killed at each of their calls, before it is done
/// and after; then another process looks, as the engine of the next leader does.
struct StopCrashTests {
    private static let points = (0..<16).flatMap { [($0, false), ($0, true)] }

    /// Does something in a process that dies at that call.
    private func dying(
        at point: (index: Int, afterCommit: Bool), _ fixture: ServiceFixture,
        _ body: (ComponentsService) async throws -> Void
    ) async {
        await fixture.world.configure { world in
            world.journal = []
            world.fault = { _, index in index == point.index ? (point.afterCommit ? .dieAfter : .dieBefore) : nil }
        }
        try? await body(fixture.service(process: 2))
        await fixture.world.configure { $0.fault = { _, _ in nil } }
    }

    /// Another process looks at every deployment, as long after as an engine waits, until its builds have ended.
    private func look(_ fixture: ServiceFixture) async throws {
        fixture.clock.advance(by: 20)
        for _ in 0..<2 {
            for id in await fixture.world.records.keys.sorted() {
                _ = try await fixture.service(process: 3).deployment(id, of: fixture.tool)
            }
            await fixture.world.configure { world in
                for (build, run) in world.runs where !run.phase.isTerminal { world.runs[build]?.phase = .succeeded }
            }
        }
        for id in await fixture.world.records.keys.sorted() {
            #expect(try await fixture.service(process: 3).deployment(id, of: fixture.tool).phase.isTerminal)
        }
        #expect(await fixture.world.creations.values.allSatisfy { $0 == 1 })
        #expect(await fixture.world.violations.isEmpty)
    }

    @Test(arguments: points)
    func aCancellationIsMadeOrNot(_ point: (index: Int, afterCommit: Bool)) async throws {
        let fixture = try await ServiceFixture(components: ["a", "b", "c"])
        let started = try await fixture.service().deploy(fixture.tool).deployment
        await dying(at: point, fixture) { service in
            _ = try await service.cancelDeployment(started.id, of: fixture.tool)
        }
        let isDecided = await fixture.world.records[started.id]?.status.stop != nil
        try await look(fixture)
        let end = try await fixture.service(process: 3).deployment(started.id, of: fixture.tool)
        #expect(end.phase == (isDecided ? .cancelled : .succeeded))
        // Once it is decided, whoever looks ends all builds.
        if isDecided { #expect(end.builds.allSatisfy { $0.phase == .cancelled }) }
    }

    @Test(arguments: points)
    func theOlderEndsOnceTheNewerIsRecorded(_ point: (index: Int, afterCommit: Bool)) async throws {
        let fixture = try await ServiceFixture(components: ["a", "b"])
        let old = try await fixture.service().deploy(fixture.tool).deployment
        await dying(at: point, fixture) { service in
            _ = try await service.deploy(
                fixture.tool, DeploymentOrder(options: DeploymentOptions(overlap: .supersede)))
        }
        let newer = await fixture.world.records.keys.first { $0 != old.id }
        try await look(fixture)
        let end = try await fixture.service(process: 3).deployment(old.id, of: fixture.tool)
        #expect(end.phase == (newer == nil ? .succeeded : .cancelled))
        guard let newer else { return }
        #expect(end.stop?.by == newer)
        #expect(try await fixture.service(process: 3).deployment(newer, of: fixture.tool).phase == .succeeded)
    }

    @Test(arguments: points)
    func aRemovalLeavesNoBuildWithoutARecord(_ point: (index: Int, afterCommit: Bool)) async throws {
        let fixture = try await ServiceFixture(components: ["a", "b", "c"])
        let started = try await fixture.service().deploy(fixture.tool).deployment
        await dying(at: point, fixture) { service in
            _ = try await service.removeDeployment(started.id, of: fixture.tool)
        }
        let (records, runs) = await fixture.world.look { ($0.records, $0.runs) }
        for run in runs.values where records[run.deployment] == nil { #expect(run.phase.isTerminal) }
        try await look(fixture)
    }
}
