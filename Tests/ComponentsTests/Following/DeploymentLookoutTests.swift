import Synchronization
import Testing

@testable import Components

/// When a followed deployment is looked at, and who learns what was found.
struct DeploymentLookoutTests {
    /// Looks that a test lets through one by one, and what they find.
    private final class Looks: Sendable {
        typealias Found = Result<DeploymentRecord?, ClusterFailure>

        private let findings: AsyncStream<Found>
        private let script: AsyncStream<Found>.Continuation
        private let begun = AsyncStream.makeStream(of: Bool.self)
        private let counted = Atomic(0)

        init() { (findings, script) = AsyncStream.makeStream() }

        var count: Int { counted.load(ordering: .relaxed) }

        @Sendable func look(_ deployment: DeploymentIdentity, isLive: Bool) async -> Found {
            counted.add(1, ordering: .relaxed)
            begun.continuation.yield(isLive)
            var iterator = findings.makeAsyncIterator()
            return await iterator.next() ?? .success(nil)
        }

        /// Waits for the next look to begin; whether it was told that changes are live.
        func next() async -> Bool? {
            var iterator = begun.stream.makeAsyncIterator()
            return await iterator.next()
        }

        /// Ends a look.
        func end(_ found: Found = .success(nil)) { script.yield(found) }
    }

    private let changes = ScriptedChanges()
    private let clock = StepClock()
    private let looks = Looks()
    private let lookout: DeploymentLookout
    private let deployment: DeploymentIdentity

    init() throws {
        deployment = DeploymentIdentity(id: "demo-deploy-1", tool: try #require(ToolName("demo")))
        lookout = DeploymentLookout(changes: changes, clock: clock, look: looks.look)
    }

    @Test func oneLookServesAllWhoFollow() async {
        let followers = (0..<100).map { _ in lookout.follow(deployment) }
        #expect(changes.count == 1)
        changes.tell(deployment.id)
        #expect(await looks.next() == true)
        looks.end(.failure(.timedOut(mayHaveHappened: false)))
        for follower in followers {
            #expect(await follower.next()?.finding?.isFailure(.timedOut(mayHaveHappened: false)) == true)
        }
        #expect(looks.count == 1)
    }

    @Test func aSignalDuringALookLeadsToAnotherOne() async {
        let follower = lookout.follow(deployment)
        changes.tell(deployment.id)
        _ = await looks.next()
        // What the look is about to find may be older than this.
        changes.tell(deployment.id)
        changes.tell(deployment.id)
        looks.end()
        #expect(await looks.next() == true)
        looks.end()
        #expect(await follower.next() != nil)
        #expect(looks.count == 2)
    }

    @Test func nothingIsLostFromTheMomentOfFollowing() async {
        let follower = lookout.follow(deployment)
        changes.tell(deployment.id)
        looks.end()
        #expect(await follower.next()?.finding?.isNothing == true)
    }

    @Test func withoutLiveChangesItLooksEveryFiveSeconds() async {
        changes.isLive = false
        let followers = (lookout.follow(deployment), lookout.follow(deployment))
        for turn in 1...3 {
            await clock.begun(.seconds(5), turn)
            clock.wake(.seconds(5))
            #expect(await looks.next() == false)
            looks.end()
            _ = (await followers.0.next(), await followers.1.next())
        }
        changes.isLive = true
        await clock.begun(.seconds(5), 4)
        clock.wake(.seconds(5))
        await clock.begun(.seconds(5), 5)
        #expect(looks.count == 3)
    }

    @Test func aLookThatFailedIsRepeated() async {
        let follower = lookout.follow(deployment)
        changes.tell(deployment.id)
        looks.end(.failure(.conflict))
        #expect(await follower.next()?.finding?.isFailure(.conflict) == true)
        await clock.begun(.seconds(5))
        clock.wake(.seconds(5))
        looks.end()
        #expect(await follower.next()?.finding?.isNothing == true)
        await clock.begun(.seconds(5), 2)
        clock.wake(.seconds(5))
        await clock.begun(.seconds(5), 3)
        #expect(looks.count == 2)
    }

    /// What is shown is that of the record, whichever states were seen before; and it is kept only while somebody follows.
    @Test func whatIsShownIsTheStateThatIsAskedFor() async throws {
        let fixture = try await ServiceFixture()
        let started = try await fixture.service().deploy(fixture.tool).deployment
        let old = try #require(await fixture.world.records[started.id])
        let lookout = DeploymentLookout(changes: changes, clock: clock, look: looks.look)
        var new = old
        new.version = "\((UInt64(old.version) ?? 0) + 1)"
        new.status.builds["web"]?.message = "new"
        var other = old
        other.identity = "another object of that name"
        other.request.requestedBy = "somebody"
        // As it was noted by somebody who could not store it.
        var noted = new
        noted.status.builds["web"]?.message = "noted"
        for isFollowed in [false, true] {
            let follower = isFollowed ? lookout.follow(old.request.identity) : nil
            for record in [old, old, new, old, new, other, new, noted, noted] {
                let sighting = lookout.sighting(of: record)
                #expect(sighting.record == record)
                #expect(sighting.shown.deployment == record.deployment)
            }
            _ = follower
        }
    }

    @Test func oneOfThoseWhoComeWithinFiveSecondsBringsItUpToDate() {
        var followers = [lookout.follow(deployment)]
        #expect(lookout.newcomerDrives(deployment))
        for _ in 0..<3 {
            followers.append(lookout.follow(deployment))
            #expect(!lookout.newcomerDrives(deployment))
        }
        let other = DeploymentIdentity(id: "demo-deploy-2", tool: deployment.tool)
        followers.append(lookout.follow(other))
        #expect(lookout.newcomerDrives(other))
        clock.pass(4.9)
        #expect(!lookout.newcomerDrives(deployment))
        clock.pass(0.2)
        #expect(lookout.newcomerDrives(deployment))
        // A clock that was set back does not keep it from being looked at.
        clock.pass(-60)
        #expect(lookout.newcomerDrives(deployment))
        changes.isLive = false
        #expect(lookout.newcomerDrives(deployment))
        #expect(lookout.newcomerDrives(deployment))
        changes.isLive = true
        followers = []
        followers.append(lookout.follow(deployment))
        #expect(lookout.newcomerDrives(deployment))
    }

    @Test func nobodyIsLookedForWhenAllHaveLeft() async {
        var followers = [lookout.follow(deployment), lookout.follow(deployment)]
        followers.removeLast()
        #expect(lookout.count == 1)
        followers.removeLast()
        #expect(lookout.count == 0)
        await changes.ended()
        #expect(changes.count == 0)
        #expect(looks.count == 0)
    }

    @Test func whatComesIsMergedUntilItIsTaken() async {
        let (follower, other) = (lookout.follow(deployment), lookout.follow(deployment))
        changes.tell(deployment.id)
        looks.end(.failure(.conflict))
        #expect(await other.next()?.finding?.isFailure(.conflict) == true)
        changes.tell(deployment.id)
        looks.end()
        #expect(await other.next()?.finding?.isNothing == true)
        follower.nudge()
        let contents = await follower.next()
        #expect(contents?.finding?.isNothing == true)
        #expect(contents?.isNudged == true)
        follower.finish()
        #expect(await follower.next() == nil)
    }
}

extension DeploymentLookout.Finding {
    /// Whether there is no such deployment.
    fileprivate var isNothing: Bool { if case .success(nil) = self { true } else { false } }

    /// Whether the look failed for that reason.
    fileprivate func isFailure(_ failure: ClusterFailure) -> Bool {
        if case .failure(failure) = self { true } else { false }
    }
}
