import Foundation
import JSON
import Testing

@testable import Components

/// Which commits a deployment builds.
struct CommitTests {
    private static let repository = "https://example.org/r.git"

    private static func source(_ ref: String?) -> BuildSource { BuildSource(repository: repository, ref: ref) }

    /// Two components of one repository, one that reuses, with what looking up comes to.
    private func fixture(
        _ refs: [String: String?] = ["api": "main", "web": "main"], _ resolutions: [BuildSource: CommitResolution] = [:]
    ) async throws -> ServiceFixture {
        let fixture = try await ServiceFixture()
        var components = refs.map { name, ref -> (String, JSONValue) in
            var build: JSONObject = ["repository": .string(Self.repository)]
            build["ref"] = ref.map(JSONValue.string)
            return (name, ["build": .object(build)])
        }
        components.append(("job", ["build": ["reuse_from": .string(refs.keys.sorted()[0])]]))
        let document: JSONValue = ["components": .object(JSONObject(components))]
        await fixture.world.configure { world in
            world.config = document
            world.resolutions = resolutions
        }
        return fixture
    }

    private func looks(_ fixture: ServiceFixture) async -> [BuildSource] {
        await fixture.world.journal.compactMap { call in
            guard case .resolve(let source) = call else { return nil }
            return source
        }
    }

    private func order(_ selection: DeploymentOptions.Selection) -> DeploymentOrder {
        DeploymentOrder(options: DeploymentOptions(selection: selection))
    }

