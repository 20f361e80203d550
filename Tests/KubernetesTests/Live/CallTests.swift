import JSON
import Logging
import Testing

@testable import Kubernetes

@Suite struct CallTests {
    @Test func getsCreatesAndPatchesOverTLSWithAKubeconfig() async throws {
        let authority = try TestAuthority.trusted.get()
        let script: [ScriptedStep] = [
            .json(200, Gadget.stored("a", size: 3)), .json(201, Gadget.stored("b")),
            .json(200, Gadget.stored("a", size: 4)),
        ]
        try await ScriptedServer.run(script) { server in
            let folder = try TemporaryFolder()
            try folder.write("ca.crt", authority.certificate)
            let file = try folder.write(
                "config",
                """
                current-context: here
                contexts: [{name: here, context: {cluster: c, user: u, namespace: tool-demo}}]
                clusters: [{name: c, cluster: {server: "\(server.url)", certificate-authority: ca.crt}}]
                users: [{name: u, user: {token: secret-1}}]
                """)
            let configuration = try KubernetesConfiguration.load(environment: ["KUBECONFIG": file])
            let client = try KubernetesClient(
                configuration: configuration, options: KubernetesClientOptions(fieldManager: "tests"),
                logger: .init(label: "test"))
            let gadgets = client.resources(Gadget.self, namespace: configuration.namespace)
            let got = try await gadgets.get("a")
            let created = try await gadgets.create(Gadget("b"))
            let patched = try await gadgets.mergePatch("a", ["spec": ["size": 4]])
            await client.shutdown()

            #expect(got.size == 3)
            #expect(got.metadata.resourceVersion == "7")
            #expect(created.metadata.name == "b")
            #expect(patched.size == 4)
            let requests = server.requests
            #expect(requests.map(\.method) == ["GET", "POST", "PATCH"])
            #expect(
                requests.map(\.target) == [
                    "/apis/example.org/v1/namespaces/tool-demo/gadgets/a",
                    "/apis/example.org/v1/namespaces/tool-demo/gadgets?fieldManager=tests&fieldValidation=Strict",
                    "/apis/example.org/v1/namespaces/tool-demo/gadgets/a?fieldManager=tests&fieldValidation=Strict",
                ])
            #expect(requests.allSatisfy { $0.headers["authorization"] == "Bearer secret-1" })
            #expect(
                requests[1].json == [
                    "apiVersion": "example.org/v1", "kind": "Gadget", "metadata": ["name": "b"], "spec": ["size": 1],
                ])
            #expect(requests[2].headers["content-type"] == "application/merge-patch+json")
            // One connection served them all.
            #expect(server.connections == 1)
        }
    }
}
