import Foundation
import JSON
import Testing

@testable import Components

/// Steps of deployments that end early, by a decision or by a deadline, or that overlap with others.
struct DeploymentStopTests {
    private static let web = PlannedBuild(
        component: "web", id: "demo-web", repository: "https://example.org/w", ref: nil)
    private static let api = PlannedBuild(
        component: "api", id: "demo-api", repository: "https://example.org/a", ref: "v1")
    private static let requestedAt = Date(timeIntervalSince1970: 1_000)
    private static let cancelled = DeploymentStop(
        reason: .cancelled, by: "ada", at: requestedAt.addingTimeInterval(10))

    private func record(
        _ builds: [String: BuildStatus] = [:], id: String = "demo-deploy-2", stop: DeploymentStop? = nil,
        overlap: DeploymentOptions.Overlap = .allow, after seconds: Double = 0
    ) throws -> DeploymentRecord {
        let requestedAt = Self.requestedAt.addingTimeInterval(seconds)
        return DeploymentRecord(
            request: DeploymentRequest(
                identity: DeploymentIdentity(id: id, tool: try #require(ToolName("demo"))), requestedAt: requestedAt,
                config: [:], builds: [Self.api, Self.web], options: DeploymentOptions(overlap: overlap)),
            status: DeploymentStatus(builds: builds, stop: stop), createdAt: requestedAt, identity: "uid-\(id)",
            version: "1")
    }

    private func decide(
        _ record: DeploymentRecord, _ findings: [String: DeploymentStep.Finding] = [:],
        origin: DeploymentStep.Origin = .read, after seconds: Double = 11, others: [DeploymentRecord]? = []
    ) -> DeploymentStep {
        DeploymentStep(
            record, findings: findings,
            DeploymentStep.Circumstances(
                origin: origin, now: Self.requestedAt.addingTimeInterval(seconds), others: others))
    }

    private func note(_ phase: BuildPhase, start: StartNote = .created, started: Double? = nil) -> BuildStatus {
        BuildStatus(
            start: start, phase: phase, message: "m", started: started.map { Self.requestedAt.addingTimeInterval($0) })
    }

    private func present(_ phase: BuildPhase, isEnding: Bool = false, started: Double = 1) -> DeploymentStep.Finding {
        .present(
            BuildObservation(
                phase: phase, message: "seen", startedAt: Self.requestedAt.addingTimeInterval(started),
                isEnding: isEnding))
    }

    // MARK: - Stopping

    @Test func aStopEndsWhatRunsAndTakesTheNamesOfTheRestAtOnce() throws {
        let stopped = try record(["web": note(.running)], stop: Self.cancelled)
        #expect(decide(stopped, origin: .justStopped).actions == [.prevent(Self.api), .cancel(Self.web)])
        // Whoever comes later looks first: most builds have been told.
        #expect(decide(stopped).actions == [.prevent(Self.api), .observe(Self.web)])
        #expect(decide(stopped, ["api": .prevented, "web": present(.running)]).actions == [.cancel(Self.web)])
        #expect(decide(stopped, ["api": .prevented, "web": present(.running, isEnding: true)]).actions.isEmpty)
    }

    @Test func whatIsToldToEndIsCancellingUntilItHas() throws {
        let stopped = try record(["web": note(.running)], stop: Self.cancelled)
        let step = decide(stopped, ["api": .prevented, "web": present(.running, isEnding: true)])
        #expect(step.status.phase(of: stopped.request) == .cancelling)
        #expect(step.status.reason(of: stopped.request) == .cancelling)
        #expect(step.status.builds["web"]?.reason == .cancelling)
        #expect(step.status.builds["api"]?.phase == .cancelled)
        #expect(step.status.builds["api"]?.reason == .cancelled)
        #expect(step.status.builds["api"]?.message == "cancelled by ada")
    }

    @Test func aBuildThatEndsByItselfKeepsItsEndAndTheDeploymentIsCancelled() throws {
        let stopped = try record(["api": note(.succeeded), "web": note(.running)], stop: Self.cancelled)
        let end = present(.succeeded, isEnding: true)
        guard case .present(let observation) = end else { return }
        #expect(decide(stopped, ["web": end]).actions == [.explain(Self.web, observation)])
        let step = decide(stopped, ["web": .explained(observation)])
        #expect(step.status.builds["web"]?.phase == .succeeded)
        #expect(step.status.phase(of: stopped.request) == .cancelled)
        #expect(step.status.reason(of: stopped.request) == .cancelled)
    }

    @Test(arguments: [
        (
            DeploymentStop(reason: .superseded, by: "demo-deploy-3", at: requestedAt), BuildPhase.cancelled,
            "demo-deploy-3"
        ),
        (DeploymentStop(reason: .deploymentTimedOut, at: requestedAt), .timedOut, "longer than it may"),
    ])
    func theReasonOfTheStopIsTheBuilds(_ stop: DeploymentStop, _ phase: BuildPhase, _ words: String) throws {
        let stopped = try record(["api": note(.running), "web": note(.running)], stop: stop)
        let end = DeploymentStep.Finding.explained(BuildObservation(phase: .cancelled, message: "run was cancelled"))
        let status = decide(stopped, ["api": end, "web": .absent]).status
        for build in status.builds.values {
            #expect(build.phase == phase)
            #expect(build.reason == stop.reason)
            #expect(build.message.contains(words))
            #expect(build.ended != nil)
        }
        #expect(status.reason(of: stopped.request) == stop.reason)
        #expect(status.phase(of: stopped.request) == (stop.reason == .superseded ? .cancelled : .timedOut))
    }

    @Test func aClusterThatDoesNotEndABuildDoesNotHoldUpTheDeployment() throws {
        let stopped = try record(["api": note(.succeeded), "web": note(.running)], stop: Self.cancelled)
        let running = present(.running, isEnding: true)
        #expect(decide(stopped, ["web": running], after: 69).status.phase(of: stopped.request) == .cancelling)
        #expect(decide(stopped, ["web": running], after: 71).status.phase(of: stopped.request) == .cancelled)
    }

    @Test func aStopIsKept() throws {
        let stopped = try record(["api": note(.running), "web": note(.running)], stop: Self.cancelled)
        let step = decide(stopped, ["api": present(.running), "web": present(.running)], after: 100_000)
        #expect(step.status.stop == Self.cancelled)
    }

    // MARK: - Deadlines

    @Test func aDeploymentThatTakesTooLongIsStopped() throws {
        let slow = try record(["web": note(.running)])
        let step = decide(slow, after: 3_601)
        #expect(step.status.stop?.reason == .deploymentTimedOut)
        #expect(step.actions == [.observe(Self.api), .observe(Self.web)])
        // Nothing that was decided so long ago is under way.
        #expect(decide(slow, ["api": .absent], after: 3_601).actions == [.abandon(Self.api), .observe(Self.web)])
        #expect(decide(slow, after: 3_599).status.stop == nil)
        // What was never created has a deadline of its own.
        #expect(decide(try record(), after: 3_601).status.stop == nil)
    }

    @Test func aBuildThatTheClusterDoesNotEndIsEndedAMinuteLater() throws {
        var web = note(.running, started: 1)
        web.hasBegun = true
        let slow = try record(["api": note(.succeeded), "web": web])
        #expect(decide(slow, ["web": present(.running)], after: 1_860).actions.isEmpty)
        #expect(decide(slow, ["web": present(.running)], after: 1_862).actions == [.cancel(Self.web)])
        let end = decide(slow, ["web": present(.running, isEnding: true)], after: 1_862).status.builds["web"]
        #expect(end?.phase == .timedOut)
        #expect(end?.reason == .buildTimedOut)
        // One whose cluster ends it in time says itself why.
        #expect(
            decide(slow, ["web": present(.running, isEnding: true)], after: 100).status.builds["web"]?.phase == .running
        )
    }

