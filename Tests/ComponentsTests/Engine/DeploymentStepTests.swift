import Foundation
import JSON
import Testing

@testable import Components

struct DeploymentStepTests {
    private static let web = PlannedBuild(
        component: "web", id: "demo-web", repository: "https://example.org/w", ref: nil)
    private static let api = PlannedBuild(
        component: "api", id: "demo-api", repository: "https://example.org/a", ref: "v1")

    private static let requestedAt = Date(timeIntervalSince1970: 1_000)

    private func record(
        _ builds: [String: BuildStatus] = [:], id: String = "demo-deploy-1", requestedAt: Date = Self.requestedAt,
        createdAt: Date? = nil
    ) throws -> DeploymentRecord {
        let identity = DeploymentIdentity(id: id, tool: try #require(ToolName("demo")))
        return DeploymentRecord(
            request: DeploymentRequest(
                identity: identity, requestedAt: requestedAt, config: [:], builds: [Self.api, Self.web]),
            status: DeploymentStatus(builds: builds), createdAt: createdAt ?? requestedAt, identity: "u",
            version: "1")
    }

    /// A step at so many seconds after the request.
    private func decide(
        _ record: DeploymentRecord, _ findings: [String: DeploymentStep.Finding] = [:],
        origin: DeploymentStep.Origin = .read, after seconds: Double = 1, others: [DeploymentRecord]? = []
    ) -> DeploymentStep {
        DeploymentStep(
            record, findings: findings,
            DeploymentStep.Circumstances(
                origin: origin, now: Self.requestedAt.addingTimeInterval(seconds), others: others))
    }

    private func note(_ phase: BuildPhase, start: StartNote = .created) -> BuildStatus {
        BuildStatus(start: start, phase: phase, message: "m")
    }

    @Test func aNewRecordStartsAllBuildsAtOnce() throws {
        let step = decide(try record(), origin: .justRecorded)
        #expect(step.actions == [.start(Self.api), .start(Self.web)])
    }

    @Test func aBuildOfNothingEndsAtOnceAndIsNeverLookedAt() throws {
        var record = try record()
        record.request.builds[0].failure = BuildFailure(.refNotFound, message: "no such ref")
        let step = decide(record, origin: .justRecorded)
        #expect(step.actions == [.start(Self.web)])
        let noted = try #require(step.status.builds["api"])
        #expect(noted.phase == .failed)
        #expect(noted.start == .refused)
        #expect(noted.reason == .refNotFound)
        #expect(noted.message == "no such ref")
        #expect(noted.ended != nil)
        #expect(decide(record).actions == [.observe(Self.web)])
        // Nothing is prevented either: no creation of it can be under way.
        record.status.stop = DeploymentStop(reason: .cancelled, at: Self.requestedAt)
        let stopped = decide(record, origin: .justStopped)
        #expect(stopped.actions == [.prevent(Self.web)])
        #expect(stopped.status.builds["api"]?.reason == .refNotFound)
    }

    @Test func aReadRecordLooksBeforeItStarts() throws {
        let step = decide(try record(), [:])
        #expect(step.actions == [.observe(Self.api), .observe(Self.web)])
        let next = decide(try record(), ["api": .absent, "web": .absent])
        #expect(next.actions == [.start(Self.api), .start(Self.web)])
    }

    @Test func theNewerDeploymentsAreListedOnceBeforeABuildOfARecordThatWasReadStarts() throws {
        let absent: [String: DeploymentStep.Finding] = ["api": .absent, "web": .absent]
        #expect(decide(try record(), absent, others: nil).actions == [.listOthers])
        #expect(decide(try record(), absent, others: []).actions == [.start(Self.api), .start(Self.web)])
        #expect(
            decide(try record(), origin: .justRecorded, others: nil).actions == [.start(Self.api), .start(Self.web)])
        // What exists needs no list.
        let present = DeploymentStep.Finding.present(BuildObservation(phase: .running, message: ""))
        #expect(decide(try record(), ["api": present, "web": present], others: nil).actions.isEmpty)
    }

    @Test func aComponentThatANewerDeploymentHasBuiltIsNotBuilt() throws {
        let newer = try record(["web": note(.succeeded)], id: "demo-deploy-2")
        let absent: [String: DeploymentStep.Finding] = ["api": .absent, "web": .absent]
        #expect(decide(try record(), absent, others: [newer]).actions == [.start(Self.api), .prevent(Self.web)])
        let end = decide(try record(), ["api": .start(.started), "web": .prevented], others: [newer]).status.builds[
            "web"]
        #expect(end?.phase == .cancelled)
        #expect(end?.reason == .superseded)
        #expect(end?.message.contains("demo-deploy-2") == true)
        // One that was not created stands in nobody's way.
        let waiting = try record(["web": note(.pending, start: .unconfirmed)], id: "demo-deploy-2")
        #expect(decide(try record(), absent, others: [waiting]).actions == [.start(Self.api), .start(Self.web)])
    }

