import Foundation
import JSON
import Testing

@testable import Components

/// Deployments that are asked for with a key.
struct KeyedDeployTests {
    private let key: IdempotencyKey

    init() throws { key = try #require(IdempotencyKey("my-key_1.0")) }

    private static func calls(of world: World) async -> [String: Int] {
        await Dictionary(grouping: world.journal, by: \.description).mapValues(\.count)
    }

    @Test func theSameKeyIsTheSameDeployment() async throws {
        let fixture = try await ServiceFixture()
        let first = try await fixture.service().deploy(fixture.tool, key: key)
        #expect(!first.isReplay)
        await fixture.world.configure { $0.journal = [] }
        for process in 1...3 {
            let again = try await fixture.service(process: process).deploy(fixture.tool, key: key)
            #expect(again.isReplay)
            #expect(again.deployment.id == first.deployment.id)
            #expect(again.deployment.builds.map(\.id) == first.deployment.builds.map(\.id))
        }
        #expect(await fixture.world.creations.values.allSatisfy { $0 == 1 })
        // What a look costs, and the two calls that every deploy begins with.
        #expect(
            await Self.calls(of: fixture.world) == ["readConfig": 3, "list": 3, "read": 3, "observe": 6, "update": 1])
    }

    @Test func theIDFollowsFromToolAndKeyAlone() async throws {
        let fixture = try await ServiceFixture()
        let other = try #require(IdempotencyKey("my-key_1.1"))
        let id = try await fixture.service().deploy(fixture.tool, key: key).deployment.id
        #expect(id == DeploymentNames.deployment(of: fixture.tool, key: key))
        #expect(id.wholeMatch(of: /demo-deploy-key-[0-9a-f]{32}/) != nil)
        #expect(DeploymentNames.isDeployment(id, of: fixture.tool))
        #expect(try await fixture.service().deploy(fixture.tool, key: other).deployment.id != id)
        let longest = try #require(ToolName(String(repeating: "x", count: ToolName.maximumLength)))
        #expect(DeploymentNames.isDeployment(DeploymentNames.deployment(of: longest, key: key), of: longest))
        #expect(DeploymentNames.deployment(of: longest, key: key).utf8.count <= 253)
    }

