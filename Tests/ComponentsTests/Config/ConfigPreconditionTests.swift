import Testing

@testable import Components

struct ConfigPreconditionTests {
    @Test(
        arguments: [
            (ConfigPrecondition.none, nil, nil), (.none, "1", nil),
            (.init(match: .any), nil, .missing), (.init(match: .any), "1", nil),
            (.init(match: .listed(["1", "2"])), "2", nil), (.init(match: .listed(["1", "2"])), "3", .changed),
            (.init(match: .listed(["1"])), nil, .missing), (.init(match: .listed([])), "1", .changed),
            (.init(noneMatch: .any), nil, nil), (.init(noneMatch: .any), "1", .present),
            (.init(noneMatch: .listed(["1"])), nil, nil), (.init(noneMatch: .listed(["1"])), "1", .present),
            (.init(noneMatch: .listed(["1"])), "2", nil), (.init(noneMatch: .listed([])), "2", nil),
            (.init(match: .any, noneMatch: .listed(["1"])), "1", .present),
            (.init(match: .any, noneMatch: .listed(["1"])), "2", nil),
            (.init(match: .listed(["1"]), noneMatch: .any), "2", .changed),
            (.init(match: .any, noneMatch: .any), nil, .missing),
        ] as [(ConfigPrecondition, String?, FailedPrecondition?)])
    func holdsOrSaysWhyNot(_ precondition: ConfigPrecondition, _ version: String?, _ failure: FailedPrecondition?) {
        #expect(precondition.failure(for: version) == failure)
    }

    @Test func aConfigIsStoredOnlyIfThePreconditionHolds() async throws {
        let fixture = try await ServiceFixture()
        let other = ServiceFixture.config(["other"])
        await #expect(throws: ComponentsError.preconditionFailed(fixture.tool, .present)) {
            try await fixture.service().store(config: other, for: fixture.tool, if: .init(noneMatch: .any))
        }
        #expect(await fixture.world.config == ServiceFixture.config(["api", "web"]))
        let read = try await fixture.service().config(of: fixture.tool)
        let stored = try await fixture.service().store(
            config: other, for: fixture.tool, if: .init(match: .listed([read.version])))
        #expect(stored.record.document == other)
        #expect(await fixture.world.config == other)
    }

    @Test func aConfigThatIsMissingIsToldFromAToolThatIs() async throws {
        let fixture = try await ServiceFixture()
        let config = ServiceFixture.config(["web"])
        await fixture.world.configure { $0.config = nil }
        await #expect(throws: ComponentsError.preconditionFailed(fixture.tool, .missing)) {
            try await fixture.service().store(config: config, for: fixture.tool, if: .init(match: .any))
        }
        await fixture.world.configure { $0.tools = [] }
        await #expect(throws: ComponentsError.cluster(.toolMissing, about: .tool(fixture.tool))) {
            try await fixture.service().store(config: config, for: fixture.tool, if: .init(match: .any))
        }
        #expect(await fixture.world.config == nil)
    }
}
