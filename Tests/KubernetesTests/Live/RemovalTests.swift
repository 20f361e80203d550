import JSON
import Testing

@testable import Kubernetes

@Suite struct RemovalTests {
    private static let success: JSONValue = [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
    ]

    @Test func saysWhetherTheObjectIsGone() async throws {
        try await ScriptedServer.run([.json(200, Self.success), .json(200, Gadget.stored("a"))]) { server in
            try await KubernetesClient.with(server) { client in
                let background = try await client.gadgets.delete("a", propagation: .background)
                let foreground = try await client.gadgets.delete("a", propagation: .foreground)
                #expect(background == .removed)
                #expect(foreground == .removing)
            }
            #expect(server.requests.map { $0.json?["propagationPolicy"] } == ["Background", "Foreground"])
        }
    }

    @Test func removesACollectionPageByPage() async throws {
        func page(_ name: String, _ token: String) -> ScriptedStep {
            .json(
                200,
                [
                    "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
                    "metadata": ["continue": .string(token)],
                    "items": [["metadata": ["name": .string(name), "namespace": "tool-demo"]]],
                ])
        }
        try await ScriptedServer.run([page("a", "t"), page("b", "")]) { server in
            let removed = try await KubernetesClient.with(server) {
                try await $0.gadgets.deleteCollection(labelSelector: "tool=demo", pageSize: 1)
            }
            #expect(removed.map(\.name) == ["a", "b"])
            #expect(server.requests.map(\.method) == ["DELETE", "DELETE"])
            let path = "/apis/example.org/v1/namespaces/tool-demo/gadgets?limit=1&labelSelector=tool%3Ddemo"
            #expect(server.requests.map(\.target) == [path, path + "&continue=t"])
        }
    }

    @Test func removesNoCollectionWithoutASelector() async throws {
        try await ScriptedServer.run([]) { server in
            try await KubernetesClient.with(server) { client in
                #expect(await failure { try await client.gadgets.deleteCollection() }?.code == .invalidRequest)
                #expect(
                    await failure { try await client.gadgets.deleteCollection(labelSelector: "") }?.code
                        == .invalidRequest)
                let everywhere = client.resources(Gadget.self)
                #expect(
                    await failure { try await everywhere.deleteCollection(labelSelector: "a=b") }?.code
                        == .invalidRequest)
            }
        }
    }

    @Test func knowsATestThatDidNotHold() async throws {
        let refused = ScriptedStep.status(
            422, "Invalid", "the server rejected our request due to an error in our request")
        try await ScriptedServer.run([refused]) { server in
            try await KubernetesClient.with(server) { client in
                let error = await failure {
                    try await client.gadgets.jsonPatch("a", [.test("/spec/size", 1), .replace("/spec/size", 2)])
                }
                #expect(error?.isFailedTest == true)
            }
        }
    }

    @Test func asksWhatItsAccountMayDo() async throws {
        func review(_ status: JSONValue) -> ScriptedStep {
            .json(201, ["kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "status": status])
        }
        let script = [
            review(["allowed": true]), review(["allowed": false, "reason": "no"]), .close, review(["allowed": true]),
            review([:]),
        ]
        try await ScriptedServer.run(script) { server in
            try await KubernetesClient.with(server) { client in
                let question = AccessQuestion("patch", Gadget.definition, subresource: "status", namespace: "tool-demo")
                var answers: [Bool] = []
                // It changes nothing, so the third one is asked again after a lost connection.
                for _ in 0..<3 { answers.append(try await client.isAllowed(question)) }
                #expect(answers == [true, false, true])
                #expect(await failure { try await client.isAllowed(question) }?.code == .invalidResponse)
            }
            #expect(server.requests[0].target == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
            #expect(
                server.requests[0].json?["spec"]?["resourceAttributes"] == [
                    "verb": "patch", "group": "example.org", "resource": "gadgets", "subresource": "status",
                    "namespace": "tool-demo",
                ])
        }
    }
}