    private func problems(
        _ fixture: ServiceFixture, _ selection: DeploymentOptions.Selection
    ) async throws -> [String] {
        let error = await #expect(throws: ComponentsError.self) {
            try await fixture.service(resolves: true).deploy(fixture.tool, order(selection))
        }
        guard case .optionsInvalid(let problems) = error else {
            Issue.record("\(String(describing: error))")
            return []
        }
        #expect(await fixture.world.records.isEmpty)
        #expect(await looks(fixture).isEmpty)
        return problems.map(\.message)
    }

    @Test func eachRefIsLookedUpOnceBeforeTheRecord() async throws {
        let fixture = try await fixture(
            ["api": "main", "web": "main", "old": "v1"],
            [Self.source("main"): .commit("aaa", warnings: ["mind this"]), Self.source("v1"): .commit("bbb")])
        let started = try await fixture.service(resolves: true).deploy(fixture.tool)
        #expect(Set(await looks(fixture)) == [Self.source("main"), Self.source("v1")])
        #expect(await looks(fixture).count == 2)
        let journal = await fixture.world.journal
        let create = try #require(journal.firstIndex(of: .create))
        #expect(journal[create...].allSatisfy { $0.description != "resolve" })
        let builds = try #require(await fixture.world.records[started.deployment.id]).request.builds
        #expect(builds.map(\.commit) == ["aaa", "bbb", "aaa"])
        #expect(builds.map(\.ref) == ["main", "v1", "main"])
        #expect(started.deployment.builds.map(\.commit) == ["aaa", "bbb", "aaa"])
        #expect(started.warnings == ["api, web: mind this."])
    }

    @Test func whatDoesNotExistFailsItsComponentAndTheOthersGoOn() async throws {
        let fixture = try await fixture(
            ["api": "gone", "web": "main"],
            [Self.source("gone"): .missing(BuildFailure(.refNotFound, message: "no branch gone"))])
        let started = try await fixture.service(resolves: true).deploy(fixture.tool)
        let (api, web) = (started.deployment.builds[0], started.deployment.builds[1])
        #expect(api.phase == .failed)
        #expect(api.reason == .refNotFound)
        #expect(api.message == "no branch gone")
        #expect(web.phase == .pending)
        #expect(await Set(fixture.world.runs.keys) == [web.id])
        await fixture.world.configure { $0.runs[web.id]?.phase = .succeeded }
        let ended = try await fixture.service(process: 1).deployment(started.deployment.id, of: fixture.tool)
        #expect(ended.phase == .failed)
        #expect(ended.reason == .refNotFound)
        _ = try await fixture.service().removeDeployment(started.deployment.id, of: fixture.tool)
        #expect(await Set(fixture.world.runs.keys) == [web.id])
        #expect(await fixture.world.violations.isEmpty)
    }

    @Test func aDeploymentOfWhichNothingExistsHasEndedAtOnce() async throws {
        let failure = BuildFailure(.repositoryNotFound, message: "no repository")
        let fixture = try await fixture(["web": "main"], [Self.source("main"): .missing(failure)])
        let started = try await fixture.service(resolves: true).deploy(fixture.tool)
        #expect(started.deployment.phase == .failed)
        #expect(started.deployment.reason == .repositoryNotFound)
        #expect(await fixture.world.runs.isEmpty)
    }

    @Test func whatCannotBeFoundOutIsLeftToTheBuilderAndSaidOnce() async throws {
        let fixture = try await fixture(
            ["api": nil, "web": nil], [Self.source(nil): .unknown("the host did not answer in 5.0 seconds")])
        let started = try await fixture.service(resolves: true).deploy(fixture.tool)
        #expect(started.deployment.builds.map(\.commit) == [nil, nil])
        #expect(started.deployment.phase == .pending)
        #expect(await fixture.world.runs.count == 2)
        #expect(started.warnings.count == 1)
        #expect(
            started.warnings.first?.contains("did not answer in 5.0 seconds): the build of api, web takes HEAD") == true
        )
    }

    @Test func aRefIsForAllComponentsOfOneRepository() async throws {
        let fixture = try await fixture()
        let started = try await fixture.service(resolves: true).deploy(fixture.tool, order(.ref("v2")))
        #expect(await looks(fixture) == [Self.source("v2")])
        let record = try #require(await fixture.world.records[started.deployment.id])
        #expect(record.request.builds.map(\.ref) == ["v2", "v2"])
        #expect(record.request.options.selection == .ref("v2"))
        let several = try await ServiceFixture()
        #expect(try await problems(several, .ref("v2")).first?.contains("2 (https://example.org/api.git, ") == true)
        #expect(try await problems(several, .ref("a..b")).first?.contains("must not hold '..'") == true)
    }

    @Test func refsAreForTheComponentsThatTheyName() async throws {
        let fixture = try await fixture()
        let started = try await fixture.service(resolves: true).deploy(fixture.tool, order(.refs(["web": "v2"])))
        let builds = try #require(await fixture.world.records[started.deployment.id]).request.builds
        #expect(builds.map(\.ref) == ["main", "v2"])
    }

    @Test func refsThatDoNotFitTheConfigAreAllNamed() async throws {
        let fixture = try await fixture()
        let found = try await problems(fixture, .refs(["wbe": "v2", "job": "v2", "web": "-x", "api": "v1"]))
        #expect(
            found == [
                #"refs."job" is not built: it reuses the build of another component. Name the ref of that one."#,
                #"refs."wbe" is no component of the stored config: did you mean web?"#,
                #"refs."web" must not begin with '-'."#,
            ])
    }

    @Test func anEarlierDeploymentIsDeployedAgainWithItsCommits() async throws {
        let fixture = try await fixture(
            ["api": "main", "web": "main"], [Self.source("main"): .commit("aaa"), Self.source("v1"): .commit("bbb")])
        let first = try await fixture.service(resolves: true).deploy(fixture.tool, order(.refs(["web": "v1"])))
        await fixture.world.configure { world in
            world.config = ServiceFixture.config(["other"])
            world.resolutions = [:]
            world.journal = []
        }
        let again = try await fixture.service(resolves: true).deploy(
            fixture.tool, order(.deployment(first.deployment.id)))
        let records = await fixture.world.records
        let (old, new) = (records[first.deployment.id]?.request, records[again.deployment.id]?.request)
        #expect(new?.config == old?.config)
        #expect(new?.builds.map(\.commit) == ["aaa", "bbb"])
        #expect(new?.builds.map(\.ref) == ["main", "v1"])
        #expect(new?.builds.map(\.id) != old?.builds.map(\.id))
        #expect(await looks(fixture).isEmpty)
        #expect(await !fixture.world.journal.contains(.readConfig))
        #expect(again.warnings.isEmpty)
    }

    @Test func theCommitThatWasBuiltCountsAndOneThatIsNotKnownIsLookedUp() async throws {
        let fixture = try await fixture(["api": "main", "web": "v1"], [Self.source("v1"): .commit("bbb")])
        let first = try await fixture.service().deploy(fixture.tool)
        await fixture.world.configure { world in
            world.records[first.deployment.id]?.status.builds["api"]?.commit = "built"
        }
        let again = try await fixture.service(resolves: true).deploy(
            fixture.tool, order(.deployment(first.deployment.id)))
        #expect(again.deployment.builds.map(\.commit) == ["built", "bbb"])
        #expect(await looks(fixture) == [Self.source("v1")])
        #expect(again.warnings.count == 1)
        #expect(again.warnings.first?.contains("of web is not known") == true)
    }

    @Test(arguments: ["demo-deploy-20200101-000000-1", "other-deploy-20200101-000000-1", "latest", ""])
    func anEarlierDeploymentMustExist(_ id: String) async throws {
        let fixture = try await fixture()
        #expect(try await problems(fixture, .deployment(id)).first?.contains("has no deployment of that id") == true)
    }

    @Test func aRepeatWithAnotherRefIsRefused() async throws {
        let fixture = try await fixture()
        let key = try #require(IdempotencyKey("k"))
        let options = DeploymentOptions(selection: .refs(["web": "v2"]))
        let first = try await fixture.service(resolves: true).deploy(
            fixture.tool, DeploymentOrder(key: key, options: options))
        let again = try await fixture.service(process: 1, resolves: true).deploy(
            fixture.tool, DeploymentOrder(key: key, options: options))
        #expect(again.isReplay)
        #expect(again.deployment.id == first.deployment.id)
        #expect(await looks(fixture).count == 2)
        await #expect(throws: ComponentsError.keyTaken(id: first.deployment.id)) {
            try await fixture.service(resolves: true).deploy(fixture.tool, DeploymentOrder(key: key))
        }
    }
}
