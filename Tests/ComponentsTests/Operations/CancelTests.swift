import Foundation
import JSON
import Testing

@testable import Components

/// Cancelling, superseding and rejecting, over a world.
struct CancelTests {
    private func deployed(_ fixture: ServiceFixture, process: Int = 0) async throws -> Deployment {
        try await fixture.service(process: process).deploy(fixture.tool).deployment
    }

    private func order(_ overlap: DeploymentOptions.Overlap) -> DeploymentOrder {
        DeploymentOrder(options: DeploymentOptions(overlap: overlap))
    }

    @Test func aCancelledDeploymentEndsItsBuilds() async throws {
        let fixture = try await ServiceFixture()
        let started = try await deployed(fixture)
        let cancelled = try await fixture.service().cancelDeployment(started.id, of: fixture.tool, by: "ada")
        #expect(cancelled.phase == .cancelled)
        #expect(cancelled.reason == .cancelled)
        #expect(cancelled.builds.allSatisfy { $0.phase == .cancelled && $0.message == "cancelled by ada" })
        #expect(await fixture.world.runs.values.allSatisfy { $0.isCancelled })
    }

    @Test func aRepeatChangesNothing() async throws {
        let fixture = try await ServiceFixture()
        let started = try await deployed(fixture)
        let first = try await fixture.service().cancelDeployment(started.id, of: fixture.tool)
        await fixture.world.configure { $0.journal = [] }
        #expect(try await fixture.service().cancelDeployment(started.id, of: fixture.tool, by: "eve") == first)
        #expect(await fixture.world.journal == [.read(started.id)])
    }

