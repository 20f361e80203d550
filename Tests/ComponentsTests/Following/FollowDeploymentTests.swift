import Synchronization
import Testing

@testable import Components

/// Waiting for the end of a deployment, and following it.
struct FollowDeploymentTests {
    private let changes = ScriptedChanges()
    private let clock = StepClock()
    private let fixture: ServiceFixture
    private let service: ComponentsService
    private let id: String

    init() async throws {
        fixture = try await ServiceFixture()
        service = fixture.service(changes: changes, clock: clock)
        id = try await fixture.service(process: 1).deploy(fixture.tool, key: nil).deployment.id
    }

    /// Lets the builds come so far, and has somebody else store it.
    private func store(_ phase: BuildPhase, of component: String? = nil) async throws {
        let world = fixture.world
        let record = try #require(await self.record)
        let builds = record.request.builds.filter { component == nil || $0.component == component }.map(\.id)
        await world.configure { world in for build in builds { world.runs[build]?.phase = phase } }
        _ = try await fixture.service(process: 2).deployment(id, of: fixture.tool)
    }

    /// As it is stored.
    private var record: DeploymentRecord? {
        get async { await fixture.world.look { [id] world in world.records[id] } }
    }

    private func remove() async { await fixture.world.configure { [id] in $0.records[id] = nil } }

    private var reads: Int {
        get async { await fixture.world.look { world in world.journal.count { $0.description == "read" } } }
    }

    /// Waits in a task of its own; returns when it has looked once and waits.
    private func waiter(_ seconds: Int = 50) async -> Task<Result<Deployment, ComponentsError>, Never> {
        let (service, id, tool) = (service, id, fixture.tool)
        let task = Task { () -> Result<Deployment, ComponentsError> in
            do throws(ComponentsError) {
                return .success(try await service.deployment(id, of: tool, endedWithin: .seconds(seconds)))
            } catch {
                return .failure(error)
            }
        }
        await clock.begun(.seconds(seconds))
        return task
    }

    @Test func aWaitEndsWithTheDeployment() async throws {
        let waiter = await waiter()
        try await store(.running)
        try await store(.succeeded)
        let before = await reads
        changes.tell(id)
        #expect(try await waiter.value.get().phase == .succeeded)
        #expect(await reads - before == 1)
        // One that has ended is not waited for.
        #expect(try await service.deployment(id, of: fixture.tool, endedWithin: .seconds(9)).phase == .succeeded)
    }

    @Test func whenTheTimeIsOverItIsReturnedAsItStands() async throws {
        let waiter = await waiter(3)
        let before = await reads
        clock.wake(.seconds(3))
        #expect(try await waiter.value.get().phase == .pending)
        #expect(await reads == before)
        await changes.ended()
        #expect(changes.count == 0)
    }

