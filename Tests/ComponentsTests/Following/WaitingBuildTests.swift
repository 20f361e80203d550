import Testing

@testable import Components

/// Waiting for a build to begin, whose log is followed.
struct WaitingBuildTests {
    private let changes = ScriptedChanges()
    private let clock = StepClock()
    private let fixture: ServiceFixture
    private let service: ComponentsService
    private let id: String
    private let build: String

    init() async throws {
        fixture = try await ServiceFixture(components: ["web"])
        service = fixture.service(changes: changes, clock: clock)
        let deployment = try await fixture.service(process: 1).deploy(fixture.tool, key: nil).deployment
        (id, build) = (deployment.id, deployment.builds[0].id)
        await fixture.world.configure { [build] in $0.logs[build] = ["a line"] }
    }

    private var calls: Int { get async { await fixture.world.look { $0.journal.count } } }

    /// Follows the log in a task of its own; returns when it waits.
    private func reader(_ number: Int = 1) async -> Task<[BuildLogEvent], any Error> {
        let (service, id, tool) = (service, id, fixture.tool)
        let task = Task {
            var events: [BuildLogEvent] = []
            let log = try await service.buildLog(of: "web", in: id, of: tool, BuildLogQuery(follow: true))
            try await log.forEach { events.append($0) }
            return events
        }
        await clock.begun(BuildLogEvent.pauseLength, number)
        return task
    }

    /// Lets the build come so far, and has somebody else store it.
    private func store(_ phase: BuildPhase) async throws {
        await fixture.world.configure { [build] in $0.runs[build]?.phase = phase }
        _ = try await fixture.service(process: 2).deployment(id, of: fixture.tool)
    }

    private let line = BuildLogEvent.lines(step: "build", [BuildLogLine(text: Array("a line".utf8)[...])])

    @Test func whoWaitsAsksNothingAndSharesTheLookAtTheBegin() async throws {
        var readers: [Task<[BuildLogEvent], any Error>] = []
        for number in 1...5 { readers.append(await reader(number)) }
        let before = await calls
        clock.wake(BuildLogEvent.pauseLength)
        await clock.begun(BuildLogEvent.pauseLength, 10)
        #expect(await calls == before)
        try await store(.running)
        let stored = await calls
        changes.tell(id)
        for reader in readers { #expect(try await reader.value == [.pause, line]) }
        #expect(await calls - stored == 1)
        await changes.ended()
        #expect(changes.count == 0)
    }

    @Test func aChangeOfAnotherKindIsNoBegin() async throws {
        let reader = await reader()
        changes.tell(id)
        // Nothing has begun: it goes on waiting.
        clock.wake(BuildLogEvent.pauseLength)
        await clock.begun(BuildLogEvent.pauseLength, 2)
        try await store(.succeeded)
        changes.tell(id)
        #expect(try await reader.value.last == line)
    }

    @Test func aBuildThatIsNeverStartedSaysWhy() async throws {
        await fixture.world.configure { [id, build] world in
            world.runs[build] = nil
            world.records[id]?.status.builds["web"] = .unconfirmed
        }
        let reader = await reader()
        await fixture.world.configure { [id] world in
            world.records[id]?.status.builds["web"] = BuildStatus(
                start: .refused, phase: .failed, reason: .refNotFound, message: "no such branch")
        }
        changes.tell(id)
        #expect(try await reader.value == [.note(.neverStarted("no such branch"))])
    }

    @Test func theLogOfADeploymentThatIsRemovedIsGone() async throws {
        let reader = await reader()
        await fixture.world.configure { [id] in $0.records[id] = nil }
        changes.tell(id)
        #expect(try await reader.value == [.note(.gone(isKept: false))])
    }

    @Test func whileChangesAreNotLiveItLooksEveryFiveSeconds() async throws {
        changes.isLive = false
        let reader = await reader()
        await clock.begun(.seconds(5))
        await fixture.world.configure { [build] in $0.runs[build]?.phase = .running }
        clock.wake(.seconds(5))
        #expect(try await reader.value == [line])
    }

    @Test func whoIsCancelledWaitsNoMore() async throws {
        let reader = await reader()
        reader.cancel()
        #expect(try await reader.value == [line])
        await changes.ended()
        #expect(changes.count == 0)
    }

    /// An end needs no waiting, and a log that is not followed neither.
    @Test func nobodyFollowsWithoutNeed() async throws {
        _ = try await service.buildLog(of: "web", in: id, of: fixture.tool, BuildLogQuery())
        #expect(changes.count == 0)
        try await store(.succeeded)
        _ = try await service.buildLog(of: "web", in: id, of: fixture.tool, BuildLogQuery(follow: true))
        await changes.ended()
        #expect(changes.count == 0)
    }
}
