import Components
import ComponentsKubernetes
import Kubernetes
import Logging

/// What drives deployments although nobody asks: the watch, this process's part in the election, and the sweep.
struct Engine {
    let watch: DeploymentWatch
    let runner: EngineRunner

    /// An engine; nothing runs yet.
    init(
        _ settings: Settings, leaseNamespace: String, client: KubernetesClient, store: KubernetesDeploymentStore,
        builds: TektonBuildService, goodBuilds: KubernetesToolBuildsStore, clock: any ClusterClock,
        metrics: EngineMetrics,
        observers: [any DeploymentObserver], logger: Logger
    ) {
        let watch = DeploymentWatch(client: client, buildNamespace: settings.builds.namespace, logger: logger)
        let engine = DeploymentEngine(
            deployments: store, builds: builds, goodBuilds: goodBuilds, feed: watch,
            limits: settings.deploymentLimits, clock: clock, observers: observers, logger: logger)
        let sweeper = Sweeper(
            store: store, builds: builds, feed: watch, retained: settings.runsRetained, clock: clock, logger: logger,
            removed: metrics.runRemoved)
        self.watch = watch
        runner = EngineRunner(
            watch: watch,
            election: LeaderElection(
                client: client, namespace: leaseNamespace, name: EngineRunner.leaseName, candidate: settings.candidate,
                logger: logger),
            observer: metrics, logger: logger, drive: { await engine.drive($0) }, sweep: { await sweeper.sweep() })
    }

    /// What an admin should know of it, if it cannot do its work: sentences.
    var warnings: [String] {
        guard !watch.isLive else { return [] }
        let failures = WatchedKind.allCases.compactMap { kind in
            watch.figures(of: kind).failure.map { "\(kind.rawValue): \($0)" }
        }
        return [
            "This process is not told what changes in the cluster now; if it leads, deployments end late, or when somebody "
                + "asks for them. " + (failures.isEmpty ? "It has just begun." : failures.joined(separator: "; "))
        ]
    }
}
