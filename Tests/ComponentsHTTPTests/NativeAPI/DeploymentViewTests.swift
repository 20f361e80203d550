import Components
import Foundation
import JSON
import Testing

@testable import ComponentsHTTP

struct DeploymentViewTests {
    @Test func statusesAreTheSeedsWords() {
        #expect(
            BuildPhase.allCases.map(DeploymentView.word(for:)) == [
                "pending", "running", "finished", "error", "error", "error",
            ])
        #expect(
            DeploymentPhase.allCases.map(DeploymentView.word(for:)) == [
                "pending", "running", "finished", "error", "running", "error", "error",
            ])
        let words =
            BuildPhase.allCases.map(DeploymentView.word(for:)) + DeploymentPhase.allCases.map(DeploymentView.word(for:))
        #expect(Set(words) == Set(DeploymentView.statuses))
    }

    @Test(arguments: [
        (0.0, "1970-01-01 00:00:00"), (1_709_251_199, "2024-02-29 23:59:59"), (951_782_400.9, "2000-02-29 00:00:00"),
        (1_712_232_000, "2024-04-04 12:00:00"), (4_102_444_800, "2100-01-01 00:00:00"),
    ])
    func timesAreInUTC(_ seconds: Double, _ text: String) {
        #expect(DeploymentView.time(Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test func deploymentWithoutBuildsHasAnEmptyMapping() {
        let deployment = Deployment(id: "d", createdAt: Date(timeIntervalSince1970: 0), builds: [])
        #expect(DeploymentView(deployment: deployment).json["builds"] == [:])
    }
}