    @Test(arguments: [
        (599.0, [DeploymentStep.Action.start(api), .start(web)]), (601, [.prevent(api), .prevent(web)]),
        (661, [.abandon(api), .abandon(web)]),
    ])
    func aBuildIsNotStartedAfterItsDeadline(_ seconds: Double, _ actions: [DeploymentStep.Action]) throws {
        let absent: [String: DeploymentStep.Finding] = ["api": .absent, "web": .absent]
        #expect(decide(try record(), absent, after: seconds).actions == actions)
        guard seconds > 600 else { return }
        let end = decide(try record(), ["api": .prevented, "web": .prevented], after: seconds).status
        #expect(end.builds.values.allSatisfy { $0.phase == .failed && $0.reason == .notStarted })
        #expect(end.builds["web"]?.message.contains("600 s") == true)
    }

    @Test func aRestoredRecordIsAsOldAsItsRequest() throws {
        let restored = Self.requestedAt.addingTimeInterval(86_400)
        let absent: [String: DeploymentStep.Finding] = ["api": .absent, "web": .absent]
        let record = try record(createdAt: restored)
        #expect(decide(record, absent, after: 86_401).actions == [.abandon(Self.api), .abandon(Self.web)])
        // A clock that was ahead when it was asked for makes no record younger than the store says.
        let ahead = try self.record(requestedAt: restored, createdAt: Self.requestedAt)
        #expect(decide(ahead, absent, after: 601).actions == [.prevent(Self.api), .prevent(Self.web)])
    }

    @Test func aPreventionLeavesWhatAnotherCallerNoted() throws {
        let noted = try record(["web": note(.running), "api": note(.failed, start: .refused)])
        #expect(decide(noted, ["web": .prevented], after: 700).status == noted.status)
    }

    @Test func aBuildNotedAsCreatedThatIsAbsentHasVanished() throws {
        let step = decide(try record(["web": note(.running), "api": note(.succeeded)]), ["web": .absent])
        #expect(step.actions.isEmpty)
        #expect(step.status.builds["web"]?.phase == .failed)
        #expect(step.status.builds["web"]?.message.contains("vanished") == true)
    }

    @Test func endedBuildsAreNotAskedAboutAgain() throws {
        let step = decide(try record(["web": note(.failed), "api": note(.pending)]), [:])
        #expect(step.actions == [.observe(Self.api)])
    }

    @Test(arguments: BuildPhase.allCases)
    func nothingLeavesATerminalPhase(_ phase: BuildPhase) throws {
        let record = try record(["web": note(.succeeded), "api": note(.failed)])
        let found = DeploymentStep.Finding.present(BuildObservation(phase: phase, message: "other"))
        let step = decide(record, ["web": found, "api": found])
        #expect(step.status == record.status)
        #expect(step.actions.isEmpty)
    }

    @Test func whatRunsDoesNotWaitAgain() throws {
        let record = try record(["web": note(.running), "api": note(.pending)])
        let found = DeploymentStep.Finding.present(BuildObservation(phase: .pending, message: "late"))
        let step = decide(record, ["web": found, "api": found])
        #expect(step.status.builds["web"] == note(.running))
        #expect(step.status.builds["api"]?.message == "late")
    }

    @Test func aRefusalIsAnErrorAndAnUnconfirmedStartIsNot() throws {
        let step = decide(
            try record(), ["web": .start(.refused(reason: "quota")), "api": .start(.unconfirmed(reason: "timeout"))])
        #expect(
            step.status.builds["web"]
                == BuildStatus(
                    start: .refused, phase: .failed, reason: .clusterRefused, message: "quota",
                    ended: Self.requestedAt.addingTimeInterval(1)))
        #expect(step.status.builds["api"]?.start == .unconfirmed)
        #expect(step.status.builds["api"]?.phase == .pending)
    }

    @Test func aStartThatWasRefusedHereStandsIfSomebodyElseCreatedIt() throws {
        let noted = try record(["web": note(.running), "api": note(.running)])
        let step = decide(
            noted, ["web": .start(.refused(reason: "quota")), "api": .start(.unconfirmed(reason: "timeout"))])
        #expect(step.status == noted.status)
    }

    @Test(arguments: [
        ([BuildPhase.pending, .pending], DeploymentPhase.pending), ([.pending, .failed], .running),
        ([.pending, .succeeded], .running), ([.running, .pending], .running), ([.succeeded, .succeeded], .succeeded),
        ([.succeeded, .failed], .failed), ([.cancelled, .succeeded], .failed), ([.timedOut], .failed),
    ])
    func theDeploymentsPhaseFollowsFromItsBuilds(_ builds: [BuildPhase], phase: DeploymentPhase) {
        #expect(DeploymentPhase(of: builds) == phase)
    }
}
