import Kubernetes
import ServiceLifecycle

/// The connections to the cluster as a service: they end after everything that uses them has.
struct ClusterConnection: Service {
    let client: KubernetesClient

    func run() async throws {
        // A cancelled wait is the end too: the connections must go either way.
        try? await gracefulShutdown()
        await client.shutdown()
    }
}
