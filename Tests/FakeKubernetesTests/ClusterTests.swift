import FakeKubernetes
import Foundation
import Testing

/// What no recorded exchange shows.
@Suite struct ClusterTests {
    @Test func releasesAQuotaWhenAnObjectGoes() async throws {
        try await ToolDeployments.withCluster { _, client in
            let key = "count/tooldeployments.deploy.toolforge.org"
            let quotas = "/api/v1/namespaces/tool-demo/resourcequotas"
            let quota: Value = [
                "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "q"], "spec": ["hard": [key: "1"]],
            ]
            #expect(try await client.send("POST", quotas, quota)?.status == 201)
            #expect(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))?.status == 201)
            #expect(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("b"))?.status == 403)
            let used = try await client.send("GET", quotas + "/q")?.value.at("status", "used", key)
            #expect(used == "1")
            #expect(try await client.send("DELETE", ToolDeployments.path + "/a")?.status == 200)
            #expect(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("b"))?.status == 201)
        }
    }

    @Test func emptiesANamespaceThatIsDeleted() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            _ = try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))
            var held = ToolDeployments.new("held")
            held.set(["example.org/hold"], at: "metadata", "finalizers")
            _ = try await client.send("POST", ToolDeployments.path, held)
            let answer = try #require(try await client.send("DELETE", "/api/v1/namespaces/tool-demo"))
            #expect(answer.value.at("status", "phase") == "Terminating")
            let refused = try #require(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("b")))
            #expect(refused.status == 403)
            while ToolDeployments.isStored("a", in: cluster) { await Task.yield() }
            #expect(cluster.object(resource: "namespaces", name: "tool-demo") != nil)
            _ = try await client.send(
                "PATCH", ToolDeployments.path + "/held", ["metadata": ["finalizers": .null]],
                type: "application/merge-patch+json")
            while cluster.object(resource: "namespaces", name: "tool-demo") != nil { await Task.yield() }
            #expect(!ToolDeployments.isStored("held", in: cluster))
        }
    }

    @Test func keepsAnObjectUntilItsFinalizersAreGone() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            var object = ToolDeployments.new("held")
            object.set(["example.org/hold"], at: "metadata", "finalizers")
            _ = try await client.send("POST", ToolDeployments.path, object)
            let deleted = try #require(try await client.send("DELETE", ToolDeployments.path + "/held"))
            #expect(deleted.value.at("metadata", "deletionTimestamp") != nil)
            #expect(ToolDeployments.isStored("held", in: cluster))
            _ = try await client.send(
                "PATCH", ToolDeployments.path + "/held", ["metadata": ["finalizers": .null]],
                type: "application/merge-patch+json")
            #expect(!ToolDeployments.isStored("held", in: cluster))
        }
    }

    @Test func leavesTheVersionOfAnObjectThatAWriteDoesNotChange() async throws {
        try await ToolDeployments.withCluster { _, client in
            let created = try #require(try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a")))
            let patched = try #require(
                try await client.send(
                    "PATCH", ToolDeployments.path + "/a", ["spec": ["components": ["web"]]],
                    type: "application/merge-patch+json"))
            #expect(patched.value == created.value)
        }
    }

    @Test func keepsKeysApartThatAreOnlyCanonicallyEqual() async throws {
        try await ToolDeployments.withCluster { _, client in
            let path = ToolDeployments.path.replacing("tooldeployments", with: "toolconfigs")
            let text =
                #"{"apiVersion":"deploy.toolforge.org/v1","kind":"ToolConfig","metadata":{"name":"a"},"#
                + #""spec":{"components":{"web":{"build":{}}},"e\u0301":1,"\u00e9":2}}"#
            let answer = try await client.send(
                "POST", path, headers: ["Content-Type": "application/json"], token: client.cluster.token,
                body: Array(text.utf8))
            #expect(answer?.value["spec"]?.object?.count == 3)
            #expect(answer?.value.at("spec", "e\u{301}") == 1)
            #expect(answer?.value.at("spec", "\u{e9}") == 2)
        }
    }

    @Test func acceptsATaskRunWithAnyFields() async throws {
        try await ToolDeployments.withCluster { _, client in
            let run: Value = [
                "apiVersion": "tekton.dev/v1", "kind": "TaskRun",
                "metadata": ["name": .string(String(repeating: "x", count: 64))], "spec": ["anything": ["is": "kept"]],
            ]
            let answer = try #require(
                try await client.send("POST", "/apis/tekton.dev/v1/namespaces/image-build/taskruns", run))
            #expect(answer.status == 201)
            #expect(answer.value.at("spec", "anything", "is") == "kept")
        }
    }

    @Test func warnsOfFieldsThatItDrops() async throws {
        try await ToolDeployments.withCluster { _, client in
            var object = ToolDeployments.new("a")
            object.set(1, at: "spec", "nope")
            let answer = try #require(try await client.send("POST", ToolDeployments.path, object))
            #expect(answer.status == 201)
            #expect(answer.headers["warning"] == #"299 - "unknown field \"spec.nope\"""#)
            #expect(answer.value.at("spec", "nope") == nil)
        }
    }

    @Test func stopsServingAKindWhoseDefinitionIsDeleted() async throws {
        try await ToolDeployments.withCluster { _, client in
            _ = try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))
            let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            let name = "tooldeployments.deploy.toolforge.org"
            #expect(try await client.send("DELETE", "\(definitions)/\(name)")?.status == 200)
            #expect(try await client.send("GET", ToolDeployments.path)?.status == 404)
        }
    }

    @Test func refusesToStartWithARuleThatItCannotEnforce() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "crds-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var definition = try #require(try RecordedExchange.all(of: "crd").dropFirst().first).sent.text
        definition = definition.replacing("self == oldSelf", with: "self.size() < 3")
        try definition.write(to: folder.appending(path: "a.yaml"), atomically: true, encoding: .utf8)
        await #expect {
            try await withFakeCluster(.init(customResources: folder.path, runsBuilds: false)) { _ in }
        } throws: { error in
            let message = "\(error)"
            return message.contains("tooldeployments.deploy.toolforge.org")
                && message.contains("x-kubernetes-validations[0].rule: is not enforced")
        }
    }

    @Test func writesAKubeconfigOnceItIsReady() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "kubeconfig-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await withFakeCluster(.init(kubeconfigFile: file, runsBuilds: false)) { cluster in
            let written = try String(contentsOfFile: file, encoding: .utf8)
            #expect(written == cluster.kubeconfig)
            #expect(cluster.kubeconfig.contains("server: \(cluster.baseURL)\n"))
        }
    }

    @Test func servesManyRequestsOnOneConnection() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            let request =
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(cluster.token)\r\n"
            let bytes = Array((request + "\r\n" + request + "Connection: close\r\n\r\n").utf8)
            let received = String(decoding: try await client.exchange(bytes), as: UTF8.self)
            #expect(received.split(separator: "HTTP/1.1 200 OK").count == 2)
        }
    }

    @Test func shutsDownWithAWatchOpen() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            _ = try await client.send("POST", ToolDeployments.path, ToolDeployments.new("a"))
            let watched = Task {
                try await client.send("GET", ToolDeployments.path + "?watch=1&timeoutSeconds=600")
            }
            while cluster.journal.last?["verb"] != "watch" { await Task.yield() }
            _ = watched
        }
    }
}