    @Test func whoIsCancelledLearnsHowItStands() async throws {
        let waiter = await waiter()
        waiter.cancel()
        #expect(try await waiter.value.get().phase == .pending)
        // Cancelled before it began: the first look is owed all the same.
        let (service, id, tool) = (service, id, fixture.tool)
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await service.deployment(id, of: tool, endedWithin: .seconds(50))
        }
        #expect(try await late.value.phase == .pending)
    }

    @Test func whatIsRemovedMeanwhileIsMissing() async throws {
        let waiter = await waiter()
        await remove()
        changes.tell(id)
        #expect(await waiter.value == .failure(.deploymentMissing(fixture.tool, id: id)))
        await #expect(throws: ComponentsError.deploymentMissing(fixture.tool, id: id)) {
            try await service.deployment(id, of: fixture.tool, endedWithin: .seconds(50))
        }
        await #expect(throws: ComponentsError.deploymentMissing(fixture.tool, id: "odd")) {
            try await service.followDeployment("odd", of: fixture.tool)
        }
    }

    @Test func aFailureCountsOnlyIfItIsTheLast() async throws {
        let waiter = await waiter(3)
        let failure = ClusterFailure.unavailable(reason: "away", retryAfter: nil)
        let looked = AsyncStream.makeStream(of: Void.self)
        await fixture.world.configure { world in
            world.fault = { call, _ in
                guard call.description == "read" else { return nil }
                looked.continuation.yield()
                return .before(failure)
            }
        }
        changes.tell(id)
        var iterator = looked.stream.makeAsyncIterator()
        await iterator.next()
        // It is looked at again, and the end is seen then.
        await fixture.world.configure { $0.fault = { _, _ in nil } }
        try await store(.succeeded)
        changes.tell(id)
        #expect(try await waiter.value.get().phase == .succeeded)
    }

    /// A request never waits for a leader, of which live changes say nothing.
    @Test func theFirstLookMovesTheDeploymentOn() async throws {
        await fixture.world.configure { world in for id in world.runs.keys { world.runs[id]?.phase = .succeeded } }
        #expect(try await service.deployment(id, of: fixture.tool, endedWithin: .seconds(50)).phase == .succeeded)
        #expect(await record?.phase == .succeeded)
    }

    @Test func ofManyWhoComeOneAsksForTheBuilds() async throws {
        let first = await waiter(50)
        let before = await fixture.world.journal.count
        let others = [await waiter(40), await waiter(30)]
        let calls = await fixture.world.look { $0.journal.dropFirst(before).map(\.description) }
        #expect(calls == ["read", "read"])
        for waiter in [first] + others { waiter.cancel() }
    }

    @Test func withoutLiveChangesALookMovesTheDeploymentOn() async throws {
        changes.isLive = false
        let waiter = await waiter()
        await fixture.world.configure { world in for id in world.runs.keys { world.runs[id]?.phase = .succeeded } }
        await clock.begun(DeploymentLookout.interval)
        clock.wake(DeploymentLookout.interval)
        #expect(try await waiter.value.get().phase == .succeeded)
        #expect(await record?.phase == .succeeded)
    }

    /// Each variable of these takes its size in the memory of every request that waits, some of them many times.
    @Test func whatAWaitHandsOnIsSmall() {
        #expect(MemoryLayout<SeenDeployment>.size <= 16)
        #expect(MemoryLayout<FollowingEvent>.size <= 32)
        #expect(MemoryLayout<FollowerMailbox.Contents>.size <= 32)
        #expect(MemoryLayout<ComponentsError>.size <= 96)
    }

    // MARK: - Following

    /// Follows in a task of its own; the events come in a stream.
    private func follow() async throws -> (
        first: SeenDeployment, AsyncStream<FollowingEvent>.Iterator, Task<Void, any Error>
    ) {
        let followed = try await service.followDeployment(id, of: fixture.tool)
        let (events, continuation) = AsyncStream.makeStream(of: FollowingEvent.self)
        let task = Task {
            defer { continuation.finish() }
            try await followed.forEach { continuation.yield($0) }
        }
        return (followed.first, events.makeAsyncIterator(), task)
    }

    @Test func everyStoredChangeIsToldAndTheEndIsTheLast() async throws {
        var (first, events, _) = try await follow()
        var versions = [first.version]
        #expect(first.deployment.phase == .pending)
        for (phase, component, expected) in [
            (BuildPhase.running, nil, DeploymentPhase.running), (.succeeded, "api", .running),
            (.succeeded, "web", .succeeded),
        ] as [(BuildPhase, String?, DeploymentPhase)] {
            try await store(phase, of: component)
            changes.tell(id)
            guard case .changed(let seen) = await events.next() else {
                Issue.record("no change was told")
                return
            }
            #expect(seen.deployment.phase == expected)
            #expect(seen.seenAt == clock.now())
            versions.append(seen.version)
        }
        #expect(await events.next() == nil)
        #expect(Set(versions).count == 4)
        #expect(versions.compactMap(Int.init) == versions.compactMap(Int.init).sorted())
    }

    @Test func aSignalWithoutAChangeIsNotTold() async throws {
        var (_, events, task) = try await follow()
        changes.tell(id)
        await clock.begun(FollowDeployment.quietTime)
        clock.wake(FollowDeployment.quietTime)
        #expect(await events.next() == .quiet)
        task.cancel()
        #expect(await events.next() == .interrupted)
        #expect(await events.next() == nil)
    }

    @Test func aRemovalIsTheLastThatIsTold() async throws {
        var (_, events, _) = try await follow()
        await remove()
        changes.tell(id)
        #expect(await events.next() == .removed)
        #expect(await events.next() == nil)
    }

    @Test func ofADeploymentThatHasEndedNothingMoreIsTold() async throws {
        try await store(.failed)
        var (first, events, _) = try await follow()
        #expect(first.deployment.phase == .failed)
        #expect(await events.next() == nil)
    }

    @Test func whoDoesNotListenToTheEndLeavesNothingBehind() async throws {
        struct Gone: Error {}
        do {
            let followed = try await service.followDeployment(id, of: fixture.tool)
            #expect(changes.count == 1)
            changes.tell(id)
            try await store(.running)
            changes.tell(id)
            await #expect(throws: Gone.self) { try await followed.forEach { _ in throw Gone() } }
        }
        await changes.ended()
        #expect(changes.count == 0)
    }
}
