import Foundation
import Testing

@testable import FakeKubernetes

/// Rules of the real server that no recording shows.
@Suite(.timeLimit(.minutes(1))) struct ServerRulesTests {
    private static let merge = "application/merge-patch+json"

    @Test(arguments: [("0", 422), ("abc", 500), ("", 422)])
    func aPatchTakesNoVersionThatIsNone(version: String, status: Int) async throws {
        try await ToolDeployments.withCluster { _, client in
            _ = try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))
            let patch: Value = ["metadata": ["resourceVersion": .string(version), "labels": ["a": "b"]]]
            let answer = try await client.send("PATCH", ToolDeployments.path + "/a", patch, type: Self.merge)
            #expect(answer?.status == status)
        }
    }

    @Test func everyResponseHasADate() async throws {
        try await ToolDeployments.withCluster { _, client in
            for path in ["/healthz", ToolDeployments.path, "/nothing", "/_fake/journal"] {
                let date = try #require(try await client.send("GET", path)?.headers["date"])
                #expect(date.wholeMatch(of: /\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/) != nil)
            }
        }
    }

    /// Lends a cluster whose ToolDeployments can be selected by their phase.
    private static func withSelectablePhase(
        _ test: @escaping @Sendable (FakeCluster, TestClient) async throws -> Void
    ) async throws {
        try await withFakeCluster(.init(runsBuilds: false)) { cluster in
            var definition = try #require(try RecordedExchange.all(of: "crd").dropFirst().first).sent
            let versions = (definition.at("spec", "versions")?.array ?? []).map { version -> Value in
                var version = version
                version["selectableFields"] = [["jsonPath": ".status.phase"]]
                return version
            }
            definition.set(.array(versions), at: "spec", "versions")
            try cluster.api.store.install(definition)
            try await test(cluster, TestClient(cluster: cluster))
        }
    }

    @Test func aFieldOfTheDefinitionSelectsAndAnAbsentOneIsEmpty() async throws {
        try await Self.withSelectablePhase { _, client in
            for name in ["a", "b"] {
                _ = try await client.send("POST", ToolDeployments.path, ToolDeployments.new(name))
            }
            _ = try await client.send(
                "PATCH", ToolDeployments.path + "/b/status", ["status": ["phase": "running"]], type: Self.merge)
            for (selector, expected) in [
                ("status.phase=", ["a"]), ("status.phase!=running", ["a"]), ("status.phase=running", ["b"]),
                ("status.phase!=ended", ["a", "b"]),
            ] {
                let query = selector.replacing("!", with: "%21").replacing("=", with: "%3D")
                let list = try await client.send("GET", "\(ToolDeployments.path)?fieldSelector=\(query)")
                #expect(list?.value["items"]?.array?.map(\.name) == expected, "\(selector)")
            }
            let refused = try await client.send("GET", "\(ToolDeployments.path)?fieldSelector=status.other%3Da")
            #expect(refused?.status == 400)
        }
    }

    @Test func whatLeavesASelectionArrivesAsDeletedInItsOldState() async throws {
        try await Self.withSelectablePhase { _, client in
            let created = try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))
            let version = try #require(created?.value.at("metadata", "resourceVersion")?.string)
            _ = try await client.send(
                "PATCH", ToolDeployments.path + "/a/status", ["status": ["phase": "running"]], type: Self.merge)
            let query = "watch=1&timeoutSeconds=1&fieldSelector=status.phase%3D&resourceVersion=\(version)"
            let body = try await client.send("GET", "\(ToolDeployments.path)?\(query)")?.body ?? []
            let event = try Value(parsing: body)
            #expect(event["type"] == "DELETED")
            #expect(event.at("object", "status") == nil)
            #expect(event.at("object", "metadata", "resourceVersion")?.string != version)
        }
    }

    @Test(
        arguments: [
            (["involvedObject": ["namespace": "tool-other"]], "involvedObject.namespace"),
            (["involvedObject": [:]], "involvedObject.namespace"),
            (
                [
                    "involvedObject": ["namespace": "tool-demo"], "eventTime": "2026-11-29T18:00:00.000000Z",
                    "reason": "r", "action": "a", "reportingComponent": "x",
                ], "reportingInstance"
            ),
        ] as [(Value, String)])
    func anEventThatBreaksTheRulesIsRefused(fields: Value, field: String) async throws {
        try await ToolDeployments.withCluster { _, client in
            var event: Value = ["apiVersion": "v1", "kind": "Event", "metadata": ["name": "e"]]
            for (key, value) in fields.object ?? [:] { event[key] = value }
            let answer = try #require(try await client.send("POST", "/api/v1/namespaces/tool-demo/events", event))
            #expect(answer.status == 422)
            #expect(answer.value.at("details", "causes")?[0]?["field"]?.string == field)
        }
    }

    @Test func aReplaceByTheUidOfAnObjectThatIsGoneIsAConflict() async throws {
        try await ToolDeployments.withCluster { _, client in
            let created = try #require(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a")))
            _ = try await client.send("DELETE", ToolDeployments.path + "/a")
            let answer = try await client.send("PUT", ToolDeployments.path + "/a", created.value)
            #expect(answer?.status == 409)
        }
    }

    @Test func anAccessReviewFollowsTheRulesOfTheToken() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            cluster.register(
                token: "reader", user: "reader",
                allowed: [["verb": "watch", "resource": "tooldeployments", "group": "deploy.toolforge.org"]])
            for (verb, resource, isAllowed) in [
                ("watch", "tooldeployments", true), ("list", "tooldeployments", false), ("watch", "pods", false),
            ] {
                let review: Value = [
                    "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                    "spec": [
                        "resourceAttributes": [
                            "verb": .string(verb), "resource": .string(resource), "namespace": "",
                            "group": "deploy.toolforge.org",
                        ]
                    ],
                ]
                let answer = try await client.send(
                    "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                    headers: ["Content-Type": "application/json"], token: "reader", body: review.serialized())
                #expect(answer?.value.at("status", "allowed")?.bool == isAllowed)
            }
        }
    }

    @Test(arguments: [
        ("2026-11-29T19:00:00.000000+01:00", "2026-11-29T18:00:00.000000Z"),
        ("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999Z"),
    ])
    func aMicroTimeIsWrittenInUTC(text: String, written: String) throws {
        #expect(try GoTime(text, layout: .micro).text(.micro) == written)
    }
}
