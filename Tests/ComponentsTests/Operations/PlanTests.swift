import JSON
import Testing

@testable import Components

/// What a deployment would do, without doing it.
struct PlanTests {
    private static func source(_ name: String) -> BuildSource {
        BuildSource(repository: "https://example.org/\(name).git", ref: nil)
    }

    private func reads(_ world: World) async -> Bool {
        await world.journal.allSatisfy {
            ["readConfig", "records", "read", "resolve", "toolExists", "readBuilds", "digest"].contains($0.description)
        }
    }

    @Test func saysWhatWouldBecomeOfEachComponent() async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { world in
            world.config = [
                "components": [
                    "api": ["build": ["repository": "https://example.org/api.git"]],
                    "job": ["build": ["reuse_from": "web"]],
                    "old": ["build": ["repository": "https://example.org/old.git"]],
                    "web": ["build": ["repository": "https://example.org/web.git"]],
                ]
            ]
            world.resolutions = [
                Self.source("api"): .commit("a1"), Self.source("web"): .commit("w1"), Self.source("old"): .commit("o1"),
            ]
        }
        let first = try await fixture.service(resolves: true).deploy(fixture.tool)
        await fixture.world.configure { world in
            for build in world.runs.keys { world.runs[build]?.phase = .succeeded }
        }
        _ = try await fixture.service().deployment(first.deployment.id, of: fixture.tool)
        await fixture.world.configure { world in
            world.resolutions[Self.source("web")] = .commit("w2")
            world.resolutions[Self.source("old")] = .missing(
                BuildFailure(.repositoryNotFound, message: "gone; mend it"))
            world.journal = []
        }
        let before = await fixture.world.records
        let plan = try await fixture.service(retained: 1, resolves: true).planDeployment(fixture.tool)
        #expect(await fixture.world.records == before)
        #expect(await reads(fixture.world))
        #expect(plan.components.map(\.name) == ["api", "job", "old", "web"])
        #expect(
            plan.components.map(\.action) == [.build, .reuse(of: "web"), .fail(.repositoryNotFound), .build])
        #expect(plan.components.map(\.commit) == ["a1", "w2", nil, "w2"])
        #expect(plan.components.map(\.was?.commit) == ["a1", "w1", "o1", "w1"])
        #expect(plan.components[2].why == "gone; mend it")
        #expect(plan.components[3].was?.build == first.deployment.builds[2].id)
        #expect(plan.components[0].why != plan.components[3].why)
        #expect(plan.overlapping.isEmpty)
        #expect(plan.removed == [first.deployment.id])
        #expect(plan.replayed == nil)
    }

    @Test func saysWhatOverlapsAndWhatAKeyHasStarted() async throws {
        let fixture = try await ServiceFixture()
        let key = try #require(IdempotencyKey("k"))
        let first = try await fixture.service().deploy(fixture.tool, key: key)
        let order = DeploymentOrder(key: key, options: DeploymentOptions(overlap: .reject))
        let plan = try await fixture.service().planDeployment(fixture.tool, order)
        #expect(plan.overlap == .reject)
        #expect(plan.overlapping == [first.deployment.id])
        #expect(plan.removed.isEmpty)
        #expect(plan.replayed == first.deployment.id)
        #expect(plan.components.map(\.was) == [nil, nil])
    }

    @Test func refusesWhatADeploymentWouldRefuse() async throws {
        let fixture = try await ServiceFixture()
        let order = DeploymentOrder(options: DeploymentOptions(selection: .refs(["x": "v1"])))
        await #expect(throws: ComponentsError.self) { try await fixture.service().planDeployment(fixture.tool, order) }
        await fixture.world.configure { $0.config = nil }
        await #expect(throws: ComponentsError.configMissing(fixture.tool)) {
            try await fixture.service().planDeployment(fixture.tool)
        }
        #expect(await reads(fixture.world))
    }

    @Test func aConfigIsCheckedAndNotStored() async throws {
        let fixture = try await ServiceFixture()
        let service = fixture.service()
        let warnings = try await service.check(
            config: ["components": ["web": ["build": ["repository": "https://example.org/r"]]], "x": 1],
            for: fixture.tool)
        #expect(warnings.count == 1)
        await #expect(throws: ComponentsError.self) { try await service.check(config: [:], for: fixture.tool) }
        await #expect(throws: ComponentsError.preconditionFailed(fixture.tool, .present)) {
            try await service.check(
                config: ServiceFixture.config(["web"]), for: fixture.tool,
                if: ConfigPrecondition(noneMatch: .any))
        }
        #expect(await reads(fixture.world))
        await fixture.world.configure { world in
            world.tools = []
            world.config = nil
        }
        await #expect(throws: ComponentsError.cluster(.toolMissing, about: .tool(fixture.tool))) {
            try await service.check(config: ServiceFixture.config(["web"]), for: fixture.tool)
        }
    }
}
