import Testing

@testable import Components

struct RemoveConfigTests {
    @Test func removesTheConfigAndLeavesTheDeployments() async throws {
        let fixture = try await ServiceFixture()
        let deployment = try await fixture.service().deploy(fixture.tool).deployment
        let document = await fixture.world.config
        let removed = try await fixture.service().removeConfig(of: fixture.tool)
        #expect(removed.record.document == document)
        #expect(!removed.isFollowedByImport)
        #expect(await fixture.world.config == nil)
        #expect(await fixture.world.records[deployment.id] != nil)
        await #expect(throws: ComponentsError.configMissing(fixture.tool)) {
            try await fixture.service().removeConfig(of: fixture.tool)
        }
    }

    @Test func removesNothingIfThePreconditionFails() async throws {
        let fixture = try await ServiceFixture()
        await #expect(throws: ComponentsError.preconditionFailed(fixture.tool, .changed)) {
            try await fixture.service().removeConfig(
                of: fixture.tool, if: ConfigPrecondition(match: .listed(["7"])))
        }
        #expect(await fixture.world.config != nil)
    }

    @Test func toolThatIsNotThereIsSaidToBe() async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { world in
            world.config = nil
            world.tools = []
        }
        await #expect(throws: ComponentsError.cluster(.toolMissing, about: .tool(fixture.tool))) {
            try await fixture.service().removeConfig(of: fixture.tool)
        }
    }
}
