import JSON
import Testing

@testable import Components

/// Which components are not built because nothing has changed.
struct SkipTests {
    private static let skipping = DeploymentOrder(options: DeploymentOptions(skipUnchanged: true))

    /// A fixture of two components whose images are in the registry.
    private func built(_ components: [String] = ["api", "web"]) async throws -> (ServiceFixture, Deployment) {
        let fixture = try await ServiceFixture(components: components)
        let id = try await fixture.service(resolves: true).deploy(fixture.tool).deployment.id
        await fixture.world.configure { world in
            for build in world.runs.keys { world.succeed(build) }
        }
        let deployment = try await fixture.service().deployment(id, of: fixture.tool)
        await fixture.world.configure { $0.journal = [] }
        return (fixture, deployment)
    }

    private func service(_ fixture: ServiceFixture, process: Int = 1) -> ComponentsService {
        fixture.service(process: process, resolves: true, asksRegistry: true)
    }

    @Test func anEarlierBuildIsTakenAtOnce() async throws {
        let (fixture, first) = try await built()
        let started = try await service(fixture).deploy(fixture.tool, Self.skipping)
        #expect(started.deployment.phase == .succeeded)
        #expect(started.warnings.isEmpty)
        for (build, earlier) in zip(started.deployment.builds, first.builds) {
            #expect(build.reason == .unchanged)
            #expect(build.taken?.build == earlier.id)
            #expect(build.taken?.deployment == first.id)
            #expect(build.image == earlier.image && build.commit == earlier.commit && build.builder == earlier.builder)
            #expect(build.message.contains(first.id))
        }
        #expect(await fixture.world.creations.count == 2)
        let journal = await fixture.world.journal
        #expect(journal.filter { $0.description == "digest" }.count == 2)
        #expect(!journal.contains(.prepare))
        // What is taken is no newer good build.
        #expect(await fixture.world.goodBuilds?.builds.components["web"]?.deployment == first.id)
        #expect(
            try await service(fixture).deployment(started.deployment.id, of: fixture.tool).builds
                == started.deployment.builds)
    }

    @Test func theLogIsThatOfTheEarlierBuild() async throws {
        let (fixture, first) = try await built(["web"])
        let earlier = first.builds[0].id
        await fixture.world.configure { $0.logs[earlier] = ["a line"] }
        let id = try await service(fixture).deploy(fixture.tool, Self.skipping).deployment.id
        func events() async throws -> [BuildLogEvent] {
            var events: [BuildLogEvent] = []
            let log = try await service(fixture).buildLog(of: "web", in: id, of: fixture.tool, BuildLogQuery())
            try await log.forEach { events.append($0) }
            return events
        }
        let note = BuildLogEvent.note(.isEarlierBuild(of: "web", in: first.id))
        #expect(
            try await events() == [note, .lines(step: "build", [BuildLogLine(text: Array("a line".utf8)[...])])])
        // Its record has made room for newer ones, and the log is gone with it.
        await fixture.world.configure { $0.records[first.id] = nil }
        #expect(try await events() == [note, .note(.gone(isKept: false))])
    }

    @Test func whoeverDoesNotAskForItGetsEveryBuild() async throws {
        let (fixture, _) = try await built()
        for options in [DeploymentOptions(), DeploymentOptions(forceBuild: true, skipUnchanged: true)] {
            let started = try await service(fixture).deploy(fixture.tool, DeploymentOrder(options: options))
            #expect(started.deployment.builds.allSatisfy { $0.taken == nil && $0.isCreated })
        }
        #expect(await !fixture.world.journal.contains { ["digest", "readBuilds"].contains($0.description) })
        #expect(await fixture.world.journal.contains(.prepare))
    }

    @Test func aNewCommitIsBuiltAndTheOthersAreNot() async throws {
        let (fixture, _) = try await built()
        await fixture.world.configure { world in
            world.resolutions[BuildSource(repository: "https://example.org/web.git", ref: nil)] = .commit("new")
        }
        let started = try await service(fixture).deploy(fixture.tool, Self.skipping).deployment
        #expect(started.builds.map { $0.taken != nil } == [true, false])
        let plan = try await service(fixture).planDeployment(fixture.tool, Self.skipping)
        #expect(plan.components.map(\.action) == [.skip, .build])
        #expect(plan.components.allSatisfy { $0.was != nil })
    }

    @Test func whatTheTagIsNotAnyMoreIsBuilt() async throws {
        let (fixture, _) = try await built()
        await fixture.world.configure { world in
            world.tags["api"] = nil
            world.tags["web"] = "sha256:other"
        }
        let plan = try await service(fixture).planDeployment(fixture.tool, Self.skipping)
        #expect(plan.components.map(\.action) == [.build, .build])
        #expect(plan.components[0].why.contains("not have its image any more"))
        #expect(plan.components[1].why.contains("another image"))
        #expect(plan.warnings.isEmpty)
    }

    @Test func aRegistryThatIsAwayLetsEverythingBeBuilt() async throws {
        let (fixture, _) = try await built()
        await fixture.world.configure { world in
            world.fault = { call, _ in
                ["digest", "prepare"].contains(call.description) ? .before(.timedOut(mayHaveHappened: false)) : nil
            }
        }
        let started = try await service(fixture).deploy(fixture.tool, Self.skipping)
        #expect(started.deployment.builds.allSatisfy { $0.taken == nil })
        #expect(started.warnings.count == 2)
        #expect(started.warnings[0].hasPrefix("Whether api, web changed is not known"))
        #expect(started.warnings[1].contains("project"))
    }

    @Test func withoutARegistryEverythingIsBuiltAndTheAnswerSaysWhy() async throws {
        let (fixture, _) = try await built()
        let started = try await fixture.service(process: 1, resolves: true).deploy(fixture.tool, Self.skipping)
        #expect(started.deployment.builds.allSatisfy { $0.taken == nil })
        #expect(started.warnings.count == 1 && started.warnings[0].contains("HARBOR_URL"))
    }

    @Test func whatAnotherDeploymentBuildsIsBuilt() async throws {
        let (fixture, _) = try await built(["web"])
        let busy = try await service(fixture).deploy(fixture.tool).deployment.id
        let plan = try await service(fixture).planDeployment(fixture.tool, Self.skipping)
        #expect(plan.components.map(\.action) == [.build])
        #expect(plan.components[0].why.contains(busy))
    }

    @Test func anOldBuildIsNotStartedAfterANewerDeploymentTookAnEarlierOne() async throws {
        let (fixture, first) = try await built(["web"])
        let order = DeploymentOrder(options: DeploymentOptions(overlap: .allow))
        // A record whose request died before it created the build.
        await fixture.world.configure { world in
            world.fault = { call, _ in call.description == "start" ? .dieBefore : nil }
        }
        _ = try? await service(fixture, process: 5).deploy(fixture.tool, order)
        let old = try #require(await fixture.world.records.keys.first { $0 != first.id })
        await fixture.world.configure { world in
            world.fault = { _, _ in nil }
            // Nobody knows of it while the newer one is asked for.
            world.hidden = [old]
        }
        let newer = try await service(fixture, process: 6).deploy(fixture.tool, Self.skipping).deployment
        #expect(newer.builds[0].taken != nil)
        await fixture.world.configure { $0.hidden = [] }
        let end = try await service(fixture, process: 7).deployment(old, of: fixture.tool)
        #expect(end.builds[0].reason == .superseded)
        #expect(await fixture.world.creations.count == 1)
    }
}
