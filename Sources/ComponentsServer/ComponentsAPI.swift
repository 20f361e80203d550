import Components
import ComponentsHTTP
import ComponentsKubernetes
import FastCGI
import Foundation
import Kubernetes
import Logging
import ServiceLifecycle
import Telemetry
import UnixSignals

/// The process `components-api`: settings, wiring, one group of services.
@main
struct ComponentsAPI {
    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        if let probe = Probe(arguments: CommandLine.arguments) {
            exit(probe.run(environment: environment))
        }
        let destination: LogDestination
        if let file = environment["LOG_FILE"], !file.isEmpty {
            guard let opened = LogDestination(file: file) else {
                stop(
                    SettingsError(name: "LOG_FILE", value: file, expected: "a file that can be written"), .standardError
                )
            }
            destination = opened
        } else {
            destination = .standardError
        }
        do {
            try await run(environment, destination)
        } catch {
            stop(error, destination)
        }
    }

    private static func run(_ environment: [String: String], _ destination: LogDestination) async throws {
        let settings = try Settings(environment: environment)
        try settings.listener.check()
        DescriptorLimit.raise()
        let logger = logger(to: destination, level: settings.logLevel)
        logger.info("starting", metadata: ["version": "\(ServiceVersion.current)"])
        let metrics = ServiceMetrics(version: ServiceVersion.current)
        let client = try KubernetesClient(
            configuration: try .load(environment: environment),
            options: KubernetesClientOptions(
                fieldManager: "components-api", deadline: settings.clusterDeadline,
                maximumConnections: settings.clusterConnections, userAgent: "components-api/\(ServiceVersion.current)"),
            logger: logger, observer: metrics)
        let events = DeploymentEvents(client: client, logger: logger)
        let service = ComponentsService(
            configs: KubernetesToolConfigStore(client: client, logger: logger),
            deployments: KubernetesDeploymentStore(client: client, logger: logger),
            builds: TektonBuildService(client: client, settings: settings.builds, logger: logger),
            maximumRetained: settings.maximumRetained, observers: [metrics, events], logger: logger)
        let responder = APIResponder(
            operations: service, logger: logger, version: ServiceVersion.current, observer: metrics
        ) {
            MetricsDocument(metrics.exposition(), mediaType: ExpositionText.mediaType)
        }
        let server = FastCGIServer(listener: settings.listener, limits: settings.limits, logger: logger) { request in
            let response = await responder.respond(to: APIRequest(request))
            return FastCGIResponse(head: response.head, body: response.body)
        }
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: ClusterConnection(client: client)),
                .init(service: EventDelivery(events: events)),
                .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = settings.shutdownGrace
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Every line of one request bears its id, whoever writes it.
    private static func logger(to destination: LogDestination, level: Logger.Level) -> Logger {
        let provider = Logger.MetadataProvider {
            RequestContext.requestID.map { ["request-id": "\($0)"] } ?? [:]
        }
        return Logger(label: "components-api") { label in
            JSONLogHandler(label: label, destination: destination, metadataProvider: provider, logLevel: level)
        }
    }

    /// Says why the process cannot go on, where somebody will look, and ends it.
    private static func stop(_ error: any Error, _ destination: LogDestination) -> Never {
        logger(to: destination, level: .info).critical("cannot start", metadata: ["reason": "\(error)"])
        if isatty(STDERR_FILENO) == 1 {
            LogDestination.standardError.write(Array("components-api: \(error)\n".utf8))
        }
        exit(EX_CONFIG)
    }
}
