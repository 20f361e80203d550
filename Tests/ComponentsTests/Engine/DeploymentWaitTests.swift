import Foundation
import JSON
import Testing

@testable import Components

/// Steps of deployments whose builds run, but whose steps may not have begun.
struct DeploymentWaitTests {
    private static let web = PlannedBuild(
        component: "web", id: "demo-web", repository: "https://example.org/w", ref: nil)
    private static let requestedAt = Date(timeIntervalSince1970: 1_000)
    private static let observation = BuildObservation(
        phase: .running, message: "seen", startedAt: requestedAt.addingTimeInterval(1))

    private func step(
        _ finding: DeploymentStep.Finding, after seconds: Double,
        noted note: BuildStatus = BuildStatus(start: .created, phase: .running, message: "m")
    ) throws -> DeploymentStep {
        let record = DeploymentRecord(
            request: DeploymentRequest(
                identity: DeploymentIdentity(id: "demo-deploy-1", tool: try #require(ToolName("demo"))),
                requestedAt: Self.requestedAt, config: [:], builds: [Self.web]),
            status: DeploymentStatus(builds: ["web": note]), createdAt: Self.requestedAt, identity: "uid", version: "1")
        return DeploymentStep(
            record, findings: ["web": finding],
            DeploymentStep.Circumstances(origin: .read, now: Self.requestedAt.addingTimeInterval(seconds)))
    }

    @Test func aBuildIsAskedWhetherItHasBegunOnceItHasRunForAMinute() throws {
        #expect(try step(.present(Self.observation), after: 60).actions.isEmpty)
        #expect(try step(.present(Self.observation), after: 61).actions == [.explain(Self.web, Self.observation)])
    }

    @Test func aBuildThatIsKnownToHaveBegunIsAskedNoMore() throws {
        var begun = Self.observation
        begun.hasBegun = true
        let status = try step(.explained(begun), after: 61).status
        let note = try #require(status.builds["web"])
        #expect(note.hasBegun)
        #expect(note.reason == nil)
        #expect(try step(.present(Self.observation), after: 600, noted: note).actions.isEmpty)
        #expect(try step(.present(Self.observation), after: 600, noted: note).status.builds["web"] == note)
    }

    @Test func aBuildThatWaitsSaysWhatForUntilItBegins() throws {
        var waiting = Self.observation
        waiting.reason = .unschedulable
        waiting.message = "no room"
        let step = try step(.explained(waiting), after: 61)
        let note = try #require(step.status.builds["web"])
        #expect(note.phase == .running)
        #expect(note.reason == .unschedulable)
        #expect(note.message == "no room")
        let next = try self.step(.present(Self.observation), after: 90, noted: note)
        #expect(next.actions == [.explain(Self.web, Self.observation)])
        var begun = Self.observation
        begun.hasBegun = true
        #expect(try self.step(.explained(begun), after: 120, noted: note).status.builds["web"]?.reason == nil)
    }

    @Test func aBuildOfWhichNothingMoreCanBeReadIsFollowedAllTheSame() throws {
        let step = try step(.explained(Self.observation), after: 61)
        #expect(step.actions.isEmpty)
        #expect(step.status.builds["web"]?.message == "seen")
        #expect(step.status.builds["web"]?.hasBegun == false)
    }
}
