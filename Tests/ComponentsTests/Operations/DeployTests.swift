import Foundation
import JSON
import Synchronization
import Testing

@testable import Components

struct DeployTests {
    @Test func storesTheRecordWithEveryBuildsNameBeforeTheFirstBuild() async throws {
        let fixture = try await ServiceFixture()
        let started = try await fixture.service().deploy(fixture.tool)
        let journal = await fixture.world.journal
        let record = try #require(await fixture.world.records[started.deployment.id])
        #expect(record.request.builds.map(\.id) == started.deployment.builds.map(\.id))
        #expect(await Set(fixture.world.runs.keys) == Set(record.request.builds.map(\.id)))
        let create = try #require(journal.firstIndex(of: .create))
        let firstStart = try #require(journal.firstIndex { $0.description == "start" })
        #expect(create < firstStart)
        #expect(started.deployment.phase == .pending)
        #expect(record.status.builds.values.allSatisfy { $0.start == .created })
    }

    @Test func makesNPlusFiveCallsWhenNothingIsRemoved() async throws {
        let fixture = try await ServiceFixture(components: (0..<50).map { "c\($0)" })
        _ = try await fixture.service().deploy(fixture.tool)
        let calls = await Dictionary(grouping: fixture.world.journal, by: \.description).mapValues(\.count)
        #expect(calls == ["readConfig": 1, "list": 2, "create": 1, "start": 50, "update": 1])
    }

    @Test func componentsThatReuseABuildAreNotBuilt() async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure {
            $0.config = [
                "components": [
                    "web": ["build": ["repository": "https://example.org/r"]], "job": ["build": ["reuse_from": "web"]],
                ]
            ]
        }
        let started = try await fixture.service().deploy(fixture.tool)
        #expect(started.deployment.builds.map(\.component) == ["web"])
    }

    @Test func withoutAConfigSaysWhichOfTheTwoIsMissing() async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { $0.config = nil }
        await #expect(throws: ComponentsError.configMissing(fixture.tool)) {
            try await fixture.service().deploy(fixture.tool)
        }
        await fixture.world.configure { $0.tools = [] }
        await #expect(throws: ComponentsError.cluster(.toolMissing, about: .tool(fixture.tool))) {
            try await fixture.service().deploy(fixture.tool)
        }
        #expect(await fixture.world.records.isEmpty)
    }

    @Test func aStoredConfigThatBreaksARuleStartsNothing() async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { $0.config = ["components": [:]] }
        await #expect(throws: ComponentsError.self) { try await fixture.service().deploy(fixture.tool) }
        #expect(await fixture.world.records.isEmpty)
    }

    @Test func aRefusedBuildIsAnErrorAndTheOthersGoOn() async throws {
        let fixture = try await ServiceFixture(components: ["api", "web", "job"])
        let refused = Atomic1()
        await fixture.world.configure {
            $0.fault = { call, _ in
                if case .start = call, refused.isFirst() { return .before(.refused(reason: "denied by a webhook")) }
                return nil
            }
        }
        let started = try await fixture.service().deploy(fixture.tool)
        let failed = started.deployment.builds.filter { $0.phase == .failed }
        #expect(failed.map(\.message) == ["denied by a webhook"])
        #expect(started.deployment.builds.count { $0.phase == .pending } == 2)
        #expect(await fixture.world.runs.count == 2)
    }

    @Test func keepsTheLatestAndCancelsTheBuildsOfTheRemoved() async throws {
        let fixture = try await ServiceFixture()
        var ids: [String] = []
        for _ in 0..<12 { ids.append(try await fixture.service(process: ids.count).deploy(fixture.tool).deployment.id) }
        #expect(await Set(fixture.world.records.keys) == Set(ids.suffix(10)))
        let running = await Set(fixture.world.runs.values.filter { !$0.isCancelled }.map(\.deployment))
        #expect(running == Set(ids.suffix(10)))
    }

    /// A quota counts a removal late, and only one has to go however late that is.
    @Test(arguments: [10, 3, 1], [0, 1, 5])
    func makesRoomWithinAQuota(_ quota: Int, lag: Int) async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { world in
            world.quota = quota
            world.quotaLag = lag
        }
        var ids: [String] = []
        for _ in 0..<12 { ids.append(try await fixture.service(process: ids.count).deploy(fixture.tool).deployment.id) }
        #expect(await Set(fixture.world.records.keys) == Set(ids.suffix(quota)))
        #expect(await fixture.world.removals.count == 12 - quota)
    }

    @Test func aQuotaThatLeavesNoRoomIsTheClustersOwnSentence() async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { $0.quota = 0 }
        await #expect {
            try await fixture.service().deploy(fixture.tool)
        } throws: { error in
            guard case ComponentsError.cluster(.full(let quota), about: .newDeployment) = error else { return false }
            return quota.reason.hasSuffix(" is forbidden: exceeded quota")
        }
    }

    @Test func simultaneousDeploysLeaveTheNewest() async throws {
        let fixture = try await ServiceFixture()
        let service = fixture.service()
        await withTaskGroup { group in
            for _ in 0..<25 { group.addTask { _ = try? await service.deploy(fixture.tool) } }
        }
        #expect(await fixture.world.records.count == 10)
        let kept = await Set(fixture.world.records.keys)
        let alive = await Set(fixture.world.runs.values.filter { !$0.phase.isTerminal }.map(\.deployment))
        #expect(alive == kept)
    }

    @Test func aDeploymentRemovedWhileItStartsIsSupersededAndItsBuildsAreCancelled() async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { world in
            world.fault = { call, _ in
                if case .update = call { return .before(.absent) }
                return nil
            }
        }
        await #expect(throws: ComponentsError.self) { try await fixture.service().deploy(fixture.tool) }
        #expect(await fixture.world.runs.values.allSatisfy { $0.isCancelled })
        #expect(await fixture.world.runs.count == 2)
    }

    @Test func aStatusThatCannotBeStoredIsAWarningBecauseTheDeploymentStands() async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { world in
            world.fault = { call, _ in
                if case .update = call { return .before(.timedOut(mayHaveHappened: true)) }
                return nil
            }
        }
        let started = try await fixture.service().deploy(fixture.tool)
        #expect(started.warnings.count == 1)
        #expect(started.deployment.builds.count == 2)
    }
}

/// True once.
final class Atomic1: Sendable {
    private let used = Synchronization.Atomic(false)
    func isFirst() -> Bool { !used.exchange(true, ordering: .relaxed) }
}
