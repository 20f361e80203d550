import Foundation
import Testing

@testable import FakeKubernetes

/// Watches and logs: what comes piece by piece, and what can go wrong within it.
@Suite(.timeLimit(.minutes(1))) struct StreamTests {
    private static let pod = "/api/v1/namespaces/tool-demo/pods/p"
    private static let uid = "u-p"
    private static let container = PodLogs.Container(podUID: uid, name: "main")

    /// Lends a cluster with a running pod of one container.
    private static func withPod(
        _ test: @escaping @Sendable (FakeCluster, TestClient) async throws -> Void
    ) async throws {
        try await ToolDeployments.withCluster { cluster, client in
            try cluster.api.store.write { state throws(StatusError) in
                _ = try state.store(
                    [
                        "apiVersion": "v1", "kind": "Pod",
                        "metadata": ["name": "p", "namespace": "tool-demo", "uid": .string(uid)],
                        "spec": ["nodeName": "n", "containers": [["name": "main"]]],
                        "status": [
                            "phase": "Running",
                            "containerStatuses": [["name": "main", "state": ["running": [:]]]],
                        ],
                    ], as: ResourceDefinition.pods)
            }
            try await test(cluster, client)
        }
    }

    private static func text(_ answer: TestClient.Answer?) -> String? {
        answer.map { String(decoding: $0.body, as: UTF8.self) }
    }

    @Test func aFollowedLogEndsWithItsContainer() async throws {
        try await Self.withPod { cluster, client in
            let logs = cluster.api.store.logs
            logs.append("one", to: Self.container)
            async let followed = client.send("GET", Self.pod + "/log?follow=true")
            while cluster.journal.last?["subresource"] != "log" { await Task.yield() }
            logs.append("two", to: Self.container)
            logs.end(Self.container)
            let text = try await Self.text(followed)
            #expect(text == "one\ntwo\n")
        }
    }

    @Test func aFollowedLogEndsWithItsPod() async throws {
        try await Self.withPod { cluster, client in
            cluster.api.store.logs.append("one", to: Self.container)
            async let followed = client.send("GET", Self.pod + "/log?follow=true&limitBytes=3")
            while cluster.journal.last?["subresource"] != "log" { await Task.yield() }
            let deletion = try await client.send("DELETE", Self.pod + "?gracePeriodSeconds=0")
            #expect(deletion?.value["kind"] == "Pod")
            let text = try await Self.text(followed)
            #expect(text == "one")
            #expect(try await client.send("GET", Self.pod + "/log")?.status == 404)
        }
    }

    @Test(
        arguments: [
            (["drop": "after", "pieces": 1], "1\n"), (["end": true, "pieces": 2], "1\n2\n"),
            (["garble": "truncated", "pieces": 1], "1\nlong 3\n"), (["garble": "empty", "pieces": 0], "\n2\n3\n"),
            (["status": 500, "message": "no", "pieces": 3], nil), (["drop": "after", "pieces": 0], ""),
        ] as [(Value, String?)])
    func aFaultHappensWithinALog(action: Value, expected: String?) async throws {
        try await Self.withPod { cluster, client in
            try cluster.setFaults([["verb": "get", "subresource": "log", "action": action]])
            let lines = action["garble"] == "truncated" ? ["1", "long line", "3"] : ["1", "2", "3"]
            for line in lines { cluster.api.store.logs.append(line, to: Self.container) }
            cluster.api.store.logs.end(Self.container)
            let text = try await Self.text(client.send("GET", Self.pod + "/log?follow=true"))
            if let expected { #expect(text == expected) } else { #expect(text?.contains("\"code\":500") == true) }
            #expect(cluster.journal.last?["fault"]?.string?.contains("pieces") == true)
        }
    }

    private static func types(_ answer: TestClient.Answer?) -> [String] {
        (answer?.body ?? []).split(separator: 0x0A).map { line in
            (try? Value(parsing: Array(line)))?["type"]?.string ?? "not JSON"
        }
    }

    @Test(
        arguments: [
            (["drop": "after", "pieces": 1], ["ADDED"]),
            (["status": 410, "reason": "Expired", "message": "too old", "pieces": 1], ["ADDED", "ERROR"]),
            (["status": 410, "pieces": 0], ["ERROR"]), (["end": true, "pieces": 0], []),
            (["garble": "html", "pieces": 1], ["ADDED", "not JSON", "ADDED"]),
            (["garble": "kind", "pieces": 0], ["ADDED", "ADDED", "ADDED"]),
        ] as [(Value, [String])])
    func aFaultHappensWithinAWatch(action: Value, expected: [String]) async throws {
        try await ToolDeployments.withCluster { cluster, client in
            for name in ["a", "b", "c"] {
                _ = try await client.send("POST", ToolDeployments.path, ToolDeployments.new(name))
            }
            try cluster.setFaults([["verb": "watch", "action": action]])
            let answer = try await client.send("GET", ToolDeployments.path + "?watch=1&timeoutSeconds=1")
            #expect(Self.types(answer) == expected)
        }
    }

    @Test func aWatchThatHangsIsSilentUntilItsClientLeaves() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            _ = try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))
            try cluster.setFaults([["verb": "watch", "action": ["hang": "after", "pieces": 1]]])
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Its time is over at once, but the fault holds it.
                    _ = try? await client.send("GET", ToolDeployments.path + "?watch=1&timeoutSeconds=0")
                }
                while cluster.journal.last?["fault"] != "hang after 1 pieces" { await Task.yield() }
                group.cancelAll()
            }
        }
    }

    @Test func aStreamCanDrip() async throws {
        try await Self.withPod { cluster, client in
            try cluster.setFaults([["subresource": "log", "action": ["drip": 1]]])
            cluster.api.store.logs.append("one", to: Self.container)
            cluster.api.store.logs.end(Self.container)
            let text = try await Self.text(client.send("GET", Self.pod + "/log?follow=true"))
            #expect(text == "one\n")
        }
    }
}
