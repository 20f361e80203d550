import Foundation
import JSON
import Testing

@testable import Components

struct DeploymentStepTests {
    private static let web = PlannedBuild(
        component: "web", id: "demo-web", repository: "https://example.org/w", ref: nil)
    private static let api = PlannedBuild(
        component: "api", id: "demo-api", repository: "https://example.org/a", ref: "v1")

    private func record(_ builds: [String: BuildStatus] = [:]) throws -> DeploymentRecord {
        let identity = DeploymentIdentity(id: "demo-deploy-1", tool: try #require(ToolName("demo")))
        return DeploymentRecord(
            request: DeploymentRequest(identity: identity, config: [:], builds: [Self.api, Self.web]),
            status: DeploymentStatus(builds: builds), createdAt: Date(timeIntervalSince1970: 0), identity: "u",
            version: "1")
    }

    private func note(_ phase: BuildPhase, start: StartNote = .created) -> BuildStatus {
        BuildStatus(start: start, phase: phase, message: "m")
    }

    @Test func aNewRecordStartsAllBuildsAtOnce() throws {
        let step = DeploymentStep(try record(), findings: [:], origin: .justRecorded)
        #expect(step.actions == [.start(Self.api), .start(Self.web)])
    }

    @Test func aReadRecordLooksBeforeItStarts() throws {
        let step = DeploymentStep(try record(), findings: [:])
        #expect(step.actions == [.observe(Self.api), .observe(Self.web)])
        let next = DeploymentStep(try record(), findings: ["api": .absent, "web": .absent])
        #expect(next.actions == [.start(Self.api), .start(Self.web)])
    }

    @Test func aBuildNotedAsCreatedThatIsAbsentHasVanished() throws {
        let step = DeploymentStep(
            try record(["web": note(.running), "api": note(.succeeded)]), findings: ["web": .absent])
        #expect(step.actions.isEmpty)
        #expect(step.status.builds["web"]?.phase == .failed)
        #expect(step.status.builds["web"]?.message.contains("vanished") == true)
    }

    @Test func endedBuildsAreNotAskedAboutAgain() throws {
        let step = DeploymentStep(try record(["web": note(.failed), "api": note(.pending)]), findings: [:])
        #expect(step.actions == [.observe(Self.api)])
    }

    @Test(arguments: BuildPhase.allCases)
    func nothingLeavesATerminalPhase(_ phase: BuildPhase) throws {
        let record = try record(["web": note(.succeeded), "api": note(.failed)])
        let found = DeploymentStep.Finding.present(BuildObservation(phase: phase, message: "other"))
        let step = DeploymentStep(record, findings: ["web": found, "api": found])
        #expect(step.status == record.status)
        #expect(step.actions.isEmpty)
    }

    @Test func whatRunsDoesNotWaitAgain() throws {
        let record = try record(["web": note(.running), "api": note(.pending)])
        let found = DeploymentStep.Finding.present(BuildObservation(phase: .pending, message: "late"))
        let step = DeploymentStep(record, findings: ["web": found, "api": found])
        #expect(step.status.builds["web"] == note(.running))
        #expect(step.status.builds["api"]?.message == "late")
    }

    @Test func aRefusalIsAnErrorAndAnUnconfirmedStartIsNot() throws {
        let step = DeploymentStep(
            try record(),
            findings: ["web": .start(.refused(reason: "quota")), "api": .start(.unconfirmed(reason: "timeout"))])
        #expect(step.status.builds["web"] == BuildStatus(start: .refused, phase: .failed, message: "quota"))
        #expect(step.status.builds["api"]?.start == .unconfirmed)
        #expect(step.status.builds["api"]?.phase == .pending)
    }

    @Test func aStartThatWasRefusedHereStandsIfSomebodyElseCreatedIt() throws {
        let noted = try record(["web": note(.running), "api": note(.running)])
        let step = DeploymentStep(
            noted, findings: ["web": .start(.refused(reason: "quota")), "api": .start(.unconfirmed(reason: "timeout"))])
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