    @Test func whatHasEndedIsNotCancelled() async throws {
        let fixture = try await ServiceFixture()
        let started = try await deployed(fixture)
        await fixture.world.configure { world in
            for id in world.runs.keys { world.runs[id]?.phase = .succeeded }
        }
        let ended = try await fixture.service().deployment(started.id, of: fixture.tool)
        await #expect(throws: ComponentsError.deploymentEnded(ended)) {
            try await fixture.service().cancelDeployment(started.id, of: fixture.tool)
        }
        await #expect(throws: ComponentsError.deploymentMissing(fixture.tool, id: "demo-deploy-x")) {
            try await fixture.service().cancelDeployment("demo-deploy-x", of: fixture.tool)
        }
    }

    @Test func aBuildWhoseStartIsNotKnownNeverRuns() async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { world in
            world.fault = { call, _ in
                if case .start = call { return .before(.timedOut(mayHaveHappened: true)) }
                return nil
            }
        }
        let started = try await deployed(fixture)
        await fixture.world.configure { $0.fault = { _, _ in nil } }
        let cancelled = try await fixture.service().cancelDeployment(started.id, of: fixture.tool)
        #expect(cancelled.phase == .cancelled)
        #expect(await fixture.world.prevented == Set(started.builds.map(\.id)))
    }

    /// The decision is stored before anything is ended: what the cluster did not do then, the next who looks does.
    @Test func aCancellationIsFinishedAfterACrash() async throws {
        let fixture = try await ServiceFixture()
        let started = try await deployed(fixture)
        await fixture.world.configure { world in
            world.fault = { call, _ in
                if case .cancel = call { return .dieBefore }
                return nil
            }
        }
        _ = try? await fixture.service(process: 7).cancelDeployment(started.id, of: fixture.tool)
        await fixture.world.configure { $0.fault = { _, _ in nil } }
        #expect(await fixture.world.records[started.id]?.phase == .cancelling)
        let read = try await fixture.service().deployment(started.id, of: fixture.tool)
        #expect(read.phase == .cancelled)
        #expect(await fixture.world.runs.values.allSatisfy { $0.isCancelled })
    }

    @Test func aStartThatComesBetweenIsEndedToo() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        let started = try await deployed(fixture)
        // As if the first status had not been stored yet when somebody cancels.
        await fixture.world.configure { world in
            world.runs = [:]
            world.creations = [:]
            world.records[started.id]?.status = DeploymentStatus()
            world.fault = { call, _ in
                guard case .update = call else { return nil }
                return .meanwhile(
                    { world in
                        guard world.records[started.id]?.status.stop == nil else { return }
                        world.records[started.id]?.status.stop = DeploymentStop(
                            reason: .cancelled, by: "ada", at: Date(timeIntervalSince1970: 1))
                        world.records[started.id]?.version = "moved"
                        world.fault = { _, _ in nil }
                    }, then: .conflict)
            }
        }
        let read = try await fixture.service().deployment(started.id, of: fixture.tool)
        #expect(read.phase == .cancelled)
        #expect(await fixture.world.runs.values.allSatisfy { $0.isCancelled })
    }

    @Test func theOlderOneIsSuperseded() async throws {
        let fixture = try await ServiceFixture()
        let old = try await deployed(fixture)
        let new = try await fixture.service(process: 1).deploy(fixture.tool, order(.supersede)).deployment
        let ended = try await fixture.service().deployment(old.id, of: fixture.tool)
        #expect(ended.phase == .cancelled)
        #expect(ended.reason == .superseded)
        #expect(ended.stop?.by == new.id)
        #expect(try await fixture.service().deployment(new.id, of: fixture.tool).phase == .pending)
        await #expect(throws: ComponentsError.deploymentEnded(ended)) {
            try await fixture.service().cancelDeployment(old.id, of: fixture.tool)
        }
    }

    @Test func theSecondIsRejectedAndLeavesNothing() async throws {
        let fixture = try await ServiceFixture()
        let old = try await deployed(fixture)
        await #expect(throws: ComponentsError.overlaps(fixture.tool, id: old.id)) {
            try await fixture.service(process: 1).deploy(fixture.tool, order(.reject))
        }
        #expect(await fixture.world.records.keys.sorted() == [old.id])
        #expect(await Set(fixture.world.runs.keys) == Set(old.builds.map(\.id)))
    }

    /// What was answered to whoever cancelled it stays true.
    @Test func oneThatIsCancelledBeforeItIsRejectedStays() async throws {
        let fixture = try await ServiceFixture()
        let (tool, world) = (fixture.tool, fixture.world)
        let old = try await deployed(fixture)
        await world.configure { $0.hidden = [old.id] }
        let service = fixture.service(process: 1) { call in
            guard call == .records, let new = await world.records.keys.first(where: { $0 != old.id }) else {
                return nil
            }
            await world.configure { $0.hidden = [] }
            _ = try? await fixture.service(process: 2).cancelDeployment(new, of: tool)
            return nil
        }
        let started = try await service.deploy(tool, order(.reject)).deployment
        #expect(started.phase == .cancelled)
        #expect(try await fixture.service().deployment(started.id, of: tool).stop?.reason == .cancelled)
        let runs = await world.runs
        #expect(started.builds.allSatisfy { runs[$0.id]?.isCancelled != false })
        #expect(old.builds.allSatisfy { runs[$0.id]?.isCancelled == false })
    }

    /// Neither among those that are kept, nor in a quota that is filled after the first look at them.
    @Test(arguments: [false, true])
    func whatIsRejectedTakesNoOlderOnesPlace(isSeenLate: Bool) async throws {
        let fixture = try await ServiceFixture()
        let old = try await deployed(fixture)
        await fixture.world.configure { world in
            world.quota = 1
            if isSeenLate { world.hidden = [old.id] }
        }
        let service = fixture.service(process: 1, retained: 1) { call in
            if call == .create { await fixture.world.configure { $0.hidden = [] } }
            return nil
        }
        await #expect(throws: ComponentsError.overlaps(fixture.tool, id: old.id)) {
            try await service.deploy(fixture.tool, order(.reject))
        }
        #expect(await fixture.world.records.keys.sorted() == [old.id])
        #expect(await fixture.world.runs.values.allSatisfy { !$0.isCancelled })
    }

    @Test func ofSimultaneousDeploysThatRejectExactlyOneRuns() async throws {
        let fixture = try await ServiceFixture()
        let started = await withTaskGroup { group in
            for process in 0..<8 {
                group.addTask {
                    // Those that are taken back make none of the others one too many.
                    try? await fixture.service(process: process, retained: 1).deploy(fixture.tool, order(.reject))
                        .deployment.id
                }
            }
            return await group.reduce(into: [String]()) { all, id in if let id { all.append(id) } }
        }
        #expect(started.count == 1)
        #expect(await fixture.world.records.count == started.count)
        #expect(await fixture.world.creations.count == started.count * 2)
    }

    @Test func aDeploymentIsRemovedWithItsBuilds() async throws {
        let fixture = try await ServiceFixture()
        let started = try await deployed(fixture)
        let removed = try await fixture.service().removeDeployment(started.id, of: fixture.tool)
        #expect(removed.id == started.id)
        #expect(await fixture.world.records.isEmpty)
        #expect(await fixture.world.runs.values.allSatisfy { $0.isCancelled })
        await #expect(throws: ComponentsError.deploymentMissing(fixture.tool, id: started.id)) {
            try await fixture.service().removeDeployment(started.id, of: fixture.tool)
        }
    }
}
