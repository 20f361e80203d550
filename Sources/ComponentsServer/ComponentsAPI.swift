import Components
import ComponentsHTTP
import ComponentsKubernetes
import FastCGI
import Foundation
import HTTPTypes
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
                let error = SettingsError(name: "LOG_FILE", value: file, expected: "a file that can be written")
                stop("cannot start", error, EX_CONFIG, .standardError)
            }
            destination = opened
        } else {
            destination = .standardError
        }
        let (services, server): (ServiceGroup, FastCGIServer)
        do {
            (services, server) = try wired(environment, destination)
        } catch {
            stop("cannot start", error, EX_CONFIG, destination)
        }
        do {
            try await services.run()
        } catch let error as FastCGIError {
            // The server ended with an error. Its address is known if it has listened.
            let hasListened = (try? await server.localAddress) != nil
            stop(hasListened ? "stopped" : "cannot start", error, hasListened ? EX_OSERR : EX_CONFIG, destination)
        } catch {
            stop("stopped", error, EX_SOFTWARE, destination)
        }
    }

    /// Connects all parts of the process; none runs yet.
    private static func wired(
        _ environment: [String: String], _ destination: LogDestination
    ) throws -> (ServiceGroup, FastCGIServer) {
        let settings = try Settings(environment: environment)
        try settings.listener.check()
        let logger = logger(to: destination, level: settings.logLevel)
        logger.info("starting", metadata: ["version": "\(ServiceVersion.current)"])
        DescriptorLimit.raise(toHold: settings.connections, logger: logger)
        let metrics = ServiceMetrics(version: ServiceVersion.current, tokenKeys: settings.tokenKeys.ids)
        let configuration = try KubernetesConfiguration.load(environment: environment)
        let client = try KubernetesClient(
            configuration: configuration,
            options: KubernetesClientOptions(
                fieldManager: "components-api", deadline: settings.clusterDeadline,
                maximumConnections: settings.clusterConnections, maximumStreams: settings.clusterStreams,
                userAgent: "components-api/\(ServiceVersion.current)"),
            logger: logger, observer: metrics)
        let clock = KubernetesClock(client: client)
        let events = DeploymentEvents(client: client, logger: logger, clock: clock)
        let engineMetrics = EngineMetrics(clock: clock)
        let observers: [any DeploymentObserver] = [metrics, engineMetrics, events]
        let store = KubernetesDeploymentStore(client: client, logger: logger)
        let builds = TektonBuildService(client: client, settings: settings.builds, logger: logger)
        let goodBuilds = KubernetesToolBuildsStore(client: client, logger: logger)
        let leaseNamespace = settings.leaseNamespace ?? configuration.namespace ?? "default"
        let engine =
            settings.runsEngine
            ? Engine(
                settings, leaseNamespace: leaseNamespace, client: client, store: store, builds: builds,
                goodBuilds: goodBuilds, clock: clock, metrics: engineMetrics, observers: observers, logger: logger)
            : nil
        let disposal = RunDisposal(builds: builds, clock: clock, logger: logger, removed: engineMetrics.runRemoved)
        let rights = KubernetesServiceRights(
            client: client, buildNamespace: settings.builds.namespace,
            leaseNamespace: engine == nil ? nil : leaseNamespace, importsConfigs: settings.importsConfigs,
            logger: logger)
        let configs = KubernetesToolConfigStore(client: client, logger: logger)
        let tokens = DeployTokens(
            store: KubernetesDeployTokenStore(client: client, logger: logger), configs: configs,
            keys: settings.tokenKeys,
            lifetime: settings.tokenLifetime, clock: clock, observer: metrics)
        let registry = settings.harbor.map { HarborRegistry($0, logger: logger) }
        let service = ComponentsService(
            configs: configs, deployments: store, builds: builds, goodBuilds: goodBuilds,
            logs: TektonBuildLogs(client: client, settings: settings.builds, clock: clock, logger: logger),
            imports: settings.importsConfigs ? KubernetesConfigImport(client: client, logger: logger) : nil,
            source: ConfigFileSource(settings.git, clusterHost: configuration.server.host, logger: logger),
            commits: settings.git.resolvesCommits
                ? GitCommitResolver(settings.git, clusterHost: configuration.server.host, logger: logger) : nil,
            registry: registry, maximumRetained: settings.maximumRetained, limits: settings.deploymentLimits,
            clock: clock,
            disposal: disposal, changes: engine?.watch ?? NoDeploymentChanges(), freeze: settings.freeze,
            rights: rights, warnings: { engine?.warnings ?? [] },
            observers: observers, logger: logger)
        let engineFigures = engineMetrics.registry(watch: engine?.watch, runner: engine?.runner, rights: rights)
        let responder = try APIResponder(
            operations: service, tokens: tokens, maximumRetained: settings.maximumRetained,
            maximumWaiting: settings.maximumWaiting, overlap: settings.overlap, fieldOverlap: settings.fieldOverlap,
            skipsUnchanged: settings.skipsUnchanged, logger: logger, version: ServiceVersion.current, observer: metrics
        ) {
            MetricsDocument(metrics.exposition() + engineFigures.exposition(), mediaType: ExpositionText.mediaType)
        }
        let threads = Threads(ofAnswers: client.taskExecutor)
        let server = FastCGIServer(
            listener: settings.listener, limits: settings.limits, logger: logger, startTask: threads.startTask
        ) { request in
            let method = request.head.method
            // The response may wait for minutes, and needs nothing else of the request.
            let apiRequest = APIRequest(consume request)
            return FastCGIResponse(await threads.serve(method) { await responder.respond(to: apiRequest) })
        }
        // They stop in the reverse order, each when those behind it have ended: the lease is given up first.
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: ClusterConnection(client: client)),
                .init(service: EventDelivery(events: events)),
                .init(service: BackgroundWork { await disposal.run() }),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        if let registry { group.services.append(.init(service: RegistryConnection(registry: registry))) }
        if let engine { group.services.append(.init(service: BackgroundWork { await engine.watch.run() })) }
        group.services.append(.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup))
        if let engine { group.services.append(.init(service: BackgroundWork { await engine.runner.run() })) }
        group.maximumGracefulShutdownDuration = settings.shutdownGrace
        return (ServiceGroup(configuration: group), server)
    }

    /// A logger whose lines carry the id of the request in whose task they are written.
    private static func logger(to destination: LogDestination, level: Logger.Level) -> Logger {
        Logger(label: "components-api") { label in
            JSONLogHandler(
                label: label, destination: destination, metadataProvider: RequestContext.metadataProvider,
                logLevel: level)
        }
    }

    /// Logs why the process cannot continue, also to a terminal if there is one, and ends it.
    private static func stop(
        _ message: Logger.Message, _ error: any Error, _ status: Int32, _ destination: LogDestination
    ) -> Never {
        logger(to: destination, level: .info).critical(message, metadata: ["reason": "\(error)"])
        if isatty(STDERR_FILENO) == 1 {
            LogDestination.standardError.write(Array("components-api: \(error)\n".utf8))
        }
        exit(status)
    }
}
