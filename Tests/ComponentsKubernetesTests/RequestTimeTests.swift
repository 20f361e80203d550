import Components
import Foundation
import JSON
import Testing

@testable import ComponentsKubernetes

struct RequestTimeTests {
    @Test(arguments: [0, 1, 42, 999_999, 1_000_000, 1_795_342_500_000_042])
    func aTimeReadsBackAsItWasWritten(_ microseconds: Int64) throws {
        let date = Date(microsecondsSince1970: microseconds)
        let text = date.formattedWithMicroseconds
        #expect(text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
        #expect(Date(formattedWithMicroseconds: text) == date)
        #expect(Date(formattedWithMicroseconds: text)?.microsecondsSince1970 == microseconds)
    }

    @Test func timesAreWrittenInUTCWithMicroseconds() {
        let date = Date(microsecondsSince1970: 1_795_342_500_000_042)
        #expect(date.formattedWithMicroseconds == "2026-11-22T10:15:00.000042Z")
        #expect(Date(formattedWithMicroseconds: "2026-11-22T10:15:00Z")?.microsecondsSince1970 == 1_795_342_500_000_000)
    }

    @Test(arguments: ["", "now", "2026-11-22T10:15:00.1Z", "2026-11-22T10:15:00.000042", "2026-11-22T10:15:00.00004xZ"])
    func whatIsNoSuchTimeIsNotRead(_ text: String) {
        #expect(Date(formattedWithMicroseconds: text) == nil)
    }

    @Test func aRecordWithoutATimeIsAsOldAsTheStoreSays() throws {
        let tool = try #require(ToolName("demo"))
        func record(_ requestedAt: JSONValue?) throws -> DeploymentRecord {
            var spec: JSONObject = ["tool": "demo", "config": [:], "builds": [:]]
            spec["requestedAt"] = requestedAt
            let object = try ToolDeploymentObject(json: [
                "metadata": [
                    "name": "demo-deploy-1", "uid": "u", "resourceVersion": "7",
                    "creationTimestamp": "2026-11-22T10:15:00Z",
                ], "spec": .object(spec),
            ])
            return try object.record(of: tool)
        }
        let undated = try record(nil)
        #expect(undated.request.requestedAt == undated.createdAt)
        #expect(
            try record("2026-11-20T10:15:00.000001Z").request.requestedAt.formattedWithMicroseconds
                == "2026-11-20T10:15:00.000001Z")
        #expect(throws: ClusterFailure.self) { try record("yesterday") }
    }
}
