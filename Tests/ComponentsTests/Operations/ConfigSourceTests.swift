import JSON
import Testing

@testable import Components

/// A config that names where another one is: each deployment fetches that one, deploys it and records it.
struct ConfigSourceTests {
    private static let url = "https://example.org/toolforge.yaml"
    private static let stored: JSONValue = ["source_url": .string(url)]

    private func fixture(_ config: JSONValue = stored, file: JSONValue? = nil) async throws -> ServiceFixture {
        let fixture = try await ServiceFixture()
        let file = file ?? ServiceFixture.config(["api", "web"])
        await fixture.world.configure { world in
            world.config = config
            world.files = [Self.url: file]
        }
        return fixture
    }

    @Test func eachDeploymentFetchesAnewAndRecordsWhatItGot() async throws {
        let fixture = try await fixture()
        let first = try await fixture.service().deploy(fixture.tool).deployment
        #expect(first.builds.map(\.component) == ["api", "web"])
        await fixture.world.configure { $0.files[Self.url] = ServiceFixture.config(["other"]) }
        let second = try await fixture.service().deploy(fixture.tool).deployment
        #expect(second.builds.map(\.component) == ["other"])
        let records = await fixture.world.records
        let requests = [first.id, second.id].compactMap { records[$0]?.request }
        #expect(requests.map(\.config) == [ServiceFixture.config(["api", "web"]), ServiceFixture.config(["other"])])
        #expect(requests.allSatisfy { $0.configFetch?.url == Self.url && $0.configFetch?.digest.utf8.count == 64 })
        #expect(requests[0].configFetch?.digest != requests[1].configFetch?.digest)
        #expect(second.configFetch == requests[1].configFetch)
        // What is stored is what the tool stored.
        #expect(await fixture.world.config == Self.stored)
    }

    /// The fetch is beside the calls to the cluster, between the reads and the record.
    @Test func theCallsToTheClusterStayTheSame() async throws {
        let fixture = try await fixture()
        _ = try await fixture.service().deploy(fixture.tool)
        let calls = await fixture.world.journal.map(\.description)
        let counts = Dictionary(grouping: calls, by: \.self).mapValues(\.count)
        #expect(counts == ["readConfig": 1, "list": 2, "fetch": 1, "create": 1, "start": 2, "update": 1])
        #expect(calls[2...3] == ["fetch", "create"])
    }

    @Test(
        arguments: [
            ["source_url": .string(url), "components": ["old": ["build": ["repository": "https://example.org/old"]]]],
            ["source": ["url": .string(url)]], ["source": ["url": .string(url)], "source_url": nil, "components": nil],
            ["source_url": .string(url), "config_version": "v1beta1"],
        ] as [JSONValue])
    func whatIsFoundThereTakesThePlaceOfTheRest(_ config: JSONValue) async throws {
        let fixture = try await fixture(config)
        let started = try await fixture.service().deploy(fixture.tool)
        #expect(started.deployment.builds.map(\.component) == ["api", "web"])
        let stored = try await fixture.service().store(config: config, for: fixture.tool)
        #expect(stored.record.document == config)
        let isIgnored = config["components"]?.objectValue != nil
        #expect(stored.warnings.contains { $0.hasPrefix("components: has no effect beside source") } == isIgnored)
    }

    @Test(
        arguments: [
            (["source_url": 1], ["source_url"]), (["source_url": "git://example.org/x"], ["source_url"]),
            (["source_url": "https://u:p@example.org/x"], ["source_url"]), (["source_url": ""], ["source_url"]),
            (["source": "https://example.org/x"], ["source"]), (["source": [:]], ["source.url"]),
            (["source": ["url": 1]], ["source.url"]),
            (["source": ["repository": "https://example.org/r", "path": "x.yaml"]], ["source.repository"]),
            (["source": ["ref": "main", "url": .string(url)]], ["source.ref"]),
            (["source_url": .string(url), "source": ["url": .string(url)]], ["source"]),
            (["source_url": nil], ["components"]), (["source_url": .string(url), "components": [:]], ["components"]),
        ] as [(JSONValue, [String])])
    func aSourceThatIsNotValidIsAMistake(_ config: JSONValue, _ paths: [String]) async throws {
        let fixture = try await fixture()
        let error = try await #require(throws: ComponentsError.self) {
            try await fixture.service().store(config: config, for: fixture.tool)
        }
        guard case .configInvalid(let problems, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(problems.map(\.path) == paths)
    }

