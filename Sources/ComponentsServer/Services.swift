import ComponentsKubernetes
import Harbor
import Kubernetes
import ServiceLifecycle

/// The connections to the cluster as a service, which ends after everything that uses them.
struct ClusterConnection: Service {
    let client: KubernetesClient

    func run() async throws {
        // A cancelled wait ends the service too: the connections must be closed in either case.
        try? await gracefulShutdown()
        await client.shutdown()
    }
}

/// The connections to the image registry as a service.
struct RegistryConnection: Service {
    let registry: HarborRegistry

    func run() async throws {
        try? await gracefulShutdown()
        await registry.client.shutdown()
    }
}

/// The storing of events as a service: when it stops, waiting events get three seconds more.
struct EventDelivery: Service {
    let events: DeploymentEvents

    private static let shutdownTime = Duration.seconds(3)

    func run() async throws {
        await withGracefulShutdownHandler {
            await events.run()
        } onGracefulShutdown: {
            events.finish(within: Self.shutdownTime)
        }
    }
}

/// What is done until the process stops: the task is cancelled then.
struct BackgroundWork: Service {
    let work: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown { await work() }
    }
}