    @Test func aRecordIsDueAtItsNextDeadline() throws {
        let limits = DeploymentLimits()
        func due(_ record: DeploymentRecord) -> Double {
            limits.nextDeadline(of: record).timeIntervalSince(Self.requestedAt)
        }
        #expect(due(try record()) == 3_600)
        #expect(due(try record(["web": note(.running, started: 20)])) == 1_880)
        #expect(due(try record(["web": note(.succeeded, started: 20)])) == 3_600)
        #expect(due(try record(["web": note(.running, started: 20)], stop: Self.cancelled)) == 70)
    }

    // MARK: - What an admin has to mend

    @Test func aBuildThatTheClusterCannotTakeNowWaits() throws {
        let deferred = DeploymentStep.Finding.start(.deferred(.quotaFull, message: "no room"))
        let step = decide(try record(), ["api": .start(.started), "web": deferred])
        #expect(step.status.builds["web"]?.phase == .pending)
        #expect(step.status.builds["web"]?.start == .unconfirmed)
        #expect(step.status.builds["web"]?.reason == .quotaFull)
        #expect(step.status.reason(of: try record().request) == .quotaFull)
    }

    @Test func whoCouldNotStartInTimeIsToldWhatWasInTheWay() throws {
        let waiting = BuildStatus(start: .unconfirmed, phase: .pending, reason: .quotaFull, message: "no room")
        let step = decide(
            try record(["api": note(.succeeded), "web": waiting]), ["web": .prevented], after: 700)
        #expect(step.status.builds["web"]?.reason == .notStarted)
        #expect(step.status.builds["web"]?.message.contains("no room") == true)
    }

