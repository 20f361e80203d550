import JSON
import Testing

@testable import Components

/// Deployments of a part of the config's components.
struct PartTests {
    /// `api` and `web` build, `job` reuses `web`, `old` builds another repository.
    private func fixture() async throws -> ServiceFixture {
        let fixture = try await ServiceFixture()
        let build: JSONValue = ["build": ["repository": "https://example.org/r.git", "ref": "main"]]
        await fixture.world.configure { world in
            world.config = [
                "components": [
                    "api": build, "web": build, "job": ["build": ["reuse_from": "web"]],
                    "old": ["build": ["repository": "https://example.org/old.git"]],
                ]
            ]
        }
        return fixture
    }

    private func order(
        _ names: [String]?, _ selection: DeploymentOptions.Selection = .config,
        overlap: DeploymentOptions.Overlap = .allow
    ) -> DeploymentOrder {
        DeploymentOrder(options: DeploymentOptions(overlap: overlap, selection: selection, components: names))
    }

    private func problems(
        _ fixture: ServiceFixture, _ names: [String]?, _ selection: DeploymentOptions.Selection = .config
    ) async throws -> [OptionProblem] {
        let records = await fixture.world.records
        let error = await #expect(throws: ComponentsError.self) {
            try await fixture.service().deploy(fixture.tool, order(names, selection))
        }
        guard case .optionsInvalid(let problems) = error else {
            Issue.record("\(String(describing: error))")
            return []
        }
        #expect(await fixture.world.records == records)
        return problems
    }

    @Test(arguments: [
        (["web"], ["web"]), (["job"], ["web"]), (["api", "job"], ["api", "web"]), (["job", "web"], ["web"]),
    ])
    func onlyThePartIsBuiltWithWhatItReuses(_ names: [String], _ built: [String]) async throws {
        let fixture = try await fixture()
        let started = try await fixture.service().deploy(fixture.tool, order(names))
        #expect(started.deployment.builds.map(\.component) == built)
        let record = try #require(await fixture.world.records[started.deployment.id])
        #expect(record.request.options.components == names)
        // The whole config is kept, and no run is made but for the part.
        #expect(record.request.config == (await fixture.world.config))
        #expect(await Set(fixture.world.runs.keys) == Set(record.request.builds.map(\.id)))
        #expect(await fixture.world.violations.isEmpty)
    }

    @Test func namesThatAreNotThereAreAllNamed() async throws {
        let fixture = try await fixture()
        let found = try await problems(fixture, ["api", "wbe", "x"], .refs(["nope": "v1"]))
        #expect(
            found.map(\.message) == [
                #"components: "wbe" is no component of the stored config: did you mean web?"#,
                #"components: "x" is no component of the stored config."#,
                #"refs."nope" is no component of the stored config."#,
            ])
        #expect(found.map(\.path) == [["components"], ["components"], ["refs", "nope"]])
    }

    @Test func aRefIsForWhatIsDeployed() async throws {
        let fixture = try await fixture()
        #expect(
            try await problems(fixture, ["api"], .refs(["web": "v1"])).map(\.message)
                == [#"refs."web" is not deployed: name it under components too, or leave its ref out."#])
        #expect(try await problems(fixture, nil, .ref("v1")).count == 1)
        // Those that are deployed have one repository.
        let started = try await fixture.service().deploy(fixture.tool, order(["api", "job"], .ref("v1")))
        #expect(started.deployment.builds.map(\.ref) == ["v1", "v1"])
        let one = try await fixture.service().deploy(fixture.tool, order(["job"], .refs(["web": "v2"])))
        #expect(one.deployment.builds.map(\.ref) == ["v2"])
    }

    @Test func anEarlierPartIsDeployedAgainAsItWas() async throws {
        let fixture = try await fixture()
        let first = try await fixture.service().deploy(fixture.tool, order(["api", "job"]))
        let again = try await fixture.service().deploy(fixture.tool, order(nil, .deployment(first.deployment.id)))
        #expect(again.deployment.builds.map(\.component) == ["api", "web"])
        let third = try await fixture.service().deploy(fixture.tool, order(["job"], .deployment(again.deployment.id)))
        #expect(third.deployment.builds.map(\.component) == ["web"])
        #expect(
            try await problems(fixture, ["old", "wbe"], .deployment(first.deployment.id)).map(\.message) == [
                "components: \"old\" was not deployed by \(first.deployment.id), which is deployed again: leave it out.",
                "components: \"wbe\" is no component of the config of that deployment: did you mean web?",
            ])
    }

    /// A newer deployment of another component does not take the place of an older one's builds.
    @Test func aNewerPartSupersedesItsOwnComponentsAlone() async throws {
        let fixture = try await fixture()
        await fixture.world.configure { world in
            world.fault = { call, _ in
                if case .start = call { return .before(.unavailable(reason: "away", retryAfter: nil)) }
                return nil
            }
        }
        let old = try await fixture.service(process: 1).deploy(fixture.tool, order(["api", "web"])).deployment
        await fixture.world.configure { $0.fault = { _, _ in nil } }
        _ = try await fixture.service(process: 2).deploy(fixture.tool, order(["job"]))
        let read = try await fixture.service().deployment(old.id, of: fixture.tool)
        #expect(read.builds.map(\.reason) == [nil, .superseded])
        #expect(read.builds.map(\.phase) == [.pending, .cancelled])
    }

    @Test func aPartThatHasNotChangedIsTakenAndTheOthersAreNot() async throws {
        let fixture = try await fixture()
        let service = fixture.service(resolves: true, asksRegistry: true)
        await fixture.world.configure { world in
            for (name, ref) in [("r", "main"), ("old", nil)] {
                world.resolutions[BuildSource(repository: "https://example.org/\(name).git", ref: ref)] = .commit("c")
            }
        }
        let first = try await service.deploy(fixture.tool).deployment
        await fixture.world.configure { world in
            for build in world.runs.keys { world.succeed(build) }
        }
        _ = try await service.deployment(first.id, of: fixture.tool)
        let created = await fixture.world.creations
        let part = DeploymentOptions(skipUnchanged: true, components: ["job"])
        let taken = try await service.deploy(fixture.tool, DeploymentOrder(options: part)).deployment
        #expect(taken.builds.map(\.component) == ["web"])
        #expect(taken.builds.map(\.taken?.deployment) == [first.id])
        #expect(taken.phase == .succeeded)
        #expect(await fixture.world.creations == created)
        // What was taken stands in its builds as well.
        let again = try await service.deploy(fixture.tool, order(nil, .deployment(taken.id))).deployment
        #expect(again.builds.map(\.component) == ["web"])
    }

    @Test func aRepeatOfAPartIsThatPart() async throws {
        let fixture = try await fixture()
        let key = try #require(IdempotencyKey("k"))
        let options = DeploymentOptions(components: ["web"])
        let first = try await fixture.service().deploy(fixture.tool, DeploymentOrder(key: key, options: options))
        let again = try await fixture.service(process: 1).deploy(
            fixture.tool, DeploymentOrder(key: key, options: options))
        #expect(again.isReplay)
        #expect(again.deployment.id == first.deployment.id)
        for other in [["api"], nil] {
            await #expect(throws: ComponentsError.keyTaken(id: first.deployment.id)) {
                try await fixture.service().deploy(
                    fixture.tool, DeploymentOrder(key: key, options: DeploymentOptions(components: other)))
            }
        }
    }

    @Test func whatOverlapsIsTheDeploymentWhateverItsParts() async throws {
        let fixture = try await fixture()
        let first = try await fixture.service().deploy(fixture.tool, order(["api"]))
        await #expect(throws: ComponentsError.overlaps(fixture.tool, id: first.deployment.id)) {
            try await fixture.service().deploy(fixture.tool, order(["web"], overlap: .reject))
        }
        let newer = try await fixture.service().deploy(fixture.tool, order(["web"], overlap: .supersede))
        #expect(await fixture.world.records[first.deployment.id]?.status.stop?.by == newer.deployment.id)
        #expect(try await fixture.service().latestDeploymentID(of: fixture.tool) == newer.deployment.id)
    }

    @Test func aDryRunShowsThePartAlone() async throws {
        let fixture = try await fixture()
        let plan = try await fixture.service().planDeployment(fixture.tool, order(["job"]))
        #expect(plan.components.map(\.name) == ["job", "web"])
        #expect(plan.components.map(\.action) == [.reuse(of: "web"), .build])
    }

    @Test func aLogIsOfWhatIsDeployed() async throws {
        let fixture = try await fixture()
        let started = try await fixture.service().deploy(fixture.tool, order(["job"]))
        for build in started.deployment.builds { await fixture.world.configure { $0.logs[build.id] = ["x"] } }
        _ = try await fixture.service().buildLog(
            of: "job", in: started.deployment.id, of: fixture.tool, BuildLogQuery())
        let error = await #expect(throws: ComponentsError.self) {
            try await fixture.service().buildLog(
                of: "api", in: started.deployment.id, of: fixture.tool, BuildLogQuery())
        }
        guard case .componentMissing(_, "api", let known) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(known == ["job", "web"])
    }
}
