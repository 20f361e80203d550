import Components
import Foundation
import JSON
import Kubernetes
import Testing

@testable import ComponentsKubernetes

struct EventObjectTests {
    private let moment = Date(timeIntervalSince1970: 1_795_342_500)

    private func record(_ phases: [BuildPhase], stop: Reason? = nil) throws -> DeploymentRecord {
        let tool = try #require(ToolName("demo"))
        let builds = phases.indices.map {
            PlannedBuild(component: "c\($0)", id: "id-\($0)", repository: "https://example.org/r", ref: nil)
        }
        let statuses = zip(builds, phases).map { build, phase in
            (build.component, BuildStatus(start: .created, phase: phase, reason: Reason(of: phase), message: ""))
        }
        return DeploymentRecord(
            request: DeploymentRequest(
                identity: DeploymentIdentity(id: "demo-deploy-1", tool: tool), requestedAt: moment, config: [:],
                builds: builds),
            status: DeploymentStatus(
                builds: Dictionary(uniqueKeysWithValues: statuses),
                stop: stop.map { DeploymentStop(reason: $0, at: moment) }), createdAt: moment, identity: "uid-1",
            version: "1")
    }

    private func message(_ change: DeploymentChange) throws -> String {
        let event = try #require(EventObject(change, now: moment))
        return try #require(event.json["message"]?.stringValue)
    }

    /// The members that a real API server took, and gave back, in the recording.
    @Test func isOfTheShapeThatARealServerTook() throws {
        let event = try #require(EventObject(.recorded(try record([.pending])), now: moment))
        let stored = try #require(try Recordings.answers("events")["create an event"])
        for (key, value) in try #require(event.json.objectValue).members where key != "metadata" {
            let known = try #require(stored[key], "\(key)")
            let members = Set(value.objectValue?.keys ?? [])
            let knownMembers = (known.objectValue?.keys ?? []) + ["uid"]
            #expect(members.isSubset(of: knownMembers), "\(key)")
        }
        #expect(event.json["firstTimestamp"] == "2026-11-22T10:15:00Z")
        #expect(event.json["involvedObject"]?["uid"] == "uid-1")
        #expect(event.metadata.namespace == "tool-demo")
    }

    @Test func saysWhatHappened() throws {
        #expect(try message(.recorded(try record([.pending]))) == "1 build starts: c0")
        #expect(try message(.resumed(try record([.pending, .pending]))) == "2 builds start: c0, c1")
        #expect(try message(.ended(try record([.succeeded]), at: moment)) == "the build succeeded")
        #expect(
            try message(.ended(try record([.failed, .succeeded, .timedOut]), at: moment))
                == "2 of 3 builds did not succeed: c0 (BuildFailed), c2 (BuildTimedOut)")
        #expect(
            try message(.ended(try record([.cancelled], stop: .cancelled), at: moment))
                == "Cancelled: 1 of 1 builds did not succeed: c0 (Cancelled)")
        let many = try message(.ended(try record(Array(repeating: .failed, count: 100)), at: moment))
        #expect(many.hasSuffix(", c13 (BuildFailed) and 86 more"))
        #expect(many.utf8.count < 1_024)
        let build = try #require(try record([.failed]).request.builds.first)
        let status = BuildStatus(start: .created, phase: .failed, message: "")
        let identity = try record([]).request.identity
        #expect(EventObject(.buildEnded(build, status, of: identity), now: moment) == nil)
    }

    @Test func aRepeatHasTheSameNameAndNothingElseHas() throws {
        let record = try record([.failed])
        let told = [DeploymentChange.recorded(record), .resumed(record), .ended(record, at: moment)].map {
            EventObject($0, now: .now)?.metadata.name
        }
        #expect(told[0] == told[1])
        #expect(Set(told).count == 2)
        #expect(told.allSatisfy { $0?.wholeMatch(of: /demo-deploy-1\.[0-9a-f]{16}/) != nil })
    }

    @Test func namesHaveRoomForTheLongestId() {
        let stem = String(repeating: "a", count: 230)
        var names: Set<String> = []
        for id in [stem + "-----" + "-b", stem + "------" + "-b", String(repeating: "x", count: 253)] {
            for reason in EventObject.Reason.allCases {
                let name = EventObject.name(reason, id, uid: "u")
                #expect(name.utf8.count <= 253)
                #expect(name.wholeMatch(of: /[a-z0-9]([-a-z0-9]*[a-z0-9])?\.[0-9a-f]{16}/) != nil)
                names.insert(name)
            }
        }
        #expect(names.count == 3 * EventObject.Reason.allCases.count)
    }
}
