import ComponentsKubernetes
import ServiceLifecycle

/// The storing of events as a service: at a stop, those that wait get a moment.
struct EventDelivery: Service {
    let events: DeploymentEvents

    private static let patience = Duration.seconds(3)

    func run() async throws {
        await withGracefulShutdownHandler {
            await events.run()
        } onGracefulShutdown: {
            events.finish(within: Self.patience)
        }
    }
}
