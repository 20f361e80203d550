import Foundation
import JSON
import Testing

@testable import Components

/// Deployments that are read again after their time: they start nothing that would overwrite a newer image.
struct StaleStartTests {
    /// A deployment whose builds' starts were not confirmed.
    private func unstarted(
        _ fixture: ServiceFixture, key: IdempotencyKey? = nil
    ) async throws -> Deployment {
        await fixture.world.configure { world in
            world.fault = { call, _ in
                if case .start = call { return .before(.unavailable(reason: "away", retryAfter: nil)) }
                return nil
            }
        }
        let deployment = try await fixture.service(process: 1).deploy(fixture.tool, key: key).deployment
        await fixture.world.configure { $0.fault = { _, _ in nil } }
        #expect(await fixture.world.runs.isEmpty)
        return deployment
    }

    private func finish(_ fixture: ServiceFixture) async {
        await fixture.world.configure { world in
            for id in world.runs.keys { world.runs[id]?.phase = .succeeded }
        }
    }

    @Test(arguments: [false, true])
    func anOldDeploymentBuildsNothingThatANewerOneHasBuilt(_ isReplay: Bool) async throws {
        let fixture = try await ServiceFixture()
        let key = try #require(IdempotencyKey("k"))
        let old = try await unstarted(fixture, key: isReplay ? key : nil)
        let newer = try await fixture.service(process: 2).deploy(fixture.tool).deployment
        await finish(fixture)
        let read =
            isReplay
            ? try await fixture.service().deploy(fixture.tool, key: key).deployment
            : try await fixture.service().deployment(old.id, of: fixture.tool)
        #expect(read.phase == .failed)
        #expect(read.builds.allSatisfy { $0.reason == .superseded && $0.message.contains(newer.id) })
        #expect(await fixture.world.creations.count == 2)
        // A creation that is still under way finds the name taken.
        #expect(await fixture.world.prevented == Set(old.builds.map(\.id)))
    }

    @Test func aComponentThatTheNewerDeploymentDoesNotHaveIsBuilt() async throws {
        let fixture = try await ServiceFixture(components: ["api", "web"])
        let old = try await unstarted(fixture)
        await fixture.world.configure { $0.config = ServiceFixture.config(["web"]) }
        _ = try await fixture.service(process: 2).deploy(fixture.tool)
        let read = try await fixture.service().deployment(old.id, of: fixture.tool)
        #expect(read.builds.map(\.reason) == [nil, .superseded])
        #expect(read.builds.map(\.phase) == [.pending, .cancelled])
    }

    @Test func aDeploymentThatIsTooOldStartsNothing() async throws {
        let fixture = try await ServiceFixture()
        let old = try await unstarted(fixture)
        fixture.clock.advance(by: 700)
        await fixture.world.configure { $0.journal = [] }
        let read = try await fixture.service().deployment(old.id, of: fixture.tool)
        #expect(read.phase == .failed)
        #expect(read.builds.allSatisfy { $0.reason == .notStarted })
        #expect(await fixture.world.runs.isEmpty)
        let calls = await Dictionary(grouping: fixture.world.journal, by: \.description).mapValues(\.count)
        #expect(calls == ["read": 1, "observe": 2, "update": 1])
        // It is an end like any other.
        #expect(try await fixture.service().deployment(old.id, of: fixture.tool) == read)
    }

    @Test func rightAfterTheDeadlineTheNamesAreTaken() async throws {
        let fixture = try await ServiceFixture()
        let old = try await unstarted(fixture)
        fixture.clock.advance(by: 630)
        let read = try await fixture.service().deployment(old.id, of: fixture.tool)
        #expect(read.builds.allSatisfy { $0.reason == .notStarted })
        #expect(await fixture.world.prevented == Set(old.builds.map(\.id)))
    }

    @Test func aDeploymentThatMayStillStartListsTheOthersOnce() async throws {
        let fixture = try await ServiceFixture()
        let old = try await unstarted(fixture)
        await fixture.world.configure { $0.journal = [] }
        let read = try await fixture.service().deployment(old.id, of: fixture.tool)
        #expect(read.phase == .pending)
        let calls = await Dictionary(grouping: fixture.world.journal, by: \.description).mapValues(\.count)
        #expect(calls == ["read": 1, "observe": 2, "records": 1, "start": 2, "update": 1])
    }
}
