import Testing

@testable import Components

/// What is noted of builds that end well, and when.
struct GoodBuildTests {
    private func ended(_ fixture: ServiceFixture) async throws -> Deployment {
        let id = try await fixture.service(resolves: true).deploy(fixture.tool).deployment.id
        await fixture.world.configure { world in
            for build in world.runs.keys {
                world.runs[build]?.phase = build.hasSuffix("x") ? .failed : .succeeded
                world.runs[build]?.image = "registry/image@sha256:1"
            }
            world.journal = []
        }
        return try await fixture.service().deployment(id, of: fixture.tool)
    }

    @Test func aGoodBuildIsNotedBeforeItsEndIsStored() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        let deployment = try await ended(fixture)
        let build = try #require(await fixture.world.goodBuilds?.builds.components["web"])
        #expect(build.build == deployment.builds[0].id)
        #expect(build.deployment == deployment.id)
        #expect(build.requestedAt == deployment.createdAt)
        #expect(build.image == "registry/image@sha256:1")
        #expect(build.commit == deployment.builds[0].commit)
        #expect(
            await fixture.world.journal.map(\.description) == [
                "read", "observe", "readBuilds", "writeBuilds", "update",
            ]
        )
    }

    @Test func aBadBuildIsNot() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        let id = try await fixture.service().deploy(fixture.tool).deployment.id
        await fixture.world.configure { world in
            for build in world.runs.keys { world.runs[build]?.phase = .failed }
        }
        _ = try await fixture.service().deployment(id, of: fixture.tool)
        #expect(await fixture.world.goodBuilds == nil)
    }

    @Test(arguments: [ClusterFailure.failed(reason: "no right"), .full(QuotaRefusal(reason: "full")), .terminating])
    func aDeploymentEndsAlthoughItCannotBeNoted(_ failure: ClusterFailure) async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        await fixture.world.configure { world in
            world.hasRefusedGoodBuilds = true
            world.fault = { call, _ in call == .writeBuilds ? .before(failure) : nil }
        }
        #expect(try await ended(fixture).phase == .succeeded)
        #expect(await fixture.world.goodBuilds == nil)
    }

    /// A refusal is final; a response that makes no sense may do so the second time.
    @Test(arguments: [
        (ClusterFailure.failed(reason: "no right"), 1), (.refused(reason: "a policy"), 1),
        (.invalidResponse(reason: "x"), 2),
    ])
    func onlyWhatMakesNoSenseIsAskedAgain(_ failure: ClusterFailure, _ reads: Int) async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        await fixture.world.configure { world in
            world.hasRefusedGoodBuilds = true
            world.fault = { call, _ in call == .readBuilds ? .before(failure) : nil }
        }
        let deployment = try await ended(fixture)
        #expect(deployment.phase == .succeeded)
        #expect(await fixture.world.journal.count { $0 == .readBuilds } == reads)
    }

    @Test func whatPassesKeepsTheEndBackAndIsMadeUpFor() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        await fixture.world.configure { world in
            world.fault = { call, _ in
                call == .writeBuilds ? .before(.unavailable(reason: "away", retryAfter: nil)) : nil
            }
        }
        await #expect(throws: ComponentsError.self) { try await ended(fixture) }
        let id = try #require(await fixture.world.records.keys.first)
        #expect(await fixture.world.records[id]?.phase != .succeeded)
        await fixture.world.configure { $0.fault = { _, _ in nil } }
        #expect(try await fixture.service().deployment(id, of: fixture.tool).phase == .succeeded)
        #expect(await fixture.world.goodBuilds?.builds.components["web"] != nil)
    }

    @Test func aCrashBetweenTheTwoWritesLosesNothing() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        let id = try await fixture.service().deploy(fixture.tool).deployment.id
        await fixture.world.configure { world in
            for build in world.runs.keys { world.runs[build]?.phase = .succeeded }
            world.fault = { call, _ in if case .update = call { .dieBefore } else { nil } }
        }
        _ = try? await fixture.service(process: 7).deployment(id, of: fixture.tool)
        #expect(await fixture.world.goodBuilds?.builds.components["web"]?.deployment == id)
        #expect(await fixture.world.records[id]?.phase == .pending)
        await fixture.world.configure { $0.fault = { _, _ in nil } }
        #expect(try await fixture.service(process: 8).deployment(id, of: fixture.tool).phase == .succeeded)
    }
}
