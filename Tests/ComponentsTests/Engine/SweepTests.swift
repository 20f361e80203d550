import Foundation
import JSON
import Testing

@testable import Components

/// Which runs a sweep suspects, and what it does about them.
@Suite struct SweepTests {
    private static let now = Date(timeIntervalSince1970: 100_000)
    private let sweep = Sweep(retained: 0, now: now)

    private static func deployment(_ id: String = "demo-deploy-1", _ tool: String = "demo") -> DeploymentIdentity {
        guard let tool = ToolName(tool) else { preconditionFailure("a tool's name") }
        return DeploymentIdentity(id: id, tool: tool)
    }

    private static func run(
        _ name: String = "r", of deployment: DeploymentIdentity = deployment(), age: Double = 600,
        hasEnded: Bool = true
    ) -> BuildRun {
        BuildRun(
            name: name, identity: "u-\(name)", deployment: deployment, component: "web",
            createdAt: now.addingTimeInterval(-age), hasEnded: hasEnded)
    }

    private static func record(of deployment: DeploymentIdentity, build: String, phase: BuildPhase) -> DeploymentRecord
    {
        DeploymentRecord(
            request: DeploymentRequest(
                identity: deployment, requestedAt: now, config: [:],
                builds: [PlannedBuild(component: "web", id: build, repository: "https://example.org/w", ref: nil)]),
            status: DeploymentStatus(builds: ["web": BuildStatus(start: .created, phase: phase, message: "")]),
            createdAt: now, identity: "u", version: "1")
    }

    private func suspects(
        _ runs: [BuildRun], records: [DeploymentIdentity: Double] = [:], unfinished: Set<DeploymentIdentity> = [],
        retained: Int = 0
    ) -> [String] {
        Sweep(retained: retained, now: Self.now).suspects(
            among: runs, records: records.mapValues { Self.now.addingTimeInterval(-$0) },
            isUnfinished: unfinished.contains
        ).map(\.name)
    }

    @Test func aRunWithoutARecordIsASuspectOnceItIsOldEnough() {
        #expect(suspects([Self.run(age: 120)]) == ["r"])
        #expect(suspects([Self.run(age: 119)]) == [])
        #expect(suspects([Self.run(hasEnded: false)]) == ["r"])
    }

    @Test func aRunWithItsRecordIsNone() {
        let deployment = Self.deployment()
        #expect(suspects([Self.run()], records: [deployment: 601]) == [])
        let running = Self.run(hasEnded: false)
        #expect(suspects([running], records: [deployment: 601], unfinished: [deployment]) == [])
    }

    @Test func aRunThatGoesOnAlthoughItsDeploymentMayHaveEndedIsASuspect() {
        #expect(suspects([Self.run(hasEnded: false)], records: [Self.deployment(): 601]) == ["r"])
    }

    @Test func aRunThatIsOlderThanItsRecordIsASuspect() {
        #expect(suspects([Self.run(age: 600)], records: [Self.deployment(): 599]) == ["r"])
    }

    @Test func theNewestEndedRunsOfEachToolStay() {
        let (first, second) = (Self.deployment("demo-deploy-1"), Self.deployment("demo-deploy-2"))
        let other = Self.deployment("other-deploy-1", "other")
        let runs = [
            Self.run("old", of: first, age: 900), Self.run("new", of: second, age: 300),
            Self.run("middle", of: first, age: 600), Self.run("going", of: first, age: 1_000, hasEnded: false),
            Self.run("elsewhere", of: other, age: 2_000),
        ]
        let records = [first: 5_000.0, second: 5_000.0, other: 5_000.0]
        #expect(suspects(runs, records: records, unfinished: [first], retained: 1) == ["old", "middle"])
        #expect(suspects(runs, records: records, unfinished: [first], retained: 2) == ["old"])
        #expect(suspects(runs, records: records, unfinished: [first]) == [])
    }

    @Test(arguments: [
        (Sweep.Record.absent, true, false, Sweep.Action.remove), (.absent, false, false, .remove),
        (.foreign, true, false, .remove), (.foreign, false, false, .remove),
        (.unfinished, true, true, .leave), (.unfinished, false, false, .leave),
        (.unreadable, true, true, .leave), (.unreadable, false, false, .leave),
        (.ended, false, false, .cancel), (.ended, true, false, .leave), (.ended, true, true, .remove),
    ])
    func whatTheRecordSaysDecides(record: Sweep.Record, hasEnded: Bool, isSurplus: Bool, action: Sweep.Action) {
        let run = Self.run(hasEnded: hasEnded)
        #expect(sweep.action(about: run, record: record, isSurplus: isSurplus) == action)
        #expect(
            sweep.action(about: Self.run(age: 60, hasEnded: hasEnded), record: record, isSurplus: isSurplus) == .leave)
    }

    @Test func aRecordSpeaksForTheRunsThatItNames() {
        let deployment = Self.deployment()
        let run = Self.run("r", of: deployment)
        #expect(Sweep.Record(nil, for: run) == .absent)
        #expect(Sweep.Record(Self.record(of: deployment, build: "r", phase: .running), for: run) == .unfinished)
        #expect(Sweep.Record(Self.record(of: deployment, build: "r", phase: .failed), for: run) == .ended)
        #expect(Sweep.Record(Self.record(of: deployment, build: "s", phase: .running), for: run) == .foreign)
    }
}
