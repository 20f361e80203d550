import FakeKubernetes
import Testing

/// Who may do what.
@Suite struct AuthenticationTests {
    @Test func takesAClientCertificateOfItsOwnAuthority() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            var client = client
            client.certificate = try await cluster.issueClientCertificate("robot-1")
            let answer = try await client.send("GET", ToolDeployments.path, token: nil)
            #expect(answer?.status == 200)
            #expect(cluster.journal.last?["user"] == "robot-1")
        }
    }

    @Test func refusesABadTokenBesideAGoodCertificate() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            var client = client
            client.certificate = try await cluster.issueClientCertificate("robot-2")
            #expect(try await client.send("GET", ToolDeployments.path, token: "bad")?.status == 401)
        }
    }

    @Test func letsNobodySeeMoreThanTheHealth() async throws {
        try await ToolDeployments.withCluster { _, client in
            for path in ["/healthz", "/readyz", "/livez", "/version"] {
                #expect(try await client.send("GET", path, token: nil)?.status == 200)
            }
            let answer = try #require(try await client.send("GET", "/apis", token: nil))
            #expect(answer.status == 403)
            #expect(answer.value["message"] == #"forbidden: User "system:anonymous" cannot get path "/apis""#)
            #expect(try await client.send("GET", "/_fake/journal", token: nil)?.status == 403)
        }
    }

    @Test func limitsATokenToItsRules() async throws {
        try await ToolDeployments.withCluster { _, client in
            let registration: Value = [
                "token": "reader", "user": "system:serviceaccount:tool-demo:reader",
                "allowed": [["verb": "list", "resource": "tooldeployments", "namespace": "tool-demo"]],
            ]
            let registered = try await client.send("PUT", "/_fake/tokens", registration)
            #expect(registered?.status == 200)
            #expect(try await client.send("GET", ToolDeployments.path, token: "reader")?.status == 200)
            #expect(try await client.send("GET", ToolDeployments.path + "/a", token: "reader")?.status == 403)
            let elsewhere = ToolDeployments.path.replacing("tool-demo", with: "tool-other")
            #expect(try await client.send("GET", elsewhere, token: "reader")?.status == 403)
            #expect(try await client.send("GET", "/_fake/journal", token: "reader")?.status == 403)
        }
    }
}
