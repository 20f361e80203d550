import Foundation
import JSON
import Synchronization
import Testing

@testable import Components

/// Calls whose outcome nobody knows, and refusals that settle by themselves.
struct LostAnswerTests {
    private static let away = ClusterFailure.unavailable(reason: "away", retryAfter: nil)

    private func once(
        _ fixture: ServiceFixture, _ call: @escaping @Sendable (World.Call) -> Bool, _ fault: World.Fault
    ) async {
        let isDue = Atomic1()
        await fixture.world.configure { world in
            world.fault = { asked, _ in call(asked) && isDue.isFirst() ? fault : nil }
        }
    }

    @Test func aDeploymentRemovedWhileItsStatusCannotBeStoredLeavesNoBuilds() async throws {
        let fixture = try await ServiceFixture()
        await once(
            fixture, { $0.description == "update" }, .meanwhile({ $0.records = [:] }, then: Self.away))
        await #expect {
            try await fixture.service().deploy(fixture.tool)
        } throws: { error in
            if case ComponentsError.superseded = error { true } else { false }
        }
        #expect(await fixture.world.runs.count == 2)
        #expect(await fixture.world.runs.values.allSatisfy { $0.isCancelled })
    }

    @Test func whatWasStartedIsNotedAlthoughAnOlderDeploymentCouldNotBeStopped() async throws {
        let fixture = try await ServiceFixture()
        let older = try await fixture.service().deploy(fixture.tool).deployment.id
        await once(fixture, { $0 == .update(older) }, .before(Self.away))
        let order = DeploymentOrder(options: DeploymentOptions(overlap: .supersede))
        await #expect(throws: ComponentsError.self) {
            try await fixture.service(process: 1).deploy(fixture.tool, order)
        }
        let newer = try #require(await fixture.world.records.values.first { $0.request.identity.id != older })
        #expect(newer.status.builds.values.map(\.start) == [.created, .created])
    }

    @Test func aRefusalThatIsNotNotedIsNotShownAsAnEnd() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        let isDue = Atomic1()
        await fixture.world.configure { world in
            world.fault = { call, _ in
                switch call {
                case .start: isDue.isFirst() ? .before(.refused(reason: "a quota")) : nil
                case .update: .before(Self.away)
                default: nil
                }
            }
        }
        let answer = try await fixture.service().deploy(fixture.tool)
        #expect(answer.deployment.phase == .pending)
        #expect(answer.deployment.builds.first?.message.contains("a quota") == true)
        await fixture.world.configure { $0.fault = { _, _ in nil } }
        // What was answered is no lie: the next look does try again.
        let current = try await fixture.service().deployment(answer.deployment.id, of: fixture.tool)
        #expect(current.builds.map(\.phase) == [.pending])
        #expect(await fixture.world.runs.count == 1)
    }

    @Test func aStrayThatCouldNotBeCancelledIsCancelledOnceMore() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        let isDue = Atomic1()
        await fixture.world.configure { world in
            world.fault = { call, _ in
                switch call {
                case .update: .before(.absent)
                case .prevent: isDue.isFirst() ? .before(Self.away) : nil
                default: nil
                }
            }
        }
        await #expect(throws: ComponentsError.self) { try await fixture.service().deploy(fixture.tool) }
        #expect(await fixture.world.runs.values.map(\.isCancelled) == [true])
    }

    @Test func aQuotaThatOthersCountOnAtTheSameMomentIsAskedAgain() async throws {
        let fixture = try await ServiceFixture()
        await once(fixture, { $0 == .create }, .before(.conflict))
        let started = try await fixture.service().deploy(fixture.tool)
        #expect(await Array(fixture.world.records.keys) == [started.deployment.id])
    }

    @Test func aQuotaThatNoRemovalHelpsIsTheClustersOwnSentence() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        for process in 0..<10 { _ = try await fixture.service(process: process).deploy(fixture.tool) }
        await fixture.world.configure { world in
            world.fault = { call, _ in call == .create ? .before(.full(QuotaRefusal(reason: "exceeded quota"))) : nil }
        }
        await #expect {
            try await fixture.service(process: 11).deploy(fixture.tool)
        } throws: {
            $0.isRefusal(by: QuotaRefusal(reason: "exceeded quota"))
        }
        // One had to make room for the new one, and one was tried to be of help.
        #expect(await fixture.world.records.count == 8)
    }

    @Test func noDeploymentIsGivenUpForAQuotaThatAllowsNone() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        for process in 0..<3 { _ = try await fixture.service(process: process).deploy(fixture.tool) }
        await fixture.world.configure { world in
            world.fault = { call, _ in
                call == .create ? .before(.full(QuotaRefusal(reason: "none", allowsNone: true))) : nil
            }
        }
        await #expect {
            try await fixture.service(process: 11).deploy(fixture.tool)
        } throws: {
            $0.isRefusal(by: QuotaRefusal(reason: "none", allowsNone: true))
        }
        #expect(await fixture.world.records.count == 3)
        #expect(await fixture.world.runs.values.allSatisfy { !$0.isCancelled })
    }

    /// Whoever lowers a quota has more than one deployment removed: each removal changes what the quota says.
    @Test(arguments: [0, 2]) func aQuotaThatWasLoweredIsMadeRoomForStepByStep(_ lag: Int) async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        for process in 0..<6 { _ = try await fixture.service(process: process).deploy(fixture.tool) }
        await fixture.world.configure { world in
            world.quota = 3
            world.quotaLag = lag
        }
        let started = try await fixture.service(process: 11).deploy(fixture.tool)
        #expect(await fixture.world.records.count == 3)
        #expect(await fixture.world.records[started.deployment.id] != nil)
    }

    @Test(arguments: [ClusterFailure.timedOut(mayHaveHappened: true), away])
    func aRecordThatMayHaveBeenStoredIsNamedSoThatItCanBeFinished(_ error: ClusterFailure) async throws {
        let fixture = try await ServiceFixture()
        await once(fixture, { $0 == .create }, .after(error))
        var told = ""
        do {
            _ = try await fixture.service().deploy(fixture.tool)
            Issue.record("nobody knows whether it was stored")
        } catch {
            told = "\(error)"
        }
        let id = try #require(await fixture.world.records.keys.first)
        #expect(told.contains(id))
        #expect(await fixture.world.runs.isEmpty)
        let deployment = try await fixture.service().deployment(id, of: fixture.tool)
        #expect(await Set(fixture.world.runs.keys) == Set(deployment.builds.map(\.id)))
    }

    @Test func roomThatCouldNotBeMadeInTimeIsNotCalledADeploymentThatMayExist() async throws {
        let fixture = try await ServiceFixture()
        _ = try await fixture.service(retained: 1).deploy(fixture.tool)
        await once(fixture, { $0.description == "remove" }, .before(.timedOut(mayHaveHappened: true)))
        await #expect {
            try await fixture.service(process: 1, retained: 1).deploy(fixture.tool)
        } throws: { error in
            error as? ComponentsError == .cluster(.timedOut(mayHaveHappened: true), about: .room(for: fixture.tool))
        }
        #expect(await fixture.world.records.count == 1)
    }
}

extension Error {
    /// Whether it reports that quota's refusal of a new deployment.
    fileprivate func isRefusal(by quota: QuotaRefusal) -> Bool {
        guard case ComponentsError.cluster(let failure, about: .newDeployment)? = self as? ComponentsError else {
            return false
        }
        return failure == .full(quota)
    }
}