    @Test func aFailedFetchIsSaidAndNothingIsDoneOrRemoved() async throws {
        let fixture = try await fixture()
        let service = fixture.service(retained: 1)
        let first = try await service.deploy(fixture.tool).deployment
        await fixture.world.configure { $0.files = [:] }
        let error = ComponentsError.configUnavailable(url: Self.url, reason: "there is no such file")
        await #expect(throws: error) { try await service.deploy(fixture.tool) }
        await #expect(throws: error) { try await service.planDeployment(fixture.tool) }
        await #expect(throws: error) { try await service.store(config: Self.stored, for: fixture.tool) }
        await #expect(throws: error) { try await service.check(config: Self.stored, for: fixture.tool) }
        #expect(await Set(fixture.world.records.keys) == [first.id])
    }

    @Test(
        arguments: [
            (["components": [:]], ["components"]), ([:], ["components"]), ([1], [""]),
            (["source_url": "https://example.org/next.yaml"], ["components"]),
        ] as [(JSONValue, [String])])
    func whatIsFoundMustBeAConfigOfItsOwn(_ file: JSONValue, _ paths: [String]) async throws {
        let fixture = try await fixture(file: file)
        for isDeployment in [true, false] {
            let error = try await #require(throws: ComponentsError.self) {
                if isDeployment {
                    _ = try await fixture.service().deploy(fixture.tool)
                } else {
                    _ = try await fixture.service().store(config: Self.stored, for: fixture.tool)
                }
            }
            guard case .storedConfigInvalid(let problems, _, .fetched(Self.url)) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(problems.map(\.path) == paths)
        }
        #expect(await fixture.world.records.isEmpty)
    }

    @Test func aFetchedConfigThatNamesItselfOrAnotherIsNotFollowed() async throws {
        for (source, count) in [(Self.url, 0), ("https://example.org/next.yaml", 1)] {
            let components = ServiceFixture.config(["web"])["components"] ?? .null
            let fixture = try await fixture(file: ["source_url": .string(source), "components": components])
            let stored = try await fixture.service().store(config: Self.stored, for: fixture.tool)
            #expect(stored.warnings.count == count)
            #expect(stored.warnings.allSatisfy { $0.hasPrefix("At \(Self.url): source_url: ") })
            let deployment = try await fixture.service().deploy(fixture.tool).deployment
            #expect(deployment.builds.map(\.component) == ["web"])
            #expect(await fixture.world.journal.count { $0 == .fetch(source) } == (count == 0 ? 2 : 0))
        }
    }

    @Test func anEarlierDeploymentAgainAndAReplayFetchNothing() async throws {
        let fixture = try await fixture()
        let key = try #require(IdempotencyKey("k"))
        let first = try await fixture.service().deploy(fixture.tool, key: key).deployment
        await fixture.world.configure { $0.files = [:] }
        let again = try await fixture.service().deploy(fixture.tool, key: key)
        #expect(again.isReplay)
        let options = DeploymentOptions(selection: .deployment(first.id))
        let rolled = try await fixture.service().deploy(fixture.tool, DeploymentOrder(options: options)).deployment
        #expect(rolled.config == first.config)
        #expect(rolled.configFetch == first.configFetch)
    }

    @Test func aDryRunFetchesAndShows() async throws {
        let fixture = try await fixture()
        let plan = try await fixture.service().planDeployment(fixture.tool)
        #expect(plan.components.map(\.name) == ["api", "web"])
        #expect(plan.fetched?.document == ServiceFixture.config(["api", "web"]))
        #expect(plan.fetched?.fetch.url == Self.url)
        #expect(await fixture.world.records.isEmpty)
    }

    @Test func anImportedConfigMayNameASourceToo() async throws {
        let fixture = try await fixture()
        await fixture.world.configure { world in
            world.imported = world.config
            world.config = nil
        }
        let started = try await fixture.service(imports: true).deploy(fixture.tool)
        #expect(started.deployment.builds.map(\.component) == ["api", "web"])
        #expect(started.warnings.count == 1)
    }
}
