import Components
import Telemetry

/// A request and its result.
struct RequestLabels: MetricLabels {
    static let names = ["route", "method", "status"]
    var route: String
    var method: String
    var status: Int
    var values: [String] { [route, method, String(status)] }
}

/// A request.
struct RouteLabels: MetricLabels {
    static let names = ["route", "method"]
    var route: String
    var method: String
    var values: [String] { [route, method] }
}

/// A call to the cluster and its result.
struct ClusterCallLabels: MetricLabels {
    static let names = ["verb", "kind", "status"]
    var verb: String
    var kind: String
    var status: String
    var values: [String] { [verb, kind, status] }
}

/// A call to the cluster.
struct ClusterKindLabels: MetricLabels {
    static let names = ["verb", "kind"]
    var verb: String
    var kind: String
    var values: [String] { [verb, kind] }
}

/// How something ended.
struct OutcomeLabels: MetricLabels {
    static let names = ["outcome"]
    var outcome: String
    var values: [String] { [outcome] }

    /// How a deployment can end.
    static let ofDeployments = DeploymentPhase.allCases.filter(\.isTerminal).map { OutcomeLabels(outcome: $0.rawValue) }
}

/// How a build ended, and why.
struct BuildEndLabels: MetricLabels {
    static let names = ["outcome", "reason"]
    var outcome: String
    /// Empty for a build that succeeded.
    var reason: String
    var values: [String] { [outcome, reason] }

    /// A build that has ended; its outcome is `refused` if the cluster did not create it.
    init(_ status: BuildStatus) {
        self.init(
            outcome: status.start == .refused && status.phase != .succeeded
                ? StartNote.refused.rawValue : status.phase.rawValue,
            reason: status.reason)
    }

    private init(outcome: String, reason: Reason?) {
        self.outcome = outcome
        self.reason = reason?.rawValue ?? ""
    }

    /// Every way in which builds usually end.
    static let known =
        [BuildEndLabels(outcome: BuildPhase.succeeded.rawValue, reason: nil)]
        + Reason.allCases.compactMap { reason in
            reason.outcome.map { BuildEndLabels(outcome: $0, reason: reason) }
        }
}

extension Reason {
    /// The outcome of builds that end for this reason; `nil` if none does.
    fileprivate var outcome: String? {
        switch self {
        case .repositoryNotFound, .repositoryPrivate, .repositoryUnreachable, .refNotFound, .buildpackNotDetected,
            .buildFailed, .outOfMemory, .evicted, .imagePullFailed, .registryQuotaExceeded, .registryRefused,
            .pipelineMissing, .serviceAccountMissing, .notStarted, .vanished, .quotaFull:
            BuildPhase.failed.rawValue
        case .cancelled, .superseded: BuildPhase.cancelled.rawValue
        case .buildTimedOut, .deploymentTimedOut: BuildPhase.timedOut.rawValue
        case .clusterRefused: StartNote.refused.rawValue
        case .unchanged: BuildPhase.succeeded.rawValue
        case .unschedulable, .cancelling: nil
        }
    }
}

/// A deploy token's key, by its id, which an administrator gave it.
struct TokenKeyLabels: MetricLabels {
    static let names = ["key"]
    var key: String
    var values: [String] { [key] }
}
