import JSON
import Testing

@testable import Components

/// A tool whose only config is that of the implementation it comes from.
struct ImportTests {
    private static let imported = "imported-1"

    private func fixture() async throws -> ServiceFixture {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { world in
            world.imported = ServiceFixture.config(["old"])
            world.config = nil
        }
        return fixture
    }

    private func calls(_ fixture: ServiceFixture) async -> [String] {
        let calls = await fixture.world.journal.map(\.description)
        await fixture.world.configure { $0.journal = [] }
        return calls
    }

    @Test func itCountsUntilTheToolStoresOneHere() async throws {
        let fixture = try await fixture()
        let service = fixture.service(imports: true)
        let shown = try await service.config(of: fixture.tool)
        #expect(shown.origin == .imported)
        #expect(shown.version == Self.imported)
        #expect(shown.document == ServiceFixture.config(["old"]))
        #expect(shown.note != nil)
        #expect(await calls(fixture) == ["readConfig", "readImport"])
        let own = ServiceFixture.config(["new"])
        _ = try await service.store(config: own, for: fixture.tool)
        #expect(await calls(fixture) == ["writeConfig"])
        #expect(try await service.config(of: fixture.tool) == ConfigRecord(document: own, version: "1"))
        #expect(await calls(fixture) == ["readConfig"])
        #expect(await fixture.world.imported == ServiceFixture.config(["old"]))
    }

    @Test func withoutTheSettingNobodyAsksForIt() async throws {
        let fixture = try await fixture()
        await #expect(throws: ComponentsError.configMissing(fixture.tool)) {
            try await fixture.service().config(of: fixture.tool)
        }
        await #expect(throws: ComponentsError.configMissing(fixture.tool)) {
            try await fixture.service().deploy(fixture.tool)
        }
        #expect(await !calls(fixture).contains("readImport"))
    }

    @Test func itIsDeployedWithAWarning() async throws {
        let fixture = try await fixture()
        let started = try await fixture.service(imports: true).deploy(fixture.tool)
        #expect(started.deployment.builds.map(\.component) == ["old"])
        #expect(started.warnings.count == 1)
        #expect(started.warnings.first?.contains("Python components-api") == true)
        #expect(await fixture.world.config == nil)
        let plan = try await fixture.service(imports: true).planDeployment(fixture.tool)
        #expect(plan.components.map(\.name) == ["old"])
        #expect(plan.warnings == started.warnings)
    }

    @Test func itsMistakesAreToldWithWhereItComesFrom() async throws {
        let fixture = try await fixture()
        await fixture.world.configure { $0.imported = ["components": ["web": ["build": [:]]]] }
        let error = try await #require(throws: ComponentsError.self) {
            try await fixture.service(imports: true).deploy(fixture.tool)
        }
        guard case .storedConfigInvalid(let problems, _, .imported) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(problems.map(\.path) == ["components.web.build.repository"])
        #expect(await fixture.world.records.isEmpty)
    }

    /// The conditions hold of what is shown: whoever read the imported config may name its version.
    @Test(
        arguments: [
            (ConfigPrecondition(match: .any), nil), (ConfigPrecondition(match: .listed([imported])), nil),
            (ConfigPrecondition(match: .listed(["1"])), .changed), (ConfigPrecondition(noneMatch: .any), .present),
            (ConfigPrecondition(noneMatch: .listed([imported])), .present),
            (ConfigPrecondition(noneMatch: .listed(["9"])), nil),
        ] as [(ConfigPrecondition, FailedPrecondition?)])
    func conditionsAreAboutWhatIsShown(_ precondition: ConfigPrecondition, _ failure: FailedPrecondition?) async throws
    {
        let fixture = try await fixture()
        let service = fixture.service(imports: true)
        let own = ServiceFixture.config(["new"])
        for isDryRun in [true, false] {
            do {
                if isDryRun {
                    _ = try await service.check(config: own, for: fixture.tool, if: precondition)
                } else {
                    _ = try await service.store(config: own, for: fixture.tool, if: precondition)
                }
                #expect(failure == nil)
            } catch {
                #expect(failure.map { ComponentsError.preconditionFailed(fixture.tool, $0) } == error)
            }
        }
        let stored = await fixture.world.config
        #expect(failure == nil ? stored == own : stored == Optional<JSONValue>.none)
    }

    @Test func anOwnConfigThatIsStoredMeanwhileIsNotReplaced() async throws {
        let fixture = try await fixture()
        let other = ServiceFixture.config(["other"])
        await fixture.world.configure { world in
            world.fault = { call, _ in
                guard call == .readImport else { return nil }
                return .meanwhile({ $0.config = other }, then: .unavailable(reason: "away", retryAfter: nil))
            }
        }
        let service = fixture.service(imports: true)
        let precondition = ConfigPrecondition(match: .listed([Self.imported]))
        await #expect(throws: ComponentsError.self) {
            try await service.store(config: ServiceFixture.config(["new"]), for: fixture.tool, if: precondition)
        }
        await #expect(throws: ComponentsError.preconditionFailed(fixture.tool, .changed)) {
            try await service.store(config: ServiceFixture.config(["new"]), for: fixture.tool, if: precondition)
        }
        #expect(await fixture.world.config == other)
    }

    @Test func itCannotBeRemovedHere() async throws {
        let fixture = try await fixture()
        let service = fixture.service(imports: true)
        await #expect(throws: ComponentsError.configImported(fixture.tool)) {
            try await service.removeConfig(of: fixture.tool)
        }
        #expect(await fixture.world.imported != nil)
        _ = try await service.store(config: ServiceFixture.config(["new"]), for: fixture.tool)
        #expect(try await service.removeConfig(of: fixture.tool).isFollowedByImport)
        await fixture.world.configure { $0.imported = nil }
        await #expect(throws: ComponentsError.configMissing(fixture.tool)) {
            try await service.removeConfig(of: fixture.tool)
        }
    }
}
