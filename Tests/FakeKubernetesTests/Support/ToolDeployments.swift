@testable import FakeKubernetes

/// A small custom resource to try things on.
enum ToolDeployments {
    static let path = "/apis/deploy.toolforge.org/v1/namespaces/tool-demo/tooldeployments"

    static func new(_ name: String) -> Value {
        [
            "apiVersion": "deploy.toolforge.org/v1", "kind": "ToolDeployment",
            "metadata": ["name": .string(name)],
            "spec": ["components": ["web"]],
        ]
    }

    /// Runs a cluster that knows the recorded custom resources and builds nothing.
    static func withCluster(
        _ body: @escaping @Sendable (FakeCluster, TestClient) async throws -> Void
    ) async throws {
        try await withFakeCluster(.init(runsBuilds: false)) { cluster in
            for exchange in try RecordedExchange.all(of: "crd").prefix(2) {
                try cluster.api.store.install(exchange.sent)
            }
            try await body(cluster, TestClient(cluster: cluster))
        }
    }

    /// Whether such an object is stored.
    static func isStored(_ name: String, in cluster: FakeCluster) -> Bool {
        cluster.object(
            group: "deploy.toolforge.org", resource: "tooldeployments", namespace: "tool-demo", name: name)
            != nil
    }
}
