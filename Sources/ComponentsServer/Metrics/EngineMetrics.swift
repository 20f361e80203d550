import Components
import ComponentsKubernetes
import Foundation
import Telemetry

/// What `/metrics` shows of the engine; `chart/RUNBOOK.md` lists it.
struct EngineMetrics: Sendable {
    let drives = Histogram<OutcomeLabels>(
        "components_api_engine_drive_duration_seconds",
        help: "Duration of the engine's drives of a deployment, by outcome.", bounds: ServiceMetrics.callBounds,
        known: [.done, .again(after: .zero), .failed].map(OutcomeLabels.init))
    let endDelays = Histogram<NoLabels>(
        "components_api_build_end_delay_seconds",
        help: "From a build's end, which the cluster tells to the second, to the storing of it.",
        bounds: [0.5, 1, 2, 3, 5, 10, 30, 60, 300, 1_800, 7_200], known: [NoLabels()])
    let runsRemoved = Counter<NoLabels>(
        "components_api_runs_removed_total", help: "PipelineRuns removed, because their records are gone.")

    /// The time by the cluster's clock.
    private let clock: any ClusterClock

    init(clock: any ClusterClock) { self.clock = clock }

    /// All metrics of the engine; those that something else keeps are asked for at each scrape.
    func registry(
        watch: DeploymentWatch?, runner: EngineRunner?, rights: KubernetesServiceRights
    ) -> MetricRegistry {
        MetricRegistry([
            Sampled("components_api_engine_leading", help: "1 if this process drives the deployments.") {
                runner?.figures.isLeading == true ? 1 : 0
            },
            Sampled("components_api_engine_queue_length", help: "Deployments that wait to be driven, or are driven.") {
                Double(runner?.figures.queued ?? 0)
            },
            Sampled(
                "components_api_engine_queue_delay_seconds",
                help: "For how long the deployment that waits longest has been due."
            ) { runner?.figures.delay.seconds ?? 0 },
            drives, endDelays,
            Sampled<KindLabels>(
                "components_api_watch_age_seconds", help: "How long ago a watch was connected last; 0 while it is."
            ) { watch.figures { $0.age.seconds } },
            Sampled<KindLabels>(
                "components_api_watch_restarts_total", help: "How often a watch began anew, with a list of everything.",
                kind: .counter
            ) { watch.figures { Double($0.restarts) } },
            Sampled<PhaseLabels>(
                "components_api_builds", help: "Builds of deployments that have not ended, as the watch knows them."
            ) {
                Dictionary(
                    uniqueKeysWithValues: (watch?.builds ?? [:]).map { (PhaseLabels(phase: $0.rawValue), Double($1)) })
            },
            runsRemoved,
            Sampled(
                "components_api_rights_missing",
                help: "Rights in the cluster that this service needs and did not have when they were asked for last."
            ) { Double(rights.missingCount) },
        ])
    }
}

extension EngineMetrics: EngineObserver {
    func drove(_ outcome: EngineOutcome, in duration: Duration) {
        drives.observe(duration, OutcomeLabels(outcome))
    }

    func runRemoved() { runsRemoved.increment() }
}

extension EngineMetrics: DeploymentObserver {
    func deploymentChanged(_ change: DeploymentChange) {
        guard case .buildEnded(_, let status, _) = change, let end = status.ended else { return }
        endDelays.observe(.seconds(clock.now().timeIntervalSince(end)), NoLabels())
    }
}

/// What is watched.
struct KindLabels: MetricLabels {
    static let names = ["kind"]
    var kind: String
    var values: [String] { [kind] }
}

/// How far something has come.
struct PhaseLabels: MetricLabels {
    static let names = ["phase"]
    var phase: String
    var values: [String] { [phase] }
}

extension OutcomeLabels {
    fileprivate init(_ outcome: EngineOutcome) {
        switch outcome {
        case .done: self.init(outcome: "done")
        case .again: self.init(outcome: "again")
        case .failed: self.init(outcome: "failed")
        }
    }
}

extension DeploymentWatch? {
    /// A figure of each watch.
    fileprivate func figures(_ figure: (WatchFigures) -> Double) -> [KindLabels: Double] {
        guard let watch = self else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: WatchedKind.allCases.map {
                (KindLabels(kind: $0.rawValue), figure(watch.figures(of: $0)))
            })
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
