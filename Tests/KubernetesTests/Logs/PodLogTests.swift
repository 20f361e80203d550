import Foundation
import JSON
import Testing

@testable import Kubernetes

@Suite struct PodLogTests {
    private static let pod = "demo-buildpacks-pipelinerun-build-from-git-pod"

    private func obstacle(_ status: Int, _ message: String, details: JSONValue? = nil, reason: String? = nil)
        -> PodLogObstacle?
    {
        var json: JSONObject = ["kind": "Status", "apiVersion": "v1", "status": "Failure", "message": .string(message)]
        json["details"] = details
        json["reason"] = reason.map(JSONValue.string)
        let response = KubernetesResponse(status: status, body: JSONValue.object(json).serialized())
        return KubernetesError(response: response, isWrite: false).logObstacle(ofPod: Self.pod)
    }

    /// As recorded of Kubernetes 1.36.
    @Test func knowsWhyALogCannotBeRead() {
        let pods: JSONValue = ["name": .string(Self.pod), "kind": "pods"]
        #expect(
            obstacle(400, "container \"step-build\" in pod \"\(Self.pod)\" is waiting to start: PodInitializing")
                == .notStarted)
        #expect(obstacle(400, "container step-nope is not valid for pod \(Self.pod)") == .noSuchContainer)
        #expect(
            obstacle(400, "a container name must be specified for pod \(Self.pod), choose one of: [a b]")
                == .noSuchContainer)
        #expect(obstacle(404, "pods \"\(Self.pod)\" not found", details: pods, reason: "NotFound") == .noSuchPod)
        #expect(
            obstacle(
                404, "pods \"stub-1\" not found", details: ["name": "stub-1", "kind": "pods"], reason: "NotFound")
                == .nodeUnreachable)
        #expect(
            obstacle(
                404, "the server could not find the requested resource ( pods/log \(Self.pod))",
                details: ["name": .string(Self.pod), "kind": "pods/log"], reason: "NotFound") == .nodeUnreachable)
        #expect(
            obstacle(500, "Get \"https://10.0.0.1:10250/containerLogs/a/b/c\": dial tcp: connection refused")
                == .nodeUnreachable)
        #expect(obstacle(403, "pods \"\(Self.pod)\" is forbidden", details: pods, reason: "Forbidden") == nil)
        #expect(obstacle(500, "etcdserver: request timed out") == nil)
    }
}

@Suite struct TimestampWritingTests {
    @Test func writesWhatItReads() throws {
        var days = -80_000
        while days < 80_000 {
            let date = Date(timeIntervalSince1970: Double(days) * 86_400 + 3_723.25)
            days += 97
            let text = Timestamp.rfc3339(date, digits: 6)
            #expect(text.hasSuffix("T01:02:03.250000Z"))
            #expect(Timestamp.rfc3339(text) == date)
        }
        #expect(Timestamp.rfc3339(Date(timeIntervalSince1970: 951_782_400), digits: 0) == "2000-02-29T00:00:00Z")
        #expect(
            Timestamp.rfc3339(Date(timeIntervalSince1970: 951_868_799.999_999), digits: 0) == "2000-02-29T23:59:59Z")
        #expect(Timestamp.rfc3339(Date(timeIntervalSince1970: -0.5), digits: 6) == "1969-12-31T23:59:59.500000Z")
    }

    @Test func keepsMicrosecondsExactly() throws {
        for micros in stride(from: 0, to: 1_000_000, by: 997) {
            let text = "2026-11-29T18:00:00.\(String(repeating: "0", count: 6 - String(micros).count))\(micros)Z"
            let date = try #require(Timestamp.rfc3339(text))
            #expect(Timestamp.rfc3339(date, digits: 6) == text)
        }
    }
}