    @Test func anotherOrderWithTheSameKeyIsAConflict() async throws {
        let fixture = try await ServiceFixture()
        let id = try await fixture.service().deploy(fixture.tool, key: key).deployment.id
        let other = DeploymentOrder(key: key, options: DeploymentOptions(overlap: .supersede))
        await #expect(throws: ComponentsError.keyTaken(id: id)) {
            try await fixture.service().deploy(fixture.tool, other)
        }
        #expect(await fixture.world.records.count == 1)
    }

    @Test(arguments: [nil, ["components": [:]], ServiceFixture.config(["another"])] as [JSONValue?])
    func theConfigOfThatMomentIsNoPartOfTheRequest(_ config: JSONValue?) async throws {
        let fixture = try await ServiceFixture()
        let first = try await fixture.service().deploy(fixture.tool, key: key)
        await fixture.world.configure { $0.config = config }
        let again = try await fixture.service().deploy(fixture.tool, key: key)
        #expect(again.deployment.builds.map(\.component) == first.deployment.builds.map(\.component))
        await fixture.world.configure { world in
            world.fault = { call, _ in
                call == .readConfig ? .before(.unavailable(reason: "away", retryAfter: nil)) : nil
            }
        }
        #expect(try await fixture.service().deploy(fixture.tool, key: key).isReplay)
    }

    @Test func aReplayRemovesNothing() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        let kept = try await fixture.service(retained: 3).deploy(fixture.tool, key: key)
        for process in 1...2 { _ = try await fixture.service(process: process, retained: 3).deploy(fixture.tool) }
        let records = await fixture.world.records
        #expect(records.count == 3)
        let again = try await fixture.service(retained: 1).deploy(fixture.tool, key: key)
        #expect(again.deployment.id == kept.deployment.id)
        #expect(await Set(fixture.world.records.keys) == Set(records.keys))
    }

    @Test func whatACrashCutShortIsFinishedByTheRepeat() async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { world in world.fault = { call, _ in call == .create ? .dieAfter : nil } }
        await #expect(throws: ComponentsError.self) {
            try await fixture.service(process: 1).deploy(fixture.tool, key: key)
        }
        await fixture.world.configure { $0.fault = { _, _ in nil } }
        #expect(await fixture.world.runs.isEmpty)
        let again = try await fixture.service(process: 2).deploy(fixture.tool, key: key)
        #expect(again.isReplay)
        #expect(await Set(fixture.world.runs.keys) == Set(again.deployment.builds.map(\.id)))
        #expect(await fixture.world.records.count == 1)
    }

    /// Otherwise the repeat would be given a deployment that is gone a moment later.
    @Test func aRepeatIsNotToldOfADeploymentThatMayBeTakenBack() async throws {
        let fixture = try await ServiceFixture()
        let (tool, world) = (fixture.tool, fixture.world)
        let order = DeploymentOrder(key: key, options: DeploymentOptions(overlap: .reject))
        let id = DeploymentNames.deployment(of: tool, key: key)
        // Its request dies before it has looked for others.
        await world.configure { world in world.fault = { call, _ in call == .create ? .dieAfter : nil } }
        await #expect(throws: ComponentsError.self) { try await fixture.service(process: 1).deploy(tool, order) }
        await world.configure { $0.fault = { _, _ in nil } }
        await #expect(throws: ComponentsError.undecided(id: id)) {
            try await fixture.service(process: 2).deploy(tool, order)
        }
        #expect(await world.runs.isEmpty)
        fixture.clock.advance(by: 16)
        for _ in 1...2 {
            let again = try await fixture.service(process: 2).deploy(tool, order)
            #expect(again.isReplay)
            #expect(again.deployment.id == id)
            #expect(await world.runs.keys.sorted() == again.deployment.builds.map(\.id).sorted())
        }
        #expect(await world.creations.values.allSatisfy { $0 == 1 })
    }

    /// Its own record, which was listed and is gone, is no other deployment that it would have to yield to.
    @Test func aRepeatIsNotRejectedBecauseOfItself() async throws {
        let fixture = try await ServiceFixture()
        let (tool, world) = (fixture.tool, fixture.world)
        let order = DeploymentOrder(key: key, options: DeploymentOptions(overlap: .reject))
        let first = try await fixture.service().deploy(tool, order)
        let id = first.deployment.id
        let service = fixture.service(process: 1) { call in
            if call == .read(id) { await world.configure { $0.records[id] = nil } }
            return nil
        }
        let second = try await service.deploy(tool, order)
        #expect(!second.isReplay)
        #expect(second.deployment.id == id)
        #expect(second.deployment.builds.map(\.id) != first.deployment.builds.map(\.id))
    }

    @Test func anotherRequestThatIsFasterIsTheOneThatStartedIt() async throws {
        let fixture = try await ServiceFixture()
        let tool = fixture.tool
        let identity = DeploymentIdentity(id: DeploymentNames.deployment(of: tool, key: key), tool: tool)
        let request = try DeploymentDraft(
            EffectiveConfig(reading: ServiceFixture.config(["faster"]), from: .stored), DeploymentOptions()
        )
        .request(identity, at: fixture.clock.now(), nonce: "f")
        let isDue = Atomic1()
        await fixture.world.configure { world in
            world.fault = { call, _ in
                guard call == .create, isDue.isFirst() else { return nil }
                return .meanwhile(
                    { world in
                        world.records[identity.id] = DeploymentRecord(
                            request: request, status: DeploymentStatus(), createdAt: request.requestedAt,
                            identity: "uid-f", version: world.nextVersion())
                    }, then: .exists)
            }
        }
        let answer = try await fixture.service().deploy(tool, key: key)
        #expect(answer.isReplay)
        #expect(answer.deployment.builds.map(\.component) == ["faster"])
        #expect(await Set(fixture.world.runs.keys) == Set(request.builds.map(\.id)))
    }

    /// Otherwise the new deployment would be told the ends of the old one's builds, and nothing would be built.
    @Test func aKeyWhoseRecordIsGoneStartsAnotherWithBuildsOfItsOwn() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        let first = try await fixture.service(retained: 1).deploy(fixture.tool, key: key)
        _ = try await fixture.service(process: 1, retained: 1).deploy(fixture.tool)
        #expect(await fixture.world.records[first.deployment.id] == nil)
        let second = try await fixture.service(retained: 1).deploy(fixture.tool, key: key)
        #expect(!second.isReplay)
        #expect(second.deployment.id == first.deployment.id)
        #expect(second.deployment.builds.map(\.id) != first.deployment.builds.map(\.id))
        #expect(second.deployment.phase == .pending)
        let runs = await fixture.world.runs
        #expect(first.deployment.builds.allSatisfy { runs[$0.id]?.isCancelled == true })
        #expect(second.deployment.builds.allSatisfy { runs[$0.id]?.isCancelled == false })
    }

    @Test func aQuotaThatTheFasterRequestFillsMakesNobodyGo() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        let first = try await fixture.service().deploy(fixture.tool, key: key)
        await fixture.world.configure { world in
            world.quota = 1
            // As if it had been recorded a moment after the names were listed.
            world.hidden = [first.deployment.id]
        }
        let again = try await fixture.service(process: 1).deploy(fixture.tool, key: key)
        #expect(again.isReplay)
        #expect(again.deployment.builds.map(\.id) == first.deployment.builds.map(\.id))
        #expect(await fixture.world.records.count == 1)
        #expect(await fixture.world.runs.values.allSatisfy { !$0.isCancelled })
    }

    /// One that is recorded after this request has looked for it, and before it lists what could make room, is not removed.
    @Test(arguments: [DeploymentOptions.Overlap.allow, .reject])
    func theFasterRequestMakesNoRoomForTheSlowerOne(_ overlap: DeploymentOptions.Overlap) async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        let (tool, world) = (fixture.tool, fixture.world)
        let order = DeploymentOrder(key: key, options: DeploymentOptions(overlap: overlap))
        let first = try await fixture.service().deploy(tool, order)
        let record = try #require(await world.records[first.deployment.id])
        await world.configure { $0.records = [:] }
        let old = try await fixture.service().deploy(tool).deployment.id
        _ = try await fixture.service().cancelDeployment(old, of: tool)
        await world.configure { world in
            world.quota = 1
            world.journal = []
        }
        let service = fixture.service(process: 1) { call in
            if [.list, .records].contains(call), await world.journal.contains(.create) {
                await world.configure { $0.records = [first.deployment.id: record] }
            }
            return nil
        }
        let again = try await service.deploy(tool, order)
        #expect(again.isReplay)
        #expect(again.deployment.builds.map(\.id) == first.deployment.builds.map(\.id))
        #expect(await world.records[first.deployment.id]?.identity == record.identity)
        let runs = await world.runs
        #expect(first.deployment.builds.allSatisfy { runs[$0.id]?.isCancelled == false })
    }

    @Test(arguments: ["", " ", "a b", "\"a\"", "a/b", "é", "a~", String(repeating: "x", count: 129)])
    func whatIsNoKeyIsNone(_ text: String) {
        #expect(IdempotencyKey(text) == nil)
    }
}