    // MARK: - Overlaps

    @Test func whoRejectsOverlapsLooksBeforeItStarts() throws {
        let new = try record(overlap: .reject)
        #expect(decide(new, origin: .justRecorded, others: nil).actions == [.listOthers])
        #expect(decide(new, origin: .justRecorded, others: []).actions == [.start(Self.api), .start(Self.web)])
        for other in [try record(id: "demo-deploy-1", after: -5), try record(id: "demo-deploy-3", after: 5)] {
            let step = decide(new, origin: .justRecorded, others: [other])
            #expect(step.actions.isEmpty)
            #expect(step.rejection == other.request.identity.id)
            // Whoever else reads it leaves it to its request; after a crash nobody waits for the answer.
            #expect(decide(new, others: nil).actions.isEmpty)
            let found = decide(new, after: 16, others: [other])
            #expect(found.rejection == nil)
            #expect(found.status.stop?.reason == .superseded)
            #expect(found.actions == [.prevent(Self.api), .prevent(Self.web)])
        }
        let ended = try record(["api": note(.failed), "web": note(.succeeded)], id: "demo-deploy-1")
        #expect(decide(new, origin: .justRecorded, others: [ended]).rejection == nil)
    }

    /// Each finds the records of those that came before it, so that exactly one goes on.
    @Test func ofThoseWhoRejectEachOtherTheFirstGoesOn() throws {
        var (first, second) = (
            try record(id: "demo-deploy-2", overlap: .reject), try record(overlap: .reject, after: -5)
        )
        (first.version, second.version) = ("9", "10")
        #expect(decide(first, origin: .justRecorded, others: [second]).rejection == nil)
        #expect(decide(first, origin: .justRecorded, others: [second]).actions == [.start(Self.api), .start(Self.web)])
        #expect(decide(second, origin: .justRecorded, others: [first]).rejection == first.request.identity.id)
        // After a crash the engine sees the same.
        #expect(decide(first, after: 16, others: [second]).isClaim)
        #expect(decide(second, after: 16, others: [first]).status.stop?.by == first.request.identity.id)
        // One that does not reject goes on, whenever it was recorded.
        for overlap in [DeploymentOptions.Overlap.allow, .supersede] {
            var other = second
            other.request.options.overlap = overlap
            #expect(decide(first, origin: .justRecorded, others: [other]).rejection == other.request.identity.id)
        }
        // Somebody has begun with it, or has told it to stop.
        second.status.builds = ["api": note(.pending)]
        #expect(decide(first, origin: .justRecorded, others: [second]).rejection == second.request.identity.id)
        second.status = DeploymentStatus(stop: Self.cancelled)
        #expect(decide(first, origin: .justRecorded, others: [second]).rejection == second.request.identity.id)
        // What is no number says nothing of which came first.
        (first.version, second.version, second.status) = ("a", "10", DeploymentStatus())
        #expect(decide(first, origin: .justRecorded, others: [second]).rejection == second.request.identity.id)
        #expect(decide(second, origin: .justRecorded, others: [first]).rejection == first.request.identity.id)
    }

    /// The request that made it may be about to take it back: its record gets another version before anything is started.
    @Test func whoStartsItForAnotherRequestStoresThatFirst() throws {
        let new = try record(overlap: .reject)
        let claim = decide(new, after: 16, others: [])
        #expect(claim.isClaim)
        #expect(claim.actions.isEmpty)
        #expect(claim.status.builds == ["api": .unconfirmed, "web": .unconfirmed])
        let claimed = decide(try record(claim.status.builds, overlap: .reject), after: 16, others: [])
        #expect(!claimed.isClaim)
        #expect(claimed.actions == [.observe(Self.api), .observe(Self.web)])
        #expect(!decide(new, origin: .justRecorded, others: []).isClaim)
    }

    @Test func whoBeganIsNotRejected() throws {
        let begun = try record(["api": note(.running), "web": note(.pending)], overlap: .reject)
        let other = try record(id: "demo-deploy-3", after: 5)
        #expect(decide(begun, others: [other]).actions == [.observe(Self.api), .observe(Self.web)])
    }

    @Test func whoSupersedesStopsTheOlderOnesAndStartsMeanwhile() throws {
        let new = try record(overlap: .supersede)
        let older = try record(["api": note(.running)], id: "demo-deploy-1", after: -5)
        let stopped = try record(["api": note(.running)], id: "demo-deploy-0", stop: Self.cancelled, after: -9)
        let newer = try record(id: "demo-deploy-3", after: 5)
        let step = decide(new, origin: .justRecorded, others: [newer, older, stopped])
        #expect(step.actions == [.supersede([older]), .start(Self.api), .start(Self.web)])
        #expect(decide(new, origin: .justRecorded, others: nil).actions == [.listOthers])
    }
}
